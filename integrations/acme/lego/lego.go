// Package legohoster is a DNS-01 provider for lego over package hoster:
//
//	provider := &legohoster.Provider{Solver: acmehoster.Solver{Client: client}}
//	err := acmeClient.Challenge.SetDNS01Provider(provider)
package legohoster

import (
	"context"
	"time"

	"github.com/go-acme/lego/v5/challenge"
	"github.com/go-acme/lego/v5/challenge/dns01"

	acmehoster "github.com/go-hoster/hoster/integrations/acme"
)

// Provider is a provider for lego. It must not be changed once it is used.
type Provider struct {
	Solver acmehoster.Solver

	// How long lego waits for the records to be seen, and how long between two
	// looks; 0: two minutes, and two seconds.
	PropagationTimeout, PollingInterval time.Duration
}

var _ challenge.ProviderTimeout = (*Provider)(nil)

// Present puts the record of a challenge in place, at the end of the aliases that
// lead from its name.
func (p *Provider) Present(ctx context.Context, domain, _, keyAuth string) error {
	info := dns01.GetChallengeInfo(ctx, domain, keyAuth)
	return p.Solver.Present(ctx, info.EffectiveFQDN, info.Value)
}

// CleanUp takes the record away again.
func (p *Provider) CleanUp(ctx context.Context, domain, _, keyAuth string) error {
	info := dns01.GetChallengeInfo(ctx, domain, keyAuth)
	return p.Solver.CleanUp(ctx, info.EffectiveFQDN, info.Value)
}

// Timeout is what lego asks for.
func (p *Provider) Timeout() (timeout, interval time.Duration) {
	timeout, interval = p.PropagationTimeout, p.PollingInterval
	if timeout == 0 {
		timeout = 2 * time.Minute
	}
	if interval == 0 {
		interval = 2 * time.Second
	}
	return timeout, interval
}
