package verifytest

import (
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// lookup is one question on its way through a Resolver. It runs with the
// resolver's mu held; nothing in it waits.
type lookup struct {
	r         *Resolver
	cache     *cache
	now       time.Time
	unchecked bool // CD
	depth     int  // of names of servers that had to be looked up

	chain  []entry // the aliases and what stands at their end
	rcode  int
	secure bool
	reason []uint16
}

// The bounds of one lookup.
const (
	maxDepth    = 4
	maxReferral = 16
	staleTTL    = 30 // seconds (RFC 8767 section 4)
)

// chase follows aliases from name.
func (l *lookup) chase(name zone.Name, typ string) {
	seen := make(map[zone.Name]bool)
	l.secure = true
	for range maxChain {
		e := l.step(name, typ)
		l.chain = append(l.chain, e)
		l.rcode, l.secure, l.reason = e.rcode, l.secure && e.secure, append(l.reason, e.reason...)
		if len(e.records) == 0 || e.records[0].Type != "CNAME" || typ == "CNAME" || typ == "ANY" {
			return
		}
		seen[name] = true
		name, _ = e.records[0].Target()
		if seen[name] {
			break
		}
	}
	l.chain, l.rcode, l.secure = nil, dns.RcodeServerFailure, false // a loop, or too long a chain
}

// step is what holds of one name, without following its alias.
func (l *lookup) step(name zone.Name, typ string) entry {
	if e, ok := l.split(name, typ); ok {
		return e
	}
	old, live, ok := l.cache.find(name, typ, l.unchecked, l.now)
	if live {
		if old.failed() && !slices.Contains(old.reason, l.r.bogusCode()) {
			old.reason = append(slices.Clip(old.reason), dns.ExtendedErrorCodeCachedError)
		}
		return old
	}
	if l.r.opts.Synthesize {
		if e, ok := l.cache.deny(name, typ, l.now); ok {
			return e
		}
	}
	e, unchecked := l.hear(name, typ)
	if ok && e.failed() && l.now.Before(old.expires.Add(l.r.opts.Stale)) {
		return l.expired(old)
	}
	if l.now.Before(e.expires) {
		l.cache.keep(name, typ, unchecked, e)
	}
	return e
}

// split is what a resolver with a horizon of its own says.
func (l *lookup) split(name zone.Name, typ string) (entry, bool) {
	own := slices.DeleteFunc(slices.Clone(l.r.fault.Split), func(r zone.Record) bool { return r.Name != name })
	if len(own) == 0 {
		return entry{}, false
	}
	e := entry{records: slices.DeleteFunc(own, func(r zone.Record) bool { return r.Type != typ && r.Type != "CNAME" && typ != "ANY" })}
	if len(e.records) == 0 {
		e.beside = []dns.RR{parkingSOA(name)}
		e.expires = l.now.Add(time.Duration(e.beside[0].Header().Ttl) * time.Second)
		return e, true
	}
	e.expires = l.now.Add(time.Duration(e.records[0].TTL) * time.Second)
	return e, true
}

// expired is an old answer that is given all the same.
func (l *lookup) expired(e entry) entry {
	code := dns.ExtendedErrorCodeStaleAnswer
	if e.rcode == dns.RcodeNameError {
		code = dns.ExtendedErrorCodeStaleNXDOMAINAnswer
	}
	e.reason = []uint16{code}
	e.expires = l.now.Add(staleTTL * time.Second)
	return e
}

// hear asks the servers; unchecked says that the answer is for questions with
// CD only.
func (l *lookup) hear(name zone.Name, typ string) (e entry, unchecked bool) {
	o := l.r.opts
	failure := entry{
		rcode: dns.RcodeServerFailure, expires: l.now.Add(or(o.Failure, 5*time.Second)),
		reason: []uint16{dns.ExtendedErrorCodeNoReachableAuthority},
	}
	if l.r.fault.Offline {
		return failure, false
	}
	bogus := slices.ContainsFunc(l.r.fault.Bogus, name.Within)
	if bogus && !l.unchecked {
		failure.reason = []uint16{l.r.bogusCode()}
		return failure, false
	}
	m, s := l.walk(name, typ)
	if m == nil {
		return failure, false
	}
	e = entry{records: set(m.Answer, name, typ)}
	if len(e.records) > 0 {
		ttl := time.Duration(e.records[0].TTL) * time.Second
		e.expires = l.now.Add(min(max(ttl, o.MinTTL), or(o.MaxTTL, 24*time.Hour)))
		e.secure = !bogus && slices.ContainsFunc(o.Signed, name.Within)
		return e, bogus
	}
	return l.denied(m, s, name, typ, bogus), bogus
}

// denied is the entry of an answer without records (RFC 2308 section 5). One
// that comes without an SOA record is not kept.
func (l *lookup) denied(m *dns.Msg, s *Server, name zone.Name, typ string, bogus bool) entry {
	e := entry{rcode: m.Rcode, expires: l.now}
	for _, rr := range m.Ns {
		soa, ok := rr.(*dns.SOA)
		if !ok {
			continue
		}
		ttl := time.Duration(min(soa.Hdr.Ttl, soa.Minttl)) * time.Second
		e.expires = l.now.Add(min(ttl, or(l.r.opts.MaxNegative, 3*time.Hour)))
		e.beside = []dns.RR{soa}
		apex, err := zone.ParseName(soa.Hdr.Name)
		if err != nil || bogus || !slices.Contains(l.r.opts.Signed, apex) {
			return e
		}
		z, _ := s.view().zone(apex)
		owner, next := span(z, name)
		e.secure, e.proof = true, []dns.RR{nsec(z, owner, next)}
		if m.Rcode == dns.RcodeNameError {
			l.cache.denials = append(l.cache.denials, denial{zone: z, owner: owner, next: next, entry: e})
		}
		return e
	}
	return e
}

// set is what the records say of one name: those of the type, or its alias.
// The TTLs of a set are equal (RFC 2181 section 5.2); the smallest holds.
func set(rrs []dns.RR, name zone.Name, typ string) []zone.Record {
	var out []zone.Record
	for _, rr := range rrs {
		r, err := zone.FromRR(rr)
		if err == nil && r.Name == name && (r.Type == typ || r.Type == "CNAME" || typ == "ANY") {
			out = append(out, r)
		}
	}
	for i := range out {
		for _, r := range out {
			out[i].TTL = min(out[i].TTL, r.TTL)
		}
	}
	return out
}

// fill writes what was found into m, with the denials' proof where it is
// wanted.
func (l *lookup) fill(m *dns.Msg, signed bool) {
	m.Rcode = l.rcode
	if l.rcode == dns.RcodeServerFailure {
		return
	}
	for _, e := range l.chain {
		for _, r := range e.records {
			r.TTL = e.ttl(l.now)
			m.Answer = append(m.Answer, rrs(r.Name, []zone.Record{r})...)
		}
		beside := e.beside
		if signed {
			beside = slices.Concat(e.beside, e.proof)
		}
		for _, rr := range beside {
			rr = dns.Copy(rr)
			rr.Header().Ttl = e.ttl(l.now)
			m.Ns = append(m.Ns, rr)
		}
	}
}

// bogusCode is what the resolver says of signatures that do not hold.
func (r *Resolver) bogusCode() uint16 {
	if r.fault.BogusEDE != 0 {
		return r.fault.BogusEDE
	}
	return dns.ExtendedErrorCodeDNSKEYMissing
}

func or(v, otherwise time.Duration) time.Duration {
	if v <= 0 {
		return otherwise
	}
	return v
}
