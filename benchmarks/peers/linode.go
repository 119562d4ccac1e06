package peers

// linodego, of Linode: pages by number, the last one's in the envelope.

import (
	"context"
	"net/http"

	"github.com/linode/linodego"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

type linodeClient struct{ sdk linodego.Client }

// linodeDomain is the id by which Linode addresses the domain.
const linodeDomain = 1234

func newLinode(origin string, client *http.Client) (contest.Client, error) {
	own := *client // resty changes the client that it is given
	sdk := linodego.NewClient(&own)
	sdk.SetBaseURL(origin + "/linode").SetToken(contest.Token)
	return &linodeClient{sdk}, nil
}

func (c *linodeClient) Domain(ctx context.Context) (contest.Found, error) {
	d, err := c.sdk.GetDomain(ctx, linodeDomain)
	if err != nil {
		return contest.Found{}, err
	}
	return domain(d.Domain), nil
}

func (c *linodeClient) Page(ctx context.Context, size int) (contest.Found, error) {
	records, err := c.sdk.ListDomainRecords(ctx, linodeDomain,
		&linodego.ListOptions{PageOptions: &linodego.PageOptions{Page: 1}, PageSize: size})
	return linodeFound(records), err
}

func (c *linodeClient) Zone(ctx context.Context) (contest.Found, error) {
	records, err := c.sdk.ListDomainRecords(ctx, linodeDomain, &linodego.ListOptions{PageSize: contest.ZonePage})
	return linodeFound(records), err
}

func linodeFound(records []linodego.DomainRecord) contest.Found {
	return found(records,
		func(r *linodego.DomainRecord) string { return r.Name },
		func(r *linodego.DomainRecord) string { return r.Target })
}
