package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-hoster/hoster/internal/exchange"
	"github.com/go-hoster/hoster/internal/zonework"
)

// Version is the version of this package, as the User-Agent header names it; with
// -dev it is what will become that version.
const Version = "0.1.0-dev"

// Client talks to one account of one provider. It is safe for concurrent use:
// its configuration never changes after [NewClient], and what it learns is
// synchronised. Make one client per account and share it, so that its limits
// and connections are shared too.
type Client struct {
	Account      *AccountService
	Contacts     *ContactsService
	Invoices     *InvoicesService
	Orders       *OrdersService
	Domains      *DomainsService
	DNS          *DNSService
	Hosting      *HostingService
	HostingPlans *HostingPlansService
	Tokens       *TokensService

	base         *url.URL
	source       *asker
	exchange     *exchange.Exchange
	headers      []exchange.Field // of every request
	callers      []exchange.Field // the caller's among them
	hooks        []Hooks
	zones        *zonework.State
	usage        *usage
	envelopes    *sync.Pool   // of *envelope.Reader
	keysHonoured *atomic.Bool // the provider showed that it knows idempotency keys
	keysTold     bool         // an option says so, or that it does not: nothing to learn
}

// service is a view of the client that carries one resource's methods.
type service struct{ client *Client }

// Format prints the client behind the service, and nothing of its insides:
// without it some verbs of fmt would walk through them.
func (s service) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.client.String()) }

// NewClient makes a client from options: a base URL or brand, and a token or
// token source, are required. It reads no environment and sends nothing; the
// default transport takes proxies from the environment when it connects.
//
// Its errors match [ErrInvalidArgument] and name everything that is wrong.
func NewClient(options ...Option) (*Client, error) {
	config, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	config.limits.Trust = config.retry.MaxRetryAfter
	source := &asker{source: config.source, limit: config.timeout}
	c := &Client{
		base:   config.base,
		source: source,
		exchange: exchange.New(exchange.Config{
			Base:           config.base,
			Client:         config.http,
			Tokens:         source,
			Policy:         exchange.Policy(config.retry),
			Limits:         config.limits,
			AttemptTimeout: config.timeout,
			Bodies:         exchange.Bodies{Success: maxSuccessBody, Error: maxErrorBody, Kept: maxKept},
		}),
		headers:      append([]exchange.Field{{Name: "Accept", Value: "application/json"}, {Name: "User-Agent", Value: userAgent(config.agent)}}, config.headers...),
		callers:      config.headers,
		hooks:        config.hooks,
		zones:        &zonework.State{},
		usage:        &usage{},
		envelopes:    &sync.Pool{},
		keysHonoured: &atomic.Bool{},
	}
	if config.keys != nil {
		c.keysTold = true
		c.keysHonoured.Store(*config.keys)
	}
	c.assemble()
	return c, nil
}

// assemble gives the client its services.
func (c *Client) assemble() {
	c.Account = &AccountService{service{c}}
	c.Contacts = &ContactsService{service{c}}
	c.Invoices = &InvoicesService{service{c}}
	c.Orders = &OrdersService{service{c}}
	c.Domains = &DomainsService{service{c}}
	c.DNS = &DNSService{service{c}}
	c.Hosting = &HostingService{service{c}}
	c.HostingPlans = &HostingPlansService{service{c}}
	c.Tokens = &TokensService{service{c}}
}

// WithToken returns a view of the client that sends another token of the same
// account. It shares the connections, limits, hooks and all that was learned,
// and is cheap to make. The token is checked as the option [WithToken] does.
func (c *Client) WithToken(token Secret) (*Client, error) {
	secret, err := checkToken(token.Reveal())
	if err != nil {
		return nil, err
	}
	view := *c
	view.source = &asker{source: namedSource(func() (Secret, error) { return secret, nil })}
	view.exchange = c.exchange.With(view.source)
	view.assemble()
	return &view, nil
}

// NewClientFromEnv makes a client from the environment: the token from
// API_TOKEN, or from the file that API_TOKEN_FILE names, which is read again
// for each attempt; the provider from API_BASE_URL, or API_BRAND. An empty
// variable counts as unset, the first of each pair wins, and options given here
// come on top: an explicit base URL or token replaces that of the environment.
func NewClientFromEnv(options ...Option) (*Client, error) {
	explicit, _ := newConfig(options)
	all := append([]Option(nil), options...)
	if !explicit.baseGiven {
		if base := os.Getenv("API_BASE_URL"); base != "" {
			all = append(all, fromEnv("API_BASE_URL", WithBaseURL(base)))
		} else if brand := os.Getenv("API_BRAND"); brand != "" {
			all = append(all, fromEnv("API_BRAND", WithBrand(brand)))
		} else {
			all = append(all, func(c *config) error {
				c.baseGiven = true // one complaint is enough
				return optionError("environment variable API_BASE_URL", "the provider's base URL in it, or a brand in API_BRAND")
			})
		}
	}
	if !explicit.sourceGiven {
		if os.Getenv("API_TOKEN") != "" {
			all = append(all, fromEnv("API_TOKEN", WithToken(os.Getenv("API_TOKEN"))))
		} else if path := os.Getenv("API_TOKEN_FILE"); path != "" {
			all = append(all, WithTokenSource(fileToken(path, "file that environment variable API_TOKEN_FILE names")))
		} else {
			all = append(all, func(c *config) error {
				c.sourceGiven = true
				return optionError("environment variable API_TOKEN", "the token in it, or a file's path in API_TOKEN_FILE")
			})
		}
	}
	return NewClient(all...)
}

// fromEnv names the variable in the option's error.
func fromEnv(variable string, option Option) Option {
	return func(c *config) error {
		name := "environment variable " + variable
		given := c.base != nil
		err := option(c)
		if !given && c.base != nil {
			c.baseFrom = name
		}
		var argument *ArgumentError
		if errors.As(err, &argument) {
			return &ArgumentError{Field: name, Expected: argument.Expected}
		}
		return err
	}
}

func userAgent(program string) string {
	own := "hoster/" + Version + " (" + strings.Fields(runtime.Version())[0] + "; " + runtime.GOOS + "/" + runtime.GOARCH + ")"
	if program == "" {
		return own
	}
	return program + " " + own
}

// CloseIdleConnections closes the idle connections of the client's own
// transport. A transport that the caller brought is left alone.
func (c *Client) CloseIdleConnections() {
	if own := c.exchange.Transport(); own != nil {
		own.CloseIdleConnections()
	}
}

// RateLimit returns what the provider last said of the account's budget.
func (c *Client) RateLimit() RateLimit { return RateLimit(c.exchange.Gate().Budget()) }

// String names the client by its base URL; the token is not part of it.
func (c *Client) String() string { return "hoster.Client(" + c.base.String() + ")" }

// Format prints String under every verb: no other is a walk through the insides.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// Verify checks that the token works: with the token's own description where
// the provider offers it, which needs no scope, else with the account's
// profile, which needs account:read.
func (c *Client) Verify(ctx context.Context) error {
	_, err := c.Tokens.Current(ctx)
	if errors.Is(err, ErrNotSupported) {
		_, err = c.Account.Profile(ctx)
	}
	return err
}
