package peers

// govultr, of Vultr: pages by cursor.

import (
	"context"
	"net/http"

	"github.com/vultr/govultr/v3"

	"github.com/go-hoster/hoster/benchmarks/contest"
	"github.com/go-hoster/hoster/benchmarks/wire"
)

type vultrClient struct{ sdk *govultr.Client }

// newVultr's client sends the token itself, where Vultr's examples use an oauth2
// transport: that costs it less.
func newVultr(origin string, client *http.Client) (contest.Client, error) {
	sdk := govultr.NewClient(&http.Client{Transport: bearer{client.Transport}})
	return &vultrClient{sdk}, sdk.SetBaseURL(origin)
}

// bearer adds the token to a request that is the SDK's own.
type bearer struct{ next http.RoundTripper }

func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	req.Header.Set("Authorization", "Bearer "+contest.Token)
	return b.next.RoundTrip(req)
}

func (c *vultrClient) Domain(ctx context.Context) (contest.Found, error) {
	d, _, err := c.sdk.Domain.Get(ctx, wire.Domain)
	if err != nil {
		return contest.Found{}, err
	}
	return domain(d.Domain), nil
}

func (c *vultrClient) Page(ctx context.Context, size int) (contest.Found, error) {
	records, _, _, err := c.sdk.DomainRecord.List(ctx, wire.Domain, &govultr.ListOptions{PerPage: size})
	return vultrFound(records), err
}

func (c *vultrClient) Zone(ctx context.Context) (contest.Found, error) {
	var all []govultr.DomainRecord
	options := &govultr.ListOptions{PerPage: contest.ZonePage}
	for range wire.Records / contest.ZonePage {
		records, meta, _, err := c.sdk.DomainRecord.List(ctx, wire.Domain, options)
		if err != nil {
			return contest.Found{}, err
		}
		all = append(all, records...)
		if meta.Links.Next == "" {
			break
		}
		options.Cursor = meta.Links.Next
	}
	return vultrFound(all), nil
}

func vultrFound(records []govultr.DomainRecord) contest.Found {
	return found(records,
		func(r *govultr.DomainRecord) string { return r.Name },
		func(r *govultr.DomainRecord) string { return r.Data })
}
