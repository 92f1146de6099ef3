package mux

import (
	"encoding/binary"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// reportErrors has the system tell a socket that is not connected what ICMP
// says of its datagrams, so that a closed port is known at once (ip(7),
// IP_RECVERR). Where it cannot, questions to such a port time out.
func reportErrors(network, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		if network == "udp6" {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVERR, 1)
			return
		}
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVERR, 1)
	})
}

// collect reads what ICMP said and fails the questions that it is about. It
// returns how many reports there were.
func (s *socket) collect() (reports int) {
	raw, err := s.conn.SyscallConn()
	if err != nil {
		return 0
	}
	packet := make([]byte, 2) // of the datagram that failed, its id will do
	control := make([]byte, 512)
	for {
		var n, controlled int
		var from unix.Sockaddr
		var failure error
		err := raw.Control(func(fd uintptr) {
			n, controlled, _, from, failure = unix.Recvmsg(int(fd), packet, control, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		})
		if err != nil || failure != nil {
			return reports
		}
		reports++
		if n == len(packet) {
			s.failed(binary.BigEndian.Uint16(packet), addrPort(from), errnoOf(control[:controlled]))
		}
	}
}

// errnoOf is the error in a sock_extended_err, which begins with it; 0: none.
func errnoOf(control []byte) syscall.Errno {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0
	}
	for _, c := range messages {
		v4 := c.Header.Level == unix.IPPROTO_IP && c.Header.Type == unix.IP_RECVERR
		v6 := c.Header.Level == unix.IPPROTO_IPV6 && c.Header.Type == unix.IPV6_RECVERR
		if (v4 || v6) && len(c.Data) >= 4 {
			return syscall.Errno(binary.NativeEndian.Uint32(c.Data))
		}
	}
	return 0
}

// addrPort is without the zone of a link-local address.
func addrPort(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// failed ends a question whose datagram came back. Who reads the report may be
// within Ask, so that it is left to the clock to answer.
func (s *socket) failed(id uint16, to netip.AddrPort, why syscall.Errno) {
	m := s.mux
	m.mu.Lock()
	defer m.mu.Unlock()
	q := s.at(id)
	if q == nil || q.server.addr.Port() != to.Port() || q.server.addr.Addr().WithZone("") != to.Addr() ||
		why != syscall.ECONNREFUSED && !unreachable(why) {
		return
	}
	m.fail(q, Trouble(why))
}
