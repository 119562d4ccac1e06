package main

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

func challenges(srv *hostertest.Server) (found []string) {
	srv.View(func(s *sandbox.State) {
		for _, r := range s.Records("example.com") {
			if r.Name == "_acme-challenge" {
				found = append(found, r.Value)
			}
		}
	})
	slices.Sort(found)
	return found
}

// TestApexAndWildcard at once, in processes that know nothing of each other: a
// third value stays.
func TestApexAndWildcard(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	const name = "_acme-challenge.example.com."
	call := func(args ...string) {
		t.Helper()
		if err := run(context.Background(), args, &strings.Builder{}); err != nil {
			t.Error(err)
		}
	}
	call("present", name, "third")
	var both sync.WaitGroup
	for _, value := range []string{"apex", "wildcard"} {
		both.Go(func() { call("present", name, value) })
	}
	both.Wait()
	if got := challenges(srv); !slices.Equal(got, []string{"apex", "third", "wildcard"}) {
		t.Errorf("present: %v", got)
	}
	call("cleanup", name, "apex")
	call("cleanup", name, "apex")
	if got := challenges(srv); !slices.Equal(got, []string{"third", "wildcard"}) {
		t.Errorf("cleaned up: %v", got)
	}
}

// TestTheZoneIsAskedForOnce where the challenge stands right below it, and found
// where more labels lie between.
func TestTheZoneIsAskedForOnce(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	for name, asked := range map[string]int{"_acme-challenge.example.com.": 1, "_acme-challenge._tcp.example.com": 1, "_acme-challenge.a.b.example.com": 3} {
		srv.ForgetRecords()
		if err := run(context.Background(), []string{"present", name, "x"}, &strings.Builder{}); err != nil || srv.Count("Domains.Get") != asked {
			t.Errorf("%s: asked %d times: %v", name, srv.Count("Domains.Get"), err)
		}
	}
	srv.ForgetRecords()
	if err := run(context.Background(), []string{"present", "_acme-challenge._x.com", "x"}, &strings.Builder{}); err == nil || srv.Count("Domains.Get") != 0 {
		t.Errorf("nothing but underscores: asked %d times: %v", srv.Count("Domains.Get"), err)
	}
}

func TestCertbot(t *testing.T) {
	srv := hostertest.New(t)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	t.Setenv("CERTBOT_DOMAIN", "*.example.com")
	t.Setenv("CERTBOT_VALIDATION", "from-certbot")
	if err := run(context.Background(), []string{"present"}, &strings.Builder{}); err != nil || !slices.Equal(challenges(srv), []string{"from-certbot"}) {
		t.Errorf("%v, %v", challenges(srv), err)
	}
	if err := run(context.Background(), []string{"cleanup"}, &strings.Builder{}); err != nil || len(challenges(srv)) != 0 {
		t.Errorf("%v, %v", challenges(srv), err)
	}
}

func TestArgumentsAndShow(t *testing.T) {
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND", "CERTBOT_DOMAIN"} {
		t.Setenv(name, "")
	}
	var out strings.Builder
	if err := run(context.Background(), nil, &out); err != nil || strings.Count(out.String(), "\n") != 4 {
		t.Errorf("%v\n%s", err, out.String())
	}
	for _, args := range [][]string{{"present"}, {"dance", "_acme-challenge.example.com", "x"}, {"present", "_acme-challenge.nowhere.example", "x"}} {
		if err := run(context.Background(), args, &out); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}
