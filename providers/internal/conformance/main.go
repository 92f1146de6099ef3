// Command conformance runs the suite of providers/providertest over every
// driver here and writes what came of it into providers/CONFORMANCE.md:
//
//	go run ./providers/internal/conformance          # rewrites the page
//	go run ./providers/internal/conformance -check   # exits 1 where it is old
//
// It needs Knot and BIND, for the page has their rows.
// Live accounts that the environment names are left out.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag" //nolint:depguard // this is a program
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/providertest"
)

func main() {
	check := flag.Bool("check", false, "compare the page with a fresh run, and change nothing")
	flag.Parse()
	if err := run(*check, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1) //nolint:forbidigo // this is a program's main
	}
}

func run(check bool, out io.Writer) error {
	if err := installed("knotd", "named"); err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	reports, err := measured(root)
	if err != nil {
		return err
	}
	for _, r := range reports {
		fmt.Fprintln(out, r.Summary())
	}
	path := filepath.Join(root, "providers", "CONFORMANCE.md")
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	now := page(reports)
	switch {
	case now == string(old):
		fmt.Fprintln(out, "providers/CONFORMANCE.md is as this run has it")
		return nil
	case check:
		return errors.New("providers/CONFORMANCE.md is old: go run ./providers/internal/conformance")
	}
	fmt.Fprintln(out, "providers/CONFORMANCE.md is rewritten")
	return os.WriteFile(path, []byte(now), 0o644) //nolint:gosec // a document that everybody may read
}

// installed names the servers that are missing, where the system keeps them.
func installed(programs ...string) error {
	var missing []string
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		}
		if _, err := exec.LookPath("/usr/sbin/" + p); err != nil {
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s not installed: the page has rows of Knot and BIND, so both must be here (on Debian: apt-get install knot bind9)", strings.Join(missing, " and "))
	}
	return nil
}

func moduleRoot() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("go list -m: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// measured runs the suites and is their reports, by name. A suite that fails is
// an error, with all that was printed.
func measured(root string) ([]providertest.Report, error) {
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	cmd := exec.Command("go", "test", "-count=1", "-v", "-run", "Conformance", "./providers/...")
	cmd.Dir = root
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MOORING_LIVE_") }),
		"MOORING_REPORT="+dir, "MOORING_REQUIRE=all")
	printed, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, failures(printed))
	}
	reports, err := load(dir)
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(printed, []byte("\nconformance ")); n != len(reports) {
		return nil, fmt.Errorf("%d suites ran and left %d reports: two of them have one name", n, len(reports))
	}
	return reports, nil
}

// failures is what go test -v printed without what went well.
func failures(printed []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(printed)) {
		text := strings.TrimSpace(line)
		if !strings.HasPrefix(text, "=== ") && !strings.HasPrefix(text, "--- PASS") && !strings.HasPrefix(text, "--- SKIP") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// load reads the reports of a folder, by name.
func load(dir string) ([]providertest.Report, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var out []providertest.Report
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var r providertest.Report
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b providertest.Report) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
