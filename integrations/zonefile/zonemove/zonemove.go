// Package zonemove moves a zone to another home: it fetches it by a zone transfer
// (AXFR, RFC 5936), and compares what the old and the new nameservers answer.
package zonemove

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/integrations/zonefile"
)

// Transfer fetches a zone from a nameserver, an address with a port, which has to
// allow it. What is left out is what zonefile.Read leaves out.
func Transfer(ctx context.Context, server, domain string, options *zonefile.ReadOptions) (*zonefile.Zone, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	stop := context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	query := new(dns.Msg)
	query.SetAxfr(dns.Fqdn(domain))
	parts, err := (&dns.Transfer{Conn: &dns.Conn{Conn: connection}}).In(query, server)
	if err != nil {
		return nil, err
	}
	var records []dns.RR
	for part := range parts {
		if part.Error != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if part.Error != nil {
			return nil, fmt.Errorf("zonemove: %s does not transfer %s: %w", server, domain, part.Error)
		}
		records = append(records, part.RR...)
	}
	return zonefile.FromRecords(domain, records, options)
}

// Difference is a record set that two nameservers answer differently.
type Difference struct {
	Name, Type string
	Old, New   []string // the values in presentation form, sorted
}

// String is one line.
func (d Difference) String() string {
	return fmt.Sprintf("%s %s: %s instead of %s", d.Name, d.Type, strings.Join(d.New, " | "), strings.Join(d.Old, " | "))
}

// Compare asks the old and the new nameserver, addresses with ports, for the record
// set of each of the records, over TCP, and returns the sets whose values differ.
// TTLs are not compared: a cache in between would count them down.
func Compare(ctx context.Context, domain string, records []hoster.RecordCreate, old, new string) (differences []Difference, err error) {
	asked := map[[2]string]bool{}
	for _, r := range records {
		name, err := dnszone.ParseName(r.Name, domain)
		if err != nil {
			return nil, err
		}
		asked[[2]string{name.FQDN(), string(r.Type)}] = true
	}
	servers, err := connect(ctx, old, new)
	if err != nil {
		return nil, err
	}
	defer servers.close()
	for _, set := range slices.SortedFunc(maps.Keys(asked), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		d := Difference{Name: set[0], Type: set[1]}
		if d.Old, err = servers[0].values(ctx, d.Name, d.Type); err != nil {
			return nil, err
		}
		if d.New, err = servers[1].values(ctx, d.Name, d.Type); err != nil {
			return nil, err
		}
		if !slices.Equal(d.Old, d.New) {
			differences = append(differences, d)
		}
	}
	return differences, nil
}

// nameserver is a connection that takes one query after the other.
type nameserver struct {
	address    string
	connection *dns.Conn
}

type nameservers []*nameserver

func connect(ctx context.Context, addresses ...string) (all nameservers, err error) {
	for _, address := range addresses {
		n := &nameserver{address: address}
		if err := n.dial(ctx); err != nil {
			all.close()
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

func (all nameservers) close() {
	for _, n := range all {
		n.connection.Close()
	}
}

func (n *nameserver) dial(ctx context.Context) error {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", n.address)
	if err == nil {
		n.connection = &dns.Conn{Conn: connection}
	}
	return err
}

// values asks for a record set. Its records may stand in any section: those of a
// delegation are no answer.
func (n *nameserver) values(ctx context.Context, name, rrtype string) (values []string, err error) {
	number, known := dns.StringToType[rrtype]
	if !known {
		return nil, fmt.Errorf("zonemove: %s has records of the type %s, which cannot be asked for", name, rrtype)
	}
	query := new(dns.Msg)
	query.SetQuestion(name, number)
	query.RecursionDesired = false
	client := &dns.Client{Net: "tcp", Timeout: 10 * time.Second}
	answer, _, err := client.ExchangeWithConnContext(ctx, query, n.connection)
	if err != nil && ctx.Err() == nil { // servers close connections that were used a while
		n.connection.Close()
		if err = n.dial(ctx); err == nil {
			answer, _, err = client.ExchangeWithConnContext(ctx, query, n.connection)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("zonemove: %s: %w", n.address, err)
	}
	if answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
		return nil, fmt.Errorf("zonemove: %s answers %s for %s %s", n.address, dns.RcodeToString[answer.Rcode], name, rrtype)
	}
	for _, rr := range slices.Concat(answer.Answer, answer.Ns, answer.Extra) {
		if h := rr.Header(); h.Rrtype == number && strings.EqualFold(h.Name, name) {
			values = append(values, valueOf(rr, rrtype))
		}
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}

// valueOf is the value in canonical form where package dnszone knows one.
func valueOf(rr dns.RR, rrtype string) string {
	text := strings.TrimPrefix(rr.String(), rr.Header().String())
	data, err := dnszone.Parse(dnszone.Type(rrtype), text)
	if err != nil {
		return text
	}
	return dnszone.Canonical(data).String()
}
