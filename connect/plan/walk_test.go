package plan_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

type walkExpect struct {
	Conflicts []struct {
		Owner            string
		Existing, Wanted []string
		Default          string
	}
	Removed, Added []string
	TTL            map[string]any              `json:"ttl"`
	SPFLookups     struct{ Before, After int } `json:"spf_lookups"`
	Warnings       []string
}

func walk(t testing.TB) (plan.Request, world, walkExpect) {
	t.Helper()
	customer := readZone(t, "testdata/walk/zone.txt", "customer.example")
	app := readZone(t, "testdata/walk/app.example.txt", "app.example")
	var cfg struct {
		DNSRecords []struct {
			Type, Host, Value string
			TTL               uint32
			FallbackValue     string
		}
	}
	var want walkExpect
	for file, v := range map[string]any{"config.json": &cfg, "expect.json": &want} {
		data, err := os.ReadFile("testdata/walk/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	vars := strings.NewReplacer("{DOMAIN}", "customer.example", "{SLD}", "customer", "{TLD}", "example")
	req := plan.Request{Domain: "customer.example", Snapshot: customer, Decisions: []plan.Decision{plan.TakeDefaults()}}
	for _, r := range cfg.DNSRecords {
		in := plan.Intent{Kind: plan.Kind(strings.ToUpper(r.Type)), Host: r.Host, Value: vars.Replace(r.Value), Fallback: r.FallbackValue, TTL: r.TTL}
		if in.Kind == plan.KindCAA {
			in.Tag, in.Value = "issue", "pki.app.example"
		}
		req.Intents = append(req.Intents, in)
	}
	return req, world{customer, app}, want
}

// TestWalk holds the worked example: exactly what it says changes, with its
// TTLs, its conflict, its cost and its warning.
func TestWalk(t *testing.T) {
	req, w, want := walk(t)
	p := w.make(t, req)
	if p.Status != plan.Ready {
		t.Errorf("status %q, want ready:\n%s", p.Status, p.Text())
	}
	var removed, added []zone.Record
	for _, c := range p.Changes {
		removed, added = append(removed, c.Remove...), append(added, c.Add...)
	}
	long := strings.Replace(lineWith(want.Added, "s1._domainkey"), "(the 2048-bit key)", key2048(req), 1)
	want.Added[slices.Index(want.Added, lineWith(want.Added, "s1._domainkey"))] = long
	if d := cmp.Diff(lines(removed), want.Removed, sorted); d != "" {
		t.Errorf("removed (-got +want):\n%s", d)
	}
	if d := cmp.Diff(lines(added), want.Added, sorted); d != "" {
		t.Errorf("added (-got +want):\n%s", d)
	}
	if len(p.Conflicts) != 1 || p.Conflicts[0].Code != plan.AddressGroup || p.Conflicts[0].Default != "replace" || p.Conflicts[0].Owner != "www.customer.example" {
		t.Errorf("conflicts: got %+v, want the address group of www alone", p.Conflicts)
	}
	if len(p.Warnings) != 1 || p.Warnings[0].Text != want.Warnings[0] {
		t.Errorf("warnings: got %+v, want %q", p.Warnings, want.Warnings)
	}
	for _, r := range added {
		wantTTL := uint32(3600)
		switch v := want.TTL[r.Name.FQDN()+" "+r.Type].(type) {
		case float64:
			wantTTL = uint32(v)
		case nil:
			if v, ok := want.TTL[string(r.Name)+" "+r.Type].(float64); ok {
				wantTTL = uint32(v)
			} else if _, ok := want.TTL[string(r.Name)+" "+r.Type].(string); !ok {
				continue
			}
		}
		if r.TTL != wantTTL {
			t.Errorf("%s: TTL %d, want %d", r, r.TTL, wantTTL)
		}
	}
	spf := p.Results[3]
	if spf.Lookups == nil || spf.Lookups.Before != want.SPFLookups.Before || spf.Lookups.After != want.SPFLookups.After {
		t.Errorf("SPF lookups: got %+v, want %+v", spf.Lookups, want.SPFLookups)
	}

	req.Snapshot = req.Snapshot.With(p.ZoneChanges()...)
	again := w.make(t, req)
	if again.Status != plan.NoChange {
		t.Errorf("second run: %s", again.Text())
	}
}

// TestWalkFallback is the example on a host with short TXT records.
func TestWalkFallback(t *testing.T) {
	req, w, _ := walk(t)
	req.Caps = providers.Caps{MaxTXT: 255}
	p := w.make(t, req)
	r := p.Results[4]
	if !r.UsedFallback || r.Fingerprint == "" || r.Text == "" || len(r.Records) != 1 || r.Records[0].Text() != req.Intents[4].Fallback {
		t.Errorf("DKIM result: got %+v, want the fallback with its fingerprint and the reason", r)
	}
}

// TestWalkUndo takes the example back, with and without edits in between.
func TestWalkUndo(t *testing.T) {
	req, w, _ := walk(t)
	p := w.make(t, req)
	after := req.Snapshot.With(p.ZoneChanges()...)
	runs := []plan.Applied{{Changes: p.ZoneChanges(), SPF: p.SPF}}
	undo := func(t *testing.T, snap zone.Snapshot) (plan.Plan, zone.Snapshot) {
		u, err := plan.Undo(plan.UndoRequest{Domain: req.Domain, Snapshot: snap, Runs: runs})
		if err != nil {
			t.Fatal(err)
		}
		return u, snap.With(u.ZoneChanges()...)
	}
	u, back := undo(t, after)
	if d := cmp.Diff(back.Records, req.Snapshot.Records); d != "" || u.Status != plan.Ready {
		t.Errorf("undo, status %s (-got +want):\n%s", u.Status, d)
	}
	if u, _ := undo(t, back); u.Status != plan.NoChange {
		t.Errorf("undo of what was undone: %s", u.Text())
	}

	apex := zone.Name("customer.example")
	merged := p.Results[3].Records[0].Text()
	edit := zone.Change{
		Owner:  apex,
		Remove: []zone.Record{zone.NewTXT(apex, 3600, merged)},
		Add: []zone.Record{
			zone.NewTXT(apex, 3600, strings.Replace(merged, "~all", "ip4:203.0.113.9 ?all", 1)),
			zone.NewTXT(apex, 3600, "somebody=else"),
		},
	}
	_, back = undo(t, after.With(edit))
	want := req.Snapshot.With(zone.Change{
		Owner:  apex,
		Remove: []zone.Record{zone.NewTXT(apex, 3600, "v=spf1 mx include:_spf.old.customer.example -all")},
		Add: []zone.Record{
			zone.NewTXT(apex, 3600, "v=spf1 mx include:_spf.old.customer.example ip4:203.0.113.9 ?all"),
			zone.NewTXT(apex, 3600, "somebody=else"),
		},
	})
	if d := cmp.Diff(lines(back.Records), lines(want.Records)); d != "" {
		t.Errorf("undo with an SPF edit in between (-got +want):\n%s", d)
	}
}

func lineWith(ls []string, part string) string {
	i := slices.IndexFunc(ls, func(l string) bool { return strings.Contains(l, part) })
	return ls[i]
}

func key2048(req plan.Request) string {
	_, p, _ := strings.Cut(req.Intents[4].Value, "p=")
	return p
}

var sorted = cmp.Transformer("sorted", func(s []string) sortedLines { return slices.Sorted(slices.Values(s)) })

type sortedLines []string
