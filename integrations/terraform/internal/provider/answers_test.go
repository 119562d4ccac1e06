package provider

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/go-hoster/hoster/sandbox"
)

// TestOddAnswersKeepTheState reads a state of records and sets through what proxies and
// odd brands make of the API's answers: that is an error, and nothing is forgotten.
func TestOddAnswersKeepTheState(t *testing.T) {
	t.Parallel()
	config := record("kept", "A", `"192.0.2.1"`, "") +
		"resource \"hoster_dns_record_set\" \"kept\" {\n  domain = \"example.net\"\n  name = \"set\"\n  type = \"A\"\n  values = [\"192.0.2.7\"]\n}\n"
	for name, odd := range map[string]http.HandlerFunc{
		"a proxy's 404":     func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>not here</html>", 404) },
		"a gateway's 404":   func(w http.ResponseWriter, _ *http.Request) { reply(w, 404, `{"message":"no Route matched"}`) },
		"data null":         func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, `{"status":"success","data":null}`) },
		"an empty list":     func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, `{"status":"success","data":[]}`) },
		"an error with 200": func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, `{"status":"error","message":"no"}`) },
		"a short list": func(w http.ResponseWriter, _ *http.Request) {
			reply(w, 200, `{"status":"success","data":[{"id":"rec_1","type":"NS","name":"@","value":"ns1.provider.example","ttl":3600}],"meta":{"pagination":{"total":7,"current_page":1,"per_page":1000,"total_pages":1}}}`)
		},
		"a portal's page": func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, `<html>Log in</html>`) },
		"nothing":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) },
	} {
		t.Run(name, func(t *testing.T) {
			a := newAccount(t)
			var on atomic.Bool
			a.behind(func(api http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if on.Load() {
						odd(w, r)
						return
					}
					api.ServeHTTP(w, r)
				})
			})
			a.run(
				resource.TestStep{Config: a.hcl(config)},
				resource.TestStep{PreConfig: func() { on.Store(true) }, Config: a.hcl(config), ExpectError: regexp.MustCompile(`DNS record (set )?not read`)},
				resource.TestStep{PreConfig: func() { on.Store(false) }, Config: a.hcl(config), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
			)
		})
	}
}

func reply(w http.ResponseWriter, status int, body string) {
	if strings.HasPrefix(body, "{") {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// raisedTTL is a brand that stores no TTL below 600.
func raisedTTL(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(regexp.MustCompile(`"ttl":[0-9]{1,2}\b|"ttl":[1-5][0-9]{2}\b`).ReplaceAll(body, []byte(`"ttl":600`))))
		r.ContentLength = -1
		api.ServeHTTP(w, r)
	})
}

func TestRaisedTTLDoesNotDrift(t *testing.T) {
	t.Parallel()
	for _, batch := range []bool{true, false} {
		var opts []sandbox.Option
		if !batch {
			opts = append(opts, sandbox.Without(sandbox.Batch, sandbox.ETags))
		}
		a := newAccount(t, opts...)
		a.behind(raisedTTL)
		config := func(ttl int) string {
			return a.hcl(record("ttl", "A", `"192.0.2.1"`, fmt.Sprintf("ttl = %d", ttl)) +
				fmt.Sprintf("resource \"hoster_dns_record_set\" \"set\" {\n  domain = \"example.net\"\n  name = \"ttl2\"\n  type = \"A\"\n  values = [\"192.0.2.7\"]\n  ttl = %d\n}\n", ttl))
		}
		a.run(
			resource.TestStep{Config: config(60), Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(www, "ttl", "60"),
				resource.TestCheckResourceAttr("hoster_dns_record_set.set", "ttl", "60"),
				checkValues(a, "example.net", "ttl", "A", "192.0.2.1"),
			)},
			resource.TestStep{Config: config(60), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
			resource.TestStep{Config: config(120), Check: resource.TestCheckResourceAttr(www, "ttl", "120")},
			resource.TestStep{ // a change by somebody else is one
				PreConfig: func() {
					a.changeZone("example.net", func(records []*sandbox.Record) []*sandbox.Record {
						for _, r := range records {
							if r.Name == "ttl" {
								r.TTL = 7200
							}
						}
						return records
					})
				},
				Config:           config(120),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(www, plancheck.ResourceActionUpdate)}},
				Check: func(*terraform.State) error {
					var got int
					a.View(func(s *sandbox.State) {
						for _, d := range s.Domains {
							for _, r := range d.Records {
								if d.Name == "example.net" && r.Name == "ttl" {
									got = r.TTL
								}
							}
						}
					})
					if got != 600 {
						return fmt.Errorf("the TTL is %d, want 600", got)
					}
					return nil
				},
			},
		)
	}
}

// TestBrandsWithoutExtensions runs the life of records at a brand that has neither batch
// nor versions, and at one that gives a changed record a new id.
func TestBrandsWithoutExtensions(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]sandbox.Option{
		{sandbox.Without(sandbox.Batch, sandbox.ETags, sandbox.Idempotency)},
		{sandbox.WithNewIDOnUpdate()},
	} {
		a := newAccount(t, opts...)
		two := "resource \"hoster_dns_record\" \"two\" {\n  domain = \"example.net\"\n  name = \"multi\"\n  type = \"A\"\n  value = \"192.0.2.2\"\n}\n"
		a.run(
			resource.TestStep{Config: a.hcl(record("multi", "A", `"192.0.2.1"`, "") + two), Check: func(*terraform.State) error {
				if got := a.records("example.net", "multi", "A"); len(got) != 2 {
					return fmt.Errorf("there is %q", got)
				}
				return nil
			}},
			resource.TestStep{Config: a.hcl(record("multi", "A", `"192.0.2.3"`, "") + two)},
			resource.TestStep{Config: a.hcl(record("multi", "CNAME", `"www.example.com"`, "")), Check: checkValues(a, "example.net", "multi", "CNAME", "www.example.com")},
		)
	}
}

// TestMissingScopeIsNamed uses a token that may read only.
func TestMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	_, token := a.MintToken(sandbox.TokenSpec{Name: "reader", Scopes: []string{"dns:read"}})
	a.run(resource.TestStep{
		Config:      a.hclWith(token, record("x", "A", `"192.0.2.1"`, "")),
		ExpectError: regexp.MustCompile(`DNS record not created: the token lacks dns:write`),
	})
}

// TestLostAnswers writes while the answers to writes get lost: each record is there
// once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, fault := range []sandbox.Fault{
		{After: true, Reset: true}, {After: true, Status: 500}, {After: true, Status: 502, Body: "<html>"}, {After: true, Truncate: 20}, {Reset: true},
	} {
		a := newAccount(t)
		var config string
		for i := range 5 {
			config += fmt.Sprintf("resource \"hoster_dns_record\" \"r%d\" {\n  domain = \"example.net\"\n  name = \"lost\"\n  type = \"A\"\n  value = \"192.0.2.%d\"\n}\n", i, i)
		}
		fault.Operation, fault.Times = "DNS.Batch", 2
		a.Inject(fault)
		fault.Operation, fault.Times = "DNS.Create", 1
		a.Inject(fault)
		a.run(resource.TestStep{Config: a.hcl(config), Check: func(*terraform.State) error {
			if got := a.records("example.net", "lost", "A"); len(got) != 5 {
				return fmt.Errorf("%+v: there is %q", fault, got)
			}
			return nil
		}})
		a.run(resource.TestStep{Config: a.hcl(record("alone", "A", `"192.0.2.1"`, "")), Check: checkValues(a, "example.net", "alone", "A", "192.0.2.1")})
	}
}
