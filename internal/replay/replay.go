// Package replay gathers evidence of what became of a request, and decides from it
// alone whether the call may be sent again.
package replay

import "net/http"

// Evidence is what is known of a call and of its last attempt, which failed.
type Evidence struct {
	// The call.
	Write    bool // it can change something
	Harmless bool // sending it twice leads to the same state
	Keyed    bool // its idempotency key is one that the provider is known to honour

	// An attempt without an answer.
	NoToken bool // there was no token to send
	Unsent  bool // provably nobody processed it

	// An answer. Status 0 means that there is none.
	Status     int
	FromAPI    bool // the API itself wrote it
	Undone     bool // an error under 2xx, which says that nothing was done
	Broken     bool // it ended before its end
	Unreadable bool // a success that could not be read
	Lacking    bool // the provider does not offer the operation
	Paused     bool // 503 with the code of maintenance, and a Retry-After
	Running    bool // the first request under this key is still under way
}

// Verdict is what an attempt's failure says about what the server did.
type Verdict uint8

const (
	Final       Verdict = iota // the outcome is known, and another attempt changes nothing
	Unprocessed                // provably not processed: anything may be sent again
	Unsure                     // nobody knows, and another attempt may tell
	Stray                      // nobody knows, and another attempt meets the same stranger
)

// Verdict judges the attempt. What it does not recognise is unsure.
func (e Evidence) Verdict() Verdict {
	switch {
	case e.Status == 0 && e.NoToken:
		return Final
	case e.Status == 0 && e.Unsent:
		return Unprocessed
	case e.Status == 0:
		return Unsure
	case e.Status >= 300 && e.Status < 400:
		return e.redirect()
	case e.Lacking && !e.Broken && (e.FromAPI || !e.Write):
		return Final
	case e.Lacking && !e.Broken:
		return Stray // a page answered a write of an extension: something may have happened behind it
	case e.Unreadable && e.FromAPI:
		return Final // it was done
	case e.Broken, e.Unreadable:
		return Unsure
	case e.Status == http.StatusTooManyRequests && e.FromAPI, e.Paused && e.FromAPI, e.Running && e.Keyed:
		return Unprocessed
	case e.Undone && e.Write,
		e.Status == http.StatusNotImplemented && e.FromAPI,
		e.Status == http.StatusTooEarly && e.FromAPI && e.Write && !e.Harmless: // it does not say when it would
		return Final
	case e.Status == http.StatusRequestTimeout, e.Status == http.StatusTooEarly, e.Status == http.StatusTooManyRequests,
		e.Status >= 500: // those of edge networks too, such as 524
		return Unsure
	case !e.FromAPI && e.Write:
		return Stray // a page from somewhere says nothing of what happened behind it
	}
	return Final
}

// redirect judges a 3xx that was not followed. 307 and 308 say that the request
// belongs elsewhere; the others can be the answer to work that was done, as 303
// is to a form.
func (e Evidence) redirect() Verdict {
	if e.Write && e.Status != http.StatusTemporaryRedirect && e.Status != http.StatusPermanentRedirect {
		return Stray
	}
	return Final
}

// Open reports whether a write of this verdict may have been done.
func (v Verdict) Open() bool { return v == Unsure || v == Stray }

// Repeat reports whether the call may be sent again.
func (e Evidence) Repeat() bool {
	switch e.Verdict() {
	case Unprocessed:
		return true
	case Unsure:
		return !e.Write || e.Harmless || e.Keyed
	}
	return false
}
