//go:build unix

package connect_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// The child process of TestKilled finds its orders here.
const (
	killGrain = "MOORING_TEST_GRAIN"
	killDir   = "MOORING_TEST_DIR"
	killWrite = "MOORING_TEST_WRITE" // the number of the write to die at; 0: never
	killAfter = "MOORING_TEST_AFTER" // "true": after it, else before
)

func fileHost(t testing.TB, dir string, grain providers.Grain) (host, *memory.Host) {
	t.Helper()
	return memoryHost(t, memory.Options{
		Caps: providers.Caps{Grain: grain, CAS: true},
		File: filepath.Join(dir, "zone.json"),
	}, providers.JournalDir(filepath.Join(dir, "journal")))
}

// TestKilledChild is the process that TestKilled kills: it connects the
// example and sends itself SIGKILL before or after one of its writes.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv(killDir)
	if dir == "" {
		t.Skip("this is the child of TestKilled")
	}
	h, m := fileHost(t, dir, providers.Grain(os.Getenv(killGrain)))
	at, err := strconv.Atoi(os.Getenv(killWrite))
	if err != nil {
		t.Fatal(err)
	}
	die := func(n int, _ zone.Edit) error {
		if n == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
		return nil
	}
	if os.Getenv(killAfter) == "true" {
		m.SetHooks(memory.Hooks{After: die})
	} else {
		m.SetHooks(memory.Hooks{Before: die})
	}
	h.apply(t, h.prepare(t, intents(t)))
}

// TestKilled kills the process for real at every write of the example, before
// and after, on a host of each grain, and recovers in another process.
func TestKilled(t *testing.T) {
	for _, grain := range []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone} {
		t.Run(string(grain), func(t *testing.T) {
			t.Parallel()
			kills := 0
			for n := 1; ; n++ {
				for _, after := range []bool{false, true} {
					if !killed(t, grain, n, after) {
						want := map[providers.Grain]int{providers.GrainRecord: 9, providers.GrainRRset: 9, providers.GrainBatch: 1, providers.GrainZone: 1}[grain]
						if n-1 != want {
							t.Errorf("the example took %d writes, want %d", n-1, want)
						}
						t.Logf("%s: killed %d times", grain, kills)
						return
					}
					kills++
				}
			}
		})
	}
}

// killed runs the child until it dies at write n, recovers, and checks that
// the zone is as before or as planned. It reports false when the child had
// fewer writes.
func killed(t *testing.T, grain providers.Grain, n int, after bool) bool {
	t.Helper()
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
	child.Env = append(os.Environ(), killGrain+"="+string(grain), killDir+"="+dir, killWrite+"="+strconv.Itoa(n), fmt.Sprintf("%s=%t", killAfter, after))
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL:
		t.Fatalf("write %d: the child ended by itself: %v\n%s", n, err, out)
	}
	h, _ := fileHost(t, dir, grain)
	start := zoneOf(t, read(t, "zone.txt"))
	planned := start.With(h.planned(t)...)
	open, err := h.engine.Unfinished(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("unfinished runs: got %v, %v; want the one that was killed", open, err)
	}
	run, how, err := h.engine.Recover(t.Context(), h.creds, open[0])
	if err != nil {
		t.Fatalf("write %d, after %v: %v", n, after, err)
	}
	got, want := h.zone(), planned
	if how == providers.NeverBegan {
		want = start
	}
	if d := cmp.Diff(without(got, "SOA"), without(want, "SOA")); d != "" {
		t.Errorf("write %d, after %v: recovered as %s (-got +want):\n%s", n, after, how, d)
	}
	if first := n == 1 && !after; first != (how == providers.NeverBegan) {
		t.Errorf("write %d, after %v: recovered as %s", n, after, how)
	}
	if open, err = h.engine.Unfinished(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("after recovery: unfinished %v, %v", open, err)
	}
	if how == providers.NeverBegan {
		return true
	}
	// A recovered run is a run like any other: it can be taken back.
	undo, err := h.engine.Undo(t.Context(), h.creds, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.apply(t, undo)
	if d := cmp.Diff(without(h.zone(), "SOA"), without(start, "SOA")); d != "" {
		t.Errorf("write %d, after %v: undo of the recovered run (-got +want):\n%s", n, after, d)
	}
	return true
}

// planned is the changes of the example on the zone as it is at first.
func (h host) planned(t *testing.T) []zone.Change {
	t.Helper()
	fresh, _ := memoryHost(t, memory.Options{}, providers.JournalMemory())
	p := fresh.prepare(t, intents(t))
	if p.Status != plan.Ready {
		t.Fatal(p.Text())
	}
	return p.ZoneChanges()
}
