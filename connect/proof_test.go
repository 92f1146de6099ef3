package connect_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/verify"
)

// TestWildcardProof: what the plan copies from a wildcard is proven like what
// was asked for, and taking it back is not waited for in vain, since the
// wildcard answers the same again.
func TestWildcardProof(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	before := h.zone()
	run := h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("fresh", "v=1")}))
	copied := func(x verify.Expect) bool {
		return x.Record.Name == "fresh."+customer && x.Record.Type == "A" && !x.Gone
	}
	if !slices.ContainsFunc(run.Expect, copied) {
		t.Errorf("the address copied from the wildcard is not expected: %+v", run.Expect)
	}
	h.wait(t, run)
	undo := h.undo(t, run.ID)
	if slices.ContainsFunc(undo.Expect, func(x verify.Expect) bool { return x.Record.Type == "A" }) {
		t.Errorf("undo waits for an address to go that the wildcard answers: %+v", undo.Expect)
	}
	h.wait(t, undo)
	h.same(t, before)
}

// TestLingering: an old value that one server still gives is told apart from
// new ones that are missing.
func TestLingering(t *testing.T) {
	h, w := dnsHost(t, rfc2136.Driver{})
	p := h.prepare(t, []plan.Intent{plan.A("shop", "198.51.100.7")})
	w.Server("ns2").Freeze()
	run := h.apply(t, p)
	w.Server("ns2").Thaw()
	h.wait(t, run)
	types := map[connect.EventType]int{}
	for _, e := range *h.events {
		types[e.Type]++
		if e.Type == connect.Connected && len(e.Lingering)+len(e.Missing) > 0 {
			t.Errorf("connected, and yet %+v", e)
		}
		if e.Type == connect.Applying && (e.Run == "" || e.Run != run.ID) {
			t.Errorf("the event before the first write names run %q, want %q", e.Run, run.ID)
		}
	}
	if types[connect.Applying] != 1 || types[connect.Applied] != 1 || types[connect.Connected] != 1 {
		t.Errorf("events: got %v, want one each of applying, applied and connected", types)
	}
}

func TestNothingToProve(t *testing.T) {
	h, _ := dnsHost(t, rfc2136.Driver{})
	if r, err := h.engine.Wait(t.Context(), connect.Run{}); err == nil || r.Verdict != "" {
		t.Errorf("waiting for no run: got %q, %v; want an error", r.Verdict, err)
	}
	_, err := h.engine.Disconnect(t.Context(), h.detect(t), h.creds)
	if !errors.Is(err, providers.ErrNoRun) || !strings.Contains(err.Error(), "customer.example.") {
		t.Errorf("disconnect of what was never connected: got %v, want ErrNoRun that names the zone", err)
	}
	run := h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("shop", "v=1")}))
	h.undo(t, run.ID)
	again, err := h.engine.Undo(t.Context(), h.creds, run.ID)
	if err != nil || again.Status != plan.NoChange || !strings.Contains(again.Text(), "nothing is left to take back") {
		t.Errorf("undo again: got %v\n%s", err, again.Text())
	}
}

// TestUnfinishedRun: a plan says that an earlier run on the zone was cut off.
func TestUnfinishedRun(t *testing.T) {
	j := providers.JournalMemory()
	h, _ := memoryHost(t, memory.Options{}, j)
	if err := j.Begin(t.Context(), providers.Run{ID: "cut-off", Driver: "memory", Zone: providers.Zone{Apex: customer}, Request: []byte(`{"kind":"connect"}`)}); err != nil {
		t.Fatal(err)
	}
	if p := h.prepare(t, intents(t)); !strings.Contains(p.Text(), "cut-off") {
		t.Errorf("the plan does not name the run that was cut off:\n%s", p.Text())
	}
}
