package wire_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// hot is zone text with every type that the codec reads.
var hot = []string{
	`www.customer.example. 300 IN A 192.0.2.1`,
	`www.customer.example. 300 IN A 192.0.2.254`,
	`www.customer.example. 300 IN AAAA 2001:db8::1`,
	`mapped.customer.example. 300 IN AAAA ::ffff:192.0.2.1`,
	`alias.Customer.example. 60 IN CNAME Target.Platform.example.`,
	`odd.customer.example. 60 IN CNAME a\.b\;\200.x\@y.\$z.example.`,
	`root.customer.example. 60 IN CNAME .`,
	`customer.example. 3600 IN TXT "v=spf1 include:_spf.platform.example -all"`,
	`customer.example. 3600 IN TXT "one " "two \"quoted\" \\ \000\200" ""`,
	`k._domainkey.customer.example. 3600 IN TXT "` + strings.Repeat("A", 255) + `" "` + strings.Repeat("b", 151) + `"`,
	`customer.example. 3600 IN MX 10 mx1.mail.example.`,
	`customer.example. 3600 IN MX 0 .`,
	`customer.example. 86400 IN NS ns1.host.example.`,
	`customer.example. 86400 IN NS ns2.host.example.`,
	`customer.example. 3600 IN SOA ns1.host.example. host\.master.host.example. 2026112201 7200 3600 1209600 4294967295`,
	`customer.example. 3600 IN CAA 0 issue "ca.example; account=1"`,
	`customer.example. 3600 IN CAA 128 IODEF "mailto:a@customer.example"`,
	`customer.example. 3600 IN CAA 0 issue ""`,
	`_sip._tcp.customer.example. 3600 IN SRV 10 20 5060 sip.customer.example.`,
	`customer.example. 3600 IN DS 60485 8 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A`,
	`customer.example. 4294967295 IN A 192.0.2.7`,
	`old.customer.example. 1 CH TXT "another class"`,
	`customer.example. 3600 IN SSHFP 4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789`,
	`customer.example. 3600 IN HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1`,
}

func parse(t testing.TB, line string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return rr
}

// question is a query as miekg/dns packs it.
func question(name string, typ uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	m.Id = 4711
	return m
}

// answer is a reply to question with the lines in its answer section, a name
// server and its address behind it, and OPT.
func answer(t testing.TB, name string, typ uint16, lines ...string) []byte {
	t.Helper()
	m := new(dns.Msg)
	m.SetReply(question(name, typ))
	m.Authoritative, m.Compress = true, true
	for _, l := range lines {
		m.Answer = append(m.Answer, parse(t, l))
	}
	m.Ns = append(m.Ns, parse(t, `customer.example. 86400 IN NS ns1.host.example.`))
	m.Extra = append(m.Extra, parse(t, `ns1.host.example. 60 IN A 192.0.2.53`))
	m.SetEdns0(1232, true)
	return pack(t, m)
}

func pack(t testing.TB, m *dns.Msg) []byte {
	t.Helper()
	msg, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func wireName(t testing.TB, s string) []byte {
	t.Helper()
	n, err := wire.AppendName(nil, s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// header is a message with a header only.
func header(id, flags uint16, counts ...uint16) []byte {
	msg := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, id), flags)
	for i := range 4 {
		var n uint16
		if i < len(counts) {
			n = counts[i]
		}
		msg = binary.BigEndian.AppendUint16(msg, n)
	}
	return msg
}

// isHot reports whether Record reads the type.
func isHot(typ uint16) bool {
	switch typ {
	case wire.TypeA, wire.TypeAAAA, wire.TypeCNAME, wire.TypeTXT, wire.TypeMX, wire.TypeNS,
		wire.TypeSOA, wire.TypeCAA, wire.TypeSRV, wire.TypeDS:
		return true
	}
	return false
}

// all is every record of the message.
func all(msg wire.Message) ([]wire.RR, error) {
	var out []wire.RR
	recs := msg.Records()
	for recs.Next() {
		out = append(out, recs.RR)
	}
	return out, recs.Err()
}

func TestRecordOfEachType(t *testing.T) {
	for _, line := range hot {
		t.Run(line[:min(len(line), 60)], func(t *testing.T) {
			rr := parse(t, line)
			msg := wire.Message(answer(t, rr.Header().Name, rr.Header().Rrtype, line))
			if err := msg.Check(); err != nil {
				t.Fatal(err)
			}
			recs, err := all(msg)
			if err != nil || len(recs) != 4 {
				t.Fatalf("got %d records, %v; want 4", len(recs), err)
			}
			want, err := zone.FromRR(rr)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := wire.Record(msg, recs[0])
			if want := isHot(rr.Header().Rrtype) && rr.Header().Class == dns.ClassINET; ok != want {
				t.Fatalf("got %v, want %v", ok, want)
			}
			if ok && got != want {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if got := msg.Owner(recs[0]); got != want.Name {
				t.Errorf("owner %q, want %q", got, want.Name)
			}
			back, _, err := dns.UnpackRR(msg, recs[0].Offset())
			if err != nil || back.String() != dns.Copy(rr).String() {
				t.Errorf("miekg/dns reads %v, %v at the record's offset; want %v", back, err, rr)
			}
		})
	}
}

func TestSections(t *testing.T) {
	msg := wire.Message(answer(t, "customer.example.", dns.TypeTXT, hot[7], hot[8]))
	recs, err := all(msg)
	if err != nil || msg.Check() != nil {
		t.Fatal(err, msg.Check())
	}
	var got []wire.Section
	for _, r := range recs {
		got = append(got, r.Section)
	}
	want := []wire.Section{wire.Answer, wire.Answer, wire.Authority, wire.Additional, wire.Additional}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if q, a, n, e := msg.Counts(); q != 1 || a != 2 || n != 1 || e != 2 {
		t.Errorf("counts %d %d %d %d, want 1 2 1 2", q, a, n, e)
	}
	if !msg.Response() || !msg.Authoritative() || msg.Truncated() || msg.Recursive() || msg.Authentic() || msg.ID() != 4711 {
		t.Errorf("header %x", []byte(msg[:12]))
	}
}

func TestSeconds(t *testing.T) {
	for ttl, want := range map[uint32]uint32{0: 0, 300: 300, 1<<31 - 1: 1<<31 - 1, 1 << 31: 0, 1<<32 - 1: 0} {
		if got := (wire.RR{TTL: ttl}).Seconds(); got != want {
			t.Errorf("%d: got %d, want %d", ttl, got, want)
		}
	}
}
