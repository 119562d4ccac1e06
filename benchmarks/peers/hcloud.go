package peers

// hcloud-go, of Hetzner: record sets, pages by number, the next one's in the
// meta.

import (
	"context"
	"errors"
	"net/http"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"

	"github.com/go-hoster/hoster/benchmarks/contest"
	"github.com/go-hoster/hoster/benchmarks/wire"
)

type hcloudClient struct {
	sdk  *hcloud.Client
	zone *hcloud.Zone
}

func newHcloud(origin string, client *http.Client) (contest.Client, error) {
	sdk := hcloud.NewClient(
		hcloud.WithEndpoint(origin+"/hcloud"),
		hcloud.WithToken(contest.Token),
		hcloud.WithHTTPClient(client),
	)
	return &hcloudClient{sdk, &hcloud.Zone{Name: wire.Domain}}, nil
}

func (c *hcloudClient) Domain(ctx context.Context) (contest.Found, error) {
	zone, _, err := c.sdk.Zone.GetByName(ctx, wire.Domain)
	switch {
	case err != nil:
		return contest.Found{}, err
	case zone == nil:
		return contest.Found{}, errors.New("no such zone")
	}
	return domain(zone.Name), nil
}

func (c *hcloudClient) Page(ctx context.Context, size int) (contest.Found, error) {
	sets, _, err := c.sdk.Zone.ListRRSets(ctx, c.zone, hcloud.ZoneRRSetListOpts{ListOpts: hcloud.ListOpts{PerPage: size}})
	return hcloudFound(sets), err
}

func (c *hcloudClient) Zone(ctx context.Context) (contest.Found, error) {
	sets, err := c.sdk.Zone.AllRRSetsWithOpts(ctx, c.zone, hcloud.ZoneRRSetListOpts{ListOpts: hcloud.ListOpts{PerPage: contest.ZonePage}})
	return hcloudFound(sets), err
}

func hcloudFound(sets []*hcloud.ZoneRRSet) contest.Found {
	return found(sets,
		func(s **hcloud.ZoneRRSet) string { return (*s).Name },
		func(s **hcloud.ZoneRRSet) string { return (*s).Records[0].Value })
}
