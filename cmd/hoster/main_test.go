package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

func TestRunExitCodes(t *testing.T) {
	badSeed := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(badSeed, []byte(`{"profil":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		args   []string
		want   int
		stdout string
		stderr string
	}{
		{"no command", nil, exitUsage, "", "Usage:\n  hoster"},
		{"help", []string{"help"}, exitOK, "Usage:\n  hoster", ""},
		{"unknown command", []string{"dance"}, exitUsage, "", `unknown command "dance"`},
		{"help of a command", []string{"sandbox", "-h"}, exitOK, "--any-address", ""},
		{"unknown command of a group", []string{"domains", "dance"}, exitUsage, "", `unknown command "dance"`},
		{"unknown form", []string{"version", "-o", "xml"}, exitUsage, "", `not "xml"`},
		{"unknown flag", []string{"sandbox", "-loud"}, exitUsage, "", "-loud"},
		{"argument too many", []string{"sandbox", "now"}, exitUsage, "", `"now"`},
		{"negative limit", []string{"sandbox", "-limit", "-1"}, exitUsage, "", "-limit"},
		{"window of nothing", []string{"sandbox", "-window", "0s"}, exitUsage, "", "-window"},
		{"the contract's type", []string{"sandbox", "-types", "PTR,a"}, exitUsage, "", `"A" is no record type`},
		{"a type that is none", []string{"sandbox", "-types", "p t r"}, exitUsage, "", `"P T R" is no record type`},
		{"unknown feature", []string{"sandbox", "-without", "batch,bath"}, exitUsage, "", `"bath"; there are idempotency, etags, token-endpoints, batch`},
		{"every address", []string{"sandbox", "-addr", ":0"}, exitError, "", "-any-address"},
		{"another address", []string{"sandbox", "-addr", "192.0.2.1:0"}, exitError, "", "-any-address"},
		{"no address", []string{"sandbox", "-addr", "nowhere"}, exitError, "", "nowhere"},
		{"no seed file", []string{"sandbox", "-seed", badSeed + ".not"}, exitError, "", "seed.json.not"},
		{"bad seed file", []string{"sandbox", "-seed", badSeed}, exitError, "", `unknown field "profil"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), tt.args, streams{nil, &stdout, &stderr}); got != tt.want {
				t.Errorf("exit code %d, want %d; stderr: %s", got, tt.want, &stderr)
			}
			if !strings.Contains(stdout.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("stdout %q, stderr %q", &stdout, &stderr)
			}
		})
	}
}

func TestWhatIsMissingIsTold(t *testing.T) {
	for token, want := range map[string]bool{"": true, `"quoted"`: false} {
		t.Setenv("API_BASE_URL", "https://api.example.com/v1")
		t.Setenv("API_TOKEN", token)
		var stderr bytes.Buffer
		if code := run(t.Context(), []string{"domains", "list"}, streams{nil, io.Discard, &stderr}); code != exitUsage || strings.Contains(stderr.String(), "name a profile") != want || strings.Contains(stderr.String(), "quoted\"") {
			t.Errorf("token %q: exit code %d, %s", token, code, &stderr)
		}
	}
}

// TestSandboxServesUntilStopped runs the command as a user does: it reads the
// announcement, sends a request, and stops the process.
func TestSandboxServesUntilStopped(t *testing.T) {
	for _, args := range [][]string{
		{"sandbox", "-limit", "5", "-window", "1h"},
		{"sandbox", "-addr", "0.0.0.0:0", "-any-address", "-limit", "5"},
	} {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		announced, stdout := io.Pipe()
		var stderr bytes.Buffer
		code := make(chan int, 1)
		go func() {
			code <- run(ctx, args, streams{nil, stdout, &stderr})
			_ = stdout.Close()
		}()

		lines := bufio.NewScanner(announced)
		said := make(map[string]string)
		for len(said) < 4 && lines.Scan() {
			for _, word := range []string{"base URL: ", "root token: ", "export API_BASE_URL=", "export API_TOKEN="} {
				if value, ok := strings.CutPrefix(lines.Text(), word); ok {
					said[word] = value
				}
			}
		}
		token := said["root token: "]
		if token == "" || token != said["export API_TOKEN="] || said["base URL: "] != said["export API_BASE_URL="] {
			t.Fatalf("announced %v", said)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, said["base URL: "]+"/account/profile", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK || res.Header.Get("X-RateLimit-Limit") != "5" {
			t.Errorf("status %d, header %v", res.StatusCode, res.Header)
		}

		stop()
		if got := <-code; got != exitOK {
			t.Errorf("exit code %d", got)
		}
		log := stderr.String()
		if strings.Count(log, "\n") != 1 || !strings.Contains(log, " GET /v1/account/profile 200 ") || strings.Contains(log, token) {
			t.Errorf("log: %s", log)
		}
	}
}

// TestSandboxDialect: the API is spoken in the dialect of the file, and its own paths
// are not there. A file that is wrong, or cannot be served, ends the command.
func TestSandboxDialect(t *testing.T) {
	write := func(text string) string {
		name := filepath.Join(t.TempDir(), "brand.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	name := write(`{"dialect": 1, "name": "brand", "base": "/v2", "resources": {"domain": {"name": "fqdn"}},
		"operations": {"Domains.Get": {"send": "GET /names/{domain}", "resource": "domain"}}}`)
	srv := sandbox.New()
	handler, base, err := sandboxFlags{dialect: name}.speak(srv)
	if err != nil || base != "/v2" {
		t.Fatal(base, err)
	}
	for path, want := range map[string]string{"/v2/names/example.com": `"fqdn":"example.com"`, "/v2/domains/example.com": "not found", "/v2/account/profile": `"email"`} {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Header.Set("Authorization", "Bearer "+srv.RootToken())
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, text := range []string{
		`{"dialect": 1, "name": "brand", "bas": "/v2"}`,
		`{"dialect": 1, "name": "brand", "operations": {"Domains.Update": {"then": "Domains.Get"}, "Domains.Get": {}}}`,
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), []string{"sandbox", "--dialect", write(text)}, streams{out: io.Discard, err: &stderr}); code != exitError || stderr.Len() == 0 {
			t.Errorf("%s: exit code %d, %s", text, code, stderr.String())
		}
	}
}

func TestSandboxTypesAndFeatures(t *testing.T) {
	var flags sandboxFlags
	for _, list := range []string{"ptr,TLSA", "LOC"} {
		if err := flags.addTypes(list); err != nil {
			t.Fatal(err)
		}
	}
	if err := flags.addWithout("batch,etags"); err != nil {
		t.Fatal(err)
	}
	opts, err := flags.options(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	srv := sandbox.New(opts...)
	const records = "/v1/domains/example.com/dns/records"
	do := func(path, body string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+srv.RootToken())
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, req)
		return w
	}
	for _, recordType := range []string{"PTR", "TLSA", "LOC"} {
		w := do(records, `{"type":"`+recordType+`","name":"x","value":"y"}`)
		if w.Code != http.StatusCreated || w.Header().Get("ETag") != "" {
			t.Errorf("%s: %d, header %v", recordType, w.Code, w.Header())
		}
	}
	if w := do(records+"/batch", "{}"); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
		t.Errorf("the batch is answered %d", w.Code)
	}
}
