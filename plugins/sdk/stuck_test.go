package sdk

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// A driver that heeds no context fills its process with calls that nobody waits
// for. The process says so and ends, and the host starts another.
func TestStuckProcess(t *testing.T) {
	dir, err := os.MkdirTemp("", "m") //nolint:usetesting // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	said := &printed{}
	host, err := plugins.Load(plugins.Options{
		Carried: []providers.Driver{fake{}}, State: dir, Calls: 2 * maxStuck, CallsPerAccount: maxOwn,
		Log: slog.New(slog.NewTextHandler(said, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	d := host.Drivers()[0]
	healthy, err := d.Open(providers.Credentials{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	first := host.Status()[0].PID
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ends := func() bool {
		return strings.Contains(said.String(), "the driver does not heed their contexts") || ctx.Err() != nil
	}
	for n := 0; !ends(); n++ { // as often as a slow machine needs
		abandon(ctx, t, d, customer(n), maxStuck/8)
	}
	if ctx.Err() != nil {
		t.Fatalf("it goes on: %+v, and says %s", host.Status()[0], said)
	}
	for ctx.Err() == nil && host.Status()[0].PID == first {
		_, _ = healthy.Find(ctx, apex)
	}
	if _, err := healthy.Find(ctx, apex); err != nil {
		t.Errorf("another process: %v", err)
	}
	if got := host.Status()[0]; got.PID == first || got.Crashes == 0 {
		t.Errorf("got %+v, want a crash and another process", got)
	}
	if strings.Contains(said.String(), token) {
		t.Errorf("the log tells a credential: %s", said)
	}
}

// abandon makes calls that never end, and gives them up.
func abandon(ctx context.Context, t *testing.T, d providers.Driver, c providers.Credentials, calls int) {
	t.Helper()
	c["does"] = "deaf"
	s, err := d.Open(c)
	if err != nil {
		return // the process ends
	}
	ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for range calls {
		wg.Go(func() { _, _ = s.Find(ctx, apex) })
	}
	wg.Wait()
}
