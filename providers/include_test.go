package providers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

const sub = "_spf-1." + apex

// policies is merges and undos that write an include and what it leads to, or
// take both away.
func policies(t *testing.T) map[string]struct {
	before  []string
	changes []zone.Change
} {
	old, merged := `@ TXT "v=spf1 mx -all"`, `@ TXT "v=SPF1 mx ?Include:_spf-1." "customer.example. -all"`
	part, other := `_spf-1 TXT "v=spf1 ?ip4:192.0.2.1 -all"`, `_spf-1 TXT "token"`
	redirect, alias := `@ TXT "v=spf1 redirect=_spf-1.customer.example"`, `_spf-1 CNAME old.example.`
	apexTo := func(before, after string) zone.Change {
		c := zone.Change{Owner: apex, Add: recs(t, after)}
		if before != "" {
			c.Remove = recs(t, before)
		}
		return c
	}
	come := zone.Change{Owner: sub, Add: recs(t, part)}
	gone := zone.Change{Owner: sub, Remove: recs(t, part)}
	return map[string]struct {
		before  []string
		changes []zone.Change
	}{
		"merge":                      {[]string{old}, []zone.Change{apexTo(old, merged), come}},
		"new":                        {nil, []zone.Change{apexTo("", merged), come}},
		"new, redirect":              {nil, []zone.Change{apexTo("", redirect), come}},
		"beside another text":        {[]string{old, other}, []zone.Change{apexTo(old, merged), come}},
		"new, beside another text":   {[]string{other}, []zone.Change{apexTo("", merged), come}},
		"in place of an alias":       {[]string{old, alias}, []zone.Change{apexTo(old, merged), {Owner: sub, Remove: recs(t, alias), Add: recs(t, part)}}},
		"in place of another text":   {[]string{old, other}, []zone.Change{apexTo(old, merged), {Owner: sub, Remove: recs(t, other), Add: recs(t, part)}}},
		"undo":                       {[]string{merged, part}, []zone.Change{apexTo(merged, old), gone}},
		"undo, beside another text":  {[]string{merged, part, other}, []zone.Change{apexTo(merged, old), gone}},
		"undo, another text instead": {[]string{merged, part}, []zone.Change{apexTo(merged, old), {Owner: sub, Remove: recs(t, part), Add: recs(t, other)}}},
		"undo of the whole":          {[]string{merged, part}, []zone.Change{{Owner: apex, Remove: recs(t, merged)}, gone}},
		"undo of a redirect":         {[]string{redirect, part}, []zone.Change{apexTo(redirect, old), gone}},
		"undo of an alias":           {[]string{merged, part}, []zone.Change{apexTo(merged, old), {Owner: sub, Remove: recs(t, part), Add: recs(t, alias)}}},
	}
}

// dangling reports whether the policy of a zone leads to one that is not there.
func dangling(z zone.Snapshot) bool {
	leads := slices.ContainsFunc(z.Set(apex, "TXT"), func(r zone.Record) bool { return strings.Contains(r.Text(), string(sub)) })
	there := slices.ContainsFunc(z.Set(sub, "TXT"), func(r zone.Record) bool { return strings.HasPrefix(r.Text(), "v=spf1") })
	return leads && !there
}

// TestIncludes: whatever the host's grain and whichever write fails in whatever
// way, between any two writes and in the end no policy includes one that is not
// there, which would fail all mail.
func TestIncludes(t *testing.T) {
	for name, tt := range policies(t) {
		for _, grain := range []providers.Caps{
			{Grain: providers.GrainRecord},
			{Grain: providers.GrainRRset},
			{Grain: providers.GrainBatch, MaxBatch: 1},
			{Grain: providers.GrainBatch, MaxBatch: 2},
			{Grain: providers.GrainBatch},
		} {
			for fault, f := range map[string]memory.Fault{"refused": memory.Refused(providers.Invalid), "lost": memory.Lost(false), "landed": memory.Lost(true), "limited": memory.RateLimited(0)} {
				for n := range 5 { // no write fails, or the first, or the second...
					for _, changes := range [][]zone.Change{tt.changes, {tt.changes[1], tt.changes[0]}} {
						w := begin(t, grain, tt.before...)
						if n > 0 {
							w.host.FailWrite(n, f)
						}
						var seen []bool
						w.host.SetHooks(memory.Hooks{After: func(int, zone.Edit) error {
							seen = append(seen, dangling(w.host.Zone(apex)))
							return nil
						}})
						got := w.acct.Apply(t.Context(), w.zone, changes, &providers.Run{})
						if slices.Contains(seen, true) || dangling(w.host.Zone(apex)) {
							t.Errorf("%s, %s by %d, write %d %s: a policy includes what is not there: %s, %v", name, grain.Grain, grain.MaxBatch, n, fault, states(got), seen)
						}
						if n == 0 && !providers.Done(got) {
							t.Errorf("%s, %s by %d: %s", name, grain.Grain, grain.MaxBatch, fmt.Sprint(got))
						}
					}
				}
			}
		}
	}
}

// TestIncludesConflict: what goes with a change that conflicts is not written
// either, and the outcome says so.
func TestIncludesConflict(t *testing.T) {
	all := policies(t)
	merge, undo := all["merge"], all["undo"]
	merge.changes[1].Absent = []string{"CNAME"}
	edited := `@ TXT "v=spf1 a include:_spf-1.customer.example -all"`
	for _, grain := range stepwise {
		for name, tt := range map[string]struct {
			before  []string
			changes []zone.Change
			theirs  zone.Change
			want    string
		}{
			"an alias came": {merge.before, merge.changes, zone.Change{Owner: sub, Add: recs(t, `_spf-1 CNAME old.example.`)}, "failed/Conflict conflict/Conflict"},
			"the policy was edited, and includes it still": {
				undo.before, undo.changes, zone.Change{Owner: apex, Remove: undo.changes[0].Remove, Add: recs(t, edited)}, "conflict/Conflict failed/Conflict",
			},
			"the policy was edited, and includes it no more": {
				undo.before, undo.changes, zone.Change{Owner: apex, Remove: undo.changes[0].Remove, Add: recs(t, `@ TXT "v=spf1 a -all"`)}, "conflict/Conflict applied",
			},
		} {
			t.Run(name+"/"+string(grain), func(t *testing.T) {
				w := begin(t, providers.Caps{Grain: grain}, tt.before...)
				w.host.Change(apex, tt.theirs)
				got := w.acct.Apply(t.Context(), w.zone, tt.changes, &providers.Run{})
				if s := states(got); s != tt.want {
					t.Errorf("got  %s\nwant %s\n%+v", s, tt.want, got)
				}
				for _, o := range got {
					if o.State == providers.Failed && !strings.Contains(o.Detail, "not written: it goes with") {
						t.Errorf("%s: %s", o.Owner, o.Detail)
					}
				}
				if dangling(w.host.Zone(apex)) {
					t.Error("the policy includes what is not there")
				}
			})
		}
	}
}
