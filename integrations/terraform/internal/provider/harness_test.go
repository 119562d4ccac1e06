package provider

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// accepted counts the tests that the real binary ran, and steps their steps.
var accepted, steps atomic.Int64

// leastAccepted is how many of them a whole run has at least.
const leastAccepted = 120

// TestMain makes sure that the real Terraform runs: without TF_ACC its tests are
// skipped and the suite is green all the same.
func TestMain(m *testing.M) {
	flag.Parse()
	binary := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if binary == "" {
		binary = "terraform"
	}
	found, err := exec.LookPath(binary)
	if err != nil {
		fmt.Fprintln(os.Stderr, "The acceptance tests need Terraform or OpenTofu, on the PATH or named by TF_ACC_TERRAFORM_PATH:", err)
		os.Exit(1)
	}
	for name, value := range map[string]string{"TF_ACC": "1", "TF_ACC_TERRAFORM_PATH": found, "CHECKPOINT_DISABLE": "1"} {
		_ = os.Setenv(name, value)
	}
	for _, name := range []string{"TF_CLI_CONFIG_FILE", "TF_LOG", "API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		_ = os.Unsetenv(name)
	}
	code := m.Run()
	_ = os.RemoveAll(programDir)
	version, _ := exec.Command(found, "version").Output()
	first, _, _ := strings.Cut(string(version), "\n")
	fmt.Printf("%d acceptance tests with %d steps ran by %s\n", accepted.Load(), steps.Load(), first)
	whole := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" && flag.Lookup("test.list").Value.String() == ""
	if code == 0 && whole && accepted.Load() < leastAccepted {
		fmt.Fprintf(os.Stderr, "at least %d acceptance tests have to run\n", leastAccepted)
		code = 1
	}
	os.Exit(code)
}

// account is a sandbox and the way to it, which a test can change.
type account struct {
	*hostertest.Server
	t   *testing.T
	url string
}

func newAccount(t *testing.T, opts ...sandbox.Option) *account {
	srv := hostertest.New(t, opts...)
	return &account{Server: srv, t: t, url: srv.URL()}
}

// behind puts a handler in front of the API.
func (a *account) behind(wrap func(api http.Handler) http.Handler) {
	srv := httptest.NewServer(wrap(a.Server))
	a.t.Cleanup(srv.Close)
	a.url = srv.URL + "/v1"
}

// hcl is a configuration with the provider.
func (a *account) hcl(body string) string { return a.hclWith(a.RootToken(), body) }

func (a *account) hclWith(token, body string) string {
	return fmt.Sprintf("provider \"hoster\" {\n  base_url = %q\n  token = %q\n}\n%s\n", a.url, token, body)
}

// run drives the provider by the real binary.
func (a *account) run(all ...resource.TestStep) {
	a.t.Helper()
	accepted.Add(1)
	steps.Add(int64(len(all)))
	resource.Test(a.t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"hoster": providerserver.NewProtocol6WithError(New("test")()),
		},
		Steps: all,
	})
}

// records are the values of a name and type that the sandbox holds.
func (a *account) records(domain, name, rrtype string) (values []string) {
	a.View(func(s *sandbox.State) {
		for _, d := range s.Domains {
			if d.Name != domain {
				continue
			}
			for _, r := range d.Records {
				if r.Name == name && r.Type == rrtype {
					values = append(values, r.Value)
				}
			}
		}
	})
	return values
}

// changeZone changes the records of a domain as somebody else would.
func (a *account) changeZone(domain string, change func(records []*sandbox.Record) []*sandbox.Record) {
	a.Update(func(s *sandbox.State) {
		for _, d := range s.Domains {
			if d.Name == domain {
				d.Records = change(d.Records)
			}
		}
	})
}

// client talks to the sandbox itself, past what stands in front of it.
func (a *account) client() *hoster.Client {
	client, err := hoster.NewClient(hoster.WithBaseURL(a.Server.URL()), hoster.WithToken(a.RootToken()))
	if err != nil {
		a.t.Fatal(err)
	}
	return client
}
