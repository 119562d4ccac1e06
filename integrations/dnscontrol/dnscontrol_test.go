package dnscontrolhoster_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/StackExchange/dnscontrol/v4/models"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	dnscontrolhoster "github.com/go-hoster/hoster/integrations/dnscontrol"
	"github.com/go-hoster/hoster/sandbox"
)

const everything = `
var REG = NewRegistrar("none");
var DNS = NewDnsProvider("hoster");
D("example.com", REG, DnsProvider(DNS), DefaultTTL(300),
	A("@", "192.0.2.1"), A("@", "192.0.2.2"), A("*.wild", "192.0.2.3", TTL("1h")),
	AAAA("@", "2001:DB8::1"),
	CNAME("www", "@"), CNAME("_under", "_target.example.net."),
	MX("@", 10, "mail"), MX("@", 20, "mail.example.net."), MX("nomail", 0, "."),
	NS("sub", "ns1.example.net."), NS("sub", "ns2.example.net."),
	SRV("_sip._tcp", 10, 60, 5060, "sip.example.net."), SRV("_none._tcp", 0, 0, 0, "."),
	CAA("@", "issue", "ca.example"), CAA("@", "iodef", "mailto:a@example.com", CAA_CRITICAL), CAA("@", "issuewild", ";"),
	TXT("empty", ""), TXT("quoted", "\"all of it\""), TXT("inner", "a \"quote\" and a \\ backslash"), TXT("semicolon", "a;b"),
	TXT("spaces", " both ends "), TXT("utf8", "é"), TXT("long", Array(301).join("x")), TXT("longest", Array(2049).join("y\"")), TXT("single", "'"),
	PTR("4", "host.example.net."), NAPTR("naptr", 100, 10, "S", "SIP+D2U", "", "_sip._udp.example.net."),
	SSHFP("ssh", 1, 1, "00d9f5d4e5cbcf7d9a3d9c1a5c9cdbcf7d9a3d9c"), TLSA("_443._tcp", 3, 1, 1, "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"),
	HTTPS("https", 1, ".", "alpn=h2,h3"), SVCB("svcb", 1, "svc.example.net.", "port=443"), DNAME("dname", "other.example.net."),
	DS("sub", 1, 13, 2, "ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")
);`

type tool struct {
	t   *testing.T
	dir string
	srv *hostertest.Server
}

func start(t *testing.T, options ...sandbox.Option) *tool {
	options = append([]sandbox.Option{sandbox.WithRateLimit(0, 0), sandbox.WithRecordTypes("PTR", "NAPTR", "SSHFP", "TLSA", "HTTPS", "SVCB", "DNAME", "DS", "X-ODD")}, options...)
	tool := &tool{t: t, dir: t.TempDir(), srv: hostertest.New(t, options...)}
	credentials, _ := json.Marshal(map[string]map[string]string{
		"none": {"TYPE": "NONE"}, "hoster": {"TYPE": dnscontrolhoster.Type, "base_url": tool.srv.URL(), "token": tool.srv.RootToken()},
	})
	tool.write("creds.json", string(credentials))
	return tool
}

var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "dnscontrol-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "dnscontrol-hoster")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/dnscontrol-hoster").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func (tool *tool) write(name, content string) {
	if err := os.WriteFile(filepath.Join(tool.dir, name), []byte(content), 0o600); err != nil {
		tool.t.Fatal(err)
	}
}

// run runs dnscontrol with a configuration.
func (tool *tool) run(config string, args ...string) string {
	tool.t.Helper()
	tool.write("dnsconfig.js", config)
	command := exec.Command(program, args...)
	command.Dir = tool.dir
	out, err := command.CombinedOutput()
	if err != nil {
		tool.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (tool *tool) held() (held []string) {
	tool.srv.View(func(st *sandbox.State) {
		for _, r := range st.Records("example.com") {
			held = append(held, fmt.Sprintf("%s %d %s %s", r.Name, r.TTL, r.Type, r.Value))
		}
	})
	slices.Sort(held)
	return held
}

// TestPushThenPreview: after a push there is nothing left to do, for every type and
// for odd values.
func TestPushThenPreview(t *testing.T) {
	for name, options := range map[string][]sandbox.Option{"full": nil, "neither": {sandbox.Without(sandbox.Batch, sandbox.ETags), sandbox.WithNewIDOnUpdate()}} {
		t.Run(name, func(t *testing.T) {
			tool := start(t, options...)
			tool.run(everything, "push")
			if out := tool.run(everything, "preview"); !strings.Contains(out, "Done. 0 corrections.") {
				t.Errorf("the second preview:\n%s", out)
			}
			held := tool.held()
			for _, want := range []string{"empty 300 TXT ", `quoted 300 TXT "\"all of it\""`, "*.wild 3600 A 192.0.2.3", "@ 86400 NS ns1.provider.example"} {
				if !slices.Contains(held, want) {
					t.Errorf("%s is not among\n%s", want, strings.Join(held, "\n"))
				}
			}
			if len(held) != 33+2 {
				t.Errorf("%d records:\n%s", len(held), strings.Join(held, "\n"))
			}
			writes := len(tool.srv.Writes())
			tool.run(everything, "push")
			if more := len(tool.srv.Writes()) - writes; more != 0 {
				t.Errorf("the second push wrote %d times", more)
			}
			// A change, a deletion and a type that takes the place of another.
			changed := strings.NewReplacer(`"192.0.2.2"`, `"192.0.2.22"`, `CNAME("www", "@")`, `A("www", "192.0.2.9")`, `SRV("_none._tcp", 0, 0, 0, "."),`, "").Replace(everything)
			tool.run(changed, "push")
			if out := tool.run(changed, "preview"); !strings.Contains(out, "Done. 0 corrections.") {
				t.Errorf("after the change:\n%s", out)
			}
			for _, want := range []string{"@ 300 A 192.0.2.22", "www 300 A 192.0.2.9"} {
				if held := tool.held(); !slices.Contains(held, want) {
					t.Errorf("%s is not among\n%s", want, strings.Join(held, "\n"))
				}
			}
		})
	}
}

// TestNoPurge keeps what the configuration does not name, types that dnscontrol does
// not know included.
func TestNoPurge(t *testing.T) {
	tool := start(t)
	tool.srv.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		d.Records = append(d.Records, &sandbox.Record{Name: "odd", Type: "X-ODD", Value: "some thing", TTL: 300})
	})
	before := tool.held()
	tool.run(`D("example.com", NewRegistrar("none"), DnsProvider(NewDnsProvider("hoster")), NO_PURGE, A("new", "192.0.2.1"));`, "push")
	after := tool.held()
	if want := append(slices.Clone(before), "new 300 A 192.0.2.1"); len(after) != len(want) || slices.ContainsFunc(want, func(r string) bool { return !slices.Contains(after, r) }) {
		t.Errorf("before\n%s\nafter\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

func TestGetZones(t *testing.T) {
	tool := start(t)
	if out := tool.run("", "get-zones", "--format=zone", "hoster", "-", "example.com"); !strings.Contains(out, "v=spf1 ip4:192.0.2.0/24 -all") {
		t.Error(out)
	}
	if out := tool.run("", "get-zones", "--format=nameonly", "hoster", "-", "all"); !strings.Contains(out, "example.com\n") {
		t.Error(out)
	}
}

// TestWhatCameMeanwhileStays: a set that was not there when dnscontrol read the zone.
func TestWhatCameMeanwhileStays(t *testing.T) {
	srv := hostertest.New(t)
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	p := &dnscontrolhoster.Provider{Client: client}
	existing, err := p.GetZoneRecords("example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	srv.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		d.Records = append(d.Records, &sandbox.Record{Name: "meanwhile", Type: "A", Value: "192.0.2.7", TTL: 300})
	})
	only := &models.RecordConfig{Type: "A", TTL: 300}
	only.SetLabel("only", "example.com")
	only.MustSetTarget("192.0.2.8")
	corrections, n, err := p.GetZoneRecordsCorrections(&models.DomainConfig{Name: "example.com", Records: models.Records{only}}, existing)
	if err != nil || n == 0 || len(corrections) != 1 {
		t.Fatal(corrections, n, err)
	}
	if err := corrections[0].F(); err != nil {
		t.Fatal(err)
	}
	held := (&tool{srv: srv}).held()
	if want := []string{"@ 86400 NS ns1.provider.example", "@ 86400 NS ns2.provider.example", "meanwhile 300 A 192.0.2.7", "only 300 A 192.0.2.8"}; !slices.Equal(held, want) {
		t.Error(held)
	}
}

func TestAudit(t *testing.T) {
	for want, rc := range map[string]*models.RecordConfig{
		"4096": {Type: "TXT", TTL: 300}, "ttl": {Type: "TXT", TTL: 10},
	} {
		rc.SetLabel("x", "example.com")
		rc.MustSetTarget("short")
		if want == "4096" {
			rc.MustSetTarget(strings.Repeat("x", 4097))
		}
		if problems := dnscontrolhoster.AuditRecords([]*models.RecordConfig{rc}); len(problems) != 1 || !strings.Contains(problems[0].Error(), want) {
			t.Error(want, problems)
		}
	}
}
