package contest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/go-hoster/hoster/benchmarks/wire"
)

// floor is what no client can be below: the request, and the body into a buffer
// that is used again. Its Found counts bytes.
type floor struct {
	client *http.Client
	origin string
	domain string
	list   string
}

func newFloor(origin string, client *http.Client) (Client, error) {
	domain := origin + "/hoster/v1/domains/" + wire.Domain
	return &floor{client, origin, domain, domain + "/dns/records"}, nil
}

func (f *floor) Domain(ctx context.Context) (Found, error) {
	n, err := f.read(ctx, f.domain)
	return Found{Items: n}, err
}

func (f *floor) Page(ctx context.Context, size int) (Found, error) {
	n, err := f.read(ctx, f.list+"?per_page="+strconv.Itoa(size))
	return Found{Items: n}, err
}

func (f *floor) Zone(ctx context.Context) (Found, error) {
	all := 0
	for page := 1; page <= wire.Records/ZonePage; page++ {
		n, err := f.read(ctx, fmt.Sprintf("%s?page=%d&per_page=%d", f.list, page, ZonePage))
		if err != nil {
			return Found{}, err
		}
		all += n
	}
	return Found{Items: all}, nil
}

func (f *floor) Resource(ctx context.Context, resource wire.Resource, size int) (Found, error) {
	n, err := f.read(ctx, resource.URL(f.origin, size))
	return Found{Items: n}, err
}

// buffers hold a body of the largest page.
var buffers = sync.Pool{New: func() any { b := make([]byte, 512<<10); return &b }}

// read returns how long the body is.
func (f *floor) read(ctx context.Context, url string) (int, error) {
	req, err := newRequest(ctx, url)
	if err != nil {
		return 0, err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("status %d", resp.StatusCode)
	}
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	n, err := io.ReadFull(resp.Body, *b)
	switch err {
	case io.ErrUnexpectedEOF, io.EOF:
		return n, nil
	case nil:
		return 0, fmt.Errorf("a body of more than %d bytes", n)
	}
	return 0, err
}

// newRequest is a GET as a careful program sends it, with the headers that the
// SDK sends too.
func newRequest(ctx context.Context, url string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+Token)
	req.Header.Set("User-Agent", "benchmarks/1")
	return req, nil
}

// Token is what every contender sends; the server takes any.
const Token = "benchmark-token-0123456789"
