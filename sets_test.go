package hoster_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/hostertest"
)

func textsOf(values ...string) (data []dnszone.Data) {
	for _, v := range values {
		data = append(data, dnszone.TXT{Text: v})
	}
	return data
}

// TestASetIsCreatedOnce: what is there stays, and is told.
func TestASetIsCreatedOnce(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		before := zoneOf(srv, "new TXT")
		set := hoster.RecordSet{Name: "new", Values: textsOf("one", "two"), TTL: hoster.Set(600)}
		change, err := client.DNS.CreateSet(t.Context(), "example.com", set)
		if err != nil || !change.Written || len(change.Before) != 0 || len(change.After) != 2 || !slices.Equal(values(srv, "new", "TXT"), []string{"one", "two"}) {
			t.Fatalf("%+v, %v", change, err)
		}
		set.Values = textsOf("three")
		change, err = client.DNS.CreateSet(t.Context(), "example.com", set)
		if !errors.Is(err, hoster.ErrConflict) || change.Written || len(change.Before) != 2 || !slices.Equal(values(srv, "new", "TXT"), []string{"one", "two"}) {
			t.Errorf("again: %+v, %v", change, err)
		}
		if change, err = client.DNS.DeleteSet(t.Context(), "example.com", "NEW.example.com.", "txt"); err != nil || len(change.Before) != 2 || len(change.After) != 0 || !change.Written {
			t.Errorf("deleting: %+v, %v", change, err)
		}
		if change, err = client.DNS.DeleteSet(t.Context(), "example.com", "new", "TXT"); err != nil || change.Written {
			t.Errorf("deleting again: %+v, %v", change, err)
		}
		if after := zoneOf(srv, "new TXT"); after != before {
			t.Errorf("other records changed:\n%s\n%s", before, after)
		}
	})
}

// TestASetIsReplacedAsExpected: compare and set.
func TestASetIsReplacedAsExpected(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		edit := func(expect hoster.Opt[[]dnszone.Data], values ...string) (hoster.SetChange, error) {
			changes, err := client.DNS.EditSets(t.Context(), "example.com", []hoster.SetEdit{{
				Name: "cas", Type: "TXT", Append: textsOf(values...), Replace: true, Expect: expect,
			}})
			if len(changes) != 1 {
				return hoster.SetChange{}, err
			}
			return changes[0], err
		}
		for _, step := range []struct {
			expect hoster.Opt[[]dnszone.Data]
			values string
			ok     bool
		}{
			{hoster.Set(textsOf("absent")), "a", false},
			{hoster.Set(textsOf()), "a", true},
			{hoster.Set(textsOf()), "b", false},
			{hoster.Set(textsOf("b")), "c", false},
			{hoster.Set(textsOf("a", "b")), "c", false},
			{hoster.Set(textsOf("a", "a")), "b", true},
			{hoster.Opt[[]dnszone.Data]{}, "c", true},
		} {
			before := values(srv, "cas", "TXT")
			change, err := edit(step.expect, step.values)
			now := values(srv, "cas", "TXT")
			switch {
			case step.ok && (err != nil || !slices.Equal(now, []string{step.values})):
				t.Errorf("%v, %s: %v, %v", step.expect, step.values, now, err)
			case !step.ok && (!errors.Is(err, hoster.ErrConflict) || change.Written || !slices.Equal(now, before) || len(change.Before) != len(before)):
				t.Errorf("%v, %s: %+v, %v, %v", step.expect, step.values, change, now, err)
			}
		}
	})
}

// TestTwentyWritersOfDifferentSets: none of them ends in a conflict, and each set
// holds what its writer made of it.
func TestTwentyWritersOfDifferentSets(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		other := eagerClient(t, srv) // takes no turns with the first
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				name := func(part string) string { return fmt.Sprint(part, i) }
				c := []*hoster.Client{client, other}[i%2]
				_, err := c.DNS.EditSets(t.Context(), "example.com", []hoster.SetEdit{
					{Name: name("x"), Append: textsOf("one"), Expect: hoster.Set(textsOf())},
					{Name: name("y"), Append: textsOf("two", "three"), Replace: true},
				})
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		for i := range 20 {
			if x, y := values(srv, fmt.Sprint("x", i), "TXT"), values(srv, fmt.Sprint("y", i), "TXT"); !slices.Equal(x, []string{"one"}) || !slices.Equal(y, []string{"three", "two"}) {
				t.Errorf("set %d: %v, %v", i, x, y)
			}
		}
	})
}

// TestSeveralSetsAtOnce: one batch where there is one, all or nothing there, and
// errors that name the set.
func TestSeveralSetsAtOnce(t *testing.T) {
	onZone(t, func(t *testing.T, srv *hostertest.Server, client *hoster.Client) {
		edits := []hoster.SetEdit{
			{Name: "a", Append: textsOf("1"), Expect: hoster.Set(textsOf())},
			{Name: "b", Append: textsOf("2")},
			{Name: "c", Append: textsOf("3"), Replace: true},
			{Name: "d", Type: "TXT", Delete: true},
		}
		changes, err := client.DNS.EditSets(t.Context(), "example.com", edits)
		if err != nil || len(changes) != 4 || !changes[0].Written || !changes[2].Written || changes[3].Written {
			t.Fatalf("%+v, %v", changes, err)
		}
		for i, c := range changes[:3] {
			if len(c.After) != 1 || c.After[0].Name != edits[i].Name {
				t.Errorf("edit %d: %+v", i, c)
			}
		}
		// A CNAME cannot stand beside the A record of www: the error says so of its set.
		changes, err = client.DNS.EditSets(t.Context(), "example.com", []hoster.SetEdit{
			{Name: "first", Append: textsOf("1")},
			{Name: "www", Append: []dnszone.Data{dnszone.CNAME{Target: "example.net"}}},
		})
		if err == nil || !strings.Contains(err.Error(), "www CNAME") || len(changes) != 2 || changes[1].Written {
			t.Errorf("%+v, %v", changes, err)
		}
		if strings.Contains(err.Error(), "create.") {
			t.Errorf("it names a place in a batch that the caller did not make: %v", err)
		}
	})
}

func TestEditArguments(t *testing.T) {
	srv := hostertest.New(t)
	client := eagerClient(t, srv)
	good := hoster.SetEdit{Name: "a", Append: textsOf("1")}
	for field, edits := range map[string][]hoster.SetEdit{
		"edits":                   {},
		"edits.0.values":          {{Name: "a", Type: "TXT", Replace: true}},
		"edits.1.set":             {good, {Name: "A.example.com.", Type: "txt", Remove: textsOf("2")}},
		"edits.1.values":          {good, {Name: "b", Replace: true, Remove: textsOf("1")}},
		"edits.0.type":            {{Name: "a", Delete: true}},
		"edits.0.delete":          {{Name: "a", Append: textsOf("1"), Delete: true}},
		"edits.0.values.1":        {{Name: "a", Append: textsOf("1"), Remove: []dnszone.Data{dnszone.CNAME{Target: "example.net"}}}},
		"edits.0.expect.values.0": {{Name: "a", Append: textsOf("1"), Expect: hoster.Set([]dnszone.Data{dnszone.CNAME{Target: "example.net"}})}},
	} {
		var argument *hoster.ArgumentError
		changes, err := client.DNS.EditSets(t.Context(), "example.com", edits)
		if !errors.As(err, &argument) || argument.Field != field || argument.Operation != "DNS.EditSets" || changes != nil {
			t.Errorf("%s: %+v, %v", field, changes, err)
		}
	}
	if n := srv.Count("DNS.List"); n != 0 {
		t.Errorf("%d requests", n)
	}
}
