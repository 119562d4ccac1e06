package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Terraform reads and writes each record by itself, ten at a time. The SDK makes few
// requests of that: one reading of a zone answers for all of its records, and writes that
// come together are one batch.

// zones are the zones that this run of Terraform writes to.
type zones struct {
	client *hoster.Client
	mu     sync.Mutex
	byName map[string]*zone
}

// zone reads and writes the records of one domain.
type zone struct {
	*hoster.ZoneSnapshot
	*hoster.ZoneWriter
	name   string
	gather gather
}

// gather lets writes go on together: as many as went on together before, since Terraform
// has as many under way, or those that have come when no more come for a while. On a busy
// machine they come further apart than a ZoneWriter waits.
type gather struct {
	mu        sync.Mutex
	coming, n int           // those that wait, and that went on together before
	open      chan struct{} // closed when they go on; nil while nobody waits
}

const (
	quiet    = 20 * time.Millisecond  // without another write, where as many have come as before
	patience = 400 * time.Millisecond // and where fewer have
	longest  = 2 * time.Second        // in all
)

// wait returns when the write may go on. The first that comes watches for the others.
func (g *gather) wait(ctx context.Context) {
	g.mu.Lock()
	g.coming++
	open, first := g.open, g.open == nil
	if first {
		open = make(chan struct{})
		g.open = open
	}
	g.mu.Unlock()
	if !first {
		select {
		case <-open:
		case <-ctx.Done():
		}
		return
	}
	begun, last, seen := time.Now(), time.Now(), 1
	for ctx.Err() == nil && time.Since(begun) < longest {
		g.mu.Lock()
		coming, before := g.coming, g.n
		g.mu.Unlock()
		if coming != seen {
			seen, last = coming, time.Now()
		}
		if idle := time.Since(last); idle >= patience || idle >= quiet && coming >= before {
			break
		}
		time.Sleep(quiet / 4)
	}
	g.mu.Lock()
	g.n, g.coming, g.open = g.coming, 0, nil
	g.mu.Unlock()
	close(open)
}

// of returns the zone that a name lies in.
func (z *zones) of(name dnszone.Name) *zone {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.byName == nil {
		z.byName = map[string]*zone{}
	}
	domain := name.Zone()
	if z.byName[domain] == nil {
		z.byName[domain] = &zone{ZoneSnapshot: z.client.DNS.Snapshot(domain), ZoneWriter: z.client.DNS.Writer(domain), name: domain}
	}
	return z.byName[domain]
}

// tries is how often a write is made whose outcome is not known, or that another one of
// the same run stood in the way of: Terraform does not order a record that goes before the
// one that comes in its place.
const tries = 3

// find returns the record of an id or, if there is none, the one that is equal.
func (z *zone) find(ctx context.Context, id string, rec dnszone.Record) (dnszone.Held, error) {
	r, err := z.Get(ctx, hoster.RecordID(id))
	if err == nil && r.Type == rec.Data.Type() {
		return heldOf(r, z.name), nil
	}
	if err != nil && !errors.Is(err, hoster.ErrNotFound) {
		return dnszone.Held{}, err
	}
	set, err := z.set(ctx, rec.Key())
	for _, h := range set {
		if h.Data != nil && dnszone.Equal(h.Data, rec.Data) {
			return h, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%w: there is no %s", hoster.ErrNotFound, dnszone.Key{Name: rec.Name, Type: rec.Data.Type(), Data: rec.Data})
	}
	return dnszone.Held{}, err
}

// set returns the records of a set.
func (z *zone) set(ctx context.Context, key dnszone.SetKey) ([]dnszone.Held, error) {
	records, err := z.Lookup(ctx, key.Name.FQDN(), key.Type)
	return heldsOf(records, z.name), err
}

// put makes the zone hold a record: a new one, or in the place of the one with that id.
// One that is there already is taken over.
func (z *zone) put(ctx context.Context, id string, old, want dnszone.Record) (dnszone.Held, error) {
	last := error(nil)
	for range tries {
		r, err := z.putOnce(ctx, id, want)
		if err == nil {
			return r, nil
		}
		last = err
		switch {
		case id != "" && errors.Is(err, hoster.ErrNotFound): // it has another id, or is gone
			r, err = z.find(ctx, "", old)
			if id = r.ID; err != nil && !errors.Is(err, hoster.ErrNotFound) {
				return r, err
			}
		case !errors.Is(err, hoster.ErrConflict) && !errors.Is(err, hoster.ErrOutcomeUnknown):
			return r, err
		default:
			z.Invalidate()
			r, err = z.find(ctx, "", want)
			if err == nil && id != "" && r.ID != id { // the same stands beside it
				err = z.take(ctx, id, old)
			}
			switch {
			case err == nil && (want.TTL == 0 || r.TTL == want.TTL):
				return r, nil
			case err == nil:
				id = r.ID
			case !errors.Is(err, hoster.ErrNotFound):
				return r, errors.Join(last, err)
			}
		}
	}
	return dnszone.Held{}, last
}

func (z *zone) putOnce(ctx context.Context, id string, want dnszone.Record) (dnszone.Held, error) {
	z.gather.wait(ctx)
	record := createOf(want)
	if id == "" {
		r, err := z.Create(ctx, record)
		return heldOf(r, z.name), err
	}
	r, err := z.Update(ctx, hoster.RecordID(id), hoster.RecordUpdate{
		Name: hoster.Set(record.Name), Value: hoster.Set(record.Value), TTL: record.TTL, Priority: record.Priority, Weight: record.Weight, Port: record.Port,
	})
	return heldOf(r, z.name), err
}

// take removes a record; one that is not there is success.
func (z *zone) take(ctx context.Context, id string, rec dnszone.Record) error {
	var err error
	for range tries {
		z.gather.wait(ctx)
		if err = z.Delete(ctx, hoster.RecordID(id)); err == nil || !errors.Is(err, hoster.ErrNotFound) && !errors.Is(err, hoster.ErrOutcomeUnknown) {
			return err
		}
		z.Invalidate()
		r, missing := z.find(ctx, id, rec) // it may have another id
		if missing != nil {
			return missing
		}
		id = r.ID
	}
	return err
}

// replace makes a set hold these values and no others. A set that is new to Terraform and
// holds other values is refused.
func (z *zone) replace(ctx context.Context, goal dnszone.Goal, isNew bool) (set []dnszone.Held, err error) {
	edit := hoster.SetEdit{Name: goal.Key.Name.FQDN(), Type: goal.Key.Type, Append: goal.Want, Replace: true}
	if goal.TTL != 0 {
		edit.TTL = hoster.Set(goal.TTL)
	}
	for range tries {
		if isNew {
			now, err := z.set(ctx, goal.Key)
			if err != nil {
				return nil, err
			}
			if others := goal.Compare(now).Others; len(others) > 0 {
				return nil, fmt.Errorf("there are other values of this name and type, such as %s: import the set as %s, or use hoster_dns_record to leave them alone", others[0].Fields.Value, dnszone.Key{Name: goal.Key.Name, Type: goal.Key.Type})
			}
			there := dataOf(now)
			edit.Expect = hoster.Set(there)
		}
		z.gather.wait(ctx)
		var change hoster.SetChange
		if change, err = z.Edit(ctx, edit); err == nil {
			return heldsOf(change.After, z.name), nil
		}
		if !errors.Is(err, hoster.ErrConflict) && !errors.Is(err, hoster.ErrOutcomeUnknown) {
			return nil, err
		}
		z.Invalidate()
	}
	return nil, err
}

// remove removes the values of a set, and no others.
func (z *zone) remove(ctx context.Context, goal dnszone.Goal) (err error) {
	for range tries {
		z.gather.wait(ctx)
		_, err = z.Edit(ctx, hoster.SetEdit{Name: goal.Key.Name.FQDN(), Type: goal.Key.Type, Remove: goal.Want})
		if !errors.Is(err, hoster.ErrOutcomeUnknown) {
			return err
		}
		z.Invalidate()
	}
	return err
}

// heldOf is a record in the form that goals work on.
func heldOf(r hoster.Record, zone string) dnszone.Held {
	h := dnszone.Held{ID: string(r.ID), Fields: dnszone.Fields{Type: r.Type, Value: r.Value, Priority: r.Priority, Weight: r.Weight, Port: r.Port}}
	h.TTL = r.TTL
	h.Name, _ = dnszone.ParseName(r.Name, zone)
	if data, err := r.Data(); err == nil {
		h.Data = dnszone.Canonical(data)
	}
	return h
}

func heldsOf(records []hoster.Record, zone string) []dnszone.Held {
	all := make([]dnszone.Held, len(records))
	for i, r := range records {
		all[i] = heldOf(r, zone)
	}
	return all
}

func createOf(r dnszone.Record) hoster.RecordCreate {
	c := hoster.NewRecord(r.Name.FQDN(), r.Data)
	if r.TTL != 0 {
		c.TTL = hoster.Set(r.TTL)
	}
	return c
}
