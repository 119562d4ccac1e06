package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// keptRequests is how many requests are remembered.
const keptRequests = 10_000

// Request is one request that reached the server.
type Request struct {
	Operation  string // "" where method and path are no operation
	Method     string
	Path       string // escaped, with /v1
	RawQuery   string
	Header     http.Header // without Authorization
	Authorized bool        // it carried a token that is known, not expired and not revoked
	Body       []byte      // at most 1 MiB of it
	Status     int         // of the answer that was sent; 0 where the connection was cut instead
	TokenID    string      // "" unless Authorized
	RequestID  string
	Time       time.Time // of its arrival
}

// Write is a change of the state that a request really made. A write that finds
// everything as it should be changes nothing and is none.
type Write struct {
	Operation      string
	Object         string // the id or name of what was written
	TokenID        string
	IdempotencyKey string
	Time           time.Time
}

// tape remembers requests, in a ring, and writes.
type tape struct {
	ring   []Request
	oldest int
	counts map[string]int
	writes []Write
}

func (t *tape) add(r Request) {
	if t.counts == nil {
		t.counts = make(map[string]int)
	}
	t.counts[r.Operation]++
	if len(t.ring) < keptRequests {
		t.ring = append(t.ring, r)
		return
	}
	t.ring[t.oldest] = r
	t.oldest = (t.oldest + 1) % keptRequests
}

// Requests returns the last 10,000 requests, oldest first. A request is
// recorded before its answer is sent.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Concat(s.tape.ring[s.tape.oldest:], s.tape.ring[:s.tape.oldest])
}

// Writes returns the writes performed by requests, oldest first.
func (s *Server) Writes() []Write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tape.writes)
}

// Count returns how many requests of the operation there were so far, refused
// ones included; of "", those that were no operation. It panics where the API
// does not have the operation.
func (s *Server) Count(operation string) int {
	mustKnow(operation)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tape.counts[operation]
}

// ForgetRecords forgets the requests, their counts and the writes. The state
// stays as it is.
func (s *Server) ForgetRecords() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tape = tape{}
}

// record runs before the answer is sent: who has the answer finds the record.
func (s *Server) record(x *exchange, a *answer) {
	req := Request{
		Operation:  x.operation(),
		Method:     x.r.Method,
		Path:       x.path,
		RawQuery:   x.r.URL.RawQuery,
		Header:     x.r.Header.Clone(),
		Authorized: x.token != nil,
		Body:       x.body,
		Status:     a.status,
		RequestID:  x.requestID,
		Time:       x.start,
	}
	req.Header.Del("Authorization")
	if x.token != nil {
		req.TokenID = x.token.ID
	}
	if a.reset {
		req.Status = 0
	}
	s.mu.Lock()
	s.tape.add(req)
	s.mu.Unlock()
	s.log.line(req, s.clock().Sub(x.start))
}

// lineLog writes one line for each request.
type lineLog struct {
	mu sync.Mutex
	w  io.Writer
}

func newLineLog(w io.Writer) *lineLog { return &lineLog{w: w} }

// line ignores a failing writer: the API must not depend on its log.
func (l *lineLog) line(r Request, took time.Duration) {
	if l.w == nil {
		return
	}
	operation := r.Operation
	if operation == "" {
		operation = "-"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.w, "%s %s %s %d %s %s %s\n", r.Time.UTC().Format(time.RFC3339Nano),
		r.Method, r.Path, r.Status, took.Round(time.Microsecond), r.RequestID, operation)
}
