package plan_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
)

// TestReadme holds the page about plans to the code: the table of codes is made
// from it, and no field of the JSON is missing.
func TestReadme(t *testing.T) {
	const file, head, tail = "README.md", "<!-- codes -->\n", "<!-- end -->\n"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(data), head)
	_, after, ok := strings.Cut(rest, tail)
	if !ok {
		t.Fatalf("%s has no %q", file, tail)
	}
	var table strings.Builder
	table.WriteString("| code | class | what is in the way |\n|---|---|---|\n")
	for _, c := range plan.Codes() {
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", c, c.Class(), c.Describe())
	}
	want := before + head + table.String() + tail + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(data), want); d != "" {
		t.Errorf("%s (-got +want):\n%s", file, d)
	}
	for name := range fields(reflect.TypeFor[plan.Plan](), map[string]bool{}) {
		if !strings.Contains(want, "`"+name+"`") {
			t.Errorf("%s says nothing of the field %q", file, name)
		}
	}
}

// fields is the JSON names of a type and of all below it. What taking an SPF
// merge back needs is package spf's.
func fields(t reflect.Type, into map[string]bool) map[string]bool {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.Name() == "Provenance" {
		return into
	}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			into[name] = true
		}
		fields(f.Type, into)
	}
	return into
}
