package dnszone_test

import (
	"fmt"
	"net/netip"

	"github.com/go-hoster/hoster/dnszone"
)

func ExampleParseName() {
	for _, input := range []string{"www", "WWW.example.com", "www.example.com.", "@", "example.com", "fußball"} {
		name, err := dnszone.ParseName(input, "example.com")
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%-17s %-15s %s\n", input, name.Relative(), name.FQDN())
	}
	_, err := dnszone.ParseName("www.example.org.", "example.com")
	fmt.Println(err)
	// Output:
	// www               www             www.example.com.
	// WWW.example.com   www             www.example.com.
	// www.example.com.  www             www.example.com.
	// @                 @               example.com.
	// example.com       @               example.com.
	// fußball           xn--fuball-cta  xn--fuball-cta.example.com.
	// name: "www.example.org." ends with a dot and lies outside the zone "example.com"
}

func ExampleFromFields() {
	data, err := dnszone.FromFields(dnszone.Fields{Type: "mx", Value: "10 Mail.Example.com."})
	if err != nil {
		fmt.Println(err)
		return
	}
	canonical := dnszone.ToFields(data)
	fmt.Println(canonical.Type, canonical.Value, *canonical.Priority)
	fmt.Println(data)

	_, err = dnszone.FromFields(dnszone.Fields{Type: "MX", Value: "mail.example.com"})
	fmt.Println(err)
	// Output:
	// MX mail.example.com 10
	// 10 mail.example.com.
	// priority: it is missing
}

func ExampleEqual() {
	configured, err := dnszone.FromFields(dnszone.Fields{Type: "TXT", Value: `"v=spf1 include:example.org" " -all"`})
	if err != nil {
		fmt.Println(err)
		return
	}
	answered := dnszone.TXT{Text: "v=spf1 include:example.org -all"}
	fmt.Println(dnszone.Equal(configured, answered))

	long := dnszone.AAAA{Addr: netip.MustParseAddr("2001:DB8:0:0:0:0:0:1")}
	short := dnszone.AAAA{Addr: netip.MustParseAddr("2001:db8::1")}
	fmt.Println(dnszone.Equal(long, short))
	fmt.Println(dnszone.Equal(dnszone.TXT{Text: "Token"}, dnszone.TXT{Text: "token"}))
	// Output:
	// true
	// true
	// false
}
