package libdnshoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libdns/libdns"
	"github.com/libdns/libdns/libdnstest"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	libdnshoster "github.com/go-hoster/hoster/integrations/libdns"
	"github.com/go-hoster/hoster/sandbox"
)

const zone = "example.com."

// shapes are providers that lack parts of the API.
var shapes = map[string][]sandbox.Option{
	"full":                      nil,
	"no batch":                  {sandbox.Without(sandbox.Batch)},
	"no ETags":                  {sandbox.Without(sandbox.ETags)},
	"neither":                   {sandbox.Without(sandbox.Batch, sandbox.ETags)},
	"neither, no keys, new ids": {sandbox.Without(sandbox.Batch, sandbox.ETags, sandbox.Idempotency), sandbox.WithNewIDOnUpdate()},
}

func onShapes(t *testing.T, test func(t *testing.T, srv *hostertest.Server, p *libdnshoster.Provider)) {
	for name, options := range shapes {
		t.Run(name, func(t *testing.T) {
			srv := newServer(t, options...)
			test(t, srv, provider(t, srv))
		})
	}
}

func newServer(t *testing.T, options ...sandbox.Option) *hostertest.Server {
	options = append([]sandbox.Option{sandbox.WithRateLimit(0, 0), sandbox.WithRecordTypes("HTTPS", "SVCB")}, options...)
	return hostertest.New(t, options...)
}

func provider(t *testing.T, srv *hostertest.Server) *libdnshoster.Provider {
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	return &libdnshoster.Provider{Client: client}
}

// values is what the zone holds at a name and type, with the TTL.
func values(srv *hostertest.Server, name, rrtype string) (held []string) {
	srv.View(func(st *sandbox.State) {
		for _, r := range st.Records("example.com") {
			if r.Name == name && r.Type == rrtype {
				held = append(held, fmt.Sprintf("%d %s", r.TTL, r.Value))
			}
		}
	})
	slices.Sort(held)
	return held
}

func TestConformance(t *testing.T) {
	onShapes(t, func(t *testing.T, _ *hostertest.Server, p *libdnshoster.Provider) {
		libdnstest.NewTestSuite(p, zone).RunTests(t)
	})
}

// announce matches every request, and says that one came.
func announce(arrived chan<- struct{}) func(*http.Request) bool {
	return func(*http.Request) bool {
		select {
		case arrived <- struct{}{}:
		default:
		}
		return true
	}
}

func txt(name, text string) libdns.Record {
	return libdns.TXT{Name: name, Text: text, TTL: 300 * time.Second}
}
func a(name, ip string, ttl time.Duration) libdns.Record {
	return libdns.Address{Name: name, IP: netip.MustParseAddr(ip), TTL: ttl}
}

// TestDeletesMatchExactly: what is not empty in a record has to match.
func TestDeletesMatchExactly(t *testing.T) {
	onShapes(t, func(t *testing.T, srv *hostertest.Server, p *libdnshoster.Provider) {
		ctx := context.Background()
		fill := func() {
			_, err := p.SetRecords(ctx, zone, []libdns.Record{
				a("d", "192.0.2.1", time.Minute), a("d", "192.0.2.2", time.Minute), txt("d", "one"), txt("d", "two"),
				libdns.MX{Name: "d", Preference: 10, Target: "mail.example.net.", TTL: time.Hour}, txt("other", "stays"),
				libdns.SRV{Service: "s", Transport: "tcp", Name: "d", Priority: 1, Target: ".", TTL: time.Hour},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name    string
			records []libdns.Record
			gone    int
		}{
			{"exact", []libdns.Record{a("d", "192.0.2.1", time.Minute)}, 1},
			{"twice the same", []libdns.Record{a("d", "192.0.2.1", time.Minute), a("d", "192.0.2.1", 0)}, 1},
			{"another value", []libdns.Record{a("d", "192.0.2.3", time.Minute)}, 0},
			{"another TTL", []libdns.Record{a("d", "192.0.2.1", time.Hour)}, 0},
			{"another preference", []libdns.Record{libdns.MX{Name: "d", Preference: 20, Target: "mail.example.net."}}, 0},
			{"another spelling", []libdns.Record{libdns.RR{Name: "D", Type: "mx", Data: "10 MAIL.example.NET"}}, 1},
			{"any value", []libdns.Record{libdns.RR{Name: "d", Type: "A", TTL: time.Minute}}, 2},
			{"any value, typed", []libdns.Record{libdns.TXT{Name: "d"}}, 2},
			{"any type", []libdns.Record{libdns.RR{Name: "d", TTL: time.Minute}}, 2},
			{"all of a name", []libdns.Record{libdns.RR{Name: "d"}}, 5},
			{"all of a name, and more", []libdns.Record{libdns.RR{Name: "d"}, libdns.RR{Name: "_s._tcp.d"}}, 6},
			{"a name that is not there", []libdns.Record{libdns.RR{Name: "nobody"}}, 0},
			{"nothing", nil, 0},
		} {
			fill()
			deleted, err := p.DeleteRecords(ctx, zone, c.records)
			if err != nil || len(deleted) != c.gone {
				t.Errorf("%s: %v, %v", c.name, deleted, err)
			}
			left := len(values(srv, "d", "A")) + len(values(srv, "d", "TXT")) + len(values(srv, "d", "MX")) + len(values(srv, "_s._tcp.d", "SRV"))
			if left != 6-c.gone || len(values(srv, "other", "TXT")) != 1 {
				t.Errorf("%s: %d left", c.name, left)
			}
		}
		for name, r := range map[string]libdns.RR{"no name": {}, "no type": {Name: "d", Data: "192.0.2.1"}, "outside": {Name: "d.example.net."}} {
			if deleted, err := p.DeleteRecords(ctx, zone, []libdns.Record{r}); err == nil {
				t.Errorf("%s: deleted %v", name, deleted)
			}
		}
	})
}

// TestTheApexKeepsItsNameservers: all of the apex is all but these.
func TestTheApexKeepsItsNameservers(t *testing.T) {
	srv := newServer(t)
	p, ctx := provider(t, srv), context.Background()
	nameservers := len(values(srv, "@", "NS"))
	if deleted, err := p.DeleteRecords(ctx, zone, []libdns.Record{libdns.RR{Name: "@"}}); err != nil || len(deleted) == 0 {
		t.Errorf("%v, %v", deleted, err)
	}
	if len(values(srv, "@", "NS")) != nameservers || nameservers == 0 || len(values(srv, "@", "MX")) > 0 {
		t.Error(values(srv, "@", "NS"), values(srv, "@", "MX"))
	}
	if _, err := p.DeleteRecords(ctx, zone, []libdns.Record{libdns.NS{Name: "@"}}); !errors.Is(err, hoster.ErrConflict) {
		t.Error(err)
	}
}

// TestRecordsAreTyped: all that the zone holds comes back in the types of libdns,
// goes in again without a write, and can be deleted as it came.
func TestRecordsAreTyped(t *testing.T) {
	onShapes(t, func(t *testing.T, srv *hostertest.Server, p *libdnshoster.Provider) {
		ctx := context.Background()
		wanted := []libdns.Record{
			a("t", "192.0.2.7", time.Minute),
			libdns.Address{Name: "t", IP: netip.MustParseAddr("2001:db8::7"), TTL: time.Minute},
			libdns.CAA{Name: "t", Flags: 128, Tag: "issue", Value: `ca.example; policy="é\"`, TTL: time.Minute},
			libdns.CNAME{Name: "alias.t", Target: "target.example.net.", TTL: time.Minute},
			libdns.MX{Name: "t", Preference: 0, Target: ".", TTL: time.Minute},
			libdns.NS{Name: "sub.t", Target: "ns1.example.net.", TTL: time.Minute},
			libdns.SRV{Service: "sip", Transport: "udp", Name: "t", Priority: 1, Weight: 2, Port: 3, Target: "sip.example.net.", TTL: time.Minute},
			libdns.SRV{Service: "sip", Transport: "tls", Name: "@", Priority: 1, Weight: 2, Port: 3, Target: "sip.example.net.", TTL: time.Minute},
			libdns.SRV{Name: "srv.t", Priority: 1, Weight: 2, Port: 3, Target: "sip.example.net.", TTL: time.Minute},
			libdns.SRV{Name: "_odd.t", Priority: 1, Weight: 2, Port: 3, Target: "sip.example.net.", TTL: time.Minute},
			libdns.TXT{Name: "t", Text: "a text", TTL: time.Minute},
			libdns.TXT{Name: "*.t", Text: "", TTL: time.Minute},
			libdns.ServiceBinding{Name: "t", Scheme: "https", Priority: 1, Target: ".", Params: libdns.SvcParams{"alpn": {"h2", "h3"}}, TTL: time.Minute},
			libdns.ServiceBinding{Name: "@", Scheme: "dns", Priority: 1, Target: "dns.example.net.", Params: libdns.SvcParams{"port": {"853"}}, TTL: time.Minute},
		}
		sorted := func(records []libdns.Record) []string {
			var lines []string
			for _, r := range records {
				lines = append(lines, fmt.Sprintf("%T %+v %+v", r, r.RR(), r))
			}
			slices.Sort(lines)
			return lines
		}
		before := len(srv.Writes())
		appended, err := p.AppendRecords(ctx, zone, wanted)
		if err != nil || !reflect.DeepEqual(sorted(appended), sorted(wanted)) {
			t.Fatalf("appended\n%s\n%v", strings.Join(sorted(appended), "\n"), err)
		}
		written := len(srv.Writes()) - before
		all, err := p.GetRecords(ctx, zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range sorted(wanted) {
			if !slices.Contains(sorted(all), line) {
				t.Errorf("not among the records: %s", line)
			}
		}
		for _, r := range all {
			if rr, untyped := r.(libdns.RR); untyped {
				t.Errorf("untyped: %v", rr)
			}
		}
		// The second time nothing is written.
		again, err := p.AppendRecords(ctx, zone, wanted)
		if err != nil || !reflect.DeepEqual(sorted(again), sorted(wanted)) {
			t.Errorf("again: %v, %v", again, err)
		}
		again, err = p.SetRecords(ctx, zone, all)
		if err != nil || !reflect.DeepEqual(sorted(again), sorted(all)) {
			t.Errorf("set again: %v, %v", again, err)
		}
		if more := len(srv.Writes()) - before - written; more != 0 {
			t.Errorf("%d writes the second time", more)
		}
		deleted, err := p.DeleteRecords(ctx, zone, wanted)
		if err != nil || !reflect.DeepEqual(sorted(deleted), sorted(wanted)) {
			t.Errorf("deleted\n%s\n%v", strings.Join(sorted(deleted), "\n"), err)
		}
	})
}

// TestForeignSpelling: a service binding that another program wrote in its own
// spelling is deleted as it came.
func TestForeignSpelling(t *testing.T) {
	srv := newServer(t)
	p, ctx := provider(t, srv), context.Background()
	srv.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		d.Records = append(d.Records, &sandbox.Record{Type: "HTTPS", Name: "odd", Value: `1 . port=443 alpn="h2,h3"`, TTL: 300})
	})
	all, err := p.GetRecords(ctx, zone)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(r libdns.Record) bool { return r.RR().Name != "odd" })
	deleted, err := p.DeleteRecords(ctx, zone, all)
	if err != nil || len(deleted) != 1 || len(values(srv, "odd", "HTTPS")) > 0 {
		t.Errorf("%v of %v, %v", deleted, all, err)
	}
}

// TestTexts: texts of any octets and up to 4096 of them come back as they went.
func TestTexts(t *testing.T) {
	onShapes(t, func(t *testing.T, srv *hostertest.Server, p *libdnshoster.Provider) {
		ctx := context.Background()
		var texts []string
		for _, text := range []string{
			"plain", `"quoted"`, `"`, `""`, `\`, `\"`, `a"b`, `\065`, ";comment", "( )", "tab\tand\nline", "\x00\x7f\xff", "é", " led and trailed ",
			strings.Repeat("x", 255) + `"` + strings.Repeat("y", 255), strings.Repeat(`"\ü`, 1024),
		} {
			texts = append(texts, text, strings.Repeat(text, 4096)[:4096])
		}
		for _, text := range texts {
			want := txt("text", text)
			for _, verb := range []func(context.Context, string, []libdns.Record) ([]libdns.Record, error){p.AppendRecords, p.SetRecords} {
				if got, err := verb(ctx, zone, []libdns.Record{want}); err != nil || len(got) != 1 || got[0] != want {
					t.Errorf("%q: %v, %v", text, got, err)
				}
			}
			all, err := p.GetRecords(ctx, zone)
			if err != nil || !has(all, want) {
				t.Errorf("%q is not there: %v", text, err)
			}
			if got, err := p.DeleteRecords(ctx, zone, []libdns.Record{want}); err != nil || len(got) != 1 || got[0] != want {
				t.Errorf("%q: deleted %v, %v", text, got, err)
			}
		}
		if len(values(srv, "text", "TXT")) > 0 {
			t.Error(values(srv, "text", "TXT"))
		}
	})
}

func has(all []libdns.Record, want libdns.Record) bool {
	return slices.ContainsFunc(all, func(r libdns.Record) bool { return r.RR() == want.RR() })
}

// TestTTLs: a set has one, 0 leaves it, and what is too low is raised.
func TestTTLs(t *testing.T) {
	srv := newServer(t)
	p, ctx := provider(t, srv), context.Background()
	for _, c := range []struct {
		verb  func(context.Context, string, []libdns.Record) ([]libdns.Record, error)
		value string
		ttl   time.Duration
		want  []string
	}{
		{p.AppendRecords, "192.0.2.1", 0, []string{"3600 192.0.2.1"}},
		{p.AppendRecords, "192.0.2.2", 5 * time.Minute, []string{"3600 192.0.2.1", "3600 192.0.2.2"}},
		{p.SetRecords, "192.0.2.3", 0, []string{"3600 192.0.2.3"}},
		{p.SetRecords, "192.0.2.3", time.Second, []string{"60 192.0.2.3"}},
		{p.SetRecords, "192.0.2.3", 90*time.Second + time.Millisecond, []string{"90 192.0.2.3"}},
		{p.SetRecords, "192.0.2.3", time.Nanosecond, []string{"60 192.0.2.3"}},
		{p.DeleteRecords, "192.0.2.3", time.Nanosecond, nil},
	} {
		got, err := c.verb(ctx, zone, []libdns.Record{a("ttl", c.value, c.ttl)})
		if err != nil || len(got) != 1 || !slices.Equal(values(srv, "ttl", "A"), c.want) {
			t.Errorf("%v: %v, %v, %v", c.want, values(srv, "ttl", "A"), got, err)
		}
	}
}

// TestContexts: a context that is cancelled ends a call, before it and within.
func TestContexts(t *testing.T) {
	srv := newServer(t)
	p := provider(t, srv)
	records := []libdns.Record{txt("cancelled", "x")}
	calls := map[string]func(context.Context) error{
		"get":    func(ctx context.Context) error { _, err := p.GetRecords(ctx, zone); return err },
		"append": func(ctx context.Context) error { _, err := p.AppendRecords(ctx, zone, records); return err },
		"set":    func(ctx context.Context) error { _, err := p.SetRecords(ctx, zone, records); return err },
		"delete": func(ctx context.Context) error { _, err := p.DeleteRecords(ctx, zone, records); return err },
		"zones":  func(ctx context.Context) error { _, err := p.ListZones(ctx); return err },
	}
	for name, call := range calls {
		ctx, cancel := context.WithCancel(context.Background())
		arrived := make(chan struct{}, 1)
		remove := srv.Inject(sandbox.Fault{Delay: time.Hour, Match: announce(arrived), Times: -1})
		go func() { <-arrived; cancel() }()
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, while it waits: %v", name, err)
		}
		remove()
		srv.ForgetRecords()
		if err := call(ctx); !errors.Is(err, context.Canceled) || len(srv.Requests()) > 0 {
			t.Errorf("%s, before it: %v", name, err)
		}
	}
	if len(values(srv, "cancelled", "TXT")) > 0 {
		t.Error(values(srv, "cancelled", "TXT"))
	}
}

// TestManyWriters: what twenty writers of each of four clients append to one name
// is all there, and what they delete is gone.
func TestManyWriters(t *testing.T) {
	onShapes(t, func(t *testing.T, srv *hostertest.Server, _ *libdnshoster.Provider) {
		ctx := context.Background()
		var writers sync.WaitGroup
		for c := range 4 {
			p := provider(t, srv)
			for w := range 20 {
				writers.Go(func() {
					mine := []libdns.Record{txt("_acme-challenge", fmt.Sprintf("client %d writer %d", c, w))}
					got, err := p.AppendRecords(ctx, zone, mine)
					if err != nil || len(got) != 1 {
						t.Errorf("%v, %v", got, err)
					}
					if w%2 == 1 {
						got, err = p.DeleteRecords(ctx, zone, got)
						if err != nil || len(got) != 1 {
							t.Errorf("deleted %v, %v", got, err)
						}
					}
				})
			}
		}
		writers.Wait()
		if left := values(srv, "_acme-challenge", "TXT"); len(left) != 40 {
			t.Errorf("%d left: %v", len(left), left)
		}
	})
}

// TestPartialFailure: the sets before the one that fails are written and returned;
// what cannot be sent at all is refused before.
func TestPartialFailure(t *testing.T) {
	onShapes(t, func(t *testing.T, srv *hostertest.Server, p *libdnshoster.Provider) {
		ctx := context.Background()
		if _, err := p.AppendRecords(ctx, zone, []libdns.Record{libdns.CNAME{Name: "taken", Target: "target.example.net."}}); err != nil {
			t.Fatal(err)
		}
		done, err := p.AppendRecords(ctx, zone, []libdns.Record{txt("first", "1"), txt("taken", "2"), txt("third", "3")})
		if !errors.Is(err, hoster.ErrConflict) || !strings.Contains(err.Error(), "taken") {
			t.Errorf("%v, %v", done, err)
		}
		there := len(values(srv, "first", "TXT")) + len(values(srv, "third", "TXT"))
		if there != len(done) || there == 2 || there > 0 && done[0] != txt("first", "1") {
			t.Errorf("%d are there, and %v are returned", there, done)
		}
		if strings.HasSuffix(t.Name(), "/full") && there > 0 {
			t.Errorf("a batch is done whole or not at all: %v", done)
		}
		srv.ForgetRecords()
		for name, records := range map[string][]libdns.Record{
			"a CNAME beside another": {txt("x", "1"), libdns.CNAME{Name: "x", Target: "y.example.net."}},
			"outside the zone":       {txt("x", "1"), txt("x.example.net.", "1")},
			"no address":             {txt("x", "1"), libdns.RR{Name: "x", Type: "A", Data: "192.0.2.256"}},
			"no CAA":                 {txt("x", "1"), libdns.RR{Name: "x", Type: "CAA", Data: "issue"}},
			"no value":               {txt("x", "1"), libdns.Address{Name: "x"}},
		} {
			if done, err := p.SetRecords(ctx, zone, records); err == nil || len(done) > 0 || len(srv.Requests()) > 0 {
				t.Errorf("%s: %v, %v", name, done, err)
			}
		}
	})
}

func TestZones(t *testing.T) {
	srv := newServer(t)
	zones, err := provider(t, srv).ListZones(context.Background())
	if err != nil || !slices.Contains(zones, libdns.Zone{Name: zone}) {
		t.Fatal(zones, err)
	}
	srv.View(func(st *sandbox.State) {
		for _, d := range st.Domains {
			listed := slices.Contains(zones, libdns.Zone{Name: d.Name + "."})
			if listed != (d.Status == "active" || d.Status == "expired") {
				t.Errorf("%s, %s: %v", d.Name, d.Status, listed)
			}
		}
	})
}

// TestFromFields: a provider as Caddy reads it from its configuration.
func TestFromFields(t *testing.T) {
	srv := newServer(t)
	p := &libdnshoster.Provider{BaseURL: srv.URL(), APIToken: srv.RootToken()}
	if _, err := p.GetRecords(context.Background(), zone); err != nil {
		t.Error(err)
	}
	var none libdnshoster.Provider
	if _, err := none.GetRecords(context.Background(), zone); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Error(err)
	}
}

// TestOneBatch: several sets are one request where the provider has a batch.
func TestOneBatch(t *testing.T) {
	srv := newServer(t)
	p, ctx := provider(t, srv), context.Background()
	records := []libdns.Record{txt("one", "1"), txt("two", "2"), a("two", "192.0.2.1", time.Hour)}
	for i, verb := range []func(context.Context, string, []libdns.Record) ([]libdns.Record, error){p.AppendRecords, p.DeleteRecords, p.SetRecords, p.DeleteRecords} {
		if got, err := verb(ctx, zone, records); err != nil || len(got) != 3 || srv.Count("DNS.Batch") != i+1 {
			t.Errorf("%d: %d batches, %v, %v", i, srv.Count("DNS.Batch"), got, err)
		}
	}
}

// TestPartialDeletion: what is gone when a call fails is returned with the error.
func TestPartialDeletion(t *testing.T) {
	srv := newServer(t, sandbox.Without(sandbox.Batch))
	p, ctx := provider(t, srv), context.Background()
	records := []libdns.Record{txt("one", "1"), txt("two", "2"), txt("three", "3")}
	if _, err := p.AppendRecords(ctx, zone, records); err != nil {
		t.Fatal(err)
	}
	srv.Inject(sandbox.Fault{Operation: "DNS.Delete", Skip: 1, Times: -1, Status: 403, Body: `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"no"}`})
	deleted, err := p.DeleteRecords(ctx, zone, records)
	left := len(values(srv, "one", "TXT")) + len(values(srv, "two", "TXT")) + len(values(srv, "three", "TXT"))
	if !errors.Is(err, hoster.ErrForbidden) || left != 2 || len(deleted) != 1 || len(values(srv, deleted[0].RR().Name, "TXT")) > 0 {
		t.Errorf("%d left, deleted %v, %v", left, deleted, err)
	}
}
