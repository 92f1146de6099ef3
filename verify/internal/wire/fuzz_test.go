package wire_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// seed adds answers as servers send them, and what is left of them in transit.
func seed(f *testing.F) {
	for _, line := range hot {
		rr := parse(f, line)
		f.Add(answer(f, rr.Header().Name, rr.Header().Rrtype, line))
	}
	whole := answer(f, "customer.example.", dns.TypeANY, hot...)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(withErrors(f))
	f.Add([]byte(crafted(soundRR, soundRR)))
	f.Add(header(4711, 0x8005, 1))
}

// FuzzMessage holds the reader to miekg/dns: a message that it reads is the same
// message to us, and what it refuses gives us no record of a type that we read.
func FuzzMessage(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, octets []byte) {
		msg := wire.Message(octets)
		recs, err := all(msg)
		m := new(dns.Msg)
		if m.Unpack(octets) != nil {
			checkRefused(t, msg, recs)
			return
		}
		checkHeader(t, msg, m)
		if err != nil {
			if !strings.Contains(err.Error(), "does not lead back") && !questionCut(m) {
				t.Fatalf("refused: %v; miekg/dns reads\n%v", err, m)
			}
			return
		}
		checkQuestion(t, msg, m)
		checkRecords(t, msg, recs, m)
	})
}

// questionCut reports whether the message ends inside a question, which
// miekg/dns takes as one whose type or class is 0.
func questionCut(m *dns.Msg) bool {
	n := len(m.Question)
	return len(m.Answer)+len(m.Ns)+len(m.Extra) == 0 && n > 0 && m.Question[n-1].Qclass == 0
}

func checkHeader(t *testing.T, msg wire.Message, m *dns.Msg) {
	t.Helper()
	got := fmt.Sprint(msg.ID(), msg.Response(), msg.Opcode(), msg.Authoritative(), msg.Truncated(),
		msg.Recurse(), msg.Recursive(), msg.Authentic(), msg.Unchecked(), int(msg.HeaderRcode()))
	want := fmt.Sprint(m.Id, m.Response, m.Opcode, m.Authoritative, m.Truncated,
		m.RecursionDesired, m.RecursionAvailable, m.AuthenticatedData, m.CheckingDisabled, m.Rcode&15)
	if got != want {
		t.Fatalf("header %s, miekg/dns %s", got, want)
	}
}

func checkQuestion(t *testing.T, msg wire.Message, m *dns.Msg) {
	t.Helper()
	if len(m.Question) == 0 {
		return
	}
	q := m.Question[0]
	kind := wire.Match(msg, m.Id, wireName(t, q.Name), q.Qtype)
	same := m.Response && m.Opcode == 0 && len(m.Question) == 1 && q.Qclass == dns.ClassINET
	if got := kind == wire.Same || kind == wire.OtherCase; got != same {
		t.Fatalf("its own question matches: %v, want %v", kind, same)
	}
}

func checkRecords(t *testing.T, msg wire.Message, recs []wire.RR, m *dns.Msg) {
	t.Helper()
	i := 0
	var opt *dns.OPT
	for section, rrs := range [][]dns.RR{m.Answer, m.Ns, m.Extra} {
		for _, rr := range rrs {
			if i == len(recs) {
				t.Fatalf("%d records; miekg/dns reads\n%v", len(recs), m)
			}
			checkRecord(t, msg, recs[i], wire.Section(section), rr)
			if o, ok := rr.(*dns.OPT); ok && section == 2 {
				opt = o
			}
			i++
		}
	}
	if i != len(recs) {
		t.Fatalf("%d records; miekg/dns reads %d:\n%v", len(recs), i, m)
	}
	got, ok := msg.OPT()
	if ok != (opt != nil) || ok && (got.Size != opt.UDPSize() || got.Version != opt.Version() || got.DNSSEC != opt.Do()) {
		t.Fatalf("%+v, %v; miekg/dns %v", got, ok, opt)
	}
	if int(msg.Rcode()) != m.Rcode {
		t.Fatalf("rcode %d, miekg/dns %d", msg.Rcode(), m.Rcode)
	}
	if opt != nil {
		var want []wire.ExtendedError
		for _, o := range opt.Option {
			if e, ok := o.(*dns.EDNS0_EDE); ok {
				want = append(want, wire.ExtendedError{Code: wire.ErrorCode(e.InfoCode), Text: e.ExtraText})
			}
		}
		if got := msg.Errors(); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Fatalf("extended errors %q, miekg/dns %q", got, want)
		}
	}
}

func checkRecord(t *testing.T, msg wire.Message, got wire.RR, section wire.Section, rr dns.RR) {
	t.Helper()
	h := rr.Header()
	if got.Section != section || got.Type != h.Rrtype || got.Class != h.Class || got.TTL != h.Ttl || len(msg.Data(got)) != int(h.Rdlength) {
		t.Fatalf("%+v with %d octets; miekg/dns %v with %d", got, len(msg.Data(got)), rr, h.Rdlength)
	}
	if !bytes.Equal(wireName(t, string(msg.Owner(got))), wireName(t, h.Name)) {
		t.Fatalf("owner %q, miekg/dns %q", msg.Owner(got), h.Name)
	}
	if !isHot(h.Rrtype) || h.Class != dns.ClassINET {
		return
	}
	want, err := zone.FromRR(rr)
	rec, ok := wire.Record(msg, got)
	switch {
	case ok && h.Rrtype == wire.TypeCAA && strings.Contains(rr.(*dns.CAA).Value, `\`):
		// miekg/dns prints the octets of the value as if a \ in them were an
		// escape; the value that we print reads back as the octets.
		_, quoted, _ := strings.Cut(rec.Data, `"`)
		if strs, err := zone.ParseStrings(`"` + quoted); err != nil || len(strs) != 1 || strs[0] != rr.(*dns.CAA).Value {
			t.Fatalf("%v; the value is %q", rec, rr.(*dns.CAA).Value)
		}
	case ok != (err == nil):
		if ok || !laxer(msg, got, rr) {
			t.Fatalf("%v, %v; by miekg/dns %v, %v", rec, ok, want, err)
		}
	case ok && rec != want:
		t.Fatalf("%+v; by miekg/dns %+v", rec, want)
	}
}

// laxer reports whether miekg/dns makes a record of data that is not of its
// type: it takes numbers that are not there for 0, trims blanks at the ends of
// a CAA tag, prints the CAA value as if it had escapes (which makes a long one
// shorter), and follows pointers forwards.
func laxer(msg wire.Message, rr wire.RR, theirs dns.RR) bool {
	switch r := theirs.(type) {
	case *dns.DS:
		return len(msg.Data(rr)) < 4
	case *dns.SOA:
		if missingNumbers(msg, rr) {
			return true
		}
	case *dns.CAA:
		return r.Tag != strings.TrimSpace(r.Tag) || strings.Contains(r.Value, `\`)
	}
	return forwards(msg, rr)
}

// missingNumbers reports whether fewer than 20 octets follow the names of a SOA
// record's data.
func missingNumbers(msg wire.Message, rr wire.RR) bool {
	start, data := dataOffset(msg, rr), msg.Data(rr)
	_, next, err := dns.UnpackDomainName(msg, start)
	if err == nil {
		_, next, err = dns.UnpackDomainName(msg, next)
	}
	return err == nil && next+20 > start+len(data)
}

func dataOffset(msg wire.Message, rr wire.RR) int {
	_, next, _ := dns.UnpackDomainName(msg, rr.Offset())
	return next + 10
}

// forwards reports whether a name in the data has a pointer that does not lead
// before the labels that it ends, so that names may cross each other.
func forwards(msg wire.Message, rr wire.RR) bool {
	off := dataOffset(msg, rr) + map[uint16]int{wire.TypeMX: 2, wire.TypeSRV: 6}[rr.Type]
	if crossing(msg, off) {
		return true
	}
	_, next, err := dns.UnpackDomainName(msg, off)
	return rr.Type == wire.TypeSOA && err == nil && crossing(msg, next)
}

// crossing is for a name that miekg/dns reads.
func crossing(msg wire.Message, off int) bool {
	for run := off; off < len(msg) && msg[off] != 0; {
		if msg[off] < 0xc0 {
			off += 1 + int(msg[off])
			continue
		}
		to := int(binary.BigEndian.Uint16(msg[off:]) & 0x3fff)
		if to >= run {
			return true
		}
		off, run = to, to
	}
	return false
}

// checkRefused: from a message that miekg/dns does not read we take a record
// only where it reads that record by itself. The bounds of each record are its
// own, so what is broken elsewhere says nothing about it: a malformed HTTPS
// record beside an address, or the end of a truncated message.
func checkRefused(t *testing.T, msg wire.Message, recs []wire.RR) {
	t.Helper()
	for _, rr := range recs {
		rec, ok := wire.Record(msg, rr)
		if !ok {
			continue
		}
		theirs, _, err := dns.UnpackRR(msg, rr.Offset())
		if err != nil {
			t.Fatalf("%v was read from\n%x\nmiekg/dns: %v", rec, []byte(msg), err)
		}
		checkRecord(t, msg, rr, rr.Section, theirs)
	}
}
