package verifytest

import (
	"fmt"
	"maps"
	"net/netip"
	"sync"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

type zones map[zone.Name]zone.Snapshot

// view is the zones that one server serves. None of its maps is ever edited.
type view struct {
	all  zones
	held zones
	only map[zone.Name]bool // nil: all of them
}

func (v view) zone(apex zone.Name) (zone.Snapshot, bool) {
	if v.only != nil && !v.only[apex] {
		return zone.Snapshot{}, false
	}
	if z, ok := v.held[apex]; ok {
		return z, true
	}
	z, ok := v.all[apex]
	return z, ok
}

// Server is one name server of a World.
type Server struct {
	name    string
	world   *World
	only    map[zone.Name]bool // nil: every zone of the world
	keys    keyring
	primary bool
	doors   []*door // one for each address

	mu     sync.Mutex
	ill    *illness
	illAt  map[netip.Addr]*illness
	frozen zones
	held   zones
	count  int
	counts map[netip.Addr]int
}

// Name is what the World calls the server.
func (s *Server) Name() string { return s.name }

// Addr is where the server is reached, over UDP and TCP, at its first address.
func (s *Server) Addr() netip.AddrPort { return s.doors[0].addr }

func startServer(w *World, o ServerOptions, keys keyring, primary bool) (*Server, error) {
	s := &Server{
		name: o.Name, world: w, keys: keys, primary: primary,
		ill: newIllness(Fault{}), illAt: make(map[netip.Addr]*illness), counts: make(map[netip.Addr]int),
	}
	for _, apex := range o.Zones {
		if s.only == nil {
			s.only = make(map[zone.Name]bool)
		}
		s.only[apex] = true
	}
	addrs := o.Addrs
	if len(addrs) == 0 {
		addrs = []netip.Addr{{}}
	}
	for _, a := range addrs {
		d, err := w.open(s, a, keys)
		if err != nil {
			return nil, fmt.Errorf("verifytest: server %s: %w", o.Name, err)
		}
		s.doors = append(s.doors, d)
	}
	return s, nil
}

// Freeze makes the server serve its zones as they are now, whatever the
// primary does later: a secondary that missed the NOTIFY.
func (s *Server) Freeze() {
	all := s.world.all()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = all
}

// Thaw lets a frozen server follow the primary again, also in the zones of
// Hold.
func (s *Server) Thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen, s.held = nil, nil
}

// Hold makes the server serve a zone of its own in place of the primary's,
// until Thaw: a host that was left, or a server whose NS set is another.
func (s *Server) Hold(z zone.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := maps.Clone(s.held)
	if held == nil {
		held = make(zones)
	}
	held[z.Zone] = z
	s.held = held
}

// view is what the server serves now.
func (s *Server) view() view {
	now := s.world.all()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.serves(now, s.frozen != nil)
}

// serves is called with mu held.
func (s *Server) serves(now zones, old bool) view {
	if old {
		now = s.frozen
	}
	return view{all: now, held: s.held, only: s.only}
}

// Queries is how many messages have reached the server; what a Resolver of the
// same World asks is not among them.
func (s *Server) Queries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// QueriesAt is how many of them reached it at that address.
func (s *Server) QueriesAt(a netip.Addr) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[a.Unmap()]
}

// hear is everything that the server sends because of one message.
func (s *Server) hear(a arrival) []sending {
	t := s.turn(a)
	s.world.tell(s.name, a)
	out := strays(t, a)
	if t.silent(a) {
		return out
	}
	if t.HangUp && a.network == overTCP {
		return append(out, sending{after: t.after, hangUp: true})
	}
	answers := s.reply(t, a)
	if t.AnswerLost && a.req.Opcode == dns.OpcodeUpdate {
		return out
	}
	answers[0].after = t.after
	out = append(out, answers...)
	if a.network == overUDP {
		for range t.Repeat {
			out = append(out, sending{msg: answers[0].msg})
		}
	}
	return out
}

// silent reports whether the message is not answered at all.
func (t turn) silent(a arrival) bool {
	return t.Drop || t.lost || t.NoTCP && a.network == overTCP || t.DropEDNS && a.req.IsEdns0() != nil ||
		t.UpdateLost && a.req.Opcode == dns.OpcodeUpdate
}
