package route

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

var paths = []string{"/tokens", "/tokens/current", "/tokens/{id}", "/domains/{domain}/records/{id}", "/domains/{domain}/records/batch", "/domains/search"}

func TestFill(t *testing.T) {
	words := WordsOf(paths)
	for _, test := range []struct {
		path     string
		segments []string
		want     string // "" where a segment is refused
		param    string // which one
	}{
		{"/tokens", nil, "/tokens", ""},
		{"/tokens/current", nil, "/tokens/current", ""},
		{"/tokens/{id}", []string{"tok_1"}, "/tokens/tok_1", ""},
		{"/tokens/{id}", []string{"a/b ?#%é"}, "/tokens/a%2Fb%20%3F%23%25%C3%A9", ""},
		{"/tokens/{id}", []string{"batch"}, "/tokens/batch", ""}, // a word of another place
		{"/tokens/{id}", []string{"Current"}, "/tokens/Current", ""},
		{"/tokens/{id}", []string{"current"}, "", "id"},
		{"/tokens/{id}", []string{""}, "", "id"},
		{"/tokens/{id}", []string{"."}, "", "id"},
		{"/tokens/{id}", []string{".."}, "", "id"},
		{"/tokens/{id}", []string{"..."}, "/tokens/...", ""},
		{"/tokens/{id}", []string{"M\xfcller"}, "", "id"},
		{"/domains/{domain}/records/{id}", []string{"example.com", "rec_1"}, "/domains/example.com/records/rec_1", ""},
		{"/domains/{domain}/records/{id}", []string{"search", "rec_1"}, "", "domain"},
		{"/domains/{domain}/records/{id}", []string{"example.com", "batch"}, "", "id"},
		{"/domains/{domain}/records/{id}", []string{"example.com", ""}, "", "id"},
		{"/{segment}/{segment}", []string{"a", ".."}, "", "segment"},
	} {
		got, err := New(test.path, words).Fill(test.segments)
		refused, _ := errors.AsType[*Error](err)
		if got != test.want || (refused == nil) != (test.param == "") || refused != nil && (refused.Param != test.param || !strings.Contains(err.Error(), test.param+": expected ")) {
			t.Errorf("%s with %q: got %q, %v", test.path, test.segments, got, err)
		}
	}
}

func TestParam(t *testing.T) {
	template := New("/domains/{domain}/records/{id}", nil)
	for i, want := range []string{"domain", "id", "", ""} {
		if got := template.Param(i); got != want {
			t.Errorf("%d: got %q, want %q", i, got, want)
		}
	}
}

func TestJoin(t *testing.T) {
	for base, want := range map[string]string{
		"https://api.example.com":           "https://api.example.com/a%2Fb",
		"https://api.example.com/v1":        "https://api.example.com/v1/a%2Fb",
		"https://api.example.com/odd%2Fone": "https://api.example.com/odd%2Fone/a%2Fb",
	} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		before := *u
		if got := Join(*u, "/a%2Fb").String(); got != want || *u != before {
			t.Errorf("%s: got %s, want %s", base, got, want)
		}
	}
	u, _ := url.Parse("https://api.example.com/v1")
	if got := Join(*u, "/plain").String(); got != "https://api.example.com/v1/plain" {
		t.Errorf("got %s", got)
	}
}
