//go:build prism

package dialect

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// startPrism serves an OpenAPI document on a loopback port until the test ends. It
// refuses what the document does not allow.
func startPrism(t *testing.T, document string) (url string) {
	t.Helper()
	program, err := filepath.Abs("../api/node_modules/.bin/prism")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	listener.Close()
	cmd := exec.Command(program, "mock", "--errors", "-h", "127.0.0.1", "-p", strconv.Itoa(address.Port), "--cors=false", "-v", "fatal", document)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("Prism does not start; check.sh installs it: %v", err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
	})
	for range 600 {
		select {
		case <-done:
			t.Fatalf("Prism ended:\n%s", said.String())
		case <-time.After(100 * time.Millisecond):
		}
		if conn, err := net.Dial("tcp", address.String()); err == nil {
			conn.Close()
			return "http://" + address.String()
		}
	}
	t.Fatal("Prism does not listen")
	return ""
}

// witness keeps what Prism said of each request and answer.
type witness struct {
	mu   sync.Mutex
	seen []string
	bad  []string
}

func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	line := req.Method + " " + req.URL.RequestURI() + " " + strconv.Itoa(resp.StatusCode)
	w.seen = append(w.seen, line)
	if violations := resp.Header.Values("Sl-Violations"); len(violations) > 0 || resp.StatusCode != 200 {
		w.bad = append(w.bad, line+" "+strings.Join(violations, " "))
	}
	return resp, nil
}

// mend changes a document where its examples do not fit it, or tell of a failure.
type mend struct{ was, is string }

// prismClient is a client of a document's with a table in between.
func prismClient(t *testing.T, table, document, base string, mends ...mend) (*hoster.Client, *witness) {
	w := &witness{}
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	text, err := os.ReadFile(filepath.Join(foreignDir(t), document))
	if err != nil {
		t.Fatal(err)
	}
	for _, mend := range mends {
		if text = bytes.ReplaceAll(text, []byte(mend.was), []byte(mend.is)); !bytes.Contains(text, []byte(mend.is)) {
			t.Fatalf("%s has no %s", document, mend.was)
		}
	}
	served := filepath.Join(t.TempDir(), document)
	if err := os.WriteFile(served, text, 0o600); err != nil {
		t.Fatal(err)
	}
	url := startPrism(t, served)
	client := clientOf(t, tableOf(t, table), url+base, hoster.WithHTTPClient(&http.Client{Transport: &Transport{Table: tableOf(t, table), Next: w}}))
	t.Cleanup(func() {
		for _, line := range w.bad {
			t.Errorf("Prism: %s", line)
		}
	})
	return client, w
}

// sent reports how many requests begin so.
func (w *witness) sent(begin string) (n int) {
	for _, line := range w.seen {
		if strings.HasPrefix(line, begin) {
			n++
		}
	}
	return n
}

// TestPrismHostinger: every read of domains and DNS that both sides have, and the
// writes of records, go through a server that knows nothing but the document.
func TestPrismHostinger(t *testing.T) {
	client, w := prismClient(t, "hostinger", "hostinger-domains-dns.json", "/api",
		mend{"\"Child name servers\",\n      \"type\": \"array\"", "\"Child name servers\",\n      \"type\": \"object\""})
	ctx := t.Context()
	const name = "mydomain.tld"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := client.Domains.List(ctx, nil)
	must(err)
	if len(list) != 1 || list[0].Name != name || list[0].ID != "13632" || list[0].Status != hoster.DomainStatusActive || list[0].ExpiresAt == nil {
		t.Errorf("%+v", list)
	}
	d, err := client.Domains.Get(ctx, name)
	must(err)
	if d.Name != name || !d.Locked || d.WhoisPrivacy || len(d.Nameservers) != 2 || d.Nameservers[1] != "ns2.example.tld" || d.Contacts.Registrant != "614698" || d.RegisteredAt == nil {
		t.Errorf("%+v", d)
	}
	free, err := client.Domains.Availability(ctx, []string{name})
	must(err)
	if len(free) != 1 || free[0].Domain != name || !free[0].Available {
		t.Errorf("%+v", free)
	}
	ns, err := client.Domains.Nameservers(ctx, name)
	must(err)
	if len(ns.Nameservers) != 2 || ns.Nameservers[0] != "ns1.example.tld" {
		t.Errorf("%+v", ns)
	}
	ns, err = client.Domains.SetNameservers(ctx, name, []string{"ns1.example.tld", "ns2.example.tld"})
	must(err)
	if len(ns.Nameservers) != 2 {
		t.Errorf("%+v", ns)
	}
	contacts, err := client.Domains.Contacts(ctx, name)
	must(err)
	if contacts.Registrant != "614698" || contacts.Admin != "114698" || contacts.Tech != "524248" || contacts.Billing != "154698" {
		t.Errorf("%+v", contacts)
	}
	transfer, err := client.Domains.TransferStatus(ctx, name)
	must(err)
	if transfer.Domain != name || transfer.Status != hoster.TransferStatusCompleted {
		t.Errorf("%+v", transfer)
	}
	code, err := client.Domains.AuthCode(ctx, name)
	must(err)
	if code.Code.Reveal() != "RN0000" {
		t.Errorf("%+v", code)
	}
	records, err := client.DNS.List(ctx, name, nil)
	must(err)
	if len(records) != 1 || records[0].Name != "www" || records[0].Type != dnszone.TypeA || records[0].Value != "mydomain.tld." || records[0].TTL != 14400 {
		t.Errorf("%+v", records)
	}
	got, err := client.DNS.Get(ctx, name, records[0].ID)
	must(err)
	if got != records[0] {
		t.Errorf("%+v", got)
	}
	// Prism keeps nothing, so that what was written is not there afterwards.
	_, err = client.DNS.Create(ctx, name, hoster.NewRecord("a", dnszone.MX{Preference: 10, Host: "mx.example.net"}))
	wantsDone(t, err)
	_, err = client.DNS.Update(ctx, name, records[0].ID, hoster.RecordUpdate{Value: hoster.Set("192.0.2.7")})
	wantsDone(t, err)
	must(client.DNS.Delete(ctx, name, records[0].ID))
	if w.sent("PUT /api/dns/v1/zones/") != 2 || w.sent("DELETE /api/dns/v1/zones/") != 1 {
		t.Errorf("%q", w.seen)
	}
}

// wantsDone expects the error of a write that was done and not seen afterwards.
func wantsDone(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, hoster.ErrDecode) {
		t.Error(err)
	}
}

// TestPrismOpenprovider: the same with another document.
func TestPrismOpenprovider(t *testing.T) {
	client, w := prismClient(t, "openprovider", "openprovider-domains-dns.json", "/v1beta", mend{`"success": false`, `"success": true`})
	ctx := t.Context()
	const name, zone = "test4.london", "domain.com"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	page, err := client.Domains.ListPage(ctx, nil)
	must(err)
	if len(page.Items) != 1 || page.Items[0].Name != name || page.Items[0].ExpiresAt == nil || page.Items[0].ExpiresAt.Year() != 2014 || page.Items[0].Nameservers[0] != "ns1.example.com" {
		t.Errorf("%+v", page.Items)
	}
	d, err := client.Domains.Get(ctx, name)
	must(err)
	if d.Name != name || d.ID != page.Items[0].ID || d.Contacts.Registrant != "XX123456-XX" || d.CreatedAt.Year() != 2013 {
		t.Errorf("%+v", d)
	}
	if _, err := client.Domains.Get(ctx, "another.london"); !errors.Is(err, hoster.ErrNotFound) {
		t.Error(err)
	}
	free, err := client.Domains.Availability(ctx, []string{"example.com", "test4.london"})
	must(err)
	if len(free) != 1 || free[0].Domain != "example.com" || free[0].Available || free[0].Reason != "Domain exists" {
		t.Errorf("%+v", free)
	}
	ns, err := client.Domains.Nameservers(ctx, name)
	must(err)
	if len(ns.Nameservers) != 1 || ns.Nameservers[0] != "ns1.example.com" {
		t.Errorf("%+v", ns)
	}
	contacts, err := client.Domains.Contacts(ctx, name)
	must(err)
	if contacts.Registrant != "XX123456-XX" {
		t.Errorf("%+v", contacts)
	}
	code, err := client.Domains.AuthCode(ctx, name)
	must(err)
	if code.Code.Reveal() != "12345678" {
		t.Errorf("%+v", code)
	}
	_, err = client.Domains.SetNameservers(ctx, name, []string{"ns1.example.com", "ns2.example.com"})
	must(err)
	_, err = client.Domains.Update(ctx, name, hoster.DomainUpdate{AutoRenew: hoster.Set(true), Locked: hoster.Set(true)})
	must(err)
	records, err := client.DNS.ListPage(ctx, zone, nil)
	must(err)
	if len(records.Items) != 1 || records.Items[0].Name != "@" || records.Items[0].Type != dnszone.TypeCNAME || records.Items[0].Value != "abcd.domain.com" || records.Items[0].TTL != 900 {
		t.Errorf("%+v", records.Items)
	}
	id := records.Items[0].ID
	_, err = client.DNS.Get(ctx, zone, id)
	must(err)
	_, err = client.DNS.Create(ctx, zone, hoster.NewRecord("a", dnszone.MX{Preference: 10, Host: "mx.example.net"}))
	wantsDone(t, err)
	_, err = client.DNS.Update(ctx, zone, id, hoster.RecordUpdate{Value: hoster.Set("other.domain.com")})
	wantsDone(t, err)
	must(client.DNS.Delete(ctx, zone, id))
	if w.sent("PUT /v1beta/dns/zones/domain.com") != 3 {
		t.Errorf("%q", w.seen)
	}
}

// foreignDir is where the documents of other providers are.
func foreignDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("FOREIGN_APIS")
	if dir == "" {
		t.Fatal("FOREIGN_APIS does not name the directory with the documents of other providers")
	}
	return dir
}
