package plugins_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/namecheap"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/zone"
)

// shipped is one of the plugins of this repository, and a host for it.
type shipped struct {
	driver   providers.Driver
	hosts    []string // that it sends requests to
	endpoint string   // of a fake; "": the driver knows none
	creds    providers.Credentials
	zone     func() zone.Snapshot // at the host
}

// mains is the plugins by ID, each with a host that holds the zone.
func mains(t *testing.T) map[string]shipped {
	t.Helper()
	held := zone.NewSnapshot(apex, []zone.Record{{Name: "www." + apex, Type: "A", TTL: 3600, Data: "192.0.2.1"}})
	cf, err := cloudflaretest.Start(cloudflaretest.Options{Zones: []cloudflaretest.Zone{{Snapshot: held}}})
	started(t, cf, err)
	gd, err := godaddytest.Start(godaddytest.Options{Zones: []zone.Snapshot{held}})
	started(t, gd, err)
	nc, err := namecheaptest.Start(namecheaptest.Options{Accounts: []namecheaptest.Account{{User: "customer", Key: "key-of-the-customer", Zones: []zone.Snapshot{held}}}})
	started(t, nc, err)
	server := onServer(t, place("rfc2136", rfc2136.Driver{}.Info(), func(string) providers.Driver { return rfc2136.Driver{} }))
	_, creds, _ := server.New(t)
	delete(creds, "endpoint")
	return map[string]shipped{
		"cloudflare": {cloudflare.Driver{}, []string{"api.cloudflare.com"}, cf.Endpoint(), cf.Credentials(), func() zone.Snapshot { return cf.Zone(apex) }},
		"godaddy":    {godaddy.Driver{}, []string{"api.godaddy.com"}, gd.URL(), gd.Credentials(), func() zone.Snapshot { return gd.Zone(apex) }},
		"namecheap":  {namecheap.Driver{}, []string{"api.namecheap.com"}, nc.Endpoint(), nc.Credentials(0), func() zone.Snapshot { return nc.Zone(apex) }},
		"rfc2136":    {rfc2136.Driver{}, nil, "", creds, func() zone.Snapshot { return server.Zone(t) }},
	}
}

// build makes the plugins as their comments say, each under its name.
func build(t *testing.T, ids []string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, id := range ids {
		args = append(args, "./"+id)
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
	for _, id := range ids {
		name, err := plugins.FileName(id, "0.1.0", runtime.GOOS, runtime.GOARCH)
		if err != nil {
			t.Fatal(err)
		}
		built := id
		if runtime.GOOS == "windows" {
			built += ".exe"
		}
		if err := os.Rename(filepath.Join(dir, built), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestMains: the plugins of this repository say what they are, are pinned, and
// change a zone where they are led to.
func TestMains(t *testing.T) {
	all := mains(t)
	ids := []string{"cloudflare", "godaddy", "namecheap", "rfc2136"}
	dir := build(t, ids)
	o := plugins.Options{Dirs: []string{dir}, State: stateDir(t), Args: map[string][]string{}}
	for _, id := range ids {
		saysWhatItIs(t, dir, id, all[id])
		if all[id].endpoint != "" {
			o.Args[id] = []string{"-endpoint", all[id].endpoint}
		}
	}
	lock, err := plugins.Pin(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Write(filepath.Join(dir, "plugins.lock.json")); err != nil {
		t.Fatal(err)
	}
	host, err := plugins.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	var loaded []string
	for _, d := range host.Drivers() {
		loaded = append(loaded, d.Info().ID)
		t.Run(d.Info().ID, func(t *testing.T) { changesZone(t, d, all[d.Info().ID]) })
	}
	if !slices.Equal(loaded, ids) {
		t.Errorf("loaded %q, want %q", loaded, ids)
	}
}

// saysWhatItIs compares what a plugin tells a person with its driver.
func saysWhatItIs(t *testing.T, dir, id string, want shipped) {
	t.Helper()
	name, err := plugins.FileName(id, "0.1.0", runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, name), "describe").Output()
	if err != nil {
		t.Fatalf("%s describe: %v", id, err)
	}
	var got plugins.Description
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%s describe: %v\n%s", id, err, out)
	}
	if d := cmp.Diff(want.driver.Info(), got.Info); d != "" {
		t.Errorf("%s describe (-driver +plugin):\n%s", id, d)
	}
	if got.Version != "0.1.0" || !slices.Equal(got.Hosts, want.hosts) {
		t.Errorf("%s describe: version %s, hosts %q; want 0.1.0 and %q", id, got.Version, got.Hosts, want.hosts)
	}
}

// changesZone adds a record through a plugin and looks for it at the host.
func changesZone(t *testing.T, d providers.Driver, at shipped) {
	t.Helper()
	acct, err := providers.Open(d, at.creds, providers.Options{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := acct.Find(t.Context(), apex)
	if err != nil {
		t.Fatal(err)
	}
	before := at.zone()
	change := zone.Change{Owner: "mooring." + apex, Add: []zone.Record{zone.NewTXT("mooring."+apex, 3600, "by a plugin")}}
	if got := acct.Apply(t.Context(), z, []zone.Change{change}, &providers.Run{}); !providers.Done(got) {
		t.Fatalf("got %+v", got)
	}
	got, want := at.zone(), before.With(change)
	notSOA := func(r zone.Record) bool { return r.Type != "SOA" } // whose serial has moved
	if d := cmp.Diff(filtered(want.Records, notSOA), filtered(got.Records, notSOA)); d != "" {
		t.Errorf("the zone (-want +got):\n%s", d)
	}
}

func filtered(recs []zone.Record, keep func(zone.Record) bool) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { return !keep(r) })
}
