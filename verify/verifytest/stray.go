package verifytest

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Stray is a message that comes to whoever asked and is no answer.
type Stray string

// The strays. The first three are what somebody sends who guesses or sees the
// question: they hold Fault.Lie, which must not be believed.
const (
	StrayID       Stray = "id"       // an answer under another id
	StraySource   Stray = "source"   // an answer from another port; it does not arrive in memory
	StrayQuestion Stray = "question" // an answer to another question
	StrayEcho     Stray = "echo"     // the question itself
	StrayNoise    Stray = "noise"    // the id and then octets that mean nothing
	StrayShort    Stray = "short"    // an answer that ends in the middle of a record
	StrayLoop     Stray = "loop"     // an answer whose compression pointer points at itself
	StrayHuge     Stray = "huge"     // an answer of more octets than any question here allows, with the lie in it
)

// strays are the messages before an answer.
func strays(t turn, a arrival) []sending {
	if a.network != overUDP || len(t.Strays) == 0 || len(a.req.Question) != 1 {
		return nil
	}
	out := make([]sending, 0, len(t.Strays))
	for _, s := range t.Strays {
		raw, err := s.message(a.req, t.lie(a.req)).Pack()
		if err != nil {
			panic("verifytest: a stray that cannot be packed: " + err.Error()) // a lie without wire form
		}
		out = append(out, sending{raw: s.spoil(raw), elsewhere: s == StraySource})
	}
	return out
}

// lie is the false answer to req.
func (t turn) lie(req *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(req)
	m.Compress, m.Authoritative = true, true
	for _, r := range t.Lie {
		m.Answer = append(m.Answer, rrs(r.Name, []zone.Record{r})...)
	}
	if len(t.Lie) == 0 {
		m.Rcode = dns.RcodeNameError
	}
	return m
}

// message is the stray before its octets are spoiled.
func (s Stray) message(req, lie *dns.Msg) *dns.Msg {
	switch s {
	case StrayID:
		lie.Id ^= 1
	case StrayQuestion:
		lie.Question[0] = another(lie.Question[0])
	case StrayEcho:
		return req.Copy()
	case StrayNoise, StrayShort, StrayLoop:
		lie.Answer, lie.Rcode = nil, dns.RcodeSuccess
	case StrayHuge:
		for range 5 * ednsSize / 255 {
			lie.Answer = append(lie.Answer, &dns.TXT{
				Hdr: dns.RR_Header{Name: lie.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60},
				Txt: []string{strings.Repeat("x", 255)},
			})
		}
	case StraySource:
	}
	return lie
}

// another is a question of the same length.
func another(q dns.Question) dns.Question {
	switch {
	case q.Name == "." || q.Name[0] == '\\':
		q.Qtype ^= 1
	case q.Name[0] == 'q' || q.Name[0] == 'Q':
		q.Name = "z" + q.Name[1:]
	default:
		q.Name = "q" + q.Name[1:]
	}
	return q
}

// spoil does to the octets what no library writes.
func (s Stray) spoil(raw []byte) []byte {
	const idLen, ancount, ttlAndLength = 2, 6, 6
	switch {
	case s == StrayNoise:
		return append(raw[:idLen], bytes.Repeat([]byte{0xff}, 40)...)
	case s != StrayShort && s != StrayLoop:
		return raw
	}
	binary.BigEndian.PutUint16(raw[ancount:], 1)
	owner := uint16(0xc000 | 12) // a pointer to the name of the question
	if s == StrayLoop {
		owner = 0xc000 | uint16(len(raw))
	}
	raw = binary.BigEndian.AppendUint16(raw, owner)
	raw = binary.BigEndian.AppendUint16(raw, dns.TypeTXT)
	raw = binary.BigEndian.AppendUint16(raw, dns.ClassINET)
	if s == StrayLoop {
		raw = append(raw, make([]byte, ttlAndLength)...)
	}
	return raw
}
