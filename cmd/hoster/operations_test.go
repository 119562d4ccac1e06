package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/hostertest"
	"github.com/go-hoster/hoster/sandbox"
)

// account is a sandbox and the environment that leads to it.
type account struct {
	*hostertest.Server
	t *testing.T
}

func open(t *testing.T, opts ...sandbox.Option) account {
	srv := hostertest.New(t, opts...)
	t.Setenv("API_BASE_URL", srv.URL())
	t.Setenv("API_TOKEN", srv.RootToken())
	t.Setenv("HOSTER_PROFILES", filepath.Join(t.TempDir(), "profiles.json"))
	return account{srv, t}
}

// answer is the end of a command.
type answer struct {
	code     int
	out, err string
}

// run runs a command whose standard input says no word.
func (s account) run(args ...string) answer { return s.says("", args...) }

func (s account) says(in string, args ...string) answer {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(s.t.Context(), args, streams{strings.NewReader(in), &stdout, &stderr})
	if strings.Contains(stdout.String()+stderr.String(), s.RootToken()) {
		s.t.Errorf("%v prints the token", args)
	}
	return answer{code, stdout.String(), stderr.String()}
}

// want runs a command and holds its exit code.
func (s account) want(code int, args ...string) answer {
	s.t.Helper()
	got := s.run(args...)
	if got.code != code {
		s.t.Fatalf("%v: exit code %d, want %d\n%s%s", args, got.code, code, got.out, got.err)
	}
	return got
}

func (s account) read(args ...string) []map[string]any {
	s.t.Helper()
	text := s.want(exitOK, append(args, "-o", "json")...).out
	var list []map[string]any
	if json.Unmarshal([]byte(text), &list) != nil {
		var one map[string]any
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			s.t.Fatalf("%v: %v in %s", args, err, text)
		}
		list = append(list, one)
	}
	return list
}

func TestEveryOperationIsACommand(t *testing.T) {
	root := (&app{}).root()
	missing := 0
	for _, info := range hoster.Operations() {
		service, verb := commandPath(info.Name)
		if cmd, rest, err := root.Find([]string{service, verb}); err != nil || len(rest) > 0 || cmd.Name() != verb {
			t.Errorf("no command %s %s for %s", service, verb, info.Name)
			missing++
		}
		if _, err := describe(info); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d operations, %d missing", len(hoster.Operations()), missing)
}

// words are the arguments that the sandbox's account knows for each parameter.
func (s account) words(info hoster.OperationInfo) (args []string) {
	id := func(list string) string { return s.read(list, "list")[0]["id"].(string) }
	service, verb := commandPath(info.Name)
	args = []string{service, verb}
	for _, match := range pathParameter.FindAllStringSubmatch(info.Path, -1) {
		switch {
		case match[1] == "domain" && verb == "transfer-status":
			args = append(args, "incoming.example")
		case match[1] == "domain":
			args = append(args, "example.com")
		case service == "dns":
			args = append(args, s.read("dns", "list", "example.com")[0]["id"].(string))
		default:
			args = append(args, id(service))
		}
	}
	return args
}

func TestEveryReadInEveryForm(t *testing.T) {
	s := open(t, sandbox.WithRateLimit(0, 0))
	for _, info := range hoster.Operations() {
		if info.Replay != hoster.ReplayAlways {
			continue
		}
		args := s.words(info)
		switch info.Name {
		case "Invoices.PDF":
			out := filepath.Join(t.TempDir(), "invoice.pdf")
			s.want(exitOK, append(args, "-out", out)...)
			if text, err := os.ReadFile(out); err != nil || !bytes.HasPrefix(text, []byte("%PDF-")) {
				t.Errorf("PDF: %v", err)
			}
			continue
		case "Domains.TransferStatus":
			if got := s.run(args...); got.code != exitError || !strings.Contains(got.err, "Domains.TransferStatus") {
				t.Errorf("no transfer: %+v", got)
			}
			continue
		case "Domains.Availability":
			args = append(args, "free.example", "taken.example")
		}
		if got := s.want(exitOK, args...); got.out == "" {
			t.Errorf("%s: empty table", info.Name)
		}
		list := s.read(args...)
		var fromYAML any
		if err := yaml.Unmarshal([]byte(s.want(exitOK, append(args, "--output=yaml")...).out), &fromYAML); err != nil {
			t.Errorf("%s: %v", info.Name, err)
		}
		rows, err := csv.NewReader(strings.NewReader(s.want(exitOK, append(args, "-output", "csv")...).out)).ReadAll()
		if err != nil || len(rows) != len(list)+1 {
			t.Errorf("%s: %d rows of CSV for %d objects, %v", info.Name, len(rows), len(list), err)
		}
	}
}

func TestWritesAskFirst(t *testing.T) {
	s := open(t)
	write := []string{"dns", "create", "example.com", "-type", "A", "-name", "new", "-value", "192.0.2.9", "-ttl", "300"}
	for _, in := range []string{"", "n\n", "yesterday\n"} {
		got := s.says(in, write...)
		if got.code != exitError || !strings.Contains(got.err, `"value": "192.0.2.9"`) || !strings.Contains(got.err, "nothing was done") {
			t.Errorf("answer %q: %+v", in, got)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), write, streams{nil, &stdout, &stderr}); code != exitUsage {
		t.Errorf("nothing to ask at: exit code %d: %s", code, &stderr)
	}
	if n := len(s.Writes()); n != 0 {
		t.Fatalf("%d writes without a yes", n)
	}
	if got := s.says("y\n", write...); got.code != exitOK {
		t.Errorf("%+v", got)
	}
	s.want(exitOK, "domains", "set-nameservers", "example.com", "ns1.example.net", "ns2.example.net", "-yes")
	if n := len(s.Writes()); n != 2 {
		t.Errorf("%d writes", n)
	}
}

func TestBodies(t *testing.T) {
	s := open(t)
	file := filepath.Join(t.TempDir(), "contact.json")
	if err := os.WriteFile(file, []byte(`{"name":"Ada","email":"ada@example.com","phone":"+49.301234567"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	made := s.read("contacts", "create", "-yes", "-body", "@"+file, "-name", "Ada L.", "-address",
		`{"street":"A 1","city":"Berlin","state":"","postal_code":"10115","country":"DE"}`)[0]
	if made["name"] != "Ada L." || made["email"] != "ada@example.com" {
		t.Errorf("%v", made)
	}
	changed := s.read("domains", "update", "example.com", "-yes", "-auto-renew", "false")[0]
	if changed["auto_renew"] != false {
		t.Errorf("%v", changed)
	}
	for _, bad := range [][]string{
		{"contacts", "create", "-yes", "-body", `{"nam":"x"}`},
		{"contacts", "create", "-yes", "-body", `nothing`},
		{"domains", "update", "example.com", "-yes", "-auto-renew", "maybe"},
		{"domains", "list", "-auto-renew", "maybe"},
		{"domains", "get"},
		{"domains", "transfer", "-yes", "-max-price", "20", "-body", `{"domain":"new-name.com","auth_code":"secret"}`},
	} {
		s.want(exitUsage, bad...)
	}
	if got := s.read("domains", "list", "-auto-renew", "false", "-search", "example.com"); len(got) == 0 {
		t.Error("no domain by filter")
	}
}

func TestOrdersNeedACap(t *testing.T) {
	s := open(t)
	order := []string{"domains", "register", "-domain", "new-name.com", "-years", "1"}
	if got := s.want(exitUsage, append(order, "-yes")...); !strings.Contains(got.err, "-max-price") {
		t.Error(got.err)
	}
	if got := s.says("n\n", append(order, "-max-price", "1000")...); got.code != exitError || !strings.Contains(got.err, "price before tax: ") {
		t.Errorf("%+v", got)
	}
	s.want(exitError, append(order, "-yes", "-max-price", "0.01")...)
	for _, req := range s.Requests() {
		if req.Operation == "Domains.Register" {
			t.Fatal("an order above the cap reached the provider")
		}
	}
	if got := s.want(exitOK, "hosting", "provision", "-plan-id", s.read("hosting-plans", "list")[0]["id"].(string), "-billing-cycle", "monthly",
		"-domain", "alpha.example", "-max-price", "500", "-yes"); !strings.Contains(got.out, "invoice.payment_url") || strings.Contains(got.out, "{") ||
		!strings.Contains(got.err, " monthly\n") {
		t.Errorf("%+v", got)
	}
	bought := s.read(append(order, "-yes", "-max-price", "1000")...)[0]
	if bought["order"].(map[string]any)["status"] != "pending" {
		t.Errorf("%v", bought)
	}
}

func TestATransferTakesItsCodeFromAFile(t *testing.T) {
	s := open(t)
	code := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(code, []byte("sample-code\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := s.want(exitError, "domains", "transfer", "-domain", "unregistered.com", "-auth-code-file", code, "-max-price", "100", "-yes")
	sent := string(s.Requests()[len(s.Requests())-1].Body)
	if strings.Contains(got.out+got.err, "sample-code") || !strings.Contains(sent, `"sample-code"`) {
		t.Errorf("%+v, sent %s", got, sent)
	}
}

func TestSecretsGoToAFileOrAreShownOnce(t *testing.T) {
	s := open(t)
	file := filepath.Join(t.TempDir(), "token")
	create := []string{"tokens", "create", "-yes", "-name", "ci", "-scopes", "dns:read,dns:write"}
	got := s.want(exitOK, append(create, "-secret-file", file)...)
	secret, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if strings.Contains(got.out+got.err, strings.TrimSpace(string(secret))) {
		t.Error("the secret is printed too")
	}
	for _, form := range []string{"table", "json", "csv", "yaml"} {
		got := s.want(exitOK, append(create, "-o", form)...)
		if strings.Contains(got.out, "redacted") || strings.Contains(got.err, "tok") {
			t.Errorf("%s: %s%s", form, got.out, got.err)
		}
	}
	if got := s.want(exitOK, append(create, "-secret-file", file)...); !strings.Contains(got.err, "printed instead") || strings.Contains(got.out, "redacted") {
		t.Errorf("a file that exists: %+v", got)
	}
	if again, _ := os.ReadFile(file); !bytes.Equal(again, secret) {
		t.Error("the file was overwritten")
	}
}

func TestLongFlagsWithOneHyphen(t *testing.T) {
	root := (&app{}).root()
	tests := []struct{ args, want string }{
		{"-profile x domains list", "--profile x domains list"},
		{"-o json -yes", "-o json --yes"},
		{"dns create z -value -yes -type=TXT", "dns create z --value -yes --type=TXT"},
		{"dns create z --value -name", "dns create z --value -name"},
		{"-unknown -- -yes", "-unknown -- -yes"},
		{"-yes -15 -", "--yes -15 -"},
	}
	for _, tt := range tests {
		if got := strings.Join(longFlags(root, strings.Fields(tt.args)), " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.args, got, tt.want)
		}
	}
}

func TestProfiles(t *testing.T) {
	s := open(t)
	base, token := s.URL(), s.RootToken()
	t.Setenv("API_BASE_URL", "")
	t.Setenv("API_TOKEN", "")
	if got := s.want(exitUsage, "domains", "list"); !strings.Contains(got.err, "hoster profiles set") {
		t.Error(got.err)
	}
	if got := s.says(token+"\n", "profiles", "set", "acme", "-base-url", base); got.code != exitOK {
		t.Fatalf("%+v", got)
	}
	s.want(exitOK, "-profile", "acme", "domains", "list")
	if got := s.read("profiles", "list"); len(got) != 1 || got[0]["provider"] != base {
		t.Errorf("%v", got)
	}
	path := os.Getenv("HOSTER_PROFILES")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := s.want(exitError, "-profile", "acme", "domains", "list"); !strings.Contains(got.err, "chmod 600") {
		t.Error(got.err)
	}
	_ = os.Chmod(path, 0o600)
	s.want(exitUsage, "-profile", "other", "domains", "list")
	bare := fmt.Sprintf(`{"bare":{"base_url":%q}}`, base)
	if err := os.WriteFile(path+".bare", []byte(bare), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("API_TOKEN", "of-another-brand")
	t.Setenv("HOSTER_PROFILES", path+".bare")
	asked := len(s.Requests())
	s.want(exitUsage, "-profile", "bare", "domains", "list")
	if len(s.Requests()) != asked {
		t.Error("a profile without a token sends that of the environment")
	}
	t.Setenv("HOSTER_PROFILES", path)
	s.want(exitUsage, "profiles", "set", "both", "-base-url", base, "-brand", "acme")
	s.want(exitOK, "profiles", "remove", "acme")
	s.want(exitUsage, "profiles", "remove", "acme")
}

func TestRowsWithAndWithoutAnObject(t *testing.T) {
	s := open(t)
	head, _, _ := strings.Cut(s.want(exitOK, "domains", "availability", "free.com", "taken.invalid", "-o", "csv").out, "\n")
	if head != "domain,available,premium,prices.register,prices.renew,prices.transfer,currency,reason" {
		t.Error(head)
	}
	if got := s.want(exitOK, "domains", "list", "-search", "none-such", "-o", "json").out; got != "[]\n" {
		t.Errorf("%q", got)
	}
	if got := s.want(exitOK, "domains", "list", "-search", "none-such", "-o", "csv").out; !strings.HasPrefix(got, "id,name,status,") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}
}

func TestColumns(t *testing.T) {
	s := open(t)
	for form, want := range map[string]string{"csv": "name,auto_renew\nexample.com,true\n", "table": "NAME         AUTO RENEW\nexample.com  true\n"} {
		if got := s.want(exitOK, "domains", "list", "-search", "example.com", "-columns", "name,auto_renew", "-o", form).out; got != want {
			t.Errorf("%s: %q", form, got)
		}
	}
	if got := s.want(exitUsage, "domains", "list", "-columns", "nam"); !strings.Contains(got.err, "auto_renew") {
		t.Error(got.err)
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	var out bytes.Buffer
	grid := [][]string{{"NAME", "VALUE"}, {"www", strings.Repeat("x", 100)}, {"a", "\x1b[31m"}}
	grid[2][1] = printable(grid[2][1])
	if err := writeGrid(&out, grid, 40); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 40 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(out.String(), "\x1b") || !strings.Contains(out.String(), "…") {
		t.Error(out.String())
	}
}
