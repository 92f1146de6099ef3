package rfc2136test_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
)

// Zones of one serial, loaded one after the other within a moment, are each
// judged for what they hold.
func TestOracle(t *testing.T) {
	const head = "$ORIGIN customer.example.\n$TTL 300\n@ SOA ns1.host.example. host.host.example. 1 1 1 1 1\n@ NS ns1.host.example.\n"
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "www A 192.0.2.%d\n", i)
	}
	o := rfc2136test.StartOracle(t, "customer.example")
	for _, c := range []struct {
		name, zone string
		complaint  string // a part of it
		refused    bool
		addresses  int // of www then
	}{
		{"a zone", "www A 192.0.2.1\n", "", false, 1},
		{"another", "www A 192.0.2.1\nwww A 192.0.2.2\n", "", false, 2},
		{"one that it takes with a word", "www A 192.0.2.1\nwww 60 A 192.0.2.2\nwww A 192.0.2.3\n", "TTL mismatch", false, 3},
		{"one that it refuses", "www A 192.0.2.1\nwww CNAME edge.app.example.\n", "another record exists beside CNAME", true, 3},
		{"one that is no zone", "www A here\n", "error in zone", true, 3},
		{"answers too long for UDP", many.String(), "", false, 100},
	} {
		complaints, err := o.Load(t.Context(), head+c.zone)
		if refused := errors.Is(err, rfc2136test.ErrRefused); refused != c.refused || err != nil && !refused {
			t.Fatalf("%s: got the error %v, want refused: %t", c.name, err, c.refused)
		}
		said := slices.ContainsFunc(complaints, func(s string) bool { return strings.Contains(s, c.complaint) })
		if said != (c.complaint != "") {
			t.Errorf("%s: complaints: got %q, want %q", c.name, complaints, c.complaint)
		}
		m, err := o.Ask(t.Context(), "www.customer.example", "A")
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if d := cmp.Diff(len(m.Answer), c.addresses); d != "" || m.Rcode != dns.RcodeSuccess {
			t.Errorf("%s: %s addresses (-got +want):\n%s", c.name, dns.RcodeToString[m.Rcode], d)
		}
	}
}
