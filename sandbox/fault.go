package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"
)

// Fault is something that goes wrong with chosen requests; see [Server.Inject].
// Which requests: Operation, Match, Skip and Times. What happens: the rest.
type Fault struct {
	// Operation is the operation to hit, by a name that [Operations] lists, such
	// as "DNS.Create"; "" hits all, and requests that are no operation too.
	Operation string
	// Match, when set, must also say yes. It may read the request's body. It
	// may be called from several goroutines at a time.
	Match func(*http.Request) bool
	// Skip lets this many matching requests pass first.
	Skip int
	// Times is how many requests are hit: 0 means one, a negative number all.
	Times int

	// Hook, when set, is called as soon as the request that is hit has arrived,
	// before its token is looked at; with Skip, when request Skip+1 arrives. It
	// may use the server.
	Hook func()
	// Delay is waited for first: after the checks of the request and before its
	// work, or before the answer of Status or Reset. An Idempotency-Key counts
	// as in progress meanwhile. The wait ends early with the request's context;
	// then nothing is done any more and the connection is cut, unless After
	// says that the work comes first.
	Delay time.Duration
	// Status, when not 0, is answered instead of working, with Header and Body
	// and nothing that the API itself would add, not even a request id. A
	// status that HTTP does not have becomes 500.
	Status int
	// Header and Body belong to Status. Without a Content-Type, a body that
	// starts with "{" is sent as application/json.
	Header http.Header
	Body   string
	// After does the work first and keeps its answer under its idempotency key;
	// only then Status, Reset or Truncate apply.
	After bool
	// Reset cuts the connection without an answer: with a TCP reset over
	// HTTP/1, by resetting the stream over HTTP/2.
	Reset bool
	// Truncate, when greater than 0, sends the answer's header with its full
	// Content-Length and only this many bytes of its body, then cuts the
	// connection. An answer without a body, such as a 204, is sent as it is.
	Truncate int
	// Rewrite, when set, changes the answer of the API on its way out. It gets the
	// objects of the answer's data as encoding/json decodes them: the items of a
	// list, or the one object that is answered. What it returns takes their place,
	// so that members can be changed, dropped or renamed, and items dropped or put
	// in another order. It is not called for an answer without such objects. The
	// state, the headers, and what is kept under an idempotency key stay as they
	// are.
	Rewrite func(items []map[string]any) []map[string]any
	// Stale makes a read answer from the state before the last write.
	Stale bool
}

// instead reports whether the fault takes the place of the work.
func (f *Fault) instead() bool { return !f.After && (f.Status != 0 || f.Reset) }

type armedFault struct {
	Fault
	skip, left int
}

// Inject arms a fault until it is used up or remove is called. Where several
// faults fit a request, the first one injected hits it. It panics where the
// fault names an operation that the API does not have.
func (s *Server) Inject(f Fault) (remove func()) {
	mustKnow(f.Operation)
	armed := &armedFault{Fault: f, skip: f.Skip, left: f.Times}
	armed.Header = f.Header.Clone()
	if armed.left == 0 {
		armed.left = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(slices.Clone(s.faults), armed)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.disarm(armed)
	}
}

// disarm works on a copy: requests walk the list without the lock.
func (s *Server) disarm(armed *armedFault) {
	if i := slices.Index(s.faults, armed); i >= 0 {
		s.faults = slices.Delete(slices.Clone(s.faults), i, i+1)
	}
}

// pickFault returns the fault that hits the request, or nil.
func (s *Server) pickFault(x *exchange) *Fault {
	s.mu.Lock()
	armed := s.faults
	s.mu.Unlock()
	for _, f := range armed {
		if f.fits(x) && s.take(f) {
			return &f.Fault
		}
	}
	return nil
}

// fits runs without the lock: Match is the caller's code and may ask the server.
func (f *armedFault) fits(x *exchange) bool {
	if f.Operation != "" && f.Operation != x.operation() {
		return false
	}
	if f.Match == nil {
		return true
	}
	r := x.r.Clone(x.r.Context())
	r.Body = io.NopCloser(bytes.NewReader(x.body))
	return f.Match(r)
}

func (s *Server) take(f *armedFault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !slices.Contains(s.faults, f):
		return false // used up or removed while Match ran
	case f.skip > 0:
		f.skip--
		return false
	case f.left > 0:
		f.left--
		if f.left == 0 {
			s.disarm(f)
		}
	}
	return true
}

// pause waits, and reports whether the whole time passed.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// rewrite changes the objects in the data of a sealed answer.
func (a *answer) rewrite(change func([]map[string]any) []map[string]any) {
	var whole map[string]json.RawMessage
	if json.Unmarshal(a.body, &whole) != nil {
		return
	}
	var items []map[string]any
	var data any
	if json.Unmarshal(whole["data"], &items) == nil && items != nil {
		data = append([]map[string]any{}, change(items)...)
	} else {
		var one map[string]any
		if json.Unmarshal(whole["data"], &one) != nil || one == nil {
			return
		}
		if changed := change([]map[string]any{one}); len(changed) > 0 {
			data = changed[0]
		}
	}
	whole["data"] = encodeJSON(data)
	a.body = encodeJSON(whole)
}

// spoil turns the answer of a request into what the fault makes of it.
func (f *Fault) spoil(a *answer) *answer {
	if a == nil {
		a = new(answer)
	}
	if f.Status != 0 {
		a = &answer{status: f.Status, header: f.Header.Clone(), body: []byte(f.Body), bare: true}
		if a.status < 200 || a.status > 599 {
			a.status = http.StatusInternalServerError
		}
		if a.header == nil {
			a.header = make(http.Header)
		}
		if a.header.Get("Content-Type") == "" && len(f.Body) > 0 && f.Body[0] == '{' {
			a.header.Set("Content-Type", "application/json")
		}
	}
	if f.Status == 0 && f.Rewrite != nil {
		a.rewrite(f.Rewrite)
	}
	a.reset = a.reset || f.Reset
	a.truncate = f.Truncate
	return a
}
