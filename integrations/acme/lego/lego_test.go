package legohoster_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"testing"
	"time"

	"github.com/go-acme/lego/v5/challenge/dns01"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	acmehoster "github.com/go-hoster/hoster/integrations/acme"
	legohoster "github.com/go-hoster/hoster/integrations/acme/lego"
	"github.com/go-hoster/hoster/sandbox"
)

// TestProvider writes what the challenge asks for.
func TestProvider(t *testing.T) {
	// The look for aliases goes to a port where nobody is.
	dns01.SetDefaultClient(dns01.NewClient(&dns01.Options{RecursiveNameservers: []string{"127.0.0.1:1"}, Timeout: time.Second}))
	srv := hostertest.New(t)
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	held := func() (value string) {
		srv.View(func(st *sandbox.State) {
			for _, r := range st.Records("example.com") {
				if r.Name == "_acme-challenge.www" {
					value += r.Value
				}
			}
		})
		return value
	}
	p := &legohoster.Provider{Solver: acmehoster.Solver{Client: client}}
	digest := sha256.Sum256([]byte("token.key"))
	if err := p.Present(context.Background(), "www.example.com", "token", "token.key"); err != nil || held() != base64.RawURLEncoding.EncodeToString(digest[:]) {
		t.Error(held(), err)
	}
	if err := p.CleanUp(context.Background(), "www.example.com", "token", "token.key"); err != nil || held() != "" {
		t.Error(held(), err)
	}
	if timeout, interval := p.Timeout(); timeout != 2*time.Minute || interval != 2*time.Second {
		t.Error(timeout, interval)
	}
	p.PropagationTimeout, p.PollingInterval = time.Hour, time.Minute
	if timeout, interval := p.Timeout(); timeout != time.Hour || interval != time.Minute {
		t.Error(timeout, interval)
	}
}
