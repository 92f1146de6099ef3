package zone

import (
	"fmt"
	"io"
	"strings"

	"github.com/miekg/dns"
)

// FromRR is a record as the DNS wire carries it.
func FromRR(rr dns.RR) (Record, error) {
	h := rr.Header()
	name, err := ParseName(h.Name)
	if err != nil {
		return Record{}, err
	}
	return New(name, dns.Type(h.Rrtype).String(), h.Ttl, rdataOf(rr))
}

// RR is the record for the DNS wire. The error says why it has no wire form:
// opaque data, or a type that is a feature of its host.
func (r Record) RR() (dns.RR, error) {
	if r.Opaque {
		return nil, fmt.Errorf("zone: %s %s: opaque data has no wire form", r.Name.FQDN(), r.Type)
	}
	rr, err := parseRR(r.Name, r.Type, r.TTL, r.Data)
	if err != nil {
		return nil, fmt.Errorf("zone: %s %s: %w", r.Name.FQDN(), r.Type, err)
	}
	return rr, nil
}

func rdataOf(rr dns.RR) string {
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}

// parseRR lets miekg/dns read one line of zone text. Data must not be able to
// end its line.
func parseRR(name Name, typ string, ttl uint32, data string) (dns.RR, error) {
	if strings.ContainsAny(data, "\n\r\x00") {
		return nil, fmt.Errorf("%q: a line break in rdata", data)
	}
	zp := dns.NewZoneParser(strings.NewReader(fmt.Sprintf("%s %d IN %s %s\n", name.FQDN(), ttl, typ, data)), ".", "")
	rr, ok := zp.Next()
	if !ok {
		if err := zp.Err(); err != nil {
			return nil, fmt.Errorf("%q: %w", data, err)
		}
		return nil, fmt.Errorf("%q: no record", data)
	}
	if _, more := zp.Next(); more {
		return nil, fmt.Errorf("%q: %w", data, errTooMany)
	}
	return rr, nil
}

// ReadText reads zone text (RFC 1035 section 5). The apex is the owner of the
// SOA record; without one it is origin. $INCLUDE is refused. The error names
// the line.
func ReadText(r io.Reader, origin Name) (Snapshot, error) {
	zp := dns.NewZoneParser(r, origin.FQDN(), "")
	var recs []Record
	apex := origin
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		rec, err := FromRR(rr)
		if err != nil {
			return Snapshot{}, err
		}
		if rec.Type == "SOA" {
			apex = rec.Name
		}
		recs = append(recs, rec)
	}
	if err := zp.Err(); err != nil {
		return Snapshot{}, fmt.Errorf("zone: text: %w", err)
	}
	return NewSnapshot(apex, recs), nil
}

// WriteText writes the snapshot as zone text that any server loads, the SOA
// first. Records that are no DNS records (opaque ones, host features) become
// comments.
func (s Snapshot) WriteText(w io.Writer) error {
	var b strings.Builder
	line := func(r Record) {
		if _, ok := typeNumber(r.Type); r.Opaque || !ok {
			b.WriteString("; ")
			b.WriteString(strings.NewReplacer("\n", `\010`, "\r", `\013`).Replace(r.String()))
		} else {
			b.WriteString(r.String())
		}
		b.WriteByte('\n')
	}
	for _, r := range s.Set(s.Zone, "SOA") {
		line(r)
	}
	for _, r := range s.Records {
		if r.Type != "SOA" || r.Name != s.Zone {
			line(r)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
