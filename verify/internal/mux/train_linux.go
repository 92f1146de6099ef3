package mux

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cars is how many datagrams one system call moves at most.
const cars = 64

// newTrain is recvmmsg(2) and sendmmsg(2) on the socket of conn; nil where it
// cannot be had.
func newTrain(conn *net.UDPConn) train {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil
	}
	t := &mmsg{raw: raw}
	t.in.lay(func(i int) []byte { return t.buffers[i][:] })
	t.read = t.in.receive
	return t
}

// mmsg is a train of Linux.
type mmsg struct {
	raw     syscall.RawConn
	in      freight
	buffers [cars][longest + 1]byte
	scratch [maxName]byte
	read    func(uintptr) bool

	out  *outbound   // what is held; guarded by the lock of the Mux, as the next
	free []*outbound // for more of it
}

// freight is what the system calls take: struct mmsghdr, and what it points to.
type freight struct {
	headers [cars]struct {
		unix.Msghdr
		octets uint32
	}
	vectors [cars]unix.Iovec
	names   [cars]unix.RawSockaddrInet6 // large enough for an IPv4 one too
	moved   int
	failure syscall.Errno
}

// lay points each header to its name and its buffer.
func (f *freight) lay(buffer func(i int) []byte) {
	for i := range f.headers {
		b, h := buffer(i), &f.headers[i]
		f.vectors[i].Base = &b[0]
		f.vectors[i].SetLen(len(b))
		h.Iov = &f.vectors[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&f.names[i])) //nolint:gosec // struct msghdr has a pointer to any kind of address
		h.Namelen = unix.SizeofSockaddrInet6
	}
}

// move makes one call for the datagrams from first up to end. It reports
// whether that is done: not where there is nothing to read, or no room to
// write.
func (f *freight) move(call, fd uintptr, first, end int) bool {
	for {
		n, _, errno := unix.Syscall6(call, fd, uintptr(unsafe.Pointer(&f.headers[first])), uintptr(end-first), unix.MSG_DONTWAIT, 0, 0) //nolint:gosec // how a system call takes a pointer
		if f.moved, f.failure = int(n), errno; errno != unix.EINTR {
			return errno != unix.EAGAIN
		}
	}
}

func (f *freight) receive(fd uintptr) bool { return f.move(unix.SYS_RECVMMSG, fd, 0, cars) }

// from is where datagram i came from, as a socket of Go's would say it.
func (f *freight) from(i int) netip.AddrPort {
	name := &f.names[i]
	if name.Family == unix.AF_INET {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(name)) //nolint:gosec // the family says which of the two it is
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), network(v4.Port))
	}
	addr := netip.AddrFrom16(name.Addr)
	if name.Scope_id != 0 {
		if i, err := net.InterfaceByIndex(int(name.Scope_id)); err == nil {
			addr = addr.WithZone(i.Name)
		}
	}
	return netip.AddrPortFrom(addr, network(name.Port))
}

// to sets where datagram i goes.
func (f *freight) to(i int, at netip.AddrPort) {
	if at.Addr().Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&f.names[i])) //nolint:gosec // the family says which of the two it is
		*v4 = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: network(at.Port()), Addr: at.Addr().As4()}
		f.headers[i].Namelen = unix.SizeofSockaddrInet4
		return
	}
	f.names[i] = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: network(at.Port()), Addr: at.Addr().As16()}
	f.headers[i].Namelen = unix.SizeofSockaddrInet6
}

// network is a port in the other order of octets: the network's or ours.
func network(port uint16) uint16 {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], port)
	return binary.BigEndian.Uint16(b[:])
}

func (t *mmsg) receive(s *socket) error {
	if err := t.raw.Read(t.read); err != nil {
		return err
	}
	if t.in.failure != 0 {
		return t.in.failure
	}
	s.mux.beginBatch()
	for i := range t.in.moved {
		s.accept(t.buffers[i][:t.in.headers[i].octets], t.in.from(i), t.scratch[:0])
		t.in.headers[i].Namelen = unix.SizeofSockaddrInet6
	}
	s.mux.flush()
	return nil
}

// outbound is packets that go out with one call.
type outbound struct {
	freight
	n, sent int
	packets [cars][maxQuery]byte
	salts   [cars]uint32
	write   func(uintptr) bool
}

func newOutbound() *outbound {
	o := &outbound{}
	o.lay(func(i int) []byte { return o.packets[i][:] })
	o.write = func(fd uintptr) bool { return o.move(unix.SYS_SENDMMSG, fd, o.sent, o.n) }
	return o
}

func (t *mmsg) hold(q *Question) (ok, first bool) {
	at := q.server.addr
	if at.Addr().Zone() != "" || t.out != nil && t.out.n == cars {
		return false, false
	}
	if t.out == nil {
		if n := len(t.free); n > 0 {
			t.out, t.free = t.free[n-1], t.free[:n-1]
		} else {
			t.out = newOutbound()
		}
	}
	o := t.out
	packet := q.pack(o.packets[o.n][:0])
	o.vectors[o.n].SetLen(len(packet))
	o.to(o.n, at)
	o.salts[o.n] = q.salt
	o.n++
	return true, o.n == 1
}

func (t *mmsg) send(s *socket) {
	m := s.mux
	m.mu.Lock()
	o := t.out
	t.out = nil
	m.mu.Unlock()
	if o == nil {
		return
	}
	var vain trials
	for o.sent < o.n {
		if err := t.raw.Write(o.write); err != nil {
			break // the socket is closed, and its questions are answered
		}
		if o.failure == 0 {
			if o.sent, vain = o.sent+o.moved, (trials{}); o.sent < o.n {
				s.collect() // what stopped it is the trouble of an earlier one, and nobody else is told
			}
			continue
		}
		if vain.again(o.failure) {
			s.collect()
			continue
		}
		m.unsent(s, binary.BigEndian.Uint16(o.packets[o.sent][:]), o.salts[o.sent], o.failure)
		o.sent, vain = o.sent+1, trials{}
	}
	o.n, o.sent = 0, 0
	m.mu.Lock()
	t.free = append(t.free, o)
	m.mu.Unlock()
}
