package hoster_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-hoster/hoster"
)

// canary is a secret that must be found nowhere. It has characters that
// change under every usual escaping.
const canary = "cAnAry+secret/0123456789=~x"

// spellings of the canary that a leak could take.
func spellings() []string {
	return []string{
		canary, url.QueryEscape(canary), url.PathEscape(canary),
		base64.StdEncoding.EncodeToString([]byte(canary)), base64.URLEncoding.EncodeToString([]byte(canary)),
		hex.EncodeToString([]byte(canary)), strings.ToUpper(hex.EncodeToString([]byte(canary))),
		fmt.Sprint([]byte(canary)),
	}
}

func findCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range spellings() {
		if strings.Contains(text, s) {
			t.Errorf("%s shows the secret: %.300s", where, text)
			return
		}
	}
}

// prints is everything that fmt and the encoders make of a value.
func prints(v any) string {
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	if encoded, err := json.Marshal(v); err == nil {
		b.Write(encoded)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("v", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("v", "v", v)
	return b.String()
}

// chain is every error inside err.
func chain(err error) []error {
	var all []error
	var walk func(error)
	walk = func(err error) {
		if err == nil {
			return
		}
		all = append(all, err)
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			walk(u.Unwrap())
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				walk(e)
			}
		}
	}
	walk(err)
	return all
}

// lockedBuffer is written by hooks and loggers.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestCanary plants a secret as the token and in the answers, which echo it
// wherever a careless server could, and looks for it in everything that the
// package hands out or writes: for every operation and every kind of answer.
func TestCanary(t *testing.T) {
	for _, row := range hoster.Table() {
		for name, answer := range canaryAnswers(readExchange(t, row.Name)) {
			t.Run(string(row.Name)+"/"+name, func(t *testing.T) { lookForCanary(t, row, answer) })
		}
	}
}

func canaryAnswers(want exchange) map[string]http.HandlerFunc {
	echo := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			secret := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("X-Request-Id", "req_"+secret)
			w.Header().Set("WWW-Authenticate", `Basic realm="`+secret+`"`)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, strings.ReplaceAll(body, "{echo}", secret))
		}
	}
	failure := `{"status":"error","code":"X_{echo}","message":"token {echo} refused","errors":{"f_{echo}":["was {echo}"]},"request_id":"req_{echo}"}`
	return map[string]http.HandlerFunc{
		"200": func(w http.ResponseWriter, r *http.Request) {
			maps.Copy(w.Header(), want.header)
			w.WriteHeader(want.status)
			_, _ = io.WriteString(w, strings.ReplaceAll(want.answer, "{secret}", canary))
		},
		"200 broken": echo(200, "application/json", `{"status":"success","data":"{echo}"}`),
		"400":        echo(400, "application/json", failure),
		"401":        echo(401, "application/json", failure),
		"403":        echo(403, "application/json", failure),
		"422":        echo(422, "application/json", failure),
		"500":        echo(500, "application/json", failure),
		"HTML":       echo(502, "text/html", "<html><body>bad {echo}</body></html>"),
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://user:"+canary+"@other.example/x?token="+canary)
			w.WriteHeader(http.StatusFound)
		},
		"timeout": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
	}
}

func lookForCanary(t *testing.T, row hoster.Row, answer http.HandlerFunc) {
	server := httptest.NewServer(answer)
	defer server.Close()
	log := &lockedBuffer{}
	note := func(_ context.Context, e hoster.Event) { fmt.Fprintln(log, prints(e)) }
	options := []hoster.Option{
		hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 2}),
		hoster.WithAttemptTimeout(50 * time.Millisecond),
		hoster.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		hoster.WithLogger(slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		hoster.WithHooks(hoster.Hooks{OnStart: hoster.Starting(note), OnAttempt: note, OnRetry: note, OnWait: note, OnDone: note}),
	}
	client := newTestClient(t, server.URL+"/v1", canary, options...)
	var meta hoster.Response
	result, err := calls[row.Name](context.Background(), client, hoster.WithResponse(&meta))
	findCanary(t, "the log or a hook", log.String())
	findCanary(t, "the response", prints(meta))
	findCanary(t, "the response", prints(&meta))
	findCanary(t, "the result", prints(result))
	findCanary(t, "the client", prints(client))
	for _, service := range services(client) {
		findCanary(t, "a service", prints(service.Interface()))
	}
	for _, e := range chain(err) {
		findCanary(t, fmt.Sprintf("error %T", e), e.Error()+prints(e))
	}
}

// transportFunc is a function as a transport.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestCanaryInContexts: the context of a request is printed by many a
// middleware. That of an attempt lies beside the headers, and shows none.
func TestCanaryInContexts(t *testing.T) {
	var seen string
	transport := transportFunc(func(req *http.Request) (*http.Response, error) {
		seen = prints(req.Context()) + prints(context.WithValue(req.Context(), t, t.Name()))
		return nil, errors.New("no network")
	})
	source := hoster.TokenFunc(func(ctx context.Context) (hoster.Secret, error) {
		findCanary(t, "the source's context", prints(ctx))
		return hoster.NewSecret(canary), nil
	})
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithTokenSource(source), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1}), hoster.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = client.Account.Profile(context.Background())
	if seen == "" {
		t.Fatal("nothing was sent")
	}
	findCanary(t, "the context of the request", seen)
}

func TestCanaryInOptionsAndSources(t *testing.T) {
	source, err := hoster.StaticToken(canary)
	if err != nil {
		t.Fatal(err)
	}
	findCanary(t, "the source", prints(source))
	option := hoster.WithToken(canary)
	findCanary(t, "the option", prints(option))
	for name, bad := range map[string]string{
		"inner space": canary + " " + canary,
		"bearer":      "Bearer " + canary,
		"quotes":      `"` + canary + `"`,
		"control":     canary + "\x00",
		"not ASCII":   canary + "é",
		"line break":  canary + "\n" + canary,
	} {
		_, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithToken(bad))
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		for _, e := range chain(err) {
			findCanary(t, name, e.Error()+prints(e))
		}
	}
	for _, base := range []string{"https://user:" + canary + "@api.example.com/v1", "https://api.example.com/v1?token=" + canary, "ht tp://" + canary} {
		_, err := hoster.NewClient(hoster.WithBaseURL(base), hoster.WithToken("t0ken"))
		if err == nil {
			t.Errorf("accepted")
		}
		for _, e := range chain(err) {
			findCanary(t, "base URL", e.Error()+prints(e))
		}
	}
	failing := hoster.TokenFunc(func(context.Context) (hoster.Secret, error) {
		return hoster.NewSecret(canary + " " + canary), nil
	})
	client, err := hoster.NewClient(hoster.WithBrand("acme"), hoster.WithTokenSource(failing))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Account.Profile(context.Background())
	if !errors.Is(err, hoster.ErrCredentials) {
		t.Errorf("got %v", err)
	}
	for _, e := range chain(err) {
		findCanary(t, "source error", e.Error()+prints(e))
	}
}
