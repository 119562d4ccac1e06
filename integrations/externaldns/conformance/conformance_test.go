//go:build outside

package conformance

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/external-dns/endpoint"
	"sigs.k8s.io/external-dns/pkg/apis/externaldns"
	"sigs.k8s.io/external-dns/plan"
	"sigs.k8s.io/external-dns/provider/webhook"
	"sigs.k8s.io/external-dns/registry"
	"sigs.k8s.io/external-dns/registry/txt"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	externaldnshoster "github.com/go-hoster/hoster/integrations/externaldns"
	"github.com/go-hoster/hoster/sandbox"
)

const reverse = "2.0.192.in-addr.arpa"

// controller is what external-dns runs, with its own parts.
type controller struct {
	t        *testing.T
	srv      *hostertest.Server
	registry registry.Registry
}

func start(t *testing.T, options ...sandbox.Option) *controller {
	seed := sandbox.DefaultSeed()
	seed.Domains = append(seed.Domains, sandbox.Domain{Name: reverse, Status: "active", UsesProviderDNS: true, Nameservers: []string{"ns1.provider.example", "ns2.provider.example"}})
	options = append([]sandbox.Option{sandbox.WithSeed(seed), sandbox.WithRateLimit(0, 0), sandbox.WithRecordTypes("PTR", "NAPTR", "DNAME")}, options...)
	srv := hostertest.New(t, options...)
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	ours := &externaldnshoster.Provider{Client: client, Domains: []string{"example.com", reverse}, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	web := httptest.NewServer(ours.Handler())
	t.Cleanup(web.Close)
	cfg := &externaldns.Config{
		WebhookProviderURL: web.URL, WebhookProviderReadTimeout: time.Minute, WebhookProviderWriteTimeout: time.Minute,
		TXTOwnerID: "cluster", TXTPrefix: "%{record_type}-", TXTWildcardReplacement: "any", ManagedDNSRecordTypes: endpoint.KnownRecordTypes,
	}
	provider, err := webhook.New(context.Background(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := txt.New(cfg, provider)
	if err != nil {
		t.Fatal(err)
	}
	return &controller{t, srv, r}
}

// sync is one round of external-dns. It returns how many changes were made.
func (c *controller) sync(desired ...*endpoint.Endpoint) int {
	c.t.Helper()
	ctx := context.Background()
	current, err := c.registry.Records(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	adjusted, err := c.registry.AdjustEndpoints(desired)
	if err != nil {
		c.t.Fatal(err)
	}
	changes := (&plan.Plan{
		Policies: []plan.Policy{&plan.SyncPolicy{}}, Current: current, Desired: adjusted,
		DomainFilter:   endpoint.MatchAllDomainFilters{c.registry.GetDomainFilter()},
		ManagedRecords: endpoint.KnownRecordTypes, OwnerID: "cluster",
	}).Calculate().Changes
	if !changes.HasChanges() {
		return 0
	}
	n := len(changes.Create) + len(changes.UpdateNew) + len(changes.Delete)
	if err := c.registry.ApplyChanges(ctx, changes); err != nil {
		c.t.Fatal(err)
	}
	return n
}

// zones is all records that are held.
func (c *controller) zones() (held []string) {
	c.srv.View(func(st *sandbox.State) {
		for _, zone := range []string{"example.com", reverse} {
			for _, r := range st.Records(zone) {
				held = append(held, fmt.Sprintf("%s %s %d %s %s", zone, r.Name, r.TTL, r.Type, r.Value))
			}
		}
	})
	slices.Sort(held)
	return held
}

// all is an endpoint of each type that external-dns knows, and a wildcard.
func all() []*endpoint.Endpoint {
	return []*endpoint.Endpoint{
		endpoint.NewEndpointWithTTL("a.example.com", "A", 300, "192.0.2.1", "192.0.2.2"),
		endpoint.NewEndpoint("aaaa.example.com", "AAAA", "2001:DB8:0::1"),
		endpoint.NewEndpoint("cname.example.com", "CNAME", "Target.example.net"),
		endpoint.NewEndpoint("txt.example.com", "TXT", "a text; with a semicolon", `"quoted \" text"`),
		endpoint.NewEndpoint("_xmpp._tcp.example.com", "SRV", "10 60 5060 sip.example.com."),
		endpoint.NewEndpoint("sub.example.com", "NS", "ns1.example.net", "ns2.example.net"),
		endpoint.NewEndpoint("7."+reverse, "PTR", "www.example.com"),
		endpoint.NewEndpoint("mx.example.com", "MX", "10 mail.example.com"),
		endpoint.NewEndpoint("naptr.example.com", "NAPTR", `100 10 "S" "SIP+D2U" "" _sip._udp.example.com.`),
		endpoint.NewEndpoint("dname.example.com", "DNAME", "other.example.net"),
		endpoint.NewEndpointWithTTL("*.apps2.example.com", "A", 1, "192.0.2.9"),
	}
}

// TestController creates, finds nothing to do, updates and deletes, and leaves the
// zones as they were.
func TestController(t *testing.T) {
	for name, options := range map[string][]sandbox.Option{
		"full":    nil,
		"neither": {sandbox.Without(sandbox.Batch, sandbox.ETags), sandbox.WithNewIDOnUpdate()},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, options...)
			before := c.zones()
			if n := c.sync(all()...); n != 11 {
				t.Errorf("created %d", n)
			}
			if name == "full" && c.srv.Count("DNS.Batch") != 2 {
				t.Errorf("%d batches for two zones", c.srv.Count("DNS.Batch"))
			}
			created := c.zones()
			if len(created) != len(before)+11+11+3 { // each with its TXT record, and three have two targets
				t.Errorf("%d records are\n%s", len(created)-len(before), strings.Join(created, "\n"))
			}
			writes := len(c.srv.Writes())
			if n := c.sync(all()...); n != 0 || len(c.srv.Writes()) != writes {
				t.Errorf("the second time: %d changes", n)
			}
			changed := all()
			changed[0] = endpoint.NewEndpointWithTTL("a.example.com", "A", 600, "192.0.2.2", "192.0.2.3")
			changed[2] = endpoint.NewEndpoint("cname.example.com", "A", "192.0.2.4")
			changed[3] = endpoint.NewEndpoint("txt.example.com", "TXT", "another")
			if n := c.sync(changed...); n == 0 {
				t.Error("nothing was updated")
			}
			if n := c.sync(changed...); n != 0 {
				t.Errorf("after the update: %d changes", n)
			}
			updated := strings.Join(c.zones(), "\n")
			for _, want := range []string{
				"example.com a 600 A 192.0.2.2\nexample.com a 600 A 192.0.2.3\n", "example.com cname 3600 A 192.0.2.4\n", "example.com txt 3600 TXT another",
			} {
				if !strings.Contains(updated, want) {
					t.Errorf("%s is not among\n%s", want, updated)
				}
			}
			if c.sync(); !slices.Equal(c.zones(), before) {
				t.Errorf("what is left:\n%s\nbefore\n%s", strings.Join(c.zones(), "\n"), strings.Join(before, "\n"))
			}
		})
	}
}

// TestForeignRecordsStay: what external-dns does not own, it does not touch.
func TestForeignRecordsStay(t *testing.T) {
	c := start(t)
	before := c.zones()
	if n := c.sync(endpoint.NewEndpoint("mail1.example.com", "A", "192.0.2.66")); n != 0 {
		t.Errorf("%d changes to a record of somebody else", n)
	}
	if c.sync(); !slices.Equal(c.zones(), before) {
		t.Error(c.zones())
	}
}

// TestElevenInOneBatch: the changes of a zone are one batch.
func TestElevenInOneBatch(t *testing.T) {
	c := start(t)
	var desired []*endpoint.Endpoint
	for i := range 11 {
		desired = append(desired, endpoint.NewEndpoint(fmt.Sprintf("n%d.example.com", i), "A", fmt.Sprintf("192.0.2.%d", i)))
	}
	c.sync(desired...)
	if n := c.srv.Count("DNS.Batch"); n != 1 || c.srv.Count("DNS.Create") > 0 {
		t.Errorf("%d batches", n)
	}
}
