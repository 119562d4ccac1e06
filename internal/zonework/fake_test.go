package zonework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

// fake is a zone in memory.
type fake struct {
	mu       sync.Mutex
	records  []dnszone.Held
	version  int
	versions bool     // it tells versions, and holds writes to them
	batches  bool     // it has the batch endpoint
	lower    bool     // it stores texts in lower case
	minTTL   int      // it raises TTLs
	calls    []string // reads and writes
	before   func(call string) error
	after    func(call string) error
}

var (
	errMoved   = errors.New("moved")
	errExists  = errors.New("exists")
	errLacking = errors.New("no batches")
	errPage    = errors.New("a page")
	errLost    = errors.New("outcome unknown")
	errRefused = errors.New("refused")
)

type conflict struct {
	what  string
	cause error
}

func (e *conflict) Error() string { return "conflict: " + e.what }
func (e *conflict) Unwrap() error { return e.cause }

func (f *fake) Conflict(what string, cause error) error { return &conflict{what, cause} }

func (f *fake) Interrupted(cause, last error) error { return errors.Join(cause, last) }

func (f *fake) Weigh(err error) Judgement {
	return Judgement{
		Moved: errors.Is(err, errMoved), Exists: errors.Is(err, errExists),
		LacksBatch: errors.Is(err, errLacking) || errors.Is(err, errPage), FromAPI: errors.Is(err, errLacking),
		MayBeWritten: errors.Is(err, errLost),
	}
}

// call does one call, unless a hook refuses it.
func (f *fake) call(name, version string, do func() error) (string, error) {
	if f.before != nil {
		if err := f.before(name); err != nil {
			return "", err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, name)
	if version != "" && version != fmt.Sprint(f.version) {
		return "", errMoved
	}
	if err := do(); err != nil {
		return "", err
	}
	if f.after != nil {
		if err := f.after(name); err != nil {
			return "", err
		}
	}
	if !f.versions {
		return "", nil
	}
	f.version++
	return fmt.Sprint(f.version), nil
}

func (f *fake) count(name string) (n int) {
	for _, call := range f.calls {
		if strings.HasPrefix(call, name) {
			n++
		}
	}
	return n
}

func (f *fake) read(ctx context.Context, choose func(dnszone.Held) bool) (found []dnszone.Held, v Version, err error) {
	if err := ctx.Err(); err != nil {
		return nil, v, err
	}
	if f.before != nil {
		if err := f.before("read"); err != nil {
			return nil, v, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "read")
	for _, r := range f.records {
		if choose(r) {
			found = append(found, r)
		}
	}
	if f.versions {
		v.Tag = fmt.Sprint(f.version)
	}
	return found, v, nil
}

func (f *fake) ReadSet(ctx context.Context, set dnszone.SetKey) ([]dnszone.Held, Version, error) {
	return f.read(ctx, func(r dnszone.Held) bool { return r.Key() == set })
}

func (f *fake) ReadAll(ctx context.Context) ([]dnszone.Held, Version, error) {
	return f.read(ctx, func(dnszone.Held) bool { return true })
}

func (f *fake) put(r dnszone.Held) (dnszone.Held, error) {
	if text, ok := r.Data.(dnszone.TXT); ok && f.lower {
		r.Data = dnszone.TXT{Text: strings.ToLower(text.Text)}
	}
	r.Fields = dnszone.ToFields(r.Data)
	r.TTL = max(r.TTL, f.minTTL)
	for i := range f.records {
		switch other := &f.records[i]; {
		case other.Name != r.Name:
		case r.Fields.Type == "CNAME", other.Fields.Type == "CNAME", other.Data == r.Data:
			return r, errExists
		case other.Key() == r.Key() && r.TTL != 0:
			other.TTL = r.TTL
		case other.Key() == r.Key():
			r.TTL = other.TTL
		}
	}
	if r.TTL == 0 {
		r.TTL = 3600
	}
	f.records = append(f.records, r)
	return r, nil
}

func (f *fake) drop(id string) (was dnszone.Held, err error) {
	i := slices.IndexFunc(f.records, func(r dnszone.Held) bool { return r.ID == id })
	if i < 0 {
		return was, errMoved
	}
	was = f.records[i]
	f.records = slices.Delete(f.records, i, i+1)
	return was, nil
}

func (f *fake) update(c dnszone.Change) (r dnszone.Held, err error) {
	if r, err = f.drop(c.ID); err != nil {
		return r, err
	}
	if c.TTL != 0 {
		r.TTL = c.TTL
	}
	if c.Data != nil {
		r.Data = c.Data
	}
	return f.put(r)
}

func (f *fake) create(r dnszone.Record) (dnszone.Held, error) {
	return f.put(dnszone.Held{ID: fmt.Sprintf("%s %v", r.Name, r.Data), Record: r})
}

func (f *fake) Batch(_ context.Context, changes dnszone.Changes, version string) (result Result, now string, err error) {
	now, err = f.call(fmt.Sprint("batch of ", changes.Len()), version, func() error {
		if !f.batches {
			return errLacking
		}
		undo := slices.Clone(f.records)
		err := func() error {
			for _, id := range changes.Delete {
				if _, err := f.drop(id); err != nil {
					return err
				}
			}
			for _, c := range changes.Update {
				r, err := f.update(c)
				if err != nil {
					return err
				}
				result.Updated = append(result.Updated, r)
			}
			for _, c := range changes.Create {
				r, err := f.create(c)
				if err != nil {
					return err
				}
				result.Created = append(result.Created, r)
			}
			return nil
		}()
		if err != nil {
			f.records = undo
		}
		return err
	})
	return result, now, err
}

func (f *fake) Update(_ context.Context, c dnszone.Change, version string) (r dnszone.Held, now string, err error) {
	now, err = f.call("update "+c.ID, version, func() (err error) { r, err = f.update(c); return err })
	return r, now, err
}

func (f *fake) Create(_ context.Context, record dnszone.Record, version string) (r dnszone.Held, now string, err error) {
	now, err = f.call(fmt.Sprintf("create %s %s", record.Name, record.Data.Type()), version, func() (err error) { r, err = f.create(record); return err })
	return r, now, err
}

func (f *fake) Delete(_ context.Context, id, version string) (string, error) {
	return f.call("delete "+id, version, func() error { _, err := f.drop(id); return err })
}

func nameIn(t *testing.T, name string) dnszone.Name {
	t.Helper()
	n, err := dnszone.ParseName(name, "example.com")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// holds are the values of the name, in order.
func (f *fake) holds(name string) (values []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.records {
		if r.Name.Relative() == name {
			values = append(values, r.Fields.Value)
		}
	}
	slices.Sort(values)
	return values
}

// add puts a record there as another writer does.
func (f *fake) add(t *testing.T, name string, rrtype dnszone.Type, value string) {
	t.Helper()
	data, err := dnszone.FromFields(dnszone.Fields{Type: rrtype, Value: value})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.create(dnszone.Record{Name: nameIn(t, name), Data: dnszone.Canonical(data)}); err != nil {
		t.Fatal(err)
	}
	f.version++
}

func texts(values ...string) (data []dnszone.Data) {
	for _, value := range values {
		data = append(data, dnszone.TXT{Text: value})
	}
	return data
}
