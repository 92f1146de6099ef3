package namecheap_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestWindow has a stranger edit the zone just before each request of an Apply.
// The host cannot compare and set: what comes between the driver's last read
// and its write is lost, and that alone. Everything earlier is refused or kept.
func TestWindow(t *testing.T) {
	theirs := zone.NewTXT("_acme-challenge."+apex, 600, "theirs")
	stranger := zone.Change{Owner: theirs.Name, Add: []zone.Record{theirs}}
	for i, want := range []struct {
		before string
		state  providers.State
		kept   bool
	}{
		{"the plan's SRV records", providers.Applied, true},
		{"the plan's hosts", providers.Applied, true},
		{"the write's SRV records", providers.Conflicts, true},
		{"the write's hosts", providers.Conflicts, true},
		{"the write", providers.Applied, false},
		{"the read back", providers.Applied, true},
	} {
		t.Run(want.before, func(t *testing.T) {
			f := start(t, namecheaptest.Options{}, mailZone()...)
			n := 0
			f.SetHook(func(*http.Request) {
				if n++; n == i+1 {
					f.Change(apex, stranger)
				}
			})
			o := apply(t, account(t, f, providers.Options{}), challengeChange())[0]
			if kept := zone.Contains(f.Zone(apex).Records, theirs); o.State != want.state || kept != want.kept {
				t.Errorf("%s (%s), their record is there: %t; want %s, %t", o.State, o.Detail, kept, want.state, want.kept)
			}
			if own := zone.Contains(f.Zone(apex).Records, challengeChange().Add[0]); own != (o.State == providers.Applied) {
				t.Errorf("our record is there: %t, and the outcome is %s", own, o.State)
			}
		})
	}
}

// TestWindowLength measures what is left of the window: from the host's answer
// of the last read to its taking of the write.
func TestWindowLength(t *testing.T) {
	for _, c := range []struct {
		name  string
		plans int
		rates []providers.Rate
	}{
		{"without a rate limit", 200, []providers.Rate{}},
		{"with a rate limit that each plan meets", 20, []providers.Rate{{Requests: 2, Per: 20 * time.Millisecond}}},
	} {
		t.Run(c.name, func(t *testing.T) { measureWindow(t, c.plans, c.rates) })
	}
}

func measureWindow(t *testing.T, plans int, rates []providers.Rate) {
	t.Helper()
	f := start(t, namecheaptest.Options{}, mailZone()...)
	acct := account(t, f, providers.Options{Rates: rates})
	var read time.Time
	var windows []time.Duration
	onCommands := func(r *http.Request) {
		if r.ParseForm() != nil {
			return
		}
		switch r.Form.Get("Command") {
		case getHosts:
			read = time.Now()
		case setHosts:
			windows = append(windows, time.Since(read))
		}
	}
	f.SetHook(onCommands)
	for i := range plans {
		r := zone.NewTXT("n."+apex, 600, time.Duration(i).String())
		if o := apply(t, acct, zone.Change{Owner: r.Name, Add: []zone.Record{r}}); !providers.Done(o) {
			t.Fatalf("%+v", o)
		}
		if i == 140 { // below the most that the host holds
			f.Set(zone.NewSnapshot(apex, mailZone()))
		}
	}
	slices.Sort(windows)
	if len(windows) != plans {
		t.Fatalf("%d writes", len(windows))
	}
	t.Logf("between the last read and the write: median %s, longest %s, of %d plans", windows[plans/2], windows[plans-1], plans)
}
