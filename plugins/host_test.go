package plugins_test

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// stateDir is a directory whose path is short enough for sockets.
func stateDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "m") //nolint:usetesting // whose path may be too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// load is a host that the end of the test closes. No goroutine is left then.
func load(t testing.TB, o plugins.Options) *plugins.Host {
	t.Helper()
	before := goleak.IgnoreCurrent()
	if o.State == "" {
		o.State = stateDir(t)
	}
	h, err := plugins.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		goleak.VerifyNone(t, before)
	})
	return h
}

// carrying is a host with the evil driver, and its driver.
func carrying(t testing.TB, o plugins.Options) (*plugins.Host, providers.Driver) {
	t.Helper()
	o.Carried = []providers.Driver{evil{}}
	h := load(t, o)
	return h, h.Drivers()[0]
}

// session is one for an account that makes the evil driver do something.
func session(t testing.TB, d providers.Driver, do string) providers.Session {
	t.Helper()
	s, err := d.Open(providers.Credentials{"do": do, "token": "a-token-of-" + do})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFind(t *testing.T) {
	h, d := carrying(t, plugins.Options{})
	if got := h.Status()[0]; got.State != plugins.Stopped || got.Starts != 0 {
		t.Errorf("before the first call it is %+v, want it stopped", got)
	}
	z, err := session(t, d, "nothing").Find(t.Context(), "customer.example")
	if err != nil || z.ID != "1" {
		t.Fatalf("Find is %+v, %v", z, err)
	}
	got := h.Status()[0]
	if got.State != plugins.Ready || got.Starts != 1 || got.PID == 0 || got.Version != "1.0.0" {
		t.Errorf("after it it is %+v, want it ready", got)
	}
	began := time.Now()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("closed in %v", time.Since(began))
	if _, err := session(t, evil{}, "nothing").Find(t.Context(), "customer.example"); err != nil {
		t.Error(err)
	}
	_, err = d.Open(providers.Credentials{"do": "nothing"})
	if providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("a closed host answers %v, want Unavailable", err)
	}
}
