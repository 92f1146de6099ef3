package zone_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
)

const exampleZone = `$ORIGIN customer.example.
$TTL 3600
@ SOA ns1 hostmaster 2026010101 3600 600 86400 300
@ NS ns1
@ 300 MX 10 Mail
@ TXT "v=spf1 mx" " -all"
@ TXT "quoted \"text\"; with \\ backslash \200"
@ CAA 0 issue "ca.example"
ns1 A 127.0.0.1
* A 192.0.2.99
a\.b TXT bare
svc HTTPS 1 . port=8443 alpn=h2
odd TYPE65400 \# 2 0102
`

func readText(t testing.TB, text string) zone.Snapshot {
	t.Helper()
	s, err := zone.ReadText(strings.NewReader(text), "customer.example")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// checkRoundTrip writes a snapshot and reads it again.
func checkRoundTrip(t testing.TB, s zone.Snapshot) {
	t.Helper()
	var b strings.Builder
	if err := s.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	again, err := zone.ReadText(strings.NewReader(b.String()), s.Zone)
	if err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	again.Zone = s.Zone // the last of several SOA records names it
	if d := cmp.Diff(again, s); d != "" {
		t.Fatalf("written and read again (-got +want):\n%s\nof\n%s", d, b.String())
	}
}

func TestText(t *testing.T) {
	s := readText(t, exampleZone)
	var b strings.Builder
	if err := s.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := `customer.example. 3600 SOA ns1.customer.example. hostmaster.customer.example. 2026010101 3600 600 86400 300
customer.example. 3600 CAA 0 issue "ca.example"
customer.example. 300 MX 10 mail.customer.example.
customer.example. 3600 NS ns1.customer.example.
customer.example. 3600 TXT "quoted \"text\"; with \\ backslash \200"
customer.example. 3600 TXT "v=spf1 mx" " -all"
*.customer.example. 3600 A 192.0.2.99
a\046b.customer.example. 3600 TXT "bare"
ns1.customer.example. 3600 A 127.0.0.1
odd.customer.example. 3600 TYPE65400 \# 2 0102
svc.customer.example. 3600 HTTPS 1 . alpn="h2" port="8443"
`
	if d := cmp.Diff(b.String(), want); d != "" {
		t.Errorf("text (-got +want):\n%s", d)
	}
	checkRoundTrip(t, s)
}

// What is no DNS record must not become one, whatever its host says.
func TestWriteTextComments(t *testing.T) {
	s := zone.NewSnapshot("customer.example", []zone.Record{
		{Name: "customer.example", Type: "ALIAS", TTL: 60, Data: "edge.app.example."},
		{Name: "customer.example", Type: "REDIRECT", TTL: 60, Data: "https://x.example/\nevil A 192.0.2.66"},
		{Name: "customer.example", Type: "MX", TTL: 60, Data: "mail\r\nevil 60 A 192.0.2.66"},
		{Name: "customer.example", Type: "A\nevil 60", TTL: 60, Data: "192.0.2.66"},
		{Name: "www.customer.example", Type: "A", TTL: 60, Data: "192.0.2.1"},
	})
	var b strings.Builder
	if err := s.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	got := readText(t, b.String())
	want := []zone.Record{{Name: "www.customer.example", Type: "A", TTL: 60, Data: "192.0.2.1"}}
	if d := cmp.Diff(got.Records, want); d != "" {
		t.Errorf("records (-got +want):\n%s", d)
	}
	if n := strings.Count(b.String(), "\n"); n != len(s.Records) {
		t.Errorf("%d lines, want %d:\n%s", n, len(s.Records), b.String())
	}
}

var readErrors = []struct{ name, text, want string }{
	{"grammar", "$TTL 60\n\nwww A 192.0.2\n", "line: 3"},
	{"no TTL", "www A 192.0.2.1\n", "line: 1"},
	{"include", "$TTL 60\n$INCLUDE /etc/passwd\n", "line: 2"},
	{"class", "$TTL 60\nwww A 192.0.2.1\nwww CH TXT x\n", "line 3: class CH"},
	{"tag of CAA", "$TTL 60\nwww CAA 0 is-sue \"x\"\nb A 192.0.2.1\n", "line 2: zone: www.customer.example. CAA"},
}

func TestReadTextErrors(t *testing.T) {
	for _, c := range readErrors {
		t.Run(c.name, func(t *testing.T) {
			s, err := zone.ReadText(strings.NewReader(c.text), "customer.example")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v and %v, want an error with %q", s.Records, err, c.want)
			}
		})
	}
}

func TestReadTextApex(t *testing.T) {
	const text = "$TTL 60\nwww.other.example. A 192.0.2.1\nother.example. SOA ns1 host 1 1 1 1 1\n"
	if s := readText(t, text); s.Zone != "other.example" {
		t.Errorf("apex %q, want the owner of the SOA record", s.Zone)
	}
	if s := readText(t, "$TTL 60\nwww A 192.0.2.1\n"); s.Zone != "customer.example" {
		t.Errorf("apex %q, want the origin", s.Zone)
	}
}
