// Package tokens reads secrets that stand in texts and files, keeps them while they
// are good, and replaces them while they are in use.
package tokens

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
)

const (
	// maxToken is far above any real token and keeps a wrong file out of a header.
	maxToken = 8 << 10
	// maxFile is room for the longest token and white space around it.
	maxFile = 64 << 10
)

// IsSpace is true for what copying can leave around a secret.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }

// Trim takes the white space that copying leaves off a token, and says what is wrong
// with it, without showing it; nothing for "".
func Trim(token string) (trimmed, wrong string) {
	token = strings.TrimFunc(token, IsSpace)
	switch {
	case token == "":
		wrong = "it is empty"
	case len(token) > maxToken:
		wrong = fmt.Sprintf("it is longer than %d bytes", maxToken)
	case hasBearerPrefix(token):
		wrong = `it begins with "Bearer": give the token alone`
	case strings.ContainsAny(token, "\"'`"):
		wrong = "it contains a quotation mark: give the token without quotes"
	case strings.ContainsFunc(token, unicode.IsSpace):
		wrong = "it contains white space or a line break: copy the complete token on one line"
	case strings.ContainsFunc(token, unicode.IsControl):
		wrong = "it contains a control character"
	case strings.ContainsFunc(token, func(r rune) bool { return r > unicode.MaxASCII }):
		wrong = "it contains a character outside ASCII"
	}
	return token, wrong
}

func hasBearerPrefix(token string) bool {
	first := token
	if end := strings.IndexFunc(token, unicode.IsSpace); end >= 0 {
		first = token[:end]
	}
	return strings.EqualFold(strings.TrimRight(first, ":"), "bearer")
}

// ReadFile reads a regular file up to its bound, and says why it cannot without the
// path. It may block.
func ReadFile(path string) ([]byte, error) {
	content, err := readFile(path)
	var wrapped *fs.PathError
	if errors.As(err, &wrapped) {
		return nil, wrapped.Err
	}
	return content, err
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path) // opening a named pipe would wait for its writer
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("expected a regular file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("it is longer than %d bytes", maxFile)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFile))
}
