package plugins_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestFaults is what plugins do that they should not, and what becomes of it.
func TestFaults(t *testing.T) {
	cases := []struct {
		name string
		test func(*testing.T)
	}{
		{"exit in a call", func(t *testing.T) { dies(t, "exit", "exit status 3") }},
		{"panic in a goroutine", func(t *testing.T) { dies(t, "panic", "exit status 2") }},
		{"SIGKILL", func(t *testing.T) { dies(t, "kill", "signal: killed") }},
		{"SIGSTOP", func(t *testing.T) { dies(t, "stop", "it has not answered 3 times in a row") }},
		{"hang in a call", hangs},
		{"turns asked for in Open, and never read", asksForEver},
		{"1 GB in one message", func(t *testing.T) { tooMuch(t, "gigabyte") }},
		{"1 GB in many messages", func(t *testing.T) { tooMuch(t, "endless") }},
		{"exit before the handshake", func(t *testing.T) { _ = refused(t, "exit", `exit status 4`, `no such licence`) }},
		{"no handshake", func(t *testing.T) { _ = refused(t, "mute", "it has not introduced itself within 1s") }},
		{"garbage on standard output and the end", func(t *testing.T) { _ = refused(t, "farewell", `it prints "Welcome to the plugin!"`) }},
		{"garbage on standard output", func(t *testing.T) { _ = refused(t, "garbage", `it prints "Welcome to the plugin!"`) }},
		{"huge line on standard output", func(t *testing.T) { _ = refused(t, "huge", "a line of more than 16384 octets") }},
		{"protocol mismatch", func(t *testing.T) { _ = refused(t, "protocol", "another version of the protocol than 1") }},
		{"changed describe", func(t *testing.T) {
			if err := refused(t, "changed", "describes itself otherwise"); !errors.Is(err, plugins.ErrDescription) {
				t.Errorf("%v is no ErrDescription", err)
			}
		}},
		{"changed describe of a pinned binary", changedPinned},
		{"changed byte in the binary", changedByte},
		{"changed byte in the private copy", changedCopy},
		{"swapped symlink", swappedSymlink},
		{"socket directory removed", socketsRemoved},
		{"path of the state too long", longState},
		{"environment of the host", environment},
		{"records outside the zone", outside},
		{"flood on standard error", flood},
		{"a grandchild holds the pipes", grandchildren},
	}
	passed := 0
	for _, c := range cases {
		ran := false
		if t.Run(c.name, func(t *testing.T) { ran = true; c.test(t) }) && ran {
			passed++
		}
	}
	fmt.Fprintf(os.Stdout, "faults: %d/%d\n", passed, len(cases))
}

// want fails the test unless err has a code, tells the state of the write, and
// says every one of the words.
func want(t *testing.T, err error, code providers.Code, wrote providers.Wrote, words ...string) {
	t.Helper()
	e, ok := errors.AsType[*providers.Error](err)
	if !ok {
		t.Fatalf("the error is %v, want a *providers.Error", err)
	}
	if e.Code != code || e.Wrote != wrote {
		t.Errorf("%v has code %s and wrote %d, want %s and %d", err, e.Code, e.Wrote, code, wrote)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %q, want it to say %q", err, w)
		}
	}
	if len(err.Error()) > 600 {
		t.Errorf("the error has %d octets, want a short one", len(err.Error()))
	}
	if strings.Contains(err.Error(), "a-token-of") {
		t.Errorf("the error tells a credential: %v", err)
	}
}

// dies is a plugin whose process ends, or has to be ended, in the middle of a
// write. The call fails and is unknown; the next one finds another process.
func dies(t *testing.T, do, how string) {
	log := &journal{}
	o := plugins.Options{Log: log.logger()}
	if do == "stop" {
		o.Probe = 500 * time.Millisecond
	}
	h, d := carrying(t, o)
	healthy, bad := session(t, d, "nothing"), session(t, d, do)
	first := h.Status()[0].PID
	began := time.Now()
	err := bad.Write(t.Context(), evilZone, zone.Edit{})
	took := time.Since(began)
	want(t, err, providers.Unavailable, providers.WroteUnknown, "plugin evil", how)
	began = time.Now()
	if _, err := healthy.Find(t.Context(), evilZone.Apex); err != nil {
		t.Fatalf("the call after it: %v", err)
	}
	t.Logf("seen after %v, and %v later another process has served a call: %v", took, time.Since(began), err)
	got := h.Status()[0]
	if got.Crashes != 1 || got.Starts != 2 || got.PID == first || !strings.Contains(got.Err, how) {
		t.Errorf("the status is %+v, want one crash and another process", got)
	}
	if alive(first) {
		t.Errorf("process %d still lives", first)
	}
	if text := log.String(); strings.Contains(text, "a-token-of") {
		t.Errorf("the log tells a credential:\n%s", text)
	}
	if do == "panic" && !strings.Contains(log.String(), "panic: a goroutine of the driver with [redacted]") {
		t.Errorf("the log does not tell of the panic:\n%s", log)
	}
}

func hangs(t *testing.T) {
	h, d := carrying(t, plugins.Options{Silence: time.Second})
	bad, healthy := session(t, d, "hang"), session(t, d, "nothing")
	var wg sync.WaitGroup
	wg.Go(func() {
		want(t, bad.Write(t.Context(), evilZone, zone.Edit{}), providers.Timeout, providers.WroteUnknown, "plugin evil", "it has said nothing for 1s")
	})
	for range 10 {
		if _, err := healthy.Find(t.Context(), evilZone.Apex); err != nil {
			t.Errorf("a call beside it: %v", err)
		}
	}
	wg.Wait()
	if got := h.Status()[0]; got.Crashes != 0 || got.Calls != 0 {
		t.Errorf("the status is %+v, want no crash and no call", got)
	}
}

// asksForEver: nobody can cancel Open, but it ends.
func asksForEver(t *testing.T) {
	_, d := carrying(t, plugins.Options{Silence: 300 * time.Millisecond, CarriedArgs: []string{"asking"}})
	before := runtime.NumGoroutine()
	done := make(chan error, 1)
	go func() { _, err := d.Open(providers.Credentials{"do": "nothing"}); done <- err }()
	most := 0
	for end := time.After(time.Minute); ; {
		select {
		case err := <-done:
			want(t, err, providers.Timeout, providers.WroteNo, "plugin evil", "it has said nothing for 300ms")
			if most > before+200 {
				t.Errorf("this program had %d goroutines, and %d before it", most, before)
			}
			return
		case <-end:
			t.Fatal("after a minute Open has not returned")
		case <-time.After(5 * time.Millisecond):
			most = max(most, runtime.NumGoroutine())
		}
	}
}

func tooMuch(t *testing.T, how string) {
	h, d := carrying(t, plugins.Options{CarriedArgs: []string{how}})
	s := session(t, d, "nothing")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var err error
	if how == "gigabyte" {
		_, err = s.Find(t.Context(), evilZone.Apex)
	} else {
		_, err = s.Read(t.Context(), evilZone)
	}
	runtime.ReadMemStats(&after)
	want(t, err, providers.Internal, providers.WroteNo)
	t.Logf("the host has allocated %d MiB: %v", (after.TotalAlloc-before.TotalAlloc)>>20, err)
	if after.Sys-before.Sys > 1<<30 {
		t.Errorf("the host has grown by %d MiB", (after.Sys-before.Sys)>>20)
	}
	if got := h.Status()[0]; got.Crashes != 0 || got.State != plugins.Ready {
		t.Errorf("the status is %+v, want it ready", got)
	}
}

// refused is a plugin that does not come up. The error says why.
func refused(t *testing.T, how string, words ...string) error {
	o := plugins.Options{CarriedArgs: []string{how}}
	if how == "mute" {
		o.Start = time.Second
	}
	h, d := carrying(t, o)
	_, err := d.Open(providers.Credentials{"do": "nothing"})
	want(t, err, providers.Unavailable, providers.WroteNo, append(words, "plugin evil")...)
	t.Log(err)
	got := h.Status()[0]
	if got.PID != 0 || got.Crashes != 1 || got.Err == "" {
		t.Errorf("the status is %+v, want no process and the error", got)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	return err
}

func socketsRemoved(t *testing.T) {
	o := plugins.Options{State: stateDir(t)}
	h, d := carrying(t, o)
	s := session(t, d, "nothing")
	if err := os.RemoveAll(filepath.Join(o.State, "run")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(t.Context(), evilZone.Apex); err != nil {
		t.Errorf("a call without a socket: %v", err)
	}
	kill(t, h.Status()[0].PID)
	eventually(t, "the crash is seen", func() bool { return h.Status()[0].State != plugins.Ready })
	if _, err := s.Find(t.Context(), evilZone.Apex); err != nil {
		t.Errorf("a call after a crash: %v", err)
	}
}

func longState(t *testing.T) {
	_, err := plugins.Load(plugins.Options{State: filepath.Join(stateDir(t), strings.Repeat("x", 90))})
	if err == nil || !strings.Contains(err.Error(), "Options.State") {
		t.Errorf("Load is %v, want an error that names Options.State", err)
	}
}

func environment(t *testing.T) {
	t.Setenv("MOORING_TEST_SECRET", "of the host")
	t.Setenv("MOORING_TEST_GIVEN", "to plugins")
	_, d := carrying(t, plugins.Options{Env: []string{"MOORING_TEST_GIVEN", "MOORING_TEST_UNSET"}})
	z, err := session(t, d, "env").Find(t.Context(), evilZone.Apex)
	if err != nil {
		t.Fatal(err)
	}
	given := false
	for line := range strings.Lines(z.ID) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		given = given || name == "MOORING_TEST_GIVEN" && value == "to plugins"
		if _, host := os.LookupEnv(name); host && name != "MOORING_TEST_GIVEN" && name != raceVariable {
			t.Errorf("the plugin has the host's %s", name)
		}
	}
	if !given {
		t.Errorf("the plugin lacks the variable that it was given: %q", z.ID)
	}
}

func outside(t *testing.T) {
	_, d := carrying(t, plugins.Options{})
	_, err := session(t, d, "outside").Read(t.Context(), evilZone)
	want(t, err, providers.Internal, providers.WroteNo, "other.example")
}

func flood(t *testing.T) {
	log := &journal{}
	_, d := carrying(t, plugins.Options{Log: log.logger()})
	if _, err := session(t, d, "flood").Find(t.Context(), evilZone.Apex); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	if len(text) > 1<<20 {
		t.Errorf("of 10 MB the log has %d octets", len(text))
	}
	if !strings.Contains(text, "xxx") || strings.Contains(text, "a-token-of") {
		t.Errorf("the log has no lines, or a credential: %.2000s", text)
	}
}

// grandchildren: the end of a process is seen though another one, which it has
// started, holds its standard error, and that one is ended too.
func grandchildren(t *testing.T) {
	h, d := carrying(t, plugins.Options{})
	s := session(t, d, "grandchild")
	z, err := s.Find(t.Context(), evilZone.Apex)
	if err != nil {
		t.Fatal(err)
	}
	grandchild, err := strconv.Atoi(z.ID)
	if err != nil {
		t.Fatalf("no grandchild: %s", z.ID)
	}
	kill(t, h.Status()[0].PID)
	if _, err := s.Find(t.Context(), evilZone.Apex); err != nil && providers.CodeOf(err) != providers.Unavailable {
		t.Error(err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	eventually(t, "what the plugin has started is gone", func() bool { return !alive(grandchild) })
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute it is not so that %s", what)
		}
	}
}

// journal is a log that is read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
