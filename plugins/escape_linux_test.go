package plugins_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins"
	"github.com/mooring-dns/mooring/providers"
)

// escape lets a process leave its group, or lets another one, in a session of its
// own, take its place.
func escape(how string) {
	switch how {
	case "another group":
		group, err := syscall.Getpgid(os.Getppid())
		if err == nil {
			err = syscall.Setpgid(0, group)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Stdin = holdOpen() // it does not heed the end of the host
		serveRaw(evil{}, 1, nil)
	case "another process":
		cmd := exec.Command("/proc/self/exe", os.Args[1], os.Args[2], "turnless")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintf(os.Stderr, "child=%d.\n", cmd.Process.Pid)
		time.Sleep(time.Minute)
		os.Exit(0)
	}
}

// holdOpen is a pipe without an end, which lasts no longer than a test does.
func holdOpen() *os.File {
	in, out, err := os.Pipe()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	time.AfterFunc(time.Minute, func() { _ = out.Close(); os.Exit(0) })
	return in
}

// TestEscapedGroup: Close ends a process that has gone to another group.
func TestEscapedGroup(t *testing.T) {
	h, d := carrying(t, plugins.Options{CarriedArgs: []string{"another group"}})
	session(t, d, "nothing")
	pid := h.Status()[0].PID
	if group, err := syscall.Getpgid(pid); err != nil || group == pid {
		t.Fatalf("the process is in the group %d, %v, want another than its own, %d", group, err, pid)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if alive(pid) {
		t.Errorf("process %d has outlived Close", pid)
		kill(t, pid)
	}
}

// TestEscapedConnection: a start ends in its time though the process that holds
// the other end of the connection is not the one that was started, and never
// takes it.
func TestEscapedConnection(t *testing.T) {
	log := &journal{}
	_, d := carrying(t, plugins.Options{CarriedArgs: []string{"another process"}, Start: time.Second, Log: log.logger()})
	t.Cleanup(func() {
		if found := regexp.MustCompile(`child=(\d+)\.`).FindStringSubmatch(log.String()); found != nil {
			pid, _ := strconv.Atoi(found[1])
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	done := make(chan error, 1)
	go func() { _, err := d.Open(providers.Credentials{"do": "nothing"}); done <- err }()
	select {
	case err := <-done:
		want(t, err, providers.Unavailable, providers.WroteNo, "plugin evil", "it has not introduced itself within 1s")
	case <-time.After(30 * time.Second):
		t.Error("Options.Start is a second, and after half a minute Open has not returned")
	}
}
