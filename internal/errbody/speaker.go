package errbody

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SpokenByAPI tells an answer of the API from one of a proxy in front of it:
// the body is a JSON error of a known shape, or the answer carries a Bearer
// challenge. Gateways say {"message":"…"} of a missing route, so a 404 needs
// more: "status":"error", a code, or the API's request id.
func SpokenByAPI(status int, body Body, header http.Header) bool {
	if _, ok := Challenge(header); ok && status >= 400 {
		return true
	}
	if !body.Shaped {
		return false
	}
	return status != http.StatusNotFound || body.Marked || header.Get("X-Request-Id") != ""
}

// Challenge finds the RFC 6750 challenge among the others, and returns its
// attributes.
func Challenge(header http.Header) (map[string]string, bool) {
	for _, line := range header.Values("WWW-Authenticate") {
		// A scheme inside a quoted string is none: blank those to find it.
		at := bearerScheme.FindStringIndex(quotedString.ReplaceAllStringFunc(line, func(s string) string {
			return strings.Repeat("_", len(s))
		}))
		if at == nil {
			continue
		}
		attributes := map[string]string{}
		rest := line[at[1]:]
		for rest != "" {
			m := authParameter.FindStringSubmatch(rest)
			if m == nil {
				break
			}
			value := m[2]
			if strings.HasPrefix(value, `"`) {
				value = quotedPair.ReplaceAllString(value[1:len(value)-1], "$1")
			}
			attributes[strings.ToLower(m[1])] = value
			rest = rest[len(m[0]):]
		}
		return attributes, true
	}
	return nil, false
}

var (
	bearerScheme  = regexp.MustCompile(`(?i)(?:^|,)\s*Bearer(?:\s+|,|$)`)
	quotedString  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	authParameter = regexp.MustCompile(`^[\s,]*([A-Za-z0-9_-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)`)
	quotedPair    = regexp.MustCompile(`\\(.)`)
	invisible     = regexp.MustCompile(`(?is)<!--.*?(?:-->|$)|<(script|style)\b.*?(?:</(?:script|style)\s*>|$)`)
	anyTag        = regexp.MustCompile(`(?s)<[^>]*(?:>|$)`)
)

// maxPage is how much of a page is looked at for its text.
const maxPage = 64 << 10

// PlainText makes a page readable: without tags, scripts, entities, control
// characters and runs of white space, cut at most octets.
func PlainText(body []byte, most int) string {
	text := strings.TrimPrefix(string(body[:min(len(body), maxPage)]), "\ufeff")
	text = strings.ToValidUTF8(text, "\ufffd")
	text = invisible.ReplaceAllString(text, " ")
	text = anyTag.ReplaceAllString(text, " ")
	text = html.UnescapeString(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == '<' || r == '>':
			return -1
		}
		return r
	}, text)
	return Cut(strings.Join(strings.Fields(text), " "), most)
}

// Cut shortens a text to most octets, with an ellipsis at its end.
func Cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
