package verifytest

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// host is who answers behind a door: a Server or a Resolver. hear does not
// wait: when a message goes out is part of what it returns.
type host interface {
	hear(arrival) []sending
}

// network is how a message came.
type network string

const (
	overUDP network = "udp"
	overTCP network = "tcp"
	inside  network = "inside" // from a Resolver of the same World: whole and without delay
)

// arrival is one message that reached a host.
type arrival struct {
	req     *dns.Msg
	at      netip.Addr // the address of the host that was asked, as zone data has it
	network network
	tsig    error // what checking the TSIG of req gave
}

// sending is one message that goes out.
type sending struct {
	after     time.Duration // since the sending before it, or since the arrival
	msg       *dns.Msg
	raw       []byte // in place of msg
	elsewhere bool   // from another port than the one that was asked
	hangUp    bool   // nothing but the end of the connection
}

// door is one address at which a host is reached.
type door struct {
	host   host
	at     netip.Addr
	addr   netip.AddrPort
	keys   keyring
	closed <-chan struct{}
	udp    *dns.Server // nil in memory
	tcp    *dns.Server
}

// open makes a door in memory, or one with sockets.
func (w *World) open(h host, at netip.Addr, keys keyring) (*door, error) {
	d := &door{host: h, at: at.Unmap(), keys: keys, closed: w.closed}
	if w.memory {
		if !at.IsValid() {
			return nil, fmt.Errorf("in memory a server needs an address")
		}
		d.addr = netip.AddrPortFrom(d.at, memoryPort)
	} else if err := d.listen(); err != nil {
		return nil, err
	}
	w.doors = append(w.doors, d)
	w.reached[d.addr] = d
	if d.at.IsValid() {
		w.byAddr[d.at] = d
	}
	return d, nil
}

func (d *door) listen() error {
	pc, l, err := listen(d.at)
	if err != nil {
		return err
	}
	d.addr = l.Addr().(*net.TCPAddr).AddrPort()
	accept := func(h dns.Header) dns.MsgAcceptAction {
		if h.Bits&(1<<15) != 0 { // an answer, not a question
			return dns.MsgIgnore
		}
		return dns.MsgAccept
	}
	d.udp = &dns.Server{PacketConn: pc, Handler: d, MsgAcceptFunc: accept, UDPSize: dns.MaxMsgSize, TsigProvider: d.keys}
	d.tcp = &dns.Server{Listener: l, Handler: d, MsgAcceptFunc: accept, TsigProvider: d.keys, MaxTCPQueries: -1}
	for _, srv := range []*dns.Server{d.udp, d.tcp} {
		// Shutdown of a server that does not run yet is an error, so wait.
		started, failed := make(chan struct{}), make(chan error, 1)
		srv.NotifyStartedFunc = func() { close(started) }
		go func() { failed <- srv.ActivateAndServe() }()
		select {
		case <-started:
		case err := <-failed:
			d.close()
			_, _ = pc.Close(), l.Close()
			return err
		}
	}
	return nil
}

// listen takes one free port for both TCP and UDP: of ::1 for an IPv6 address
// where the machine has one, otherwise of 127.0.0.1. Somebody may hold the UDP
// side of the port that TCP was given, so it tries some.
func listen(at netip.Addr) (net.PacketConn, net.Listener, error) {
	on := "127.0.0.1:0"
	if at.Is6() && !at.Is4In6() {
		if l, err := net.Listen("tcp6", "[::1]:0"); err == nil {
			_ = l.Close()
			on = "[::1]:0"
		}
	}
	var last error
	for range 50 {
		l, err := net.Listen("tcp", on)
		if err != nil {
			return nil, nil, err
		}
		pc, err := net.ListenPacket("udp", l.Addr().String())
		if err == nil {
			return pc, l, nil
		}
		_ = l.Close()
		last = err
	}
	return nil, nil, last
}

func (d *door) close() {
	if d.udp != nil {
		_ = d.udp.Shutdown()
		_ = d.tcp.Shutdown()
	}
}

// ServeDNS implements dns.Handler.
func (d *door) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	a := arrival{req: req, at: d.at, network: overUDP, tsig: w.TsigStatus()}
	if _, ok := w.RemoteAddr().(*net.TCPAddr); ok {
		a.network = overTCP
	}
	for i, s := range d.host.hear(a) {
		if s.after > 0 {
			t := time.NewTimer(s.after)
			select {
			case <-t.C:
			case <-d.closed:
				t.Stop()
				return
			}
		}
		w.TsigTimersOnly(i > 0) // RFC 8945 section 5.3.1: from the second message of a transfer on
		if s.write(w) != nil {
			return // a client that went away is no fault of ours
		}
	}
}

func (s sending) write(w dns.ResponseWriter) error {
	switch {
	case s.hangUp:
		return w.Close()
	case s.elsewhere:
		host, _, err := net.SplitHostPort(w.LocalAddr().String())
		if err != nil {
			return err
		}
		pc, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
		if err != nil {
			return err
		}
		defer func() { _ = pc.Close() }()
		_, err = pc.WriteTo(s.raw, w.RemoteAddr())
		return err
	case s.raw != nil:
		_, err := w.Write(s.raw)
		return err
	}
	return w.WriteMsg(s.msg)
}
