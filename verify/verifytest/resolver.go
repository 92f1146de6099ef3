package verifytest

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// ResolverOptions is one caching resolver of a World.
type ResolverOptions struct {
	Name string     // how the test calls it
	Addr netip.Addr // where World.Map leads to it from; in memory it needs one

	Caches int    // how many caches stand behind the address, asked in turn; 0: 1
	Prefer string // the server that is asked first, where several have the zone; "": as the NS records come

	MinTTL      time.Duration // nothing that exists is kept for less; 0: as its TTL says
	MaxTTL      time.Duration // nothing that exists is kept for longer; 0: 24 h
	MaxNegative time.Duration // no denial is kept for longer; 0: 3 h
	Failure     time.Duration // how long a failure is kept (RFC 9520); 0: 5 s
	Stale       time.Duration // how long after its end an answer is still given where no server answers (RFC 8767); 0: not at all

	Signed     []zone.Name // zones whose denials have NSEC records and whose answers have the AD bit; nothing is really signed
	Synthesize bool        // names between those of a kept NSEC record are denied without asking (RFC 8198)
}

// ResolverFault is how a resolver misbehaves. The zero value is a sound one.
type ResolverFault struct {
	Drop    bool          // nothing is answered
	Delay   time.Duration // every answer comes this much later
	Rcode   string        // every answer is this and empty
	Offline bool          // it reaches no server: what it does not keep, it cannot answer

	Bogus    []zone.Name // zones whose signatures do not hold: SERVFAIL, unless the question has the CD bit
	BogusEDE uint16      // the code that it says so with (RFC 8914); 0: 9, DNSKEY missing

	Filtered  []zone.Name // names that it does not answer for, with all below them: NXDOMAIN, or REFUSED with code 18
	FilterEDE uint16      // 15 blocked, 16 censored, 17 filtered, 18 prohibited; 0: 15

	Split []zone.Record // of the names of these it gives these records and no others

	NoEDE bool // it never says why
}

// Resolver is a caching recursive resolver in front of the servers of its
// World. It walks from World.Start down the delegations, follows aliases, and
// keeps what it hears: positive answers by their TTL, denials as RFC 2308 says,
// failures as RFC 9520 says. What it gives from its cache has a TTL that counts
// down, in whole seconds rounded down.
//
// It asks the servers in this process: their Drop, Rcode and other faults of
// content hold, their delays and those of the transport do not.
type Resolver struct {
	opts  ResolverOptions
	world *World
	door  *door

	mu     sync.Mutex
	fault  ResolverFault
	caches []cache
	count  int
}

func startResolver(w *World, o ResolverOptions) (*Resolver, error) {
	r := &Resolver{opts: o, world: w, caches: make([]cache, max(o.Caches, 1))}
	r.flush()
	var err error
	if r.door, err = w.open(r, o.Addr, nil); err != nil {
		return nil, fmt.Errorf("verifytest: resolver %s: %w", o.Name, err)
	}
	return r, nil
}

// Name is what the World calls the resolver.
func (r *Resolver) Name() string { return r.opts.Name }

// Addr is where the resolver is reached, over UDP and TCP.
func (r *Resolver) Addr() netip.AddrPort { return r.door.addr }

// SetFault makes the resolver misbehave from now on; SetFault(ResolverFault{})
// heals it. Its cache stays as it is.
func (r *Resolver) SetFault(f ResolverFault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = f
}

// Flush empties every cache.
func (r *Resolver) Flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
}

func (r *Resolver) flush() {
	for i := range r.caches {
		r.caches[i] = cache{kept: make(map[key]entry)}
	}
}

// Prime lets every cache look up the name, as though somebody else had asked
// before. It counts for nothing in Queries.
func (r *Resolver) Prime(name zone.Name, typ string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.caches {
		l := lookup{r: r, cache: &r.caches[i], now: time.Now()}
		l.chase(name, typ)
	}
}

// Queries is how many messages have reached the resolver.
func (r *Resolver) Queries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// hear is the answer to one message.
func (r *Resolver) hear(a arrival) []sending {
	r.world.tell(r.opts.Name, a)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	if r.fault.Drop {
		return nil
	}
	m := new(dns.Msg)
	m.SetReply(a.req)
	m.Compress, m.RecursionAvailable = true, true
	finish(m, a, turn{}) // what an answer shares with those of servers, and room for the reason
	reason := r.answer(m, a.req)
	if opt := m.IsEdns0(); opt != nil && !r.fault.NoEDE {
		for _, code := range reason {
			opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: code, ExtraText: ""})
		}
	}
	fit(m, room(a))
	return []sending{{after: r.fault.Delay, msg: m}}
}

// answer fills m and says why it is as it is (RFC 8914).
func (r *Resolver) answer(m, req *dns.Msg) (reason []uint16) {
	switch {
	case r.fault.Rcode != "":
		m.Rcode = rcode(r.fault.Rcode)
		return nil
	case req.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
		return nil
	case len(req.Question) != 1:
		m.Rcode = dns.RcodeFormatError
		return nil
	case req.IsEdns0() != nil && req.IsEdns0().Version() != 0:
		m.Rcode = dns.RcodeBadVers
		return nil
	}
	q := req.Question[0]
	name, err := zone.ParseName(q.Name)
	if err != nil || q.Qclass != dns.ClassINET || !req.RecursionDesired {
		m.Rcode = dns.RcodeRefused
		return nil
	}
	if slices.ContainsFunc(r.fault.Filtered, name.Within) {
		return r.filter(m)
	}
	l := lookup{r: r, cache: &r.caches[r.count%len(r.caches)], now: time.Now(), unchecked: req.CheckingDisabled}
	l.chase(name, dns.Type(q.Qtype).String())
	signed := req.IsEdns0() != nil && req.IsEdns0().Do()
	l.fill(m, signed)
	m.AuthenticatedData = l.secure && (signed || req.AuthenticatedData)
	return l.reason
}

func (r *Resolver) filter(m *dns.Msg) []uint16 {
	code := r.fault.FilterEDE
	if code == 0 {
		code = dns.ExtendedErrorCodeBlocked
	}
	m.Rcode = dns.RcodeNameError
	if code == dns.ExtendedErrorCodeProhibited { // RFC 8914 section 4.19: this client is not served
		m.Rcode = dns.RcodeRefused
	}
	return []uint16{code}
}
