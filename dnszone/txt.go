package dnszone

import (
	"fmt"
	"strings"
)

// maxChunk is the most octets that one character-string of a TXT record holds.
const maxChunk = 255

const whitespace = " \t\r\n"

// SplitTXT cuts the logical text of a TXT record into the character-strings
// that DNS carries: at most 255 octets each, octets and not runes. There is
// always one, though it may be empty.
func SplitTXT(text string) []string {
	chunks := make([]string, 0, len(text)/maxChunk+1)
	for len(text) > maxChunk {
		chunks = append(chunks, text[:maxChunk])
		text = text[maxChunk:]
	}
	return append(chunks, text)
}

// QuoteTXT is the presentation form of a logical text, as a zone file has it:
// each chunk of [SplitTXT] in quotes, \" and \\ for these two, \DDD for every
// octet that is not printable ASCII.
func QuoteTXT(text string) string {
	var b strings.Builder
	for i, chunk := range SplitTXT(text) {
		if i > 0 {
			b.WriteByte(' ')
		}
		quote(&b, chunk)
	}
	return b.String()
}

// UnquoteTXT reads the presentation form of a TXT record and returns its
// logical text, the chunks joined. The chunks are quoted and may be longer than
// 255 octets; parentheses and comments may stand between them. A text without
// quotes is accepted as long as it is one word, since of several a zone file would
// drop the spaces, and behind a ";" the rest. The other octets, UTF-8 or not, are
// taken as they are.
func UnquoteTXT(presentation string) (string, error) {
	text, rest, err := quotedStrings(presentation)
	if err != nil || rest == "" && strings.Contains(presentation, `"`) {
		return text, err
	}
	words, err := splitWords(presentation)
	if err != nil {
		return "", err
	}
	return joinText(words)
}

// quotedStrings joins the quoted strings that s begins with, and returns what
// stands behind them; all of s is a rest if it has none.
func quotedStrings(s string) (text, rest string, err error) {
	rest = strings.Trim(s, whitespace)
	var b strings.Builder
	b.Grow(len(rest))
	for rest != "" && rest[0] == '"' {
		after, err := unquote(&b, rest)
		if err != nil {
			return "", "", err
		}
		rest = strings.TrimLeft(after, whitespace)
	}
	return b.String(), rest, nil
}

var errOutside = problem("value", "there is text outside the quotes")

// joinText is the text of a TXT record by its words.
func joinText(words []word) (string, error) {
	switch {
	case len(words) == 0:
		return "", problem("value", `the text is missing; an empty one is written ""`)
	case len(words) > 1 && !words[0].quoted:
		return "", mustQuote(' ')
	}
	var text strings.Builder
	for i, w := range words {
		if i > 0 && !w.quoted {
			return "", errOutside
		}
		chunk, err := w.octets()
		if err != nil {
			return "", err
		}
		text.WriteString(chunk)
	}
	return text.String(), nil
}

// isQuoted reports whether a TXT value of the API is in presentation form:
// a logical one does not both begin and end with a quote.
func isQuoted(value string) bool {
	return strings.HasPrefix(value, `"`) && strings.HasSuffix(value, `"`)
}

// quote writes one character-string.
func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~':
			fmt.Fprintf(b, `\%03d`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}

// unquote reads the character-string that s begins with into b, and returns what
// stands behind it.
func unquote(b *strings.Builder, s string) (rest string, err error) {
	for i := 1; i < len(s); {
		switch s[i] {
		case '"':
			return s[i+1:], nil
		case '\\':
			c, n, err := unescape("value", s[i:])
			if err != nil {
				return "", err
			}
			b.WriteByte(c)
			i += n
		default:
			plain := i
			for i < len(s) && s[i] != '"' && s[i] != '\\' {
				i++
			}
			b.WriteString(s[plain:i])
		}
	}
	return "", problem("value", "a quote is opened and not closed")
}

// unescapeAll decodes the escapes of a text without quotes, in which the
// characters of forbidden stand only escaped.
func unescapeAll(s, forbidden string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); {
		c, n := s[i], 1
		if c == '\\' {
			var err error
			if c, n, err = unescape("value", s[i:]); err != nil {
				return "", err
			}
		} else if strings.IndexByte(forbidden, c) >= 0 {
			return "", mustQuote(c)
		}
		b.WriteByte(c)
		i += n
	}
	return b.String(), nil
}

// unescape reads the escape that s begins with, \DDD or \X, and returns its
// octet and its length.
func unescape(field, s string) (c byte, n int, err error) {
	if len(s) < 2 {
		return 0, 0, problem(field, "a backslash at the end escapes nothing")
	}
	if !isDigit(s[1]) {
		return s[1], 2, nil
	}
	if len(s) < 4 || !isDigit(s[2]) || !isDigit(s[3]) {
		return 0, 0, problem(field, `a backslash before a digit takes three of them, as in \065`)
	}
	value := int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	if value > 255 {
		return 0, 0, problem(field, `the escape %s is larger than \255`, s[:4])
	}
	return byte(value), 4, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
