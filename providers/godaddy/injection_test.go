package godaddy_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// injections is every way in which a request can go wrong.
func injections() map[string]httpapitest.Fault {
	const again = `{"code":"TOO_MANY_REQUESTS","message":"Too many requests received within interval"}`
	return map[string]httpapitest.Fault{
		"too many":              {Status: 429, Body: again},
		"too many, wait":        {Status: 429, Body: again, RetryAfter: "1"},
		"broken":                {Status: 500, Body: `{"code":"INTERNAL_SERVER_ERROR","message":"Internal server error"}`},
		"gateway timeout":       {Status: 504, Body: `{"code":"GATEWAY_TIMEOUT","message":"timeout"}`},
		"a page":                {Status: 502, HTML: true},
		"a page as success":     {Status: 200, HTML: true},
		"denied":                {Status: 403, Body: `{"code":"ACCESS_DENIED","message":"Authenticated user is not allowed access"}`},
		"half":                  {Land: true, Half: true},
		"landed and lost":       {Land: true, Drop: true},
		"landed and broken":     {Land: true, Status: 500, HTML: true},
		"landed and slow":       {Land: true, Delay: 20 * time.Millisecond},
		"lost":                  {Drop: true},
		"slow":                  {Delay: 20 * time.Millisecond},
		"slow beyond any limit": {Delay: time.Hour},
		"unknown domain":        {Status: 404, Body: `{"code":"UNKNOWN_DOMAIN","message":"The given domain is not registered, or does not have a zone file"}`},
	}
}

// apart makes two plans of one: the second is of somebody else, who adds a text
// of his own at each of the plan's owners that has room for one, and elsewhere.
func (d draw) apart(changes []zone.Change) []zone.Change {
	other := []zone.Change{{Owner: name("other"), Add: []zone.Record{txt("other", "of the other")}}}
	for _, c := range changes {
		if len(c.Absent) == 0 && d.IntN(2) == 0 {
			other = append(other, zone.Change{Owner: c.Owner, Add: []zone.Record{zone.NewTXT(c.Owner, 3600, "of the other")}})
		}
	}
	return other
}

// injection is one trial: two accounts at work on one zone, and a host that
// misbehaves once or all the time from some request on.
type injection struct {
	fake    *godaddytest.Fake
	before  zone.Snapshot
	plans   [2][]zone.Change
	what    string
	results [2][]providers.Outcome
}

func (x *injection) run(t *testing.T, d draw, lease providers.Lease) {
	snap, changes := d.plan()
	x.fake.Set(snap)
	x.before, x.plans = x.fake.Zone(apex), [2][]zone.Change{changes, d.apart(changes)}
	at := 1 + d.IntN(30)
	kinds := injections()
	names := slices.Sorted(maps.Keys(kinds))
	x.what = names[d.IntN(len(names))]
	patience := time.Minute
	if f := kinds[x.what]; f.Delay > time.Second || f.RetryAfter != "" { // these alone are waited for
		patience = 150 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for n := at; n < at+1+d.IntN(2)*d.IntN(12); n++ { // once, or a storm
		x.fake.FailNext(n, kinds[x.what])
	}
	if d.IntN(4) == 0 {
		end := int64(1 + d.IntN(30))
		x.what += fmt.Sprintf(", and the caller gives up at request %d", end)
		var seen atomic.Int64
		x.fake.SetHook(func(*http.Request) {
			if seen.Add(1) == end {
				cancel()
			}
		})
	}
	x.what = fmt.Sprintf("%s from request %d on", x.what, at)
	var wg sync.WaitGroup
	for i := range x.plans {
		acct := open(t, x.fake, x.fake.Credentials(), providers.Options{Lease: lease, ReadBack: 60 * time.Millisecond})
		wg.Go(func() { x.results[i] = acct.Apply(ctx, home(), x.plans[i], &providers.Run{}) })
	}
	wg.Wait()
	x.fake.SetHook(nil)
	x.fake.SetFault(httpapitest.Fault{})
}

// judge wants every outcome to be true of the zone, every RRset whole, and all
// else as it was.
func (x *injection) judge(count map[providers.State]int) error {
	after := x.fake.Zone(apex)
	var add, remove []zone.Record
	for i, plan := range x.plans {
		for k, c := range plan {
			o := x.results[i][k]
			count[o.State]++
			if err := truth(o, c, x.before, after); err != nil {
				return fmt.Errorf("%s: %+v: %w", c.Owner, o, err)
			}
			add, remove = append(add, c.Add...), append(remove, c.Remove...)
		}
	}
	for _, r := range x.before.Records {
		if !slices.Contains(after.Records, r) && !slices.Contains(remove, r) {
			return fmt.Errorf("%s is lost", r)
		}
	}
	for _, r := range after.Records {
		if !slices.Contains(x.before.Records, r) && !slices.Contains(add, r) {
			return fmt.Errorf("%s has come from nowhere", r)
		}
	}
	return nil
}

// truth compares an outcome with the zone.
func truth(o providers.Outcome, c zone.Change, before, after zone.Snapshot) error {
	at := after.At(c.Owner)
	stands := func(r zone.Record) bool { return slices.Contains(at, r) }
	byType := map[string][2]int{} // of each type: done, and to do
	done, todo := 0, 0
	note := func(r zone.Record, ok bool) {
		n := byType[r.Type]
		n[1]++
		todo++
		if ok {
			n[0]++
			done++
		}
		byType[r.Type] = n
	}
	for _, r := range c.Add {
		note(r, stands(r))
	}
	for _, r := range c.Remove {
		if !slices.ContainsFunc(c.Add, r.SameData) {
			note(r, !zone.Contains(at, r))
		}
	}
	for typ, n := range byType {
		if n[0] != 0 && n[0] != n[1] {
			return fmt.Errorf("the RRset of %s is half done: %d of %d", typ, n[0], n[1])
		}
	}
	switch o.State {
	case providers.Applied, providers.Unchanged:
		if done != todo {
			return fmt.Errorf("%d of %d is done", done, todo)
		}
	case providers.Unknown:
	default:
		part := zone.Change{}
		if o.Part != nil {
			part = *o.Part
		}
		for _, r := range c.Add { // of a value that takes another TTL alone, a part says nothing
			if was := zone.Contains(before.At(c.Owner), r); !was && stands(r) != slices.Contains(part.Add, r) {
				return fmt.Errorf("%s stands: %t, and the outcome says otherwise", r, stands(r))
			}
		}
		for _, r := range c.Remove {
			if gone := !zone.Contains(at, r); gone != zone.Contains(part.Remove, r) && !slices.ContainsFunc(c.Add, r.SameData) {
				return fmt.Errorf("%s is gone: %t, and the outcome says otherwise", r, gone)
			}
		}
	}
	return nil
}

// TestInjections: whatever goes wrong, each edit is whole or absent, and the
// outcome says which, or that it does not know.
func TestInjections(t *testing.T) {
	seed := drawtest.Seed(t)
	count := map[providers.State]int{}
	fake := start(t, godaddytest.Options{})
	lease := providers.LeaseDir(t.TempDir())
	n := drawtest.Times(500, 100)
	for i := range n {
		x := injection{fake: fake}
		x.run(t, newDraw(seed, i), lease)
		if err := x.judge(count); err != nil {
			t.Fatalf("injection %d, %s: %v", i, x.what, err)
		}
	}
	t.Logf("%d injections, outcomes %v", n, count)
	if count[providers.Applied] == 0 || count[providers.Failed] == 0 {
		t.Error("these injections reach too little")
	}
}
