package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

// front is a proxy that all exchanges pass on their way from the SDK to the
// sandboxes. It has one upstream server, this one, which finds the sandbox of a
// request by a header.
type front struct {
	url string

	mu        sync.Mutex
	sandboxes map[string]http.Handler
}

const frontHeader = "X-Test-Sandbox"

func (f *front) add(sandbox http.Handler) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sandboxes == nil {
		f.sandboxes = map[string]http.Handler{}
	}
	name := strconv.Itoa(len(f.sandboxes))
	f.sandboxes[name] = sandbox
	return name
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	sandbox := f.sandboxes[r.Header.Get(frontHeader)]
	f.mu.Unlock()
	if sandbox == nil {
		http.Error(w, "no such sandbox", http.StatusMisdirectedRequest)
		return
	}
	sandbox.ServeHTTP(w, r)
}

// violation is what Prism finds wrong with an exchange.
type violation struct {
	Location []string `json:"location"`
	Severity string   `json:"severity"`
	Message  string   `json:"message"`
}

func (v violation) String() string {
	return fmt.Sprint(v.Severity, " at ", v.Location, ": ", v.Message)
}

func (v violation) of(side string) bool { return len(v.Location) > 0 && v.Location[0] == side }

// violations takes Prism's header off an answer.
func violations(resp *http.Response) []violation {
	text := resp.Header.Get("Sl-Violations")
	resp.Header.Del("Sl-Violations")
	if text == "" {
		return nil
	}
	var found []violation
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return []violation{{Severity: "Error", Message: text}}
	}
	return found
}
