package hoster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-hoster/hoster/internal/printable"
)

// proxyError is a proxy of the caller's own that does not let a connection
// through. The API knows nothing of it.
type proxyError struct {
	proxy  string // host and port, where they are known
	status int
	said   string // its status line
}

func (e *proxyError) Error() string {
	text := "the proxy "
	if e.proxy != "" {
		text += e.proxy + " "
	}
	text += "refused the connection: " + e.said
	if e.status == http.StatusProxyAuthRequired {
		text += "; it asks for credentials, which belong into the proxy's URL, such as HTTPS_PROXY"
	}
	return text
}

// refusedByProxy is what our own transport does with a proxy's answer.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{proxy: proxy.Host, status: resp.StatusCode, said: printable.Piece(resp.Status)}
}

// nameProxy recognises a proxy's answer where the transport is a net/http one of
// the caller's: of that it leaves nothing but the words of the status line.
func (c *call) nameProxy(err error) error {
	if !c.client.traceable || errors.Unwrap(err) != nil {
		return err
	}
	for status := 400; status < 600; status++ {
		if words := http.StatusText(status); words != "" && words == err.Error() {
			return &proxyError{status: status, said: fmt.Sprint(status, " ", words)}
		}
	}
	return err
}
