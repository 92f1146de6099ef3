package sdk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// patience is for what comes at once on an idle machine.
const patience = time.Minute

// child is this test binary as a plugin process.
func child(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "m") //nolint:usetesting // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cmd := exec.Command(self, append([]string{carried}, args...)...)
	h := wire.Handshake()
	cmd.Env = []string{h.MagicCookieKey + "=" + h.MagicCookieValue, "PLUGIN_PROTOCOL_VERSIONS=1", "TMPDIR=" + dir, "GORACE=atexit_sleep_ms=0"}
	return cmd
}

// noCoreFile is the limit of what a crash leaves, in proc(5).
var noCoreFile = regexp.MustCompile(`Max core file size +0 +0 `)

// The end of the host is the end of the plugin, at once and without a fault.
func TestHostIsGone(t *testing.T) {
	cmd := child(t, "fake")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "1|1|") {
		t.Fatalf("the plugin introduces itself with %q, %v", line, err)
	}
	if limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", cmd.Process.Pid)); err == nil && !noCoreFile.Match(limits) {
		t.Errorf("a crash would write the memory to a file: %s", limits)
	}
	began := time.Now()
	_ = stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the plugin ends with %v", err)
	}
	t.Logf("ended %v after its host", time.Since(began).Round(time.Microsecond))
}

// A process that is not started to serve goes its own way.
func TestNotCarried(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		hosted bool // with a host's environment
	}{
		{"no argument", nil, true},
		{"no driver", []string{carried}, true},
		{"another argument", []string{"serve", "fake"}, true},
		{"no host", []string{carried, "fake"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := child(t)
			cmd.Args = append(cmd.Args[:1:1], tt.args...)
			cmd.Env = append(cmd.Env, onlyCarry+"=1")
			if !tt.hosted {
				cmd.Env = cmd.Env[1:]
			}
			if out, err := cmd.Output(); err != nil || string(out) != "Carry has returned\n" {
				t.Errorf("got %v, %s", err, out)
			}
		})
	}
}

func TestNotServed(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		args       []string
	}{
		{"an unknown driver", `carries no driver "other"`, []string{"other"}},
		{"a redirection in a build for production", "-tags mooringtest", []string{"fake", "-redirect", "x.example=http://127.0.0.1:1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if redirectable && strings.HasPrefix(tt.name, "a redirection") {
				t.Skip("this build is for tests")
			}
			cmd := child(t, tt.args...)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			bounded := exec.CommandContext(ctx, cmd.Path, cmd.Args[1:]...)
			bounded.Env = cmd.Env
			out, err := bounded.CombinedOutput()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != 1 || !strings.Contains(string(out), tt.says) {
				t.Errorf("got %v, %s", err, out)
			}
		})
	}
}

// printed is what a process has printed so far.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *printed) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *printed) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// launch is a plugin process and the host's end of it.
func launch(t *testing.T, args ...string) (*wire.Client, *goplugin.Client, *printed) {
	t.Helper()
	cmd, said := child(t, args...), &printed{}
	// The standard input of a process that go-plugin starts by itself is the
	// host's own, which in a test is no pipe.
	cmd.Env = cmd.Env[1:]
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: wire.Handshake(), VersionedPlugins: wire.HostPlugins(), Cmd: cmd, SkipHostEnv: true, AutoMTLS: true,
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, Logger: hclog.NewNullLogger(),
		Stderr: said, SyncStdout: said, SyncStderr: said, StartTimeout: patience,
	})
	t.Cleanup(client.Kill)
	conn, err := client.Client()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	c, err := conn.Dispense(wire.PluginName)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*wire.Client), client, said
}

func TestProcess(t *testing.T) {
	client, process, said := launch(t, "fake", "-account", "7")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d, err := client.Describe(ctx)
	if err != nil || d.Version != "1.2.3" || d.Info.ID != "fake" || len(d.Hosts) != 1 {
		t.Fatalf("got %+v, %v", d, err)
	}
	if _, err := client.Find(ctx, providers.Credentials{"token": token, "does": "args"}, apex); err == nil || !strings.Contains(err.Error(), "-account 7") {
		t.Errorf("the driver did not get the arguments: %v", err)
	}
	if err := client.Check(ctx, providers.Credentials{"token": token, "does": "print"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"standard output has [redacted]\n", "standard error has [redacted]\n", "standard error of before main has [redacted]\n"} {
		for ctx.Err() == nil && !strings.Contains(said.String(), want) {
			time.Sleep(time.Millisecond)
		}
	}
	if ctx.Err() != nil || strings.Contains(said.String(), token) {
		t.Errorf("the host reads %q", said)
	}
	if h, err := client.Health(ctx); err != nil || h.Sessions != 2 || h.Calls != 0 {
		t.Errorf("got %+v, %v", h, err)
	}
	process.Kill()
	if !process.Exited() {
		t.Error("the process has not ended")
	}
}

// A goroutine of the driver that panics takes the process along, and the host
// knows that it was the process.
func TestCrash(t *testing.T) {
	client, process, said := launch(t, "fake")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := client.Write(ctx, providers.Credentials{"token": token, "does": "crash"}, providers.Zone{Apex: apex}, zone.Edit{})
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || !errors.Is(err, wire.ErrProcess) || e.Wrote != providers.WroteUnknown {
		t.Errorf("got %v", err)
	}
	for ctx.Err() == nil && !process.Exited() {
		time.Sleep(time.Millisecond)
	}
	if !process.Exited() || !strings.Contains(said.String(), "a goroutine of the driver") {
		t.Errorf("exited %v and printed %q", process.Exited(), said)
	}
}

// What a module sends through net/http's own client is held to the list in a
// plugin's process, and led to a fake in a build for tests.
func TestProcessEgress(t *testing.T) {
	var args []string
	if redirectable {
		fakeAPI := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { fmt.Fprint(w, "the fake for "+req.Host) }))
		defer fakeAPI.Close()
		args = []string{"-redirect", "api.fake.example=" + fakeAPI.URL}
	}
	client, _, _ := launch(t, append([]string{"fake"}, args...)...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := client.Check(ctx, providers.Credentials{"token": token, "does": "get:https://elsewhere.example/?token=" + token})
	if err == nil || !strings.Contains(err.Error(), "does not name elsewhere.example:443") || strings.Contains(err.Error(), token) {
		t.Errorf("got %v", err)
	}
	if !redirectable {
		return
	}
	err = client.Check(ctx, providers.Credentials{"token": token, "does": "get:https://api.fake.example/"})
	if err == nil || !strings.Contains(err.Error(), "the fake for api.fake.example") {
		t.Errorf("got %v", err)
	}
}
