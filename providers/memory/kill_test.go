//go:build unix

package memory_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// victim is the environment of a process that is to die: folder, grain, number
// of the write, before or after it.
const victim = "MOORING_TEST_VICTIM"

func TestMain(m *testing.M) {
	if order := os.Getenv(victim); order != "" {
		os.Exit(die(strings.Fields(order)))
	}
	os.Exit(m.Run())
}

func killChanges() []zone.Change {
	return []zone.Change{
		{Owner: apex, Remove: one(txt("@", "old")), Add: one(txt("@", "new"))},
		{Owner: "www." + apex, Remove: one(addr("www", "192.0.2.1")), Add: []zone.Record{{Name: "www." + apex, Type: "CNAME", TTL: 300, Data: "edge.app.example."}}, Absent: []string{zone.AnyType}},
		{Owner: "x." + apex, Add: []zone.Record{txt("x", "1"), txt("x", "2")}},
	}
}

func killOptions(dir string, grain providers.Grain) memory.Options {
	recs := []zone.Record{txt("@", "old"), txt("@", "token"), addr("www", "192.0.2.1"), addr("mail", "192.0.2.2")}
	return memory.Options{
		File:  filepath.Join(dir, "zones.json"),
		Caps:  providers.Caps{Grain: grain},
		Zones: []zone.Snapshot{zone.NewSnapshot(apex, recs)},
	}
}

func openAt(dir string, h *memory.Host) (*providers.Account, providers.Journal, error) {
	j := providers.JournalDir(filepath.Join(dir, "journal"))
	acct, err := providers.Open(h.Driver(), nil, providers.Options{Journal: j, Lost: time.Millisecond})
	return acct, j, err
}

// die applies the changes and kills its own process at the write it was told.
func die(order []string) int {
	dir, grain, when := order[0], providers.Grain(order[1]), order[3]
	at, _ := strconv.Atoi(order[2])
	h := memory.New(killOptions(dir, grain))
	cut := func(n int, _ zone.Edit) error {
		if n == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
		return nil
	}
	if when == "before" {
		h.SetHooks(memory.Hooks{Before: cut})
	} else {
		h.SetHooks(memory.Hooks{After: cut})
	}
	ctx := context.Background()
	acct, _, err := openAt(dir, h)
	if err != nil {
		return 3
	}
	z, err := acct.Find(ctx, apex)
	if err != nil || !providers.Done(acct.Apply(ctx, z, killChanges(), &providers.Run{})) {
		return 4
	}
	return 0
}

// TestRow10CutOffKilled kills a process, for real, before and after each of its
// writes. What the next process finds in the file and the journal is enough to
// settle it, and nothing of the other's keeps it from the zone.
func TestRow10CutOffKilled(t *testing.T) {
	for _, grain := range grains {
		kills := 0
		for n, over := 1, false; !over; n++ {
			for _, when := range []string{"before", "after"} {
				dir := t.TempDir()
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %s", victim, dir, grain, n, when))
				out, err := cmd.CombinedOutput()
				if err == nil {
					over = true
					break
				}
				if s, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
					t.Fatalf("%s %d %s: %v\n%s", grain, n, when, err, out)
				}
				kills++
				settled(t, dir, grain, fmt.Sprintf("%s, killed %s write %d", grain, when, n))
			}
		}
		t.Logf("%s: %d kills", grain, kills)
	}
}

// settled recovers in this process and compares the zone.
func settled(t *testing.T, dir string, grain providers.Grain, what string) {
	t.Helper()
	h := memory.New(killOptions(dir, grain))
	acct, j, err := openAt(dir, h)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := j.List(t.Context())
	if err != nil || len(runs) != 1 || runs[0].End != nil {
		t.Fatalf("%s: %d runs, %v", what, len(runs), err)
	}
	how, outcomes, err := acct.Recover(t.Context(), runs[0])
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	want := killOptions(dir, grain).Zones[0]
	if how != providers.NeverBegan {
		want = want.With(killChanges()...)
	}
	if d := cmp.Diff(want.Records, h.Zone(apex).Records); d != "" || how == providers.Stuck {
		t.Errorf("%s, recovered as %s %+v: zone (-want +got):\n%s", what, how, outcomes, d)
	}
	if r, err := j.Load(t.Context(), runs[0].ID); err != nil || r.End == nil {
		t.Errorf("%s: the run is open still, %v", what, err)
	}
}
