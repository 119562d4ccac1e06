package libdnshoster

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/libdns/libdns"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

// editsOf groups records by name and type, in the order in which each set comes
// first. A value that is there twice counts once.
func editsOf(zone string, given []libdns.Record, replace bool) (edits []hoster.SetEdit, err error) {
	all := make([]dnszone.Record, len(given))
	for i, r := range given {
		rr := r.RR()
		all[i].TTL = secondsOf(rr.TTL)
		all[i].Name, err = dnszone.ParseName(rr.Name, zone)
		if err == nil {
			all[i].Data, err = dataOf(rr)
		}
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
	}
	records, places := dnszone.Unique(all)
	for _, problem := range dnszone.ValidateRecords(records) {
		return nil, fmt.Errorf("record %d: %w", places[problem.Place], &problem.FieldError)
	}
	place := map[dnszone.SetKey]int{}
	for _, r := range records {
		key := r.Key()
		if _, known := place[key]; !known {
			place[key] = len(edits)
			edits = append(edits, hoster.SetEdit{Name: key.Name.Relative(), Type: key.Type, Replace: replace})
		}
		edit := &edits[place[key]]
		edit.Append = append(edit.Append, r.Data)
		if r.TTL != 0 {
			edit.TTL = hoster.Set(r.TTL)
		}
	}
	return edits, nil
}

// valuesIn is the appended values as the zone holds them after the change. Where all
// was done, a value that the provider stored in another form is as it was asked for.
func valuesIn(change hoster.SetChange, edit hoster.SetEdit, done bool) (values []libdns.Record) {
	for _, want := range edit.Append {
		fields := dnszone.ToFields(want)
		stored := hoster.Record{Name: edit.Name, Type: edit.Type, Value: fields.Value, Priority: fields.Priority, Weight: fields.Weight, Port: fields.Port}
		stored.TTL, _ = edit.TTL.Get()
		found := slices.IndexFunc(change.After, func(r hoster.Record) bool { return isOneOf(r, []dnszone.Data{want}) })
		if found >= 0 {
			stored = change.After[found]
		}
		if done || found >= 0 {
			values = append(values, recordOf(stored))
		}
	}
	return values
}

func isSame(a, b hoster.Record) bool {
	data, err := a.Data()
	return err == nil && isOneOf(b, []dnszone.Data{data})
}

func isOneOf(r hoster.Record, values []dnszone.Data) bool {
	data, err := r.Data()
	return err == nil && slices.ContainsFunc(values, func(v dnszone.Data) bool { return dnszone.Equal(v, data) })
}

// dataOf reads the value of a record in the form of libdns: without quotes and
// escapes where it is TXT, with Go's own where it is CAA.
func dataOf(rr libdns.RR) (dnszone.Data, error) {
	rr.Type = strings.ToUpper(rr.Type)
	rrtype := dnszone.Type(rr.Type)
	switch rrtype {
	case dnszone.TypeTXT:
		return dnszone.TXT{Text: rr.Data}, nil
	case dnszone.TypeCAA:
		parsed, err := rr.Parse()
		if err != nil {
			return nil, err
		}
		caa := parsed.(libdns.CAA)
		return dnszone.CAA{Flags: caa.Flags, Tag: caa.Tag, Value: caa.Value}, nil
	}
	return dnszone.Parse(rrtype, strings.TrimSpace(rr.Data))
}

// recordOf is a record of the API in the type that libdns has for it.
func recordOf(r hoster.Record) libdns.Record {
	ttl := time.Duration(r.TTL) * time.Second
	data, err := r.Data()
	if err != nil {
		return libdns.RR{Name: r.Name, TTL: ttl, Type: string(r.Type), Data: r.Value}
	}
	switch d := data.(type) {
	case dnszone.A:
		return libdns.Address{Name: r.Name, TTL: ttl, IP: d.Addr}
	case dnszone.AAAA:
		return libdns.Address{Name: r.Name, TTL: ttl, IP: d.Addr}
	case dnszone.TXT:
		return libdns.TXT{Name: r.Name, TTL: ttl, Text: d.Text}
	case dnszone.CAA:
		return libdns.CAA{Name: r.Name, TTL: ttl, Flags: d.Flags, Tag: d.Tag, Value: d.Value}
	}
	return parsed(libdns.RR{Name: r.Name, TTL: ttl, Type: string(data.Type()), Data: data.String()})
}

// parsed is the record in the type that libdns has for it. An SRV record without
// the labels that belong to it has no service, and a service binding without a
// scheme stays as it is.
func parsed(rr libdns.RR) libdns.Record {
	name := rr.Name
	bareSRV := rr.Type == string(dnszone.TypeSRV) && !hasService(name)
	if bareSRV {
		rr.Name = "_service._transport"
	}
	record, err := rr.Parse()
	rr.Name = name
	if srv, ok := record.(libdns.SRV); ok && bareSRV {
		srv.Service, srv.Transport, srv.Name = "", "", name
		record = srv
	}
	if err != nil || record.RR().Name != name {
		return rr
	}
	return record
}

// hasService reports a name that begins with a service and a transport.
func hasService(name string) bool {
	service, rest, ok := strings.Cut(name, ".")
	return ok && strings.HasPrefix(service, "_") && strings.HasPrefix(rest, "_")
}
