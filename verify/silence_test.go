package verify

import (
	"fmt"
	"net/netip"
	"syscall"
	"testing"

	"github.com/mooring-dns/mooring/verify/internal/mux"
)

// TestSilence has a server dead that was asked and did not answer, and no other.
func TestSilence(t *testing.T) {
	c, end := New(Options{Map: func(netip.Addr) netip.AddrPort { return netip.AddrPort{} }}).begin()
	defer end()
	for _, tc := range []struct {
		err  error
		want State
	}{
		{mux.ErrTimeout, Dead},
		{mux.ErrRefused, Dead},
		{mux.ErrNoRoute, Dead},
		{errNowhere, Dead},
		{mux.ErrSilent, Unknown},
		{mux.FailedOverTCP(mux.ErrTimeout, true).Err, Unknown},
		{mux.FailedOverTCP(mux.ErrRefused, false).Err, Unknown},
		{mux.FailedOverTCP(syscall.EMFILE, true).Err, Unknown},
		{fmt.Errorf("open a UDP socket: %w", syscall.EMFILE), Unknown},
		{mux.ErrTooLong, Unknown},
		{mux.ErrCanceled, Unknown},
		{errBudget, Unknown},
	} {
		f := &future{}
		f.end(reply{}, tc.err)
		if got := (&survey{call: c}).read(netip.MustParseAddr("192.0.2.1"), f, f); got.state != tc.want {
			t.Errorf("%v: %s, want %s", tc.err, got.state, tc.want)
		}
	}
}
