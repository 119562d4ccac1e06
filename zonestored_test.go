package hoster_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestAPlanIsPlainData: stored as JSON and read back it is the same, prints the
// same, and another client applies it.
func TestAPlanIsPlainData(t *testing.T) {
	zone := []hoster.RecordCreate{
		record("TXT", "x", "one"), record("TXT", "x", "kept"), record("TXT", "x", "theirs"), record("A", "y", "192.0.2.1"), record("A", "z", "192.0.2.1"),
		record("CNAME", "alias", "target.example.net"),
	}
	onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		ctx := context.Background()
		desired := []hoster.RecordCreate{
			record("TXT", "x", "two"), record("TXT", "x", "kept"), record("TXT", "x", "\"quoted\""), record("TXT", "x", "Latin-1 \xe4"),
			{Type: "A", Name: "y", Value: "192.0.2.1", TTL: hoster.Set(600)},
			{Type: "MX", Name: "alias", Value: "mail.example.net", Priority: hoster.Set(uint16(0))},
			{Type: "SRV", Name: "_sip._udp", Value: "sip.example.net", Priority: hoster.Set(uint16(1)), Weight: hoster.Set(uint16(2)), Port: hoster.Set(uint16(3)), TTL: hoster.Set(60)},
		}
		plan, err := client.DNS.PlanZone(ctx, "example.com", desired, &hoster.ZonePlanOptions{
			Names: []string{"x", "y", "z", "alias", "_sip._udp"}, MaxDeleteShare: 1,
			Owned: func(r hoster.Record) bool { return r.Value != "theirs" },
		})
		if err != nil || len(plan.Keeps) != 1 || len(plan.Others) != 1 {
			t.Fatalf("%+v, %v", plan, err)
		}
		read := throughJSON(t, plan)
		if read.String() != plan.String() {
			t.Errorf("printed:\n%s\nand read back:\n%s", plan, read)
		}
		result, err := eagerClient(t, srv).DNS.Apply(ctx, read, nil)
		if err != nil || len(result.Applied) != 6 {
			t.Errorf("%+v, %v", result, err)
		}
		if got := values(srv, "x", "TXT"); len(got) != 5 || !slices.Contains(got, "theirs") {
			t.Errorf("x holds %q", got)
		}
		plan, err = client.DNS.PlanZone(ctx, "example.com", append(desired, record("TXT", "x", "theirs")), &hoster.ZonePlanOptions{Names: []string{"x", "y", "z", "alias", "_sip._udp"}})
		if err != nil || !plan.IsEmpty() {
			t.Errorf("after it: %v, %v", plan, err)
		}
	})
}

// TestAPlanOfANameThatEndsTwice with the zone: such a record can be deleted.
func TestAPlanOfANameThatEndsTwice(t *testing.T) {
	srv := hostertest.New(t, sandbox.WithRateLimit(0, 0))
	client := eagerClient(t, srv)
	const name = "www.example.com.example.com."
	plan := &hoster.ZonePlan{Domain: "example.com", Deletes: []hoster.Record{{ID: "rec_1", Type: "A", Name: name, Value: "192.0.2.1"}}}
	if result, err := client.DNS.Apply(context.Background(), throughJSON(t, plan), nil); err != nil || !slices.Equal(result.Skipped, []string{"www.example.com.example.com. A"}) {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestAPlanThatMakesNoSense, whoever wrote it, is refused before anything is sent.
func TestAPlanThatMakesNoSense(t *testing.T) {
	client := mocked(t, "", "", nil)
	txt := func(name, value string) hoster.Record {
		return hoster.Record{ID: "rec_1", Type: "TXT", Name: name, Value: value, TTL: 60}
	}
	for field, plan := range map[string]hoster.ZonePlan{
		"plan.domain":             {Creates: []hoster.RecordCreate{record("TXT", "x", "one")}},
		"plan.creates.1.value":    {Domain: "example.com", Creates: []hoster.RecordCreate{record("A", "x", "192.0.2.1"), record("A", "x", "no")}},
		"plan.creates.0.name":     {Domain: "example.com", Creates: []hoster.RecordCreate{record("A", "x.example.net.", "192.0.2.1")}},
		"plan.creates.0":          {Domain: "example.com", Creates: []hoster.RecordCreate{record("NS", "@", "ns1.example.net")}},
		"plan.deletes.0":          {Domain: "example.com", Deletes: []hoster.Record{{Type: "NS", Name: "@", Value: "ns1.example.net"}}},
		"plan.updates.0":          {Domain: "example.com", Updates: []hoster.ZonePlanUpdate{{From: txt("x", "one"), To: record("TXT", "y", "two")}}},
		"plan.updates.0.value":    {Domain: "example.com", Updates: []hoster.ZonePlanUpdate{{From: txt("x", "one"), To: record("A", "x", "two")}}},
		"plan.deletes.1":          {Domain: "example.com", Deletes: []hoster.Record{txt("x", "one"), {Type: "A", Name: "x", Value: "no"}}},
		"plan.keeps.0":            {Domain: "example.com", Deletes: []hoster.Record{txt("x", "one")}, Keeps: []hoster.Record{txt("x.example.net.", "two")}},
		"plan.creates.2.ttl":      {Domain: "example.com", Creates: []hoster.RecordCreate{{Type: "A", Name: "x", Value: "192.0.2.1", TTL: hoster.Set(60)}, record("A", "y", "192.0.2.1"), {Type: "A", Name: "x", Value: "192.0.2.2", TTL: hoster.Set(90)}}},
		"Resume.Unfinished.0":     {Domain: "example.com", Deletes: []hoster.Record{txt("x", "one")}},
		"Resume.Adjusted.0.value": {Domain: "example.com", Deletes: []hoster.Record{txt("x", "two")}},
	} {
		options := &hoster.ApplyOptions{}
		switch field {
		case "Resume.Unfinished.0":
			options.Resume = &hoster.ApplyResult{Unfinished: []string{"y TXT"}}
		case "Resume.Adjusted.0.value":
			options.Resume = &hoster.ApplyResult{Adjusted: []hoster.Adjustment{{Name: "x", Type: "A", Value: "no", Field: "value"}}}
		}
		_, err := client.DNS.Apply(context.Background(), &plan, options)
		var argument *hoster.ArgumentError
		if !errors.As(err, &argument) || argument.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestAllProblemsOfAZoneAreTold at once, each with its place.
func TestAllProblemsOfAZoneAreTold(t *testing.T) {
	srv := hostertest.New(t)
	client := eagerClient(t, srv)
	fields := func(err error) (fields []string) {
		all, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("one error: %v", err)
		}
		for _, one := range all.Unwrap() {
			var argument *hoster.ArgumentError
			if errors.As(one, &argument) {
				fields = append(fields, argument.Field)
			}
		}
		return fields
	}
	_, err := client.DNS.PlanZone(t.Context(), "example.com", []hoster.RecordCreate{
		record("A", "x", "no"), record("A", "y.example.net.", "192.0.2.1"), record("HTTPS", "z", "1 ."), record("A", "z", "192.0.2.1"),
		record("CNAME", "@", "example.net"), record("CNAME", "z", "example.net"), {Type: "A", Name: "a", Value: "192.0.2.1", TTL: hoster.Set(1)},
	}, nil)
	if got := fields(err); !slices.Equal(got, []string{"desired.0.value", "desired.1.name", "desired.2", "desired.4.name", "desired.6.ttl", "desired.5.type"}) || srv.Count("DNS.List") != 0 {
		t.Errorf("before reading: %v, %v", got, err)
	}
	_, err = client.DNS.PlanZone(t.Context(), "example.com", []hoster.RecordCreate{
		record("TXT", "www", "x"), record("TXT", "free", "x"), record("TXT", "www", "y"),
	}, &hoster.ZonePlanOptions{Types: []hoster.RecordType{"TXT"}})
	if got := fields(err); !slices.Equal(got, []string{"desired.0.type", "desired.2.type"}) {
		t.Errorf("beside what stays: %v, %v", got, err)
	}
}

// TestAPlanTellsWhatItLeavesOut, why, and whether that differs.
func TestAPlanTellsWhatItLeavesOut(t *testing.T) {
	fake := &aReading{body: zoneBody(apexNS, `"type":"NS","name":"@","value":"ns2.provider.example","ttl":3600`,
		`"type":"A","name":"@","value":"192.0.2.1","ttl":300`, `"type":"HTTPS","name":"@","value":"1 . alpn=h2","ttl":300`, `"type":"HTTPS","name":"@","value":"2 . alpn=h3","ttl":300`,
		`"type":"HTTPS","name":"www","value":"1 .","ttl":300`, `"type":"A","name":"odd","value":"no address","ttl":300`)}
	server := httptest.NewServer(fake)
	defer server.Close()
	client := newTestClient(t, server.URL+"/v1", "token")
	ns := func(hosts ...string) (records []hoster.RecordCreate) {
		for _, host := range hosts {
			records = append(records, hoster.RecordCreate{Type: "NS", Name: "@", Value: host})
		}
		return append(records, record("A", "@", "192.0.2.1"))
	}
	https := func(name string) hoster.ZonePlanLeftOut {
		return hoster.ZonePlanLeftOut{Name: name, Type: "HTTPS", Reason: hoster.ZonePlanReasonUnknownType, Differs: true}
	}
	apex := func(differs bool) hoster.ZonePlanLeftOut {
		return hoster.ZonePlanLeftOut{Name: "@", Type: "NS", Reason: hoster.ZonePlanReasonApexNameservers, Differs: differs}
	}
	odd := hoster.ZonePlanLeftOut{Name: "odd", Type: "A", Reason: hoster.ZonePlanReasonUnreadable, Differs: true}
	for what, test := range map[string]struct {
		desired []hoster.RecordCreate
		options *hoster.ZonePlanOptions
		leftOut []hoster.ZonePlanLeftOut
		deletes int
	}{
		"no nameservers":          {ns(), nil, []hoster.ZonePlanLeftOut{https("@"), https("www"), odd}, 0},
		"those that are there":    {ns("NS1.provider.example.", "ns2.provider.example"), &hoster.ZonePlanOptions{Types: []hoster.RecordType{"A", "NS"}}, []hoster.ZonePlanLeftOut{odd, apex(false)}, 0},
		"one less":                {ns("ns1.provider.example"), &hoster.ZonePlanOptions{Types: []hoster.RecordType{"A"}, Names: []string{"@"}}, []hoster.ZonePlanLeftOut{apex(true)}, 0},
		"others":                  {ns("ns1.provider.example", "ns2.other.example"), &hoster.ZonePlanOptions{Names: []string{"@"}}, []hoster.ZonePlanLeftOut{https("@"), apex(true)}, 0},
		"all types":               {ns(), &hoster.ZonePlanOptions{AllTypes: true, MaxDeleteShare: 1}, []hoster.ZonePlanLeftOut{odd}, 3},
		"all types of some names": {ns(), &hoster.ZonePlanOptions{AllTypes: true, MaxDeleteShare: 1, Names: []string{"@"}}, nil, 2},
		"not owned":               {ns(), &hoster.ZonePlanOptions{Owned: func(r hoster.Record) bool { return r.Type == "A" && r.Name == "@" }}, nil, 0},
	} {
		plan, err := client.DNS.PlanZone(t.Context(), "example.com", test.desired, test.options)
		if err != nil || !slices.Equal(plan.LeftOut, test.leftOut) || len(plan.Deletes) != test.deletes || plan.IsEmpty() != (test.deletes == 0) {
			t.Errorf("%s: %+v, %v", what, plan, err)
			continue
		}
		for _, set := range test.leftOut {
			line := "! " + set.Name + " " + string(set.Type) + " is left out (" + string(set.Reason) + "), and differs\n"
			if strings.Contains(plan.String(), line) != set.Differs {
				t.Errorf("%s: printed as\n%s", what, plan)
			}
		}
		throughJSON(t, plan)
	}
}

// TestWhatIsNotOwnedNamesTheOption that says so, and a lone set of nameservers is
// told for what it is.
func TestWhatIsNotOwnedNamesTheOption(t *testing.T) {
	client := mocked(t, "", "", nil)
	a, https := record("A", "x", "192.0.2.1"), record("HTTPS", "x", "1 .")
	for what, test := range map[string]struct {
		desired hoster.RecordCreate
		options hoster.ZonePlanOptions
		text    string
	}{
		"unknown":             {https, hoster.ZonePlanOptions{}, "only with AllTypes, or where Types lists them"},
		"unknown, and owned":  {https, hoster.ZonePlanOptions{Owned: func(hoster.Record) bool { return true }}, "only with AllTypes, or where Types lists them"},
		"another type":        {a, hoster.ZonePlanOptions{Types: []hoster.RecordType{"HTTPS"}}, "Types does not list the type"},
		"another name":        {https, hoster.ZonePlanOptions{Names: []string{"y"}, AllTypes: true}, "Names does not list the name"},
		"Owned":               {a, hoster.ZonePlanOptions{Owned: func(hoster.Record) bool { return false }}, "Owned says that it is not"},
		"all and some types":  {a, hoster.ZonePlanOptions{AllTypes: true, Types: []hoster.RecordType{"A"}}, "AllTypes: expected no Types beside it"},
		"nameservers":         {record("NS", "@", "ns1.example.net"), hoster.ZonePlanOptions{}, "a record beside the nameservers of the apex"},
		"nameservers in full": {record("ns", "Example.com.", "ns1.example.net"), hoster.ZonePlanOptions{}, "a record beside the nameservers of the apex"},
	} {
		_, err := client.DNS.PlanZone(context.Background(), "example.com", []hoster.RecordCreate{test.desired}, &test.options)
		if !errors.Is(err, hoster.ErrInvalidArgument) || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "AllowEmpty") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestAShareHasAFloor: what is replaced at its name is not deleted, and one
// record may always go.
func TestAShareHasAFloor(t *testing.T) {
	zone := []hoster.RecordCreate{record("A", "x", "192.0.2.1"), record("A", "y", "192.0.2.1"), record("A", "y", "192.0.2.2"), record("A", "y", "192.0.2.3"), record("AAAA", "y", "2001:db8::1")}
	onZoneWith(t, []string{"neither"}, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		alias := func(name string) hoster.RecordCreate { return record("CNAME", name, "target.example.net") }
		for what, test := range map[string]struct {
			names   []string
			desired []hoster.RecordCreate
			share   float64
			ok      bool
		}{
			"another type of the only one":    {[]string{"x"}, []hoster.RecordCreate{alias("x")}, 0, true},
			"a small share":                   {[]string{"x"}, []hoster.RecordCreate{alias("x")}, 0.01, true},
			"the only one, another name":      {[]string{"x", "z"}, []hoster.RecordCreate{alias("z")}, 0, true},
			"another type of many":            {[]string{"y"}, []hoster.RecordCreate{alias("y")}, 0, false},
			"another type of many, all right": {[]string{"y"}, []hoster.RecordCreate{alias("y")}, 1, true},
			"as many of another type":         {[]string{"y"}, []hoster.RecordCreate{record("TXT", "y", "1"), record("TXT", "y", "2"), record("TXT", "y", "3")}, 0, true},
			"two of five":                     {[]string{"x", "y"}, zone[:3], 0, true},
			"three of five":                   {[]string{"x", "y"}, zone[:2], 0, false},
			"two of five, a small share":      {[]string{"x", "y"}, zone[:3], 0.3, false},
		} {
			_, err := client.DNS.PlanZone(t.Context(), "example.com", test.desired, &hoster.ZonePlanOptions{Names: test.names, MaxDeleteShare: test.share})
			if (err == nil) != test.ok || err != nil && !strings.Contains(err.Error(), "MaxDeleteShare allows more") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// TestAResultNamesWhatFailed, and what somebody else changed.
func TestAResultNamesWhatFailed(t *testing.T) {
	zone := []hoster.RecordCreate{record("TXT", "a", "old"), record("TXT", "b", "old"), record("TXT", "c", "old")}
	for place, failed := range map[string][]string{"update.1.value": {"c TXT"}, "create.1.value": {"d TXT"}, "create.99.value": {"a TXT", "b TXT", "c TXT", "d TXT"}, "delete.0": {"b TXT"}} {
		onZoneWith(t, []string{"ETags and batch", "batch"}, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
			desired := []hoster.RecordCreate{record("TXT", "a", "new"), record("TXT", "a", "newer"), record("TXT", "c", "new"), record("TXT", "d", "new")}
			plan := planFor(t, client, []string{"a", "b", "c", "d"}, desired...)
			srv.Inject(sandbox.Fault{Operation: "DNS.Batch", Status: 409, Body: `{"status":"error","code":"PROTECTED","message":"no","errors":{"` + place + `":["no"]}}`})
			result, err := client.DNS.Apply(t.Context(), plan, nil)
			if err == nil || !slices.Equal(result.Failed, failed) || len(result.Applied)+len(result.Unfinished)+len(result.Conflicts) != 0 || !strings.Contains(err.Error(), failed[0]) {
				t.Errorf("%s: %+v, %v", place, result, err)
			}
			again, err := client.DNS.Apply(t.Context(), plan, &hoster.ApplyOptions{Resume: throughJSON(t, &result)})
			if err != nil || again.Failed != nil {
				t.Errorf("%s, again: %+v, %v", place, again, err)
			}
		})
	}
	onZoneWith(t, allKinds, zone, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		plan := planFor(t, client, []string{"a", "b", "c"}, record("TXT", "a", "new"), record("TXT", "c", "new"), record("A", "c", "192.0.2.1"))
		verb(t, eagerClient(t, srv).DNS.AppendValues, "a", txt("theirs")...)
		srv.Inject(sandbox.Fault{Operation: "DNS.Create", Times: -1, Status: 422, Body: refusal})
		result, err := client.DNS.Apply(t.Context(), plan, &hoster.ApplyOptions{Concurrency: 1})
		if !errors.Is(err, hoster.ErrConflict) || !slices.Equal(result.Conflicts, []string{"a TXT"}) {
			t.Errorf("%+v, %v", result, err)
		}
		if single := errors.Is(err, hoster.ErrValidation); single != slices.Equal(result.Failed, []string{"c A"}) {
			t.Errorf("%+v, %v", result, err)
		}
	})
}
