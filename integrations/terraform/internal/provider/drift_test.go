package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/go-hoster/hoster"
)

// spelled is one spelling of a record.
type spelled struct{ domain, name, rrtype, value, more string }

var (
	longText = strings.Repeat("dkim-key ", 50)
	chunked  = `"` + longText[:255] + `" "` + longText[255:] + `"`
)

// spellings of the same records: within a group all are equal. The first is that of an
// import.
var groups = [][]spelled{
	{{"example.net", "@", "A", "192.0.2.1", ""}, {"EXAMPLE.NET.", "", "a", "192.0.2.1", ""}, {"example.net", "example.net", "A", "192.0.2.1", ""}, {"example.net", "Example.Net.", "A", "192.0.2.1", ""}},
	{{"example.net", "www", "A", "192.0.2.1", ""}, {"example.net", "WWW", "A", "192.0.2.1", ""}, {"example.net", "www.example.net", "A", "192.0.2.1", ""}, {"Example.Net", "www.EXAMPLE.net.", "A", "192.0.2.1", ""}},
	{{"example.net", "xn--bcher-kva", "A", "192.0.2.1", ""}, {"example.net", "bücher", "A", "192.0.2.1", ""}, {"example.net", "BÜCHER.example.net", "A", "192.0.2.1", ""}},
	{{"example.net", "*", "A", "192.0.2.1", ""}, {"example.net", `\052`, "A", "192.0.2.1", ""}, {"example.net", "*.example.net", "A", "192.0.2.1", ""}},
	{{"xn--bcher-kva.example", "idn", "A", "192.0.2.1", ""}, {"bücher.example", "idn", "A", "192.0.2.1", ""}, {"Bücher.Example.", "idn.bücher.example", "A", "192.0.2.1", ""}},
	{{"example.net", "six", "AAAA", "2001:db8::1", ""}, {"example.net", "six", "AAAA", "2001:0DB8:0:0:0:0:0:1", ""}, {"example.net", "six", "aaaa", "2001:db8:0::0:1", ""}},
	{{"example.net", "alias", "CNAME", "www.example.com", ""}, {"example.net", "alias", "CNAME", "WWW.Example.com.", ""}},
	{{"example.net", "idn-alias", "CNAME", "xn--bcher-kva.example", ""}, {"example.net", "idn-alias", "CNAME", "bücher.example.", ""}},
	{{"example.net", "sub", "NS", "ns1.example.com", ""}, {"example.net", "sub", "NS", "NS1.example.com.", ""}},
	{{"example.net", "mx", "MX", "mail.example.com", "priority = 10"}, {"example.net", "mx", "MX", "10 mail.example.com", ""}, {"example.net", "mx", "MX", "10 MAIL.example.com.", "priority = 10"}},
	{{"example.net", "nullmx", "MX", ".", "priority = 0"}, {"example.net", "nullmx", "MX", "0 .", ""}},
	{{"example.net", "_sip._tcp", "SRV", "sip.example.com", "priority = 1\nweight = 0\nport = 5060"}, {"example.net", "_SIP._tcp", "SRV", "1 0 5060 sip.example.com.", ""}, {"example.net", "_sip._tcp.example.net", "SRV", "1 0 5060 sip.example.com", "port = 5060\nweight = 0\npriority = 1"}},
	{{"example.net", "caa", "CAA", `0 issue "ca.example"`, ""}, {"example.net", "caa", "CAA", `0 issue ca.example`, ""}, {"example.net", "caa", "caa", `0  issue  "ca.example"`, ""}},
	{{"example.net", "caa128", "CAA", `128 iodef "mailto:a@example.com"`, ""}, {"example.net", "caa128", "CAA", `128 iodef mailto:a@example.com`, ""}},
	{{"example.net", "txt", "TXT", "v=spf1 -all", ""}, {"example.net", "txt", "TXT", `"v=spf1 -all"`, ""}, {"example.net", "txt", "TXT", `"v=spf1 " "-all"`, ""}},
	{{"example.net", "dkim", "TXT", longText, ""}, {"example.net", "dkim", "TXT", chunked, ""}},
	{{"example.net", "quote", "TXT", `a "b" \ c; d`, ""}, {"example.net", "quote", "TXT", `"a \"b\" \\ c; d"`, ""}},
	{{"example.net", "utf8", "TXT", "grüße ✓", ""}, {"example.net", "utf8", "TXT", `"gr\195\188\195\159e \226\156\147"`, ""}},
	{{"example.net", "spaces", "TXT", "  at both ends ", ""}, {"example.net", "spaces", "TXT", `"  at both ends "`, ""}},
	{{"example.net", "empty", "TXT", "", ""}, {"example.net", "empty", "TXT", `""`, ""}},
	{{"example.net", "case", "TXT", "MiXed", ""}},
}

// spelledConfig writes each group in its nth spelling.
func spelledConfig(n int, more func(i int, first spelled) string) string {
	var b strings.Builder
	for i, group := range groups {
		s := group[n%len(group)]
		fmt.Fprintf(&b, "resource \"hoster_dns_record\" \"r%d\" {\n  domain = %q\n  name = %s\n  type = %q\n  value = %s\n%s\n}\n", i, s.domain, quoted(s.name), s.rrtype, quoted(s.value), s.more)
		if more != nil {
			b.WriteString(more(i, group[0]))
		}
	}
	return b.String()
}

// quoted is a string of the configuration language.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// TestSpellingsMakeNoChange writes each record in one spelling, and finds it unchanged
// in every other, also after an import.
func TestSpellingsMakeNoChange(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	most := 0
	for _, group := range groups {
		most = max(most, len(group))
	}
	for start := range most {
		var tests []resource.TestStep
		for n := range most {
			step := resource.TestStep{Config: a.hcl(spelledConfig(start+n, nil))}
			if n > 0 {
				step.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
			}
			tests = append(tests, step)
		}
		a.run(tests...)
	}
}

// TestSpellingsAfterImport imports each record by its natural key. The state is that of
// a record that was created, and a configuration with another spelling plans nothing.
func TestSpellingsAfterImport(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	tests := []resource.TestStep{{Config: a.hcl(spelledConfig(0, nil))}}
	for i, group := range groups {
		tests = append(tests, resource.TestStep{
			ResourceName: "hoster_dns_record.r" + strconv.Itoa(i), ImportState: true, ImportStateVerify: true, ImportStateId: group[0].key(),
		})
	}
	a.run(tests...)
	for n := range 3 {
		a.addRecords(t)
		a.run(resource.TestStep{
			Config: a.hcl(spelledConfig(n, func(i int, first spelled) string {
				return fmt.Sprintf("import {\n  to = hoster_dns_record.r%d\n  id = %s\n}\n", i, quoted(first.key()))
			})),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		})
	}
}

// key is the natural key of a record in its first spelling.
func (s spelled) key() string {
	value := s.value
	if numbers := regexp.MustCompile(`[0-9]+`).FindAllString(s.more, -1); numbers != nil {
		value = strings.Join(numbers, " ") + " " + value
	}
	return s.domain + "/" + s.name + "/" + s.rrtype + "/" + value
}

// addRecords puts the first spelling of each group into the zones.
func (a *account) addRecords(t *testing.T) {
	client := a.client()
	for _, group := range groups {
		s := group[0]
		record := hoster.RecordCreate{Type: hoster.RecordType(s.rrtype), Name: s.name, Value: strings.TrimPrefix(s.key(), s.domain+"/"+s.name+"/"+s.rrtype+"/")}
		if s.rrtype == "TXT" {
			record.Value = s.value
		}
		if _, err := client.DNS.Create(t.Context(), s.domain, record); err != nil {
			t.Fatal(err)
		}
	}
}
