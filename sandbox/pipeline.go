package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

// exchange is a request on its way through the checks.
type exchange struct {
	r         *http.Request
	start     time.Time
	path      string // escaped
	requestID string
	target

	body     []byte
	bodyErr  error
	tooLarge bool

	token   *Token      // nil unless it is valid; a copy, safe to read without the lock
	refusal *answer     // the 401 of a request without a valid token
	quota   http.Header // what the rate limit says, once the request took its part
	key     string      // its idempotency key, once that is its own
}

// call is what the handler of an operation gets: an admitted request.
type call struct {
	*exchange
	srv    *Server
	st     *State
	now    time.Time // in whole seconds
	query  url.Values
	page   paging
	fields *fields
	wrote  []Write
}

func (x *exchange) operation() string {
	if x.route == nil {
		return ""
	}
	return x.route.Operation
}

// begin reads the request and finds out where it leads.
func (s *Server) begin(r *http.Request) *exchange {
	x := &exchange{r: r, start: s.clock(), path: r.URL.EscapedPath(), requestID: object.RandomID("req_")}
	x.readBody()
	x.target = s.find(r.Method, x.path)
	return x
}

// identify finds out whose request it is.
func (s *Server) identify(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.token, x.refusal = s.authenticate(x.r, x.start)
}

// respond does the work and what the fault makes of it.
func (s *Server) respond(x *exchange, fault *Fault) *answer {
	if fault == nil {
		fault = new(Fault)
	}
	if fault.instead() {
		if !pause(x.r.Context(), fault.Delay) {
			return &answer{reset: true}
		}
		return fault.spoil(nil)
	}
	a := s.serve(x, fault)
	if !a.reset {
		maps.Copy(a.header, x.quota)
	}
	return fault.spoil(a.seal(x.requestID))
}

// serve takes the request through the checks, in the contract's order, and then
// to its handler. The lock is free while an injected delay runs.
func (s *Server) serve(x *exchange, fault *Fault) *answer {
	c := &call{exchange: x, srv: s}
	if refused := s.admit(c); refused != nil {
		return refused
	}
	if old := s.claimKey(x); old != nil {
		return old
	}
	if !pause(x.r.Context(), fault.Delay) && !fault.After {
		s.releaseKey(x)
		return &answer{reset: true}
	}
	return s.work(c, fault.Stale)
}

// admit makes the checks that come before the idempotency key.
func (s *Server) admit(c *call) *answer {
	if refused := s.admitToken(c.exchange); refused != nil {
		return refused
	}
	if c.route == nil {
		return c.lost()
	}
	if scope := c.route.Scope; scope != "" && !c.token.has(scope) && !s.admitsAnyway(c.exchange) {
		return lacksScope(scope)
	}
	if refused := c.readFields(); refused != nil {
		return refused
	}
	return c.readQuery()
}

// admitsAnyway reports whether the route lets the token in without its scope.
func (s *Server) admitsAnyway(x *exchange) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return x.route.admits != nil && x.route.admits(s.state, x)
}

// admitToken makes the checks that need no route: 401, allowlist, 429.
func (s *Server) admitToken(x *exchange) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.refusal != nil {
		return x.refusal
	}
	if !x.token.allows(x.r.RemoteAddr) {
		return fail(http.StatusForbidden, "IP_NOT_ALLOWED", "The token may not be used from this address.")
	}
	if wait, ok := s.limiter.take(x.start); !ok {
		return tooMany(wait)
	}
	x.quota = s.limiter.header()
	if live := s.state.Token(x.token.ID); live != nil {
		live.LastUsedAt = new(x.start.UTC().Truncate(time.Second))
	}
	return nil
}

// lost answers a path or a method that the API does not have.
func (x *exchange) lost() *answer {
	if len(x.allow) == 0 {
		return fail(http.StatusNotFound, "ROUTE_NOT_FOUND", "There is nothing at this path.")
	}
	a := fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "This path has no such method.")
	a.header.Set("Allow", strings.Join(x.allow, ", "))
	return a
}

// work runs the handler under the lock and keeps what it did.
func (s *Server) work(c *call, stale bool) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock().UTC()
	c.now = now.Truncate(time.Second)
	s.state.tick(c.now)
	c.st = s.state
	reads := c.route.Method == http.MethodGet
	var before *State
	switch {
	case !reads:
		before = s.state.fork()
	case stale && s.before != nil:
		c.st = s.before
	}
	a := c.route.handle(c)
	a.seal(c.requestID) // while the state it shows is locked
	if len(c.wrote) > 0 {
		s.before, s.state.awake = before, true
		s.tape.writes = append(s.tape.writes, c.wrote...)
	}
	s.keepAnswer(c.exchange, a, now)
	return a
}

// wroteTo notes that the call changed the object.
func (c *call) wroteTo(object string) {
	c.wrote = append(c.wrote, Write{
		Operation:      c.route.Operation,
		Object:         object,
		TokenID:        c.token.ID,
		IdempotencyKey: c.key,
		Time:           c.now,
	})
}
