// Package zone holds the DNS records of a domain and the API's rules about them:
// how a record is written, which records stand together, and what a change does
// to the rest of its set.
package zone

import (
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// Record is a DNS record. Its name is relative to the zone, "@" at the apex.
type Record struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Name      string    `json:"name"`
	Value     string    `json:"value"`
	TTL       int       `json:"ttl"`
	Priority  *int      `json:"priority"`
	Weight    *int      `json:"weight"`
	Port      *int      `json:"port"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// UsualTTL is that of a record set whose TTL nobody has chosen.
const UsualTTL = 3600

// ProviderNameservers are the provider's own: where all nameservers of a domain
// are among them, its zone answers for it.
func ProviderNameservers() []string { return slices.Clone(providerNameservers) }

var providerNameservers = []string{"ns1.provider.example", "ns2.provider.example"}

// Rules say which record types a provider takes beside the contract's.
type Rules struct {
	Further []string
}

// IsFurther reports whether the name is that of a type that a provider can take
// beside the contract's: upper-case letters, digits and hyphens. SOA is none, as
// it is never listed.
func IsFurther(name string) bool {
	shaped := name != "" && len(name) <= 63 && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
	return shaped && name != "SOA" && !slices.Contains(types, name)
}

// Takes reports whether there can be records of that type.
func (rules Rules) Takes(recordType string) bool {
	return slices.Contains(types, recordType) || slices.Contains(rules.Further, recordType)
}

func (rules Rules) typeProblem() string {
	return "must be one of " + strings.Join(slices.Concat(types, rules.Further), ", ")
}

// types are the contract's, in its order.
var types = []string{"A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA"}

// number is a member that only some types have.
type number struct {
	name  string
	of    func(*Record) **int
	types []string
}

var numbers = []number{
	{"priority", func(r *Record) **int { return &r.Priority }, []string{"MX", "SRV"}},
	{"weight", func(r *Record) **int { return &r.Weight }, []string{"SRV"}},
	{"port", func(r *Record) **int { return &r.Port }, []string{"SRV"}},
}

func (n number) needed(recordType string) bool { return slices.Contains(n.types, recordType) }

const (
	ttlProblem    = "must be from 60 to 604800"
	numberProblem = "must be from 0 to 65535"
)

func validTTL(ttl int) bool { return ttl >= 60 && ttl <= 604800 }

func valid16(n int) bool { return n >= 0 && n <= 65535 }

// Clone returns a deep copy of the record.
func Clone(r *Record) *Record {
	again := *r
	for _, n := range numbers {
		member := n.of(&again)
		*member = object.Copied(*member)
	}
	return &again
}

// Check calls fail for everything in the record that the API itself would never
// hold. What is left out is made up by [Complete] and passes.
func (rules Rules) Check(r *Record, zone string, fail func(field, problem string)) {
	if !rules.Takes(r.Type) {
		fail("type", rules.typeProblem())
		return
	}
	if _, problem := canonicalName(r.Name, zone); problem != "" {
		fail("name", problem)
	}
	if _, problem := canonicalValue(r.Type, r.Value); problem != "" {
		fail("value", problem)
	}
	if r.TTL != 0 && !validTTL(r.TTL) {
		fail("ttl", ttlProblem)
	}
	for _, n := range numbers {
		v := *n.of(r)
		if (v != nil) != n.needed(r.Type) {
			fail(n.name, "does not fit type "+r.Type)
		}
		if v != nil && !valid16(*v) {
			fail(n.name, numberProblem)
		}
	}
}

// Complete makes up what is missing, always the same id for the same place, and
// brings name and value into their canonical form, where they have one.
func Complete(r *Record, place string, now time.Time) {
	if r.ID == "" {
		r.ID = object.IDOf("rec_", place)
	}
	if value, problem := canonicalValue(r.Type, r.Value); problem == "" {
		r.Value = value
	}
	if name, problem := canonicalName(r.Name, ""); problem == "" {
		r.Name = name
	}
	if r.TTL == 0 {
		r.TTL = UsualTTL
	}
	r.CreatedAt = object.TimeOr(r.CreatedAt, now)
	r.UpdatedAt = object.TimeOr(r.UpdatedAt, r.CreatedAt)
}

// isApexNS reports whether the record names a nameserver of the zone itself.
func isApexNS(r *Record) bool { return r.Type == "NS" && r.Name == "@" }

// Equal reports whether nothing at all sets two records apart.
func Equal(a, b *Record) bool {
	return sameData(a, b) && a.ID == b.ID && a.CreatedAt.Equal(b.CreatedAt) && a.UpdatedAt.Equal(b.UpdatedAt)
}

// sameData reports whether two records say the same, whatever their ids and
// times.
func sameData(a, b *Record) bool {
	if a.Type != b.Type || a.Name != b.Name || a.Value != b.Value || a.TTL != b.TTL {
		return false
	}
	for _, n := range numbers {
		if x, y := *n.of(a), *n.of(b); x != y && (x == nil || y == nil || *x != *y) {
			return false
		}
	}
	return true
}

// identity is what no two records of a zone may share: for MX also the
// priority, for SRV also priority, weight and port.
type identity struct {
	recordType, name, value string
	numbers                 [3]int // those that the type has; otherwise -1
}

func identityOf(r *Record) identity {
	same := identity{recordType: r.Type, name: r.Name, value: r.Value}
	for i, n := range numbers {
		same.numbers[i] = -1
		if v := *n.of(r); v != nil && n.needed(r.Type) {
			same.numbers[i] = *v
		}
	}
	return same
}
