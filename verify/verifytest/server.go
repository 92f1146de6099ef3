package verifytest

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

type zones map[zone.Name]zone.Snapshot

// Server is one name server of a World.
type Server struct {
	name    string
	world   *World
	only    []zone.Name // nil: every zone of the world
	keys    keyring
	primary bool
	addr    netip.AddrPort
	udp     *dns.Server
	tcp     *dns.Server

	mu     sync.Mutex
	fault  Fault
	frozen zones
	count  int
	flaps  map[dns.Question]int
}

// Name is what the World calls the server.
func (s *Server) Name() string { return s.name }

// Addr is where the server listens, over UDP and TCP.
func (s *Server) Addr() netip.AddrPort { return s.addr }

func startServer(w *World, o ServerOptions, keys keyring, primary bool) (*Server, error) {
	s := &Server{name: o.Name, world: w, only: o.Zones, keys: keys, primary: primary, flaps: make(map[dns.Question]int)}
	pc, l, err := listen()
	if err != nil {
		return nil, fmt.Errorf("verifytest: server %s: %w", o.Name, err)
	}
	s.addr = l.Addr().(*net.TCPAddr).AddrPort()
	accept := func(h dns.Header) dns.MsgAcceptAction {
		if h.Bits&(1<<15) != 0 { // an answer, not a question
			return dns.MsgIgnore
		}
		return dns.MsgAccept
	}
	s.udp = &dns.Server{PacketConn: pc, Handler: s, MsgAcceptFunc: accept, UDPSize: dns.MaxMsgSize, TsigProvider: keys}
	s.tcp = &dns.Server{Listener: l, Handler: s, MsgAcceptFunc: accept, TsigProvider: keys, MaxTCPQueries: -1}
	for _, d := range []*dns.Server{s.udp, s.tcp} {
		// Shutdown of a server that does not run yet is an error, so wait.
		started, failed := make(chan struct{}), make(chan error, 1)
		d.NotifyStartedFunc = func() { close(started) }
		go func() { failed <- d.ActivateAndServe() }()
		select {
		case <-started:
		case err := <-failed:
			s.close()
			_, _ = pc.Close(), l.Close()
			return nil, fmt.Errorf("verifytest: server %s: %w", o.Name, err)
		}
	}
	return s, nil
}

// listen takes one free port for both TCP and UDP. Somebody may hold the UDP
// side of the port that TCP was given, so it tries some.
func listen() (net.PacketConn, net.Listener, error) {
	var last error
	for range 50 {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		pc, err := net.ListenPacket("udp4", l.Addr().String())
		if err == nil {
			return pc, l, nil
		}
		_ = l.Close()
		last = err
	}
	return nil, nil, last
}

func (s *Server) close() {
	_ = s.udp.Shutdown()
	_ = s.tcp.Shutdown()
}

// ServeDNS implements dns.Handler.
func (s *Server) ServeDNS(w dns.ResponseWriter, req *dns.Msg) {
	fault, zs := s.state(req)
	_, overTCP := w.RemoteAddr().(*net.TCPAddr)
	if fault.Delay > 0 {
		t := time.NewTimer(fault.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-s.world.closed:
			return
		}
	}
	update := req.Opcode == dns.OpcodeUpdate
	edns := req.IsEdns0() != nil
	if fault.Drop && fault.concerns(req) || fault.NoTCP && overTCP || fault.DropEDNS && edns || fault.UpdateLost && update {
		return
	}
	m := new(dns.Msg)
	m.SetReply(req)
	m.Compress = true
	status := w.TsigStatus()
	switch {
	case fault.Rcode != "" && fault.concerns(req):
		m.Rcode = rcode(fault.Rcode)
	case fault.Bogus && !req.CheckingDisabled:
		m.Rcode = dns.RcodeServerFailure
	case req.IsTsig() != nil && status != nil:
		// RFC 8945 section 5.2: before anything else is looked at.
	case update && fault.UpdateRcode != "":
		m.Rcode = rcode(fault.UpdateRcode)
	case update:
		m.Rcode = s.update(req)
	case req.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
	case len(req.Question) != 1:
		m.Rcode = dns.RcodeFormatError
	case edns && fault.NoEDNS:
		m.Rcode = dns.RcodeFormatError
	case edns && req.IsEdns0().Version() != 0:
		m.Rcode = dns.RcodeBadVers
	case fault.Upward:
		m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 518400}, Ns: "a.root-servers.net."}}
	case req.Question[0].Qtype == dns.TypeAXFR:
		if done := s.transfer(w, req, m, zs, overTCP); done {
			return
		}
	default:
		zs.answer(m, req.Question[0])
	}
	if fault.NotAuthoritative {
		m.Authoritative = false
	}
	if fault.AnswerLost && update {
		return
	}
	finish(m, req, status, overTCP, fault)
	_ = w.WriteMsg(m) // a client that went away is no fault of ours
}

// finish does what all answers share: EDNS, size and signature.
func finish(m, req *dns.Msg, status error, overTCP bool, f Fault) {
	size := dns.MinMsgSize
	if opt := req.IsEdns0(); opt != nil && !f.NoEDNS {
		size = min(max(int(opt.UDPSize()), dns.MinMsgSize), ednsSize)
		m.SetEdns0(ednsSize, false)
	}
	if overTCP {
		size = dns.MaxMsgSize
	}
	if t := req.IsTsig(); t != nil {
		size -= 256 // the signature comes after the cut
	}
	m.Truncate(size)
	sign(m, req, status)
}

// ednsSize is the size that survives every path (DNS flag day 2020).
const ednsSize = 1232

// rcode reads a fault's rcode; an unknown one is a mistake in the test.
func rcode(s string) int {
	v, ok := dns.StringToRcode[s]
	if !ok {
		panic(fmt.Sprintf("verifytest: no rcode %q", s))
	}
	return v
}
