package verifytest

import (
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// A message of a transfer has at most this many records, few enough that the
// zones of tests take several, and begins none after so many octets: TCP frames
// 64 KB.
const perMessage, fullMessage = 50, 4096

// fitting is how many records go into the next message.
func fitting(all []dns.RR) int {
	n, size := 0, 0
	for n < min(perMessage, len(all)) && size < fullMessage {
		size += dns.Len(all[n])
		n++
	}
	if n > 1 && size > dns.MaxMsgSize/2 {
		n-- // the last one is long
	}
	return n
}

// transfer answers AXFR (RFC 5936). Where it returns nothing, m says why not.
func (s *Server) transfer(req, m *dns.Msg, v view, overTCP bool) []sending {
	switch {
	case !overTCP: // section 4.2
		m.Rcode = dns.RcodeRefused
		return nil
	case len(s.keys) > 0 && req.IsTsig() == nil:
		m.Rcode = dns.RcodeRefused
		return nil
	}
	apex, err := zone.ParseName(req.Question[0].Name)
	z, ok := v.zone(apex)
	if err != nil || !ok { // section 2.2.1
		m.Rcode = dns.RcodeNotAuth
		return nil
	}
	soa := rrs(apex, z.Set(apex, "SOA"))
	all := soa
	for _, r := range z.Records {
		if r.Type != "SOA" {
			all = append(all, rrs(r.Name, []zone.Record{r})...)
		}
	}
	all = append(all, soa[0])
	var out []sending
	for len(all) > 0 {
		n := fitting(all)
		part := new(dns.Msg)
		part.SetReply(req)
		part.Authoritative, part.Compress = true, true
		part.Answer, all = all[:n:n], all[n:]
		sign(part, req, nil)
		out = append(out, sending{msg: part})
	}
	return out
}
