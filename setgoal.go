package hoster

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-hoster/hoster/dnszone"
)

// setGoal is what one record set is to hold. It says what is to be done from
// whatever the set holds now, nothing if it is there, so that verbs and plans
// reach it step by step, beside other writers, and after failures.
type setGoal struct {
	name    string
	want    []dnszone.Data    // what has to be there
	drop    func(Record) bool // whether a record that is not wanted has to go
	ttl     Opt[int]          // of the whole set; absent: as it is
	keepTTL bool              // of a set that exists, whatever ttl says

	// A provider that stores something else than was sent has still stored it.
	stored    map[dnszone.Data]dnszone.Data // by the value that was sent
	storedTTL int                           // instead of ttl; 0 where it is the same
	ownTTL    int                           // of the set, as it was found; 0 for none
}

// edit is what makes the set as wanted: a value that becomes another is an
// update, so that the set is never empty in between.
func (g *setGoal) edit(now []Record) (batch RecordBatch) {
	missing, rest := g.missing(now)
	var gone, kept []Record
	for _, r := range rest.others {
		if g.drop(r) {
			gone = append(gone, r)
		} else {
			kept = append(kept, r)
		}
	}
	kept = append(kept, rest.wanted...)
	ttl := g.ttl
	if len(now) > 0 {
		g.ownTTL = now[0].TTL
		if g.keepTTL {
			ttl = Opt[int]{}
		}
	}
	changed := min(len(missing), len(gone))
	for i, v := range missing[:changed] {
		batch.Update = append(batch.Update, BatchUpdate{ID: gone[i].ID, RecordUpdate: updateTo(v, ttl)})
	}
	for _, v := range missing[changed:] {
		record := NewRecord(g.name, v)
		record.TTL = ttl
		batch.Create = append(batch.Create, record)
	}
	for _, r := range gone[changed:] {
		batch.Delete = append(batch.Delete, r.ID)
	}
	if len(missing) == 0 {
		batch.Update = g.retime(kept, ttl)
	}
	return batch
}

// sorted is what a set holds: what is wanted, and the rest.
type sorted struct{ wanted, others []Record }

// missing lists the wanted values that are not there, each once, and sorts what
// is.
func (g *setGoal) missing(now []Record) (missing []dnszone.Data, rest sorted) {
	there := map[dnszone.Data]bool{}
	for _, r := range now {
		if v, ok := r.canonical(); ok {
			there[v] = true
		}
	}
	wanted := map[dnszone.Data]bool{}
	for _, v := range g.want {
		v = dnszone.Canonical(v)
		if wanted[v] {
			continue
		}
		wanted[v] = true
		instead, changed := g.stored[v]
		if changed {
			wanted[instead] = true
		}
		if !there[v] && !(changed && there[instead]) {
			missing = append(missing, v)
		}
	}
	for _, r := range now {
		if v, ok := r.canonical(); ok && wanted[v] {
			rest.wanted = append(rest.wanted, r)
		} else {
			rest.others = append(rest.others, r)
		}
	}
	return missing, rest
}

// retime sets the TTL of a set that gets no value: one record does it for all,
// but where their TTLs differ the provider has not kept to that.
func (g *setGoal) retime(kept []Record, ttl Opt[int]) (updates []BatchUpdate) {
	mixed := slices.ContainsFunc(kept, func(r Record) bool { return r.TTL != kept[0].TTL })
	for _, r := range kept {
		if g.hasTTL(r, ttl) || len(updates) > 0 && !mixed {
			continue
		}
		updates = append(updates, BatchUpdate{ID: r.ID, RecordUpdate: RecordUpdate{TTL: ttl}})
	}
	return updates
}

// hasTTL reports a record whose TTL is the wanted one, or what the provider
// made of it.
func (g *setGoal) hasTTL(r Record, ttl Opt[int]) bool {
	want, given := ttl.Get()
	return !given || r.TTL == want || r.TTL == g.storedTTL
}

// canonical is the record's value as the key of a map; of one that cannot be
// read there is none.
func (r Record) canonical() (dnszone.Data, bool) {
	data, err := r.Data()
	return dnszone.Canonical(data), err == nil
}

// updateTo makes a record hold another value of its type.
func updateTo(v dnszone.Data, ttl Opt[int]) RecordUpdate {
	f := dnszone.ToFields(v)
	return RecordUpdate{Value: Set(f.Value), TTL: ttl, Priority: optOf(f.Priority), Weight: optOf(f.Weight), Port: optOf(f.Port)}
}

// note remembers what the provider stored, and tells where that is not what was
// sent.
func (g *setGoal) note(sent RecordBatch, got BatchResult) (adjusted []Adjustment) {
	for i, r := range got.Updated[:min(len(got.Updated), len(sent.Update))] {
		u := sent.Update[i]
		adjusted = append(adjusted, g.compare(r, u.TTL, u.Value, u.Priority, u.Weight, u.Port)...)
	}
	for i, r := range got.Created[:min(len(got.Created), len(sent.Create))] {
		c := sent.Create[i]
		adjusted = append(adjusted, g.compare(r, c.TTL, Set(c.Value), c.Priority, c.Weight, c.Port)...)
	}
	return adjusted
}

// compare holds one answer against what was sent.
func (g *setGoal) compare(r Record, ttl Opt[int], value Opt[string], numbers ...Opt[uint16]) (adjusted []Adjustment) {
	differ := func(field, want, got string) {
		if want != got {
			adjusted = append(adjusted, Adjustment{r.Name, r.Type, field, want, got})
		}
	}
	if want, ok := ttl.Get(); ok {
		if differ("ttl", strconv.Itoa(want), strconv.Itoa(r.TTL)); r.TTL != want {
			g.storedTTL = r.TTL
		}
	} else if g.ownTTL != 0 { // which should have stayed
		differ("ttl", strconv.Itoa(g.ownTTL), strconv.Itoa(r.TTL))
	}
	text, ok := value.Get()
	if !ok {
		return adjusted
	}
	differ("value", text, r.Value)
	for i, got := range []*uint16{r.Priority, r.Weight, r.Port} {
		if want, ok := numbers[i].Get(); ok && got != nil {
			differ([]string{"priority", "weight", "port"}[i], strconv.Itoa(int(want)), strconv.Itoa(int(*got)))
		}
	}
	sent := Record{Type: r.Type, Value: text, Priority: pointerOf(numbers[0]), Weight: pointerOf(numbers[1]), Port: pointerOf(numbers[2])}
	g.remember(sent, r)
	return adjusted
}

// remember takes what is stored for what was sent.
func (g *setGoal) remember(sent, stored Record) {
	want, sentOK := sent.canonical()
	got, storedOK := stored.canonical()
	if sentOK && storedOK && want != got {
		if g.stored == nil {
			g.stored = map[dnszone.Data]dnszone.Data{}
		}
		g.stored[want] = got
	}
}

// explain finds out why the API says of missing values that they are there
// already: it has them in another case.
func (g *setGoal) explain(now []Record) (adjusted []Adjustment) {
	missing, rest := g.missing(now)
	for _, v := range missing {
		want := NewRecord(g.name, v).asRecord()
		for _, r := range rest.others {
			if strings.EqualFold(r.Value, want.Value) && equalNumbers(r, want) {
				adjusted = append(adjusted, Adjustment{r.Name, r.Type, "value", want.Value, r.Value})
				g.remember(want, r)
				break
			}
		}
	}
	return adjusted
}

func equalNumbers(a, b Record) bool {
	same := func(x, y *uint16) bool { return (x == nil) == (y == nil) && (x == nil || *x == *y) }
	return same(a.Priority, b.Priority) && same(a.Weight, b.Weight) && same(a.Port, b.Port)
}
