//go:build unix

package plugins

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRunnerLastWords: what a process prints before it ends at once is read, though
// it has ended before its readers begin.
func TestRunnerLastWords(t *testing.T) {
	echo, err := exec.LookPath("echo")
	if err != nil {
		t.Skip(err)
	}
	out := newPrinter(Options{}.log(), nil)
	for range 50 {
		r := newRunner(exec.Command(echo, "Welcome"), t.TempDir(), out)
		if err := r.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-r.exited
		r.reading.Wait()
		if _, _, fault := r.state(); !strings.Contains(fault, `it prints "Welcome"`) {
			t.Fatalf("its fault is %q, want what it has printed", fault)
		}
	}
}
