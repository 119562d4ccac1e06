package exporter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/integrations/exporter"
	"github.com/go-hoster/hoster/sandbox"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func start(t *testing.T, options ...sandbox.Option) (*hostertest.Server, *exporter.Exporter) {
	clock := func() time.Time { return now }
	srv := hostertest.New(t, append([]sandbox.Option{sandbox.WithClock(clock), sandbox.WithSeed(sandbox.DefaultSeedAt(now))}, options...)...)
	client, err := hoster.NewClient(hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()))
	if err != nil {
		t.Fatal(err)
	}
	return srv, &exporter.Exporter{Client: client, Now: clock}
}

func scrape(e *exporter.Exporter) string {
	answer := httptest.NewRecorder()
	e.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

// TestMetrics: what the account holds is what is served.
func TestMetrics(t *testing.T) {
	srv, e := start(t)
	if body := scrape(e); body != "" {
		t.Errorf("before the first reading:\n%s", body)
	}
	if err := e.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	body := scrape(e)
	want := []string{
		"# TYPE hoster_domain_expires_timestamp_seconds gauge\n", `hoster_exporter_up{part="domains"} 1`, fmt.Sprintf(`hoster_exporter_last_success_timestamp_seconds{part="tokens"} %d`, now.Unix()),
		"hoster_api_rate_limit_requests 600\n", "hoster_api_rate_limit_remaining_requests ", "hoster_api_rate_limit_reset_timestamp_seconds ",
	}
	unpaid := 0
	srv.View(func(st *sandbox.State) {
		for _, d := range st.Domains {
			line := fmt.Sprintf(`hoster_domain_auto_renew{domain="%s",status="%s"} %d`+"\n", d.Name, d.Status, map[bool]int{true: 1}[d.AutoRenew])
			if d.Status == "cancelled" || d.Status == "transferred_away" {
				if strings.Contains(body, line) {
					t.Errorf("%s is gone, and served", d.Name)
				}
				continue
			}
			want = append(want, line)
			if d.ExpiresAt != nil {
				want = append(want, fmt.Sprintf(`hoster_domain_expires_timestamp_seconds{domain="%s",status="%s"} %d`+"\n", d.Name, d.Status, d.ExpiresAt.Unix()))
			}
		}
		for _, o := range st.Orders {
			for _, item := range o.Items {
				for _, id := range o.InvoiceIDs {
					invoice := st.Invoice(id)
					if strings.HasSuffix(item.Type, "_renewal") && o.Status == "pending" && invoice.PaidAt == nil && invoice.Status != "cancelled" {
						unpaid++
						want = append(want, fmt.Sprintf(`invoice="%s",status="%s"} %d`+"\n", id, invoice.Status, invoice.DueAt.Unix()))
					}
				}
			}
		}
		for _, s := range st.Services {
			if s.Status == "active" && s.Usage != nil {
				want = append(want, fmt.Sprintf(`hoster_service_used_bytes{service="%s",name="%s",resource="disk"} %d`+"\n", s.ID, s.Name, s.Usage.Disk.Used))
				if s.Usage.Disk.Limit != nil {
					want = append(want, fmt.Sprintf(`hoster_service_limit_bytes{service="%s",name="%s",resource="disk"} %d`+"\n", s.ID, s.Name, *s.Usage.Disk.Limit))
				}
			}
		}
		for _, token := range st.Tokens {
			if token.Status(now) == "active" {
				want = append(want, fmt.Sprintf(`hoster_token_created_timestamp_seconds{token="%s",name="%s"} %d`+"\n", token.ID, token.Name, token.CreatedAt.Unix()))
			}
		}
	})
	for _, w := range want {
		if !strings.Contains(body, w) {
			t.Errorf("%s is not among\n%s", w, body)
		}
	}
	if unpaid == 0 || strings.Count(body, "\nhoster_renewal_unpaid_due_timestamp_seconds{") != unpaid {
		t.Errorf("%d unpaid renewals in\n%s", unpaid, body)
	}
	if strings.Contains(body, srv.RootToken()) {
		t.Error("the token is served")
	}
}

// TestAPartThatFails keeps its values, and says so.
func TestAPartThatFails(t *testing.T) {
	srv, e := start(t)
	if err := e.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	srv.Inject(sandbox.Fault{Operation: "Domains.List", Status: 403, Times: -1, Body: `{"status":"error","code":"INSUFFICIENT_PERMISSIONS","message":"no"}`})
	srv.Update(func(st *sandbox.State) { st.Tokens[0].Name = "renamed" })
	if err := e.Refresh(context.Background()); !errors.Is(err, hoster.ErrForbidden) {
		t.Fatal(err)
	}
	body := scrape(e)
	for _, want := range []string{`hoster_exporter_up{part="domains"} 0`, `hoster_domain_auto_renew{domain="example.com",`, `hoster_exporter_up{part="tokens"} 1`, `name="renamed"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not among\n%s", want, body)
		}
	}
}

// TestOddNames are escaped, and no line is broken.
func TestOddNames(t *testing.T) {
	srv, e := start(t)
	srv.Update(func(st *sandbox.State) { st.Tokens[0].Name = "a \"b\" \\ c\nhoster_exporter_up 1" })
	if err := e.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	if body := scrape(e); !strings.Contains(body, `name="a \"b\" \\ c\nhoster_exporter_up 1"`) || strings.Contains(body, "\nhoster_exporter_up 1") {
		t.Error(body)
	}
}

// TestWithoutTokenEndpoints is no failure.
func TestWithoutTokenEndpoints(t *testing.T) {
	_, e := start(t, sandbox.Without(sandbox.TokenEndpoints))
	if err := e.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	if body := scrape(e); strings.Contains(body, `part="tokens"`) || !strings.Contains(body, `part="domains"`) {
		t.Error(body)
	}
}
