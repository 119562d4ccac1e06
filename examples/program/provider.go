package program

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/sandbox"
	"github.com/go-hoster/hoster/tokencare"
)

// Provider is where an example finds its API.
type Provider struct {
	Client   *hoster.Client
	BaseURL  string          // of the sandbox; empty for a real provider
	Sandbox  *sandbox.Server // nil for a real provider
	shutDown func()
}

// Open returns the provider of API_BASE_URL or API_BRAND with the token of
// API_TOKEN or API_TOKEN_FILE, or an embedded sandbox on a loopback port where
// none of them is set.
func Open(options ...hoster.Option) (*Provider, error) {
	for _, name := range []string{"API_BASE_URL", "API_BRAND", "API_TOKEN", "API_TOKEN_FILE"} {
		if os.Getenv(name) != "" {
			client, err := hoster.NewClientFromEnv(options...)
			return &Provider{Client: client}, err
		}
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

// OpenRotating is Open with a client whose token can be rotated, and what its
// rotation needs. The token stands in the file of API_TOKEN_FILE, where the next
// start finds its successor; on the sandbox it is a token of its own, with the
// scopes that are named, in a file that Close removes.
func OpenRotating(name string, scopes []string, options ...hoster.Option) (*Provider, tokencare.RotateOptions, error) {
	p, err := Open(options...)
	if err != nil {
		return nil, tokencare.RotateOptions{}, err
	}
	store := tokencare.FileStore(os.Getenv("API_TOKEN_FILE"))
	if p.Sandbox != nil {
		store, err = p.tokenFile(name, scopes)
		options = append(options, hoster.WithBaseURL(p.BaseURL))
	} else if store == "" {
		err = Usage("API_TOKEN_FILE is needed: a token that is rotated must be found by the next start")
	}
	var source *hoster.RotatingToken
	if err == nil {
		source, err = hoster.NewRotatingToken(context.Background(), store)
	}
	if err == nil {
		p.Client.CloseIdleConnections()
		p.Client, err = hoster.NewClientFromEnv(append(options, hoster.WithTokenSource(source))...)
	}
	if err != nil {
		p.Close()
		return nil, tokencare.RotateOptions{}, err
	}
	return p, tokencare.RotateOptions{Source: source, Store: store}, nil
}

// tokenFile mints a token of the sandbox and writes it into a new file.
func (p *Provider) tokenFile(name string, scopes []string) (tokencare.FileStore, error) {
	dir, err := os.MkdirTemp("", "hoster-example-")
	if err != nil {
		return "", err
	}
	shutDown := p.shutDown
	p.shutDown = func() { shutDown(); _ = os.RemoveAll(dir) }
	_, secret := p.Sandbox.MintToken(sandbox.TokenSpec{Name: name, Scopes: scopes})
	path := filepath.Join(dir, "token")
	return tokencare.FileStore(path), hoster.WriteTokenFile(path, hoster.NewSecret(secret))
}

// SetDefault sets a flag that is not given to its value for the sandbox. For a
// real provider it must be given.
func (p *Provider) SetDefault(flag *string, name, value string) error {
	if *flag == "" && p.Sandbox == nil {
		return Usage("%s is needed", name)
	}
	if *flag == "" {
		*flag = value
	}
	return nil
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
