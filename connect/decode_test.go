package connect_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

func TestDecodePlan(t *testing.T) {
	h, _ := memoryHost(t, memory.Options{}, providers.JournalMemory())
	p := h.prepare(t, intents(t))
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := connect.DecodePlan(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, p); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	if run := h.apply(t, got); !providers.Done(run.Outcomes) {
		t.Errorf("a plan that was read back: %+v", run.Outcomes)
	}
}

// TestPlanTampered alters octets of a plan on its way to Apply, one at a time:
// what is written is what was shown, or nothing.
func TestPlanTampered(t *testing.T) {
	h, m := memoryHost(t, memory.Options{}, providers.JournalMemory())
	p := h.prepare(t, intents(t))
	before := h.zone()
	planned := before.With(p.ZoneChanges()...)
	same := func(a, b zone.Snapshot) bool { return slices.Equal(lines(a.Records), lines(b.Records)) }
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	request, err := json.Marshal(p.Request)
	if err != nil {
		t.Fatal(err)
	}
	unread, refused, applied := 0, 0, 0
	for i := 0; i < len(data); i += 17 {
		other := slices.Clone(data)
		other[i] ^= []byte{1, 4, 16, 32}[i%4]
		q, err := connect.DecodePlan(other)
		if err != nil {
			unread++
			continue
		}
		if sent, err := json.Marshal(q.Request); err == nil && string(sent) == string(request) {
			continue // Apply looks at the request and the ID alone
		}
		run, err := h.engine.Apply(t.Context(), nil, q)
		after := h.zone()
		if err != nil {
			refused++
			if errors.As(err, new(*connect.Incomplete)) || !same(after, before) {
				t.Fatalf("octet %d: refused (%v), and the zone has changed:\n%s", i, err, cmp.Diff(after.Records, before.Records))
			}
			continue
		}
		if applied++; !same(after, planned) {
			t.Fatalf("octet %d: the plan was altered, and what was written was never shown (-got +want):\n%s\n%+v", i, cmp.Diff(after.Records, planned.Records), run)
		}
		m.Change(customer, zone.Diff(after, before)...)
	}
	t.Logf("%d altered plans not read, %d refused, %d carried out as shown", unread, refused, applied)
	if unread == 0 || refused == 0 || applied == 0 {
		t.Error("this test holds nothing")
	}
}
