package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-hoster/hoster/sandbox"
)

// TestNoSecretIsShown runs everything that has to do with secrets under TF_LOG=TRACE,
// well and with errors that echo them, and looks for each secret in what is printed,
// logged and stored: as it is, in base64 and escaped for URLs.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	const code = "auth/code+of=moving:0815?x"
	a := newAccount(t)
	var mu sync.Mutex
	secrets := map[string]string{"the provider's token": a.RootToken(), "the auth code": code}
	a.behind(func(api http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorded := httptest.NewRecorder()
			api.ServeHTTP(recorded, r)
			var made struct{ Data struct{ Secret, Name string } }
			if json.Unmarshal(recorded.Body.Bytes(), &made) == nil && made.Data.Secret != "" {
				mu.Lock()
				secrets["the secret of "+made.Data.Name] = made.Data.Secret
				mu.Unlock()
			}
			for name, values := range recorded.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(recorded.Code)
			_, _ = w.Write(recorded.Body.Bytes())
		})
	})
	file := filepath.Join(t.TempDir(), "token")
	config := `
variable "code" {
  type      = string
  ephemeral = true
}

resource "hoster_domain_registration" "moving" {
  domain           = "moving.com"
  auth_code        = var.code
  max_price        = "20"
  currency         = "USD"
  confirm_purchase = true
}

resource "hoster_api_token" "robot" {
  name        = "robot"
  scopes      = ["dns:read"]
  secret_file = ` + quoted(file) + `
}

ephemeral "hoster_api_token" "run" {
  name   = "run"
  scopes = ["dns:read", "dns:write"]
}

provider "hoster" {
  alias = "limited"
  token = ephemeral.hoster_api_token.run.secret
}
` + record("short", "A", `"192.0.2.1"`, "provider = hoster.limited")
	var shown bytes.Buffer
	run := func(wantError bool, config string, args ...string) {
		t.Helper()
		c := a.cli(config)
		log := filepath.Join(c.dir, "trace.log")
		c.env = append(c.env, "TF_VAR_code="+code, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
		for _, command := range [][]string{{"plan", "-out=plan.bin"}, {"show", "-json", "plan.bin"}, {"apply", "-auto-approve"}, {"show"}, {"show", "-json"}, {"plan"}} {
			out, err := c.command(command...).CombinedOutput()
			if (err != nil) != (wantError && command[0] == "apply") && !wantError {
				t.Fatalf("%v: %v\n%s", command, err, out)
			}
			shown.Write(out)
		}
		for _, name := range []string{"trace.log", "terraform.tfstate", "plan.bin"} {
			text, err := os.ReadFile(filepath.Join(c.dir, name))
			if err != nil && !wantError {
				t.Fatal(err)
			}
			if name == "trace.log" && !bytes.Contains(text, []byte("hoster")) {
				t.Error("the trace is empty")
			}
			shown.Write(text)
		}
	}
	run(false, config)
	// Answers that say again what they were sent.
	for _, operation := range []string{"Domains.Transfer", "Tokens.Create", "DNS.Batch", "Domains.Availability"} {
		for _, status := range []int{400, 422, 500} {
			a.Inject(sandbox.Fault{Operation: operation, Status: status, Times: 1, Body: `{"status":"error","code":"VALIDATION_ERROR","message":"Bad: ` + a.RootToken() + ` ` + code + `","errors":{"auth_code":["` + code + ` is wrong"]}}`})
		}
	}
	run(true, strings.ReplaceAll(strings.ReplaceAll(config, "moving.com", "moving-2.com"), `"robot"`, `"robot-2"`))
	if len(secrets) < 4 {
		t.Fatalf("only these secrets were there: %d", len(secrets))
	}
	text := shown.Bytes()
	for what, secret := range secrets {
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)), url.QueryEscape(secret), url.PathEscape(secret)} {
			if i := bytes.Index(text, []byte(form)); i >= 0 {
				t.Errorf("%s is shown: …%q", what, text[max(0, i-200):i])
				break
			}
		}
	}
	if got := slices.Concat(a.tokens("run")); len(got) != 0 {
		t.Errorf("ephemeral tokens stay: %q", got)
	}
}
