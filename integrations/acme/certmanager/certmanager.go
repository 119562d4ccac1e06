// Package certmanagerhoster is a DNS-01 solver for cert-manager over package hoster.
// The program cert-manager-webhook-hoster serves it as a webhook.
//
// An issuer names it and says where the account is:
//
//	solvers:
//	- dns01:
//	    webhook:
//	      groupName: acme.hoster.example # that of the program
//	      solverName: hoster
//	      config:
//	        brand: acme # or baseURL
//	        tokenSecretRef: {name: hoster-token, key: token}
package certmanagerhoster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cert-manager/cert-manager/pkg/acme/webhook"
	"github.com/cert-manager/cert-manager/pkg/acme/webhook/apis/acme/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/go-hoster/hoster"
	acmehoster "github.com/go-hoster/hoster/integrations/acme"
)

// timeout is how long a challenge may take to be written. cert-manager tries again.
const timeout = 2 * time.Minute

// Solver solves challenges with the account that the issuer's configuration names.
// The zero value is ready; cert-manager calls Initialize.
type Solver struct {
	Secrets kubernetes.Interface // set by Initialize where it is nil
}

var _ webhook.Solver = (*Solver)(nil)

// Config is the configuration of an issuer. One of Brand and BaseURL is needed.
type Config struct {
	Brand          string `json:"brand"`
	BaseURL        string `json:"baseURL"`
	Zone           string `json:"zone"` // empty: the longest domain of the account that a name lies in
	TokenSecretRef struct {
		Name string `json:"name"`
		Key  string `json:"key"`
	} `json:"tokenSecretRef"` // in the issuer's namespace
}

// Name is what an issuer calls the solver.
func (s *Solver) Name() string { return "hoster" }

// Initialize makes the client with which secrets are read.
func (s *Solver) Initialize(config *rest.Config, _ <-chan struct{}) (err error) {
	if s.Secrets == nil {
		s.Secrets, err = kubernetes.NewForConfig(config)
	}
	return err
}

// Present puts the record of a challenge in place. It does nothing the second time.
func (s *Solver) Present(challenge *v1alpha1.ChallengeRequest) error {
	return s.solve(challenge, (*acmehoster.Solver).Present)
}

// CleanUp takes exactly that record away again.
func (s *Solver) CleanUp(challenge *v1alpha1.ChallengeRequest) error {
	return s.solve(challenge, (*acmehoster.Solver).CleanUp)
}

func (s *Solver) solve(challenge *v1alpha1.ChallengeRequest, do func(*acmehoster.Solver, context.Context, string, string) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	solver, err := s.solver(ctx, challenge)
	if err != nil {
		return err
	}
	defer solver.Client.CloseIdleConnections()
	return do(solver, ctx, challenge.ResolvedFQDN, challenge.Key)
}

// solver is the solver of the account that a challenge is to be solved with.
func (s *Solver) solver(ctx context.Context, challenge *v1alpha1.ChallengeRequest) (*acmehoster.Solver, error) {
	var config Config
	if challenge.Config == nil {
		return nil, errors.New("the issuer has no configuration for the solver hoster")
	}
	if err := json.Unmarshal(challenge.Config.Raw, &config); err != nil {
		return nil, fmt.Errorf("the issuer's configuration for the solver hoster: %w", err)
	}
	reference := config.TokenSecretRef
	secret, err := s.Secrets.CoreV1().Secrets(challenge.ResourceNamespace).Get(ctx, reference.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	token, ok := secret.Data[reference.Key]
	if !ok {
		return nil, fmt.Errorf("the secret %s/%s has no key %q", challenge.ResourceNamespace, reference.Name, reference.Key)
	}
	options := []hoster.Option{hoster.WithToken(strings.TrimSpace(string(token))), hoster.WithUserAgent("cert-manager-webhook-hoster")}
	if config.Brand != "" {
		options = append(options, hoster.WithBrand(config.Brand))
	}
	if config.BaseURL != "" {
		options = append(options, hoster.WithBaseURL(config.BaseURL))
	}
	client, err := hoster.NewClient(options...)
	if err != nil {
		return nil, err
	}
	return &acmehoster.Solver{Client: client, Zone: config.Zone}, nil
}
