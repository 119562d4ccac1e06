package zonefile

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// WriteOptions shape a writing. Nil is the zero value.
type WriteOptions struct {
	// The SOA record, which the API does not show. Primary is a host, or empty for
	// the first nameserver of the apex. Mailbox is an address, or empty for
	// hostmaster at the domain. A Serial of 0 stands for the time of the newest
	// change that the records show, in Unix seconds.
	Primary string
	Mailbox string
	Serial  uint32
}

// Write writes the records of a domain as a zone file: an SOA record, and the
// records by name and type, each with its TTL, hosts with their final dot. What
// has a value that is none of its type stands there as a comment.
func Write(w io.Writer, domain string, records []hoster.Record, options *WriteOptions) error {
	domain, err := dnszone.ParseDomain(domain)
	if err != nil {
		return err
	}
	lines := make([]line, len(records))
	soa := WriteOptions{}
	if options != nil {
		soa = *options
	}
	var newest uint32
	for i, r := range records {
		if lines[i], err = lineOf(r, domain); err != nil {
			return err
		}
		if !r.UpdatedAt.IsZero() {
			newest = max(newest, uint32(r.UpdatedAt.Unix()))
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return dnszone.CompareKeys(a.key, b.key) })
	for _, l := range lines {
		if soa.Primary == "" && l.key.Name.IsApex() && l.key.Type == dnszone.TypeNS {
			soa.Primary = l.value
		}
	}
	if soa.Primary == "" {
		return fmt.Errorf("zonefile: %s has no nameserver at its apex, and the options name no primary", domain)
	}
	if soa.Serial == 0 {
		soa.Serial = newest
	}
	mailbox, err := mailboxOf(soa.Mailbox, domain)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "$ORIGIN %s.\n$TTL %d\n", domain, dnszone.DefaultTTL)
	fmt.Fprintf(out, "@ %d IN SOA %s %s %d 7200 3600 1209600 3600\n", dnszone.DefaultTTL, strings.TrimSuffix(soa.Primary, ".")+".", mailbox, soa.Serial)
	for _, l := range lines {
		fmt.Fprintln(out, l.text)
	}
	return out.Flush()
}

type line struct {
	key   dnszone.SetKey
	value string
	text  string
}

func lineOf(r hoster.Record, domain string) (l line, err error) {
	name, err := dnszone.ParseName(r.Name, domain)
	if err != nil {
		return l, err
	}
	l.key = dnszone.SetKey{Name: name, Type: r.Type}
	data, err := r.Data()
	if err != nil || strings.ContainsAny(data.String(), "\r\n") {
		l.text = fmt.Sprintf("; %s %d IN %s holds %q, which is no value of its type", r.Name, r.TTL, r.Type, r.Value)
		return l, nil
	}
	l.value = data.String()
	l.text = fmt.Sprintf("%s %d IN %s %s", r.Name, r.TTL, r.Type, l.value)
	return l, nil
}

// mailboxOf is an address as a host name: a dot before the "@" is escaped.
func mailboxOf(address, domain string) (string, error) {
	if address == "" {
		return "hostmaster." + domain + ".", nil
	}
	local, host, ok := strings.Cut(address, "@")
	host, err := dnszone.ParseDomain(host)
	if !ok || err != nil || local == "" || strings.ContainsAny(local, " \t\r\n\"\\;()") {
		return "", fmt.Errorf("zonefile: the mailbox %q is no address", address)
	}
	return strings.ReplaceAll(local, ".", `\.`) + "." + host + ".", nil
}
