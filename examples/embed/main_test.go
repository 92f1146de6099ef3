package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/plugins/sdk"
)

// TestMain is main where a test has started this program as one of its own
// plugins, and otherwise sees to it that the tests leave no process behind.
func TestMain(m *testing.M) {
	sdk.Carry(carried)
	state, err := os.MkdirTemp(shortTemp(), "m") // sockets want a short path
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := 1
	if err := os.Setenv("XDG_STATE_HOME", state); err == nil {
		code = m.Run()
	}
	if left := children(); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "processes of plugins are left:", left)
		code = 1
	}
	if left, _ := filepath.Glob(filepath.Join(state, "mooring", "plugins", "run", "*")); len(left) > 0 {
		fmt.Fprintln(os.Stderr, "sockets of plugins are left:", left)
		code = 1
	}
	_ = os.RemoveAll(state)
	os.Exit(code)
}

// isLinux reports whether processes can be seen here.
const isLinux = runtime.GOOS == "linux"

// children is the processes of plugins that this one has started and that live,
// by their numbers. It is empty where the system has no /proc.
func children() []int {
	if !isLinux {
		return nil
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var out []int
	for _, file := range stats {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && isPlugin(pid) {
			out = append(out, pid)
		}
	}
	return out
}

func isPlugin(pid int) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return false // it is gone
	}
	// After the name in parentheses come the state and the parent (proc_pid_stat(5)).
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	return err == nil && len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(os.Getpid()) && strings.Contains(string(line), "mooring-plugin")
}
