package dnszone

import "strings"

// word is one word of a zone file (RFC 1035, section 5.1). Its text has its
// escapes still, and is without the quotes around it.
type word struct {
	text   string
	quoted bool
	cut    bool // a comment begins right behind it, without a space
}

// splitWords cuts the data of one record into its words. Spaces, line breaks and
// parentheses stand between them, a comment goes from ";" to the end of its line.
// In quotes, and escaped, these are characters like others. A quote opens at the
// beginning of a word, or behind the "=" of a parameter: key="a b" is one word.
func splitWords(s string) ([]word, error) { return cutWords(s, true) }

// splitValue is splitWords for a value of the API, which has no comments: what
// stands behind a ";" was meant to be part of it.
func splitValue(s string) ([]word, error) { return cutWords(s, false) }

func cutWords(s string, comments bool) (words []word, err error) {
	depth := 0
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			i++
		case '(':
			depth++
			i++
		case ')':
			if depth--; depth < 0 {
				return nil, problem("value", "a parenthesis is closed and not opened")
			}
			i++
		case ';':
			if !comments {
				return nil, mustQuote(';')
			}
			i += lineEnd(s[i:])
		case '"':
			end, err := closingQuote(s, i)
			if err != nil {
				return nil, err
			}
			words = append(words, word{text: s[i+1 : end], quoted: true})
			i = end + 1
		default:
			end, err := wordEnd(s, i)
			if err != nil {
				return nil, err
			}
			words = append(words, word{text: s[i:end], cut: end < len(s) && s[end] == ';'})
			i = end
		}
	}
	if depth > 0 {
		return nil, problem("value", "a parenthesis is opened and not closed")
	}
	return words, nil
}

// wordEnd is where the word without quotes ends that begins at s[i].
func wordEnd(s string, i int) (end int, err error) {
	for ; i < len(s) && strings.IndexByte(whitespace+"();", s[i]) < 0; i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '=' && i+1 < len(s) && s[i+1] == '"':
			if i, err = closingQuote(s, i+1); err != nil {
				return 0, err
			}
		}
	}
	return min(i, len(s)), nil
}

// closingQuote is the place of the quote that closes the one at s[i].
func closingQuote(s string, i int) (end int, err error) {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i, nil
		case '\\':
			i++
		}
	}
	return 0, problem("value", "a quote is opened and not closed")
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

// octets decodes the escapes of a word that is one text. Without quotes it holds
// no quote, and nothing that a comment would cut off.
func (w word) octets() (string, error) {
	if w.cut {
		return "", mustQuote(';')
	}
	if w.quoted {
		return unescapeAll(w.text, "")
	}
	return unescapeAll(w.text, `"`)
}

func mustQuote(c byte) error {
	return problem("value", "a text that holds %q has to be quoted as a whole", rune(c))
}
