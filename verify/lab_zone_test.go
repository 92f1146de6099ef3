//go:build unix

package verify_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// labZone is one zone under lab.
type labZone struct {
	name     string
	hosts    []string // of the name servers: ns1 is Knot, ns2 is NSD, dead is silent; none: ns1 and ns2
	text     string   // records besides SOA, NS and the addresses of name servers
	ttl      int      // of negative answers too; 0: 60
	second   string   // what NSD knows of the zone; "": all, by NOTIFY and transfer; see labSecond
	signed   bool
	anchored string // "good" or "bad": the trust anchor that Unbound has for the zone
	relayed  bool   // Unbound reaches the zone through the relay only
	local    string // what Unbound serves for the zone itself
}

// What NSD knows of a zone.
const (
	labUntold  = "untold"  // Knot sends no NOTIFY: it keeps what it got at first
	labNothing = "nothing" // the zone is not configured
	labNoCopy  = "no copy" // the zone is configured, and nobody gives it away
)

func (z labZone) apex() zone.Name { return zone.Name(z.name + ".lab") }

func (z labZone) servers() []string {
	if len(z.hosts) == 0 {
		return []string{"ns1", "ns2"}
	}
	return z.hosts
}

// labAddrs are the addresses that zone data gives the servers.
var labAddrs = map[string]string{"a.nic": "127.0.0.9", "ns1": "127.0.0.1", "ns2": "127.0.0.2", "dead": "127.0.0.3"}

func (z labZone) String() string {
	var b strings.Builder
	ttl := cmp.Or(z.ttl, 60)
	fmt.Fprintf(&b, "$ORIGIN %s\n$TTL %d\n@ SOA ns1 hostmaster 1 3600 600 86400 %d\n", z.apex().FQDN(), ttl, ttl)
	for _, h := range z.servers() {
		fmt.Fprintf(&b, "@ NS %s\n%s A %s\n", h, h, labAddrs[h])
	}
	return b.String() + z.text
}

// put writes to Knot by UPDATE: what stood at the record's name and type goes.
func (l *lab) put(t *testing.T, z labZone, rec zone.Record) {
	t.Helper()
	rr, err := rec.RR()
	if err != nil {
		t.Fatal(err)
	}
	m := new(dns.Msg)
	m.SetUpdate(z.apex().FQDN())
	m.RemoveRRset([]dns.RR{rr})
	m.Insert([]dns.RR{rr})
	c := dns.Client{Net: "tcp"}
	in, _, err := c.Exchange(m, l.primary.at.String())
	if err != nil || in.Rcode != dns.RcodeSuccess {
		t.Fatalf("update of %s: %v %v\n%s", z.apex(), err, in, l.primary.log.String())
	}
}

// follow waits until NSD serves the value too. A NOTIFY that comes while NSD
// takes over another zone may be lost, so it is sent again.
func (l *lab) follow(t *testing.T, rec zone.Record) {
	t.Helper()
	typ := dns.StringToType[rec.Type]
	if err := l.primary.until(rec.Name.FQDN(), typ, func(m *dns.Msg) bool { return labHas(m, rec) }); err != nil {
		t.Fatal(err)
	}
	const often = 50
	asked := 0
	err := l.second.until(rec.Name.FQDN(), typ, func(m *dns.Msg) bool {
		if asked++; asked%often == 0 {
			n := new(dns.Msg)
			n.SetNotify(rec.Name.Parent().FQDN())
			c := dns.Client{Net: "tcp", Timeout: time.Second}
			_, _, _ = c.Exchange(n, l.second.at.String())
		}
		return labHas(m, rec)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func labHas(m *dns.Msg, rec zone.Record) bool {
	for _, rr := range m.Answer {
		if r, err := zone.FromRR(rr); err == nil && r.Type == rec.Type && r.Data == rec.Data {
			return true
		}
	}
	return false
}
