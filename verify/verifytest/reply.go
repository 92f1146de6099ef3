package verifytest

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// reply is the answer: one message, or those of a transfer.
func (s *Server) reply(t turn, a arrival) []sending {
	req := a.req
	m := new(dns.Msg)
	m.SetReply(req)
	m.Compress = true
	update := req.Opcode == dns.OpcodeUpdate
	edns := req.IsEdns0() != nil
	switch {
	case t.Rcode != "":
		m.Rcode = rcode(t.Rcode)
	case t.Bogus && !req.CheckingDisabled:
		m.Rcode = dns.RcodeServerFailure
	case req.IsTsig() != nil && a.tsig != nil:
		// RFC 8945 section 5.2: before anything else is looked at.
	case update && t.UpdateRcode != "":
		m.Rcode = rcode(t.UpdateRcode)
	case update:
		m.Rcode = s.update(req)
	case req.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
	case len(req.Question) != 1:
		m.Rcode = dns.RcodeFormatError
	case edns && t.NoEDNS:
		m.Rcode = dns.RcodeFormatError
	case edns && req.IsEdns0().Version() != 0:
		m.Rcode = dns.RcodeBadVers
	case t.Upward:
		m.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 518400}, Ns: "a.root-servers.net."}}
	case t.OtherSOA != "":
		m.Authoritative, m.Rcode, m.Ns = true, dns.RcodeNameError, []dns.RR{parkingSOA(t.OtherSOA)}
	case req.Question[0].Qtype == dns.TypeAXFR:
		if all := s.transfer(req, m, t.zones, a.network == overTCP); all != nil {
			return all
		}
	default:
		t.zones.answer(m, req.Question[0], !t.Minimal)
	}
	if t.NotAuthoritative {
		m.Authoritative = false
	}
	finish(m, a, t)
	return []sending{{msg: m}}
}

// parkingSOA is the SOA record of a zone that no World has.
func parkingSOA(apex zone.Name) dns.RR {
	host := "ns." + strings.TrimPrefix(apex.FQDN(), ".")
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: apex.FQDN(), Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 300},
		Ns:  host, Mbox: host, Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: 300,
	}
}

// finish does what all answers share: EDNS, size and signature.
func finish(m *dns.Msg, a arrival, t turn) {
	req := a.req
	if t.CaseMangled && len(m.Question) > 0 {
		m.Question[0].Name = strings.ToLower(m.Question[0].Name)
	}
	if opt := req.IsEdns0(); opt != nil && !t.NoEDNS {
		m.SetEdns0(ednsSize, opt.Do())
	}
	size := room(a)
	if req.IsTsig() != nil {
		size -= 256 // the signature comes after the cut
	}
	fit(m, size)
	if t.slip || a.network == overUDP && t.Size > 0 && m.Len() > t.Size {
		m.Answer, m.Ns, m.Truncated = nil, nil, true
		dropExtra(m)
	}
	sign(m, req, a.tsig)
}

// room is the size that an answer may have.
func room(a arrival) int {
	opt := a.req.IsEdns0()
	switch {
	case a.network != overUDP:
		return dns.MaxMsgSize
	case opt == nil:
		return dns.MinMsgSize
	}
	return min(max(int(opt.UDPSize()), dns.MinMsgSize), ednsSize)
}

// fit makes an answer fit. What an answer has beside its records is left out
// first and without the TC bit (RFC 2181 section 9).
func fit(m *dns.Msg, size int) {
	if m.Authoritative && m.Len() > size {
		dropExtra(m)
	}
	m.Truncate(size)
	m.Compress = true // as servers do, also where it is not needed
}

// dropExtra leaves of the additional section what is about the message itself.
func dropExtra(m *dns.Msg) {
	var kept []dns.RR
	for _, rr := range m.Extra {
		if t := rr.Header().Rrtype; t == dns.TypeOPT || t == dns.TypeTSIG {
			kept = append(kept, rr)
		}
	}
	m.Extra = kept
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
