package mux

import (
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNoRoute asks where no packet goes: in a network of its own, where even
// the loopback interface is down.
func TestNoRoute(t *testing.T) {
	const inside = "MOORING_MUX_TEST_NO_ROUTE"
	if os.Getenv(inside) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNoRoute$", "-test.v")
		cmd.Env = append(os.Environ(), inside+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		if os.Getuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		}
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS) {
			t.Skip("a network of its own cannot be had here:", err)
		}
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	bothPaths(t, func(t *testing.T, o Options) {
		m := newMux(t, o)
		for _, at := range []string{"127.0.0.1:53", "[::1]:53"} {
			if got := ask(t, m, netip.MustParseAddrPort(at)); !errors.Is(got.Err, ErrNoRoute) {
				t.Errorf("%s: %+v, want %v", at, got, ErrNoRoute)
			}
		}
		// Asked from an answer each time, they do not pile up on the stack.
		left, done := 10_000, make(chan struct{})
		q := &Question{Server: netip.MustParseAddrPort("127.0.0.1:53"), Name: nameOf(0), Type: 16}
		q.Answer = func(q *Question, a Answer) {
			if left--; left == 0 || !errors.Is(a.Err, ErrNoRoute) {
				close(done)
				return
			}
			m.Ask(q)
		}
		m.budget.Start = -1
		m.servers = map[netip.AddrPort]*server{}
		m.Ask(q)
		if <-done; left != 0 {
			t.Errorf("%d of the questions were not answered as they should be", left)
		}
	})
	if err := loopbackUp(); err != nil {
		t.Fatal(err)
	}
	bothPaths(t, testFailingAmongOthers)
}

// loopbackUp makes 127.0.0.0/8 the only network there is.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// testFailingAmongOthers asks from within answers, as batches are made, where
// some packets do not leave and some come back.
func testFailingAmongOthers(t *testing.T, o Options) {
	o.Budget = Budget{Start: -1}
	live, closed := newFake(t, right, nil), newFake(t, nil, nil)
	want := map[netip.AddrPort]error{live.at: nil, closed.at: ErrRefused, netip.MustParseAddrPort("192.0.2.1:53"): ErrNoRoute}
	m := newMux(t, o)
	m.setFloor(patience)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Add(1 + len(want))
		m.Ask(&Question{Server: live.at, Name: nameOf(i), Type: 16, Answer: func(*Question, Answer) {
			for at, err := range want {
				m.Ask(&Question{Server: at, Name: nameOf(i), Type: 16, Answer: func(_ *Question, a Answer) {
					if !errors.Is(a.Err, err) || a.Sent != 1 {
						t.Errorf("%v: %+v, want %v", at, a, err)
					}
					wg.Done()
				}})
			}
			wg.Done()
		}})
	}
	wg.Wait()
}
