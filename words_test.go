package hoster

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// rootFiles are the files of this package that are no tests.
func rootFiles(t *testing.T) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// TestKnownWordsAreAll holds the list of known words against the constants, so that
// a new one, or a new enumeration, is recognised in every case.
func TestKnownWordsAreAll(t *testing.T) {
	others := map[string]bool{ // never read from an answer as they stand
		"ErrorCode": true, "Operation": true, "ForbiddenReason": true, "UnauthorizedReason": true, "ZonePlanReason": true, "Outcome": true,
	}
	known := map[string]bool{}
	for _, word := range knownWords {
		v := reflect.ValueOf(word)
		known[v.Type().Name()+" "+v.String()] = true
	}
	found := 0
	for _, file := range rootFiles(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			typ, ok := spec.Type.(*ast.Ident)
			if !ok || len(spec.Values) != 1 || others[typ.Name] || !typ.IsExported() {
				return true
			}
			if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
				found++
				word, _ := strconv.Unquote(value.Value)
				if !known[typ.Name+" "+word] {
					t.Errorf("%s, %q, is not among the known words", spec.Names[0].Name, word)
				}
			}
			return true
		})
	}
	if found != len(knownWords) {
		t.Errorf("%d constants, %d known words", found, len(knownWords))
	}
}

// TestNoContractWithoutItsPlace: a reader of the documentation is told what a
// contract is that comments speak of.
func TestNoContractWithoutItsPlace(t *testing.T) {
	comments := 0
	for _, file := range rootFiles(t) {
		for _, comment := range file.Comments {
			comments++
			text := comment.Text()
			if strings.Contains(strings.ToLower(text), "contract") && !strings.Contains(text, "api/openapi.yaml") {
				t.Errorf("%q does not say what the contract is: api/openapi.yaml", text)
			}
		}
	}
	if comments < 500 {
		t.Errorf("only %d comments were found", comments)
	}
}
