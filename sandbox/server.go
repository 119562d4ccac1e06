package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/zone"
)

// Server is the API of one account. It is an [http.Handler], safe for
// concurrent use, and made by [New].
type Server struct {
	clock         func() time.Time
	log           *lineLog
	routes        []*route
	lacking       map[Feature]bool
	newIDOnUpdate bool
	rootToken     string
	pdfSize       int64
	fraudReview   bool
	manual        bool                 // paid orders wait for ActivateOrder
	generated     map[string]generated // by the domain's name
	rules         zone.Rules

	mu      sync.Mutex // guards everything below
	state   *State
	before  *State // the state before the last write; nil while there was none
	limiter limiter
	keys    keyStore
	tape    tape
	faults  []*armedFault
}

// Feature names a part of the API that a brand may lack; see [Without].
type Feature string

// The parts of the API that can be left out.
const (
	// Idempotency is the header Idempotency-Key and the answers kept under it.
	Idempotency Feature = "idempotency"
	// ETags are the headers ETag, X-Zone-ETag and If-Match.
	ETags Feature = "etags"
	// TokenEndpoints are the paths under /account/tokens.
	TokenEndpoints Feature = "token-endpoints"
	// Batch is the DNS batch.
	Batch Feature = "batch"
)

// Features returns the parts of the API that can be left out.
func Features() []Feature { return []Feature{Idempotency, ETags, TokenEndpoints, Batch} }

// Option changes how [New] builds a [Server].
type Option func(*config)

type config struct {
	clock         func() time.Time
	seed          *Seed
	limit         *RateLimit
	log           io.Writer
	lacking       map[Feature]bool
	newIDOnUpdate bool
	pdfSize       int64
	fraudReview   bool
	manual        bool
	generated     map[string]generated
	furtherTypes  []string
}

// WithClock makes the server take the time from now instead of [time.Now], the
// Date of its answers included.
func WithClock(now func() time.Time) Option {
	return func(c *config) {
		if now != nil {
			c.clock = now
		}
	}
}

// WithSeed starts the server with seed instead of [DefaultSeed]. The seed is
// taken as it stands; [Seed.Validate] says what is wrong with one.
func WithSeed(seed Seed) Option {
	return func(c *config) { c.seed = &seed }
}

// WithRateLimit lets limit requests through in each window, instead of 600 in
// 60 seconds or what the seed says. With a limit of 0 there is none, and no
// answer carries rate limit headers. A window of 0 means 60 seconds.
func WithRateLimit(limit int, window time.Duration) Option {
	return func(c *config) { c.limit = &RateLimit{Limit: limit, Window: window} }
}

// WithLog writes one line for each request to w: time, method, path, status,
// duration, request id and operation. Neither headers nor query nor body are
// ever part of it. The server serialises the writes.
func WithLog(w io.Writer) Option {
	return func(c *config) { c.log = w }
}

// Without makes the server that of a brand which lacks features. It panics where
// [Features] does not list one of them.
func Without(features ...Feature) Option {
	for _, feature := range features {
		if !slices.Contains(Features(), feature) {
			panic(fmt.Sprintf("sandbox: there is no feature %q; there are %q", feature, Features()))
		}
	}
	return func(c *config) {
		for _, feature := range features {
			c.lacking[feature] = true
		}
	}
}

// WithNewIDOnUpdate gives a DNS record a new id whenever an update changes it,
// as the contract allows.
func WithNewIDOnUpdate() Option {
	return func(c *config) { c.newIDOnUpdate = true }
}

// WithRecordTypes lets the zones hold records of further types, such as PTR,
// ALIAS, DNAME, HTTPS, SVCB, TLSA, SSHFP, DS, NAPTR, LOC or URI. Their values are
// kept as they are sent, after a check that they are 1 to 4096 characters of
// printable ASCII; they have no priority, weight or port. It panics where a type
// is one of the contract's, SOA, or not in upper-case letters, digits and
// hyphens.
func WithRecordTypes(types ...string) Option {
	for _, name := range types {
		if !zone.IsFurther(name) {
			panic(fmt.Sprintf("sandbox: the record type %q: %s", name, furtherProblem))
		}
	}
	return func(c *config) { c.furtherTypes = append(c.furtherTypes, types...) }
}

const furtherProblem = "must be upper-case letters, digits and hyphens, and neither SOA nor a type of the contract"

// New returns a server that holds its seed and a root token; see
// [Server.RootToken].
func New(opts ...Option) *Server {
	cfg := config{clock: time.Now, lacking: make(map[Feature]bool)}
	for _, opt := range opts {
		if opt != nil {
			opt(&cfg)
		}
	}
	now := cfg.clock().UTC()
	seed := cfg.seed
	if seed == nil {
		usual := DefaultSeedAt(now)
		seed = &usual
	}
	s := &Server{
		clock:         cfg.clock,
		log:           newLineLog(cfg.log),
		routes:        brandRoutes(cfg.lacking),
		lacking:       cfg.lacking,
		newIDOnUpdate: cfg.newIDOnUpdate,
		pdfSize:       cfg.pdfSize,
		fraudReview:   cfg.fraudReview,
		manual:        cfg.manual,
		generated:     cfg.generated,
		rules:         zone.Rules{Further: slices.Concat(seed.RecordTypes, cfg.furtherTypes)},
		state:         newState(*seed, now),
		limiter:       newLimiter(cfg.limit, seed.RateLimit),
	}
	s.rootToken = s.seedRootToken(now)
	return s
}

// Routes returns the operations that this server answers, in the contract's
// order.
func (s *Server) Routes() []Route {
	routes := make([]Route, 0, len(s.routes))
	for _, r := range s.routes {
		if !r.lacking {
			routes = append(routes, r.Route)
		}
	}
	return routes
}

// now is the time in whole seconds.
func (s *Server) now() time.Time { return s.clock().UTC().Truncate(time.Second) }

// View calls look with the state, under the server's lock. look must not change
// the state, keep parts of it, or call the server.
func (s *Server) View(look func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.tick(s.now())
	look(s.state)
}

// Update calls change with the state, under the server's lock. change may alter
// everything in it, but must not keep parts of it or call the server. Objects
// without ids or times get some, lists are put in order, and the version of
// every zone whose records are no longer the same moves on. Nothing is recorded
// in [Server.Writes].
func (s *Server) Update(change func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.tick(s.now())
	old := s.state.clone()
	change(s.state)
	s.state.settle(s.clock().UTC())
	s.state.moveVersions(old)
	s.before = old
}

// ServeHTTP answers one request. Where a fault cuts the connection and the
// connection cannot be taken over, it panics with [http.ErrAbortHandler], as
// net/http asks for.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if id, ok := paidInvoice(r.URL.EscapedPath()); ok {
		s.servePayment(w, r, id)
		return
	}
	x := s.begin(r)
	fault := s.pickFault(x)
	if fault != nil && fault.Hook != nil {
		fault.Hook()
	}
	s.identify(x)
	a := s.respond(x, fault)
	s.record(x, a)
	s.deliver(w, a)
}
