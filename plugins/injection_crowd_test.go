package plugins_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// crowd is the customers of one host, each with an account and a zone.
type crowd struct {
	tap      *tap
	fake     *cloudflaretest.Fake
	accounts []*providers.Account
	zones    []providers.Zone
}

// driven makes n customers, whose accounts are with the driver.
func driven(t *testing.T, d providers.Driver, n int, o providers.Options) *crowd {
	t.Helper()
	c := &crowd{tap: &tap{}, accounts: make([]*providers.Account, n), zones: make([]providers.Zone, n)}
	hosted := make([]cloudflaretest.Zone, n)
	for i := range hosted {
		hosted[i].Snapshot = zone.NewSnapshot(c.apex(i), []zone.Record{zone.NewTXT(c.apex(i), 3600, "theirs")})
	}
	var err error
	c.fake, err = cloudflaretest.Start(cloudflaretest.Options{Zones: hosted})
	started(t, c.fake, err)
	endpoint := httpTap(t, c.tap, c.fake.Endpoint())
	var wg sync.WaitGroup
	places := make(chan int, n)
	for i := range n {
		places <- i
	}
	close(places)
	for range 16 {
		wg.Go(func() {
			for i := range places {
				acct, err := providers.Open(d, led(c.fake.Credentials(), endpoint(fmt.Sprint("customer", i))), o)
				if err == nil {
					c.accounts[i] = acct
					c.zones[i], err = acct.Find(t.Context(), c.apex(i))
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return c
}

func (c *crowd) apex(i int) zone.Name { return zone.Name(fmt.Sprintf("c%d.example", i)) }

// write adds the k-th record to the zone of a customer.
func (c *crowd) write(t *testing.T, i, k int) (zone.Record, providers.Outcome) {
	r := zone.NewTXT(zone.Name(fmt.Sprintf("m%d.%s", k, c.apex(i))), 3600, "ours")
	return r, c.accounts[i].Apply(t.Context(), c.zones[i], []zone.Change{{Owner: r.Name, Add: []zone.Record{r}}}, &providers.Run{})[0]
}

// holds reports whether the zone of a customer holds a record, and what was his.
func (c *crowd) holds(t *testing.T, i int, r zone.Record) bool {
	snap := c.fake.Zone(c.apex(i))
	if len(snap.Set(c.apex(i), "TXT")) != 1 {
		t.Errorf("customer %d has lost his record: %v", i, snap.Records)
	}
	return zone.Contains(snap.Records, r)
}

// TestPacedAfterCrash: a plugin dies while the writes of many accounts are under
// way or wait for others. Their reading back is let in by eight, by sixteen, and
// so on; every outcome is true; and none of them is left behind.
func TestPacedAfterCrash(t *testing.T) {
	n := 600
	switch {
	case os.Getenv("MOORING_LONG") == "1":
		n = 2000
	case raced:
		n = 150
	}
	h, err := plugins.Load(plugins.Options{State: stateDir(t), Carried: transcribed()[:1]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	c := driven(t, h.Drivers()[0], n, providers.Options{Lost: time.Second, ReadBack: 2 * time.Minute})
	x := &paceWatch{host: h, after: n + n/4, old: map[int]bool{}} // most have read their zones, and some have written
	c.tap.set(x.watch)
	var (
		wg       sync.WaitGroup
		outcomes = make([]providers.Outcome, n)
		records  = make([]zone.Record, n)
	)
	for i := range n {
		wg.Go(func() { records[i], outcomes[i] = c.write(t, i, 0) })
	}
	wg.Wait()
	took := time.Since(x.died)
	states := map[providers.State]int{}
	for i, o := range outcomes {
		states[o.State]++
		stands := c.holds(t, i, records[i])
		if o.State != providers.Applied && o.State != providers.Failed || (o.State == providers.Applied) != stands {
			t.Errorf("customer %d is told %+v, and it stands: %t", i, o, stands)
		}
	}
	_, twice := c.tap.seen()
	t.Logf("%d accounts, %d calls under way and %d waiting when the plugin died; then at most %d requests at once until 8 were answered, %d until 24, %d at all; the last account was done %v after it; %v",
		n, x.calls, x.waiting, x.most[0], x.most[1], x.most[2], took.Round(time.Millisecond), states)
	if len(x.tooMany) > 0 || len(twice) > 0 || x.calls+x.waiting < n/2 {
		t.Errorf("more requests under way than calls are let in: %v; written twice: %v; %d calls of %d were there", x.tooMany, twice, x.calls+x.waiting, n)
	}
	if st := h.Status()[0]; st.Crashes != 1 || st.Calls+st.Waiting != 0 {
		t.Errorf("the status is %+v, want one crash and no call", st)
	}
}

// paceWatch kills the plugin at a request, and counts those of the next process.
type paceWatch struct {
	host  *plugins.Host
	after int // requests

	mu             sync.Mutex
	died           time.Time
	pid            int          // of the process that died
	next           bool         // another one is there
	calls, waiting int          // when it died
	old            map[int]bool // requests of the process that died
	now, over      int          // requests under way, and those performed, of the next one
	most           [3]int       // under way, until 8 and 24 were performed, and at all
	tooMany        []string
}

func (x *paceWatch) watch(r request, m moment) (cut bool) {
	x.count(r.n, m)
	if m == lost {
		time.Sleep(5 * time.Millisecond) // as hosts are slow: requests are under way together
	}
	return false
}

// count leaves out what the process that died has sent, which may come a moment
// after its death.
func (x *paceWatch) count(n int, m moment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if m == lost && !x.next {
		x.old[n] = true
		st := x.host.Status()[0]
		switch {
		case n == x.after:
			x.pid, x.calls, x.waiting = st.PID, st.Calls, st.Waiting
			end(x.pid)
			x.died = time.Now()
		case x.pid > 0 && st.PID > 0 && st.PID != x.pid:
			x.next, x.old[n] = true, false
		}
	}
	switch {
	case x.old[n]:
	case m == lost:
		x.now++
		for i, until := range []int{8, 24, math.MaxInt} {
			if x.over < until {
				x.most[i] = max(x.most[i], x.now)
			}
		}
		if limit := paced(int32(x.over)); x.now > int(limit) {
			x.tooMany = append(x.tooMany, fmt.Sprintf("%d after %d", x.now, x.over))
		}
	case m == performed:
		x.now--
		x.over++
	}
}

// TestReloadAccounts: sixteen accounts write while the plugin is replaced by the
// same binary in another version, and again. Nothing fails.
func TestReloadAccounts(t *testing.T) {
	const id = "cloudflare-placed"
	dir := t.TempDir()
	o := plugins.Options{
		Dirs: []string{dir}, Lock: filepath.Join(dir, "plugins.lock.json"), State: stateDir(t),
		Args: map[string][]string{id: {"mooring-plugin", id}},
	}
	install := func(version string) {
		name, err := plugins.FileName(id, version, runtime.GOOS, runtime.GOARCH)
		if err != nil {
			t.Fatal(err)
		}
		copyFile(t, os.Args[0], filepath.Join(dir, name))
		pin(t, o)
	}
	install("1.0.0")
	h := load(t, o)
	c := driven(t, h.Drivers()[0], 16, providers.Options{})
	var (
		wg     sync.WaitGroup
		stop   atomic.Bool
		writes atomic.Int32
		failed atomic.Int32
	)
	for i := range c.accounts {
		wg.Go(func() {
			for k := 0; !stop.Load() && t.Context().Err() == nil; k++ {
				r, got := c.write(t, i, k)
				if got.State != providers.Applied || !c.holds(t, i, r) {
					failed.Add(1)
					t.Errorf("customer %d is told %+v in the upgrade", i, got)
				}
				writes.Add(1)
			}
		})
	}
	first := h.Status()[0]
	versions := []string{"1.1.0", "1.2.0"}
	if raced {
		versions = versions[:1]
	}
	for _, version := range versions {
		install(version)
		if err := h.Reload(); err != nil {
			t.Errorf("Reload to %s: %v", version, err)
		}
		before := writes.Load()
		eventually(t, "the accounts go on", func() bool { return writes.Load() >= before+32 })
		if st := h.Status()[0]; st.Version != version {
			t.Errorf("the version is %s, want %s", st.Version, version)
		}
	}
	stop.Store(true)
	wg.Wait()
	last := h.Status()[0]
	fmt.Fprintf(os.Stdout, "upgrade: %d accounts, %d writes, %d failed, %d processes\n", len(c.accounts), writes.Load(), failed.Load(), last.Starts)
	if last.PID == first.PID || last.Starts != 1+len(versions) || last.Crashes != 0 {
		t.Errorf("the status is %+v, want the last of %d processes without a crash", last, 1+len(versions))
	}
}
