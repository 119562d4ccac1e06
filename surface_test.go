package hoster

import (
	"go/ast"
	"testing"
)

// maxSurface bounds what a reader of this package's documentation has to take in:
// exported constants, variables, types, functions, and methods of exported types.
// 450 are the API itself and errors about it; the rest is what authors of providers
// and tools wrote by hand before.
const maxSurface = 450 + 40

// TestSurface counts the exported names. A new one has its place if it is needed;
// past the bound another has to go.
func TestSurface(t *testing.T) {
	var names []string
	for _, file := range rootFiles(t) {
		for _, decl := range file.Decls {
			names = append(names, exportedOf(decl)...)
		}
	}
	t.Logf("%d exported names", len(names))
	if len(names) > maxSurface {
		t.Errorf("%d exported names, at most %d", len(names), maxSurface)
	}
	if len(names) < maxSurface/2 {
		t.Errorf("only %d exported names were found", len(names))
	}
}

func exportedOf(decl ast.Decl) (names []string) {
	add := func(prefix string, ident *ast.Ident) {
		if ident.IsExported() {
			names = append(names, prefix+ident.Name)
		}
	}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add("", d.Name)
		} else if of := receiverOf(d.Recv.List[0].Type); of.IsExported() {
			add(of.Name+".", d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add("", s.Name)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					add("", name)
				}
			}
		}
	}
	return names
}

// receiverOf is the name of a receiver's type, without pointer and parameters.
func receiverOf(expr ast.Expr) *ast.Ident {
	switch e := expr.(type) {
	case *ast.StarExpr:
		return receiverOf(e.X)
	case *ast.IndexExpr:
		return receiverOf(e.X)
	case *ast.Ident:
		return e
	}
	panic("a receiver of another kind")
}
