package connect_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const (
	customer = zone.Name("customer.example")
	patience = 30 * time.Second // for what takes milliseconds on a machine that is not busy
)

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/walk/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func zoneOf(t testing.TB, text string) zone.Snapshot {
	t.Helper()
	s, err := zone.ReadText(strings.NewReader(text), zone.Root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// intents is what the example's configuration asks for.
func intents(t testing.TB) []plan.Intent {
	t.Helper()
	cfg, err := entri.Parse([]byte(read(t, "config.json")))
	if err != nil {
		t.Fatal(err)
	}
	want, err := cfg.Intents(entri.HostOptions{}, entri.Facts{Domain: string(customer)})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// lines is records as the example writes them, without the SOA record.
func lines(recs []zone.Record) []string {
	var out []string
	for _, r := range recs {
		if r.Type == "SOA" {
			continue
		}
		data := r.Data
		if r.Type == "TXT" {
			data = r.Text()
		}
		out = append(out, r.Name.FQDN()+" "+r.Type+" "+data)
	}
	slices.Sort(out)
	return out
}

type expectation struct{ Removed, Added []string }

// expected is what the example says must differ, keys spelled out.
func expected(t testing.TB) expectation {
	t.Helper()
	var x expectation
	if err := json.Unmarshal([]byte(read(t, "expect.json")), &x); err != nil {
		t.Fatal(err)
	}
	for i, l := range x.Added {
		if head, ok := strings.CutSuffix(l, "p=(the 2048-bit key)"); ok {
			_, key, _ := strings.Cut(intents(t)[4].Value, "p=")
			x.Added[i] = head + "p=" + key
		}
	}
	slices.Sort(x.Added)
	slices.Sort(x.Removed)
	return x
}

// difference is the lines of a that b lacks.
func difference(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(l string) bool { return slices.Contains(b, l) })
}

// site is one way to host the example: an engine, credentials, and the zone as
// its host holds it.
type host struct {
	engine *connect.Engine
	creds  providers.Credentials
	zone   func() zone.Snapshot
	edit   func(...zone.Change)
	events *[]connect.Event
}

// dnsHost is verifytest with two name servers, written through rfc2136.
func dnsHost(t testing.TB, driver rfc2136.Driver) (host, *verifytest.World) {
	t.Helper()
	key := verifytest.Key{Name: "test.key", Algorithm: "hmac-sha256", Secret: "bW9vcmluZy10ZXN0LWtleS0wMTIzNDU2Nzg5YWJjZGU="}
	w := verifytest.New(t, verifytest.Options{Text: []string{read(t, "zone.txt"), read(t, "app.example.txt")}, Keys: []verifytest.Key{key}})
	h := host{
		creds: providers.Credentials{"server": w.Servers()[0].Addr().String(), "key_name": key.Name, "key_alg": key.Algorithm, "key": key.Secret},
		zone:  func() zone.Snapshot { return w.Zone(customer) },
		edit:  func(c ...zone.Change) { w.Change(customer, c...) },
	}
	h.engine, h.events = engine(t, driver, providers.JournalDir(t.TempDir()), verify.Options{Start: w.Start(), Map: w.Map, MinDelay: 10 * time.Millisecond, Timeout: patience})
	return h, w
}

// memoryHost is a host of any kind in memory; DNS shows the zone as it was.
func memoryHost(t testing.TB, o memory.Options, journal providers.Journal) (host, *memory.Host) {
	t.Helper()
	w := verifytest.New(t, verifytest.Options{Text: []string{read(t, "zone.txt"), read(t, "app.example.txt")}})
	o.Zones = []zone.Snapshot{zoneOf(t, read(t, "zone.txt"))}
	o.NameServers = []string{"ns?.customer.example"}
	m := memory.New(o)
	h := host{
		zone: func() zone.Snapshot { return m.Zone(customer) },
		edit: func(c ...zone.Change) { m.Change(customer, c...) },
	}
	h.engine, h.events = engine(t, m.Driver(), journal, verify.Options{Start: w.Start(), Map: w.Map, MinDelay: 10 * time.Millisecond, Timeout: patience})
	return h, m
}

func engine(t testing.TB, d providers.Driver, j providers.Journal, v verify.Options) (*connect.Engine, *[]connect.Event) {
	t.Helper()
	events := &[]connect.Event{}
	e, err := connect.New(connect.Options{
		Drivers: []providers.Driver{d}, Journal: j, Lost: time.Millisecond, Verify: v,
		Event: func(ev connect.Event) { *events = append(*events, ev) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, events
}

func (h host) detect(t testing.TB) connect.Site {
	t.Helper()
	site, err := h.engine.Detect(t.Context(), string(customer))
	if err != nil {
		t.Fatal(err)
	}
	if site.SetupType == connect.Manual {
		if site, err = h.engine.Use(site, "rfc2136"); err != nil {
			t.Fatal(err)
		}
	}
	return site
}

func (h host) prepare(t testing.TB, want []plan.Intent) connect.Plan {
	t.Helper()
	p, err := h.engine.Prepare(t.Context(), h.detect(t), h.creds, want, plan.TakeDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (h host) apply(t testing.TB, p connect.Plan) connect.Run {
	t.Helper()
	run, err := h.engine.Apply(t.Context(), h.creds, p)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func (h host) wait(t testing.TB, run connect.Run) connect.Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	report, err := h.engine.Wait(ctx, run)
	if err != nil {
		t.Fatalf("wait: %v; %+v", err, report)
	}
	return report
}

func loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}
