package hoster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-hoster/hoster/internal/exchange"
	"github.com/go-hoster/hoster/internal/relay"
	"github.com/go-hoster/hoster/internal/tokens"
)

// Scope is a permission of a token. A token has exactly the scopes it was
// given: a write scope does not include the read scope of the same service.
type Scope string

// Known scopes; new ones can appear.
const (
	ScopeDomainsRead  Scope = "domains:read"  // view domain information
	ScopeDomainsWrite Scope = "domains:write" // register, renew and manage domains
	ScopeDNSRead      Scope = "dns:read"      // view DNS records
	ScopeDNSWrite     Scope = "dns:write"     // create, update, delete DNS records
	ScopeHostingRead  Scope = "hosting:read"  // view hosting services
	ScopeHostingWrite Scope = "hosting:write" // manage hosting services
	ScopeAccountRead  Scope = "account:read"  // view the profile, invoices, orders and tokens
	ScopeAccountWrite Scope = "account:write" // update account settings, create and revoke tokens
)

// AllScopes returns every scope that this package knows, read before write.
func AllScopes() []Scope {
	return []Scope{
		ScopeDomainsRead, ScopeDomainsWrite, ScopeDNSRead, ScopeDNSWrite,
		ScopeHostingRead, ScopeHostingWrite, ScopeAccountRead, ScopeAccountWrite,
	}
}

// TokenSource gives the token for each attempt of a call. It must be safe for
// concurrent use. An error from it ends the call with [ErrCredentials].
//
// A source should return when its context ends, which is at the latest when the
// attempt timeout has passed: the client waits no longer for one that does not,
// and does not ask it again before it has returned.
type TokenSource interface {
	Token(ctx context.Context) (Secret, error)
}

// TokenFunc is a function as a [TokenSource].
type TokenFunc func(ctx context.Context) (Secret, error)

// Token calls f.
func (f TokenFunc) Token(ctx context.Context) (Secret, error) { return f(ctx) }

// namedSource is a source of this package: its tokens are checked, and its
// errors name it by themselves.
type namedSource func() (Secret, error)

func (s namedSource) Token(context.Context) (Secret, error) { return s() }

// StaticToken is a source that always gives the same token. The token is
// checked as [WithToken] does.
func StaticToken(token string) (TokenSource, error) {
	secret, err := checkToken(token)
	if err != nil {
		return nil, err
	}
	return namedSource(func() (Secret, error) { return secret, nil }), nil
}

// TokenFromEnv is a source that reads the environment variable name each time.
func TokenFromEnv(name string) TokenSource {
	return namedSource(func() (Secret, error) {
		secret, err := checkToken(os.Getenv(name))
		if err != nil {
			return Secret{}, fmt.Errorf("environment variable %s: %w", name, err)
		}
		return secret, nil
	})
}

// TokenFromFile is a source that reads the file at path each time it is asked, so
// that a secret which is replaced on disk takes effect with the next attempt.
// Replace it with [WriteTokenFile], by a rename, or by the symlink of a mounted
// Kubernetes secret: a file that is written in place can be read half written.
//
// What is no regular file, such as a directory or a named pipe, is an error. On a
// disk that does not answer, a call ends with its context or the attempt timeout.
func TokenFromFile(path string) TokenSource { return fileToken(path, "token file "+path) }

// fileToken names the file in its errors as it is told to: what stands where a
// path should may be the token itself.
func fileToken(path, name string) TokenSource { return &fileSource{path: path, name: name} }

type fileSource struct {
	path, name string
	runner     relay.Runner
}

func (s *fileSource) Token(ctx context.Context) (Secret, error) {
	type reading struct {
		content []byte
		err     error
	}
	read := make(chan reading, 1) // the goroutine may outlive the call
	err := s.runner.Run(ctx, func() {
		content, err := tokens.ReadFile(s.path)
		read <- reading{content, err}
	})
	var secret Secret
	if err == nil {
		r := <-read
		if err = r.err; err == nil {
			secret, err = checkToken(string(r.content))
		}
	}
	if err != nil {
		return Secret{}, fmt.Errorf("%s: %w", s.name, err)
	}
	return secret, nil
}

// Format keeps fmt from walking through what is guarded by the mutex.
func (s *fileSource) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.FileToken") }

// checkToken trims the white space that copying leaves around a token and
// refuses what no token holds. Its errors never show the token.
func checkToken(token string) (Secret, error) {
	token, wrong := tokens.Trim(token)
	if wrong != "" {
		return Secret{}, &ArgumentError{Field: "token", Expected: "the token as the provider showed it, but " + wrong}
	}
	return NewSecret(token), nil
}

// asker asks a source of the caller's, which may block, panic or end its
// goroutine.
type asker struct {
	source       TokenSource
	limit        time.Duration // how long an answer may take; 0: as long as the context
	runner       relay.Runner
	invalidation relay.Runner
}

// bound ends a context with the limit.
func (a *asker) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, instant := a.source.(namedSource); instant || a.limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, a.limit)
}

// Lease gives the token for one attempt. A source that can be replaced is told when
// the attempt has its answer, and no longer needs the token.
func (a *asker) Lease(ctx context.Context) (token exchange.Token, done func(), err error) {
	if rotating, ok := a.source.(*RotatingToken); ok {
		secret, done := rotating.line.Lease()
		return secret, done, nil
	}
	secret, err := a.token(ctx)
	return secret, func() {}, err
}

// Renew tells the source that a token was refused, and asks once more.
func (a *asker) Renew(ctx context.Context, refused exchange.Token) bool {
	old := refused.(Secret)
	if err := a.invalidate(ctx, old); err != nil {
		return false
	}
	fresh, err := a.token(ctx)
	return err == nil && !fresh.Equal(old)
}

// token gets a token and checks it: a source that fails, or gives what no token
// can be, ends the call before anything is sent.
func (a *asker) token(ctx context.Context) (Secret, error) {
	ctx, cancel := a.bound(ctx)
	defer cancel()
	secret, err := a.ask(ctx)
	if err != nil {
		return Secret{}, &credentialsError{err: err}
	}
	return secret, nil
}

func (a *asker) ask(ctx context.Context) (Secret, error) {
	switch a.source.(type) {
	case namedSource, *fileSource, *cachedToken, *RotatingToken: // they end with the context by themselves
		return askNamed(ctx, a.source)
	}
	type reply struct {
		secret Secret
		err    error
	}
	got := make(chan reply, 1) // the goroutine may outlive the call
	err := a.runner.Run(ctx, func() {
		secret, err := askNamed(unprinted{ctx}, a.source)
		got <- reply{secret, err}
	})
	switch {
	case errors.Is(err, relay.ErrAborted):
		return Secret{}, errNeverReturned
	case err != nil:
		return Secret{}, nameSource(a.source, err)
	}
	r := <-got
	return r.secret, r.err
}

// unprinted is a context that a source may print while the call goes on: fmt does not
// walk through what is guarded by its mutex.
type unprinted struct{ context.Context }

func (unprinted) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "hoster.Context") }

var errNeverReturned = errors.New("the token source never returned")

// invalidate tells the source that a token was rejected, if it wants to know.
func (a *asker) invalidate(ctx context.Context, rejected Secret) error {
	i, ok := a.source.(Invalidator)
	if !ok {
		return nil
	}
	ctx, cancel := a.bound(ctx)
	defer cancel()
	return a.invalidation.Run(ctx, func() { i.Invalidate(rejected) })
}

// askNamed gets a checked token, or an error that names the source.
func askNamed(ctx context.Context, source TokenSource) (Secret, error) {
	secret, err := source.Token(ctx)
	switch source.(type) {
	case namedSource, *fileSource, tokenChain, *cachedToken:
		return secret, err // they have checked it, or named what failed
	}
	if err == nil {
		secret, err = checkToken(secret.Reveal())
	}
	if err == nil {
		return secret, nil
	}
	return Secret{}, nameSource(source, err)
}

func nameSource(source TokenSource, err error) error {
	if _, ok := source.(TokenFunc); ok {
		return fmt.Errorf("token function: %w", err)
	}
	return fmt.Errorf("%T: %w", source, err)
}
