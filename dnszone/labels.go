package dnszone

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	maxLabel = 63
	maxName  = 253
	// Longer input cannot become a name of 253 octets: the widest spelling of
	// an octet is an escape or a rune, four octets each.
	maxInput = 4 * (maxName + 1)
)

// newProfile makes the IDNA2008 profile for labels that are not ASCII. Its
// lookup rules refuse "_acme-challenge" and "*" and let empty labels pass, so
// ASCII labels never meet it.
func newProfile() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
}

// alphabet tells which ASCII characters a label may hold, beside lower-case
// letters, digits, hyphen and underscore.
type alphabet func(c byte) bool

func domainChars(byte) bool { return false }

// The slash is for the classless reverse zones of RFC 2317.
func nameChars(c byte) bool { return c == '/' }

// splitLabels cuts s at its dots, the three full stops of East Asian scripts
// included, and decodes the escapes of zone files. A final dot makes it
// absolute and is no label.
func splitLabels(field, s string) (labels []string, absolute bool, err error) {
	switch {
	case len(s) > maxInput:
		return nil, false, problem(field, "%s has %d octets, a name has at most %d", show(s), len(s), maxName)
	case !utf8.ValidString(s):
		return nil, false, problem(field, "%s is not UTF-8", show(s))
	}
	var label strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch r {
		case '.', '\u3002', '\uff0e', '\uff61':
			labels = append(labels, label.String())
			label.Reset()
		case '\\':
			c, n, err := unescape(field, s[i:])
			if err != nil {
				return nil, false, err
			}
			if c == '.' || c >= utf8.RuneSelf {
				return nil, false, problem(field, "the escape %s stands for a character that a label here cannot hold", s[i:i+n])
			}
			label.WriteByte(c)
			size = n
		default:
			label.WriteString(s[i : i+size])
		}
		i += size
	}
	if label.Len() == 0 && len(labels) > 0 {
		return labels, true, nil
	}
	return append(labels, label.String()), false, nil
}

// aLabels brings each label to its canonical form, in place.
func aLabels(field string, labels []string, extra alphabet) error {
	for i, label := range labels {
		a, err := aLabel(field, label, extra)
		if err != nil {
			return err
		}
		labels[i] = a
	}
	return nil
}

// aLabel is the lower-case ASCII form of one label, checked.
func aLabel(field, label string, extra alphabet) (string, error) {
	a := lower(label)
	if !isASCII(label) {
		var err error
		if a, err = idnaLabel(field, label); err != nil {
			return "", err
		}
		extra = domainChars
	}
	if a == "" {
		return "", problem(field, "an empty label: a dot in front, or two in a row")
	}
	if len(a) > maxLabel {
		return "", problem(field, "the label %s has %d octets, at most %d are possible", show(label), len(a), maxLabel)
	}
	for i := range len(a) {
		if c := a[i]; !isLDH(c) && c != '_' && !extra(c) {
			return "", problem(field, "the label %s holds %q", show(label), rune(c))
		}
	}
	return a, nil
}

// idnaLabel is the A-label of a label that is not ASCII.
func idnaLabel(field, label string) (string, error) {
	profile := newProfile()
	// What the capital sharp s becomes depends on the version of Unicode: "ss" up to
	// 15.0, ß since. One label stands for one name under every toolchain.
	label = strings.ReplaceAll(label, "ẞ", "ß")
	a, err := profile.ToASCII(label)
	if err != nil {
		return "", problem(field, "the label %s cannot be written in IDNA: %v", show(label), err)
	}
	mapped, _ := profile.ToUnicode(label) // of a full-width hyphen a hyphen is left
	for _, r := range mapped {
		if isMark(r) {
			return "", problem(field, "the label %s holds %q (%U), which IDNA2008 does not allow in a name", show(label), r, r)
		}
	}
	return a, nil
}

// isMark reports whether r is punctuation or a sign that IDNA2008 (RFC 5892)
// disallows. The mapping lets these pass, and most look like a character that is
// allowed, or are the work of a word processor. Emoji are disallowed too, but
// there are registries that sell them.
func isMark(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.P, unicode.Sm, unicode.Sc, unicode.Sk) && !strings.ContainsRune(allowedMarks, r)
}

// allowedMarks are the exceptions of RFC 5892, section 2.6, and the emoji that
// Unicode counts as punctuation or signs.
const allowedMarks = "\u00b7\u0375\u05f3\u05f4\u0f0b\u30fb" +
	"\u2194\u25fb\u25fc\u25fd\u25fe\u2934\u2935\u3030\u303d\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"

// unicodeLabel is the form of an A-label to show to people. A label that does
// not come back from there to itself is shown as it is.
func unicodeLabel(a string) string {
	if len(a) < 4 || lower(a[:4]) != "xn--" || len(a) > maxLabel {
		return a
	}
	u, err := newProfile().ToUnicode(a)
	if err != nil || isASCII(u) {
		return a
	}
	if back, err := aLabel("", u, domainChars); err != nil || back != lower(a) {
		return a
	}
	return u
}

func isLDH(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lower folds the case of ASCII letters and of no others, as DNS does.
func lower(s string) string {
	return foldCase(s, 'A', 'Z')
}

func upper(s string) string {
	return foldCase(s, 'a', 'z')
}

func foldCase(s string, from, to byte) string {
	for i := range len(s) {
		if s[i] < from || s[i] > to {
			continue
		}
		b := []byte(s)
		for j := i; j < len(b); j++ {
			if from <= b[j] && b[j] <= to {
				b[j] ^= 'a' - 'A'
			}
		}
		return string(b)
	}
	return s
}
