package hoster_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// TestViewWithAnotherToken sends the other token, and shares all else.
func TestViewWithAnotherToken(t *testing.T) {
	srv := hostertest.New(t)
	id, secret := srv.MintToken(sandbox.TokenSpec{Name: "other", Scopes: []string{"domains:read"}})
	started := 0
	client := newTestClient(t, srv.URL(), srv.RootToken(), hoster.WithHooks(hoster.Hooks{OnStart: func(ctx context.Context, _ hoster.Event) context.Context { started++; return ctx }}))
	view, err := client.WithToken(hoster.NewSecret(" " + secret + "\n")) // as pasted
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if own, err := view.Tokens.Current(ctx); err != nil || own.ID != hoster.TokenID(id) {
		t.Errorf("the view: %+v, %v", own, err)
	}
	if own, err := client.Tokens.Current(ctx); err != nil || own.ID == hoster.TokenID(id) {
		t.Errorf("the client: %+v, %v", own, err)
	}
	if _, err := view.Domains.List(ctx, nil); err != nil {
		t.Error(err)
	}
	if client.RateLimit() != view.RateLimit() || !client.RateLimit().Known {
		t.Errorf("the budget is not shared: %+v, %+v", client.RateLimit(), view.RateLimit())
	}
	if started != 3 || !slices.Equal(client.UsedOperations(), []hoster.Operation{"Domains.List", "Tokens.Current"}) {
		t.Errorf("hooks ran %d times, used %v", started, client.UsedOperations())
	}
	for _, bad := range []string{"", "two words", "Bearer x"} {
		if _, err := client.WithToken(hoster.NewSecret(bad)); !errors.Is(err, hoster.ErrInvalidArgument) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSelfRevoke(t *testing.T) {
	srv := hostertest.New(t)
	id, secret := srv.MintToken(sandbox.TokenSpec{Name: "own", Scopes: []string{"account:write"}})
	client := newTestClient(t, srv.URL(), secret)
	ctx := context.Background()
	if err := client.Tokens.Revoke(ctx, hoster.TokenID(id)); !errors.Is(err, hoster.ErrSelfRevoke) || len(srv.Writes()) != 0 {
		t.Errorf("got %v", err)
	}
	other, _ := srv.MintToken(sandbox.TokenSpec{Name: "other", Scopes: []string{"dns:read"}})
	if err := client.Tokens.Revoke(ctx, hoster.TokenID(other)); err != nil {
		t.Error(err)
	}
	if err := client.Tokens.RevokeAny(ctx, hoster.TokenID(id)); err != nil {
		t.Error(err)
	}
	if err := client.Tokens.Revoke(ctx, hoster.TokenID(other)); !errors.Is(err, hoster.ErrUnauthorized) {
		t.Errorf("after it revoked itself: %v", err)
	}
}

func TestScopesBeyondOnesOwn(t *testing.T) {
	srv := hostertest.New(t)
	_, secret := srv.MintToken(sandbox.TokenSpec{Name: "own", Scopes: []string{"account:write", "dns:read"}})
	client := newTestClient(t, srv.URL(), secret)
	ctx := context.Background()
	want := hoster.TokenCreate{Name: "more", Scopes: []hoster.Scope{hoster.ScopeDNSRead, hoster.ScopeDNSWrite}}
	var forbidden *hoster.ForbiddenError
	if _, err := client.Tokens.Create(ctx, want); !errors.As(err, &forbidden) || forbidden.Reason != hoster.ForbiddenReasonEscalation {
		t.Errorf("not known yet: %v", err)
	}
	if _, err := client.Domains.List(ctx, nil); !errors.As(err, &forbidden) || forbidden.TokenScopes != nil {
		t.Errorf("not known yet: %v", err)
	}
	if _, err := client.Tokens.Current(ctx); err != nil {
		t.Fatal(err)
	}
	sent := srv.Count("Tokens.Create")
	if _, err := client.Tokens.Create(ctx, want); !errors.Is(err, hoster.ErrInvalidArgument) || !strings.Contains(err.Error(), "dns:write") || srv.Count("Tokens.Create") != sent {
		t.Errorf("known: %v", err)
	}
	_, err := client.Domains.List(ctx, nil)
	if !errors.As(err, &forbidden) || !slices.Equal(forbidden.TokenScopes, []hoster.Scope{"account:write", "dns:read"}) || !strings.Contains(err.Error(), "it has account:write and dns:read") {
		t.Errorf("the difference is not told: %v", err)
	}
}

func TestUsedScopes(t *testing.T) {
	srv := hostertest.New(t)
	client := newTestClient(t, srv.URL(), srv.RootToken())
	ctx := context.Background()
	if len(client.UsedScopes()) != 0 || len(client.UsedOperations()) != 0 {
		t.Error("used before it was")
	}
	for range 2 {
		_, _ = client.DNS.List(ctx, "example.com", nil)
		_, _ = client.Domains.List(ctx, nil)
		_, _ = client.Tokens.Current(ctx)
		_ = client.Call(ctx, hoster.CallSpec{Method: "GET", Segments: []string{"extra"}, Scope: "extra:read"}, nil)
	}
	if got := client.UsedScopes(); !slices.Equal(got, []hoster.Scope{"domains:read", "dns:read", "extra:read"}) {
		t.Errorf("scopes: %v", got)
	}
	if got := client.UsedOperations(); !slices.Equal(got, []hoster.Operation{"Call", "DNS.List", "Domains.List", "Tokens.Current"}) {
		t.Errorf("operations: %v", got)
	}
	scopes, err := hoster.ScopesFor("DNS.Create", "DNS.List", "Tokens.Current", "Domains.Register")
	if err != nil || !slices.Equal(scopes, []hoster.Scope{"domains:write", "dns:read", "dns:write"}) {
		t.Errorf("%v, %v", scopes, err)
	}
	if _, err := hoster.ScopesFor("DNS.Wipe"); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Errorf("an operation that does not exist: %v", err)
	}
}

// TestOnlyACreatedTokenHasASecret by the types themselves.
func TestOnlyACreatedTokenHasASecret(t *testing.T) {
	token := reflect.TypeFor[hoster.Token]()
	for i := range token.NumField() {
		if token.Field(i).Type == reflect.TypeFor[hoster.Secret]() {
			t.Errorf("Token has a secret: %s", token.Field(i).Name)
		}
	}
}

func TestWriteTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	for _, token := range []string{"tok-1", "tok-2-which-is-longer", "t"} {
		if err := hoster.WriteTokenFile(path, hoster.NewSecret(token)); err != nil {
			t.Fatal(err)
		}
		if got, err := hoster.TokenFromFile(path).Token(context.Background()); err != nil || got.Reveal() != token {
			t.Errorf("read back %q, %v", got.Reveal(), err)
		}
	}
	for _, bad := range []string{"", "two words", "Bearer x"} {
		if err := hoster.WriteTokenFile(path, hoster.NewSecret(bad)); !errors.Is(err, hoster.ErrInvalidArgument) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	missing := filepath.Join(path, "none")
	if err := hoster.WriteTokenFile(missing, hoster.NewSecret("t0p-secret")); err == nil || !strings.Contains(err.Error(), missing) || strings.Contains(err.Error(), "t0p-secret") {
		t.Errorf("got %v", err)
	}
	if got, err := hoster.TokenFromFile(path).Token(context.Background()); err != nil || got.Reveal() != "t" {
		t.Errorf("what was refused was written: %q, %v", got.Reveal(), err)
	}
}

func second[T any](_ T, err error) error { return err }

// TestTokensWhereThereAreNone: a provider without token endpoints.
func TestTokensWhereThereAreNone(t *testing.T) {
	srv := hostertest.New(t, sandbox.Without(sandbox.TokenEndpoints))
	client := newTestClient(t, srv.URL(), srv.RootToken())
	ctx := context.Background()
	for _, err := range []error{
		second(client.Tokens.List(ctx, nil)),
		client.Tokens.Revoke(ctx, "tok_1"),
		client.Tokens.RevokeAny(ctx, "tok_1"),
		second(client.Tokens.Create(ctx, hoster.TokenCreate{Name: "x", Scopes: hoster.AllScopes()})),
	} {
		if !errors.Is(err, hoster.ErrNotSupported) || !strings.Contains(err.Error(), "Account Settings > API Access") {
			t.Errorf("got %v", err)
		}
	}
	if err := client.Verify(ctx); err != nil {
		t.Error(err)
	}
}
