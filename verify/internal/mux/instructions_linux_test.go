package mux

import (
	"encoding/binary"
	"os"
	"runtime"
	"strconv"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// instructions counts those that this process carries out in user mode, on all
// of its threads, from begin to end.
type instructions struct{ counters []int }

// countInstructions begins. It returns an error where the machine cannot
// count them, or does not let us.
func countInstructions() (*instructions, error) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	attr := unix.PerfEventAttr{
		Type:   unix.PERF_TYPE_HARDWARE,
		Config: unix.PERF_COUNT_HW_INSTRUCTIONS,
		Bits:   unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv | unix.PerfBitInherit,
	}
	attr.Size = uint32(unsafe.Sizeof(attr))
	c := &instructions{}
	for _, thread := range threads { // those begun later are inherited
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			continue
		}
		fd, err := unix.PerfEventOpen(&attr, id, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
		if err != nil {
			c.end()
			return nil, err
		}
		c.counters = append(c.counters, fd)
	}
	return c, nil
}

func (c *instructions) end() (sum uint64) {
	for _, fd := range c.counters {
		var b [8]byte
		if n, err := unix.Read(fd, b[:]); err == nil && n == len(b) {
			sum += binary.NativeEndian.Uint64(b[:])
		}
		_ = unix.Close(fd)
	}
	return sum
}

// TestInstructions is the figure that does not depend on how busy the machine
// is.
func TestInstructions(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector multiplies them")
	}
	const most = 6000
	probe, err := countInstructions()
	if err != nil {
		t.Skipf("instructions cannot be counted on this machine: %v (%s)", err, runtime.GOARCH)
	}
	probe.end()
	at := startServer(t)
	for name, batch := range map[string]bool{"portable": false, "batch": true} {
		m := New(unbounded(batch))
		a := newAsker(t, m, at, inFlight)
		a.run(oneRun)
		c, err := countInstructions()
		if err != nil {
			t.Fatal(err)
		}
		a.run(2 * oneRun)
		each := c.end() / (2 * oneRun)
		m.Close()
		if t.Logf("%s: %d user instructions per lookup", name, each); each > most {
			t.Errorf("%s: %d user instructions per lookup, want at most %d", name, each, most)
		}
	}
}
