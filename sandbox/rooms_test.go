package sandbox_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestInnerPackages: the inner packages know nothing of HTTP, of this package or
// of the rest of the module, whose rules they would only repeat.
func TestInnerPackages(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./internal/...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	const module = "github.com/go-hoster/hoster"
	for line := range strings.Lines(string(out)) {
		names := strings.Fields(line)
		for _, name := range names[1:] {
			ours := strings.HasPrefix(name, module) && !strings.HasPrefix(name, module+"/sandbox/internal/")
			if ours || name == "net/http" {
				t.Errorf("%s depends on %s", names[0], name)
			}
		}
	}
}
