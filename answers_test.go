package hoster_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/go-hoster/hoster"
)

// recorded is an answer of another provider's API, or of a gateway before one.
type recorded struct {
	ID      string            `json:"id"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Kind    string            `json:"kind"`
}

func readRecorded(t *testing.T) []recorded {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "shared", "answers", "answers.jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the recorded answers are not here; nothing to check")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var answers []recorded
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var a recorded
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if err := lines.Err(); err != nil || len(answers) < 200 {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	return answers
}

// transport serves the answer as it was recorded. Its body stands there decoded.
func (a recorded) transport() canned {
	h := http.Header{}
	for name, value := range a.Headers {
		if !strings.EqualFold(name, "Content-Encoding") && !strings.EqualFold(name, "Content-Length") {
			h.Set(name, value)
		}
	}
	return func(req *http.Request) (*http.Response, error) {
		return always(a.Status, h.Clone(), strings.NewReader(a.Body))(req)
	}
}

// TestRecordedAnswers: whatever other APIs say, the status is kept, an error is
// never a success, and the text for a person is found.
func TestRecordedAnswers(t *testing.T) {
	ctx := context.Background()
	for _, a := range readRecorded(t) {
		t.Run(a.ID, func(t *testing.T) {
			client := cannedClient(t, a.transport(), hoster.WithRetryPolicy(hoster.RetryPolicy{MaxAttempts: 1})) // a 429 holds no other call back
			domains, listErr := client.Domains.List(ctx, nil)
			domain, getErr := client.Domains.Get(ctx, "example.com")
			results := map[string]error{"list": listErr, "get": getErr, "create": createRecord(client), "delete": deleteRecord(client)}
			for call, err := range results {
				if a.Kind == "error" {
					a.checkError(t, call, err)
				} else if err != nil && !errors.Is(err, hoster.ErrPagination) && errorOf(t, err).Status != a.Status {
					t.Errorf("%s: the status is lost: %v", call, err)
				}
			}
			if listErr != nil && domains != nil {
				t.Errorf("a list beside an error: %v", domains)
			}
			if getErr != nil && (domain.Name != "" || domain.ID != "") {
				t.Errorf("a domain beside an error: %v", domain)
			}
		})
	}
}

func (a recorded) checkError(t *testing.T, call string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: success", call)
		return
	}
	e := errorOf(t, err)
	if e.Status != a.Status {
		t.Errorf("%s: status %d", call, e.Status)
	}
	if e.Applied {
		t.Errorf("%s: an error was taken for a write that was done: %v", call, err)
	}
	if errors.Is(err, hoster.ErrNotFound) && !json.Valid([]byte(a.Body)) {
		t.Errorf("%s: what no API sent is not found: %v", call, err)
	}
	a.checkText(t, call, e)
	a.checkScopes(t, call, err)
}

// checkText: what the error shows stands in the body, and is not nothing where
// the body holds words.
func (a recorded) checkText(t *testing.T, call string, e *hoster.Error) {
	t.Helper()
	body := normal(decodedTexts(a.Body) + a.Body)
	var shown []string
	for _, f := range e.Fields {
		if !strings.Contains(body, normal(f.Field)) && !strings.Contains(body, normal(strings.ReplaceAll(f.Field, ".", "/"))) { // as a JSON pointer
			t.Errorf("%s: the field %q is invented", call, f.Field)
		}
		shown = append(shown, f.Messages...)
	}
	for _, text := range []string{e.Message, e.Text} {
		if text != "" {
			shown = append(shown, strings.Split(strings.TrimSuffix(text, "…"), "; ")...)
		}
	}
	for _, text := range shown {
		if !strings.Contains(body, normal(text)) {
			t.Errorf("%s: %q does not stand in the body", call, text)
		}
	}
	if e.Code != "" && !strings.Contains(a.Body, string(e.Code)) {
		t.Errorf("%s: the code %q is invented", call, e.Code)
	}
	if words(a.Body) && len(shown) == 0 {
		t.Errorf("%s: no text was found in %.300s", call, a.Body)
	}
	texts := humanTexts(a.Body)
	if len(texts) > 0 && !slices.ContainsFunc(texts, func(text string) bool {
		return strings.Contains(normal(strings.Join(shown, "")), normal(text))
	}) {
		t.Errorf("%s: %q shows none of %q", call, shown, texts)
	}
}

// checkScopes: no scope is blamed where none is named.
func (a recorded) checkScopes(t *testing.T, call string, err error) {
	t.Helper()
	var forbidden *hoster.ForbiddenError
	if !errors.As(err, &forbidden) {
		return
	}
	named := strings.Contains(a.Body, string(hoster.ErrorCodeInsufficientPermissions)) || strings.Contains(a.Headers["www-authenticate"], "insufficient_scope")
	if !named && (forbidden.MissingScopes != nil || forbidden.Reason == hoster.ForbiddenReasonScope) {
		t.Errorf("%s: %v was blamed", call, forbidden.MissingScopes)
	}
}

var (
	notShown   = regexp.MustCompile(`(?is)<!--.*?-->|<(script|style)\b.*?</(?:script|style)\s*>|<[^>]*>`)
	invisibles = regexp.MustCompile(`[<>\s\pC]+`)
)

// decodedTexts are the names and texts of a JSON body, without escapes.
func decodedTexts(body string) string {
	var decoded any
	var b strings.Builder
	if json.Unmarshal([]byte(body), &decoded) == nil {
		eachText(decoded, func(_, s string) { b.WriteString(s + "\n") })
	}
	return b.String()
}

// normal is text as it can be compared: without tags and white space.
func normal(text string) string {
	text = html.UnescapeString(notShown.ReplaceAllString(text, ""))
	return invisibles.ReplaceAllString(text, "")
}

func eachText(v any, do func(name, text string)) {
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, member := range v {
				do("", key)
				walk(key, member)
			}
		case []any:
			for _, item := range v {
				walk(name, item)
			}
		case string:
			do(name, v)
		}
	}
	walk("", v)
}

// words reports letters that a reader of the body would see.
func words(body string) bool {
	return strings.ContainsFunc(notShown.ReplaceAllString(body, ""), unicode.IsLetter)
}

// humanTexts are the members of a JSON body that speak to a person.
func humanTexts(body string) (texts []string) {
	var decoded any
	if json.Unmarshal([]byte(body), &decoded) != nil {
		return nil
	}
	eachText(decoded, func(name, text string) {
		switch strings.ToLower(name) {
		case "message", "detail", "error_description", "error_text", "errormessage", "errormsg", "longmessage", "description":
			texts = append(texts, text)
		}
	})
	return texts
}

// TestRecordedRetryAfter: a wait of six days is not begun, however many
// attempts are left.
func TestRecordedRetryAfter(t *testing.T) {
	for _, a := range readRecorded(t) {
		if a.ID != "dnsimple-research-monthly-cap-429" {
			continue
		}
		client := cannedClient(t, a.transport(), hoster.WithRetryPolicy(hoster.DefaultRetryPolicy()))
		err := getDomain(client)
		var limited *hoster.RateLimitError
		if !errors.As(err, &limited) || limited.RetryAfter < 6*24*time.Hour || limited.RetryAfter > 7*24*time.Hour || limited.Err.Attempts != 1 {
			t.Errorf("%+v, %v", limited, err)
		}
		return
	}
	t.Error("the answer is not among them")
}
