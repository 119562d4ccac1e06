package sandbox_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-hoster/hoster/sandbox"
)

type tokenReply struct {
	ID, Name, Status, Prefix, Secret string
	Scopes                           []string
	LastUsedAt                       *time.Time `json:"last_used_at"`
	ExpiresAt                        *time.Time `json:"expires_at"`
	IPAllowlist                      []string   `json:"ip_allowlist"`
}

func TestTokenLife(t *testing.T) {
	a := newAPI(t)
	r := a.do("POST", "/account/tokens", `{"name":"ci","scopes":["dns:read","account:read"],"expires_at":"2030-01-03T00:00:00+01:00","ip_allowlist":["192.0.2.0/24"]}`).expect(t, 201, "")
	made := decode[tokenReply](t, r)
	if !regexp.MustCompile(`^hst_[0-9A-Za-z]{40}$`).MatchString(made.Secret) || made.Prefix != made.Secret[:8] || made.Status != "active" {
		t.Errorf("made %+v", made)
	}
	path := "/account/tokens/" + made.ID
	if r.Header().Get("Location") != "/v1"+path || !made.ExpiresAt.Equal(time.Date(2030, 1, 2, 23, 0, 0, 0, time.UTC)) {
		t.Errorf("%v %+v", r.Header(), made)
	}
	shown := a.do("GET", path, "").expect(t, 200, "")
	if strings.Contains(shown.Body.String(), "secret") || shown.Header().Get("ETag") != r.Header().Get("ETag") {
		t.Errorf("shown again: %s", shown.Body)
	}
	own := a.as(made.Secret)
	if got := decode[tokenReply](t, own.do("GET", "/account/tokens/current", "")); got.ID != made.ID || got.LastUsedAt == nil || !got.LastUsedAt.Equal(start) {
		t.Errorf("current %+v", got)
	}
	a.do("DELETE", path, "", "If-Match", `"old"`).expect(t, 412, "PRECONDITION_FAILED")
	a.do("DELETE", path, "", "If-Match", r.Header().Get("ETag")).expect(t, 204, "")
	a.do("DELETE", path, "").expect(t, 204, "") // also when revoked before
	own.do("GET", "/account/tokens/current", "").expect(t, 401, "TOKEN_REVOKED")
	if got := decode[tokenReply](t, a.do("GET", path, "")); got.Status != "revoked" {
		t.Errorf("revoked tokens stay: %+v", got)
	}
	if writes := a.Writes(); len(writes) != 2 || writes[1].Object != made.ID || writes[1].Operation != "Tokens.Revoke" {
		t.Errorf("writes %+v", writes)
	}
	_, secret := a.MintToken(sandbox.TokenSpec{Name: "short", ExpiresAt: start.Add(time.Hour)})
	a.as(secret).do("GET", "/account/tokens/current", "").expect(t, 200, "")
	later := a.as(secret)
	a.now = start.Add(time.Hour)
	later.do("GET", "/account/tokens/current", "").expect(t, 401, "TOKEN_EXPIRED")
}

func TestTokenRules(t *testing.T) {
	a := newAPI(t)
	for _, tt := range []struct{ rule, body, field string }{
		{"name is required", `{"scopes":["dns:read"]}`, "name"},
		{"name of 1", `{"name":"","scopes":["dns:read"]}`, "name"},
		{"name up to 100", `{"name":"` + strings.Repeat("ü", 101) + `","scopes":["dns:read"]}`, "name"},
		{"scopes is required", `{"name":"x"}`, "scopes"},
		{"at least one scope", `{"name":"x","scopes":[]}`, "scopes"},
		{"known scopes", `{"name":"x","scopes":["dns:all"]}`, "scopes"},
		{"no scope twice", `{"name":"x","scopes":["dns:read","dns:read"]}`, "scopes"},
		{"scopes are strings", `{"name":"x","scopes":[null]}`, "scopes"},
		{"expires_at is a time", `{"name":"x","scopes":["dns:read"],"expires_at":"tomorrow"}`, "expires_at"},
		{"expires_at in the future", `{"name":"x","scopes":["dns:read"],"expires_at":"2030-01-02T03:04:05Z"}`, "expires_at"},
		{"addresses or CIDR", `{"name":"x","scopes":["dns:read"],"ip_allowlist":["host.example"]}`, "ip_allowlist"},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			r := a.do("POST", "/account/tokens", tt.body).expect(t, 422, "VALIDATION_ERROR")
			if r.body.Errors[tt.field] == nil || len(r.body.Errors) != 1 {
				t.Errorf("errors %v", r.body.Errors)
			}
		})
	}
	a.do("POST", "/account/tokens", `{"name":"`+strings.Repeat("ü", 100)+`","scopes":["dns:read"],"expires_at":null}`).expect(t, 201, "")
}

func TestScopeEscalation(t *testing.T) {
	a := newAPI(t)
	_, secret := a.MintToken(sandbox.TokenSpec{
		Name: "parent", Scopes: []string{"account:write", "dns:read"},
		ExpiresAt: start.Add(24 * time.Hour), IPAllowlist: []string{"192.0.2.0/24"}, // the recorder's remote address
	})
	parent := a.as(secret)
	for _, tt := range []struct {
		rule, rest string
		status     int
	}{
		{"within", `"scopes":["dns:read"],"expires_at":"2030-01-03T03:04:05Z","ip_allowlist":["192.0.2.1","192.0.2.128/25"]`, 201},
		{"scopes it has itself", `"scopes":["dns:write"],"expires_at":"2030-01-03T03:04:05Z","ip_allowlist":["192.0.2.1"]`, 403},
		{"expire no later", `"scopes":["dns:read"],"expires_at":"2030-01-03T03:04:06Z","ip_allowlist":["192.0.2.1"]`, 403},
		{"never is later", `"scopes":["dns:read"],"ip_allowlist":["192.0.2.1"]`, 403},
		{"allowlist within its own", `"scopes":["dns:read"],"expires_at":"2030-01-03T03:04:05Z","ip_allowlist":["192.0.2.1","192.0.0.0/16"]`, 403},
		{"no allowlist is everywhere", `"scopes":["dns:read"],"expires_at":"2030-01-03T03:04:05Z"`, 403},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			code := map[int]string{403: "SCOPE_ESCALATION"}[tt.status]
			// Not kept under its key: a 403 is answered anew.
			for range 2 {
				r := parent.do("POST", "/account/tokens", `{"name":"x",`+tt.rest+`}`, "Idempotency-Key", strings.ReplaceAll(tt.rule, " ", "-")).expect(t, tt.status, code)
				if tt.status == 403 && r.Header().Get("Idempotent-Replayed") != "" {
					t.Errorf("header %v", r.Header())
				}
			}
		})
	}
	if got := len(a.Writes()); got != 1 {
		t.Errorf("%d writes", got)
	}
}

func TestIdempotency(t *testing.T) {
	a := newAPI(t)
	key := []string{"Idempotency-Key", "k1"}
	body := `{"name":"x","scopes":["dns:read"]}`
	first := a.do("POST", "/account/tokens", body, key...).expect(t, 201, "")
	again := a.mint("account:write").do("POST", "/account/tokens", body, key...).expect(t, 201, "")
	if first.Header().Get("Idempotent-Replayed") != "false" || again.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("Idempotent-Replayed %v, %v", first.Header(), again.Header())
	}
	if first.Body.String() != again.Body.String() || first.Header().Get("Location") != again.Header().Get("Location") {
		t.Errorf("%s is not %s", again.Body, first.Body)
	}
	for name, send := range map[string]func() *reply{
		"body":  func() *reply { return a.do("POST", "/account/tokens", body+" ", key...) },
		"query": func() *reply { return a.do("POST", "/account/tokens?x", body, key...) },
		"path":  func() *reply { return a.do("POST", zone, body, key...) },
	} {
		if r := send().expect(t, 422, "IDEMPOTENCY_KEY_REUSED"); r.Header().Get("Idempotent-Replayed") != "" {
			t.Errorf("%s: %v", name, r.Header())
		}
	}
	a.mint("dns:read").do("POST", "/account/tokens", body, key...).expect(t, 403, "INSUFFICIENT_PERMISSIONS")

	// An error is kept as well, with its request id.
	bad := func() *reply { return a.do("POST", zone, `{}`, "Idempotency-Key", "k2") }
	if one, two := bad(), bad(); one.Body.String() != two.Body.String() || two.Header().Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s, then %s", one.Body, two.Body)
	}
	for _, wrong := range []string{"a b", "ü", strings.Repeat("x", 256)} {
		a.do("POST", zone, `{}`, "Idempotency-Key", wrong).expect(t, 400, "BAD_REQUEST")
	}
	a.do("POST", zone, `{}`, "Idempotency-Key", strings.Repeat("x", 255)).expect(t, 422, "VALIDATION_ERROR")
	if r := a.do("POST", zone, `{}`); r.Header().Get("Idempotent-Replayed") != "" {
		t.Errorf("without a key: %v", r.Header())
	}
	a.now = start.Add(24 * time.Hour)
	if r := a.do("POST", "/account/tokens", body, key...).expect(t, 201, ""); r.Header().Get("Idempotent-Replayed") != "false" {
		t.Error("kept for longer than 24 h")
	}
	if w := a.Writes(); len(w) != 2 || w[0].IdempotencyKey != "k1" {
		t.Errorf("writes %+v", w)
	}

	bare := newAPI(t, sandbox.Without(sandbox.Idempotency))
	one, two := bare.do("POST", "/account/tokens", body, key...), bare.do("POST", "/account/tokens", body, key...)
	if one.Body.String() == two.Body.String() || one.Header().Get("Idempotent-Replayed") != "" {
		t.Error("a brand without keys honours one")
	}
}
