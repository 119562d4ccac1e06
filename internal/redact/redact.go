// Package redact takes secrets out of text that may echo them, in whatever way
// the text spells them.
package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Mark stands where a secret was.
const Mark = "[redacted]"

// Window is the length of a piece of a secret that must not be shown.
const Window = 8

// Secrets are what must not be shown. The zero value holds none.
type Secrets struct {
	all    []string
	short  []string            // those of less than a window
	pieces map[string]struct{} // every window of the others
	folded map[string]struct{} // the same in the form that fold gives
}

// Add takes a secret in. An empty one is ignored.
func (s *Secrets) Add(secret string) {
	if secret == "" {
		return
	}
	s.all = append(s.all, secret)
	if len(secret) < Window {
		s.short = append(s.short, secret)
		return
	}
	if s.pieces == nil {
		s.pieces, s.folded = map[string]struct{}{}, map[string]struct{}{}
	}
	cutInto(s.pieces, secret)
	for _, view := range views(secret) { // the secret may itself look escaped
		cutInto(s.folded, fold(view))
	}
}

func cutInto(pieces map[string]struct{}, text string) {
	for i := 0; i+Window <= len(text); i++ {
		pieces[text[i:i+Window]] = struct{}{}
	}
}

// Clean replaces every piece of a secret that stands in the text as it is. A
// text that holds one in another spelling (escaped for JSON, HTML or a URL,
// base64, hexadecimal, in another case, or some of these together) is replaced
// whole. Where a text was cut, and so ends with "…", no beginning of a secret is
// left before it.
func (s *Secrets) Clean(text string) string {
	text = s.trimEnd(s.replace(text))
	if len(s.folded) > 0 && s.holds(text) {
		return Mark
	}
	return text
}

// trimEnd removes what a text that was cut has of a secret at its end, however
// little.
func (s *Secrets) trimEnd(text string) string {
	const cut = "…"
	if !strings.HasSuffix(text, cut) {
		return text
	}
	kept := strings.TrimSuffix(text, cut)
	for _, secret := range s.all {
		for n := min(len(secret), Window) - 1; n > 0; n-- {
			if strings.HasSuffix(kept, secret[:n]) {
				return kept[:len(kept)-n] + cut
			}
		}
	}
	return text
}

// replace marks what stands in the text as it is.
func (s *Secrets) replace(text string) string {
	for _, secret := range s.short {
		text = strings.ReplaceAll(text, secret, Mark)
	}
	var b strings.Builder
	done := 0
	for i := 0; i+Window <= len(text); i++ {
		if _, found := s.pieces[text[i:i+Window]]; !found {
			continue
		}
		end := i + Window
		for end < len(text) {
			if _, found := s.pieces[text[end+1-Window:end+1]]; !found {
				break
			}
			end++
		}
		b.WriteString(text[done:i])
		b.WriteString(Mark)
		done, i = end, end-1
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

var (
	base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{11,}`)
	hexRun    = regexp.MustCompile(`[0-9A-Fa-f]{16,}`)
	urlSafe   = strings.NewReplacer("-", "+", "_", "/")
)

// holds reports a piece of a secret in another spelling.
func (s *Secrets) holds(text string) bool {
	all := views(text)
	if s.found(all) {
		return true
	}
	for _, view := range slices.Compact([]string{text, all[len(all)-1]}) {
		for _, run := range hexRun.FindAllString(view, -1) {
			for from := range 2 { // where the encoding began is not known
				part := run[from:]
				if plain, err := hex.DecodeString(part[:len(part)&^1]); err == nil && s.found(views(string(plain))) {
					return true
				}
			}
		}
		for _, run := range base64Run.FindAllString(view, -1) {
			run = urlSafe.Replace(run)
			for from := range 4 {
				part := run[from:]
				if len(part)%4 == 1 {
					part = part[:len(part)-1]
				}
				if plain, err := base64.RawStdEncoding.DecodeString(part); err == nil && s.found(views(string(plain))) {
					return true
				}
			}
		}
	}
	return false
}

// found reports a piece of a secret in any of the views.
func (s *Secrets) found(views []string) bool {
	for _, view := range views {
		folded := fold(view)
		for i := 0; i+Window <= len(folded); i++ {
			if _, found := s.folded[folded[i:i+Window]]; found {
				return true
			}
		}
	}
	return false
}

// fold makes alike what differs in case only, and the two ways in which a URL
// writes a space.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' {
			return ' '
		}
		return unicode.ToLower(r)
	}, text)
}

// views is the text as it is, and with more and more of its escapes undone.
func views(text string) []string {
	const rounds = 3
	all := []string{text}
	for range rounds {
		before := text
		for _, undo := range []func(string) string{html.UnescapeString, unescapeURL, unescapeJSON} {
			if next := undo(text); next != text {
				all = append(all, next)
				text = next
			}
		}
		if text == before {
			break
		}
	}
	return all
}

// unescapeURL undoes percent-encoding, and leaves what is none.
func unescapeURL(text string) string {
	return unescape(text, '%', func(rest string) (string, int) {
		if n, ok := hexNumber(rest, 1, 3); ok {
			return string([]byte{byte(n)}), 3
		}
		return rest[:1], 1
	})
}

// unescapeJSON undoes the backslash escapes of JSON and its relatives, and
// leaves what is none.
func unescapeJSON(text string) string {
	return unescape(text, '\\', func(rest string) (string, int) {
		if len(rest) == 1 {
			return rest, 1
		}
		switch rest[1] {
		case 'u', 'U':
			if n, ok := hexNumber(rest, 2, 6); ok {
				return string(n), 6
			}
		case 'x':
			if n, ok := hexNumber(rest, 2, 4); ok {
				return string([]byte{byte(n)}), 4
			}
		case 'n', 'r', 't', 'b', 'f':
			return " ", 2
		default:
			return rest[1:2], 2
		}
		return rest[:1], 1
	})
}

// unescape replaces what begins with the mark by what one returns for the rest
// of the text: a replacement, and how much it stands for.
func unescape(text string, mark byte, one func(rest string) (string, int)) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, mark)
		if at < 0 {
			break
		}
		b.WriteString(text[:at])
		plain, size := one(text[at:])
		b.WriteString(plain)
		text = text[at+size:]
	}
	b.WriteString(text)
	return b.String()
}

func hexNumber(text string, from, to int) (rune, bool) {
	if to > len(text) {
		return 0, false
	}
	n, err := strconv.ParseUint(text[from:to], 16, 32)
	return rune(n), err == nil
}

// A name is that of a secret by its last word.
const names = `(?i)"([a-z0-9_-]*(?:secret|password|passwd|passphrase|auth_?-?code|epp_?-?code|token|api_?-?key)|url|link)"`

var (
	name = regexp.MustCompile(`^` + names + `$`)
	// member finds what JSON, whole or in pieces, has under such a name, but for
	// text with white space, which is prose about the field.
	member = regexp.MustCompile(names + `\s*:\s*"((?:[^"\\\s]|\\.)*)(?:"|$)`)
	// A word is prose as well.
	word = regexp.MustCompile(`^[a-z_.-]{0,24}$`)
)

// IsMember reports whether a member of that name holds a secret: secret,
// password, auth_code, token, url and the like.
func IsMember(of string) bool { return name.MatchString(`"` + of + `"`) }

// AddMembers adds every text that a JSON document has under the name of a
// secret, whatever it looks like.
func (s *Secrets) AddMembers(document []byte) {
	var value any
	if json.Unmarshal(document, &value) == nil {
		s.addMembers(value, false)
	}
}

func (s *Secrets) addMembers(value any, secret bool) {
	switch v := value.(type) {
	case string:
		if secret {
			s.Add(v)
		}
	case []any:
		for _, item := range v {
			s.addMembers(item, secret)
		}
	case map[string]any:
		for name, item := range v {
			s.addMembers(item, secret || IsMember(name))
		}
	}
}

// Harvest adds what looks like a secret under the name of one, in a body that
// need not be JSON as a whole.
func (s *Secrets) Harvest(body []byte) {
	for _, m := range member.FindAllSubmatch(body, -1) {
		if len(m[2]) < Window || word.Match(m[2]) {
			continue
		}
		s.Add(string(m[2]))
		var plain string
		if json.Unmarshal([]byte(`"`+string(m[2])+`"`), &plain) == nil {
			s.Add(plain)
		}
	}
}
