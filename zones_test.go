package hoster_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func TestPointersAndOpts(t *testing.T) {
	if o := hoster.FromPtr[string](nil); !o.IsZero() || o.Ptr() != nil {
		t.Errorf("nil is %v", o)
	}
	if hoster.Null[int]().Ptr() != nil {
		t.Error("null has a value")
	}
	for _, text := range []string{"", "x"} {
		o := hoster.FromPtr(&text)
		p := o.Ptr()
		if got, ok := o.Get(); !ok || got != text || p == nil || *p != text || p == &text {
			t.Errorf("%q is %v", text, o)
		}
		*p = "changed"
		if got, _ := o.Get(); got != text {
			t.Errorf("the pointer leads into the Opt: %q", got)
		}
	}
}

// TestNewRecordUpdate: what NewRecord creates, NewRecordUpdate changes, for values as
// people write them.
func TestNewRecordUpdate(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client := must(hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken())))
	for rrtype, values := range map[hoster.RecordType][2]string{
		"MX":    {"10 mail.example.com", "20 Mail2.example.com."},
		"SRV":   {"1 2 443 a.example.net", "0 0 80 b.example.net"},
		"TXT":   {"v=spf1 include:a.example -all", `"in quotes"`},
		"A":     {"192.0.2.1", "192.0.2.2"},
		"CNAME": {"a.example.net", "B.example.net."},
		"CAA":   {"0 issue ca.example", `0 issuewild ";"`},
	} {
		name := "u-" + strings.ToLower(string(rrtype))
		record, err := client.DNS.Create(t.Context(), "example.com", hoster.NewRecord(name, must(dnszone.ParseInput(rrtype, values[0]))))
		if err != nil {
			t.Fatal(rrtype, err)
		}
		want := must(dnszone.ParseInput(rrtype, values[1]))
		changed, err := client.DNS.Update(t.Context(), "example.com", record.ID, hoster.NewRecordUpdate(want))
		if err != nil {
			t.Fatal(rrtype, err)
		}
		if got := must(changed.Data()); !dnszone.Equal(got, want) || changed.Name != name || changed.TTL != record.TTL {
			t.Errorf("%s: %v is not %v", rrtype, got, want)
		}
	}
}

// TestZoneOf: the longest zone that a name lies in, by one list of domains.
func TestZoneOf(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	srv.Update(func(st *sandbox.State) {
		for _, d := range []struct{ name, status string }{
			{"sub.example.com", "active"}, {"lost.sub.example.com", "transferred_away"}, {"old.example.com", "expired"}, {"pending.example.com", "pending"}, {"xn--mnchen-3ya.de", "active"},
		} {
			st.Domains = append(st.Domains, &sandbox.Domain{ID: "dom_" + d.name, Name: d.name, Status: d.status})
		}
	})
	client := must(hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken())))
	for name, want := range map[string]string{
		"example.com":               "example.com @",
		"www.example.com":           "example.com www",
		"WWW.Example.COM.":          "example.com www",
		"sub.example.com":           "sub.example.com @",
		"a.b.sub.example.com.":      "sub.example.com a.b",
		"x.lost.sub.example.com":    "sub.example.com x.lost",
		"_acme.old.example.com":     "old.example.com _acme",
		"pending.example.com":       "example.com pending",
		"www.münchen.de":            "xn--mnchen-3ya.de www",
		"notexample.com":            "",
		"com":                       "",
		"":                          "",
		"a..example.com":            "",
		"*.example.com":             "example.com *",
		"www.example.com.evil.test": "",
	} {
		before := srv.Count("Domains.List")
		got, err := client.DNS.ZoneOf(t.Context(), name)
		switch {
		case want == "" && !errors.Is(err, hoster.ErrNotFound):
			t.Errorf("%q: %v, %v", name, got, err)
		case want != "" && (err != nil || got.Zone()+" "+got.Relative() != want):
			t.Errorf("%q: %v, %v", name, got, err)
		}
		if n := srv.Count("Domains.List") - before; n != 1 || srv.Count("Domains.Get") > 0 {
			t.Errorf("%q: %d lists", name, n)
		}
	}
}

func TestSetsOf(t *testing.T) {
	records := []hoster.Record{
		{ID: "rec_1", Type: "TXT", Name: "www", Value: "b", TTL: 60},
		{ID: "rec_2", Type: "A", Name: "@", Value: "192.0.2.1", TTL: 300},
		{ID: "rec_3", Type: "TXT", Name: "WWW.example.com.", Value: "a", TTL: 60},
		{ID: "rec_4", Type: "A", Name: "www", Value: "192.0.2.2"},
	}
	got, err := hoster.SetsOf("example.com", records)
	want := []hoster.RecordSet{
		{Name: "@", Type: "A", TTL: hoster.Set(300), Values: []dnszone.Data{must(dnszone.Parse("A", "192.0.2.1"))}},
		{Name: "www", Type: "A", Values: []dnszone.Data{must(dnszone.Parse("A", "192.0.2.2"))}},
		{Name: "www", Type: "TXT", TTL: hoster.Set(60), Values: []dnszone.Data{dnszone.TXT{Text: "b"}, dnszone.TXT{Text: "a"}}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, wrong := range []hoster.Record{{ID: "rec_9", Type: "A", Name: "www", Value: "no address"}, {ID: "rec_9", Type: "A", Name: "a..b", Value: "192.0.2.1"}} {
		if _, err := hoster.SetsOf("example.com", append(records, wrong)); !errors.Is(err, hoster.ErrInvalidArgument) || !strings.Contains(err.Error(), "rec_9") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// TestWithAdjustments: what the provider stored otherwise is listed, and nothing else.
func TestWithAdjustments(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client := must(hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken())))
	change := func(member string, value any) {
		for _, op := range []string{"DNS.Create", "DNS.Update"} {
			srv.Inject(sandbox.Fault{Operation: op, Times: 1, Rewrite: func(items []map[string]any) []map[string]any {
				items[0][member] = value
				return items
			}})
		}
	}
	mx := hoster.RecordCreate{Type: "mx", Name: "adjusted", Value: "Mail.Example.NET.", Priority: hoster.Set[uint16](10), TTL: hoster.Set(60)}
	for _, test := range []struct {
		member string
		value  any
		want   string // field, wanted and got
	}{
		{"", nil, ""},
		{"ttl", 300, "ttl 60 300"},
		{"value", "other.example.net", "value mail.example.net other.example.net"},
		{"priority", 11, "priority 10 11"},
	} {
		if test.member != "" {
			change(test.member, test.value)
		}
		var created, updated []hoster.Adjustment
		record, err := client.DNS.Create(t.Context(), "Example.com", mx, hoster.WithAdjustments(&created))
		if err != nil {
			t.Fatal(err)
		}
		update := hoster.RecordUpdate{Value: hoster.Set(mx.Value), Priority: mx.Priority, TTL: mx.TTL}
		if _, err := client.DNS.Update(t.Context(), "example.com", record.ID, update, hoster.WithAdjustments(&updated)); err != nil {
			t.Fatal(err)
		}
		for verb, got := range map[string][]hoster.Adjustment{"Create": created, "Update": updated} {
			if text := listed(got); text != test.want {
				t.Errorf("%s, %s: %q", verb, test.member, text)
			}
			if len(got) > 0 && (got[0].Name != "adjusted" || got[0].Type != "MX") {
				t.Errorf("%s, %s: %+v", verb, test.member, got[0])
			}
		}
		if _, err := client.DNS.Update(t.Context(), "example.com", record.ID, hoster.RecordUpdate{TTL: hoster.Set(90)}, hoster.WithAdjustments(&updated)); err != nil || updated != nil {
			t.Errorf("%s, the TTL alone: %v, %v", test.member, updated, err)
		}
		if err := client.DNS.Delete(t.Context(), "example.com", record.ID); err != nil {
			t.Fatal(err)
		}
	}
	left := []hoster.Adjustment{{Field: "from before"}}
	if _, err := client.DNS.Update(t.Context(), "example.com", "rec_none", hoster.RecordUpdate{TTL: hoster.Set(60)}, hoster.WithAdjustments(&left)); err == nil || left != nil {
		t.Errorf("%v, %v", left, err)
	}
	if _, err := client.Domains.Get(t.Context(), "example.com", hoster.WithAdjustments(&left)); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
}

func listed(all []hoster.Adjustment) string {
	var texts []string
	for _, a := range all {
		texts = append(texts, a.Field+" "+a.Want+" "+a.Got)
	}
	return strings.Join(texts, "; ")
}
