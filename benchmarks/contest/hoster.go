package contest

import (
	"context"
	"net/http"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/benchmarks/wire"
)

// readAhead are the options of the contender that reads the zone ahead, which
// takes part where answers are slow. It stays away while there are none.
var readAhead = []hoster.CallOption{hoster.WithReadAhead(4)}

// Ahead is hoster with four pages ahead, or nobody.
func Ahead() []Contender {
	if len(readAhead) == 0 {
		return nil
	}
	return []Contender{{Name: AheadName, New: func(origin string, client *http.Client) (Client, error) {
		sdk, err := newSDK(origin, client)
		return &ours{sdk, readAhead}, err
	}}}
}

// AheadName is what the contender of Ahead is called.
const AheadName = "hoster-ahead4"

// ours is the SDK as a program uses it: logger, hooks and limiter off.
type ours struct {
	sdk  *hoster.Client
	zone []hoster.CallOption
}

func newHoster(origin string, client *http.Client) (Client, error) {
	sdk, err := newSDK(origin, client)
	return &ours{sdk: sdk}, err
}

func newSDK(origin string, client *http.Client) (*hoster.Client, error) {
	return hoster.NewClient(
		hoster.WithBaseURL(origin+"/hoster/v1"),
		hoster.WithToken(Token),
		hoster.WithHTTPClient(client),
	)
}

func (o *ours) Domain(ctx context.Context) (Found, error) {
	d, err := o.sdk.Domains.Get(ctx, wire.Domain)
	return Found{1, d.Name, d.Name}, err
}

func (o *ours) Page(ctx context.Context, size int) (Found, error) {
	page, err := o.sdk.DNS.ListPage(ctx, wire.Domain, &hoster.RecordListOptions{PerPage: size})
	if err != nil {
		return Found{}, err
	}
	return oursFound(page.Items), nil
}

func (o *ours) Zone(ctx context.Context) (Found, error) {
	records, err := o.sdk.DNS.List(ctx, wire.Domain, &hoster.RecordListOptions{PerPage: ZonePage}, o.zone...)
	if err != nil {
		return Found{}, err
	}
	return oursFound(records), nil
}

func oursFound(records []hoster.Record) Found {
	if len(records) == 0 {
		return Found{}
	}
	return Found{len(records), records[0].Name, records[len(records)-1].Value}
}
