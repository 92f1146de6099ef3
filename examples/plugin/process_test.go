package main

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/providertest"
)

// TestMain makes the test binary the plugin too: a copy of it under a plugin's
// name saves every test a build. A host gives -endpoint first, which no test run
// has.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-endpoint" {
		main()
	}
	os.Exit(m.Run())
}

// process is the plugin as a host runs it: found in a directory, pinned, and
// started by the first call. All cases share the process, as customers do, and
// so they share the fake.
func process(t *testing.T) providertest.Harness {
	t.Helper()
	fake := start(t, harbourtest.Options{Tokens: customers(), Zones: zones(), Rate: -1}) // each case counts its requests by itself
	driver := load(t, fake.Endpoint())
	return harness("harbour-plugin", func(t providertest.TB) *harbourtest.Fake {
		for _, s := range zones() {
			fake.Set(s)
		}
		t.Cleanup(func() { fake.SetFault(httpapitest.Fault{}) })
		return fake
	}, func(*harbourtest.Fake) providers.Driver { return driver })
}

// load installs the plugin, pins it, and has a host load it.
func load(t *testing.T, endpoint string) providers.Driver {
	t.Helper()
	dir := t.TempDir()
	install(t, dir)
	o := plugins.Options{Dirs: []string{dir}, State: short(t), Args: map[string][]string{"harbour": {"-endpoint", endpoint}}}
	lock, err := plugins.Pin(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Write(filepath.Join(dir, plugins.LockFile)); err != nil {
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
	all := host.Drivers()
	if len(all) != 1 || all[0].Info().ID != "harbour" {
		t.Fatalf("got %d plugins, want harbour alone", len(all))
	}
	return all[0]
}

// install copies this program into dir under the name of a plugin.
func install(t *testing.T, dir string) {
	t.Helper()
	name, err := plugins.FileName("harbour", version, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	to, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Error(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
}

// short is a directory that ends with the test, of a path that leaves room for
// the name of a socket.
func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "m") //nolint:usetesting // t.TempDir is too long for the path of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
