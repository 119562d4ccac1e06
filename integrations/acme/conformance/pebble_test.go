//go:build outside

package conformance

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/integrations/sandboxdns"
	"github.com/go-hoster/hoster/sandbox"
)

// names are the apex and the wildcard: two challenges at one name.
var names = []string{"example.com", "*.example.com"}

// authority is a sandbox, its nameserver, and a certificate authority that asks it.
type authority struct {
	srv       *hostertest.Server
	client    *hoster.Client
	dns       string         // address of the nameserver
	directory string         // of the authority
	trusted   *x509.CertPool // of its web server
	trustFile string         // the same as PEM
	root      *x509.CertPool // of what it issues
}

func (a *authority) http() *http.Client {
	return &http.Client{Transport: soon{&http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.trusted}}}}
}

// soon asks clients to come back in a second: Pebble says nothing, and lego then
// waits for five.
type soon struct{ next http.RoundTripper }

func (s soon) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(r)
	if err == nil && response.Header.Get("Retry-After") == "" {
		response.Header.Set("Retry-After", "1")
	}
	return response, err
}

// records is the zone as the sandbox holds it, ids and times included.
func (a *authority) records(t *testing.T) (text string) {
	a.srv.View(func(st *sandbox.State) {
		content, err := json.Marshal(st.Records("example.com"))
		if err != nil {
			t.Error(err)
		}
		text = string(content)
	})
	return text
}

// build builds a program once for all tests.
var build = func() func(t *testing.T, pkg string) string {
	var mu sync.Mutex
	built := map[string]string{}
	return func(t *testing.T, pkg string) string {
		mu.Lock()
		defer mu.Unlock()
		if built[pkg] == "" {
			path := filepath.Join(programs, filepath.Base(pkg))
			if out, err := exec.Command("go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", pkg, err, out)
			}
			built[pkg] = path
		}
		return built[pkg]
	}
}()

var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "acme-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(programs)
	os.Exit(code)
}

func start(t *testing.T) *authority {
	a := &authority{srv: hostertest.New(t, sandbox.WithRateLimit(0, 0))}
	var err error
	if a.client, err = hoster.NewClient(hoster.WithBaseURL(a.srv.URL()), hoster.WithToken(a.srv.RootToken())); err != nil {
		t.Fatal(err)
	}
	nameserver, err := sandboxdns.Listen(a.srv.Server, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nameserver.Close() })
	a.dns = nameserver.Addr()
	a.pebble(t)
	return a
}

// pebble runs the certificate authority.
func (a *authority) pebble(t *testing.T) {
	dir := t.TempDir()
	certificate, key := selfSigned(t)
	a.trusted = x509.NewCertPool()
	a.trusted.AppendCertsFromPEM(certificate)
	a.trustFile = filepath.Join(dir, "cert.pem")
	api, management := freeAddress(t), freeAddress(t)
	config, _ := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": api, "managementListenAddress": management, "certificate": a.trustFile, "privateKey": filepath.Join(dir, "key.pem"),
		"httpPort": 5002, "tlsPort": 5001, "ocspResponderURL": "", "externalAccountBindingRequired": false, "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles":   map[string]any{"default": map[string]any{"description": "the only one", "validityPeriod": 7776000}},
	}})
	for name, content := range map[string][]byte{"cert.pem": certificate, "key.pem": key, "config.json": config} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(build(t, "github.com/letsencrypt/pebble/v2/cmd/pebble"), "-strict", "-config", filepath.Join(dir, "config.json"), "-dnsserver", a.dns)
	command.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0")
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("pebble: %s", log.String())
		}
	})
	a.directory = "https://" + api + "/dir"
	for {
		response, err := a.http().Get("https://" + management + "/roots/0")
		if err == nil {
			root, err := io.ReadAll(response.Body)
			response.Body.Close()
			if a.root = x509.NewCertPool(); err != nil || !a.root.AppendCertsFromPEM(root) {
				t.Fatalf("no root: %v", err)
			}
			break
		}
		select {
		case <-ended:
			t.Fatalf("pebble ended: %s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	for { // the two listen one after the other
		if response, err := a.http().Get(a.directory); err == nil {
			response.Body.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("pebble ended: %s", log.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// selfSigned is a certificate for 127.0.0.1.
func selfSigned(t *testing.T) (certificate, key []byte) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

// verify holds a chain in PEM against the authority's root, and its names against
// what was asked for.
func (a *authority) verify(chain []byte) error {
	var certificates []*x509.Certificate
	for block, rest := pem.Decode(chain); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		certificates = append(certificates, c)
	}
	if len(certificates) < 2 {
		return fmt.Errorf("a chain of %d", len(certificates))
	}
	intermediates := x509.NewCertPool()
	for _, c := range certificates[1:] {
		intermediates.AddCert(c)
	}
	got := slices.Clone(certificates[0].DNSNames)
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(names)); !slices.Equal(got, want) {
		return fmt.Errorf("the names %v", got)
	}
	for _, host := range []string{"example.com", "www.example.com"} {
		if _, err := certificates[0].Verify(x509.VerifyOptions{Roots: a.root, Intermediates: intermediates, DNSName: host}); err != nil {
			return err
		}
	}
	return nil
}
