package connect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// unclosed is the journal of processes that end before they close their runs,
// and that know of no others.
type unclosed struct{ providers.Journal }

func (unclosed) End(context.Context, string, providers.End) error { return errors.New("cut off") }
func (unclosed) Open(context.Context) ([]providers.Run, error)    { return nil, nil }

// TestRecoverAll finds three runs that were cut off, one of them without its
// credentials, and a file that nobody can read.
func TestRecoverAll(t *testing.T) {
	dir := t.TempDir()
	journal := providers.JournalDir(dir)
	h, m := memoryHost(t, memory.Options{}, unclosed{journal})
	var ids []string
	for i := range 3 {
		ids = append(ids, h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("@", fmt.Sprintf("v%d=1", i))})).ID)
	}
	if err := os.WriteFile(filepath.Join(dir, "damaged.run.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := connect.New(connect.Options{Drivers: []providers.Driver{m.Driver()}, Journal: journal})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	forgotten := errors.New("no credentials kept")
	got, err := e.RecoverAll(t.Context(), func(_ context.Context, s connect.Site) (providers.Credentials, error) {
		if asked++; asked == 2 {
			return nil, forgotten
		}
		return nil, nil
	})
	var damaged *providers.Damaged
	if !errors.As(err, &damaged) || damaged.Runs[0] != "damaged" {
		t.Errorf("got %v, want *Damaged", err)
	}
	var order []string
	for i, r := range got {
		order = append(order, r.Run.ID)
		switch {
		case i == 1 && !errors.Is(r.Err, forgotten), i != 1 && (r.Err != nil || r.How != providers.WasDone), r.Run.Site.Domain != customer:
			t.Errorf("%d: got %+v", i, r)
		}
	}
	if d := cmp.Diff(ids, order); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
	left, err := e.Unfinished(t.Context())
	if d := cmp.Diff(ids[1:2], left); d != "" || !errors.As(err, &damaged) {
		t.Errorf("unfinished: %v (-want +got):\n%s", err, d)
	}
}

// TestUnsettled: Apply refuses a zone with a run that was cut off, and names it.
func TestUnsettled(t *testing.T) {
	j := providers.JournalMemory()
	h, _ := memoryHost(t, memory.Options{}, unclosed{j})
	first := h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("@", "a=1")}))
	fresh, m := memoryHost(t, memory.Options{}, j)
	p := fresh.prepare(t, []plan.Intent{plan.TXT("@", "b=1")})
	_, err := fresh.engine.Apply(t.Context(), h.creds, p)
	var open *providers.Unsettled
	if !errors.As(err, &open) || open.Run != first.ID || m.Writes() > 0 {
		t.Errorf("got %v after %d writes, want *Unsettled for %s", err, m.Writes(), first.ID)
	}
}

// A program settles what an earlier process left unfinished when it starts.
func ExampleEngine_RecoverAll() {
	ctx := context.Background()
	const apex = "customer.example"
	host := memory.New(memory.Options{Zones: []zone.Snapshot{zone.NewSnapshot(apex, nil)}})
	journal := providers.JournalMemory()
	request, err := json.Marshal(connect.Request{Kind: connect.Connects, Site: connect.Site{Domain: apex, SetupType: connect.Automatic, Provider: "memory"}})
	if err != nil {
		log.Fatal(err)
	}
	// What Apply wrote down before the process was killed.
	err = journal.Begin(ctx, providers.Run{
		ID: "20260102t030405", Driver: "memory", Zone: providers.Zone{ID: "memory:" + apex, Apex: apex}, Request: request,
		Changes: []zone.Change{{Owner: apex, Add: []zone.Record{zone.NewTXT(apex, 300, "ours=1")}}},
	})
	if err != nil {
		log.Fatal(err)
	}

	eng, err := connect.New(connect.Options{Drivers: []providers.Driver{host.Driver()}, Journal: journal})
	if err != nil {
		log.Fatal(err)
	}
	vault := func(context.Context, connect.Site) (providers.Credentials, error) { return nil, nil }
	settled, err := eng.RecoverAll(ctx, vault)
	for _, r := range settled {
		fmt.Println(r.Run.ID, r.Run.Site.Domain, r.How, r.Err)
	}
	fmt.Println(err)
	// Output:
	// 20260102t030405 customer.example never-began <nil>
	// <nil>
}
