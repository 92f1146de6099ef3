package providers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// small is a host of grain batch that takes so many records in one write.
type small struct {
	providers.Driver
	most  int
	edits *[]zone.Edit
	fail  func(n int) error // of the n-th write, from 1; nil: none
}

func (d small) Open(c providers.Credentials) (providers.Session, error) {
	s, err := d.Driver.Open(c)
	return smallSession{s, d}, err
}

type smallSession struct {
	providers.Session
	d small
}

// differs counts the records that an edit removes and adds.
func differs(e zone.Edit) int { return without(e.Before, e.After) + without(e.After, e.Before) }

func (s smallSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	*s.d.edits = append(*s.d.edits, e)
	if s.d.fail != nil {
		if err := s.d.fail(len(*s.d.edits)); err != nil {
			return err
		}
	}
	if n := differs(e); n > s.d.most {
		return &providers.Error{Code: providers.Invalid, Err: fmt.Errorf("%d records in one request: at most %d", n, s.d.most)}
	}
	return s.Session.Write(ctx, z, e)
}

// fiveChanges is 1 + 2 + 2 + 1 + 1 records of five owners, not in the order in
// which they are written.
func fiveChanges(t testing.TB) []zone.Change {
	return []zone.Change{
		{Owner: "old." + apex, Remove: recs(t, `old A 192.0.2.3`)},
		{Owner: apex, Remove: recs(t, `@ TXT "v=spf1 -all"`), Add: recs(t, `@ TXT "v=spf1 mx -all"`)},
		{Owner: "www." + apex, Remove: recs(t, `www A 192.0.2.1`), Add: recs(t, `www A 192.0.2.9`)},
		{Owner: "b.new." + apex, Add: recs(t, `b.new TXT "x"`)},
		{Owner: "new." + apex, Add: recs(t, `new TXT "x"`)},
	}
}

func owners(e zone.Edit) string {
	var out []string
	for _, k := range e.Keys() {
		out = append(out, k.Name.Rel(apex))
	}
	return strings.Join(slices.Compact(out), " ")
}

// TestMaxBatch: a transaction that is longer than the host takes is written in
// several, what only adds first and what only removes last, and each outcome is
// the true one.
func TestMaxBatch(t *testing.T) {
	const all = "applied applied applied applied applied"
	for _, tt := range []struct {
		name   string
		most   int
		failed int // number of the write that the host refuses
		code   providers.Code
		want   string
		writes []string
	}{
		{"fits", 7, 0, "", all, []string{"@ new b.new old www"}},
		{"one too many", 6, 0, "", all, []string{"@ new b.new www", "old"}},
		{"by twos", 2, 0, "", all, []string{"new b.new", "@", "www", "old"}},
		{"by threes", 3, 0, "", all, []string{"new b.new", "@", "old www"}},
		{
			"an owner is too long", 1, 0, "", "failed/Invalid rejected/Invalid failed/Invalid applied applied",
			[]string{"new", "b.new", "@"},
		},
		{
			"the second conflicts", 2, 2, providers.Conflict, "failed/Conflict conflict/Conflict failed/Conflict applied applied",
			[]string{"new b.new", "@"},
		},
		{
			"the first is refused", 2, 1, providers.Invalid, "failed/Invalid failed/Invalid failed/Invalid rejected/Invalid rejected/Invalid",
			[]string{"new b.new"},
		},
		{
			"the third is rate limited", 2, 3, providers.RateLimited, "failed/RateLimited applied failed/RateLimited applied applied",
			[]string{"new b.new", "@", "www"},
		},
	} {
		for _, cas := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s cas=%t", tt.name, cas), func(t *testing.T) {
				w := begin(t, providers.Caps{Grain: providers.GrainBatch, CAS: cas, MaxBatch: tt.most}, startZone...)
				var edits []zone.Edit
				acct := openWith(t, small{w.host.Driver(), max(tt.most, 1), &edits, func(n int) error {
					if n == tt.failed {
						return &providers.Error{Code: tt.code}
					}
					return nil
				}}, "", providers.Options{Journal: w.journal, Lost: 1})
				changes := fiveChanges(t)
				got := acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
				if s := states(got); s != tt.want {
					t.Errorf("got  %s\nwant %s\n%+v", s, tt.want, got)
				}
				var writes []string
				for _, e := range edits {
					writes = append(writes, owners(e))
				}
				if !slices.Equal(writes, tt.writes) {
					t.Errorf("got writes  %q\nwant writes %q", writes, tt.writes)
				}
				var stands []zone.Change
				for i, o := range got {
					if o.State == providers.Applied {
						stands = append(stands, changes[i])
					}
				}
				w.holds(t, stands...)
				if open := w.open(t); len(open) > 0 {
					t.Error("the run is open, though every outcome is known")
				}
			})
		}
	}
}

// TestMaxBatchConflict: what conflicts with the zone as it was read keeps the
// whole from being written, however many writes it would have been.
func TestMaxBatchConflict(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainBatch, MaxBatch: 2}, startZone...)
	moved := zone.Change{Owner: apex, Remove: recs(t, `@ TXT "v=spf1 -all"`), Add: recs(t, `@ TXT "v=spf1 a -all"`)}
	w.host.Change(apex, moved)
	got := w.acct.Apply(t.Context(), w.zone, fiveChanges(t), &providers.Run{})
	if s := states(got); s != "failed/Conflict conflict/Conflict failed/Conflict failed/Conflict failed/Conflict" || w.host.Writes() > 0 {
		t.Errorf("got %s, %d writes", s, w.host.Writes())
	}
	w.holds(t, moved)
}

// TestMaxBatchRandom: whatever the plan and the limit, no write is longer than
// the limit unless it is of one owner, no owner is in two, and after each the
// zone is the start with some owners as planned.
func TestMaxBatchRandom(t *testing.T) {
	seed := drawtest.Checks(t, drawtest.Times(5000, 500))
	split := 0
	rapid.Check(t, func(rt *rapid.T) {
		var start []zone.Record
		var changes []zone.Change
		for i := range rapid.IntRange(1, 12).Draw(rt, "owners") {
			name := zone.Name(fmt.Sprintf("n%d.%s", i, apex))
			at := func(label string) (out []zone.Record) {
				for _, v := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 4, rapid.ID).Draw(rt, label) {
					if v%2 == 0 {
						out = append(out, zone.NewTXT(name, 300, fmt.Sprint("v", v)))
					} else {
						out = append(out, zone.Record{Name: name, Type: "A", TTL: 300, Data: fmt.Sprint("192.0.2.", v)})
					}
				}
				return out
			}
			before, after := at("before"), at("after")
			start = append(start, before...)
			c := zone.Change{Owner: name, Remove: zone.Subtract(before, after), Add: zone.Subtract(after, before)}
			if len(c.Remove)+len(c.Add) > 0 {
				changes = append(changes, c)
			}
		}
		most := rapid.IntRange(1, 12).Draw(rt, "most")
		host := memory.New(memory.Options{
			Caps:  providers.Caps{Grain: providers.GrainBatch, CAS: rapid.Bool().Draw(rt, "cas"), MaxBatch: most},
			Zones: []zone.Snapshot{zone.NewSnapshot(apex, start)},
		})
		var edits []zone.Edit
		acct := openWith(t, small{host.Driver(), 1 << 20, &edits, nil}, "", providers.Options{Lost: 1})
		z, err := acct.Find(t.Context(), apex)
		if err != nil {
			rt.Fatal(err)
		}
		if got := acct.Apply(t.Context(), z, changes, &providers.Run{}); !providers.Done(got) {
			rt.Fatalf("got %+v", got)
		}
		if got, want := host.Zone(apex).Records, zone.NewSnapshot(apex, start).With(changes...).Records; !slices.Equal(got, want) {
			rt.Fatalf("the zone is %v, want %v", got, want)
		}
		if err := wellCut(edits, most); err != nil {
			rt.Fatal(err)
		}
		if len(edits) > 1 {
			split++
		}
	})
	if t.Logf("seed %d: %d plans were written in several", seed, split); split == 0 {
		t.Error("no plan was too long: nothing was tried")
	}
}

func wellCut(edits []zone.Edit, most int) error {
	seen := map[string]bool{}
	last := 0
	for i, e := range edits {
		of := strings.Fields(owners(e))
		if n := differs(e); n > most && len(of) > 1 {
			return fmt.Errorf("%d records of %d owners in one write", n, len(of))
		}
		for _, o := range of {
			if seen[o] {
				return fmt.Errorf("%s is in two writes", o)
			}
			seen[o] = true
		}
		kind := 1 // both
		switch {
		case without(e.Before, e.After) == 0:
			kind = 0
		case without(e.After, e.Before) == 0:
			kind = 2
		}
		if kind < last {
			return fmt.Errorf("write %d is of kind %d after one of kind %d", i, kind, last)
		}
		last = kind
	}
	return nil
}

// without counts the records that are not among others.
func without(recs, others []zone.Record) (n int) {
	for _, r := range recs {
		if !slices.Contains(others, r) {
			n++
		}
	}
	return n
}
