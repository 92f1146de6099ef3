package godaddy_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/internal/drawtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestWindow lets somebody else edit the very RRset that a run edits, before
// each of its requests in turn. The host compares nothing: an edit that falls
// between the driver's own read and its write is lost, and every other one is
// kept or makes the run stop.
func TestWindow(t *testing.T) {
	stranger := zone.Change{Owner: apex, Add: []zone.Record{txt("@", "the stranger's")}}
	for _, c := range []struct {
		name, request string
		at            int
		state         providers.State
		kept          bool
	}{
		{"before the account reads", "GET /v1/domains/customer.example/records", 1, providers.Applied, true},
		{"before the driver reads", "GET /v1/domains/customer.example/records/TXT/@", 2, providers.Conflicts, true},
		{"before the driver writes", "PUT /v1/domains/customer.example/records/TXT/@", 3, providers.Applied, false},
		{"before the account reads back", "GET /v1/domains/customer.example/records", 4, providers.Applied, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
			var asked []string
			fake.SetHook(func(r *http.Request) {
				if asked = append(asked, r.Method+" "+r.URL.Path); len(asked) == c.at {
					fake.Change(apex, stranger)
				}
			})
			o := open(t, fake, fake.Credentials(), providers.Options{}).Apply(t.Context(), home(), []zone.Change{{Owner: apex, Add: []zone.Record{txt("@", "mine")}}}, &providers.Run{})[0]
			if o.State != c.state {
				t.Errorf("the outcome is %+v, want %s", o, c.state)
			}
			if len(asked) < c.at || asked[c.at-1] != c.request {
				t.Errorf("the requests are %q, want %q to be the one", asked, c.request)
			}
			now := fake.Zone(apex).Set(apex, "TXT")
			if kept := slices.Contains(now, stranger.Add[0]); kept != c.kept {
				t.Errorf("the stranger's value is kept: %t, want %t", kept, c.kept)
			}
			for _, r := range site().Set(apex, "TXT") {
				if !slices.Contains(now, r) {
					t.Errorf("%s is lost", r)
				}
			}
		})
	}
}

// TestWindowWidth measures how long that is, on a host that takes no time of its
// own.
func TestWindowWidth(t *testing.T) {
	seed := drawtest.Seed(t)
	fake := start(t, godaddytest.Options{})
	var mu sync.Mutex
	var read time.Time
	var widths, whole []time.Duration
	fake.SetHook(func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.Method == http.MethodGet:
			read = time.Now()
		case strings.Contains(r.URL.Path, "/records/"):
			widths = append(widths, time.Since(read))
		}
	})
	for i := range 200 {
		snap, changes := newDraw(seed, i).plan()
		fake.Set(snap)
		var run providers.Run
		if o := open(t, fake, fake.Credentials(), providers.Options{}).Apply(t.Context(), home(), changes, &run); !providers.Done(o) {
			t.Fatalf("plan %d: %+v", i, o)
		}
		if run.End != nil {
			whole = append(whole, run.End.Window)
		}
	}
	if len(widths) < 200 || len(whole) < 100 {
		t.Fatalf("%d writes of %d runs were measured", len(widths), len(whole))
	}
	slices.Sort(widths)
	slices.Sort(whole)
	t.Logf("from the driver's last read to its write, as they reach the host: median %s, max %s of %d writes; of a whole run: median %s, max %s of %d runs",
		widths[len(widths)/2], widths[len(widths)-1], len(widths), whole[len(whole)/2], whole[len(whole)-1], len(whole))
}
