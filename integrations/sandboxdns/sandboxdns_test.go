package sandboxdns_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/go-hoster/hoster/integrations/sandboxdns"
	"github.com/go-hoster/hoster/sandbox"
)

func start(t *testing.T) (*sandbox.Server, *sandboxdns.Server) {
	api := sandbox.New(sandbox.WithRecordTypes("HTTPS"))
	api.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		ten := 10
		add := func(name, rrtype, value string) {
			r := &sandbox.Record{Name: name, Type: rrtype, Value: value, TTL: 300}
			if rrtype == "MX" {
				r.Priority = &ten
			}
			d.Records = append(d.Records, r)
		}
		add("a", "A", "192.0.2.1")
		add("a", "A", "192.0.2.2")
		add("a", "HTTPS", "1 . alpn=h2")
		add("deep.empty", "TXT", `one " text`)
		add("alias", "CNAME", "alias2.example.com")
		add("alias2", "CNAME", "a.example.com")
		add("away", "CNAME", "www.example.net")
		add("loop", "CNAME", "loop.example.com")
		add("*.wild", "A", "192.0.2.9")
		add("there.wild", "MX", "mail.example.net")
		add("sub", "NS", "ns.sub.example.com")
		add("sub", "NS", "ns.example.net")
		add("ns.sub", "A", "192.0.2.53")
		for i := range 20 {
			add("large", "TXT", fmt.Sprintf("%d %s", i, strings.Repeat("x", 250)))
		}
	})
	s, err := sandboxdns.Listen(api, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return api, s
}

func ask(t *testing.T, network, server, name string, rrtype uint16) *dns.Msg {
	t.Helper()
	query := new(dns.Msg)
	query.SetQuestion(name, rrtype)
	answer, _, err := (&dns.Client{Net: network}).Exchange(query, server)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func list(records []dns.RR) string {
	lines := []string{}
	for _, rr := range records {
		lines = append(lines, strings.ReplaceAll(rr.String(), "\t", " "))
	}
	return strings.Join(lines, "|")
}

func TestAnswers(t *testing.T) {
	api, s := start(t)
	soa := fmt.Sprintf("example.com. 60 IN SOA ns.example.com. hostmaster.example.com. %d 7200 3600 1209600 60", len(api.Writes())+1)
	for question, want := range map[string]string{
		"a.example.com. A":            "NOERROR true a.example.com. 300 IN A 192.0.2.1|a.example.com. 300 IN A 192.0.2.2//",
		"A.Example.COM. A":            "NOERROR true a.example.com. 300 IN A 192.0.2.1|a.example.com. 300 IN A 192.0.2.2//",
		"a.example.com. HTTPS":        `NOERROR true a.example.com. 300 IN HTTPS 1 . alpn="h2"//`,
		"a.example.com. AAAA":         "NOERROR true /" + soa + "/",
		"nobody.example.com. A":       "NXDOMAIN true /" + soa + "/",
		"empty.example.com. A":        "NOERROR true /" + soa + "/",
		"x.empty.example.com. A":      "NXDOMAIN true /" + soa + "/",
		"deep.empty.example.com. TXT": `NOERROR true deep.empty.example.com. 300 IN TXT "one \" text"//`,
		"alias.example.com. A":        "NOERROR true alias.example.com. 300 IN CNAME alias2.example.com.|alias2.example.com. 300 IN CNAME a.example.com.|a.example.com. 300 IN A 192.0.2.1|a.example.com. 300 IN A 192.0.2.2//",
		"alias.example.com. CNAME":    "NOERROR true alias.example.com. 300 IN CNAME alias2.example.com.//",
		"away.example.com. A":         "NOERROR true away.example.com. 300 IN CNAME www.example.net.//",
		"x.wild.example.com. A":       "NOERROR true x.wild.example.com. 300 IN A 192.0.2.9//",
		"x.y.wild.example.com. A":     "NOERROR true x.y.wild.example.com. 300 IN A 192.0.2.9//",
		"x.wild.example.com. TXT":     "NOERROR true /" + soa + "/",
		"there.wild.example.com. A":   "NOERROR true /" + soa + "/",
		"there.wild.example.com. MX":  "NOERROR true there.wild.example.com. 300 IN MX 10 mail.example.net.//",
		"x.there.wild.example.com. A": "NXDOMAIN true /" + soa + "/",
		"example.com. SOA":            "NOERROR true " + soa + "//",
		"www.sub.example.com. A":      "NOERROR false /sub.example.com. 300 IN NS ns.sub.example.com.|sub.example.com. 300 IN NS ns.example.net./ns.sub.example.com. 300 IN A 192.0.2.53",
		"elsewhere.test. A":           "REFUSED false //",
		"notexample.com. A":           "REFUSED false //",
	} {
		name, rrtype, _ := strings.Cut(question, " ")
		for _, network := range []string{"udp", "tcp"} {
			answer := ask(t, network, s.Addr(), name, dns.StringToType[rrtype])
			got := fmt.Sprintf("%s %v %s/%s/%s", dns.RcodeToString[answer.Rcode], answer.Authoritative, list(answer.Answer), list(answer.Ns), list(answer.Extra))
			if !strings.EqualFold(got, want) {
				t.Errorf("%s over %s:\n%s\nwant\n%s", question, network, got, want)
			}
		}
	}
	if answer := ask(t, "udp", s.Addr(), "loop.example.com.", dns.TypeA); answer.Rcode != dns.RcodeServerFailure {
		t.Error(answer)
	}
}

// TestLargeAnswers are cut over UDP, and whole over TCP.
func TestLargeAnswers(t *testing.T) {
	_, s := start(t)
	if answer := ask(t, "udp", s.Addr(), "large.example.com.", dns.TypeTXT); !answer.Truncated {
		t.Errorf("%d records over UDP", len(answer.Answer))
	}
	if answer := ask(t, "tcp", s.Addr(), "large.example.com.", dns.TypeTXT); answer.Truncated || len(answer.Answer) != 20 {
		t.Errorf("%d records over TCP", len(answer.Answer))
	}
}

// TestWritesShowAtOnce: there is no cache.
func TestWritesShowAtOnce(t *testing.T) {
	api, s := start(t)
	api.Update(func(st *sandbox.State) {
		d := st.Domain("example.com")
		d.Records = slices.DeleteFunc(d.Records, func(r *sandbox.Record) bool { return r.Name == "a" && r.Value == "192.0.2.1" })
	})
	if got := list(ask(t, "udp", s.Addr(), "a.example.com.", dns.TypeA).Answer); got != "a.example.com. 300 IN A 192.0.2.2" {
		t.Error(got)
	}
}

func TestListen(t *testing.T) {
	api, s := start(t)
	if second, err := sandboxdns.Listen(api, s.Addr()); err == nil {
		second.Close()
		t.Error("two servers at one address")
	}
	if _, _, err := net.SplitHostPort(s.Addr()); err != nil {
		t.Error(err)
	}
}
