package hoster

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

// TestADoubledSuffixIsAnotherName, however the provider writes names, and a
// lower-case type the known one.
func TestADoubledSuffixIsAnotherName(t *testing.T) {
	for style, names := range map[string][]string{
		"relative":               {"@", "home", "home.example.com", "HOME.EXAMPLE.COM", "www", "mail"},
		"relative, apex in full": {"example.com", "home", "home.example.com", "Home.Example.com", "www", "mail"},
		"in full":                {"example.com", "home.example.com", "home.example.com.example.com", "Home.example.com.Example.com", "www.example.com", "mail"},
		"with a final dot":       {"example.com.", "home.example.com.", "home.example.com.example.com.", "home.example.com.EXAMPLE.com.", "www.example.com.", "mail.example.com."},
	} {
		var list []string
		for i, name := range names {
			list = append(list, fmt.Sprintf(`{"id":"rec_%d","type":"a","name":%q,"value":"192.0.2.1","ttl":60}`, i, name))
		}
		client := newWire(reply(200, `{"status":"success","data":[`+strings.Join(list, ",")+`],"meta":{"total":6,"per_page":100,"current_page":1}}`)).newClient(t)
		all, err := client.DNS.List(t.Context(), "example.com", nil)
		if err != nil || len(all) != 6 {
			t.Fatalf("%s: %v, %v", style, all, err)
		}
		for i, want := range []string{"@", "home", "home.example.com.example.com.", "home.example.com.example.com.", "www", "mail"} {
			if all[i].Name != want || all[i].Type != dnszone.TypeA {
				t.Errorf("%s: %q is %q %s, want %q", style, names[i], all[i].Name, all[i].Type, want)
			}
		}
	}
}
