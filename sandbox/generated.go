package sandbox

import "slices"

// Zones that are larger than a server should hold: their records are made while
// they are read.

// generated are records that nobody holds: record i of n, from 0, is what of(i)
// returns.
type generated struct {
	n  int
	of func(i int) Record
}

// WithGeneratedRecords lets the zone of the domain end with n records that the
// server makes when a list shows them and does not keep: of returns record i,
// from 0, with an id of its own, and the same one each time. Lists show and
// filter them behind the zone's own records; no other operation knows them.
func WithGeneratedRecords(domain string, n int, of func(i int) Record) Option {
	return func(c *config) {
		if n <= 0 || of == nil {
			return
		}
		if c.generated == nil {
			c.generated = make(map[string]generated)
		}
		c.generated[domain] = generated{n, of}
	}
}

// listGenerated answers with a page of the zone's own records that were found,
// and of the generated ones behind them. Under a filter, which is not "", all of
// them are made once, to be counted.
func listGenerated(c *call, own []*Record, more generated, name, recordType string) *answer {
	if name == "" && recordType == "" {
		return listOf(c, len(own)+more.n, func(i int) *Record {
			if i < len(own) {
				return own[i]
			}
			r := more.of(i - len(own))
			return &r
		})
	}
	own = slices.Clip(own) // the zone's index may hold what follows
	for i := range more.n {
		r := more.of(i)
		if (name == "" || r.Name == name) && (recordType == "" || r.Type == recordType) {
			own = append(own, &r)
		}
	}
	return list(c, own, shownRecord)
}

func shownRecord(r *Record) *Record { return r }
