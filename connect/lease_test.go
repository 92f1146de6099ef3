//go:build unix

package connect_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// holdDir is where the child process of TestLeased finds its orders.
const holdDir = "MOORING_TEST_HOLD"

// TestLeasedChild is the process that TestLeased starts: it stops in the middle
// of a run, says so, and lives on.
func TestLeasedChild(t *testing.T) {
	dir := os.Getenv(holdDir)
	if dir == "" {
		t.Skip("this is the child of TestLeased")
	}
	h, m := fileHost(t, dir, providers.GrainRRset)
	m.SetHooks(memory.Hooks{After: func(int, zone.Edit) error {
		if err := os.WriteFile(filepath.Join(dir, "ready"), nil, 0o600); err != nil {
			t.Error(err)
		}
		_, err := bufio.NewReader(os.Stdin).ReadByte() // until it is killed
		return err
	}})
	h.apply(t, h.prepare(t, intents(t)))
}

// TestLeased has two processes share a journal's directory and a zone, without
// any option for it. While the one is in the middle of a run, the other writes
// nothing and settles nothing; when the one is killed, the other can.
func TestLeased(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestLeasedChild$")
	child.Env = append(os.Environ(), holdDir+"="+dir)
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func() { _ = child.Process.Kill(); _ = child.Wait() }
	defer kill()
	for started := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "ready")); err == nil {
			break
		}
		if time.Since(started) > patience {
			t.Fatal("the child is not ready")
		}
	}
	h, m := fileHost(t, dir, providers.GrainRRset)
	open, err := h.engine.Unfinished(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("unfinished: %v, %v; want the child's", open, err)
	}
	p := h.prepare(t, []plan.Intent{plan.TXT("@", "another=1")})
	before := h.zone()
	brief := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	if _, _, err := h.engine.Recover(brief(), h.creds, open[0]); providers.CodeOf(err) != providers.Timeout {
		t.Errorf("recovering a run that is alive: got %v, want Timeout", err)
	}
	if _, err := h.engine.Apply(brief(), h.creds, p); providers.CodeOf(err) != providers.Timeout {
		t.Errorf("writing beside a run that is alive: got %v, want Timeout", err)
	}
	if d := cmp.Diff(h.zone(), before); d != "" || m.Writes() != 0 {
		t.Errorf("%d writes (-got +want):\n%s", m.Writes(), d)
	}
	kill()
	if _, how, err := h.engine.Recover(t.Context(), h.creds, open[0]); err != nil || how != providers.Finished {
		t.Errorf("recovering a run that was killed: got %q %v, want finished", how, err)
	}
	if d := cmp.Diff(without(h.zone(), "SOA"), without(zoneOf(t, read(t, "zone.txt")).With(h.planned(t)...), "SOA")); d != "" {
		t.Errorf("zone (-got +want):\n%s", d)
	}
}

// TestLeaseOption: a host app's own lease is asked for the zone, and given back.
func TestLeaseOption(t *testing.T) {
	m := memory.New(memory.Options{Zones: []zone.Snapshot{zoneOf(t, read(t, "zone.txt"))}})
	var keys []string
	free := 0
	e, err := connect.New(connect.Options{
		Drivers: []providers.Driver{m.Driver()},
		Lease: func(ctx context.Context, key string) (context.Context, func(), error) {
			keys = append(keys, key)
			return context.WithoutCancel(ctx), func() { free++ }, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	site := connect.Site{Name: customer, Domain: customer, Zone: customer, NameZone: customer, SetupType: connect.Automatic, Provider: "memory"}
	p := connect.Plan{Request: connect.Request{Kind: connect.Connects, Site: site}}
	if _, err := e.Apply(t.Context(), nil, p); err == nil {
		t.Error("a plan of nobody was applied")
	}
	if d := cmp.Diff([]string{"memory memory:customer.example customer.example"}, keys); d != "" || free != 1 {
		t.Errorf("freed %d times; keys (-want +got):\n%s", free, d)
	}
}
