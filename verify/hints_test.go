package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestHints reads the codes from where they are declared: each has a hint, and
// each its own.
func TestHints(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "finding.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	of := make(map[string]Code)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Code" {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		code := Code(value)
		h := hint(code)
		if len(h) < 40 || strings.HasSuffix(h, ".") || strings.ToLower(h[:1]) != h[:1] && h[:3] != "DNS" {
			t.Errorf("%s: hint %q, want a phrase that says what to do, as the others are written", code, h)
		}
		if other, taken := of[h]; taken {
			t.Errorf("%s has the hint of %s", code, other)
		}
		of[h] = code
		return true
	})
	if len(of) < 60 {
		t.Errorf("%d codes found, want all", len(of))
	}
	if h := hint("NO_SUCH_CODE"); h != "" {
		t.Errorf("hint of no code: %q", h)
	}
}
