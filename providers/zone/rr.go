package zone

import (
	"bufio"
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

// rdataOf is the rdata of rr as text, in the form of RFC 3597 where its type
// has none of its own.
func rdataOf(rr dns.RR) string {
	unknown, ok := rr.(*dns.RFC3597)
	if _, null := rr.(*dns.NULL); null {
		unknown = new(dns.RFC3597)
		ok = unknown.ToRFC3597(rr) == nil
	}
	if ok {
		return strings.TrimSpace(fmt.Sprintf(`\# %d %s`, len(unknown.Rdata)/2, unknown.Rdata))
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String())
}

// oneLine refuses data that could end its line, or that zone text reads as
// more or less than rdata: line breaks, and outside of quotes what begins a
// comment or groups lines.
func oneLine(data string) error {
	quoted := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '\n', c == '\r', c == 0:
			return fmt.Errorf("%q: a line break in rdata", data)
		case c == '\\' && i+1 < len(data) && data[i+1] >= ' ':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ';' || c == '(' || c == ')'):
			return fmt.Errorf("%q: a bare %q in rdata", data, c)
		}
	}
	return nil
}

// parseRR lets miekg/dns read one line of zone text.
func parseRR(name Name, typ string, ttl uint32, data string) (dns.RR, error) {
	if err := oneLine(data); err != nil {
		return nil, err
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

// lineCounter counts the lines that a zone parser has begun.
type lineCounter struct {
	*bufio.Reader
	line int
}

func (l *lineCounter) ReadByte() (byte, error) {
	c, err := l.Reader.ReadByte()
	if c == '\n' {
		l.line++
	}
	return c, err
}

// ReadText reads zone text (RFC 1035 section 5) of class IN. The apex is the
// owner of the SOA record; without one it is origin. $INCLUDE is refused. The
// error names the line.
func ReadText(r io.Reader, origin Name) (Snapshot, error) {
	lines := &lineCounter{Reader: bufio.NewReader(r)}
	zp := dns.NewZoneParser(lines, origin.FQDN(), "")
	var recs []Record
	apex := origin
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		if c := rr.Header().Class; c != dns.ClassINET {
			return Snapshot{}, fmt.Errorf("zone: text: line %d: class %s: only IN is read", lines.line, dns.Class(c))
		}
		rec, err := FromRR(rr)
		if err != nil {
			return Snapshot{}, fmt.Errorf("zone: text: line %d: %w", lines.line, err)
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
		if r.Opaque || !isType(r.Type) {
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
