package plugins_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// TestHostKilled: whatever becomes of the host, no process of a plugin outlives
// it for two seconds, and the next host leaves no socket of it.
func TestHostKilled(t *testing.T) {
	if state := os.Getenv("MOORING_TEST_HOST"); state != "" {
		beHost(t, state)
		return
	}
	times := 20
	switch {
	case os.Getenv("MOORING_LONG") == "1":
		times = 100
	case raced:
		times = 5
	}
	dir := stateDir(t)
	orphans, slowest := 0, time.Duration(0)
	for range times {
		pid := killedHost(t, dir)
		began := time.Now()
		for alive(pid) && time.Since(began) < 2*time.Second {
			time.Sleep(time.Millisecond)
		}
		slowest = max(slowest, time.Since(began))
		if alive(pid) {
			orphans++
			kill(t, pid)
		}
	}
	left := len(sockets(t, dir))
	load(t, plugins.Options{State: dir})
	after := sockets(t, dir)
	fmt.Fprintf(os.Stdout, "host killed: %d times, %d orphans, the slowest process lived on for %v, %d sockets left, %d after the next start\n",
		times, orphans, slowest.Round(time.Millisecond), left, len(after))
	if orphans > 0 || len(after) > 0 {
		t.Errorf("%d orphans, and sockets after the next start: %v", orphans, after)
	}
}

// beHost is a host with one process, which it names, until it is killed.
func beHost(t *testing.T, state string) {
	h, err := plugins.Load(plugins.Options{State: state, Carried: []providers.Driver{evil{}}})
	if err != nil {
		t.Fatal(err)
	}
	session(t, h.Drivers()[0], "nothing")
	fmt.Fprintf(os.Stdout, "\npid=%d\n", h.Status()[0].PID)
	time.Sleep(time.Minute)
}

// killedHost is the process of a plugin whose host was killed just now.
func killedHost(t *testing.T, state string) (pid int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHostKilled$", "-test.v")
	cmd.Env = append(os.Environ(), "MOORING_TEST_HOST="+state)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); pid == 0 && lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), "pid="); ok {
			pid, _ = strconv.Atoi(n)
		}
	}
	kill(t, cmd.Process.Pid)
	_ = cmd.Wait() // it was killed
	if pid == 0 {
		t.Fatal("the host has started no plugin")
	}
	return pid
}
