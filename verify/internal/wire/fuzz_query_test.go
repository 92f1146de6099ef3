package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// FuzzQuery: names are as package zone and miekg/dns have them, and miekg/dns
// reads from our queries what they mean.
func FuzzQuery(f *testing.F) {
	f.Add("www.Customer.example", uint16(1), uint16(16), uint16(1232), byte(7))
	f.Add(`a\.b\046.x\200.`, uint16(65535), uint16(257), uint16(0), byte(0))
	f.Add(".", uint16(0), uint16(2), uint16(512), byte(1))
	f.Add(strings.Repeat(strings.Repeat("a", 63)+".", 4), uint16(0), uint16(2), uint16(512), byte(1))
	f.Add("@", uint16(0), uint16(2), uint16(512), byte(1))
	f.Fuzz(func(t *testing.T, text string, id, typ, size uint16, flags byte) {
		name, err := wire.AppendName(nil, text)
		parsed, parseErr := zone.ParseName(text)
		if (err == nil) != (parseErr == nil) && text != "@" {
			t.Fatalf("%q: %v; package zone: %v", text, err, parseErr)
		}
		if err != nil {
			return
		}
		if text != "@" {
			if again := wireName(t, string(parsed)); !bytes.Equal(again, name) {
				t.Fatalf("%q: %q, and as %q %q", text, name, parsed, again)
			}
		}
		q := wire.Query{ID: id, Name: bytes.Clone(name), Type: typ, EDNS: size, Recurse: flags&1 != 0, Unchecked: flags&2 != 0, DNSSEC: flags&4 != 0}
		wire.Scramble(q.Name, uint64(id)*0x9e3779b97f4a7c15)
		m := new(dns.Msg)
		if err := m.Unpack(wire.AppendQuery(nil, q)); err != nil {
			t.Fatal(err)
		}
		got := wireName(t, m.Question[0].Name)
		opt := m.IsEdns0()
		if len(m.Question) != 1 || !bytes.Equal(got, name) || m.Question[0].Qtype != typ || m.Question[0].Qclass != dns.ClassINET ||
			m.Id != id || m.Response || m.Opcode != 0 || m.RecursionDesired != q.Recurse || m.CheckingDisabled != q.Unchecked ||
			(opt != nil) != (size > 0) || opt != nil && (opt.UDPSize() != size || opt.Do() != q.DNSSEC || opt.Version() != 0) {
			t.Fatalf("%+v became\n%v", q, m)
		}
		m.Response = true
		reply, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if kind := wire.Match(reply, id, q.Name, typ); kind != wire.Same {
			t.Fatalf("its answer matches as %v", kind)
		}
		wire.Scramble(q.Name, 0)
		if kind := wire.Match(reply, id, q.Name, typ); kind != wire.Same && kind != wire.OtherCase {
			t.Fatalf("its answer matches the lower case as %v", kind)
		}
	})
}
