package tokens

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-hoster/hoster/internal/relay"
)

type word string

func (w word) IsZero() bool      { return w == "" }
func (w word) Equal(o word) bool { return w == o }

func TestTrim(t *testing.T) {
	for token, want := range map[string]string{"abc": "abc", " \ufeffabc\r\n": "abc", "bearerabc": "bearerabc", "Bearer-x": "Bearer-x"} {
		if got, wrong := Trim(token); got != want || wrong != "" {
			t.Errorf("%q: %q, %s", token, got, wrong)
		}
	}
	for _, token := range []string{"", " ", "Bearer abc", "bearer", "BEARER: abc", `"abc"`, "a'b", "`", "a b", "a\nb", "a\x00b", "a\x7f", "ä", "\xff", strings.Repeat("a", maxToken+1)} {
		if _, wrong := Trim(token); wrong == "" || len(token) > 3 && strings.Contains(wrong, token) {
			t.Errorf("%q: %q", token, wrong)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if content, err := ReadFile(write("good", maxFile)); err != nil || len(content) != maxFile {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	for _, path := range []string{write("long", maxFile+1), dir, filepath.Join(dir, "absent"), os.DevNull} {
		if content, err := ReadFile(path); err == nil || content != nil || strings.Contains(err.Error(), path) {
			t.Errorf("%s: %d bytes, %v", path, len(content), err)
		}
	}
}

// TestCache: one question for all who wait, who gives up stops nobody, and what was
// refused or is too old is asked for again.
func TestCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, answer := 0, make(chan word)
		c := &Cache[word]{MaxAge: time.Minute, Ask: func(context.Context) (word, error) {
			asked++
			if w := <-answer; w != "" {
				return w, nil
			}
			return "", errors.New("none")
		}}
		got := make(chan word, 3)
		hasty, giveUp := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{hasty, t.Context(), t.Context()} {
			go func() {
				w, err := c.Token(ctx)
				if err != nil {
					w = word(err.Error())
				}
				got <- w
			}()
		}
		synctest.Wait()
		giveUp()
		if w := <-got; w != "context canceled" {
			t.Errorf("who gives up gets %q", w)
		}
		answer <- "one"
		if a, b := <-got, <-got; a != "one" || b != "one" || asked != 1 {
			t.Errorf("%q and %q, asked %d times", a, b, asked)
		}
		c.Forget("another")
		if w, err := c.Token(t.Context()); w != "one" || err != nil {
			t.Errorf("%q, %v", w, err)
		}
		for what, forget := range map[string]func(){"refused": func() { w, _ := c.Token(t.Context()); c.Forget(w) }, "old": func() { time.Sleep(time.Minute) }} {
			before := asked
			forget()
			go func() { answer <- "" }()
			if _, err := c.Token(t.Context()); err == nil {
				t.Errorf("%s: no error", what)
			}
			go func() { answer <- word(what) }()
			if w, err := c.Token(t.Context()); w != word(what) || err != nil || asked != before+2 {
				t.Errorf("%s: %q, %v after %d questions", what, w, err, asked-before)
			}
		}
		c.Ask = func(context.Context) (word, error) { panic("a mistake") }
		c.Forget("old")
		c.Forget("refused")
		func() {
			defer func() {
				if recover() != "a mistake" {
					t.Error("the panic does not reach who waits")
				}
			}()
			_, _ = c.Token(t.Context())
		}()
		c.Ask = func(context.Context) (word, error) { runtime.Goexit(); return "", nil }
		if _, err := c.Token(t.Context()); err != relay.ErrAborted {
			t.Errorf("Goexit: %v", err)
		}
	})
}

// TestLine: a token that is replaced is waited for while somebody uses it.
func TestLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLine(word("one"))
		held, done := l.Lease()
		_, second := l.Lease()
		if held != "one" || l.Refuse("zero") || !l.Refuse("one") {
			t.Errorf("%q", held)
		}
		if now, refused := l.Now(); now != "one" || !refused {
			t.Errorf("%q, refused: %v", now, refused)
		}
		if l.Renew("zero", "x") != "one" || l.Renew("one", "one") != "one" {
			t.Error("renewed without need")
		}
		if l.Renew("one", "two") != "two" {
			t.Error("not renewed")
		}
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Replace(hasty, "three"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("somebody uses the first one: %v", err)
		}
		if now, refused := l.Now(); now != "three" || refused {
			t.Errorf("%q, refused: %v", now, refused)
		}
		ended := make(chan error, 1)
		go func() { ended <- l.Replace(t.Context(), "four") }()
		done()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("it does not wait for the last user: %v", err)
		default:
		}
		second()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := l.Replace(t.Context(), "four"); err != nil {
			t.Errorf("the same again: %v", err)
		}
	})
}
