package cloudflare_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// stranger is somebody else's edit at the name that a run is about.
type stranger struct {
	name string
	edit func(f *cloudflaretest.Fake) error
	want []string // what must stand at the end where nothing is lost
}

var old, ours = rec("t", "TXT", `"old"`), rec("t", "TXT", `"ours"`)

func strangers() []stranger {
	return []stranger{
		{"changes the value where it stands", func(f *cloudflaretest.Fake) error { return f.Edit(apex, old, rec("t", "TXT", `"theirs"`)) }, []string{`"theirs"`}},
		{"removes the value and makes another", func(f *cloudflaretest.Fake) error {
			f.Change(apex, zone.Change{Owner: at("t"), Remove: []zone.Record{old}, Add: []zone.Record{rec("t", "TXT", `"theirs"`)}})
			return nil
		}, []string{`"theirs"`}},
		{"adds a value beside it", func(f *cloudflaretest.Fake) error {
			f.Change(apex, zone.Change{Owner: at("t"), Add: []zone.Record{rec("t", "TXT", `"theirs"`)}})
			return nil
		}, []string{`"theirs"`}},
	}
}

// TestWindow has a stranger edit the RRset that a run replaces a value of, before
// each request of the run: before the zone is read, between that and the driver's
// own comparison, between that and the write, and after it.
func TestWindow(t *testing.T) {
	const read, compare, write, after = 1, 2, 3, 4
	names := map[int]string{read: "before the zone is read", compare: "before the driver compares", write: "before the batch", after: "after the batch"}
	for _, s := range strangers() {
		for _, when := range []int{read, compare, write, after} {
			t.Run(s.name+" "+names[when], func(t *testing.T) {
				p := newPlace(t, old)
				z := p.find()
				before, came := p.fake.Requests(), 0
				p.fake.SetHook(func(*http.Request) {
					if came = p.fake.Requests() - before; came == when {
						if when == after { // what the run wrote is what they find
							p.fake.Change(apex, zone.Change{Owner: at("t"), Add: []zone.Record{rec("t", "TXT", `"theirs"`)}})
						} else if err := s.edit(p.fake); err != nil {
							t.Error(err)
						}
					}
				})
				out := p.acct.Apply(t.Context(), z, []zone.Change{{Owner: at("t"), Remove: []zone.Record{old}, Add: []zone.Record{ours}}}, &providers.Run{})
				p.fake.SetHook(nil)
				held := p.set("t", "TXT")
				lost := !slices.Contains(held, `"theirs"`)
				t.Logf("%s %s: %s, it holds %q, lost: %t", s.name, names[when], out[0].State, held, lost)
				// The one place where the API lets an edit be lost.
				if expect := when == write && s.name == strangers()[0].name; lost != expect {
					t.Errorf("lost: %t, want %t", lost, expect)
				}
				if when == compare && out[0].State != providers.Conflicts {
					t.Errorf("the driver compares, and the outcome is %+v", out[0])
				}
				if applied := slices.Contains(held, `"ours"`); applied != (out[0].State == providers.Applied) {
					t.Errorf("ours stands: %t, and the outcome is %+v", applied, out[0])
				}
			})
		}
	}
}

// TestWindowLength measures the time in which a stranger's edit can be lost: from
// the arrival of the driver's own reading at the host to that of its batch.
func TestWindowLength(t *testing.T) {
	const runs = 200
	p := newPlace(t, old)
	z := p.find()
	var mu sync.Mutex
	var last time.Time
	var windows []time.Duration
	p.fake.SetHook(func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == http.MethodGet {
			last = time.Now()
		} else if strings.HasSuffix(r.URL.Path, "/batch") {
			windows = append(windows, time.Since(last))
		}
	})
	from := old
	for n := range runs {
		to := rec("t", "TXT", fmt.Sprintf(`"%d"`, n))
		if err := done(p.acct.Apply(t.Context(), z, []zone.Change{{Owner: at("t"), Remove: []zone.Record{from}, Add: []zone.Record{to}}}, &providers.Run{})); err != nil {
			t.Fatal(err)
		}
		from = to
	}
	if len(windows) != runs {
		t.Fatalf("%d batches, want %d", len(windows), runs)
	}
	slices.Sort(windows)
	t.Logf("between the driver's reading and its batch, %d runs on loopback: median %s, 99th percentile %s, longest %s",
		runs, windows[runs/2], windows[runs*99/100], windows[runs-1])
}
