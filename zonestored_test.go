package hoster_test

import (
	"context"
	"errors"
	"slices"
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
	if result, err := client.DNS.Apply(context.Background(), throughJSON(t, plan), nil); err != nil || !slices.Equal(result.Skipped, []string{"www.example.com A"}) {
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
		"plan.creates.2":          {Domain: "example.com", Creates: []hoster.RecordCreate{{Type: "A", Name: "x", Value: "192.0.2.1", TTL: hoster.Set(60)}, record("A", "y", "192.0.2.1"), {Type: "A", Name: "x", Value: "192.0.2.2", TTL: hoster.Set(90)}}},
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
