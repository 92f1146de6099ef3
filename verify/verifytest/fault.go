package verifytest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Fault is how a server misbehaves. The zero value is a healthy server.
type Fault struct {
	Only     zone.Name // the fault holds for questions about this name only
	OnlyType string    // and for questions of this type only: "AAAA"

	// No answer, or late ones.
	Drop    bool          // nothing is answered, over UDP or TCP, and no UPDATE lands
	Lose    int           // of so many questions over UDP the first one is lost; 1: all
	Delay   time.Duration // every answer comes this much later
	Jitter  time.Duration // and up to this much more, by chance
	Reorder time.Duration // every second answer comes this much later, so that the next one overtakes it
	Repeat  int           // over UDP, every answer comes so many times more

	// Not, or no longer, a server for the zone.
	Rcode            string    // every answer is this and empty: "SERVFAIL", "REFUSED"
	NotAuthoritative bool      // answers come without the AA bit
	Upward           bool      // every question is answered with a referral to the root, as a server does that never heard of the zone
	OtherSOA         zone.Name // every name is denied with authority and with the SOA of this zone, as by a server that parks domains
	Minimal          bool      // answers with NS records leave the addresses of the servers out
	Flap             bool      // every second answer to the same question comes from the frozen copy, as with two machines behind one address; Freeze first
	Seed             uint64    // of Jitter; where it is not 0, Flap too goes by chance

	// The transport.
	NoEDNS      bool // a question with EDNS is answered FORMERR
	DropEDNS    bool // a question with EDNS is not answered
	Size        int  // over UDP, an answer of more octets is cut to nothing, with the TC bit; 1: every answer
	Slip        int  // of so many answers over UDP the first one is cut likewise, as by a server that limits its rate; 1: all
	NoTCP       bool // questions over TCP are not answered
	HangUp      bool // a question over TCP ends the connection
	CaseMangled bool // the question comes back in lower case

	// Messages that come over UDP before each answer and are none; with Drop
	// they are all that comes.
	Strays []Stray
	Lie    []zone.Record // the answer in those strays that have one; none: the name does not exist

	Bogus bool // every question is answered SERVFAIL unless it has the CD bit, as by a resolver that finds the signatures broken

	// Of UPDATE.
	UpdateRcode string // every UPDATE is refused with this
	UpdateLost  bool   // an UPDATE is swallowed before it lands
	AnswerLost  bool   // an UPDATE lands, its answer is swallowed
}

// concerns reports whether the fault holds for the message.
func (f Fault) concerns(req *dns.Msg) bool {
	if f.Only == "" && f.OnlyType == "" {
		return true
	}
	if len(req.Question) != 1 {
		return false
	}
	q := req.Question[0]
	return (f.Only == "" || dns.CanonicalName(q.Name) == f.Only.FQDN()) && (f.OnlyType == "" || dns.Type(q.Qtype).String() == f.OnlyType)
}

// SetFault makes the server misbehave from now on, at every address;
// SetFault(Fault{}) heals it.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ill = newIllness(f)
	clear(s.illAt)
}

// SetFaultAt makes the server misbehave at one of its addresses only, until
// the next SetFault. It panics when the server does not have that address: it
// is a constant of the test.
func (s *Server) SetFaultAt(a netip.Addr, f Fault) {
	for _, d := range s.doors {
		if d.at == a.Unmap() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.illAt[d.at] = newIllness(f)
			return
		}
	}
	panic(fmt.Sprintf("verifytest: server %s has no address %s", s.name, a))
}

// illness is a fault and what has come of it so far.
type illness struct {
	Fault
	chance    *rand.Rand
	asked     map[dns.Question]int // for Flap
	udp, sent int                  // questions, and answers, that the fault holds for
}

func newIllness(f Fault) *illness {
	return &illness{Fault: f, chance: rand.New(rand.NewPCG(f.Seed, 1)), asked: make(map[dns.Question]int)}
}

// turn is what holds for one message.
type turn struct {
	Fault
	zones view
	after time.Duration
	lost  bool
	slip  bool
}

// turn says what the fault does to this message.
func (s *Server) turn(a arrival) turn {
	now := s.world.all()
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.network != inside {
		s.count++
		s.counts[a.at]++
	}
	ill := s.ill
	if own := s.illAt[a.at]; own != nil {
		ill = own
	}
	var t turn
	if ill.concerns(a.req) {
		ill.strike(&t, a)
	}
	t.zones = s.serves(now, s.frozen != nil && !(t.Flap && ill.fresh(a.req)))
	return t
}

// strike decides what goes by count and by chance.
func (ill *illness) strike(t *turn, a arrival) {
	t.Fault = ill.Fault
	t.after = ill.Delay
	if ill.Jitter > 0 {
		t.after += time.Duration(ill.chance.Int64N(int64(ill.Jitter)))
	}
	if a.network == overUDP {
		t.lost = ill.Lose > 0 && ill.udp%ill.Lose == 0
		ill.udp++
	}
	if t.lost {
		return
	}
	if ill.Reorder > 0 && ill.sent%2 == 0 {
		t.after += ill.Reorder
	}
	t.slip = a.network == overUDP && ill.Slip > 0 && ill.sent%ill.Slip == 0
	ill.sent++
}

// fresh reports whether a flapping server answers from the current zone.
func (ill *illness) fresh(req *dns.Msg) bool {
	if ill.Seed != 0 {
		return ill.chance.Uint32()%2 == 0
	}
	if len(req.Question) != 1 {
		return false
	}
	q := req.Question[0]
	q.Name = dns.CanonicalName(q.Name)
	ill.asked[q]++
	return ill.asked[q]%2 != 0
}
