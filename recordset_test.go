package hoster_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// providers are what a brand may have beside the plain calls.
var providers = map[string][]sandbox.Option{
	"ETags and batch": nil,
	"ETags":           {sandbox.Without(sandbox.Batch)},
	"batch":           {sandbox.Without(sandbox.ETags)},
	"neither":         {sandbox.Without(sandbox.ETags, sandbox.Batch)},
	"new ids":         {sandbox.WithNewIDOnUpdate()},
}

// onZone runs a test against each kind of provider, with a client that does not
// wait between tries.
func onZone(t *testing.T, test func(t *testing.T, srv *hostertest.Server, client *hoster.Client)) {
	for name, options := range providers {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0)}, options...)...)
			test(t, srv, eagerClient(t, srv))
		})
	}
}

func eagerClient(t testing.TB, srv *hostertest.Server) *hoster.Client {
	return newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 3, MaxRetryAfter: time.Minute}))
}

// zoneOf is every record of the zone in one line each, but for those of the
// name and type.
func zoneOf(srv *hostertest.Server, but string) string {
	var lines []string
	srv.View(func(s *sandbox.State) {
		for _, r := range s.Records("example.com") {
			if line := r.Name + " " + r.Type; line != but {
				lines = append(lines, fmt.Sprintf("%s %s %d %s %v", line, r.ID, r.TTL, r.Value, r.UpdatedAt))
			}
		}
	})
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func values(srv *hostertest.Server, name, rrtype string) (found []string) {
	srv.View(func(s *sandbox.State) {
		for _, r := range s.Records("example.com") {
			if r.Name == name && r.Type == rrtype {
				found = append(found, r.Value)
			}
		}
	})
	slices.Sort(found)
	return found
}

func txt(texts ...string) (data []dnszone.Data) {
	for _, text := range texts {
		data = append(data, dnszone.TXT{Text: text})
	}
	return data
}

// TestVerbsReachNoFurtherThanTheySay: a zone of many records stays as it is
// outside the reach of each verb, and each verb is idempotent.
func TestVerbsReachNoFurtherThanTheySay(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		for i := range 6 {
			if _, err := client.DNS.Create(ctx, "example.com", hoster.RecordCreate{Type: "A", Name: fmt.Sprintf("n%d", i/2), Value: fmt.Sprintf("192.0.2.%d", 100+i)}); err != nil {
				t.Fatal(err)
			}
		}
		before := zoneOf(srv, "_acme-challenge TXT")
		if strings.Count(before, "\n") < 19 {
			t.Fatalf("the zone is too small for this test:\n%s", before)
		}
		step := func(what string, verb func(context.Context, string, hoster.RecordSet) (hoster.SetChange, error), set hoster.RecordSet, want ...string) {
			t.Helper()
			for again := range 2 {
				change, err := verb(ctx, "Example.com.", set)
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				if change.Written == (again == 1) || len(change.After) != len(want) {
					t.Errorf("%s, time %d: %+v", what, again+1, change)
				}
				if got := values(srv, "_acme-challenge", "TXT"); !slices.Equal(got, want) {
					t.Errorf("%s: %v", what, got)
				}
				if after := zoneOf(srv, "_acme-challenge TXT"); after != before {
					t.Errorf("%s touched a neighbour:\n%s\nwas\n%s", what, after, before)
				}
			}
		}
		dns := client.DNS
		name := "_ACME-challenge.example.com."
		step("append the first", dns.AppendValues, hoster.RecordSet{Name: name, TTL: hoster.Set(120), Values: txt("apex")}, "apex")
		step("append more", dns.AppendValues, hoster.RecordSet{Name: name, TTL: hoster.Set(999), Values: txt("wildcard", "third", "wildcard")}, "apex", "third", "wildcard")
		srv.View(func(s *sandbox.State) {
			for _, r := range s.Records("example.com") {
				if r.Name == "_acme-challenge" && r.TTL != 120 {
					t.Errorf("the TTL of the set is %d now", r.TTL)
				}
			}
		})
		step("remove one", dns.RemoveValues, hoster.RecordSet{Name: name, Values: txt("apex", "never there")}, "third", "wildcard")
		step("replace", dns.ReplaceSet, hoster.RecordSet{Name: name, TTL: hoster.Set(60), Values: txt("a", "b", "third")}, "a", "b", "third")
		step("TTL alone", dns.ReplaceSet, hoster.RecordSet{Name: name, TTL: hoster.Set(90), Values: txt("a", "b", "third")}, "a", "b", "third")
		step("replace all", dns.ReplaceSet, hoster.RecordSet{Name: name, Values: txt("z")}, "z")
		step("remove the last", dns.RemoveValues, hoster.RecordSet{Name: name, Values: txt("z")})
	})
}

// TestTwentyWritersOfOneSet through two clients: all twenty are there.
func TestTwentyWritersOfOneSet(t *testing.T) {
	for _, name := range []string{"ETags and batch", "ETags", "neither"} {
		t.Run(name, func(t *testing.T) {
			srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0)}, providers[name]...)...)
			clients := []*hoster.Client{eagerClient(t, srv), eagerClient(t, srv)}
			if name == "neither" {
				clients = clients[:1] // goroutines of one client take turns
			}
			var writers sync.WaitGroup
			for i := range 20 {
				writers.Go(func() {
					set := hoster.RecordSet{Name: "many", Values: txt(fmt.Sprintf("value %02d", i))}
					if _, err := clients[i%len(clients)].DNS.AppendValues(context.Background(), "example.com", set); err != nil {
						t.Errorf("writer %d: %v", i, err)
					}
				})
			}
			writers.Wait()
			if got := values(srv, "many", "TXT"); len(got) != 20 {
				t.Errorf("%d values: %v", len(got), got)
			}
		})
	}
}

// TestAnotherWriterIsMergedOrReported: what another client wrote stays, and a
// write that does not succeed or does not last is reported.
func TestAnotherWriterIsMergedOrReported(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		other := eagerClient(t, srv)
		ctx := context.Background()
		if _, err := other.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "shared", Values: txt("theirs")}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "shared", Values: txt("ours")}); err != nil {
			t.Fatal(err)
		}
		if got := values(srv, "shared", "TXT"); !slices.Equal(got, []string{"ours", "theirs"}) {
			t.Errorf("lost: %v", got)
		}
	})
	t.Run("for ever", func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
		client := eagerClient(t, srv)
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Status: 412, Body: `{"status":"error","code":"PRECONDITION_FAILED","message":"changed"}`})
		_, err := client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "shared", Values: txt("ours")})
		if !errors.Is(err, hoster.ErrConflict) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("lost without a version", func(t *testing.T) {
		srv := hostertest.New(t, sandbox.WithRateLimit(0, 0), sandbox.Without(sandbox.ETags))
		client := eagerClient(t, srv)
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Status: 201, Body: `{"status":"success","data":{"id":"rec_lost","type":"TXT","name":"shared","value":"ours","ttl":60}}`})
		_, err := client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "shared", Values: txt("ours")})
		if !errors.Is(err, hoster.ErrConflict) {
			t.Errorf("a write that does not last is not reported: %v", err)
		}
	})
}

func TestWhatTheProviderChangedIsReported(t *testing.T) {
	srv := hostertest.New(t)
	client := eagerClient(t, srv)
	srv.Inject(sandbox.Fault{Operation: "DNS.Create", Status: 201, Header: map[string][]string{"X-Zone-Etag": {`"z2"`}},
		Body: `{"status":"success","data":{"id":"rec_1","type":"CNAME","name":"alias","value":"other.example.net","ttl":600}}`})
	change, err := client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{
		Name: "alias", TTL: hoster.Set(60), Values: []dnszone.Data{dnszone.CNAME{Target: "Target.example.net"}},
	})
	want := []hoster.Adjustment{
		{Name: "alias", Type: "CNAME", Field: "ttl", Want: "60", Got: "600"},
		{Name: "alias", Type: "CNAME", Value: "target.example.net.", Field: "value", Want: "target.example.net", Got: "other.example.net"},
	}
	if err != nil || !slices.Equal(change.Adjusted, want) {
		t.Errorf("%+v, %v", change.Adjusted, err)
	}
}

func TestVerbArguments(t *testing.T) {
	client := mocked(t, "", "", nil)
	v4 := dnszone.A{Addr: netip.MustParseAddr("192.0.2.1")}
	var none context.Context
	for field, err := range map[string]error{
		"domain":   second(client.DNS.AppendValues(context.Background(), "", hoster.RecordSet{Values: txt("x")})),
		"name":     second(client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Name: "x.example.net.", Values: txt("x")})),
		"values.1": second(client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Values: []dnszone.Data{v4, dnszone.TXT{Text: "x"}}})),
		"values.0": second(client.DNS.AppendValues(context.Background(), "example.com", hoster.RecordSet{Values: []dnszone.Data{dnszone.A{}}})),
		"type":     second(client.DNS.RemoveValues(context.Background(), "example.com", hoster.RecordSet{})),
		"ttl":      second(client.DNS.ReplaceSet(context.Background(), "example.com", hoster.RecordSet{TTL: hoster.Set(-1), Values: txt("x")})),
		"values":   second(client.DNS.ReplaceSet(context.Background(), "example.com", hoster.RecordSet{Type: "TXT"})),
		"ctx":      second(client.DNS.AppendValues(none, "example.com", hoster.RecordSet{Values: txt("x")})),
	} {
		var argument *hoster.ArgumentError
		if !errors.As(err, &argument) || argument.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestACNAMEInTheWay is the API's own conflict, and not tried for ever.
func TestACNAMEInTheWay(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		if _, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "alias", Values: []dnszone.Data{dnszone.CNAME{Target: "target.example.net"}}}); err != nil {
			t.Fatal(err)
		}
		srv.ForgetRecords()
		_, err := client.DNS.AppendValues(ctx, "example.com", hoster.RecordSet{Name: "alias", Values: txt("x")})
		var answered *hoster.Error
		if !errors.As(err, &answered) || answered.Code != hoster.ErrorCodeRecordConflict || srv.Count("DNS.Create") > 2 {
			t.Errorf("tried %d times: %v", srv.Count("DNS.Create"), err)
		}
	})
}

// TestFind by natural keys, as an import has them.
func TestFind(t *testing.T) {
	client := eagerClient(t, hostertest.New(t))
	for text, want := range map[string]int{
		"example.com/@/MX": 2, "Example.com./example.com./mx/20 MAIL2.example.com.": 1, "example.com/_dmarc/TXT/v=DMARC1; p=none": 1,
		"example.com/www/A": 0, "example.com/@/MX/30 mail2.example.com": 0, "example.com/www/HTTPS": 0,
	} {
		key, err := dnszone.ParseKey(text)
		if err != nil {
			t.Fatal(err)
		}
		found, err := client.DNS.Find(context.Background(), key)
		if len(found) != want || errors.Is(err, hoster.ErrNotFound) != (want == 0) || want > 0 && err != nil {
			t.Errorf("%s: %v, %v", text, found, err)
		}
	}
	if _, err := client.DNS.Find(context.Background(), dnszone.Key{}); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Error(err)
	}
	gone, _ := dnszone.ParseKey("nobody.example/www/A")
	var answered *hoster.Error
	if _, err := client.DNS.Find(context.Background(), gone); !errors.Is(err, hoster.ErrNotFound) || !errors.As(err, &answered) {
		t.Errorf("no such domain: %v", err)
	}
}
