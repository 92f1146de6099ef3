package verify_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// fault is one row of a fault table: a world in which one thing is wrong, and
// what a look at it must say. What is neither code nor among also must not be
// found, unless it is mere information.
type fault struct {
	code    verify.Code // that is found, with a hint; empty: nothing is wrong
	kind    string      // which of the faults with this code
	sockets bool        // the transport matters; else the world is in memory, in virtual time
	build   func(*verifytest.Options)
	harm    func(*scene)
	want    verify.Verdict
	also    []verify.Code // what comes with it
	look    func(*scene) verify.Report
}

func (f fault) name() string {
	return strings.TrimSpace(cmp.Or(string(f.code), "healthy") + " " + f.kind)
}

// faults is the table, one case or more for every Code.
func faults() []fault {
	return slices.Concat(soundFaults(), serverFaults(), delegationFaults(), transportFaults(), strayFaults(),
		contentFaults(), nameFaults(), aliasFaults(), viewFaults(), vantageFaults(), timeFaults())
}

// tally counts what went right in each run of a table.
type tally struct {
	mu     sync.Mutex
	right  []int
	alarms int
}

// runFaults tries each row as often as the run is repeated, and says how many
// rows each run got right.
func runFaults(t *testing.T, what string, table []fault) {
	t.Helper()
	runs := 3
	switch long := os.Getenv("MOORING_LONG") == "1"; {
	case long && raced:
		runs = 25
	case long:
		runs = 100
	case raced:
		runs = 1
	}
	sum := tally{right: make([]int, runs)}
	row := func(f fault) {
		t.Run(f.name(), func(t *testing.T) {
			for run := range runs {
				troubles, alarm := f.try(t)
				for _, trouble := range troubles {
					t.Errorf("run %d: %s", run+1, trouble)
				}
				sum.add(run, len(troubles) == 0, alarm)
			}
		})
	}
	var wg sync.WaitGroup
	for _, f := range table {
		if f.sockets { // they wait for what does not come
			wg.Go(func() { row(f) })
			continue
		}
		row(f)
	}
	wg.Wait()
	for _, n := range sum.right {
		fmt.Printf("%s: %d/%d\n", what, n, len(table))
	}
	fmt.Printf("false positives: %d\n", sum.alarms)
}

func (s *tally) add(run int, right, alarm bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if right {
		s.right[run]++
	}
	if alarm {
		s.alarms++
	}
}

// try builds the world and looks at it. alarm is a record called propagated
// that is not, or something found that is not there.
func (f fault) try(t *testing.T) (troubles []string, alarm bool) {
	t.Helper()
	if f.sockets {
		return f.play(t)
	}
	synctest.Test(t, func(t *testing.T) { troubles, alarm = f.play(t) })
	return troubles, alarm
}

func (f fault) play(t *testing.T) (troubles []string, alarm bool) {
	t.Helper()
	s := newScene(t, f)
	defer s.Close() // not only with the test, which may run this a hundred times
	if f.harm != nil {
		f.harm(s)
	}
	look := f.look
	if look == nil {
		look = (*scene).check
	}
	r := look(s)
	var codes []verify.Code
	if f.code != "" {
		codes = append(codes, f.code)
	}
	troubles = append(s.troubles, compare(r, f.want, codes, f.also)...)
	alarm = slices.ContainsFunc(troubles, func(s string) bool { return strings.HasPrefix(s, falseAlarm) }) ||
		r.Verdict == verify.Propagated && f.want != verify.Propagated
	if len(troubles) > 0 {
		troubles = append(troubles, "report: "+dump(r))
	}
	return troubles, alarm
}

func TestFaults(t *testing.T) {
	t.Parallel()
	runFaults(t, "faults", faults())
}

// TestFaultsCoverEveryCode reads the codes from where they are declared.
func TestFaultsCoverEveryCode(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "finding.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []verify.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Code" {
			return true
		}
		for _, v := range spec.Values {
			text, err := strconv.Unquote(v.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, verify.Code(text))
		}
		return true
	})
	if len(codes) < 60 {
		t.Errorf("%d codes read from finding.go, want all of them", len(codes))
	}
	table := faults()
	for _, c := range codes {
		if !slices.ContainsFunc(table, func(f fault) bool { return f.code == c }) {
			t.Errorf("no case for %s", c)
		}
	}
	seen := make(map[string]bool)
	for _, f := range slices.Concat(table) {
		if seen[f.name()] {
			t.Errorf("two cases are called %s", f.name())
		}
		seen[f.name()] = true
	}
}
