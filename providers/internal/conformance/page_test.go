package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/providertest"
)

func report(name string, results ...providertest.Result) providertest.Report {
	return providertest.Report{Name: name, Driver: "sample", Cases: results}
}

func result(name string, s providertest.Status, reason string) providertest.Result {
	return providertest.Result{Case: name, Rule: "It is kept.", Status: s, Reason: reason}
}

var sample = []providertest.Report{
	report("bare",
		result("a", providertest.Passed, ""), result("b", providertest.Expected, "it is lost"), result("c", providertest.Expected, "it is lost"),
		result("d", providertest.Unsupported, "no D | at all"), result("e", providertest.Unsupported, "no D | at all"), result("f", providertest.Unsupported, "a harness")),
	report("ours",
		result("a", providertest.Passed, ""), result("b", providertest.Passed, ""), result("c", providertest.Passed, ""),
		result("d", providertest.Unsupported, "no D | at all"), result("e", providertest.Unsupported, "no D | at all"), result("f", providertest.Passed, "")),
}

const want = head + `| run | passed | unsupported | fails, as is known |
|---|---|---|---|
| bare | 1 of 6 | 3 | 2 |
| ours | 4 of 6 | 2 | 0 |

## What fails, as is known

| run | why | cases |
|---|---|---|
| bare | it is lost | b c |

## What is unsupported

| why | cases | runs |
|---|---|---|
| a harness | f | bare |
| no D \| at all | d e | bare, ours |
`

// TestPage also wants the same text each time.
func TestPage(t *testing.T) {
	for range 20 {
		if d := cmp.Diff(want, page(sample)); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for _, i := range []int{1, 0} {
		js, err := json.Marshal(sample[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, sample[i].Name+".json"), js, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sample, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := os.WriteFile(filepath.Join(dir, "half.json"), []byte(`{"name": "half`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(dir); err == nil || !strings.Contains(err.Error(), "half.json") {
		t.Errorf("half a report: got %v", err)
	}
}

func TestInstalled(t *testing.T) {
	if err := installed("go"); err != nil {
		t.Error(err)
	}
	if err := installed("go", "no-such-server"); err == nil || !strings.Contains(err.Error(), "no-such-server not installed") {
		t.Errorf("got %v", err)
	}
}

func TestFailures(t *testing.T) {
	printed := "=== RUN   TestConformance\n    --- PASS: TestConformance/a (0.00s)\n    --- FAIL: TestConformance/b (0.00s)\n        it is lost\nFAIL\n"
	if d := cmp.Diff("    --- FAIL: TestConformance/b (0.00s)\n        it is lost\nFAIL\n", failures([]byte(printed))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
