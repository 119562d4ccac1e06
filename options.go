package hoster

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/internal/exchange"
	"github.com/go-hoster/hoster/internal/gate"
)

// Option configures a [Client]. NewClient reports everything that is wrong with
// its options in one error.
type Option func(*config) error

// config collects the options; NewClient turns it into a Client.
type config struct {
	base     *url.URL
	source   TokenSource
	http     *http.Client
	agent    string
	headers  []exchange.Field
	retry    RetryPolicy
	limits   gate.Limits
	timeout  time.Duration
	hooks    []Hooks
	insecure bool
	keys     *bool // whether idempotency keys are honoured; nil: learn it

	baseFrom    string // what set the base URL, for errors
	baseGiven   bool   // even if it was refused
	sourceGiven bool
}

func optionError(field, expected string) error {
	return &ArgumentError{Field: field, Expected: expected}
}

// WithBaseURL sets where the API is, such as "https://api.example.com/v1". A
// final slash does not matter. It must be https; plain http is taken for
// loopback addresses, and elsewhere only together with [WithInsecureHTTP].
func WithBaseURL(base string) Option {
	return func(c *config) error {
		c.baseGiven = true
		if c.base != nil {
			return optionError("WithBaseURL", "one base URL or brand, not two")
		}
		u, err := parseBaseURL(base)
		c.base, c.baseFrom = u, "WithBaseURL"
		return err
	}
}

// parseBaseURL never repeats what it was given: a password may stand in it.
func parseBaseURL(base string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(base))
	switch {
	case err != nil:
		return nil, optionError("WithBaseURL", "a URL such as https://api.example.com/v1")
	case u.User != nil:
		return nil, optionError("WithBaseURL", "a URL without user name and password: the token goes into WithToken")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, optionError("WithBaseURL", "a URL that begins with https://")
	case u.Hostname() == "" || u.Opaque != "":
		return nil, optionError("WithBaseURL", "a URL with a host name")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, optionError("WithBaseURL", "a URL without query and fragment")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(s string) bool { return s == "." || s == ".." }):
		return nil, optionError("WithBaseURL", `a URL whose path has no "." or ".." steps`)
	}
	escaped := strings.TrimRight(u.EscapedPath(), "/")
	if u.Path, err = url.PathUnescape(escaped); err != nil {
		return nil, optionError("WithBaseURL", "a URL whose path is escaped correctly")
	}
	u.RawPath = escaped
	u.Host = strings.ToLower(u.Host)
	return u, nil
}

// WithBrand sets the base URL of a brand: "acme" stands for
// https://api.acme.com/v1.
func WithBrand(brand string) Option {
	return func(c *config) error {
		c.baseGiven = true
		if !isLabel(brand) {
			return optionError("WithBrand", "one lower-case DNS label, such as acme")
		}
		return WithBaseURL("https://api." + brand + ".com/v1")(c)
	}
}

func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-' && s[len(s)-1] != '-'
}

// WithToken sets an API token. White space around it is trimmed; an empty one,
// inner white space, control characters, quotes or a leading "Bearer" are
// refused, by errors that never show the token.
func WithToken(token string) Option {
	return func(c *config) error {
		c.sourceGiven = true
		source, err := StaticToken(token)
		if err != nil {
			return err
		}
		return WithTokenSource(source)(c)
	}
}

// WithTokenSource sets where the token of each attempt comes from.
func WithTokenSource(source TokenSource) Option {
	return func(c *config) error {
		c.sourceGiven = true
		switch {
		case isNil(source):
			return optionError("WithTokenSource", "a token source that is not nil")
		case c.source != nil:
			return optionError("WithTokenSource", "one token or token source, not two")
		}
		c.source = source
		return nil
	}
}

// WithHTTPClient sets the client whose transport, cookie jar, time-out and
// redirect check are used. It is copied, never changed. Its time-out counts for
// each attempt. Redirects are never followed where this package forbids it,
// whatever its own check allows. A transport that did not send a request can say
// so with [ErrNotSent].
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return optionError("WithHTTPClient", "a client that is not nil")
		}
		c.http = client
		return nil
	}
}

// NewTransport returns a transport like the one that a client uses without
// [WithHTTPClient], for a caller that wraps it: proxies from the environment, TLS
// 1.2 or better with session resumption, HTTP/2 with a ping that finds dead
// connections, idle connections that are closed after 30 s, and an error that names
// a proxy which refuses.
func NewTransport() *http.Transport { return exchange.NewTransport() }

// WithUserAgent puts a program's own name before the SDK's in the User-Agent
// header, such as "terraform-provider-example/0.1".
func WithUserAgent(agent string) Option {
	return func(c *config) error {
		agent = strings.TrimSpace(agent)
		if agent == "" || strings.ContainsFunc(agent, func(r rune) bool { return r < ' ' || r > '~' }) {
			return optionError("WithUserAgent", "visible ASCII on one line")
		}
		c.agent = agent
		return nil
	}
}

// WithHeaders sends headers with every attempt of every call, such as the one by
// which a brand tells its resellers apart. What the package sends by itself is
// refused, Authorization first of all. No error shows their values.
func WithHeaders(headers map[string]string) Option {
	return func(c *config) error {
		for _, name := range slices.Sorted(maps.Keys(headers)) {
			field := exchange.Field{Name: textproto.CanonicalMIMEHeaderKey(name), Value: headers[name]}
			if expected := checkHeader(field); expected != "" {
				return optionError("WithHeaders", expected)
			}
			c.headers = append(c.headers, field)
		}
		return nil
	}
}

// WithRetryPolicy replaces [DefaultRetryPolicy].
func WithRetryPolicy(policy RetryPolicy) Option {
	return func(c *config) error {
		c.retry = policy
		return policy.check()
	}
}

// WithRequestRate holds the client to a rate of requests in a second, with a
// burst of that many at once. All goroutines share it.
func WithRequestRate(perSecond float64, burst int) Option {
	return func(c *config) error {
		if !(perSecond > 0) || perSecond > 1e9 || burst < 1 {
			return optionError("WithRateLimit", "a rate above 0 and a burst of 1 or more")
		}
		c.limits.Rate, c.limits.Burst = perSecond, burst
		return nil
	}
}

// WithMaxInFlight bounds the requests that are under way at once.
func WithMaxInFlight(n int) Option {
	return func(c *config) error {
		if n < 1 {
			return optionError("WithMaxInFlight", "1 or more")
		}
		c.limits.InFlight = n
		return nil
	}
}

// WithAttemptTimeout limits each attempt, headers and body together; 30 s
// without it. Of a streamed document it limits the headers, and then each pause
// between bytes. The whole call is limited by its context alone.
func WithAttemptTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return optionError("WithAttemptTimeout", "a duration above 0")
		}
		c.timeout = d
		return nil
	}
}

// WithLogger logs attempts at debug level, repetitions and waits at info level,
// by an allow-list that holds no secret, no query and no filled-in path.
func WithLogger(log *slog.Logger) Option {
	return func(c *config) error {
		if log == nil {
			return optionError("WithLogger", "a logger that is not nil")
		}
		c.hooks = append(c.hooks, logHooks(log))
		return nil
	}
}

// WithHooks calls functions at the steps of each call. It may be given more
// than once.
func WithHooks(hooks Hooks) Option {
	return func(c *config) error {
		c.hooks = append(c.hooks, hooks)
		return nil
	}
}

// WithIdempotencyKeys says whether the provider honours idempotency keys, so
// that a POST of unknown outcome may be repeated under its key. Without this
// option the client learns it from the provider's Idempotent-Replayed header.
func WithIdempotencyKeys(honoured bool) Option {
	return func(c *config) error {
		c.keys = &honoured
		return nil
	}
}

// WithInsecureHTTP lets the base URL be plain http beyond loopback: everybody
// on the way can then read the token.
func WithInsecureHTTP() Option {
	return func(c *config) error {
		c.insecure = true
		return nil
	}
}

// newConfig applies the options and joins all that is wrong with them.
func newConfig(options []Option) (*config, error) {
	c := &config{retry: DefaultRetryPolicy(), timeout: 30 * time.Second, http: &http.Client{}}
	var problems []error
	for i, option := range options {
		if option == nil {
			problems = append(problems, optionError(fmt.Sprintf("option %d", i+1), "an option that is not nil"))
			continue
		}
		if err := option(c); err != nil {
			problems = append(problems, err)
		}
	}
	problems = append(problems, c.missing()...)
	if c.base != nil && c.base.Scheme == "http" && !c.insecure && !isLoopback(c.base.Hostname()) {
		problems = append(problems, optionError(c.baseFrom, "https: over plain http everybody on the way can read the token (WithInsecureHTTP allows it)"))
	}
	return c, errors.Join(problems...)
}

func (c *config) missing() (problems []error) {
	if !c.baseGiven {
		problems = append(problems, optionError("WithBaseURL", "a base URL or a brand"))
	}
	if !c.sourceGiven {
		problems = append(problems, optionError("WithToken", "a token or a token source"))
	}
	return problems
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// RetryPolicy bounds the attempts of a call. What may be repeated at all is
// decided by the operation and on evidence, and no policy changes it.
type RetryPolicy struct {
	// MaxAttempts of one call, the first included. 1 never repeats.
	MaxAttempts int
	// MinWait and MaxWait bound the backoff: before the nth repetition it is
	// drawn evenly from 0 to MinWait doubled n times, at most MaxWait.
	MinWait, MaxWait time.Duration
	// MaxRetryAfter is the longest wait that a server may ask for. A longer one
	// ends the call at once, with the wait in the error.
	MaxRetryAfter time.Duration
}

// DefaultRetryPolicy is what a client uses without [WithRetryPolicy]: four
// attempts, backoff from 0.5 s to 10 s, Retry-After up to 60 s.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxAttempts: 4, MinWait: 500 * time.Millisecond, MaxWait: 10 * time.Second, MaxRetryAfter: 60 * time.Second}
}

func (p RetryPolicy) check() error {
	switch {
	case p.MaxAttempts < 1:
		return &ArgumentError{Field: "RetryPolicy.MaxAttempts", Expected: "1 or more"}
	case p.MinWait < 0 || p.MaxWait < p.MinWait:
		return &ArgumentError{Field: "RetryPolicy.MaxWait", Expected: "0 <= MinWait <= MaxWait"}
	case p.MaxRetryAfter < 0:
		return &ArgumentError{Field: "RetryPolicy.MaxRetryAfter", Expected: "0 or more"}
	}
	return nil
}
