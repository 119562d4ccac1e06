package dnszone_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/dnszone"
)

var readers = map[string]func(string) (string, error){
	"ParseDomain": dnszone.ParseDomain,
	"ParseHost":   dnszone.ParseHost,
	"ParseName": func(s string) (string, error) {
		n, err := dnszone.ParseName(s, "example.com")
		return n.Relative(), err
	},
}

// TestPunctuation: what IDNA2008 disallows as punctuation or a sign is in no
// domain, host or record name, and the error names it.
func TestPunctuation(t *testing.T) {
	for _, r := range "–—‒―‐−“”‘’‚„‟«»‹›¿¡§¶†‡•‰′⁄∕×÷±¬€£¥˗、〈〉「」" {
		for what, parse := range readers {
			_, err := parse("my" + string(r) + "domain.example.com")
			var wrong *dnszone.FieldError
			if !errors.As(err, &wrong) || !strings.Contains(wrong.Problem, "holds '"+string(r)+"' (U+") {
				t.Errorf("%s with %q (%U): %v", what, r, r, err)
			}
		}
	}
	for _, name := range []string{"💩", "i❤", "☃", "👍🏽", "↔", "〰", "l·l", "צ״ל", "ア・イ", "བ་བ", "a－b", "日本語", "naïve"} {
		for what, parse := range readers {
			if got, err := parse(name + ".example.com"); err != nil {
				t.Errorf("%s of %s: %q, %v", what, name, got, err)
			}
		}
	}
}

// TestUnicodeOfToolchains: the A-label of a name is the same whatever version of
// Unicode the toolchain has.
func TestUnicodeOfToolchains(t *testing.T) {
	for in, want := range map[string]string{
		"ẞ.example":        "xn--zca.example",
		"STRAẞE.example":   "xn--strae-oqa.example",
		"straße.example":   "xn--strae-oqa.example",
		"GROẞẞTADT.beẞ.de": "xn--grotadt-2vaa.xn--be-hia.de",
		"strasse.example":  "strasse.example",
		"ÖBB.example":      "xn--bb-eka.example",
		"ς.example":        "xn--3xa.example",
	} {
		if got, err := dnszone.ParseDomain(in); err != nil || got != want {
			t.Errorf("ParseDomain(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}
