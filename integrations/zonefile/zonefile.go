// Package zonefile reads and writes zone files in the master file format of RFC
// 1035 for the zones of package hoster. What it reads is what
// [hoster.DNSService.PlanZone] takes, so that an import can be shown before it is
// applied:
//
//	zone, err := zonefile.Read(file, "example.com", nil)
//	// show zone.LeftOut and zone.Adjusted
//	plan, err := client.DNS.PlanZone(ctx, "example.com", zone.Records, nil)
//	// show the plan
//	result, err := client.DNS.Apply(ctx, plan, nil)
package zonefile

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// Zone is what a zone file holds.
type Zone struct {
	Records []hoster.RecordCreate // each with a TTL
	Lines   []int                 // Lines[i] is where Records[i] begins, from 1

	LeftOut  []Note // records of the file that are not among Records
	Adjusted []Note // records that are, with another TTL than the file's
}

// Note says what became of a record of the file, and why.
type Note struct {
	Line   int    // where the record begins, from 1; 0 where it came from no file
	Record string // the record in presentation form
	Reason string
}

// String is the line, the reason and the record.
func (n Note) String() string {
	if n.Line == 0 {
		return n.Reason + ": " + n.Record
	}
	return fmt.Sprintf("line %d: %s: %s", n.Line, n.Reason, n.Record)
}

// ReadOptions shape a reading. Nil is the zero value.
type ReadOptions struct {
	// Types are taken beside those that package dnszone knows; AllTypes takes every
	// type. A plan has options of the same names: without them it refuses the records.
	Types    []hoster.RecordType
	AllTypes bool
}

// Read reads the zone file of a domain, whose name is the origin until $ORIGIN
// gives another. It knows $TTL and refuses $INCLUDE and $GENERATE, which
// named-compilezone expands. A record without any TTL gets [dnszone.DefaultTTL].
// An error of the syntax names the line and fails the whole reading.
//
// Left out, and listed, are: the SOA record, the nameservers of the apex and the
// records of DNSSEC's signing, which are the provider's own; records of other
// classes than IN; names outside the zone; names that end with the zone twice, as
// one without its final dot does; types that the options do not take; and values
// that the API cannot hold.
//
// A record set has one TTL: it gets the lowest of its records, within the API's
// limits. Records whose TTL becomes another are listed.
func Read(r io.Reader, domain string, options *ReadOptions) (*Zone, error) {
	domain, err := dnszone.ParseDomain(domain)
	if err != nil {
		return nil, err
	}
	reader := newReading(domain, options)
	lines := &lineCounter{r: bufio.NewReader(r), line: 1}
	parser := dns.NewZoneParser(lines, dns.Fqdn(domain), "")
	parser.SetDefaultTTL(dnszone.DefaultTTL)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		reader.add(rr, lines.takeBegin())
	}
	if err := parser.Err(); err != nil {
		return nil, err
	}
	if lines.begin != 0 { // the parser ends without an error after a lone owner
		return nil, fmt.Errorf("zonefile: line %d: the record is not complete", lines.begin)
	}
	return reader.finish(), nil
}

// FromRecords is Read for records that came in another way, such as by a zone
// transfer. There are no lines.
func FromRecords(domain string, records []dns.RR, options *ReadOptions) (*Zone, error) {
	domain, err := dnszone.ParseDomain(domain)
	if err != nil {
		return nil, err
	}
	reader := newReading(domain, options)
	for _, rr := range records {
		reader.add(rr, 0)
	}
	return reader.finish(), nil
}

// reading collects the records of a file.
type reading struct {
	zone    string
	options *ReadOptions

	records []dnszone.Record
	lines   []int
	ttls    map[dnszone.SetKey]int // the lowest of each set
	leftOut []Note
}

func newReading(domain string, options *ReadOptions) *reading {
	if options == nil {
		options = &ReadOptions{}
	}
	return &reading{zone: domain, options: options, ttls: map[dnszone.SetKey]int{}}
}

func (r *reading) add(rr dns.RR, line int) {
	record, reason := r.recordOf(rr)
	if reason != "" {
		r.leftOut = append(r.leftOut, Note{Line: line, Record: textOf(rr), Reason: reason})
		return
	}
	key := record.Key()
	if lowest, known := r.ttls[key]; !known || record.TTL < lowest {
		r.ttls[key] = record.TTL
	}
	r.records, r.lines = append(r.records, record), append(r.lines, line)
}

// recordOf reads a record, or says why it is left out.
func (r *reading) recordOf(rr dns.RR) (record dnszone.Record, reason string) {
	header := rr.Header()
	rrtype := dnszone.Type(dns.Type(header.Rrtype).String())
	name, err := dnszone.ParseName(header.Name, r.zone)
	switch {
	case header.Class != dns.ClassINET:
		return record, "its class is not IN"
	case err != nil:
		return record, err.Error()
	case name.DoubledSuffix():
		return record, "the name ends with the zone twice: a final dot is missing"
	case slices.Contains(providersOwn, header.Rrtype), header.Rrtype == dns.TypeNS && name.IsApex():
		return record, "it is the provider's own"
	case !rrtype.Known() && !r.options.AllTypes && !slices.Contains(r.options.Types, rrtype):
		return record, "records of this type are not taken"
	}
	data, err := dnszone.Parse(rrtype, dataOf(rr))
	if err == nil {
		err = dnszone.Validate(data)
	}
	if err != nil {
		return record, err.Error()
	}
	return dnszone.Record{Name: name, TTL: int(header.Ttl), Data: data}, ""
}

// providersOwn are the types that whoever serves a zone makes itself.
var providersOwn = []uint16{dns.TypeSOA, dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3, dns.TypeNSEC3PARAM, dns.TypeDNSKEY, dns.TypeCDS, dns.TypeCDNSKEY}

// finish gives each record the TTL of its set.
func (r *reading) finish() *Zone {
	zone := &Zone{Lines: r.lines, LeftOut: r.leftOut}
	for i, record := range r.records {
		ttl := min(max(r.ttls[record.Key()], dnszone.MinTTL), dnszone.MaxTTL)
		if ttl != record.TTL {
			zone.Adjusted = append(zone.Adjusted, Note{
				Line:   r.lines[i],
				Record: fmt.Sprintf("%s %d %s %s", record.Name.FQDN(), record.TTL, record.Data.Type(), record.Data),
				Reason: fmt.Sprintf("the TTL of its set is %d", ttl),
			})
		}
		create := hoster.NewRecord(record.Name.Relative(), record.Data)
		create.TTL = hoster.Set(ttl)
		zone.Records = append(zone.Records, create)
	}
	return zone
}

// textOf is the record on one line.
// dataOf is the data of a record in presentation form. The header of a type that the
// parser does not know is printed in another way than by itself.
func dataOf(rr dns.RR) string {
	if unknown, ok := rr.(*dns.RFC3597); ok {
		return fmt.Sprintf(`\# %d %s`, len(unknown.Rdata)/2, unknown.Rdata)
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}

func textOf(rr dns.RR) string { return strings.ReplaceAll(rr.String(), "\t", " ") }

// lineCounter hands the parser byte after byte and notes on which line the
// current record begins: the first line since the last record that is neither
// blank, nor a comment, nor a directive.
type lineCounter struct {
	r     *bufio.Reader
	line  int
	text  bool // something stands on this line
	begin int  // of the record; 0: not begun
}

// Read is one byte of ReadByte, which is what the parser uses.
func (c *lineCounter) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	if p[0], err = c.ReadByte(); err != nil {
		return 0, err
	}
	return 1, nil
}

// ReadByte reads a byte, and notes where it stands.
func (c *lineCounter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	switch {
	case err != nil:
	case b == '\n':
		c.line++
		c.text = false
	case !c.text && b != ' ' && b != '\t' && b != '\r':
		c.text = true
		switch {
		case b == ';' || c.begin != 0:
		case b != '$':
			c.begin = c.line
		case c.isGenerate():
			// The parser gives its records another TTL than $TTL says.
			return 0, fmt.Errorf("zonefile: line %d: $GENERATE is not supported: expand it with named-compilezone", c.line)
		}
	}
	return b, err
}

func (c *lineCounter) isGenerate() bool {
	const word = "GENERATE"
	next, _ := c.r.Peek(len(word))
	return strings.EqualFold(string(next), word)
}

// takeBegin is where the record that was parsed last begins.
func (c *lineCounter) takeBegin() (begin int) {
	begin, c.begin = c.begin, 0
	return begin
}
