package acmehoster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	acmehoster "github.com/go-hoster/hoster/integrations/acme"
	"github.com/go-hoster/hoster/sandbox"
)

func start(t *testing.T, options ...sandbox.Option) (*hostertest.Server, *acmehoster.Solver) {
	srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithRateLimit(0, 0)}, options...)...)
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	return srv, &acmehoster.Solver{Client: client}
}

func texts(srv *hostertest.Server) (held []string) {
	srv.View(func(st *sandbox.State) {
		for _, r := range st.Records("example.com") {
			if r.Name == "_acme-challenge" {
				held = append(held, fmt.Sprintf("%d %s", r.TTL, r.Value))
			}
		}
	})
	slices.Sort(held)
	return held
}

// TestEachExactly: apex and wildcard stand beside each other, and each goes alone.
func TestEachExactly(t *testing.T) {
	for name, options := range map[string][]sandbox.Option{"full": nil, "neither": {sandbox.Without(sandbox.Batch, sandbox.ETags)}} {
		t.Run(name, func(t *testing.T) {
			srv, s := start(t, options...)
			ctx, fqdn := context.Background(), "_acme-challenge.Example.com."
			for _, step := range []struct {
				do    func(context.Context, string, string) error
				value string
				want  []string
			}{
				{s.Present, "apex", []string{"60 apex"}},
				{s.Present, "wildcard", []string{"60 apex", "60 wildcard"}},
				{s.Present, "apex", []string{"60 apex", "60 wildcard"}},
				{s.CleanUp, "apex", []string{"60 wildcard"}},
				{s.CleanUp, "apex", []string{"60 wildcard"}},
				{s.CleanUp, "wildcard", nil},
			} {
				if err := step.do(ctx, fqdn, step.value); err != nil || !slices.Equal(texts(srv), step.want) {
					t.Errorf("%s: %v, %v", step.value, texts(srv), err)
				}
			}
			writes := len(srv.Writes())
			var clients sync.WaitGroup
			for i := range 20 {
				clients.Go(func() {
					if err := errors.Join(s.Present(ctx, fqdn, fmt.Sprint(i)), s.CleanUp(ctx, fqdn, fmt.Sprint(i))); err != nil {
						t.Error(err)
					}
				})
			}
			if clients.Wait(); len(texts(srv)) > 0 || len(srv.Writes()) < writes+40 {
				t.Error(texts(srv))
			}
		})
	}
}

func TestZones(t *testing.T) {
	srv, s := start(t)
	for name, want := range map[string]error{
		"_acme-challenge.example.com.": nil, "_acme-challenge.a.b.EXAMPLE.com": nil, "_acme-challenge.elsewhere.test.": hoster.ErrNotFound, "_acme-challenge.com.": hoster.ErrNotFound,
	} {
		if err := s.Present(context.Background(), name, "x"); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	srv.ForgetRecords()
	s.Zone = "example.com"
	if err := s.Present(context.Background(), "_acme-challenge.example.com.", "x"); err != nil || srv.Count("Domains.List") > 0 {
		t.Error(err)
	}
	if err := s.Present(context.Background(), "_acme-challenge.example.net.", "x"); !errors.Is(err, hoster.ErrInvalidArgument) {
		t.Error(err)
	}
	s.Zone = ""
	srv.Inject(sandbox.Fault{Operation: "Domains.List", Status: 403, Body: `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"no"}`})
	if err := s.Present(context.Background(), "_acme-challenge.example.com.", "x"); !errors.Is(err, hoster.ErrForbidden) {
		t.Error(err)
	}
}
