package otelhoster_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/integrations/otelhoster"
	"github.com/go-hoster/hoster/sandbox"
)

// TestSpans: a call that is repeated once is one span with two attempts below
// it, and a transport of otelhttp sees both.
func TestSpans(t *testing.T) {
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	srv := hostertest.New(t)
	client, err := hoster.NewClient(
		hoster.WithBaseURL(srv.URL()), hoster.WithToken(srv.RootToken()),
		hoster.WithHooks(otelhoster.Hooks(provider)),
		hoster.WithHTTPClient(&http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport, otelhttp.WithTracerProvider(provider))}),
		hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 3, MaxRetryAfter: time.Minute}),
	)
	if err != nil {
		t.Fatal(err)
	}
	srv.Inject(sandbox.Fault{Operation: "Domains.Get", Status: 502, Body: "<html>bad gateway</html>"})
	if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Domains.Get(t.Context(), "nowhere.example"); err == nil {
		t.Fatal("a domain that is not there")
	}
	names := map[string]int{}
	var parent tracetest.SpanStub
	for _, span := range exporter.GetSpans() {
		names[span.Name]++
		if strings.HasPrefix(span.Name, "GET /domains") && parent.Name == "" {
			parent = span
		}
		if text := fmt.Sprintf("%+v", span); strings.Contains(text, srv.RootToken()) {
			t.Errorf("the token is in a span: %s", span.Name)
		}
	}
	if names["GET /domains/{domain}"] != 2 || names["attempt"] != 3 || names["HTTP GET"] != 3 {
		t.Errorf("spans: %v", names)
	}
	below := map[string]int{}
	for _, span := range exporter.GetSpans() {
		if span.Parent.SpanID() == parent.SpanContext.SpanID() {
			below[span.Name]++
		}
	}
	if below["attempt"] != 2 || below["HTTP GET"] != 2 || len(parent.Events) != 1 {
		t.Errorf("%v and %d events below the call", below, len(parent.Events))
	}
	found := map[string]string{}
	for _, a := range parent.Attributes {
		found[string(a.Key)] = a.Value.Emit()
	}
	if found["hoster.operation"] != "Domains.Get" || found["http.response.status_code"] != "200" || found["hoster.attempt"] != "2" || found["hoster.request_id"] == "" {
		t.Errorf("attributes: %v", found)
	}
}
