package wire

import (
	"fmt"
	"strings"
)

// shape is one provider's JSON: the envelope of a list with its own way to the
// next page, and its own record and domain.
type shape struct {
	records string // how the path of the record list ends
	domain  func() string
	item    func(i int, value string) string
	list    func(p page, items string) string
}

// shapes go by the first segment of the path. The one of govultr has no prefix
// of its own: that SDK drops the base URL's path.
var shapes = map[string]shape{
	"hoster": {"/records", hosterDomain, hosterItem, hosterList},
	"godo":   {"/records", godoDomain, godoItem, godoList},
	"v2":     {"/records", vultrDomain, vultrItem, vultrList},
	"hcloud": {"/rrsets", hcloudDomain, hcloudItem, hcloudList},
	"linode": {"/records", linodeDomain, linodeItem, linodeList},
	"cf":     {"/dns_records", cloudflareDomain, cloudflareItem, cloudflareList},
}

const (
	created = "2026-01-02T03:04:05Z"
	updated = "2026-03-04T05:06:07Z"
)

func hosterDomain() string {
	return padded(DomainSize, "ns2.example.net", func(ns string) string {
		return `{"status":"success","data":{"id":"dom_0123456789abcdef","name":"` + Domain + `","status":"active","registered_at":"` + created +
			`","expires_at":"2027-01-02T03:04:05Z","auto_renew":true,"locked":true,"nameservers":["ns1.example.net","` + ns +
			`"],"whois_privacy":true,"uses_provider_dns":true,"contacts":{"registrant":"con_1","admin":"con_1","tech":"con_2","billing":"con_2"},"created_at":"` +
			created + `","updated_at":"` + updated + `"}}`
	})
}

func hosterItem(i int, value string) string {
	return fmt.Sprintf(`{"id":"rec_%016x","type":"TXT","name":"%s","value":"%s","ttl":3600,"priority":null,"weight":null,"port":null,"created_at":"%s","updated_at":"%s"}`,
		i, Name(i), value, created, updated)
}

func hosterList(p page, items string) string {
	return fmt.Sprintf(`{"status":"success","data":[%s],"meta":{"pagination":{"total":%d,"current_page":%d,"per_page":%d,"total_pages":%d}}}`,
		items, Records, p.number, p.size, p.pages())
}

func godoDomain() string {
	return padded(DomainSize, "$ORIGIN", func(file string) string {
		return `{"domain":{"name":"` + Domain + `","ttl":1800,"zone_file":"` + file + `"}}`
	})
}

func godoItem(i int, value string) string {
	return fmt.Sprintf(`{"id":%d,"type":"TXT","name":"%s","data":"%s","priority":null,"port":null,"ttl":3600,"weight":null,"flags":null,"tag":null}`,
		28448429+i, Name(i), value)
}

func godoList(p page, items string) string {
	const base = "https://api.example.com/v2/domains/" + Domain + "/records"
	link := func(rel string, number int) string {
		return fmt.Sprintf(`"%s":"%s?page=%d&per_page=%d"`, rel, base, number, p.size)
	}
	var links []string
	if p.number > 1 {
		links = append(links, link("first", 1), link("prev", p.number-1))
	}
	if p.next() != 0 {
		links = append(links, link("next", p.next()), link("last", p.pages()))
	}
	return fmt.Sprintf(`{"domain_records":[%s],"links":{"pages":{%s}},"meta":{"total":%d}}`, items, strings.Join(links, ","), Records)
}

func vultrDomain() string {
	return padded(DomainSize, "enabled", func(sec string) string {
		return `{"domain":{"domain":"` + Domain + `","date_created":"` + created + `","dns_sec":"` + sec + `"}}`
	})
}

func vultrItem(i int, value string) string {
	return fmt.Sprintf(`{"id":"cb676a46-66fd-4dfb-b839-%012x","type":"TXT","name":"%s","data":"%s","priority":-1,"ttl":3600}`, i, Name(i), value)
}

func vultrList(p page, items string) string {
	next := ""
	if p.next() != 0 {
		next = fmt.Sprintf("next%d", p.next())
	}
	return fmt.Sprintf(`{"records":[%s],"meta":{"total":%d,"links":{"next":"%s","prev":""}}}`, items, Records, next)
}

func hcloudDomain() string {
	return padded(DomainSize, "another", func(registrar string) string {
		return `{"zone":{"id":4711,"name":"` + Domain + `","created":"` + created +
			`","ttl":3600,"mode":"primary","primary_nameservers":[],"protection":{"delete":false},"labels":{},"authoritative_nameservers":{"assigned":["ns1.example.net."],"delegated":["ns1.example.net."],"delegation_last_check":"` +
			updated + `","delegation_status":"valid"},"registrar":"` + registrar + `","status":"ok","record_count":10000}}`
	})
}

func hcloudItem(i int, value string) string {
	return fmt.Sprintf(`{"id":"%s/TXT","name":"%s","type":"TXT","ttl":3600,"labels":{},"protection":{"change":false},"records":[{"value":"%s","comment":""}],"zone":4711}`,
		Name(i), Name(i), value)
}

func hcloudList(p page, items string) string {
	next := "null"
	if p.next() != 0 {
		next = fmt.Sprint(p.next())
	}
	return fmt.Sprintf(`{"rrsets":[%s],"meta":{"pagination":{"page":%d,"per_page":%d,"previous_page":null,"next_page":%s,"last_page":%d,"total_entries":%d}}}`,
		items, p.number, p.size, next, p.pages(), Records)
}

func linodeDomain() string {
	return padded(DomainSize, "The shop's.", func(description string) string {
		return `{"id":1234,"domain":"` + Domain + `","type":"master","group":"","status":"active","description":"` + description +
			`","soa_email":"admin@example.com","retry_sec":300,"master_ips":[],"axfr_ips":[],"tags":["shop"],"expire_sec":300,"refresh_sec":300,"ttl_sec":300}`
	})
}

func linodeItem(i int, value string) string {
	return fmt.Sprintf(`{"id":%d,"type":"TXT","name":"%s","target":"%s","priority":0,"weight":0,"port":0,"service":null,"protocol":null,"ttl_sec":3600,"tag":null,"created":"2026-01-02T03:04:05","updated":"2026-03-04T05:06:07"}`,
		123456+i, Name(i), value)
}

func linodeList(p page, items string) string {
	return fmt.Sprintf(`{"data":[%s],"page":%d,"pages":%d,"results":%d}`, items, p.number, p.pages(), Records)
}

func cloudflareDomain() string {
	return padded(DomainSize, "pro", func(plan string) string {
		return `{"result":{"id":"023e105f4ecef8ad9ca31a8372d0c353","name":"` + Domain +
			`","status":"active","paused":false,"type":"full","development_mode":0,"name_servers":["ns1.example.net","ns2.example.net"],"modified_on":"` +
			updated + `","created_on":"` + created + `","meta":{"step":4},"owner":{"id":"023e","type":"user"},"account":{"id":"023e","name":"shop"},"plan":{"id":"` +
			plan + `"}},"success":true,"errors":[],"messages":[]}`
	})
}

func cloudflareItem(i int, value string) string {
	return fmt.Sprintf(`{"id":"%032x","name":"%s.%s","type":"TXT","content":"%s","proxiable":false,"proxied":false,"ttl":3600,"settings":{},"meta":{},"comment":null,"tags":[],"created_on":"%s","modified_on":"%s"}`,
		i, Name(i), Domain, value, created, updated)
}

func cloudflareList(p page, items string) string {
	return fmt.Sprintf(`{"result":[%s],"success":true,"errors":[],"messages":[],"result_info":{"page":%d,"per_page":%d,"total_pages":%d,"total_count":%d}}`,
		items, p.number, p.size, p.pages(), Records)
}
