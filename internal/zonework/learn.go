package zonework

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
)

// Adjusted is a field of a record that the provider changed silently.
type Adjusted struct {
	Set       dnszone.SetKey
	Data      dnszone.Data // the value that was sent, nil where it is about the TTL of the set
	Field     string       // "ttl", "value", "priority", "weight" or "port"
	Want, Got string
}

// note remembers in a goal what the provider stored, and tells where that is not
// what was sent. before is what the set held.
func note(g *dnszone.Goal, before []dnszone.Held, sent dnszone.Changes, got Result) (all []Adjusted) {
	own := 0 // the TTL that stays where none is sent
	if len(before) > 0 {
		own = before[0].TTL
	}
	for i, r := range got.Updated[:min(len(got.Updated), len(sent.Update))] {
		all = append(all, compare(g, r, sent.Update[i].Data, sent.Update[i].TTL, own)...)
	}
	for i, r := range got.Created[:min(len(got.Created), len(sent.Create))] {
		all = append(all, compare(g, r, sent.Create[i].Data, sent.Create[i].TTL, own)...)
	}
	return all
}

// Adjustments tells where a record that was answered is not what was sent. A ttl of 0
// was not sent.
func Adjustments(got dnszone.Held, sent dnszone.Data, ttl int) []Adjusted {
	return compare(&dnszone.Goal{Key: got.Key()}, got, sent, ttl, 0)
}

// compare holds one answer against what was sent.
func compare(g *dnszone.Goal, r dnszone.Held, sent dnszone.Data, ttl, own int) (all []Adjusted) {
	if ttl != 0 && r.TTL != ttl {
		g.Stored.TTL = r.TTL
	}
	if should := cmp.Or(ttl, own); should != 0 && r.TTL != should {
		all = append(all, Adjusted{g.Key, nil, "ttl", strconv.Itoa(should), strconv.Itoa(r.TTL)})
	}
	if sent == nil {
		return all
	}
	want := dnszone.ToFields(sent)
	if want.Value != r.Fields.Value {
		all = append(all, Adjusted{g.Key, sent, "value", want.Value, r.Fields.Value})
	}
	numbers := []struct {
		field     string
		want, got *uint16
	}{
		{"priority", want.Priority, r.Fields.Priority}, {"weight", want.Weight, r.Fields.Weight}, {"port", want.Port, r.Fields.Port},
	}
	for _, n := range numbers {
		if n.want != nil && n.got != nil && *n.want != *n.got {
			all = append(all, Adjusted{g.Key, sent, n.field, strconv.Itoa(int(*n.want)), strconv.Itoa(int(*n.got))})
		}
	}
	remember(g, sent, r.Data)
	return all
}

// remember takes what is stored for what was sent.
func remember(g *dnszone.Goal, sent, stored dnszone.Data) {
	sent = dnszone.Canonical(sent)
	if sent == nil || stored == nil || sent == stored {
		return
	}
	if g.Stored.Values == nil {
		g.Stored.Values = map[dnszone.Data]dnszone.Data{}
	}
	g.Stored.Values[sent] = stored
}

// explain finds out why the API says of missing values that they are there
// already: it has them in another case.
func explain(g *dnszone.Goal, now []dnszone.Held) (all []Adjusted) {
	is := g.Compare(now)
	for _, v := range is.Missing {
		want := dnszone.ToFields(v)
		for _, r := range is.Others {
			if strings.EqualFold(r.Fields.Value, want.Value) && equalNumbers(r.Fields, want) {
				all = append(all, Adjusted{g.Key, v, "value", want.Value, r.Fields.Value})
				remember(g, v, r.Data)
				break
			}
		}
	}
	return all
}

func equalNumbers(a, b dnszone.Fields) bool {
	same := func(x, y *uint16) bool { return (x == nil) == (y == nil) && (x == nil || *x == *y) }
	return same(a.Priority, b.Priority) && same(a.Weight, b.Weight) && same(a.Port, b.Port)
}

// recall makes a goal remember what an earlier application told.
func recall(g *dnszone.Goal, all []Adjusted) {
	for i, a := range all {
		if a.Set != g.Key {
			continue
		}
		if a.Data == nil {
			if got, err := strconv.Atoi(a.Got); err == nil && a.Want == strconv.Itoa(g.TTL) {
				g.Stored.TTL = got
			}
			continue
		}
		same := func(other Adjusted) bool { return other.Set == a.Set && dnszone.Equal(other.Data, a.Data) }
		if slices.ContainsFunc(all[:i], same) {
			continue // taken up with the first
		}
		stored := dnszone.ToFields(a.Data)
		for _, other := range all[i:] {
			if same(other) {
				setField(&stored, other.Field, other.Got)
			}
		}
		if data, err := dnszone.FromFields(stored); err == nil {
			remember(g, a.Data, dnszone.Canonical(data))
		}
	}
}

func setField(f *dnszone.Fields, field, text string) {
	number, err := strconv.ParseUint(text, 10, 16)
	n := uint16(number)
	switch {
	case field == "value":
		f.Value = text
	case err != nil:
	case field == "priority":
		f.Priority = &n
	case field == "weight":
		f.Weight = &n
	case field == "port":
		f.Port = &n
	}
}
