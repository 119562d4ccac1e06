package hoster_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/sandbox"
)

var update = flag.Bool("update", false, "write the tables of the documents again")

// What happens to a call after a failure.
const (
	again   = "again"   // repeated
	unknown = "unknown" // sent once, and ErrOutcomeUnknown
	failure = "error"   // sent once, and the answer stands
)

// trouble is a failure of one attempt: a column of the table.
type trouble struct {
	name   string
	fault  sandbox.Fault
	word   func(row hoster.Row, keys bool) string
	worked bool // the work was done all the same
}

func alike(word string) func(hoster.Row, bool) string {
	return func(hoster.Row, bool) string { return word }
}

// byReplay is what happens where nobody knows whether a call was processed.
func byReplay(row hoster.Row, keys bool) string {
	if row.Replay != hoster.ReplayOnEvidence || keys && row.Method == http.MethodPost {
		return again
	}
	return unknown
}

// byStranger is what happens to an answer from somewhere: nobody knows what lies
// behind it, and another attempt meets it again.
func byStranger(row hoster.Row, _ bool) string {
	if row.Replay == hoster.ReplayAlways {
		return failure
	}
	return unknown
}

func answered(status int, code string, header ...string) sandbox.Fault {
	f := sandbox.Fault{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: fmt.Sprintf(`{"status":"error","code":%q,"message":"injected"}`, code)}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		f.Header.Set(name, value)
	}
	return f
}

var htmlPage = http.Header{"Content-Type": {"text/html"}}

// troubles are the columns. "Never sent" has a test of its own, as no server
// takes part in it.
var troubles = []trouble{
	{name: "reset before the work", fault: sandbox.Fault{Reset: true}, word: byReplay},
	{name: "reset after the work", fault: sandbox.Fault{Reset: true, After: true}, word: byReplay, worked: true},
	{name: "time-out", fault: sandbox.Fault{Delay: time.Hour}, word: byReplay},
	{name: "408", fault: answered(408, "TIMEOUT"), word: byReplay},
	{name: "409", fault: answered(409, "CONFLICT"), word: alike(failure)},
	{name: "425", fault: answered(425, "TOO_EARLY"), word: func(row hoster.Row, _ bool) string {
		if row.Replay == hoster.ReplayOnEvidence {
			return failure
		}
		return again
	}},
	{name: "429", fault: answered(429, "TOO_MANY_REQUESTS", "Retry-After: 0"), word: alike(again)},
	{name: "500", fault: answered(500, "INTERNAL_ERROR"), word: byReplay},
	{name: "502", fault: sandbox.Fault{Status: 502, Header: htmlPage, Body: "<html>bad gateway</html>"}, word: byReplay},
	{name: "503", fault: answered(503, "SERVICE_UNAVAILABLE"), word: byReplay},
	{name: "503 with Retry-After", fault: answered(503, "SERVICE_UNAVAILABLE", "Retry-After: 0"), word: alike(again)},
	{name: "504", fault: answered(504, "GATEWAY_TIMEOUT"), word: byReplay},
	{name: "301, 302 or 303 to elsewhere", fault: sandbox.Fault{Status: 303, Header: http.Header{"Location": {"https://elsewhere.example/v1"}}}, word: byStranger},
	{name: "307 or 308 to elsewhere", fault: sandbox.Fault{Status: 307, Header: http.Header{"Location": {"https://elsewhere.example/v1"}}}, word: alike(failure)},
	{name: "401", fault: answered(401, "TOKEN_INVALID"), word: alike(failure)},
	{name: "truncated", fault: sandbox.Fault{Truncate: 9}, word: byReplay, worked: true},
	{name: "HTML", fault: sandbox.Fault{Status: 200, Header: htmlPage, Body: "<html>Sign in</html>"}, word: byStranger},
}

// TestReliability drives every operation through every failure on warm
// connections, over HTTP/1.1 and HTTP/2, with idempotency keys honoured and
// not, and counts the work really done.
func TestReliability(t *testing.T) {
	for _, row := range hoster.Table() {
		for _, trouble := range troubles {
			for _, keys := range []bool{false, true} {
				for _, h2 := range []bool{false, true} {
					if keys && row.Method != http.MethodPost || h2 && trouble.name == "time-out" {
						continue // nothing else would be tested
					}
					t.Run(fmt.Sprintf("%s/%s/keys=%v/h2=%v", row.Name, trouble.name, keys, h2), func(t *testing.T) {
						t.Parallel()
						endure(t, row, trouble, keys, h2)
					})
				}
			}
		}
	}
}

// endure makes one call whose first attempt fails.
func endure(t *testing.T, row hoster.Row, trouble trouble, keys, h2 bool) {
	provider := []sandbox.Option{sandbox.WithRateLimit(0, 0)}
	if !keys {
		provider = append(provider, sandbox.Without(sandbox.Idempotency))
	}
	srv := wireSandbox(t, provider...)
	policy := hoster.RetryPolicy{MaxAttempts: 20, MaxRetryAfter: time.Minute}
	if trouble.name == "time-out" { // until the server has noticed that the client left, the key is in progress
		policy.MinWait, policy.MaxWait = 20*time.Millisecond, time.Second
	}
	options := []hoster.Option{hoster.WithIdempotencyKeys(keys), hoster.WithRetryPolicy(policy)}
	base := srv.URL()
	if h2 {
		url, client := srv.TLS()
		base, options = url, append(options, hoster.WithHTTPClient(client))
	}
	if trouble.name == "time-out" {
		options = append(options, hoster.WithAttemptTimeout(250*time.Millisecond))
	}
	attempts := 0
	options = append(options, hoster.WithHooks(hoster.Hooks{OnAttempt: func(context.Context, hoster.Event) { attempts++ }}))
	client := newTestClient(t, base, srv.RootToken(), options...)
	for range 2 { // a warm connection
		if _, err := client.Tokens.Current(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	srv.ForgetRecords()
	attempts = 0
	fault := trouble.fault
	fault.Operation = string(row.Name)
	srv.Inject(fault)
	_, err := calls[row.Name](context.Background(), client)
	sent, done := attempts, len(srv.Writes())
	if arrived := srv.Count(string(row.Name)); arrived > sent {
		t.Errorf("%d requests in %d attempts", arrived, sent)
	}
	isWrite := row.Replay != hoster.ReplayAlways
	if isWrite && done > 1 {
		t.Fatalf("the work was done %d times", done)
	}
	switch word := wordFor(row, trouble, keys); word {
	case again:
		// On a loaded machine a second attempt may run out of time as well.
		wrong := sent != 2 && !(sent == 1 && trouble.name == "truncated") && !(sent > 2 && trouble.name == "time-out")
		if err != nil || wrong || isWrite && done != 1 {
			t.Errorf("sent %d times, done %d times: %v", sent, done, err)
		}
	case unknown:
		if !errors.Is(err, hoster.ErrOutcomeUnknown) || sent != 1 {
			t.Errorf("sent %d times: %v", sent, err)
		}
		if !strings.Contains(fmt.Sprint(err), row.LookUp) {
			t.Errorf("the error does not say how to find out: %v", err)
		}
		if trouble.worked != (done == 1) {
			t.Errorf("done %d times", done)
		}
	case failure:
		if err == nil || errors.Is(err, hoster.ErrOutcomeUnknown) || sent != 1 || done != 0 {
			t.Errorf("sent %d times, done %d times: %v", sent, done, err)
		}
	}
}

// wordFor is the cell of the table. An answer without a body cannot break off,
// and a document breaks off in the hands of the caller.
func wordFor(row hoster.Row, trouble trouble, keys bool) string {
	switch {
	case trouble.name == "truncated" && row.NoData:
		return again
	case trouble.name == "truncated" && row.Name == "Invoices.PDF":
		return failure
	}
	return trouble.word(row, keys)
}

// TestNeverSent: where nobody listens anything may be repeated, and no outcome
// is unknown.
func TestNeverSent(t *testing.T) {
	client := newTestClient(t, "http://127.0.0.9:9/v1", testToken, hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 3}))
	for _, row := range hoster.Table() {
		_, err := calls[row.Name](context.Background(), client)
		var broken *hoster.TransportError
		if !errors.As(err, &broken) || errors.Is(err, hoster.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", row.Name, err)
		}
		if broken != nil && broken.Attempts != 3 && !errors.Is(err, hoster.ErrRetryBudget) {
			t.Errorf("%s: %d attempts", row.Name, broken.Attempts)
		}
	}
}

// TestReliabilityTable holds docs/reliability.md against the table above.
func TestReliabilityTable(t *testing.T) {
	path := filepath.Join("docs", "reliability.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- generated: go test -run TestReliabilityTable -update . -->\n", "<!-- end -->"
	head, rest, ok := strings.Cut(string(page), begin)
	old, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("the page has no place for the table")
	}
	table := reliabilityTable()
	if *update {
		if err := os.WriteFile(path, []byte(head+begin+table+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table {
		t.Error("docs/reliability.md is not what the test checks: go test -run TestReliabilityTable -update .")
	}
}

// reliabilityTable is a row for each failure and a column for each kind of
// operation, and before it which operations are of which kind.
func reliabilityTable() string {
	kinds := map[string][]hoster.Row{}
	var order []string
	kindOf := func(row hoster.Row) string {
		words := row.Method
		if row.NoData {
			words += ", no data"
		}
		for _, trouble := range troubles {
			words += " " + wordFor(row, trouble, false) + wordFor(row, trouble, true)
		}
		return words
	}
	for _, row := range hoster.Table() {
		kind := kindOf(row)
		if kinds[kind] == nil {
			order = append(order, kind)
		}
		kinds[kind] = append(kinds[kind], row)
	}
	var b strings.Builder
	b.WriteString("| kind | operations |\n|---|---|\n")
	for i, kind := range order {
		var names []string
		for _, row := range kinds[kind] {
			names = append(names, string(row.Name))
		}
		slices.Sort(names)
		fmt.Fprintf(&b, "| %s | %s |\n", kindName(i, kinds[kind][0]), strings.Join(names, ", "))
	}
	b.WriteString("\n| failure |")
	for i, kind := range order {
		fmt.Fprintf(&b, " %s |", kindName(i, kinds[kind][0]))
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(order)) + "\n| never sent |" + strings.Repeat(" again |", len(order)) + "\n")
	for _, trouble := range troubles {
		fmt.Fprintf(&b, "| %s |", trouble.name)
		for _, kind := range order {
			row := kinds[kind][0]
			without, with := wordFor(row, trouble, false), wordFor(row, trouble, true)
			if without == with {
				fmt.Fprintf(&b, " %s |", without)
			} else {
				fmt.Fprintf(&b, " %s; under a key that is honoured: %s |", without, with)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func kindName(i int, row hoster.Row) string {
	ground := map[hoster.Replay]string{hoster.ReplayAlways: "always", hoster.ReplayHarmless: "harmless", hoster.ReplayOnEvidence: "on evidence"}
	return fmt.Sprintf("%c: %s, %s", 'A'+i, row.Method, ground[row.Replay])
}
