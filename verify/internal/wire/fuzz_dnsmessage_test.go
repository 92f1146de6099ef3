package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/wire"
)

// FuzzDnsmessage holds the reader to golang.org/x/net/dns/dnsmessage, too.
func FuzzDnsmessage(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, octets []byte) {
		var theirs dnsmessage.Message
		if theirs.Unpack(octets) != nil {
			return
		}
		msg := wire.Message(octets)
		recs, err := all(msg)
		if err != nil {
			// dnsmessage does not look whether lengths go past the end.
			if !strings.Contains(err.Error(), "does not lead back") && new(dns.Msg).Unpack(octets) == nil {
				t.Fatalf("refused: %v; dnsmessage reads %v", err, theirs.GoString())
			}
			return
		}
		if msg.ID() != theirs.ID || msg.Response() != theirs.Response || msg.Authoritative() != theirs.Authoritative ||
			msg.Truncated() != theirs.Truncated || int(msg.HeaderRcode()) != int(theirs.RCode&15) {
			t.Fatalf("header %x; dnsmessage %v", octets[:12], theirs.Header.GoString())
		}
		i := 0
		for _, section := range [][]dnsmessage.Resource{theirs.Answers, theirs.Authorities, theirs.Additionals} {
			for _, r := range section {
				if i == len(recs) {
					t.Fatalf("%d records; dnsmessage reads %v", len(recs), theirs.GoString())
				}
				checkResource(t, msg, recs[i], r)
				i++
			}
		}
		if i != len(recs) {
			t.Fatalf("%d records, dnsmessage %d", len(recs), i)
		}
	})
}

func checkResource(t *testing.T, msg wire.Message, rr wire.RR, theirs dnsmessage.Resource) {
	t.Helper()
	h := theirs.Header
	if rr.Type != uint16(h.Type) || rr.Class != uint16(h.Class) || rr.TTL != h.TTL || msg.Owner(rr) != plainName(h.Name) {
		t.Fatalf("%+v of %s; dnsmessage %v", rr, msg.Owner(rr), h.GoString())
	}
	rec, ok := wire.Record(msg, rr)
	if !ok {
		return // dnsmessage does not look whether data ends where its length says
	}
	var want string
	switch b := theirs.Body.(type) {
	case *dnsmessage.AResource:
		want = fmt.Sprintf("%d.%d.%d.%d", b.A[0], b.A[1], b.A[2], b.A[3])
	case *dnsmessage.CNAMEResource:
		want = plainName(b.CNAME).FQDN()
	case *dnsmessage.NSResource:
		want = plainName(b.NS).FQDN()
	case *dnsmessage.MXResource:
		want = fmt.Sprintf("%d %s", b.Pref, plainName(b.MX).FQDN())
	case *dnsmessage.SRVResource:
		want = fmt.Sprintf("%d %d %d %s", b.Priority, b.Weight, b.Port, plainName(b.Target).FQDN())
	case *dnsmessage.SOAResource:
		want = fmt.Sprintf("%s %s %d %d %d %d %d", plainName(b.NS).FQDN(), plainName(b.MBox).FQDN(), b.Serial, b.Refresh, b.Retry, b.Expire, b.MinTTL)
	case *dnsmessage.TXTResource:
		want = zone.QuoteStrings(b.TXT...)
	default:
		return
	}
	if rec.Data != want {
		t.Fatalf("%v; dnsmessage %s", rec, want)
	}
}

// plainName is a name whose labels have no dots in them, as dnsmessage gives
// them without any escapes.
func plainName(n dnsmessage.Name) zone.Name {
	s := strings.TrimSuffix(n.String(), ".")
	if s == "" {
		return zone.Root
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c == '.' || c > ' ' && c < 0x7f && !strings.ContainsRune(`"\;()@$'`, rune(c)) {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, `\%03d`, c)
	}
	return zone.Name(b.String())
}
