package providertest

import (
	"github.com/mooring-dns/mooring/providers/zone"
)

// Of values that a careless comparison takes for one, each must go alone.
var oneOfCases = []Case{
	{"one-mx", "Of two MX that differ in preference only, one goes.", oneOf("m", "MX", "10 mx.mail.example", "20 mx.mail.example")},
	{"one-srv", "Of two SRV, one goes.", oneOf("_x._tcp", "SRV", "1 5 443 a.example", "1 5 8443 a.example", "2 5 443 a.example")},
	{"one-https", "Of two HTTPS records, one goes.", oneOf("h", "HTTPS", "1 a.example", "2 b.example")},
	{"one-caa", "Of several CAA, one goes.", oneOf("c", "CAA", `0 issue "ca.example"`, `0 issuewild "ca.example"`, `0 issue "ca2.example"`)},
	{"one-ns", "Of three NS below the apex, one goes.", oneOf("sub", "NS", "ns1.other.example", "ns2.other.example", "ns3.other.example")},
	{"one-aaaa", "Of two AAAA, one goes.", oneOf("six", "AAAA", "2001:db8::1", "2001:db8::1:0")},
	{"one-text-case", "Of two texts that differ in case only, one goes.", oneOf("t", "TXT", `"Token=AbC"`, `"token=abc"`)},
	{"one-text-prefix", "Of texts that begin or end alike, one goes.", oneOf("t", "TXT", `"token=1"`, `"token=12"`, `"a token=1"`, `"token=1 "`)},
	{"one-text-long", "Of two long texts that differ in their last octet, one goes.", oneOf("t", "TXT", longText(300, "a"), longText(300, "b"))},
}

func longText(n int, end string) string { return zone.QuoteText(octets(n-len(end)) + end) }

// oneOf puts values beside each other and removes the first, then adds it
// again.
func oneOf(rel, typ string, data ...string) func(*env) error {
	return func(e *env) error {
		if err := e.stores(typ); err != nil {
			return err
		}
		switch caps := e.zone.Caps; {
		case typ == "NS" && caps.NoDelegation:
			return notHere("the host stores no NS below the apex")
		case typ == "MX" && caps.UniqueMX: // those of the case differ in preference only
			return notHere("the host stores no two MX for the same mail server")
		}
		var set []zone.Record
		for _, d := range data {
			r := e.rec(rel, typ, d)
			if err := e.holdable(r); err != nil {
				return err
			}
			set = append(set, r)
		}
		before, err := e.seed(set...)
		if err != nil {
			return err
		}
		return e.undone(before, zone.Change{Owner: e.name(rel), Remove: set[:1]})
	}
}
