package hoster

import (
	"slices"
	"strconv"
	"sync"
)

// usage records what a client was used for, and what it knows of its token.
type usage struct {
	mu         sync.Mutex
	operations map[Operation]Scope
	self       Token  // of the token in use, as far as it was read
	selfOf     Secret // which token that was
}

func (u *usage) record(op *operation) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.operations == nil {
		u.operations = map[Operation]Scope{}
	}
	name := op.name
	if op.foreign { // calls of the caller's own differ by their scope alone
		name += Operation(" " + string(op.scope))
	}
	u.operations[name] = op.scope
}

// remember keeps what the API said of a token.
func (u *usage) remember(secret Secret, token Token) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.self, u.selfOf = token, secret
}

func (u *usage) knowsSelf() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.selfOf.IsZero()
}

// own returns what is known of the token with this secret. A provider that does
// not say its scopes leaves it unknown.
func (u *usage) own(secret Secret) (Token, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.self, len(u.self.Scopes) > 0 && !u.selfOf.IsZero() && u.selfOf.Equal(secret)
}

// UsedOperations returns the operations that were called through this client
// so far, by name.
func (c *Client) UsedOperations() []Operation {
	c.usage.mu.Lock()
	defer c.usage.mu.Unlock()
	var used []Operation
	for name := range c.usage.operations {
		if byName()[name] == nil {
			name = "Call"
		}
		used = append(used, name)
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// UsedScopes returns the smallest set of scopes that the calls made through
// this client so far need: what a token for this program should have, and no
// more.
func (c *Client) UsedScopes() []Scope {
	c.usage.mu.Lock()
	defer c.usage.mu.Unlock()
	needed := map[Scope]bool{}
	for _, scope := range c.usage.operations {
		needed[scope] = true
	}
	return orderedScopes(needed)
}

// ScopesFor returns the smallest set of scopes that the operations need, such
// as ScopesFor("DNS.List", "DNS.Create"). An operation that does not exist is
// an [ArgumentError].
func ScopesFor(operations ...Operation) ([]Scope, error) {
	needed := map[Scope]bool{}
	for _, name := range operations {
		op := byName()[name]
		if op == nil {
			return nil, &ArgumentError{Field: "operation", Expected: "a name such as DNS.List, not " + strconv.Quote(string(name))}
		}
		needed[op.scope] = true
	}
	return orderedScopes(needed), nil
}

// orderedScopes is the set in the contract's order, unknown scopes last.
func orderedScopes(set map[Scope]bool) []Scope {
	delete(set, "")
	scopes := []Scope{}
	for _, s := range AllScopes() {
		if set[s] {
			scopes = append(scopes, s)
			delete(set, s)
		}
	}
	var others []Scope
	for s := range set {
		others = append(others, s)
	}
	slices.Sort(others)
	return append(scopes, others...)
}

// beyond returns the scopes of want that are not in have.
func beyond(want, have []Scope) []Scope {
	var more []Scope
	for _, s := range want {
		if !slices.Contains(have, s) {
			more = append(more, s)
		}
	}
	return more
}
