package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExpiring(t *testing.T) {
	s := open(t)
	s.want(exitOK, "domains", "expiring", "-days", "0", "-o", "csv", "-h")
	got := s.want(exitError, "domains", "expiring", "-days", "45", "-o", "csv").out
	for _, line := range []string{
		"alpha.example,active,",   // auto-renewal on, not locked
		"autumn.example,expired,", // behind its end
	} {
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing in\n%s", line, got)
		}
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "anchor.example,") && !strings.HasSuffix(line, ",[],[]\n") && !strings.HasSuffix(line, ",,\n") {
			t.Errorf("nothing is to do for %s", line)
		}
		if strings.HasPrefix(line, "feather.example,pending_delete,") && strings.Contains(line, "renew it") {
			t.Error("it is too late to renew")
		}
		if strings.HasPrefix(line, "island.example,") {
			t.Error("a domain that is gone is listed")
		}
	}
	if !strings.Contains(got, "renew it") || !strings.Contains(got, "lock it") {
		t.Error(got)
	}
	s.want(exitUsage, "domains", "expiring", "-days", "-1")

	s.want(exitOK, "domains", "renew", "alpha.example", "-years", "1", "-max-price", "500", "-yes")
	if got := s.want(exitError, "domains", "expiring", "-o", "json").out; !strings.Contains(got, `"pay PI-`) {
		t.Errorf("the unpaid renewal is not told:\n%s", got)
	}
	s.Inject(sandbox.Fault{Operation: "Orders.List", Rewrite: func(orders []map[string]any) []map[string]any {
		for _, order := range orders {
			for _, item := range order["items"].([]any) {
				item.(map[string]any)["type"] = "domain_transfer"
			}
		}
		return orders
	}})
	if got := s.want(exitError, "domains", "expiring", "-o", "json").out; strings.Contains(got, `"pay PI-`) {
		t.Errorf("another order is taken for a renewal:\n%s", got)
	}
	_, limited := s.MintToken(sandbox.TokenSpec{Name: "limited", Scopes: []string{"domains:read"}})
	t.Setenv("API_TOKEN", limited)
	if got := s.want(exitError, "domains", "expiring"); !strings.Contains(got.err, "account:read") {
		t.Error(got.err)
	}
}

func TestBulkNameservers(t *testing.T) {
	s := open(t)
	list := file(t, "list.csv", "Domain,NS\nexample.com, ns1.example.net, NS2.example.net.\n# a comment\nexample.net,ns2.provider.example,ns1.provider.example,\n")
	if got := s.want(exitChanges, "domains", "nameservers", "set", "-from", list, "-dry-run"); !strings.Contains(got.err, "2 domains, 1 to change") || len(s.Writes()) != 0 {
		t.Errorf("%+v", got)
	}
	if got := s.says("n\n", "domains", "nameservers", "set", "-from", list); got.code != exitError || len(s.Writes()) != 0 {
		t.Errorf("%+v", got)
	}
	s.want(exitOK, "domains", "nameservers", "set", "-from", list, "-yes")
	if got := s.want(exitOK, "domains", "nameservers", "set", "-from", list, "-yes"); !strings.Contains(got.err, "0 to change") || len(s.Writes()) != 1 {
		t.Errorf("%+v", got)
	}
	if got := s.read("domains", "nameservers", "example.com")[0]["nameservers"]; fmt.Sprint(got) != "[ns1.example.net ns2.example.net]" {
		t.Error(got)
	}
	for text, want := range map[string]int{
		"example.com,ns1.example.net\n": exitUsage,
		"":                              exitUsage,
		"example.com,a.net,b.net\nexample.com,a.net,b.net\n":              exitUsage,
		"not a domain,a.net,b.net\n":                                      exitUsage,
		"example.com,a.example.net,b.example.net\nnope.org,a.net,b.net\n": exitError,
	} {
		s.want(want, "domains", "nameservers", "set", "-yes", "-from", file(t, "bad.csv", text))
	}
	if n := len(s.Writes()); n != 1 {
		t.Errorf("%d writes", n)
	}
}

func TestBulkWorkGoesOnAndIsInterrupted(t *testing.T) {
	s := open(t)
	list := file(t, "list.csv", "alpha.example,a.example.net,b.example.net\nexample.com,a.example.net,b.example.net\nexample.net,a.example.net,b.example.net\n")
	s.Inject(sandbox.Fault{Operation: "Domains.SetNameservers", Status: 409, Body: `{"status":"error","code":"CONFLICT","message":"busy"}`})
	if got := s.want(exitError, "domains", "nameservers", "set", "-from", list, "-yes"); !strings.Contains(got.err, "2 of 3 done, 1 failed") || !strings.Contains(got.err, "alpha.example: ") {
		t.Error(got.err)
	}

	ctx, stop := context.WithCancel(t.Context())
	s.Inject(sandbox.Fault{Operation: "Domains.SetNameservers", Hook: stop})
	var stdout, stderr strings.Builder
	code := run(ctx, []string{"domains", "nameservers", "set", "-from", list, "-yes"}, streams{nil, &stdout, &stderr})
	if code != exitInterrupted || !strings.Contains(stderr.String(), "stopped after 1 of 1") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

func TestRecordSets(t *testing.T) {
	s := open(t)
	set := func(args ...string) []string { return append([]string{"dns"}, args...) }
	values := func(name, rrtype string) string {
		var all []string
		for _, r := range s.read("dns", "list", "example.com", "-name", name, "-type", rrtype) {
			all = append(all, fmt.Sprint(r["value"], " ", r["ttl"]))
		}
		slices.Sort(all)
		return strings.Join(all, "; ")
	}
	s.want(exitOK, set("add", "example.com", "www2", "a", "192.0.2.1", "-ttl", "300", "-yes")...)
	s.want(exitOK, set("add", "example.com", "www2", "A", "192.0.2.2", "192.0.2.1", "-yes")...)
	if got := values("www2", "A"); got != "192.0.2.1 300; 192.0.2.2 300" {
		t.Error(got)
	}
	s.want(exitOK, set("set", "example.com", "www2", "A", "192.0.2.2", "192.0.2.3", "-ttl", "600", "-yes")...)
	if got := values("www2", "A"); got != "192.0.2.2 600; 192.0.2.3 600" {
		t.Error(got)
	}
	writes := len(s.Writes())
	for _, args := range [][]string{
		set("set", "example.com", "www2", "A", "192.0.2.3", "192.0.2.2"),
		set("add", "example.com", "@", "MX", "10 mail1.example.com."),
		set("add", "example.com", "@", "TXT", "v=spf1 ip4:192.0.2.0/24 -all"),
		set("remove", "example.com", "www2", "A", "192.0.2.9"),
		set("remove", "example.com", "nothing", "A"),
	} {
		if got := s.want(exitOK, args...); !strings.Contains(got.err, "nothing to do") {
			t.Errorf("%v: %s", args, got.err)
		}
	}
	got := s.says("n\n", set("set", "example.com", "www2", "A", "192.0.2.3", "192.0.2.4", "-ttl", "900")...)
	for _, line := range []string{"- 192.0.2.2\n", "~ 192.0.2.3 ttl 600 -> 900\n", "+ 192.0.2.4\n"} {
		if !strings.Contains(got.err, line) {
			t.Errorf("%q is missing in %s", line, got.err)
		}
	}
	for _, args := range [][]string{
		set("add", "example.com", "x", "A", "192.0.2.300", "-yes"),
		set("add", "example.com", "x", "MX", "mail.example.com", "-yes"),
		set("set", "example.com", "x", "A"),
	} {
		s.want(exitUsage, args...)
	}
	if n := len(s.Writes()); n != writes {
		t.Errorf("%d writes", n-writes)
	}
	s.want(exitOK, set("remove", "example.com", "www2", "A", "192.0.2.3", "-yes")...)
	if got := values("www2", "A"); got != "192.0.2.2 600" {
		t.Error(got)
	}
	if got := s.want(exitOK, set("remove", "example.com", "www2", "A", "-yes", "-o", "json")...).out; got != "[]\n" {
		t.Errorf("%q", got)
	}
	s.want(exitOK, set("add", "example.com", "t", "TXT", "-yes", "--", "-all")...)
	if got := values("www2", "A") + values("t", "TXT"); got != "-all 3600" {
		t.Error(got)
	}
}

func TestZoneFilesThereAndBack(t *testing.T) {
	s := open(t)
	for _, name := range []string{"z.zone", "z.json", "z.yaml"} {
		path := filepath.Join(t.TempDir(), name)
		s.want(exitOK, "dns", "export", "example.com", "-out", path)
		if got := s.want(exitOK, "dns", "plan", "example.com", "-from", path); len(got.out) == 0 {
			t.Errorf("%s: %+v", name, got)
		}
		s.want(exitOK, "dns", "compare", "example.com", "-from", path)
		if text, _ := os.ReadFile(path); !strings.Contains(string(text), "mail1.example.com") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if got := s.want(exitOK, "dns", "export", "example.com").out; !strings.Contains(got, "SOA") {
		t.Error(got)
	}
	s.want(exitUsage, "dns", "export", "example.com", "-format", "xml")
	s.want(exitError, "dns", "plan", "example.com", "-from", file(t, "z.json", `[{"typo":"A"}]`))
	s.want(exitUsage, "dns", "plan", "example.com")

	dir := filepath.Join(t.TempDir(), "zones")
	if got := s.want(exitOK, "dns", "backup", "-dir", dir); !strings.Contains(got.err, " 0 failed") {
		t.Error(got.err)
	}
	if names, _ := os.ReadDir(dir); len(names) != len(s.read("domains", "list")) {
		t.Errorf("%d files", len(names))
	}
	s.Inject(sandbox.Fault{Operation: "Domains.List", Rewrite: func(domains []map[string]any) []map[string]any {
		domains[0]["name"] = "../../outside.example"
		return domains
	}})
	if got := s.want(exitError, "dns", "backup", "-dir", dir); !strings.Contains(got.err, "no name for a file") {
		t.Error(got.err)
	}
	s.Inject(sandbox.Fault{Operation: "DNS.List", Status: 403, Body: `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"no"}`})
	s.want(exitError, "dns", "backup", "-dir", dir, "-format", "yaml")
}

func TestPlanApplyUndo(t *testing.T) {
	s := open(t)
	dir := t.TempDir()
	before := s.want(exitOK, "dns", "export", "example.com", "-format", "json").out
	wanted := file(t, "wanted.json", `[{"type":"A","name":"@","value":"192.0.2.99","ttl":300},{"type":"A","name":"new","value":"192.0.2.1"},
		{"type":"MX","name":"@","value":"mail1.example.com","priority":10},{"type":"MX","name":"@","value":"mail3.example.com","priority":30}]`)

	if got := s.want(exitError, "dns", "plan", "example.com", "-from", wanted); !strings.Contains(got.err, "elet") {
		t.Errorf("a plan that deletes nearly all: %s", got.err)
	}
	saved := filepath.Join(dir, "plan.json")
	got := s.want(exitChanges, "dns", "plan", "example.com", "-from", wanted, "-keep", "-out", saved)
	_, hash, _ := strings.Cut(strings.TrimSpace(got.err), "hash ")
	s.want(exitUsage, "dns", "apply", "example.com", "-plan", saved, "-hash", strings.Repeat("0", 16))
	s.want(exitUsage, "dns", "apply", "example.com", "-plan", saved, "-hash", hash[:4])
	s.want(exitUsage, "dns", "apply", "example.net", "-plan", saved, "-hash", hash)
	s.want(exitUsage, "dns", "apply", "example.com", "-plan", saved, "-from", wanted)
	s.want(exitUsage, "dns", "apply", "example.com")
	if got := s.says("no\n", "dns", "apply", "example.com", "-plan", saved); got.code != exitError || !strings.Contains(got.err, "192.0.2.99") {
		t.Errorf("%+v", got)
	}
	if n := len(s.Writes()); n != 0 {
		t.Fatalf("%d writes", n)
	}
	s.want(exitOK, "dns", "apply", "example.com", "-plan", saved, "-hash", hash)
	s.want(exitOK, "dns", "import", "example.com", "-from", wanted)
	if got := s.want(exitChanges, "dns", "compare", "example.com", "-from", file(t, "before.json", before)); !strings.Contains(got.out, "192.0.2.99") {
		t.Error(got.out)
	}
	s.want(exitOK, "dns", "apply", "example.com", "-undo", saved, "-yes")
	s.want(exitOK, "dns", "compare", "example.com", "-from", file(t, "before.json", before))
	s.want(exitOK, "dns", "apply", "example.com", "-undo", saved)

	s.want(exitOK, "dns", "add", "example.com", "four", "A", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "-yes")
	s.want(exitOK, "dns", "import", "example.com", "-from", file(t, "one.json", `[{"type":"A","name":"four","value":"192.0.2.1"}]`), "-yes")
	s.want(exitOK, "dns", "add", "example.com", "@", "A", "192.0.2.77", "-yes")
	if got := s.want(exitError, "dns", "apply", "example.com", "-plan", saved, "-yes"); !strings.Contains(got.err, "somebody else") {
		t.Errorf("another writer: %s", got.err)
	}
}

func TestCompareWithAnotherProvider(t *testing.T) {
	s := open(t)
	other := hostertest.New(t)
	if got := s.says(other.RootToken(), "profiles", "set", "other", "-base-url", other.URL()); got.code != exitOK {
		t.Fatalf("%+v", got)
	}
	s.want(exitOK, "dns", "compare", "example.com", "-with", "other")
	s.want(exitOK, "dns", "add", "example.com", "here", "A", "192.0.2.1", "-yes")
	if got := s.want(exitChanges, "dns", "compare", "example.com", "-with", "other"); !strings.Contains(got.out, "- here") {
		t.Error(got.out)
	}
}

func TestInvoicesDownload(t *testing.T) {
	s := open(t)
	dir := filepath.Join(t.TempDir(), "pdf")
	s.want(exitOK, "invoices", "download", "-dir", dir, "-type", "tax", "-year", "2020")
	if names, _ := os.ReadDir(dir); len(names) != 0 {
		t.Errorf("of another year: %v", names)
	}
	s.want(exitOK, "invoices", "download", "-dir", dir, "-type", "tax")
	names, _ := os.ReadDir(dir)
	if len(names) == 0 || !strings.HasPrefix(names[0].Name(), "INV-") || !strings.HasSuffix(names[0].Name(), ".pdf") {
		t.Errorf("%v", names)
	}
	fetched := len(s.Requests())
	s.want(exitOK, "invoices", "download", "-dir", dir, "-type", "tax")
	if n := len(s.Requests()) - fetched; n != 1 {
		t.Errorf("%d requests the second time", n)
	}
	s.Inject(sandbox.Fault{Operation: "Invoices.PDF", Truncate: 20, Times: -1})
	s.want(exitError, "invoices", "download", "-dir", dir, "-type", "proforma")
	if broken, _ := filepath.Glob(filepath.Join(dir, "PI-*")); len(broken) != 0 {
		t.Errorf("parts are left: %v", broken)
	}
}

func TestTokens(t *testing.T) {
	s := open(t)
	if got := s.want(exitError, "tokens", "audit", "-o", "csv"); !strings.Contains(got.out, "all_scopes") {
		t.Error(got.out)
	}
	s.want(exitUsage, "tokens", "rotate", "-yes")
	path := file(t, "token", s.RootToken()+"\n")
	t.Setenv("API_TOKEN", "")
	t.Setenv("API_TOKEN_FILE", path)
	if got := s.says("n\n", "tokens", "rotate"); got.code != exitError {
		t.Errorf("%+v", got)
	}
	s.want(exitOK, "tokens", "rotate", "-yes")
	second, _ := os.ReadFile(path)
	if strings.TrimSpace(string(second)) == s.RootToken() {
		t.Error("the token is the old one")
	}
	s.want(exitOK, "domains", "list")

	if got := s.says(string(second), "profiles", "set", "acme", "-base-url", s.URL()); got.code != exitOK {
		t.Fatalf("%+v", got)
	}
	s.want(exitOK, "-profile", "acme", "tokens", "rotate", "-yes")
	s.want(exitOK, "-profile", "acme", "domains", "list")
	s.want(exitError, "domains", "list") // the file's token is revoked
}
