package peers

// godo, of DigitalOcean: pages by number, the next one's in a link.

import (
	"context"
	"net/http"

	"github.com/digitalocean/godo"

	"github.com/go-hoster/hoster/benchmarks/contest"
	"github.com/go-hoster/hoster/benchmarks/wire"
)

type godoClient struct{ sdk *godo.Client }

// newGodo leaves the retries off, as godo.New does, and takes the token as a
// header: the oauth2 transport that NewFromToken adds costs it more.
func newGodo(origin string, client *http.Client) (contest.Client, error) {
	sdk, err := godo.New(client, godo.SetBaseURL(origin+"/godo/"),
		godo.SetRequestHeaders(map[string]string{"Authorization": "Bearer " + contest.Token}))
	return &godoClient{sdk}, err
}

func (c *godoClient) Domain(ctx context.Context) (contest.Found, error) {
	d, _, err := c.sdk.Domains.Get(ctx, wire.Domain)
	if err != nil {
		return contest.Found{}, err
	}
	return domain(d.Name), nil
}

func (c *godoClient) Page(ctx context.Context, size int) (contest.Found, error) {
	records, _, err := c.sdk.Domains.Records(ctx, wire.Domain, &godo.ListOptions{PerPage: size})
	return godoFound(records), err
}

func (c *godoClient) Zone(ctx context.Context) (contest.Found, error) {
	var all []godo.DomainRecord
	options := &godo.ListOptions{Page: 1, PerPage: contest.ZonePage}
	for range wire.Records / contest.ZonePage {
		records, resp, err := c.sdk.Domains.Records(ctx, wire.Domain, options)
		if err != nil {
			return contest.Found{}, err
		}
		all = append(all, records...)
		if resp.Links == nil || resp.Links.IsLastPage() {
			break
		}
		current, err := resp.Links.CurrentPage()
		if err != nil {
			return contest.Found{}, err
		}
		options.Page = current + 1
	}
	return godoFound(all), nil
}

func godoFound(records []godo.DomainRecord) contest.Found {
	return found(records,
		func(r *godo.DomainRecord) string { return r.Name },
		func(r *godo.DomainRecord) string { return r.Data })
}
