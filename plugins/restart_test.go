package plugins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

// ownPlugin is a plugin whose process is this test binary.
func ownPlugin(t *testing.T, o Options, args ...string) *plugin {
	t.Helper()
	o.State, o.Env = shortDir(t), append(o.Env, "GORACE")
	h, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	p := newPlugin(h.house, ownProgram(t, args...))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.plugins[p.id] = p
	return p
}

func ownProgram(t *testing.T, args ...string) program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program{id: "evil", path: self, source: self, args: append([]string{carriedWord, "evil"}, args...)}
}

// started is a process of the plugin, which has a call no more.
func started(t *testing.T, p *plugin) *process {
	t.Helper()
	proc, err := p.ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.release(proc)
	return proc
}

// TestFailuresForgotten: a process that has run well until it was stopped for want
// of calls makes the next crash the first one.
func TestFailuresForgotten(t *testing.T) {
	p := ownPlugin(t, Options{})
	proc := started(t, p)
	p.mu.Lock()
	p.failures = 9 // of yesterday
	proc.since = time.Now().Add(-2 * healthy)
	p.retire(proc) // as for want of calls
	p.mu.Unlock()
	<-proc.gone
	proc = started(t, p)
	proc.runner.kill()
	<-proc.gone
	if rest := time.Until(p.nextStart()); rest > 0 {
		t.Errorf("after one crash it is started again in %v, want at once", rest)
	}
}

// TestReplaceWhileStarting: who waits for the start of a program that fails gets a
// process of the one that has taken its place.
func TestReplaceWhileStarting(t *testing.T) {
	file := filepath.Join(t.TempDir(), "end")
	p := ownPlugin(t, Options{Start: time.Minute}, "until", file)
	done := make(chan error, 1)
	go func() { done <- p.Call(t.Context(), nil, func(context.Context, *wire.Client) error { return nil }) }()
	for !p.busy() {
		time.Sleep(time.Millisecond)
	}
	if err := p.replace(ownProgram(t)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("a call that has waited meanwhile: %v", err)
	}
	if got := p.status(); got.State != Ready || got.Crashes != 0 || got.Starts != 2 {
		t.Errorf("the status is %+v, want the second process without a crash", got)
	}
}

// TestPauseClosesNoCredential: that a plugin is left alone for a while is no word
// of the host's, and when it has been put right nobody waits for the end of that.
func TestPauseClosesNoCredential(t *testing.T) {
	p := ownPlugin(t, Options{Crashes: 1})
	a, err := providers.Open(wire.NewDriver(p), providers.Credentials{"do": "turns", "token": "t"}, providers.Options{Limits: &providers.Limits{}})
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	proc := p.current
	p.mu.Unlock()
	proc.runner.kill()
	<-proc.gone
	_, err = a.Find(t.Context(), "customer.example")
	e, _ := errors.AsType[*providers.Error](err)
	if e == nil || e.Code != providers.Unavailable || e.RetryAfter == 0 {
		t.Fatalf("in quarantine: %v, want Unavailable with RetryAfter", err)
	}
	if err := p.replace(ownProgram(t)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // less than the pause
	defer cancel()
	if _, err = a.Find(ctx, "customer.example"); err != nil {
		t.Errorf("when it has been replaced: %v", err)
	}
}
