package verify_test

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
)

// freePort is a port of 127.0.0.1 that is free over UDP and TCP. It is not one
// of those that systems give away by themselves, so nobody takes it before it
// is used.
func freePort(t *testing.T) netip.AddrPort {
	t.Helper()
	const from, to = 20000, 32000
	var last error
	for range 100 {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(from+rand.IntN(to-from)))
		l, err := net.Listen("tcp4", at.String())
		if err != nil {
			last = err
			continue
		}
		pc, err := net.ListenPacket("udp4", at.String())
		_ = l.Close()
		if err == nil {
			_ = pc.Close()
			return at
		}
		last = err
	}
	t.Fatalf("no free port: %v", last)
	return netip.AddrPort{}
}
