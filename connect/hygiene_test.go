package connect_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// topLevel is all that may stand beside go.mod. Another folder is a decision about the design.
const topLevel = `
	connect providers plugins spf dkim verify examples
	go.mod go.sum go.tool.mod go.tool.sum
	README.md LICENSE ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
	.ci .editorconfig .gitattributes .gitignore .golangci.yml`

func TestTopLevel(t *testing.T) {
	allowed := strings.Fields(topLevel)
	for _, name := range topLevelNames(t) {
		if !slices.Contains(allowed, name) {
			t.Errorf("%s stands at the top level, where only these do: %s", name, strings.Join(allowed, " "))
		}
	}
}

// topLevelNames are the names that git knows or would add; in a tree without git, all names.
func topLevelNames(t *testing.T) (names []string) {
	t.Helper()
	git := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard")
	git.Dir = ".."
	if out, err := git.Output(); err == nil {
		for file := range strings.Lines(string(out)) {
			top, _, _ := strings.Cut(strings.TrimSpace(file), "/")
			names = append(names, top)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestModuleFiles wants what we build to be what others get: a replace counts only in our own checkout.
func TestModuleFiles(t *testing.T) {
	for _, file := range []string{"go.mod", "go.tool.mod"} {
		out, err := exec.Command("go", "mod", "edit", "-json", filepath.Join("..", file)).Output()
		if err != nil {
			t.Fatalf("go mod edit -json %s: %v", file, err)
		}
		var mod struct {
			Replace []struct{ Old, New struct{ Path string } }
			Tool    []struct{ Path string }
		}
		if err := json.Unmarshal(out, &mod); err != nil {
			t.Fatal(err)
		}
		for _, r := range mod.Replace {
			t.Errorf("%s replaces %s by %s; whoever imports this module would not get it", file, r.Old.Path, r.New.Path)
		}
		for _, tool := range mod.Tool {
			if file == "go.mod" {
				t.Errorf("go.mod has the tool %s; tools stand in go.tool.mod", tool.Path)
			}
		}
	}
}

// TestPackages wants one package comment and at least one declaration in each package. A folder that holds nothing but
// tests is no package of ours.
func TestPackages(t *testing.T) {
	for _, p := range list(t) {
		var comments []string
		declarations := 0
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Error(err)
				continue
			}
			if file.Doc.Text() != "" {
				comments = append(comments, name)
			}
			for _, d := range file.Decls {
				if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
					declarations++
				}
			}
		}
		if len(p.GoFiles)+len(p.CgoFiles) == 0 {
			continue
		}
		if len(comments) != 1 {
			t.Errorf("%s has %d package comments %v, want one", p.ImportPath, len(comments), comments)
		}
		if declarations == 0 {
			t.Errorf("%s declares nothing", p.ImportPath)
		}
	}
}
