package hoster

import (
	"net/http"
	"time"

	"github.com/go-hoster/hoster/internal/pace"
)

// RateLimit is what the provider last said of the account's budget of requests.
type RateLimit struct {
	Limit     int       // requests in a window; 0 if it did not say
	Remaining int       // left in this window
	Reset     time.Time // when the next window begins, by the provider's clock; zero if it did not say
	Known     bool      // false until a provider said anything
}

// readRateLimit takes what an answer says of the budget.
func readRateLimit(h http.Header) RateLimit {
	return RateLimit(pace.Read(h, time.Now()).Budget)
}

// first is h.Get for a name in the spelling of net/http, which spares bringing
// it into that.
func first(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) > 0 {
		return values[0]
	}
	return ""
}
