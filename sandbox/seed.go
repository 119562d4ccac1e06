package sandbox

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/shop"
	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// Seed is what a server starts with, in the contract's own field names. Ids and
// times that are left out are made up, the same ones each time for the ids. The
// nameservers of a domain on the provider's DNS become NS records at its apex,
// unless its records have some there.
type Seed struct {
	Profile   Profile     `json:"profile"`
	Contacts  []Contact   `json:"contacts,omitempty"`
	Domains   []Domain    `json:"domains"`
	Tokens    []SeedToken `json:"tokens,omitempty"`
	RateLimit *RateLimit  `json:"rate_limit,omitempty"`

	Invoices  []Invoice  `json:"invoices,omitempty"`
	Orders    []Order    `json:"orders,omitempty"`
	Services  []Service  `json:"services,omitempty"`
	Transfers []Transfer `json:"transfers,omitempty"`
	Plans     []Plan     `json:"plans"`  // nil: a usual list
	Prices    []TLDPrice `json:"prices"` // nil: a usual list

	// RecordTypes are record types that the server takes beside the contract's;
	// see [WithRecordTypes].
	RecordTypes []string `json:"record_types,omitempty"`

	// Taken are names that are registered outside the account. So is every name
	// whose first label begins with "taken" or "moving".
	Taken []string `json:"taken,omitempty"`
}

// SeedToken is a token that exists from the start. Without a Secret it gets a
// random one, which nobody learns.
type SeedToken struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Scopes      []string   `json:"scopes"`
	Status      string     `json:"status,omitempty"` // "" and "active" are one; "expired" needs no ExpiresAt
	CreatedAt   time.Time  `json:"created_at"`
	LastUsedAt  *time.Time `json:"last_used_at"`
	ExpiresAt   *time.Time `json:"expires_at"`
	IPAllowlist []string   `json:"ip_allowlist"`
	Secret      string     `json:"secret,omitempty"`
}

// RateLimit is a budget of requests for a window of time.
type RateLimit struct {
	Limit  int
	Window time.Duration
}

type rateLimitJSON struct {
	Limit         int     `json:"limit"`
	WindowSeconds float64 `json:"window_seconds,omitempty"`
}

// MarshalJSON writes {"limit":…,"window_seconds":…}.
func (l RateLimit) MarshalJSON() ([]byte, error) {
	return json.Marshal(rateLimitJSON{l.Limit, l.Window.Seconds()})
}

// UnmarshalJSON reads what MarshalJSON writes and refuses other fields.
func (l *RateLimit) UnmarshalJSON(data []byte) error {
	var plain rateLimitJSON
	if err := decodeStrictly(data, &plain); err != nil {
		return err
	}
	l.Limit = plain.Limit
	l.Window = time.Duration(plain.WindowSeconds * float64(time.Second))
	return nil
}

// LoadSeed reads a seed as JSON and validates it. It refuses unknown fields. Its
// errors name the field, such as domains[2].expires_at, unless the text is no
// JSON at all.
func LoadSeed(r io.Reader) (Seed, error) {
	var text json.RawMessage
	dec := json.NewDecoder(r)
	if err := dec.Decode(&text); err != nil {
		return Seed{}, fmt.Errorf("seed: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Seed{}, errors.New("seed: something stands behind the JSON object")
	}
	var seed Seed
	if decodeStrictly(text, &seed) != nil {
		return Seed{}, misfit(text, reflect.TypeFor[Seed](), "")
	}
	if err := seed.Validate(); err != nil {
		return Seed{}, err
	}
	return seed, nil
}

func decodeStrictly(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// misfit names the first member of the text that does not fit the type, by its
// path in the seed. encoding/json leaves the path out where a type reads its own
// text, as times do.
func misfit(text json.RawMessage, t reflect.Type, at string) error {
	err := decodeStrictly(text, reflect.New(t).Interface())
	if err == nil {
		return nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch reflect.New(t).Interface().(type) {
	case *time.Time:
		return seedError(at, "must be an RFC 3339 time")
	case json.Unmarshaler, encoding.TextUnmarshaler:
		return seedError(at, err.Error())
	}
	problem := err.Error()
	switch t.Kind() {
	case reflect.Struct:
		var members map[string]json.RawMessage
		if json.Unmarshal(text, &members) == nil {
			return misfitMember(members, t, at)
		}
		problem = "must be an object"
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(text, &items) != nil {
			problem = "must be a list"
		}
		for i, item := range items {
			if err := misfit(item, t.Elem(), fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case reflect.String:
		problem = "must be a string"
	case reflect.Bool:
		problem = "must be true or false"
	case reflect.Int, reflect.Int64:
		problem = "must be an integer"
	}
	return seedError(at, problem)
}

func misfitMember(members map[string]json.RawMessage, t reflect.Type, at string) error {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, ok := t.FieldByNameFunc(func(field string) bool {
			f, _ := t.FieldByName(field)
			tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return tag != "-" && strings.EqualFold(tag, name)
		})
		if !ok {
			return seedError(at, fmt.Sprintf("unknown field %q", name))
		}
		if err := misfit(members[name], field.Type, strings.TrimPrefix(at+"."+name, ".")); err != nil {
			return err
		}
	}
	return nil
}

func seedError(at, problem string) error {
	if at == "" {
		return fmt.Errorf("seed: %s", problem)
	}
	return fmt.Errorf("seed: %s: %s", at, problem)
}

// Validate returns everything in the seed that the API itself would never hold,
// as one error whose parts name the fields, or nil.
func (s Seed) Validate() error {
	var p problems
	p.contacts(s)
	s.shop().Check(func(field, problem string) { p.unless(false, field, problem) })
	for i, name := range s.RecordTypes {
		p.unless(zone.IsFurther(name), fmt.Sprintf("record_types[%d]", i), furtherProblem)
	}
	names := make(map[string]bool)
	for i, d := range s.Domains {
		at := fmt.Sprintf("domains[%d]", i)
		p.unless(!names[d.Name], at+".name", "is there twice")
		names[d.Name] = true
		p.domain(at, d, zone.Rules{Further: s.RecordTypes})
	}
	secrets := make(map[string]bool)
	for i, t := range s.Tokens {
		at := fmt.Sprintf("tokens[%d]", i)
		p.unless(t.Secret == "" || !secrets[t.Secret], at+".secret", "is another token's too")
		secrets[t.Secret] = true
		p.token(at, t)
	}
	if l := s.RateLimit; l != nil {
		p.unless(l.Limit >= 0, "rate_limit.limit", "must not be negative")
		p.unless(l.Window >= 0, "rate_limit.window_seconds", "must not be negative")
	}
	return errors.Join(p...)
}

// shop returns what the seed says about what is sold.
func (s Seed) shop() shop.Seed {
	return shop.Seed{
		Invoices: s.Invoices, Orders: s.Orders, Services: s.Services, Transfers: s.Transfers,
		Plans: s.Plans, Prices: s.Prices, Taken: s.Taken,
	}
}

type problems []error

func (p *problems) unless(ok bool, field, problem string) {
	if !ok {
		*p = append(*p, seedError(field, problem))
	}
}

func (p *problems) domain(at string, d Domain, rules zone.Rules) {
	name, problem := zone.CanonicalHost(d.Name)
	p.unless(problem == "" && name == d.Name && strings.Contains(name, "."), at+".name", "must be a domain name in lower-case A-labels, with a dot")
	p.unless(d.Status == "" || slices.Contains(domainStatuses, d.Status), at+".status", "is not a status of the contract")
	for i, host := range d.Nameservers {
		name, problem := zone.CanonicalHost(host)
		p.unless(problem == "" && name == host, fmt.Sprintf("%s.nameservers[%d]", at, i), "must be a host name in lower case")
	}
	ids := make(map[string]bool)
	for i, r := range d.Records {
		at := fmt.Sprintf("%s.records[%d]", at, i)
		if r == nil {
			p.unless(false, at, "must not be null")
			continue
		}
		p.unless(r.ID == "" || !ids[r.ID], at+".id", "is there twice")
		ids[r.ID] = true
		rules.Check(r, d.Name, func(field, problem string) { p.unless(false, at+"."+field, problem) })
	}
}

func (p *problems) token(at string, t SeedToken) {
	p.unless(t.Name != "", at+".name", "is required")
	p.unless(len(t.Scopes) > 0, at+".scopes", "must name at least one scope")
	for i, scope := range t.Scopes {
		p.unless(slices.Contains(allScopes, scope), fmt.Sprintf("%s.scopes[%d]", at, i), "is not a scope of the contract")
	}
	for i, entry := range t.IPAllowlist {
		_, ok := parsePrefix(entry)
		p.unless(ok, fmt.Sprintf("%s.ip_allowlist[%d]", at, i), allowlistProblem)
	}
	p.unless(slices.Contains([]string{"", "active", "expired", "revoked"}, t.Status), at+".status", "must be active, expired or revoked")
	p.unless(t.Secret == "" || len(t.Secret) >= 16 && isVisible(t.Secret), at+".secret", "must be at least 16 visible ASCII characters")
}

// contacts also checks that domains refer to contacts that are there. A seed
// without any contact is about other things and may refer to what it likes.
func (p *problems) contacts(s Seed) {
	ids := make(map[string]bool)
	for i, contact := range s.Contacts {
		at := fmt.Sprintf("contacts[%d]", i)
		p.unless(contact.ID == "" || !ids[contact.ID], at+".id", "is there twice")
		ids[contact.ID] = true
		p.contact(at, contact)
	}
	if len(s.Contacts) == 0 {
		return
	}
	for i, d := range s.Domains {
		for _, role := range roles {
			id := *role.of(&d.Contacts)
			p.unless(id == "" || ids[id], fmt.Sprintf("domains[%d].contacts.%s", i, role.name), "names no contact of the seed")
		}
	}
}

func (p *problems) contact(at string, contact Contact) {
	present := func(value, field string) {
		p.unless(strings.TrimSpace(value) != "", at+"."+field, "is required")
	}
	present(contact.Name, "name")
	present(contact.Phone, "phone")
	p.unless(isEmail(contact.Email), at+".email", emailProblem)
	p.unless(contact.Company == nil || strings.TrimSpace(*contact.Company) != "", at+".company", "must not be empty")
	if contact.Address == nil {
		p.unless(false, at+".address", "is required")
		return
	}
	for _, part := range addressParts {
		if !part.mayEmpty {
			present(*part.of(contact.Address), "address."+part.name)
		}
	}
	p.unless(isCountry(contact.Address.Country), at+".address.country", countryProblem)
}
