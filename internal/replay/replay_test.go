package replay

import (
	"fmt"
	"testing"
)

// The kinds of calls, and how each is repeated.
var kinds = map[string]Evidence{
	"read":           {},
	"write":          {Write: true},
	"harmless write": {Write: true, Harmless: true},
	"keyed write":    {Write: true, Keyed: true},
}

// TestVerdict goes through what an attempt can end with. Where a write differs
// from a read it has a row of its own.
func TestVerdict(t *testing.T) {
	api := func(status int) Evidence { return Evidence{Status: status, FromAPI: true} }
	page := func(status int) Evidence { return Evidence{Status: status} }
	for _, test := range []struct {
		name              string
		end               Evidence
		read, write, safe Verdict // safe: a write that is harmless
	}{
		{"no token", Evidence{NoToken: true}, Final, Final, Final},
		{"not sent", Evidence{Unsent: true}, Unprocessed, Unprocessed, Unprocessed},
		{"nothing is known", Evidence{}, Unsure, Unsure, Unsure},
		{"101", page(101), Final, Stray, Stray},
		{"a page under 200", page(200), Final, Stray, Stray},
		{"300", page(300), Final, Stray, Stray},
		{"301", page(301), Final, Stray, Stray},
		{"302", page(302), Final, Stray, Stray},
		{"303", page(303), Final, Stray, Stray},
		{"304", page(304), Final, Stray, Stray},
		{"307", page(307), Final, Final, Final},
		{"308", page(308), Final, Final, Final},
		{"399", page(399), Final, Stray, Stray},
		{"a broken 303", Evidence{Status: 303, Broken: true}, Final, Stray, Stray},
		{"400", api(400), Final, Final, Final},
		{"a page's 403", page(403), Final, Stray, Stray},
		{"404", api(404), Final, Final, Final},
		{"lacking", Evidence{Status: 404, FromAPI: true, Lacking: true}, Final, Final, Final},
		{"a page's 404, lacking", Evidence{Status: 404, Lacking: true}, Final, Stray, Stray},
		{"a page's 501, lacking", Evidence{Status: 501, Lacking: true}, Final, Stray, Stray},
		{"lacking, broken", Evidence{Status: 404, FromAPI: true, Lacking: true, Broken: true}, Unsure, Unsure, Unsure},
		{"a broken 422", Evidence{Status: 422, FromAPI: true, Broken: true}, Unsure, Unsure, Unsure},
		{"408", api(408), Unsure, Unsure, Unsure},
		{"still running", Evidence{Status: 409, FromAPI: true, Running: true}, Final, Final, Final},
		{"425", api(425), Unsure, Final, Unsure},
		{"a page's 425", page(425), Unsure, Unsure, Unsure},
		{"429", api(429), Unprocessed, Unprocessed, Unprocessed},
		{"a page's 429", page(429), Unsure, Unsure, Unsure},
		{"500", api(500), Unsure, Unsure, Unsure},
		{"501", api(501), Final, Final, Final},
		{"a page's 501", page(501), Unsure, Unsure, Unsure},
		{"503", api(503), Unsure, Unsure, Unsure},
		{"503 of maintenance", Evidence{Status: 503, FromAPI: true, Paused: true}, Unprocessed, Unprocessed, Unprocessed},
		{"a page's 503", Evidence{Status: 503, Paused: true}, Unsure, Unsure, Unsure},
		{"524", page(524), Unsure, Unsure, Unsure},
		{"an unreadable success", Evidence{Status: 200, FromAPI: true, Unreadable: true}, Final, Final, Final},
		{"somebody's unreadable success", Evidence{Status: 200, Unreadable: true}, Unsure, Unsure, Unsure},
		{"a broken success", Evidence{Status: 200, Broken: true, Unreadable: true}, Unsure, Unsure, Unsure},
		{"500 under 200", Evidence{Status: 500, FromAPI: true, Undone: true}, Unsure, Final, Final},
		{"409 under 200", Evidence{Status: 409, FromAPI: true, Undone: true}, Final, Final, Final},
		{"429 under 200", Evidence{Status: 429, FromAPI: true, Undone: true}, Unprocessed, Unprocessed, Unprocessed},
	} {
		for kind, want := range map[string]Verdict{"read": test.read, "write": test.write, "harmless write": test.safe} {
			e := test.end
			e.Write, e.Harmless = kinds[kind].Write, kinds[kind].Harmless
			if got := e.Verdict(); got != want {
				t.Errorf("%s of a %s: verdict %d, want %d", test.name, kind, got, want)
			}
		}
	}
}

// TestStillRunning: under a key that is honoured the answer to the first request
// is worth another one; under another it is a conflict.
func TestStillRunning(t *testing.T) {
	e := Evidence{Write: true, Keyed: true, Status: 409, FromAPI: true, Running: true}
	if !e.Repeat() {
		t.Error("not asked again")
	}
	if e.Keyed = false; e.Repeat() {
		t.Error("asked again without a key")
	}
}

func TestRepeat(t *testing.T) {
	for kind, call := range kinds {
		for verdict, end := range map[Verdict]Evidence{Final: {Status: 404, FromAPI: true}, Unprocessed: {Unsent: true}, Unsure: {}, Stray: {Status: 200}} {
			end.Write, end.Harmless, end.Keyed = call.Write, call.Harmless, call.Keyed
			if verdict == Stray && !end.Write {
				continue // of a read it is final
			}
			want := verdict == Unprocessed || verdict == Unsure && kind != "write"
			if got := end.Repeat(); got != want || end.Verdict() != verdict {
				t.Errorf("%s, verdict %d: repeated: %v", kind, end.Verdict(), got)
			}
		}
	}
	if fmt.Sprint(Final.Open(), Unprocessed.Open(), Unsure.Open(), Stray.Open()) != "false false true true" {
		t.Error("which outcomes are open")
	}
}
