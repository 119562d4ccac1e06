package errbody

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// Envelope collects what the members of an answer with a status of success say,
// beside its data.
type Envelope struct {
	Failed bool // nothing was done
	Unsure bool // nothing was done, unless there is data: a code that is neither of success nor a status
}

// Note takes a member other than data.
func (e *Envelope) Note(name []byte, value jsonread.Value) {
	folded := fold(name)
	e.Failed = e.Failed || saysFailure(folded, value) || saysError(folded, value)
	if codeNames[folded] > 0 {
		code := value.Text(maxWord)
		status, err := strconv.Atoi(code)
		e.Failed = e.Failed || err == nil && status >= 400 && status <= 599
		e.Unsure = e.Unsure || !saysSuccess(code)
	}
	if folded == "status" && strings.EqualFold(value.Text(maxWord), "failed") {
		e.Unsure = true
	}
	for name, value := range value.Members() { // success outside, and an error in a wrapper
		folded := fold(name)
		e.Failed = e.Failed || saysFailure(folded, value) || saysError(folded, value)
	}
}

// maxWord is how long a word can be that decides.
const maxWord = 64

// saysFailure judges members that are about the whole.
func saysFailure(folded string, v jsonread.Value) bool {
	switch folded {
	case "status":
		word := strings.ToLower(v.Text(maxWord))
		status, err := strconv.Atoi(word)
		return word == "error" || word == "fail" || word == "failure" || word == "false" || v.Kind() == 'f' ||
			err == nil && status >= 400 && status <= 599
	case "success", "ok":
		switch strings.ToLower(v.Text(maxWord)) {
		case "false", "0", "no":
			return true
		}
		return v.Kind() == 'f'
	}
	return false
}

// saysError reports an error in the member of that name.
func saysError(folded string, v jsonread.Value) bool {
	return (folded == "error" || folded == "errors") && !IsEmpty(v)
}

// SaysError reports data that is an error, or holds one.
func SaysError(v jsonread.Value) bool {
	for name, value := range v.Members() {
		if folded := fold(name); saysFailure(folded, value) || saysError(folded, value) {
			return true
		}
	}
	return false
}

// IsError reports a member, of an answer's data, that holds an error.
func IsError(name []byte, value jsonread.Value) bool { return saysError(fold(name), value) }

// IsEmpty reports a value that says nothing: null, false, 0, and a text, list or
// object without anything in it.
func IsEmpty(v jsonread.Value) bool {
	switch v.Kind() {
	case '{':
		for range v.Members() {
			return false
		}
		return true
	case '[':
		for range v.Items() {
			return false
		}
		return true
	case '"':
		return v.Text(maxWord) == ""
	case '0':
		return len(v) == 1
	}
	return v.Kind() != 't' && v.Kind() != '-' && (v.Kind() < '0' || v.Kind() > '9')
}

// saysSuccess reports a code under which something was done: 0, 1, those of HTTP
// and of EPP, and words.
func saysSuccess(code string) bool {
	if n, err := strconv.Atoi(code); err == nil {
		return n == 0 || n == 1 || n >= 200 && n <= 299 || n >= 1000 && n <= 1999
	}
	words := strings.FieldsFunc(strings.ToLower(code), func(c rune) bool { return !unicode.IsLetter(c) })
	if len(words) == 0 {
		return true
	}
	switch words[len(words)-1] {
	case "ok", "success", "successful", "successfully", "done", "completed", "accepted", "created", "updated", "changed", "deleted", "removed", "revoked", "content":
		return true
	}
	return false
}
