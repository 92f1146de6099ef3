package verify

import (
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/mux"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// reply is what a server said, in our words.
type reply struct {
	rcode     string
	aa        bool
	answer    []zone.Record
	authority []zone.Record
	extra     []zone.Record
	why       string   // what the server says itself of a failure (RFC 8914)
	ede       []uint16 // the same as codes
	how       mux.How  // what it took to get it
	spoofed   uint16   // messages dropped meanwhile that answered something else
	garbage   uint16   // messages dropped meanwhile that were no DNS messages
}

// parse reads an answer. The error says that it is no DNS message.
func parse(msg wire.Message) (reply, error) {
	r := reply{rcode: msg.Rcode().String(), aa: msg.Authoritative()}
	_, answer, authority, extra := msg.Counts()
	r.answer, r.authority, r.extra = records(answer), records(authority), records(extra-1) // OPT is none of ours
	recs := msg.Records()
	for recs.Next() {
		if recs.Type == wire.TypeOPT || recs.Class != wire.ClassIN {
			continue
		}
		rec, ok := wire.Record(msg, recs.RR)
		if !ok {
			var err error
			if rec, err = foreign(msg, recs.Offset()); err != nil {
				return reply{}, mux.ErrMangled
			}
		}
		switch recs.Section {
		case wire.Answer:
			r.answer = append(r.answer, rec)
		case wire.Authority:
			r.authority = append(r.authority, rec)
		default:
			r.extra = append(r.extra, rec)
		}
	}
	if recs.Err() != nil {
		return reply{}, mux.ErrMangled
	}
	for _, e := range msg.Errors() {
		r.ede = append(r.ede, uint16(e.Code))
		r.why = strings.TrimSpace(e.Code.String() + " " + e.Text)
	}
	return r, nil
}

// records has room for as many as a header promises, within what is common.
func records(promised int) []zone.Record {
	const most = 16
	if promised <= 0 {
		return nil
	}
	return make([]zone.Record, 0, min(promised, most))
}

// foreign reads the record at that offset, of a type that package wire does
// not know. Data that has no canonical form is kept as it is, so that a report
// can show it.
func foreign(msg []byte, offset int) (zone.Record, error) {
	rr, _, err := dns.UnpackRR(msg, offset)
	if err != nil {
		return zone.Record{}, err
	}
	rec, err := zone.FromRR(rr)
	if err == nil {
		return rec, nil
	}
	h := rr.Header()
	name, err := zone.ParseName(h.Name)
	if err != nil {
		return zone.Record{}, err
	}
	return zone.Record{
		Name: name, Type: dns.Type(h.Rrtype).String(), TTL: h.Ttl, Opaque: true,
		Data: strings.TrimPrefix(rr.String(), h.String()),
	}, nil
}

// typeNumber is 0 for what is no DNS type: a host's own feature.
func typeNumber(typ string) uint16 {
	if n, ok := dns.StringToType[typ]; ok {
		return n
	}
	digits, ok := strings.CutPrefix(typ, "TYPE") // RFC 3597 section 5
	n, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil {
		return 0
	}
	return uint16(n)
}
