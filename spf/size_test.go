package spf_test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/spf"
)

// The size of a reply is that of the message that a DNS library packs.
func TestSizeOfIsThatOfAMessage(t *testing.T) {
	for _, values := range [][]string{nil, {""}, {"v=spf1 -all"}, {strings.Repeat("x", 255)}, {strings.Repeat("x", 256), "y"}, {strings.Repeat("x", 1000), "", "z"}} {
		for _, name := range []string{"example", "cust.example", "_spf." + strings.Repeat("a", 63) + ".cust.example"} {
			m := new(dns.Msg)
			m.SetQuestion(dns.Fqdn(name), dns.TypeTXT)
			m.Response, m.Compress = true, true
			for _, v := range values {
				m.Answer = append(m.Answer, &dns.TXT{
					Hdr: dns.RR_Header{Name: dns.Fqdn(name), Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 300},
					Txt: spf.Split(v, 0),
				})
			}
			m.SetEdns0(1232, false)
			packed, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			if got := spf.SizeOf(name, values...); got.UDP != len(packed) {
				t.Errorf("%s, %d values: %d octets, want %d", name, len(values), got.UDP, len(packed))
			}
		}
	}
}
