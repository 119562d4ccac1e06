package wire

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Resource is what hoster's API has beside the domain and the zone that every
// contender reads, by its path.
type Resource string

// Lists, in pages. The two zones have records of several types, and records in
// an unusual envelope.
const (
	Domains      Resource = "/domains"
	Contacts     Resource = "/account/contacts"
	Invoices     Resource = "/account/invoices"
	Orders       Resource = "/orders"
	Services     Resource = "/hosting"
	Plans        Resource = "/hosting/plans"
	Tokens       Resource = "/account/tokens"
	MixedRecords Resource = "/domains/" + MixedZone + "/dns/records"
	OddRecords   Resource = "/domains/" + OddZone + "/dns/records"
)

// The zones of MixedRecords and OddRecords.
const (
	MixedZone = "mixed.example.com"
	OddZone   = "odd.example.com"
)

// Single resources, and the availability of Candidates.
const (
	Profile        Resource = "/account/profile"
	Contact        Resource = "/account/contacts/" + ContactID
	Invoice        Resource = "/account/invoices/" + InvoiceID
	Order          Resource = "/orders/" + OrderID
	Service        Resource = "/hosting/" + ServiceID
	Usage          Resource = "/hosting/" + ServiceID + "/usage"
	Token          Resource = "/account/tokens/" + TokenID
	Transfer       Resource = "/domains/" + Domain + "/transfer"
	Nameservers    Resource = "/domains/" + Domain + "/nameservers"
	DomainContacts Resource = "/domains/" + Domain + "/contacts"
	Availability   Resource = "/domains/availability"
)

// The ids of the single resources, which are the first of their lists.
const (
	ContactID = "con_0000000000000000"
	InvoiceID = "inv_0000000000000000"
	OrderID   = "ord_0000000000000000"
	ServiceID = "svc_0000000000000000"
	TokenID   = "tok_0000000000000000"
)

// Candidates are the 50 names whose availability is asked for.
var Candidates = func() []string {
	names := make([]string, 50)
	for i := range names {
		names[i] = Name(i) + ".com"
	}
	return names
}()

// URL is where the resource is on a server with that origin, with its query: for
// a list the size of the page.
func (r Resource) URL(origin string, size int) string {
	switch {
	case r == Availability:
		return origin + hosterRoot + string(r) + "?" + url.Values{"domain": Candidates}.Encode()
	case resources[r].item != nil:
		return origin + hosterRoot + string(r) + "?per_page=" + strconv.Itoa(size)
	}
	return origin + hosterRoot + string(r)
}

// Ends are what the first text of the first item and the last text of the last
// one begin with, by which a reader shows that it has read them: for most the
// Name and the Mark.
func (r Resource) Ends(items int) (first, last string) {
	if ends := resources[r].ends; ends != [2]string{} {
		return ends[0], ends[1]
	}
	return Name(0), Mark(items - 1)
}

// hosterRoot is the base URL's path of hoster's API.
const hosterRoot = "/hoster/v1"

// resource is how a Resource is written: a list has items and perhaps an
// envelope of its own, all others are data of the usual envelope.
type resource struct {
	item func(i int) string
	list func(p page, items string) string
	data func() string
	ends [2]string
}

var resources = map[Resource]resource{
	Domains:        {item: listedDomain},
	Contacts:       {item: contact},
	Invoices:       {item: invoice},
	Orders:         {item: order},
	Services:       {item: service},
	Plans:          {item: plan},
	Tokens:         {item: token},
	MixedRecords:   {item: mixedRecord},
	OddRecords:     {item: oddRecord, list: oddList},
	Profile:        {data: profile},
	Contact:        {data: first(contact)},
	Invoice:        {data: first(invoice)},
	Order:          {data: first(order)},
	Service:        {data: serviceDetails},
	Usage:          {data: usage, ends: [2]string{usedBytes, updated}},
	Token:          {data: first(token)},
	Transfer:       {data: transfer},
	Nameservers:    {data: nameservers},
	DomainContacts: {data: domainContacts, ends: [2]string{"con_1", "con_2"}},
	Availability:   {data: availability},
}

// compose writes the body of the resource.
func (r resource) compose(query string) (string, bool) {
	if r.item == nil {
		return `{"status":"success","data":` + r.data() + `}`, true
	}
	p, ok := parsePage(query)
	if !ok {
		return "", false
	}
	list := r.list
	if list == nil {
		list = hosterList
	}
	return list(p, p.items(r.item)), true
}

// first is the first item of a list as a resource of its own.
func first(item func(i int) string) func() string {
	return func() string { return item(0) }
}

func listedDomain(i int) string {
	return fmt.Sprintf(`{"id":"dom_%016x","name":"%s.%s","status":"active","registered_at":"%s","expires_at":"2027-01-02T03:04:05Z","auto_renew":true,"locked":false,"nameservers":["ns1.example.net","%s.example.net"]}`,
		i, Name(i), Domain, created, Mark(i))
}

const address = `{"street":"%s Main Street","city":"Springfield","state":"IL","postal_code":"62701","country":"US"}`

func contact(i int) string {
	return fmt.Sprintf(`{"id":"con_%016x","name":"%s Jane Example","email":"jane.example@example.com","phone":"+1.2175550123","company":"Example Trading Ltd","address":`+address+`,"created_at":"%s"}`,
		i, Name(i), Mark(i), created)
}

func profile() string {
	return fmt.Sprintf(`{"id":"cust_0123456789abcdef","name":"%s Jane Example","email":"jane.example@example.com","company":"Example Trading Ltd","phone":"+1.2175550123","address":`+address+`,"tax_id":"US123456789"}`,
		Name(0), Mark(0))
}

func invoice(i int) string {
	const period = `"period_start":"2026-01-02T00:00:00Z","period_end":"2027-01-02T00:00:00Z"`
	return fmt.Sprintf(`{"id":"inv_%016x","number":"PI-2026-%06d","type":"proforma","status":"unpaid","issued_at":"%s","due_at":"2026-01-16T03:04:05Z","paid_at":null,"currency":"EUR","items":[`+
		`{"description":"%s.%s, registration for 1 year",`+period+`,"amount":"12.99"},`+
		`{"description":"Business hosting, 12 months",`+period+`,"amount":"119.88"},`+
		`{"description":"%s, setup of the account","period_start":null,"period_end":null,"amount":"9.00"}],`+
		`"subtotal":"141.87","taxes":[{"name":"VAT","rate":"19.00","amount":"26.96"},{"name":"Regional tax","rate":"1.50","amount":"2.13"}],"tax_total":"29.09","total":"170.96","amount_paid":"0.00","balance_due":"170.96",`+
		`"order_id":"ord_%016x","payment_url":"https://billing.example.com/invoices/inv_%016x/pay"}`,
		i, i, created, Name(i), Domain, Mark(i), i, i)
}

func order(i int) string {
	return fmt.Sprintf(`{"id":"ord_%016x","number":"OR-2026-%06d","status":"active","created_at":"%s","items":[`+
		`{"type":"domain_registration","description":"%s.%s, registration for 2 years","domain":"%s.%s","service_id":null,"plan_id":null,"years":2,"amount":"25.98"},`+
		`{"type":"hosting","description":"%s, Business hosting, 12 months","domain":null,"service_id":"svc_%016x","plan_id":"plan_business","years":null,"amount":"119.88"}],`+
		`"total":"145.86","currency":"EUR","invoice_ids":["inv_%016x","inv_%016x"]}`,
		i, i, created, Name(i), Domain, Name(i), Domain, Mark(i), i, 2*i, 2*i+1)
}

// listedService has all that the list shows, without the last brace.
func listedService(i int) string {
	return fmt.Sprintf(`{"id":"svc_%016x","name":"%s Business hosting","plan":{"id":"plan_business","name":"%s Business"},"domain":"%s.%s","status":"active","billing_cycle":"annual","next_due_at":"2027-01-02T00:00:00Z","amount":"119.88","currency":"EUR","created_at":"%s"`,
		i, Name(i), Mark(i), Name(i), Domain, created)
}

func service(i int) string { return listedService(i) + "}" }

func serviceDetails() string {
	return listedService(0) + `,"control_panel":"cpanel","username":"exampleuser","server":{"hostname":"web12.example.net","ip_address":"192.0.2.12","nameservers":["ns1.example.net","ns2.example.net"]},"suspension_reason":null,"cancels_at":null}`
}

func plan(i int) string {
	var prices []string
	for months, cycle := range []string{"monthly", "quarterly", "semi_annual", "annual", "biennial", "triennial"} {
		prices = append(prices, fmt.Sprintf(`{"billing_cycle":"%s","amount":"%d.99","currency":"EUR"}`, cycle, 9*(months+1)))
	}
	return fmt.Sprintf(`{"id":"plan_%016x","name":"%s Business","description":"%s, 50 GB of storage, 10 sites, daily backups, unlimited traffic","prices":[%s]}`,
		i, Name(i), Mark(i), strings.Join(prices, ","))
}

// usedBytes is the usage of the disk.
const usedBytes = "21474836480"

func usage() string {
	return `{"disk":{"used":` + usedBytes + `,"limit":53687091200},"bandwidth":{"used":987654321,"limit":null},"measured_at":"` + updated + `"}`
}

func token(i int) string {
	return fmt.Sprintf(`{"id":"tok_%016x","name":"%s deployment of the shop","scopes":["domains:read","domains:write","dns:read","dns:write","hosting:read","hosting:write","account:read","account:write"],"status":"active","created_at":"%s","last_used_at":"%s","expires_at":"2027-01-02T03:04:05Z","ip_allowlist":["192.0.2.10","198.51.100.0/24","2001:db8::/32"],"prefix":"%s"}`,
		i, Name(i), created, updated, Mark(i))
}

func transfer() string {
	return fmt.Sprintf(`{"domain":"%s.%s","status":"failed","reason":"%s, refused by the losing registrar","updated_at":"%s"}`, Name(0), Domain, Mark(0), updated)
}

func nameservers() string {
	return fmt.Sprintf(`{"nameservers":["%s.example.net","%s.example.net"],"change_status":"completed"}`, Name(0), Mark(0))
}

func domainContacts() string {
	return `{"registrant":"con_1","admin":"con_1","tech":"con_2","billing":"con_2"}`
}

// availability answers for the candidates, of which every other one is taken.
func availability() string {
	var answers []string
	for i, name := range Candidates {
		if i%2 == 0 {
			answers = append(answers, fmt.Sprintf(`{"domain":"%s","available":true,"premium":false,"prices":{"register":"12.99","renew":"14.99","transfer":"12.99"},"currency":"EUR","reason":null}`, name))
		} else {
			answers = append(answers, fmt.Sprintf(`{"domain":"%s","available":false,"premium":false,"prices":null,"currency":null,"reason":"%s, registered by another customer"}`, name, Mark(i)))
		}
	}
	return "[" + strings.Join(answers, ",") + "]"
}

// mixedRecord goes through the types. The texts have escapes of JSON, and the
// quotes of the presentation form. The last of each ten carries the mark.
func mixedRecord(i int) string {
	priority, weight, port := "null", "null", "null"
	var kind, value string
	switch i % 10 {
	case 0, 7:
		kind, value = "A", fmt.Sprintf("192.0.2.%d", i%256)
	case 1:
		kind, value = "AAAA", fmt.Sprintf("2001:db8::%x", i)
	case 2:
		kind, value = "CNAME", Name(i)+".cdn.example.net"
	case 3:
		kind, value, priority = "MX", Name(i)+".mail.example.net", "10"
	case 4:
		kind, value = "TXT", `\"\\\"`+Name(i)+`\\\" in quotes, caf\\195\\169\" \"the second string\"`
	case 5:
		kind, value, priority, weight, port = "SRV", Name(i)+".sip.example.net", "10", "60", "5060"
	case 6:
		kind, value = "CAA", `0 issue \"ca.example; account=`+Name(i)+`\"`
	case 8:
		kind, value = "TXT", `v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuWzdcTEFkS7bM5ZWzPzV9JqJzbA8u2eV\/QIDAQAB`
	default:
		kind, value = "TXT", Mark(i)+`; note=\"caf\u00e9 \/ bar\"; path=C:\\zone`
	}
	return fmt.Sprintf(`{"id":"rec_%016x","type":"%s","name":"%s","value":"%s","ttl":3600,"priority":%s,"weight":%s,"port":%s,"created_at":"%s","updated_at":"%s"}`,
		i, kind, Name(i), value, priority, weight, port, created, updated)
}

// oddRecord is the record of the zone that all contenders read, from a provider
// with numbers as ids and with members that hoster does not know.
func oddRecord(i int) string {
	return padded(ItemSize, Mark(i), func(value string) string {
		return fmt.Sprintf(`{"id":%d,"zone_id":4711,"type":"TXT","name":"%s","value":"%s","ttl":3600,"ttl_unit":"s","tags":["shop"],"origin":{"panel":true},"priority":null,"weight":null,"port":null,"created_at":"%s","updated_at":"%s"}`,
			28448429+i, Name(i), value, created, updated)
	})
}

// oddList has members around its data, a flat meta, and another word for success.
func oddList(p page, items string) string {
	return fmt.Sprintf(`{"request_id":"req_0123456789abcdef","status":"ok","took_ms":12,"meta":{"total":%d,"current_page":%d,"per_page":%d},"data":[%s],"warnings":[],"links":{"self":"https://api.example.com/v1/domains/%s/dns/records"}}`,
		Records, p.number, p.size, items, OddZone)
}
