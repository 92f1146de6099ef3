package connect_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/mooring-dns/mooring"
	advice = "Move the code, not the line: connect/lattice_test.go says how."
)

// TestLattice holds every package of the module to the lattice.
func TestLattice(t *testing.T) {
	for _, v := range check(imports(list(t))) {
		t.Error(v)
	}
}

// A graph maps each package of ours to what its non-test files import. Ours are spelled "./verify", below the module.
type graph map[string][]string

// check returns a sentence for each import in g that the lattice does not allow.
func check(g graph) (violations []string) {
	report := func(format string, args ...any) {
		violations = append(violations, fmt.Sprintf(format, args...)+". "+advice)
	}
	rows, rank := expandRows()
	for _, pkg := range slices.Sorted(maps.Keys(g)) {
		r, ok := rows[pkg]
		if !ok {
			report("%s has no row in the lattice", pkg)
			continue
		}
		for _, imp := range g[pkg] {
			standard := !strings.Contains(strings.Split(imp, "/")[0], ".")
			switch {
			case strings.HasPrefix(imp, "./"): // ours: counted through every chain, below
			case standard && under(imp, r.not) && imp != harmless:
				report("%s must not import %s of the standard library", pkg, imp)
			case !standard && r.foreign != "*" && !under(imp, r.foreign):
				report("%s may not import %s: its foreign imports are [%s]", pkg, imp, r.foreign)
			}
		}
		for to, chain := range reach(g, pkg) {
			why := apart(pkg, to)
			if why == "" && rank[to] > rank[pkg] {
				why = "it stands further up"
			}
			if why != "" {
				report("%s may not import %s (%s), by %s", pkg, to, why, strings.Join(chain, " -> "))
			}
		}
	}
	slices.Sort(violations)
	return violations
}

// reach returns each package of ours that from reaches, with the shortest chain to it.
func reach(g graph, from string) map[string][]string {
	chains := map[string][]string{from: {from}}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, imp := range g[queue[0]] {
			if to, ours := strings.CutPrefix(imp, "./"); ours && chains[to] == nil {
				chains[to] = append(slices.Clone(chains[queue[0]]), to)
				queue = append(queue, to)
			}
		}
	}
	delete(chains, from)
	return chains
}

// apart says why strangers or barriers keep from away from to; "" if they do not.
func apart(from, to string) string {
	for _, group := range strangers {
		var a, b string
		for _, pattern := range expand(group) {
			if match(from, pattern) {
				a = pattern
			}
			if match(to, pattern) {
				b = pattern
			}
		}
		if a != "" && b != "" && a != b {
			return "siblings do not know each other"
		}
	}
	for _, b := range barriers {
		if match(from, expand(b.from)...) && !match(from, expand(b.except)...) && match(to, expand(b.to)...) {
			return b.why
		}
	}
	return ""
}

// expandRows writes NAME out and numbers the rows from the bottom up.
func expandRows() (rows map[string]row, rank map[string]int) {
	rows, rank = map[string]row{}, map[string]int{}
	for i, r := range lattice {
		for name := range strings.FieldsSeq(drivers) {
			pkg := strings.ReplaceAll(r.pkg, "NAME", name)
			rows[pkg] = row{pkg: pkg, foreign: strings.ReplaceAll(r.foreign, "NAME", name), not: r.not}
			rank[pkg] = i
		}
	}
	return rows, rank
}

// expand splits a list of patterns and writes NAME out.
func expand(list string) (patterns []string) {
	for pattern := range strings.FieldsSeq(list) {
		for name := range strings.FieldsSeq(drivers) {
			patterns = append(patterns, strings.ReplaceAll(pattern, "NAME", name))
		}
	}
	return patterns
}

// match reports whether pkg is one of the patterns; "x/..." is x and all below it.
func match(pkg string, patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		root, tree := strings.CutSuffix(pattern, "...")
		root = strings.TrimSuffix(root, "/")
		return pkg == root || tree && (root == "" || strings.HasPrefix(pkg, root+"/"))
	})
}

// under reports whether an import path is one of the listed paths or below one.
func under(imp, list string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(p string) bool { return match(imp, p+"/...") })
}

// A listed package is what we read of `go list -json`.
type listed struct {
	Dir, ImportPath            string
	GoFiles, CgoFiles, Imports []string
}

// list asks the go command for the packages of the module, also of a tree that does not build. Flags may add an overlay.
func list(t *testing.T, flags ...string) []listed {
	t.Helper()
	cmd := exec.Command("go", append(append([]string{"list", "-e", "-json"}, flags...), "./...")...)
	cmd.Dir, cmd.Stderr = "..", os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var pkgs []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}

// imports makes a graph of listed packages.
func imports(pkgs []listed) graph {
	g := graph{}
	for _, p := range pkgs {
		var imps []string
		for _, imp := range p.Imports {
			imps = append(imps, strings.Replace(imp, module+"/", "./", 1))
		}
		g[strings.TrimPrefix(p.ImportPath, module+"/")] = imps
	}
	return g
}

// TestLatticeBites adds one wrong import of each kind to a sound graph and wants exactly that one named.
func TestLatticeBites(t *testing.T) {
	sound := func() graph {
		return graph{
			"spf":                         {"errors", "net/netip"},
			"dkim/dmarc":                  {"./dkim", "context"},
			"providers/zone":              {"github.com/miekg/dns"},
			"verify":                      {"./providers/zone", "github.com/miekg/dns", "net", "time"},
			"verify/verifytest":           {"./verify", "golang.org/x/sys/unix"},
			"providers":                   {"./providers/zone", "golang.org/x/time/rate"},
			"providers/godaddy":           {"./providers", "github.com/libdns/godaddy", "net/http"},
			"providers/memory":            {"./providers"},
			"providers/memory/memorytest": {"./providers/memory", "./verify/verifytest"},
			"providers/providertest":      {"./providers", "testing"},
			"plugins/internal/wire":       {"./providers", "google.golang.org/grpc"},
			"plugins":                     {"./plugins/internal/wire", "github.com/hashicorp/go-plugin"},
			"plugins/sdk":                 {"./plugins/internal/wire", "github.com/libdns/libdns"},
			"plugins/memory":              {"./plugins/sdk", "./providers/memory", "./providers/providertest"},
			"connect/plan":                {"./providers", "./spf", "net/netip"},
			"connect":                     {"./connect/plan", "./verify", "golang.org/x/net/idna", "time"},
			"connect/webhook":             {"./connect", "github.com/riverqueue/river/rivertype"},
			"connect/user":                {"./connect", "net/http"},
			"connect/connecttest":         {"./connect", "./verify/verifytest"},
			"examples/embed":              {"./connect", "./plugins", "./verify/verifytest", "example.org/any"},
		}
	}
	if got := check(sound()); len(got) > 0 {
		t.Errorf("sound graph: got %q, want no violation", got)
	}
	for _, tt := range []struct {
		name, pkg, imp string
		want           string // what the violation begins with
	}{
		{"upward", "spf", "./verify", "spf may not import verify (it stands further up), by spf -> verify."},
		{"sibling leaf", "dkim", "./dkim/dmarc", "dkim may not import dkim/dmarc (it stands further up)"},
		{"sibling driver", "providers/godaddy", "./providers/memory", "providers/godaddy may not import providers/memory (siblings do"},
		{"sibling noun", "connect/user", "./connect/webhook", "connect/user may not import connect/webhook (siblings do"},
		{"other side of the wire", "plugins/sdk", "./plugins", "plugins/sdk may not import plugins (siblings do"},
		{"plugins", "connect/user", "./plugins", "connect/user may not import plugins (nothing under connect"},
		{"chain", "connect/user", "./plugins/memory", "connect/user may not import plugins/sdk (nothing under connect imports plugins), by connect/user -> plugins/memory -> plugins/sdk."},
		{"test helper", "providers/memory", "./verify/verifytest", "providers/memory may not import verify/verifytest (test helpers"},
		{"foreign", "spf", "github.com/miekg/dns", "spf may not import github.com/miekg/dns: its foreign imports are []"},
		{"foreign of a sibling", "providers/memory", "github.com/libdns/godaddy", "providers/memory may not import github.com/libdns/godaddy:"},
		{"impure plan", "connect/plan", "time", "connect/plan must not import time of"},
		{"impure plan, below net", "connect/plan", "net/url", "connect/plan must not import net/url of"},
		{"server in the engine", "connect", "net/http", "connect must not import net/http of"},
		{"database in the engine", "connect", "./connect/store", "connect may not import connect/store (it stands further up)"},
		{"no row", "util", "strings", "util has no row in the lattice."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := sound()
			g[tt.pkg] = append(g[tt.pkg], tt.imp)
			wantViolation(t, check(g), tt.want)
		})
	}
}

// TestLatticeBitesFiles lays wrong imports over the real tree, as files the go command sees.
func TestLatticeBitesFiles(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(t.TempDir(), "planted.go")
	code := "package plan\n\nimport (\n\t_ \"os/exec\"\n\n\t_ \"" + module + "/plugins/sdk\"\n)\n"
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	files, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "connect", "plan", "planted.go"): source,
		filepath.Join(root, "connect", "util", "planted.go"): source,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{source: []byte(code), overlay: files} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := check(imports(list(t, "-overlay="+overlay)))
	wantViolation(t, got, "connect/plan must not import os/exec of")
	wantViolation(t, got, "connect/plan may not import plugins/sdk (nothing under connect imports plugins), by connect/plan -> plugins/sdk.")
	wantViolation(t, got, "connect/util has no row")
}

func wantViolation(t *testing.T, got []string, want string) {
	t.Helper()
	if !slices.ContainsFunc(got, func(v string) bool { return strings.HasPrefix(v, want) && strings.HasSuffix(v, advice) }) {
		t.Errorf("got violations\n\t%s\nwant one that begins with\n\t%s\nand ends with %q", strings.Join(got, "\n\t"), want, advice)
	}
}
