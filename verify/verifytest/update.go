package verifytest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// update performs an UPDATE in the order of RFC 2136 section 3 and is its
// rcode. Between the check of the prerequisites and the end of the change
// nobody else gets at the zone.
func (s *Server) update(req *dns.Msg) int {
	if len(req.Question) != 1 || req.Question[0].Qtype != dns.TypeSOA || req.Question[0].Qclass != dns.ClassINET {
		return dns.RcodeFormatError // section 3.1.1
	}
	apex, err := zone.ParseName(req.Question[0].Name)
	if err != nil {
		return dns.RcodeFormatError
	}
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	z, ok := s.world.zones[apex]
	switch {
	case !ok || s.only != nil && !s.only[apex]:
		return dns.RcodeNotAuth // section 3.1.2
	case !s.primary: // section 6 lets a secondary forward; this one does not
		return dns.RcodeRefused
	case len(s.keys) > 0 && req.IsTsig() == nil: // section 3.3
		return dns.RcodeRefused
	}
	if rc := prerequisites(z, req.Answer); rc != dns.RcodeSuccess {
		return rc
	}
	if rc := prescan(z, req.Ns); rc != dns.RcodeSuccess {
		return rc
	}
	after := z
	for _, rr := range req.Ns {
		after.Records = apply(after, rr)
	}
	if slices.Equal(z.Records, after.Records) {
		return dns.RcodeSuccess // section 3.6: no change, no new serial
	}
	if slices.Equal(z.Set(apex, "SOA"), after.Set(apex, "SOA")) {
		after = bumpSerial(after)
	}
	s.world.set(after)
	return dns.RcodeSuccess
}

// prescan is section 3.4.1: the whole update section is looked at before any
// of it happens.
func prescan(z zone.Snapshot, updates []dns.RR) int {
	for _, rr := range updates {
		h := rr.Header()
		name, err := zone.ParseName(h.Name)
		if err != nil {
			return dns.RcodeFormatError
		}
		if !name.Within(z.Zone) {
			return dns.RcodeNotZone
		}
		bad := false
		switch h.Class {
		case dns.ClassINET:
			_, err := zone.FromRR(rr)
			bad = metaType(h.Rrtype) || err != nil
		case dns.ClassANY:
			bad = h.Ttl != 0 || h.Rdlength != 0 || metaType(h.Rrtype) && h.Rrtype != dns.TypeANY
		case dns.ClassNONE:
			_, err := zone.FromRR(rr)
			bad = h.Ttl != 0 || metaType(h.Rrtype) || err != nil
		default:
			bad = true
		}
		if bad {
			return dns.RcodeFormatError
		}
	}
	return dns.RcodeSuccess
}

func metaType(t uint16) bool {
	switch t {
	case dns.TypeANY, dns.TypeAXFR, dns.TypeIXFR, dns.TypeMAILA, dns.TypeMAILB, dns.TypeOPT, dns.TypeTSIG:
		return true
	}
	return false
}

// apply is z's records after one record of the update section (section 3.4.2).
func apply(z zone.Snapshot, rr dns.RR) []zone.Record {
	h := rr.Header()
	name, _ := zone.ParseName(h.Name) // prescan has read it
	typ := dns.Type(h.Rrtype).String()
	atApex := name == z.Zone
	switch h.Class {
	case dns.ClassANY:
		return slices.DeleteFunc(slices.Clone(z.Records), func(r zone.Record) bool {
			kept := atApex && (r.Type == "SOA" || r.Type == "NS") // section 3.4.2.3
			return r.Name == name && (typ == "ANY" || r.Type == typ) && !kept
		})
	case dns.ClassNONE:
		gone, _ := zone.FromRR(rr)
		if typ == "SOA" || typ == "NS" && atApex && len(z.Set(name, "NS")) == 1 {
			return z.Records // section 3.4.2.4
		}
		return slices.DeleteFunc(slices.Clone(z.Records), func(r zone.Record) bool { return same(r, gone) })
	}
	add, _ := zone.FromRR(rr)
	return insert(z, add)
}

// insert is section 3.4.2.2. An add that may not be is ignored, not refused.
func insert(z zone.Snapshot, add zone.Record) []zone.Record {
	at := z.At(add.Name)
	cnames := len(z.Set(add.Name, "CNAME"))
	switch {
	case add.Type == "CNAME" && cnames < len(at), add.Type != "CNAME" && cnames > 0:
		return z.Records
	case add.Type == "SOA" && (add.Name != z.Zone || !newer(serial(add), serial(z.Set(z.Zone, "SOA")[0]))):
		return z.Records
	}
	recs := slices.DeleteFunc(slices.Clone(z.Records), func(r zone.Record) bool {
		return same(r, add) || r.Key() == add.Key() && (add.Type == "CNAME" || add.Type == "SOA")
	})
	for i := range recs {
		// The TTLs of an RRset are equal (RFC 2181 section 5.2); the record
		// that comes last says what they are, as in BIND.
		if recs[i].Key() == add.Key() {
			recs[i].TTL = add.TTL
		}
	}
	return zone.NewSnapshot(z.Zone, append(recs, add)).Records
}

// same compares as the wire does: the borders between the strings of a TXT
// record count (section 1.1.1).
func same(a, b zone.Record) bool {
	return a.Name == b.Name && a.Type == b.Type && a.Data == b.Data
}

// newer is serial arithmetic (RFC 1982 section 3.2).
func newer(a, b uint32) bool { return a != b && a-b < 1<<31 }

// The fields of SOA rdata.
const soaSerial, soaFields = 2, 7

func serial(soa zone.Record) uint32 {
	f := strings.Fields(soa.Data)
	if len(f) != soaFields {
		return 0
	}
	v, _ := strconv.ParseUint(f[soaSerial], 10, 32)
	return uint32(v)
}

// bumpSerial is the zone with the next serial, which is never 0.
func bumpSerial(z zone.Snapshot) zone.Snapshot {
	z.Records = slices.Clone(z.Records)
	for i, r := range z.Records {
		if r.Type != "SOA" || r.Name != z.Zone {
			continue
		}
		next := serial(r) + 1
		if next == 0 {
			next = 1
		}
		f := strings.Fields(r.Data)
		f[soaSerial] = strconv.FormatUint(uint64(next), 10)
		z.Records[i].Data = strings.Join(f, " ")
	}
	return z
}
