package godaddy_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestPagesMove: a zone that changes between two pages is read again, and given
// up where it does so each time.
func TestPagesMove(t *testing.T) {
	for _, byRow := range []bool{false, true} {
		for _, moves := range []int{1, 100} {
			var recs []zone.Record
			for i := range 700 {
				recs = append(recs, rec(fmt.Sprintf("h%04d", i), "A", "192.0.2.1"))
			}
			fake := start(t, godaddytest.Options{ByRow: byRow, Zones: []zone.Snapshot{zone.NewSnapshot(apex, recs)}})
			n := 0
			fake.SetHook(func(r *http.Request) {
				// What is new stands in front, so that the last record of the
				// page before comes again.
				if r.URL.Query().Get("offset") != "" && n < moves {
					n++
					snap := fake.Zone(apex)
					fake.Set(zone.Snapshot{Zone: apex})
					fake.Set(zone.NewSnapshot(apex, append([]zone.Record{rec(fmt.Sprintf("a%03d", n), "A", "192.0.2.1")}, snap.Records...)))
				}
			})
			got, err := session(t, fake).Read(t.Context(), home())
			switch {
			case moves == 1 && (err != nil || differ(got, fake.Zone(apex)) != ""):
				t.Errorf("by row %t, once: %v %s", byRow, err, differ(got, fake.Zone(apex)))
			case moves > 1 && (providers.CodeOf(err) != providers.Unavailable || !strings.Contains(err.Error(), "changed while")):
				t.Errorf("by row %t, each time: %d records, %v; want it given up", byRow, len(got.Records), err)
			}
		}
	}
}

// rows is so many records as the API shows them, and a name server before them.
func rows(n int) []string {
	out := []string{nameServer}
	for i := range n - 1 {
		out = append(out, fmt.Sprintf(`{"type":"A","name":"h%04d","data":"192.0.2.1","ttl":600}`, i))
	}
	return out
}

// whole wants a reading to be what the host holds.
func whole(t *testing.T, fake *godaddytest.Fake) {
	t.Helper()
	got, err := session(t, fake).Read(t.Context(), home())
	if wrong := differ(got, fake.Zone(apex)); err != nil || wrong != "" {
		t.Errorf("%v; %d of %d records;%.300s", err, len(got.Records), len(fake.Zone(apex).Records), wrong)
	}
}

// TestPageDelete: a record of the first page that goes before the second is read
// moves another over their border, where neither page shows it.
func TestPageDelete(t *testing.T) {
	victim := rec("h003", "A", "192.0.2.3")
	for _, byRow := range []bool{false, true} {
		for at := 2; at < 8; at++ {
			fake := long(t, byRow)
			n := 0
			fake.SetHook(func(*http.Request) {
				if n++; n == at {
					fake.Change(apex, zone.Change{Owner: victim.Name, Remove: []zone.Record{victim}})
				}
			})
			got, err := session(t, fake).Read(t.Context(), home())
			if len(got.Records) != 701 && len(got.Records) != 702 || err != nil {
				t.Fatalf("by row %t, before request %d: %d records, %v", byRow, at, len(got.Records), err)
			}
			before := fake.Zone(apex).With(zone.Change{Owner: victim.Name, Add: []zone.Record{victim}})
			if now, then := differ(got, fake.Zone(apex)), differ(got, before); now != "" && then != "" {
				t.Errorf("by row %t, before request %d: it never was so: %s", byRow, at, now)
			}
		}
	}
}

// TestAbsentMoved: what must be absent is seen, though it moved between pages.
func TestAbsentMoved(t *testing.T) {
	fake := long(t, false)
	victim := rec("h003", "A", "192.0.2.3")
	n := 0
	fake.SetHook(func(*http.Request) {
		if n++; n == 2 {
			fake.Change(apex, zone.Change{Owner: victim.Name, Remove: []zone.Record{victim}})
		}
	})
	e := zone.Edit{After: []zone.Record{txt("h499", "mine")}, Absent: []zone.Key{{Name: name("h499"), Type: "A"}}}
	if err := session(t, fake).Write(t.Context(), home(), e); providers.CodeOf(err) != providers.Conflict || fake.Writes() != 0 {
		t.Errorf("%v after %d writes, want Conflict", err, fake.Writes())
	}
}

// TestLaterPageRefused: a refusal of a later page is not the end of the list,
// unless it is about the offset.
func TestLaterPageRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault httpapitest.Fault
		once  bool           // it is read whole if the fault comes but once
		code  providers.Code // if it always comes
	}{
		{"unknown domain", httpapitest.Fault{Status: 422, Body: `{"code":"UNKNOWN_DOMAIN","message":"The given domain is not registered"}`}, false, providers.NoSuchZone},
		{"another parameter", httpapitest.Fault{Status: 422, Body: `{"code":"INVALID_BODY","fields":[{"path":"limit","message":"x"}]}`}, true, providers.Unavailable},
		{"no JSON", httpapitest.Fault{Status: 422, Body: `nonsense`}, true, providers.Unavailable},
		{"nothing", httpapitest.Fault{Status: 422, Body: " "}, true, providers.Unavailable},
		{"a page of a proxy", httpapitest.Fault{Status: 422, HTML: true}, false, providers.Unavailable},
		{"broken", httpapitest.Fault{Status: 500, Body: `{}`}, false, providers.Unavailable},
		{"an empty object", httpapitest.Fault{Status: 200, Body: `{}`}, false, providers.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := long(t, false)
			fake.FailNext(2, c.fault)
			if c.once {
				whole(t, fake)
			} else if got, err := session(t, fake).Read(t.Context(), home()); providers.CodeOf(err) != c.code || len(got.Records) > 0 {
				t.Errorf("once: %v, %d records; want %s", err, len(got.Records), c.code)
			}
			fake.SetFault(httpapitest.Fault{})
			for n := range 10 {
				fake.FailNext(2*n+2, c.fault)
			}
			if got, err := session(t, fake).Read(t.Context(), home()); providers.CodeOf(err) != c.code || len(got.Records) > 0 {
				t.Errorf("always: %v, %d records; want %s", err, len(got.Records), c.code)
			}
		})
	}
}

// TestBeyond: however the host answers beyond its last page, every length of a
// list around that of its pages is read whole, and a list that one page holds for
// certain in one request.
func TestBeyond(t *testing.T) {
	type paged struct {
		size   int
		byRow  bool
		beyond godaddytest.Beyond
		n      int
	}
	var all []paged
	for _, size := range []int{0, 20, 50, 100} {
		for _, byRow := range []bool{false, true} {
			for _, beyond := range []godaddytest.Beyond{godaddytest.BeyondNamed, godaddytest.BeyondMute, godaddytest.BeyondEmpty} {
				for _, n := range []int{1, 3, 19, 20, 21, 39, 40, 41, 100, 101, 199, 200, 380, 499, 500, 501, 998, 1000} {
					all = append(all, paged{size, byRow, beyond, n})
				}
			}
		}
	}
	order := rand.New(rand.NewPCG(drawtest.Seed(t), 0)).Perm(len(all))
	for _, i := range order[:drawtest.Times(len(all), len(all))] {
		c := all[i]
		t.Run(fmt.Sprintf("pages of %d, by row %t, beyond %d, %d records", c.size, c.byRow, c.beyond, c.n), func(t *testing.T) {
			fake := start(t, godaddytest.Options{PageSize: c.size, ByRow: c.byRow, Beyond: c.beyond})
			fake.SetLines(apex, rows(c.n)...)
			whole(t, fake)
			want := 0 // any
			switch {
			case c.size == 0 && c.n%10 != 0 && c.n < 500:
				want = 1
			case c.size == 0 && slices.Contains([]int{20, 100, 200, 500}, c.n) && (c.byRow || c.beyond != godaddytest.BeyondMute):
				want = 2
			}
			if want > 0 && fake.Requests() != want {
				t.Errorf("%d requests, want %d", fake.Requests(), want)
			}
		})
	}
}

// TestShortPage: a page that is shorter than it was asked for does not end a list
// where it is of a length that hosts cut pages to.
func TestShortPage(t *testing.T) {
	fake := long(t, false)
	fake.FailNext(1, httpapitest.Fault{Body: "[" + strings.Join(fake.Lines(apex)[:100], ",") + "]"})
	whole(t, fake)
}

// TestPageOfAnySize: a host that heeds no limit, and refuses every page but the
// first one, shows no list to its end, however often it is read.
func TestPageOfAnySize(t *testing.T) {
	fake := start(t, godaddytest.Options{})
	first := httpapitest.Fault{Body: "[" + strings.Join(rows(100), ",") + "]"}
	for n := range 10 {
		fake.FailNext(2*n+1, first)
		fake.FailNext(2*n+2, httpapitest.Fault{Status: 422, Body: `{"code":"INVALID_BODY"}`})
	}
	if got, err := session(t, fake).Read(t.Context(), home()); providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("%d records, %v; want Unavailable", len(got.Records), err)
	}
}

// TestSameOnTwoPages: one value twice, on two pages, is no sign of a list that
// changes, nor of pages that are counted by record.
func TestSameOnTwoPages(t *testing.T) {
	for _, c := range []struct {
		name     string
		n        int
		from, to int
	}{
		{"anywhere", 700, 10, 600},
		{"the third, and the first of the second page", 601, 2, 500},
		{"the third, and all of the second page", 501, 2, 500},
	} {
		for _, byRow := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by row %t", c.name, byRow), func(t *testing.T) {
				lines := rows(c.n)
				lines[c.to] = lines[c.from]
				fake := start(t, godaddytest.Options{ByRow: byRow})
				fake.SetLines(apex, lines...)
				whole(t, fake)
			})
		}
	}
}
