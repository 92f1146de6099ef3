package verifytest

import (
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Fault is how a server misbehaves. The zero value is a healthy server.
type Fault struct {
	Delay            time.Duration // every answer comes this much later
	Drop             bool          // nothing is answered, over UDP or TCP, and no UPDATE lands
	Rcode            string        // every answer is this and empty: "SERVFAIL", "REFUSED"
	Only             zone.Name     // Drop and Rcode hold for this name only
	NotAuthoritative bool          // answers come without the AA bit
	Upward           bool          // every question is answered with a referral to the root, as a server does that never heard of the zone
	NoEDNS           bool          // a question with EDNS is answered FORMERR
	DropEDNS         bool          // a question with EDNS is not answered
	NoTCP            bool          // questions over TCP are not answered
	Flap             bool          // every second answer to the same question comes from the frozen copy, as with two machines behind one address; Freeze first
	Bogus            bool          // every question is answered SERVFAIL unless it has the CD bit, as by a resolver that finds the signatures broken
	UpdateRcode      string        // every UPDATE is refused with this
	UpdateLost       bool          // an UPDATE is swallowed before it lands
	AnswerLost       bool          // an UPDATE lands, its answer is swallowed
}

// SetFault makes the server misbehave from now on; SetFault(Fault{}) heals it.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Freeze makes the server serve its zones as they are now, whatever the
// primary does later: a secondary that missed the NOTIFY.
func (s *Server) Freeze() {
	all := s.world.all()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = all
}

// Thaw lets a frozen server follow the primary again.
func (s *Server) Thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = nil
}

// state is the fault and the zones that hold for one message.
func (s *Server) state(req *dns.Msg) (Fault, zones) {
	now := s.world.all()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	old := s.frozen != nil
	if s.fault.Flap && len(req.Question) == 1 {
		q := req.Question[0]
		s.flaps[q]++
		old = old && s.flaps[q]%2 == 0
	}
	if old {
		now = s.frozen
	}
	if s.only == nil {
		return s.fault, now
	}
	mine := make(zones, len(s.only))
	for _, apex := range s.only {
		if z, ok := now[apex]; ok {
			mine[apex] = z
		}
	}
	return s.fault, mine
}

// concerns reports whether Drop and Rcode hold for the message.
func (f Fault) concerns(req *dns.Msg) bool {
	return f.Only == "" || len(req.Question) == 1 && dns.CanonicalName(req.Question[0].Name) == f.Only.FQDN()
}

// Queries is how many messages have reached the server.
func (s *Server) Queries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}
