package hoster_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// storeys are the packages of this module from the bottom up: each imports only
// what stands above it in this list. What is not in it stands beside or above the
// root, and nothing in it imports that.
var storeys = []string{
	"internal/printable", "internal/atomicfile", "internal/canon", "internal/jsonread", "internal/pace", "internal/redact",
	"internal/relay", "internal/replay", "internal/route", "internal/wellformed",
	"internal/errbody", "internal/tokens", "internal/envelope", "internal/gate", "internal/pager", "dnszone",
	"internal/exchange", "internal/settle", "internal/once", "internal/zonework",
	"",
}

// TestStoreys: dependencies point down only.
func TestStoreys(t *testing.T) {
	const module = "github.com/go-hoster/hoster"
	room := func(path string) (string, bool) {
		if path == module {
			return "", true
		}
		return strings.CutPrefix(path, module+"/")
	}
	list := func(arguments ...string) string {
		out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, arguments...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("go list: %v\n%s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	for line := range strings.Lines(list("-f", "{{.ImportPath}} {{join .Deps \" \"}}", "./...")) {
		fields := strings.Fields(line)
		name, _ := room(fields[0])
		own := slices.Index(storeys, name)
		inner := strings.HasPrefix(name, "internal/") || name == "dnszone" || name == ""
		if inner && own < 0 {
			t.Errorf("%s has no place in the list of storeys", name)
		}
		for _, dependency := range fields[1:] {
			below, ours := room(dependency)
			if !ours || !inner {
				continue
			}
			if at := slices.Index(storeys, below); at < 0 || at >= own {
				t.Errorf("%q depends on %q, which does not stand below it", name, below)
			}
		}
	}
}
