package wire_test

import (
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// What does one query cost to write? The aim is about 31 ns and no garbage.
func BenchmarkQuery(b *testing.B) {
	b.Run("wire", func(b *testing.B) {
		q := wire.Query{ID: 4711, Name: wireName(b, "www.customer.example"), Type: wire.TypeTXT, EDNS: 1232}
		buf := make([]byte, 0, 512)
		b.ReportAllocs()
		for b.Loop() {
			wire.Scramble(q.Name, 0x9e3779b97f4a7c15)
			buf = wire.AppendQuery(buf[:0], q)
		}
	})
	b.Run("miekg", func(b *testing.B) {
		m := question("www.customer.example.", dns.TypeTXT)
		m.SetEdns0(1232, false)
		buf := make([]byte, 512)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.PackBuffer(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What does it cost to know whether a packet answers the question? The aim is
// about 26 ns and no garbage; miekg/dns can only read it whole.
func BenchmarkMatch(b *testing.B) {
	name := wireName(b, "www.customer.example")
	msg := wire.Message(answer(b, "www.customer.example.", dns.TypeTXT, `www.customer.example. 60 IN TXT "token=0123456789abcdef"`))
	b.Run("wire", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if wire.Match(msg, 4711, name, wire.TypeTXT) != wire.Same {
				b.Fatal("no match")
			}
		}
	})
	b.Run("wire,check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if msg.Check() != nil || msg.Rcode() != wire.NoError {
				b.Fatal("not sound")
			}
		}
	})
	b.Run("miekg", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m := new(dns.Msg)
			if m.Unpack(msg) != nil || m.Id != 4711 || m.Question[0].Name != "www.customer.example." {
				b.Fatal("no match")
			}
		}
	})
}

// What does it cost to have the records of an answer as package zone has them?
func BenchmarkRecord(b *testing.B) {
	for name, lines := range map[string][]string{
		"A": hot[:1], "TXT": {hot[7]}, "DKIM": {hot[9]}, "MX": {hot[10]}, "SOA": {hot[14]},
	} {
		msg := wire.Message(answer(b, "customer.example.", dns.TypeTXT, lines...))
		b.Run(name+"/wire", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				recs := msg.Records()
				if !recs.Next() {
					b.Fatal("no record")
				}
				if _, ok := wire.Record(msg, recs.RR); !ok {
					b.Fatal("no record")
				}
			}
		})
		b.Run(name+"/miekg", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m := new(dns.Msg)
				if err := m.Unpack(msg); err != nil {
					b.Fatal(err)
				}
				if _, err := zone.FromRR(m.Answer[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
