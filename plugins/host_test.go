package plugins_test

import (
	"errors"
	"os"
	"strings"
	"sync"
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
	o.Env = append(o.Env, raceVariable)
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

// TestCloseTwice: whoever closes a host that is being closed waits for the end too.
func TestCloseTwice(t *testing.T) {
	h, d := carrying(t, plugins.Options{Drain: 300 * time.Millisecond})
	s := session(t, d, "hang")
	pid := h.Status()[0].PID
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := s.Find(t.Context(), evilZone.Apex); providers.CodeOf(err) != providers.Unavailable {
			t.Errorf("a call of a closed host is %v, want Unavailable", err)
		}
	})
	eventually(t, "it has a call", func() bool { return h.Status()[0].Calls == 1 })
	wg.Go(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "it is being closed", func() bool {
		_, err := d.Open(providers.Credentials{"do": "nothing"})
		return err != nil
	})
	if err := h.Close(); err != nil || alive(pid) {
		t.Errorf("the second Close is %v, and the process lives: %v", err, alive(pid))
	}
	wg.Wait()
}

// TestUnpinnedRefused: an unpinned plugin that does not start is named with its file.
func TestUnpinnedRefused(t *testing.T) {
	o := install(t, "1.0.0")
	if err := os.Remove(o.Lock); err != nil {
		t.Fatal(err)
	}
	o.Lock, o.Unpinned = "", true
	o.Args["evil"] = append(o.Args["evil"], "exit")
	_, err := plugins.Load(o)
	refused, ok := errors.AsType[*plugins.Refused](err)
	if !ok || refused.ID != "evil" || refused.File != binary(t, o, "1.0.0") {
		t.Fatalf("Load is %v (%+v), want a *Refused with the file", err, refused)
	}
	if text := err.Error(); strings.Count(text, "evil") != 2 || !strings.Contains(text, "no such licence") {
		t.Errorf("the error is %q, want the plugin, its file and what it has printed, once", text)
	}
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
