package peers

// cloudflare-go, of Cloudflare: pages by number, until one is empty.

import (
	"context"
	"net/http"

	"github.com/cloudflare/cloudflare-go/v6/dns"
	"github.com/cloudflare/cloudflare-go/v6/option"
	"github.com/cloudflare/cloudflare-go/v6/zones"

	"github.com/go-hoster/hoster/benchmarks/contest"
)

// cloudflareClient uses the two services that the work needs: the package of
// all services costs minutes to compile.
type cloudflareClient struct {
	zones *zones.ZoneService
	dns   *dns.RecordService
}

// cloudflareZone is the id by which Cloudflare addresses the domain.
const cloudflareZone = "023e105f4ecef8ad9ca31a8372d0c353"

func newCloudflare(origin string, client *http.Client) (contest.Client, error) {
	options := []option.RequestOption{
		option.WithBaseURL(origin + "/cf/"),
		option.WithAPIToken(contest.Token),
		option.WithHTTPClient(client),
	}
	return &cloudflareClient{zones.NewZoneService(options...), dns.NewRecordService(options...)}, nil
}

func (c *cloudflareClient) Domain(ctx context.Context) (contest.Found, error) {
	var params zones.ZoneGetParams
	params.ZoneID.Value, params.ZoneID.Present = cloudflareZone, true
	zone, err := c.zones.Get(ctx, params)
	if err != nil {
		return contest.Found{}, err
	}
	return domain(zone.Name), nil
}

// cloudflareList sets the fields as the SDK's own F would, which stands in the
// package of all services.
func cloudflareList(size int) dns.RecordListParams {
	var params dns.RecordListParams
	params.ZoneID.Value, params.ZoneID.Present = cloudflareZone, true
	params.PerPage.Value, params.PerPage.Present = float64(size), true
	return params
}

func (c *cloudflareClient) Page(ctx context.Context, size int) (contest.Found, error) {
	page, err := c.dns.List(ctx, cloudflareList(size))
	if err != nil {
		return contest.Found{}, err
	}
	return cloudflareFound(page.Result), nil
}

func (c *cloudflareClient) Zone(ctx context.Context) (contest.Found, error) {
	var all []dns.RecordResponse
	pages := c.dns.ListAutoPaging(ctx, cloudflareList(contest.ZonePage))
	for pages.Next() {
		all = append(all, pages.Current())
	}
	return cloudflareFound(all), pages.Err()
}

func cloudflareFound(records []dns.RecordResponse) contest.Found {
	return found(records,
		func(r *dns.RecordResponse) string { return r.Name },
		func(r *dns.RecordResponse) string { return r.Content })
}
