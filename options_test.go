package hoster

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestBaseURL(t *testing.T) {
	tests := []struct {
		base, want string // want is the URL of a call; "" where the base is refused
	}{
		{"https://api.example.com/v1", "https://api.example.com/v1/domains/example.com"},
		{"https://api.example.com/v1/", "https://api.example.com/v1/domains/example.com"},
		{"https://api.example.com/v1//", "https://api.example.com/v1/domains/example.com"},
		{"https://api.example.com", "https://api.example.com/domains/example.com"},
		{"https://api.example.com/", "https://api.example.com/domains/example.com"},
		{" https://api.example.com/v1\n", "https://api.example.com/v1/domains/example.com"},
		{"HTTPS://API.Example.COM/v1", "https://api.example.com/v1/domains/example.com"},
		{"https://gateway.example/proxy/hosting/v1", "https://gateway.example/proxy/hosting/v1/domains/example.com"},
		{"https://api.example.com:8443/v1", "https://api.example.com:8443/v1/domains/example.com"},
		{"https://[2001:db8::1]/v1", "https://[2001:db8::1]/v1/domains/example.com"},
		{"https://[2001:db8::1]:8443/v1", "https://[2001:db8::1]:8443/v1/domains/example.com"},
		{"https://192.0.2.1/v1", "https://192.0.2.1/v1/domains/example.com"},
		{"https://api.example.com/a%20b/v1", "https://api.example.com/a%20b/v1/domains/example.com"},
		{"https://api.example.com/a%2Fb/v1", "https://api.example.com/a%2Fb/v1/domains/example.com"},
		{"https://api.example.com/%E2%82%AC/", "https://api.example.com/%E2%82%AC/domains/example.com"},
		{"http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/domains/example.com"},
		{"http://localhost/v1", "http://localhost/v1/domains/example.com"},
		{"http://[::1]:8080/v1", "http://[::1]:8080/v1/domains/example.com"},

		{"", ""},
		{"   ", ""},
		{"api.example.com/v1", ""},
		{"//api.example.com/v1", ""},
		{"/v1", ""},
		{"https:api.example.com", ""},
		{"https://", ""},
		{"https:///v1", ""},
		{"https://:8443/v1", ""},
		{"ftp://api.example.com/v1", ""},
		{"file:///v1", ""},
		{"javascript:alert(1)", ""},
		{"https://user@api.example.com/v1", ""},
		{"https://user:pa55@api.example.com/v1", ""},
		{"https://:pa55@api.example.com/v1", ""},
		{"https://api.example.com/v1?key=pa55", ""},
		{"https://api.example.com/v1?", ""},
		{"https://api.example.com/v1#pa55", ""},
		{"https://api.example.com/v1/..", ""},
		{"https://api.example.com/./v1", ""},
		{"https://api.example.com/a/../v1", ""},
		{"https://api.example.com/%2e%2e/v1", ""},
		{"https://api.example.com/a%2F..%2Fv1", ""},
		{"https://api.example.com/v%zz", ""},
		{"https://api.example.com:port/v1", ""},
		{"https://api.exa mple.com/v1", ""},
		{"https://api.example.com/v1\r\nHost: other.example", ""},
		{"http://api.example.com/v1", ""},
		{"http://192.0.2.1/v1", ""},
		{"http://localhost.example.com/v1", ""},
		{"http://127.0.0.1.example.com/v1", ""},
	}
	for _, test := range tests {
		t.Run(test.base, func(t *testing.T) {
			wire := answering(domainAnswer)
			client, err := NewClient(WithBaseURL(test.base), WithToken("t0ken"), WithHTTPClient(wire.client()))
			if test.want == "" {
				if !errors.Is(err, ErrInvalidArgument) || client != nil {
					t.Fatalf("taken: %v, %v", client, err)
				}
				if strings.Contains(err.Error(), "pa55") {
					t.Errorf("the error shows a password: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil {
				t.Fatal(err)
			}
			if got := wire.requests()[0].url; got != test.want {
				t.Errorf("called %s\nwant   %s", got, test.want)
			}
		})
	}
}

func TestInsecureHTTP(t *testing.T) {
	for _, options := range [][]Option{
		{WithBaseURL("http://api.example.com/v1"), WithInsecureHTTP()},
		{WithInsecureHTTP(), WithBaseURL("http://api.example.com/v1")},
	} {
		if _, err := NewClient(append(options, WithToken("t0ken"))...); err != nil {
			t.Error(err)
		}
	}
	if _, err := NewClient(WithBaseURL("ftp://api.example.com"), WithInsecureHTTP(), WithToken("t0ken")); err == nil {
		t.Error("WithInsecureHTTP lets more than http through")
	}
}

func TestBrand(t *testing.T) {
	client, err := NewClient(WithBrand("acme-2"), WithToken("t0ken"))
	if err != nil || client.base.String() != "https://api.acme-2.com/v1" {
		t.Errorf("%v, %v", client, err)
	}
	for _, brand := range []string{"", "Acme", "acme.com", "acme/x", "-acme", "acme-", "a b", "é", "a@b", "acme:1", strings.Repeat("a", 64)} {
		if _, err := NewClient(WithBrand(brand), WithToken("t0ken")); !errors.Is(err, ErrInvalidArgument) || !strings.Contains(err.Error(), "WithBrand") {
			t.Errorf("brand %q: %v", brand, err)
		}
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	var noSource *pointerSource
	tests := map[string][]Option{
		"WithHTTPClient":            {WithHTTPClient(nil)},
		"WithLogger":                {WithLogger(nil)},
		"WithTokenSource":           {WithTokenSource(nil)},
		"not nil":                   {WithTokenSource(noSource)},
		"option 3":                  {nil},
		"two":                       {WithToken("t0ken")},
		"one base URL":              {WithBaseURL("https://api.example.net/v1")},
		"one base URL or brand":     {WithBrand("acme")},
		"WithRateLimit":             {WithRequestRate(0, 1)},
		"a burst of 1":              {WithRequestRate(1, 0)},
		"WithMaxInFlight":           {WithMaxInFlight(0)},
		"WithAttemptTimeout":        {WithAttemptTimeout(0)},
		"RetryPolicy.MaxAttempts":   {WithRetryPolicy(RetryPolicy{})},
		"RetryPolicy.MaxWait":       {WithRetryPolicy(RetryPolicy{MaxAttempts: 1, MinWait: 2, MaxWait: 1})},
		"RetryPolicy.MaxRetryAfter": {WithRetryPolicy(RetryPolicy{MaxAttempts: 1, MaxRetryAfter: -1})},
		"WithUserAgent":             {WithUserAgent("a\r\nAuthorization: b")},
		"visible ASCII":             {WithUserAgent("a\nb")},
		"on one line":               {WithUserAgent("")},
	}
	for want, options := range tests {
		t.Run(want, func(t *testing.T) {
			options = append([]Option{WithBaseURL("https://api.example.com/v1"), WithToken("t0ken")}, options...)
			client, err := NewClient(options...)
			if client != nil || !errors.Is(err, ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, %v", client, err)
			}
			if e := new(Error); errors.As(err, &e) {
				t.Error("an argument is refused before any request: no *Error")
			}
		})
	}
}

type pointerSource struct{}

func (*pointerSource) Token(context.Context) (Secret, error) { return NewSecret("t0ken"), nil }

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	tests := map[string]struct {
		options []Option
		want    []string
		times   int
	}{
		"nothing given":        {nil, []string{"WithBaseURL", "WithToken"}, 2},
		"everything wrong":     {[]Option{WithBaseURL("ftp://x"), WithToken("a b"), WithUserAgent("\n"), WithMaxInFlight(-1), nil}, []string{"WithBaseURL", "token", "WithUserAgent", "WithMaxInFlight", "option 5"}, 5},
		"missing beside wrong": {[]Option{WithUserAgent("\x00")}, []string{"WithUserAgent", "WithBaseURL", "WithToken"}, 3},
		"plain http":           {[]Option{WithBaseURL("http://api.example.com"), WithToken("")}, []string{"WithInsecureHTTP", "token"}, 2},
		"wrong, not missing":   {[]Option{WithBrand("A"), WithToken("")}, []string{"WithBrand", "token"}, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := NewClient(test.options...)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s is not told of: %v", want, err)
				}
			}
			if lines := strings.Split(err.Error(), "\n"); len(lines) != test.times {
				t.Errorf("%d problems, want %d: %q", len(lines), test.times, lines)
			}
		})
	}
}

func TestNewClientReadsNoEnvironment(t *testing.T) {
	setEnv(t, map[string]string{"API_TOKEN": "env-token", "API_BASE_URL": "https://env.example.com/v1"})
	if client, err := NewClient(); err == nil {
		t.Errorf("made %v of the environment", client)
	}
	wire := answering(domainAnswer)
	client := wire.newClient(t)
	if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil {
		t.Fatal(err)
	}
	if got := wire.requests()[0]; got.header.Get("Authorization") != "Bearer t0ken" || !strings.HasPrefix(got.url, "https://api.example.com/v1/") {
		t.Errorf("%s with %s", got.url, got.header.Get("Authorization"))
	}
}

// setEnv sets the four variables, those not named to nothing.
func setEnv(t *testing.T, values map[string]string) {
	t.Helper()
	for _, name := range []string{"API_TOKEN", "API_TOKEN_FILE", "API_BASE_URL", "API_BRAND"} {
		t.Setenv(name, values[name])
	}
}

func TestNewClientFromEnv(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("file-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		env       map[string]string
		options   []Option
		url, auth string
	}{
		"token and URL":        {env: map[string]string{"API_TOKEN": " env-token\n", "API_BASE_URL": "https://env.example.com/v1"}, url: "https://env.example.com/v1", auth: "env-token"},
		"file and brand":       {env: map[string]string{"API_TOKEN_FILE": file, "API_BRAND": "acme"}, url: "https://api.acme.com/v1", auth: "file-token"},
		"token over file":      {env: map[string]string{"API_TOKEN": "env-token", "API_TOKEN_FILE": "/nonexistent", "API_BRAND": "acme"}, url: "https://api.acme.com/v1", auth: "env-token"},
		"URL over brand":       {env: map[string]string{"API_TOKEN": "env-token", "API_BASE_URL": "https://env.example.com/v1", "API_BRAND": "NOT A LABEL"}, url: "https://env.example.com/v1", auth: "env-token"},
		"empty is unset":       {env: map[string]string{"API_TOKEN": "", "API_TOKEN_FILE": file, "API_BASE_URL": "", "API_BRAND": "acme"}, url: "https://api.acme.com/v1", auth: "file-token"},
		"explicit over env":    {env: map[string]string{"API_TOKEN": "env-token", "API_BASE_URL": "https://env.example.com/v1"}, options: []Option{WithBaseURL("https://given.example.com/v1"), WithToken("given")}, url: "https://given.example.com/v1", auth: "given"},
		"explicit over bad":    {env: map[string]string{"API_TOKEN": "bad token", "API_BASE_URL": "nonsense"}, options: []Option{WithBrand("given"), WithToken("given")}, url: "https://api.given.com/v1", auth: "given"},
		"explicit without env": {options: []Option{WithBrand("given"), WithToken("given")}, url: "https://api.given.com/v1", auth: "given"},
		"explicit token only":  {env: map[string]string{"API_TOKEN": "env-token", "API_BRAND": "acme"}, options: []Option{WithToken("given")}, url: "https://api.acme.com/v1", auth: "given"},
		"explicit URL only":    {env: map[string]string{"API_TOKEN": "env-token", "API_BRAND": "acme"}, options: []Option{WithBrand("given")}, url: "https://api.given.com/v1", auth: "env-token"},
		"insecure":             {env: map[string]string{"API_TOKEN": "env-token", "API_BASE_URL": "http://env.example.com/v1"}, options: []Option{WithInsecureHTTP()}, url: "http://env.example.com/v1", auth: "env-token"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			setEnv(t, test.env)
			wire := answering(domainAnswer)
			client, err := NewClientFromEnv(append(test.options, WithHTTPClient(wire.client()))...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil {
				t.Fatal(err)
			}
			got := wire.requests()[0]
			if got.url != test.url+"/domains/example.com" || got.header.Get("Authorization") != "Bearer "+test.auth {
				t.Errorf("%s with %s", got.url, got.header.Get("Authorization"))
			}
		})
	}
}

func TestNewClientFromEnvNamesTheVariable(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		want []string
	}{
		"nothing":      {nil, []string{"API_BASE_URL", "API_BRAND", "API_TOKEN", "API_TOKEN_FILE"}},
		"bad token":    {map[string]string{"API_TOKEN": "Bearer pa55", "API_BRAND": "acme"}, []string{"API_TOKEN", "Bearer"}},
		"bad URL":      {map[string]string{"API_TOKEN": "ok", "API_BASE_URL": "https://user:pa55@api.example.com"}, []string{"API_BASE_URL", "password"}},
		"plain http":   {map[string]string{"API_TOKEN": "ok", "API_BASE_URL": "http://pa55.example.com"}, []string{"API_BASE_URL", "https"}},
		"bad brand":    {map[string]string{"API_TOKEN": "ok", "API_BRAND": "PA55.pa55"}, []string{"API_BRAND"}},
		"both bad":     {map[string]string{"API_TOKEN": "pa55 pa55", "API_BASE_URL": "pa55"}, []string{"API_TOKEN", "API_BASE_URL"}},
		"token absent": {map[string]string{"API_BRAND": "acme"}, []string{"API_TOKEN", "API_TOKEN_FILE"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			setEnv(t, test.env)
			_, err := NewClientFromEnv()
			if !errors.Is(err, ErrInvalidArgument) {
				t.Fatalf("got %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s is missing in: %v", want, err)
				}
			}
			if strings.Contains(strings.ToLower(err.Error()), "pa55") {
				t.Errorf("a value is shown: %v", err)
			}
		})
	}
	t.Run("a token instead of a file", func(t *testing.T) {
		setEnv(t, map[string]string{"API_TOKEN_FILE": "pa55", "API_BRAND": "acme"})
		client, err := NewClientFromEnv()
		if err != nil {
			t.Fatal(err) // the file is read at each attempt
		}
		_, err = client.Domains.Get(t.Context(), "example.com")
		if !errors.Is(err, ErrCredentials) || !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "API_TOKEN_FILE") || strings.Contains(err.Error(), "pa55") {
			t.Errorf("got %v", err)
		}
	})
}

// tokenTable is what users paste, and whether it can be a token.
var tokenTable = []struct {
	name, given, want string // want is "" where it is refused
	told              string // in the error
}{
	{"plain", "abc.DEF-123_~+/=", "abc.DEF-123_~+/=", ""},
	{"final line break", "abc\n", "abc", ""},
	{"Windows line break", "abc\r\n", "abc", ""},
	{"white space around", " \t abc \v\f ", "abc", ""},
	{"no-break space around", "\u00a0abc\u00a0", "abc", ""},
	{"byte order mark", "\ufeffabc\n", "abc", ""},
	{"begins like bearer", "bearerabc", "bearerabc", ""},
	{"empty", "", "", "empty"},
	{"only white space", " \r\n\t ", "", "empty"},
	{"inner space", "canary abc", "", "white space"},
	{"inner line break", "canary\nabc", "", "line break"},
	{"header injection", "canary\r\nX-Evil: 1", "", "line break"},
	{"inner tab", "canary\tabc", "", "white space"},
	{"NUL", "canary\x00", "", "control"},
	{"escape", "\x1b[31mcanary", "", "control"},
	{"DEL", "canary\x7f", "", "control"},
	{"Bearer", "Bearer canary", "", "Bearer"},
	{"bearer", "bearer  canary", "", "Bearer"},
	{"Bearer and tab", "BEARER\tcanary", "", "Bearer"},
	{"Bearer:", "Bearer: canary", "", "Bearer"},
	{"Bearer alone", "Bearer", "", "Bearer"},
	{"double quotes", `"canary"`, "", "quot"},
	{"single quotes", `'canary'`, "", "quot"},
	{"backquotes", "`canary`", "", "quot"},
	{"quote inside", `can"canary`, "", "quot"},
	{"not ASCII", "canaryé", "", "ASCII"},
	{"zero-width space", "canary\u200b", "", "ASCII"},
	{"invalid UTF-8", "canary\xff", "", "ASCII"},
	{"a wrong file", strings.Repeat("canary", 2000), "", "longer"},
}

func TestTokenHygiene(t *testing.T) {
	dir := t.TempDir()
	for _, test := range tokenTable {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(dir, "token")
			if err := os.WriteFile(file, []byte(test.given), 0o600); err != nil {
				t.Fatal(err)
			}
			sources := map[string]Option{
				"WithToken": WithToken(test.given),
				"file":      WithTokenSource(TokenFromFile(file)),
				"func": WithTokenSource(TokenFunc(func(context.Context) (Secret, error) {
					return NewSecret(test.given), nil
				})),
			}
			if !strings.Contains(test.given, "\x00") { // no environment can hold it
				t.Setenv("HOSTER_TEST_TOKEN", test.given)
				sources["environment"] = WithTokenSource(TokenFromEnv("HOSTER_TEST_TOKEN"))
			}
			for name, source := range sources {
				wire := answering(domainAnswer)
				client, err := NewClient(WithBaseURL("https://api.example.com/v1"), source, WithHTTPClient(wire.client()))
				if name == "WithToken" && test.want == "" && err == nil {
					t.Error("WithToken is not refused at once")
				}
				if err == nil {
					_, err = client.Domains.Get(t.Context(), "example.com")
				}
				if test.want != "" {
					if err != nil || wire.requests()[0].header.Get("Authorization") != "Bearer "+test.want {
						t.Errorf("%s: %v", name, err)
					}
					continue
				}
				if wire.count() != 0 {
					t.Errorf("%s: a request was sent", name)
				}
				if !errors.Is(err, ErrInvalidArgument) || name != "WithToken" && !errors.Is(err, ErrCredentials) {
					t.Fatalf("%s: got %v", name, err)
				}
				if !strings.Contains(err.Error(), test.told) {
					t.Errorf("%s: the error does not say %q: %v", name, test.told, err)
				}
				if strings.Contains(err.Error(), "canary") {
					t.Errorf("%s: the error shows the token: %v", name, err)
				}
			}
		})
	}
}

// snapshot is a struct's fields as they stand, funcs and pointers by address.
func snapshot(v any) map[string]any {
	fields := map[string]any{}
	s := reflect.ValueOf(v).Elem()
	for i := range s.NumField() {
		field, name := s.Field(i), s.Type().Field(i).Name
		if !s.Type().Field(i).IsExported() {
			continue
		}
		switch field.Kind() {
		case reflect.Func, reflect.Map, reflect.Pointer, reflect.Chan:
			fields[name] = field.Pointer()
		case reflect.Interface:
			if field.IsNil() {
				fields[name] = nil
			} else {
				fields[name] = reflect.ValueOf(field.Interface()).Pointer()
			}
		default:
			fields[name] = field.Interface()
		}
	}
	return fields
}

func TestNothingOfOthersIsChanged(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { writeJSON(w, 200, domainAnswer) }))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	callers := &http.Client{Transport: transport, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	watched := map[string]any{
		"http.DefaultClient": http.DefaultClient, "http.DefaultTransport": http.DefaultTransport,
		"the caller's client": callers, "the caller's transport": transport,
	}
	before := map[string]map[string]any{}
	for name, v := range watched {
		before[name] = snapshot(v)
	}
	for _, options := range [][]Option{{}, {WithHTTPClient(callers)}, {WithHTTPClient(http.DefaultClient)}, {WithHTTPClient(&http.Client{Transport: http.DefaultTransport})}} {
		client, err := NewClient(append(options, WithBaseURL(server.URL+"/v1"), WithToken("t0ken"), WithUserAgent("x/1"), WithAttemptTimeout(time.Minute))...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil {
			t.Fatal(err)
		}
		client.CloseIdleConnections()
	}
	for name, v := range watched {
		for field, value := range snapshot(v) {
			// A transport itself fills these in when it first serves.
			if strings.HasSuffix(strings.ToLower(name), "transport") && (field == "TLSNextProto" || field == "TLSClientConfig" || field == "Protocols" || field == "HTTP2") {
				continue
			}
			if !reflect.DeepEqual(value, before[name][field]) {
				t.Errorf("%s.%s was changed", name, field)
			}
		}
	}
}

func TestDefaultTransport(t *testing.T) {
	client, err := NewClient(WithBrand("acme"), WithToken("t0ken"))
	if err != nil {
		t.Fatal(err)
	}
	other, _ := NewClient(WithBrand("acme"), WithToken("t0ken"))
	transport := client.exchange.Transport()
	if transport == nil || transport == http.DefaultTransport || transport == other.exchange.Transport() {
		t.Fatal("each client has a transport of its own")
	}
	if reflect.ValueOf(transport.Proxy).Pointer() != reflect.ValueOf(http.ProxyFromEnvironment).Pointer() {
		t.Error("no proxies from the environment")
	}
	if transport.TLSHandshakeTimeout <= 0 || transport.IdleConnTimeout != 30*time.Second || !transport.ForceAttemptHTTP2 || transport.HTTP2.SendPingTimeout <= 0 {
		t.Errorf("%+v", transport)
	}
	if transport.TLSClientConfig.InsecureSkipVerify || transport.TLSClientConfig.MinVersion < 0x0303 {
		t.Error("TLS is too weak")
	}
}

// TestProxyFromCaller sees a call go through a proxy that the caller set.
func TestProxyFromCaller(t *testing.T) {
	var target string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target = r.URL.String()
		writeJSON(w, 200, domainAnswer)
	}))
	defer proxy.Close()
	address, _ := url.Parse(proxy.URL)
	transport := &http.Transport{Proxy: http.ProxyURL(address)}
	defer transport.CloseIdleConnections()
	client, err := NewClient(WithBaseURL("http://api.example.com/v1"), WithInsecureHTTP(), WithToken("t0ken"), WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil || target != "http://api.example.com/v1/domains/example.com" {
		t.Errorf("the proxy saw %q: %v", target, err)
	}
}

func TestUserAgentOnTheWire(t *testing.T) {
	own := "hoster/" + Version + " (" + strings.Fields(runtime.Version())[0] + "; " + runtime.GOOS + "/" + runtime.GOARCH + ")"
	for given, want := range map[string]string{
		"": own,
		"terraform-provider-example/0.1 terraform/1.9": "terraform-provider-example/0.1 terraform/1.9 " + own,
	} {
		got := make(chan string, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got <- r.UserAgent()
			writeJSON(w, 200, domainAnswer)
		}))
		options := []Option{WithBaseURL(server.URL), WithToken("t0ken")}
		if given != "" {
			options = append(options, WithUserAgent(given))
		}
		client, err := NewClient(options...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Domains.Get(t.Context(), "example.com"); err != nil {
			t.Fatal(err)
		}
		if agent := <-got; agent != want {
			t.Errorf("sent %q, want %q", agent, want)
		}
		client.CloseIdleConnections()
		server.Close()
	}
}

func TestClientsArePrintedWithoutSecrets(t *testing.T) {
	client, err := NewClient(WithBrand("acme"), WithToken("t0ken"), WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	if got := client.String(); got != "hoster.Client(https://api.acme.com/v1)" {
		t.Error(got)
	}
}
