//go:build outside

package conformance

import (
	"context"
	"crypto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/certcrypto"
	"github.com/go-acme/lego/v5/certificate"
	"github.com/go-acme/lego/v5/challenge"
	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/go-acme/lego/v5/lego"
	"github.com/go-acme/lego/v5/registration"

	acmehoster "github.com/go-hoster/hoster/integrations/acme"
	legohoster "github.com/go-hoster/hoster/integrations/acme/lego"
	libdnshoster "github.com/go-hoster/hoster/integrations/libdns"
	"github.com/go-hoster/hoster/sandbox"
)

type account struct {
	key crypto.Signer
	reg *acme.ExtendedAccount
}

func (a *account) GetEmail() string                       { return "admin@example.com" }
func (a *account) GetRegistration() *acme.ExtendedAccount { return a.reg }
func (a *account) GetPrivateKey() crypto.Signer           { return a.key }

// legoClient is a registered client of lego that solves by a provider.
func legoClient(t *testing.T, a *authority, provider challenge.Provider) *lego.Client {
	t.Helper()
	dns01.SetDefaultClient(dns01.NewClient(&dns01.Options{RecursiveNameservers: []string{a.dns}}))
	key, err := certcrypto.GeneratePrivateKey(certcrypto.EC256)
	if err != nil {
		t.Fatal(err)
	}
	user := &account{key: key}
	config := lego.NewConfig(user)
	config.CADirURL, config.HTTPClient = a.directory, a.http()
	client, err := lego.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Challenge.SetDNS01Provider(provider, dns01.DisableAuthoritativeNssPropagationRequirement()); err != nil {
		t.Fatal(err)
	}
	if user.reg, err = client.Registration.Register(context.Background(), registration.RegisterOptions{TermsOfServiceAgreed: true}); err != nil {
		t.Fatal(err)
	}
	return client
}

// TestLego issues twenty certificates, one after the other. The zone is afterwards
// what it was, each time.
func TestLego(t *testing.T) {
	a := start(t)
	client := legoClient(t, a, &legohoster.Provider{Solver: acmehoster.Solver{Client: a.client}, PollingInterval: 100 * time.Millisecond})
	before := a.records(t)
	for i := range 20 {
		got, err := client.Certificate.Obtain(context.Background(), certificate.ObtainRequest{Domains: names, KeyType: certcrypto.EC256, Bundle: true, AlwaysDeactivateAuthorizations: true})
		if err != nil {
			t.Fatalf("run %d: %v", i, err)
		}
		if err := a.verify(got.Certificate); err != nil {
			t.Fatalf("run %d: %v", i, err)
		}
		if after := a.records(t); after != before {
			t.Fatalf("run %d leaves\n%s", i, after)
		}
	}
	if a.srv.Count("DNS.Create")+a.srv.Count("DNS.Batch") < 40 {
		t.Error("the authority did not ask for two challenges each time")
	}
}

// oneLetter spoils a letter of each key authorization, and with it of each record.
type oneLetter struct{ legohoster.Provider }

func (p *oneLetter) Present(ctx context.Context, domain, token, keyAuth string) error {
	return p.Provider.Present(ctx, domain, token, spoil(keyAuth))
}

func (p *oneLetter) CleanUp(ctx context.Context, domain, token, keyAuth string) error {
	return p.Provider.CleanUp(ctx, domain, token, spoil(keyAuth))
}

func spoil(keyAuth string) string { return "x" + keyAuth[1:] + "x" }

// TestControl: the authority does look.
func TestControl(t *testing.T) {
	a := start(t)
	provider := &oneLetter{legohoster.Provider{Solver: acmehoster.Solver{Client: a.client}, PollingInterval: 100 * time.Millisecond}}
	dns01.SetDefaultClient(dns01.NewClient(&dns01.Options{RecursiveNameservers: []string{a.dns}}))
	client := legoClient(t, a, provider)
	if err := client.Challenge.SetDNS01Provider(provider, dns01.PropagationWait(time.Millisecond, true)); err != nil {
		t.Fatal(err)
	}
	before := a.records(t)
	got, err := client.Certificate.Obtain(context.Background(), certificate.ObtainRequest{Domains: names, KeyType: certcrypto.EC256})
	if err == nil || !strings.Contains(err.Error(), "unauthorized") {
		t.Errorf("%v, %v", got, err)
	}
	if a.records(t) != before {
		t.Error(a.records(t))
	}
}

// TestLegoFollowsAliases: the record is written where the alias leads.
func TestLegoFollowsAliases(t *testing.T) {
	a := start(t)
	a.srv.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		d.Records = append(d.Records, &sandbox.Record{Name: "_acme-challenge", Type: "CNAME", Value: "challenges.example.com", TTL: 300})
	})
	before := a.records(t)
	client := legoClient(t, a, &legohoster.Provider{Solver: acmehoster.Solver{Client: a.client}, PollingInterval: 100 * time.Millisecond})
	got, err := client.Certificate.Obtain(context.Background(), certificate.ObtainRequest{Domains: names, KeyType: certcrypto.EC256, Bundle: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.verify(got.Certificate); err != nil {
		t.Error(err)
	}
	if a.records(t) != before {
		t.Error(a.records(t))
	}
}

// TestCertmagic through the provider for libdns.
func TestCertmagic(t *testing.T) {
	a := start(t)
	before := a.records(t)
	storage := &certmagic.FileStorage{Path: t.TempDir()}
	var config *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return config, nil }})
	defer cache.Stop()
	config = certmagic.New(cache, certmagic.Config{Storage: storage})
	config.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(config, certmagic.ACMEIssuer{
		CA: a.directory, TestCA: a.directory, Email: "admin@example.com", Agreed: true, TrustedRoots: a.trusted,
		DisableHTTPChallenge: true, DisableTLSALPNChallenge: true,
		DNS01Solver: &certmagic.DNS01Solver{DNSManager: certmagic.DNSManager{
			DNSProvider: &libdnshoster.Provider{Client: a.client}, Resolvers: []string{a.dns},
		}},
	})}
	// certmagic has one certificate for each name.
	if err := config.ObtainCertSync(context.Background(), "*.example.com"); err != nil {
		t.Fatal(err)
	}
	if err := config.ObtainCertSync(context.Background(), "example.com"); err != nil {
		t.Fatal(err)
	}
	if a.records(t) != before {
		t.Error(a.records(t))
	}
	found, _ := filepath.Glob(filepath.Join(storage.Path, "certificates", "*", "*", "*.crt"))
	if len(found) != 2 {
		t.Errorf("certificates: %v", found)
	}
}

// hook builds examples/acmehook and the environment in which it finds the sandbox.
func hook(t *testing.T, a *authority) (path string, env []string) {
	return build(t, "github.com/go-hoster/hoster/examples/acmehook"), append(os.Environ(),
		"API_BASE_URL="+a.srv.URL(), "API_TOKEN="+a.srv.RootToken(), "API_BRAND=", "API_TOKEN_FILE=")
}

func run(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	command.Env, command.Dir = env, t.TempDir()
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s (Debian's package of that name): %v\n%s", name, err, out)
	}
}

// TestDebiansLego with the example acmehook as its program.
func TestDebiansLego(t *testing.T) {
	a := start(t)
	before := a.records(t)
	path, env := hook(t, a)
	dir := t.TempDir()
	run(t, append(env, "LEGO_CA_CERTIFICATES="+a.trustFile, "EXEC_PATH="+path, "EXEC_POLLING_INTERVAL=1", "EXEC_SEQUENCE_INTERVAL=1"), "lego",
		"--accept-tos", "--email", "admin@example.com", "--server", a.directory, "--path", dir, "--dns", "exec",
		"--dns.disable-cp", "--dns.resolvers", a.dns, "--domains", names[0], "--domains", names[1], "run")
	a.issued(t, filepath.Join(dir, "certificates", "example.com.crt"), before)
}

// TestCertbot with the example acmehook as its hooks.
func TestCertbot(t *testing.T) {
	a := start(t)
	before := a.records(t)
	path, env := hook(t, a)
	dir := t.TempDir()
	run(t, append(env, "REQUESTS_CA_BUNDLE="+a.trustFile), "certbot", "certonly", "--non-interactive", "--agree-tos", "--email", "admin@example.com", "--no-eff-email",
		"--server", a.directory, "--config-dir", dir, "--work-dir", filepath.Join(dir, "work"), "--logs-dir", filepath.Join(dir, "logs"),
		"--manual", "--preferred-challenges", "dns", "--manual-auth-hook", path+" present", "--manual-cleanup-hook", path+" cleanup",
		"-d", names[0], "-d", names[1])
	a.issued(t, filepath.Join(dir, "live", "example.com", "fullchain.pem"), before)
}

// issued verifies a chain in a file, and that the zone is what it was.
func (a *authority) issued(t *testing.T, path, before string) {
	t.Helper()
	chain, err := os.ReadFile(path)
	if err == nil {
		err = a.verify(chain)
	}
	if err != nil {
		t.Error(err)
	}
	if a.records(t) != before {
		t.Error(a.records(t))
	}
}
