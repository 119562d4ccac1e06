//go:build outside

package zonefile_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/integrations/zonefile"
)

// run runs one of BIND's tools; one that is missing is a failure.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	command := exec.Command(name, args...)
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		t.Fatalf("%s (Debian's bind9-utils): %v\n%s%s", name, err, out.String(), errs.String())
	}
	return out.String()
}

func file(t *testing.T, content string) string {
	path := filepath.Join(t.TempDir(), "zone")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBINDTakesWhatIsWritten, and what it prints is read as the same records.
func TestBINDTakesWhatIsWritten(t *testing.T) {
	records := oddRecords(t)
	var written bytes.Buffer
	if err := zonefile.Write(&written, domain, records, nil); err != nil {
		t.Fatal(err)
	}
	path := file(t, written.String())
	run(t, "named-checkzone", "-i", "local", "-k", "fail", "-m", "fail", "-n", "fail", domain, path)
	got := list(t, read(t, run(t, "named-compilezone", "-i", "local", "-o", "-", domain, path), nil).Records)
	want := list(t, creates(records))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestBINDReadsTheSame in what people write.
func TestBINDReadsTheSame(t *testing.T) {
	ours := list(t, read(t, example(t), nil).Records)
	theirs := list(t, read(t, run(t, "named-compilezone", "-i", "local", "-q", "-o", "-", domain, file(t, example(t))), nil).Records)
	slices.Sort(ours)
	slices.Sort(theirs)
	ours = slices.Compact(ours) // one is there twice
	if !slices.Equal(ours, theirs) {
		t.Errorf("we read\n%s\nBIND\n%s", strings.Join(ours, "\n"), strings.Join(theirs, "\n"))
	}
}

// TestBINDRefuses what a control has wrong, so that its yes means something.
func TestBINDRefuses(t *testing.T) {
	for _, wrong := range []string{"www IN A 192.0.2.256", "www IN CNAME a.\nwww IN A 192.0.2.1"} {
		path := file(t, fmt.Sprintf("$TTL 60\n@ SOA a. b. 1 2 3 4 5\n@ NS ns1.example.net.\n%s\n", wrong))
		if out, err := exec.Command("named-checkzone", domain, path).CombinedOutput(); err == nil {
			t.Errorf("%s: %s", wrong, out)
		}
	}
}
