package mux

import (
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// resident is the memory of this process in octets: now, and the most since
// the last time that peak was reset.
func resident(t *testing.T) (now, peak int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		kB, err := strconv.Atoi(fields[1])
		switch {
		case fields[0] == "VmRSS:" && err == nil:
			now = kB << 10
		case fields[0] == "VmHWM:" && err == nil:
			peak = kB << 10
		}
	}
	return now, peak
}

// TestOutstanding has 100,000 questions under way that nobody answers.
func TestOutstanding(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector has shadows of all memory")
	}
	const n, most = 100_000, 32 << 20
	nobody, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	at := nobody.LocalAddr().(*net.UDPAddr).AddrPort()
	for name, batch := range map[string]bool{"portable": false, "batch": true} {
		t.Run(name, func(t *testing.T) {
			debug.FreeOSMemory()
			if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
				t.Log("the peak is that of the whole process:", err)
			}
			before, _ := resident(t)
			o := unbounded(batch)
			o.Timeout = time.Hour
			m := New(o)
			var wg sync.WaitGroup
			wg.Add(n)
			answer := func(*Question, Answer) { wg.Done() }
			questions := make([]Question, n)
			names := make([]byte, 0, n*len(nameOf(0)))
			for i := range questions {
				from := len(names)
				names = append(names, nameOf(i)...)
				questions[i] = Question{Server: at, Name: names[from:], Type: 16, Answer: answer}
				m.Ask(&questions[i])
			}
			m.mu.Lock()
			under := m.servers[at].refs
			m.mu.Unlock()
			if under != n {
				t.Errorf("%d questions are under way, want %d", under, n)
			}
			_, peak := resident(t)
			m.Close()
			wg.Wait()
			runtime.KeepAlive(questions)
			t.Logf("%d lookups under way: %.1f MB more, with the names of the questions; %d octets are a Question",
				n, float64(peak-before)/(1<<20), unsafe.Sizeof(Question{}))
			if peak-before > most {
				t.Errorf("%d octets more, want at most %d", peak-before, most)
			}
		})
	}
}
