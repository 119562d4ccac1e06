package hoster_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The documents: every ```go block of README.md and docs/ compiles, every
// relative link of every page leads somewhere, and every command line names
// what exists. A block is one of
//
//   - a whole program, which begins with "package" and is taken as it is;
//   - declarations, which get a package clause;
//   - statements, which become the body of a function. ctx, client, err and t are
//     given; its results follow from its return statements, and its top-level
//     variables may stay unused.
//
// Packages of givenImports need no import in the last two. More names are given
// by a comment on the line above the block: <!-- given: zone string; n int -->

const modulePath = "github.com/go-hoster/hoster"

// givenImports are the packages that fragments use without importing them, by
// the name that stands before the dot.
var givenImports = map[string]string{
	"hoster": modulePath, "dnszone": modulePath + "/dnszone",
	"sandbox": modulePath + "/sandbox", "hostertest": modulePath + "/hostertest",
	"tokencare": modulePath + "/tokencare",
	"context":   "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "io": "io", "iter": "iter",
	"json": "encoding/json", "log": "log", "maps": "maps", "netip": "net/netip", "os": "os", "slices": "slices",
	"slog": "log/slog", "strings": "strings", "synctest": "testing/synctest", "testing": "testing", "time": "time",
}

// block is a fenced piece of a page.
type block struct {
	page     string // relative to the root
	line     int    // of its first line of text, from 1
	language string
	given    string
	text     string
}

func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

var givenComment = regexp.MustCompile(`^<!-- given: (.+) -->$`)

// splitPage returns the blocks of a page, and its text with the blocks blanked.
func splitPage(page, content string) ([]block, string) {
	var blocks []block
	var prose strings.Builder
	var open *block
	given, fence, indent := "", "", ""
	for i, line := range strings.Split(strings.ReplaceAll(content, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case open != nil && trimmed == fence:
			blocks, open, given = append(blocks, *open), nil, ""
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		case strings.HasPrefix(trimmed, "```"):
			language := strings.TrimLeft(trimmed, "`")
			fence = trimmed[:len(trimmed)-len(language)]
			indent = line[:strings.Index(line, "`")]
			language, _, _ = strings.Cut(strings.TrimSpace(language), " ")
			open = &block{page: page, line: i + 2, language: language, given: given}
		default:
			if m := givenComment.FindStringSubmatch(trimmed); m != nil {
				given = m[1]
			} else if trimmed != "" {
				given = ""
			}
			prose.WriteString(line)
		}
		prose.WriteByte('\n')
	}
	if open != nil {
		blocks = append(blocks, *open)
	}
	return blocks, prose.String()
}

// pages lists the Markdown files below the root that keep(path) wants.
func pages(t *testing.T, keep func(string) bool) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (slices.Contains([]string{"node_modules", "testdata", "vendor"}, entry.Name()) || strings.HasPrefix(entry.Name(), ".")):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(name, ".md") && keep(filepath.ToSlash(name)):
			found = append(found, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.FromSlash(page))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestDocsCompile puts every Go block into a package of a module of its own, as
// a reader's would be, and runs go vet over all of them once, offline.
func TestDocsCompile(t *testing.T) {
	documents := pages(t, func(p string) bool { return p == "README.md" || strings.HasPrefix(p, "docs/") })
	if len(documents) == 0 {
		t.Skip("there is no README.md yet")
	}
	nested := nestedModules(t)
	dir := docsModule(t)
	count := 0
	for _, page := range documents {
		blocks, _ := splitPage(page, readPage(t, page))
		for _, b := range blocks {
			if b.language != "go" {
				continue
			}
			file, err := b.compile()
			if err != nil {
				t.Errorf("%s does not parse: %s", b, fromRoot(err.Error()))
				continue
			}
			if outside := importsOf(file.imports, nested); outside != "" {
				t.Logf("%s imports %s, a module of its own: only its syntax was checked", b, outside)
				continue
			}
			count++
			home := filepath.Join(dir, fmt.Sprintf("block%03d", count))
			name := "block.go"
			if file.isTest {
				name = "block_test.go"
			}
			writeFile(t, filepath.Join(home, name), file.source)
			if file.given != "" {
				writeFile(t, filepath.Join(home, "given.go"), file.given)
			}
		}
	}
	if count == 0 {
		t.Fatal("no Go block in the documents: the search for them is broken")
	}
	// What follows a return in a wrapped block is ours, so unreachable is off.
	vet := exec.Command("go", "vet", "-unreachable=false", "./...")
	vet.Dir = dir
	vet.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet of %d blocks: %v\n%s", count, err, fromRoot(string(out)))
	}
}

// fromRoot makes the absolute names of pages in a report relative again.
func fromRoot(report string) string {
	root, err := os.Getwd()
	if err != nil {
		return report
	}
	return strings.ReplaceAll(report, root+string(filepath.Separator), "")
}

// docsModule makes an empty module with this one's requirements, where this one
// stands for its own path.
func docsModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	mod := strings.Replace(readPage(t, "go.mod"), "module "+modulePath, "module docs.invalid/blocks", 1)
	mod += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %q\n", modulePath, modulePath, root)
	writeFile(t, filepath.Join(dir, "go.mod"), mod)
	writeFile(t, filepath.Join(dir, "go.sum"), readPage(t, "go.sum"))
	return dir
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// nestedModules lists the paths of the modules below this one: what they need
// is not at hand here, and they test their own pages.
func nestedModules(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*/*/go.mod")
	more, err2 := filepath.Glob("*/go.mod")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	var paths []string
	for _, file := range append(files, more...) {
		first, _, _ := strings.Cut(readPage(t, filepath.ToSlash(file)), "\n")
		paths = append(paths, strings.TrimSpace(strings.TrimPrefix(first, "module")))
	}
	return paths
}

// importsOf returns the first import that belongs to one of the modules.
func importsOf(imports []string, modules []string) string {
	for _, imported := range imports {
		for _, module := range modules {
			if imported == module || strings.HasPrefix(imported, module+"/") {
				return imported
			}
		}
	}
	return ""
}

// goFile is a block as a file of a package, and what stands beside it.
type goFile struct {
	source  string
	given   string // the other file: the names that statements may use
	imports []string
	isTest  bool
}

// compile turns the block into a file whose lines count as the page's.
func (b block) compile() (goFile, error) {
	fset := token.NewFileSet()
	if strings.HasPrefix(strings.TrimSpace(b.text), "package ") {
		source := b.position(0) + b.text
		parsed, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
		if err != nil {
			return goFile{}, err
		}
		return goFile{source: source, imports: importPaths(parsed), isTest: strings.HasSuffix(parsed.Name.Name, "_test")}, nil
	}
	own, rest, lines, err := cutImports(b.text)
	if err != nil {
		return goFile{}, err
	}
	file := goFile{imports: own}
	body := b.position(lines) + rest
	parsed, err := parser.ParseFile(fset, "", "package block\n"+body, parser.SkipObjectResolution)
	if err != nil {
		parsed, err = parser.ParseFile(fset, "", "package block\nfunc _() {\n"+body+"}\n", parser.SkipObjectResolution)
		if err != nil {
			return goFile{}, err
		}
		body = wrap(parsed.Decls[0].(*ast.FuncDecl), body)
		file.given = givenFile(b.given)
	}
	for _, name := range usedPackages(parsed) {
		if !slices.Contains(file.imports, givenImports[name]) {
			file.imports = append(file.imports, givenImports[name])
		}
	}
	file.source = header(file.imports) + body
	return file, nil
}

// header begins a file of the package block.
func header(imports []string) string {
	var out strings.Builder
	out.WriteString("package block\n")
	for _, imported := range imports {
		fmt.Fprintf(&out, "import %q\n", imported)
	}
	return out.String()
}

// position makes the compiler count lines as the page does, after the first
// lines of the block.
func (b block) position(lines int) string {
	absolute, err := filepath.Abs(filepath.FromSlash(b.page))
	if err != nil {
		absolute = b.page
	}
	return fmt.Sprintf("//line %s:%d\n", absolute, b.line+lines)
}

// wrap makes the statements, which are fn's body, a function that vet takes:
// what := declares is used, and values are returned if any return gives some.
func wrap(fn *ast.FuncDecl, body string) string {
	results := ""
	if n := returned(fn.Body); n > 0 {
		results = "(" + strings.Repeat("any, ", n-1) + "error) "
	}
	var used strings.Builder
	for _, name := range declared(fn.Body.List) {
		fmt.Fprintf(&used, "_ = %s\n", name)
	}
	return fmt.Sprintf("func _() %s{\n%s%spanic(0)\n}\n", results, body, used.String())
}

// givenFile declares what statements may use, at the level of the package: there
// it may stay unused, and the block may declare the same name.
func givenFile(more string) string {
	source := "var ctx context.Context\nvar client *hoster.Client\nvar err error\nvar t *testing.T\n"
	for name := range strings.SplitSeq(more, ";") {
		if name = strings.TrimSpace(name); name != "" {
			source += "var " + name + "\n"
		}
	}
	var imports []string
	if parsed, err := parser.ParseFile(token.NewFileSet(), "", "package block\n"+source, parser.SkipObjectResolution); err == nil {
		for _, name := range usedPackages(parsed) {
			imports = append(imports, givenImports[name])
		}
	}
	return header(imports) + source
}

// returned is how many values the return statements give, function literals
// left out.
func returned(body *ast.BlockStmt) int {
	most := 0
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			most = max(most, len(n.Results))
		}
		return true
	})
	return most
}

// declared lists the variables that the statements declare at their top level.
func declared(statements []ast.Stmt) []string {
	var names []string
	add := func(expr ast.Expr) {
		if ident, ok := expr.(*ast.Ident); ok && ident.Name != "_" {
			names = append(names, ident.Name)
		}
	}
	for _, s := range statements {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				for _, left := range s.Lhs {
					add(left)
				}
			}
		case *ast.DeclStmt:
			decl, ok := s.Decl.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, spec := range decl.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					add(name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// cutImports takes the import declarations off the front of a fragment, and
// says how many lines they were.
func cutImports(text string) (imports []string, rest string, lines int, err error) {
	if !strings.HasPrefix(strings.TrimSpace(text), "import") {
		return nil, text, 0, nil
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, "", "package block\n"+text, parser.ImportsOnly)
	if err != nil {
		return nil, "", 0, err
	}
	lines = fset.Position(parsed.Decls[len(parsed.Decls)-1].End()).Line - 1
	return importPaths(parsed), strings.Join(strings.SplitAfter(text, "\n")[lines:], ""), lines, nil
}

func importPaths(file *ast.File) []string {
	var paths []string
	for _, spec := range file.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, "\"`"))
	}
	return paths
}

// usedPackages lists the names of givenImports that stand before a dot.
func usedPackages(file *ast.File) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if ident, ok := selector.X.(*ast.Ident); ok && givenImports[ident.Name] != "" {
				names = append(names, ident.Name)
			}
		}
		return true
	})
	slices.Sort(names)
	return slices.Compact(names)
}

var (
	inlineCode = regexp.MustCompile("`[^`\n]+`")
	inlineLink = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)`)
	namedLink  = regexp.MustCompile(`(?m)^\[[^\]]+\]:\s+<?([^\s>]+)`)
	hasScheme  = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
)

// TestDocsLinks follows the relative links of every page, to headings too.
func TestDocsLinks(t *testing.T) {
	for _, page := range pages(t, func(string) bool { return true }) {
		_, prose := splitPage(page, readPage(t, page))
		text := inlineCode.ReplaceAllString(prose, "")
		for _, m := range append(inlineLink.FindAllStringSubmatch(text, -1), namedLink.FindAllStringSubmatch(text, -1)...) {
			if hasScheme.MatchString(m[1]) {
				continue
			}
			if problem := followLink(t, page, m[1]); problem != "" {
				t.Errorf("%s: link %s: %s", page, m[1], problem)
			}
		}
	}
}

func followLink(t *testing.T, page, link string) string {
	t.Helper()
	file, heading, _ := strings.Cut(link, "#")
	target := page
	switch {
	case strings.HasPrefix(file, "/"):
		target = path.Clean(file[1:])
	case file != "":
		target = path.Join(path.Dir(page), file)
	}
	if strings.HasPrefix(target, "..") {
		return "it leaves the repository"
	}
	if !exists(target) {
		return "no such file"
	}
	if heading != "" && strings.HasSuffix(target, ".md") && !slices.Contains(headings(readPage(t, target)), heading) {
		return "no such heading"
	}
	return ""
}

var notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// headings lists the anchors that a page's headings get.
func headings(content string) []string {
	_, prose := splitPage("", content)
	var anchors []string
	for line := range strings.Lines(prose) {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		plain := notInAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
		anchors = append(anchors, strings.ReplaceAll(plain, " ", "-"))
	}
	return anchors
}

// TestDocsCommands looks for what the command lines of the pages name: packages
// of this repository, its scripts, and directories to change into.
func TestDocsCommands(t *testing.T) {
	for _, page := range pages(t, func(string) bool { return true }) {
		blocks, prose := splitPage(page, readPage(t, page))
		for _, code := range inlineCode.FindAllString(prose, -1) {
			blocks = append(blocks, block{page: page, language: "sh", text: strings.Trim(code, "`")})
		}
		for _, b := range blocks {
			if !slices.Contains([]string{"sh", "bash", "shell", "console"}, b.language) {
				continue
			}
			// From the root, or from where the page is.
			missing := missingIn(b.text, ".")
			if len(missing) > 0 && len(missingIn(b.text, path.Dir(page))) > 0 {
				t.Errorf("%s: there is no %s, which stands in\n%s", page, strings.Join(missing, ", "), b.text)
			}
		}
	}
}

var commandEnd = regexp.MustCompile(`&&|\|\||[;|]`)

// missingIn returns what command lines name and the repository lacks, when they
// run one after the other and begin in the directory where.
func missingIn(commands, where string) []string {
	var missing []string
	for line := range strings.Lines(commands) {
		line, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " #")
		for _, command := range commandEnd.Split(line, -1) {
			words := strings.Fields(command)
			for len(words) > 0 && strings.Contains(words[0], "=") {
				words = words[1:] // NAME=value in front
			}
			if len(words) < 2 {
				continue
			}
			switch words[0] {
			case "cd":
				where = path.Join(where, words[1])
				if !exists(where) {
					missing = append(missing, where)
				}
			case "bash", "sh":
				if !strings.HasPrefix(words[1], "-") && !exists(path.Join(where, words[1])) {
					missing = append(missing, words[1])
				}
			case "go":
				for _, word := range words[2:] {
					if dir, ok := packageDir(where, word); ok && !exists(dir) {
						missing = append(missing, word)
					}
				}
			}
		}
	}
	return missing
}

// packageDir is the directory of a package pattern of this repository.
func packageDir(where, pattern string) (string, bool) {
	pattern, _, _ = strings.Cut(pattern, "@")
	pattern = strings.TrimSuffix(pattern, "...")
	if rest, ok := strings.CutPrefix(pattern, modulePath); ok {
		return path.Join(".", strings.TrimPrefix(rest, "/")), true
	}
	return path.Join(where, pattern), pattern == "." || strings.HasPrefix(pattern, "./")
}

func exists(name string) bool {
	_, err := os.Stat(filepath.FromSlash(name))
	return err == nil
}

// TestDocsSearch holds the search itself against a page with a block of each
// kind: a search that finds nothing would pass everything.
func TestDocsSearch(t *testing.T) {
	page := `# A title: ~x~

~~~go
package main

func main() {}
~~~
<!-- given: zone string; scope hoster.Scope -->
~~~go
import "strconv"

n, err := strconv.Atoi(zone)
if err != nil {
	return nil, err
}
fmt.Println(n)
~~~
  ~~~go
  type T struct{ Name hoster.Scope }
  ~~~
~~~sh
cd nowhere && go test ./...
~~~
`
	page = strings.NewReplacer("~~~", "```", "~", "`").Replace(page)
	blocks, prose := splitPage("page.md", page)
	if len(blocks) != 4 || blocks[1].line != 10 || blocks[0].given != "" || blocks[2].given != "" {
		t.Fatalf("found %+v", blocks)
	}
	if strings.Contains(prose, "package") || !slices.Equal(headings(page), []string{"a-title-x"}) {
		t.Errorf("headings %q, prose %q", headings(page), prose)
	}
	statements, err := blocks[1].compile()
	if err != nil || !slices.Equal(statements.imports, []string{"strconv", "fmt"}) {
		t.Fatalf("imports %q, %v", statements.imports, err)
	}
	for _, want := range []string{"page.md:11\n", `import "fmt"`, "func _() (any, error) {", "_ = n\n", "_ = err\n"} {
		if !strings.Contains(statements.source, want) {
			t.Errorf("no %q in\n%s", want, statements.source)
		}
	}
	if !strings.Contains(statements.given, "var scope hoster.Scope\n") || !strings.Contains(statements.given, "var zone string\n") {
		t.Errorf("given are\n%s", statements.given)
	}
	declarations, err := blocks[2].compile()
	if err != nil || declarations.given != "" || !strings.HasSuffix(declarations.source, "\ntype T struct{ Name hoster.Scope }\n") {
		t.Errorf("declarations became %+v, %v", declarations, err)
	}
	if got := missingIn(blocks[3].text, "."); len(got) == 0 || got[0] != "nowhere" {
		t.Errorf("missing: %q", got)
	}
}
