package api_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-hoster/hoster"
)

// secrets is what the placeholders of the files stand for.
var secrets = strings.NewReplacer(
	`"url": "{secret}"`, `"url": "https://panel.example.com/login/sample"`,
	"{secret}", "sample-secret", "{token}", "sample-token", "{key}", "sample-key",
)

// readWireFile reads a file of ../testdata/wire: a request and its answer.
func readWireFile(t *testing.T, name string) *exchange {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	request, answer, ok := strings.Cut(secrets.Replace(string(content)), "\n----\n")
	if !ok {
		t.Fatalf("%s has no line of four dashes", name)
	}
	head, sent, _ := strings.Cut(request, "\n\n")
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	head, got, _ := strings.Cut(strings.TrimSpace(answer), "\n\n")
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(strings.ReplaceAll(strings.TrimSpace(head), "\n", "\r\n")+"\r\n\r\n")), req)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return &exchange{
		base: "/v1", method: req.Method, url: req.URL, sent: req.Header, sentBody: bytes.TrimSpace([]byte(sent)),
		status: resp.StatusCode, got: resp.Header, gotBody: []byte(got),
	}
}

// TestWireFiles judges the contract's own exchanges, one for each operation.
func TestWireFiles(t *testing.T) {
	j := newJudge(t)
	for _, op := range hoster.Operations() {
		name := filepath.Join("..", "testdata", "wire", string(op.Name)+".http")
		x := readWireFile(t, name)
		operation, problems := j.exchange(x)
		for _, problem := range problems {
			t.Errorf("%s: %v", name, problem)
		}
		if operation != string(op.Name) {
			t.Errorf("%s: the document takes it for %q", name, operation)
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "testdata", "wire", "*.http"))
	if err != nil || len(files) != len(hoster.Operations()) {
		t.Errorf("%d files for %d operations (%v)", len(files), len(hoster.Operations()), err)
	}
	for _, what := range j.everything() {
		if strings.HasPrefix(what, "schema ") && !strings.HasPrefix(what, "schema Error.") && !j.saw(what) {
			t.Errorf("no file shows %s", strings.TrimPrefix(what, "schema "))
		}
	}
}
