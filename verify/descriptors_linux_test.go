package verify_test

import (
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// TestDescriptors has room for one socket, so that one family, or TCP, cannot
// be asked: that is no server's failure.
func TestDescriptors(t *testing.T) {
	t.Run("for TCP", func(t *testing.T) {
		s := lagging(t, true, verifytest.Fault{Slip: 1})
		fill(t, 1)
		r := s.check()
		if r.Verdict == verify.Propagated {
			t.Errorf("propagated, though ns2 lacks the record: %v", r.Findings)
		}
		for _, f := range r.Findings {
			if f.Code == verify.CodeNoTCP || f.Code == verify.CodeDead {
				t.Errorf("found %+v", f)
			}
		}
	})
	t.Run("for IPv6", func(t *testing.T) {
		s := newScene(t, fault{sockets: true, build: func(o *verifytest.Options) {
			o.Servers[2].Addrs = []netip.Addr{addr("::1")}
			for i, old := range []string{faultTLD, faultZone} {
				o.Text[i] = strings.NewReplacer("ns2.customer A 127.0.0.2", "ns2.customer AAAA ::1", "ns2 A 127.0.0.2", "ns2 AAAA ::1").Replace(old)
			}
		}})
		s.Server("ns2").Freeze()
		s.put(s.token)
		if r := s.check(); r.Verdict != verify.Partial {
			t.Skipf("%s: no IPv6 here: %v", r.Verdict, r.Findings)
		}
		fill(t, 1)
		if r := s.check(); r.Verdict == verify.Propagated {
			t.Errorf("propagated, though ns2 lacks the record: %v", r.Findings)
		}
	})
}

// fill leaves room for n more file descriptors until the test is over.
func fill(t *testing.T, n int) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Skip(err)
	}
	few := syscall.Rlimit{Cur: min(old.Cur, 512), Max: old.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Skip(err)
	}
	var taken []*os.File
	t.Cleanup(func() {
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old)
		for _, f := range taken {
			_ = f.Close()
		}
	})
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		taken = append(taken, f)
	}
	for range n {
		if len(taken) == 0 {
			t.Skip("this process has too many files open")
		}
		_ = taken[len(taken)-1].Close()
		taken = taken[:len(taken)-1]
	}
}
