// Package provider finds the provider that an example talks to: the one that
// the environment names, or an embedded sandbox on a loopback port, so that
// every example runs without an account.
package provider

import (
	"net"
	"net/http"
	"os"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/sandbox"
)

// Provider is where an example finds its API.
type Provider struct {
	Client   *hoster.Client
	BaseURL  string          // of the sandbox; empty for a real provider
	Sandbox  *sandbox.Server // nil for a real provider
	shutDown func()
}

// Open returns the provider of API_BASE_URL or API_BRAND with the token of
// API_TOKEN or API_TOKEN_FILE, or an embedded sandbox where neither is set.
func Open(options ...hoster.Option) (*Provider, error) {
	if os.Getenv("API_BASE_URL") != "" || os.Getenv("API_BRAND") != "" {
		client, err := hoster.NewClientFromEnv(options...)
		return &Provider{Client: client}, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	api := sandbox.New()
	server := &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	base := "http://" + listener.Addr().String() + "/v1"
	client, err := hoster.NewClient(append(options, hoster.WithBaseURL(base), hoster.WithToken(api.RootToken()))...)
	return &Provider{Client: client, BaseURL: base, Sandbox: api, shutDown: func() { _ = server.Close() }}, err
}

// OpenRotating is Open with a client whose token can be rotated. On the sandbox
// it is a token of its own, with the scopes that are named.
func OpenRotating(name string, scopes []string, options ...hoster.Option) (*Provider, error) {
	p, err := Open(options...)
	if err != nil {
		return nil, err
	}
	token, base := os.Getenv("API_TOKEN"), []hoster.Option{}
	if p.Sandbox != nil {
		_, token = p.Sandbox.MintToken(sandbox.TokenSpec{Name: name, Scopes: scopes})
		base = append(base, hoster.WithBaseURL(p.BaseURL))
	}
	source, err := hoster.NewRotatingToken(token)
	if err != nil {
		p.Close()
		return nil, err
	}
	p.Client.CloseIdleConnections()
	options = append(append(options, base...), hoster.WithTokenSource(source))
	p.Client, err = hoster.NewClientFromEnv(options...)
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Close ends the sandbox and the idle connections.
func (p *Provider) Close() {
	if p.Client != nil {
		p.Client.CloseIdleConnections()
	}
	if p.shutDown != nil {
		p.shutDown()
	}
}
