package providertest

import (
	"fmt"

	"github.com/mooring-dns/mooring/providers/zone"
)

var typeCases = []Case{
	{"type-mx", "An MX keeps its preference, 0 included.", written("m", "MX", "0 mx0.mail.example", "10 mx1.mail.example", "65535 mx2.mail.example")},
	{"type-mx-null", `A null MX is "0 ." (RFC 7505).`, nullMX},
	{"type-mx-preference", "The preference of one MX changes, and the other MX stays.", preference},
	{"type-mx-zero", "The preference of an MX becomes 0.", mxZero},
	{"type-srv", "An SRV keeps priority, weight and port.", written("_x._udp", "SRV", "0 0 443 a.example", "1 2 3 b.example")},
	{"type-caa", "A CAA keeps flags, tag and value.", written("c", "CAA", `0 issuewild ";"`, `128 iodef "mailto:x@ca.example"`)},
	{"type-caa-parameters", "A CAA keeps the parameters of its value (RFC 8659 section 4.2).", caaParameters},
	{"type-cname", "A CNAME's target is absolute, also when it is outside the zone.", written("alias", "CNAME", "target.other.example")},
	{"type-cname-inside", "A CNAME's target inside the zone is not given the zone's name twice.", insideTarget},
	{"type-https", "An HTTPS record keeps its parameters.", written("h", "HTTPS", `1 . alpn="h2,h3" port="8443"`)},
	{"type-svcb", "An SVCB keeps priority, target and parameters.", written("_dns", "SVCB", `1 dns.other.example. alpn="dot" port="853"`)},
	{"type-tlsa", "A TLSA keeps its numbers and its digest.", written("_25._tcp.mx", "TLSA", "3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")},
	{"type-aaaa", "An AAAA is written.", written("six", "AAAA", "2001:db8::1", "2001:db8:0:1::2")},
	{"type-delegation", "NS records below the apex are written.", delegation},
	{"type-case", "Names have no case: a target in capitals is the same target.", nameCase},
	{"swap-cname-a", "A CNAME becomes an address.", swap(false)},
	{"swap-a-cname", "Addresses and text become a CNAME.", swap(true)},
	{"ttl", "A TTL is stored as it was given, and others are kept.", ttlKept},
	{"ttl-change", "A change of TTL alone keeps the values.", ttlChange},
	{"ttl-joined", "A value that joins an RRset with the RRset's TTL leaves it so.", ttlJoined},
	{"ttl-floor", "The lowest TTL that the host stores is stored as it was given.", ttlOf(1)},
	{"ttl-ceiling", "The highest TTL that the host stores is stored as it was given.", ttlOf(maxTTL)},
	{"ttl-refused", "A TTL that the host does not store is refused, never changed, and nothing is written.", ttlRefused},
}

// written adds an RRset, then takes it away.
func written(rel, typ string, data ...string) func(*env) error {
	return func(e *env) error {
		if err := e.stores(typ); err != nil {
			return err
		}
		before, err := e.seed()
		if err != nil {
			return err
		}
		c := zone.Change{Owner: e.name(rel)}
		for _, d := range data {
			c.Add = append(c.Add, e.rec(rel, typ, d))
		}
		if err := e.becomes(before, c); err != nil {
			return err
		}
		if err := e.apply(c.Inverse()); err != nil {
			return err
		}
		return e.holds(before)
	}
}

func nullMX(e *env) error {
	if e.zone.Caps.NoNullMX {
		return notHere("the host stores no null MX")
	}
	return written("m", "MX", "0 .")(e)
}

func caaParameters(e *env) error {
	if e.zone.Caps.NoCAAParameters {
		return notHere("the host stores no CAA with parameters")
	}
	return written("c", "CAA", `0 issue "ca.example; account=1; validationmethods=dns-01"`)(e)
}

func delegation(e *env) error {
	if e.zone.Caps.NoDelegation {
		return notHere("the host stores no NS below the apex")
	}
	return written("sub", "NS", "ns1.other.example", "ns2.other.example")(e)
}

func preference(e *env) error {
	if err := e.stores("MX"); err != nil {
		return err
	}
	before, err := e.seed()
	if err != nil {
		return err
	}
	return e.becomes(before, zone.Change{
		Owner:  e.apex,
		Remove: []zone.Record{e.rec("@", "MX", "10 mx1.mail.example")},
		Add:    []zone.Record{e.rec("@", "MX", "5 mx1.mail.example")},
	})
}

// mxZero is for clients that leave a zero out of what they send.
func mxZero(e *env) error {
	if err := e.stores("MX"); err != nil {
		return err
	}
	before, err := e.seed()
	if err != nil {
		return err
	}
	return e.undone(before, zone.Change{
		Owner:  e.apex,
		Remove: []zone.Record{e.rec("@", "MX", "20 mx2.mail.example")},
		Add:    []zone.Record{e.rec("@", "MX", "0 mx2.mail.example")},
	})
}

func insideTarget(e *env) error { return written("alias", "CNAME", string(e.name("mail")))(e) }

func nameCase(e *env) error {
	if err := e.stores("CNAME", "MX"); err != nil {
		return err
	}
	return written("upper", "MX", "10 MX.Mail.EXAMPLE.")(e)
}

func swap(toCNAME bool) func(*env) error {
	return func(e *env) error {
		if err := e.stores("CNAME"); err != nil {
			return err
		}
		cname := []zone.Record{e.rec("swap", "CNAME", "target.other.example")}
		others := append(e.addresses("swap", 1, 2), e.txt("swap", "text"))
		from, to := cname, others
		if toCNAME {
			from, to = others, cname
		}
		before, err := e.seed(from...)
		if err != nil {
			return err
		}
		return e.becomes(before, zone.Change{Owner: e.name("swap"), Remove: from, Add: to, Absent: []string{zone.AnyType}})
	}
}

func ttlKept(e *env) error {
	other := e.txt("ttl", "other")
	other.TTL = e.ttl(7200)
	before, err := e.seed(other)
	if err != nil {
		return err
	}
	mine := e.rec("ttl", "A", "192.0.2.60")
	mine.TTL = e.ttl(600)
	return e.becomes(before, zone.Change{Owner: e.name("ttl"), Add: []zone.Record{mine}})
}

func ttlChange(e *env) error {
	old := e.addresses("ttl", 1, 2)
	before, err := e.seed(old...)
	if err != nil {
		return err
	}
	c := zone.Change{Owner: e.name("ttl"), Remove: old, Add: e.addresses("ttl", 1, 2)}
	for i := range c.Add {
		c.Add[i].TTL = e.ttl(86400)
	}
	if c.Add[0].TTL == old[0].TTL {
		return notHere("the host stores one TTL only")
	}
	return e.becomes(before, c)
}

// maxTTL is the highest that DNS has (RFC 2181 section 8).
const maxTTL = 1<<31 - 1

func ttlJoined(e *env) error {
	theirs := e.addresses("ttl", 1, 2)
	mine := e.rec("ttl", "A", "203.0.113.9")
	for _, r := range []*zone.Record{&theirs[0], &theirs[1], &mine} {
		r.TTL = e.ttl(7200)
	}
	before, err := e.seed(theirs...)
	if err != nil {
		return err
	}
	return e.undone(before, zone.Change{Owner: mine.Name, Add: []zone.Record{mine}})
}

// ttlOf writes the TTL nearest to ttl that the host has.
func ttlOf(ttl uint32) func(*env) error {
	return func(e *env) error {
		before, err := e.seed()
		if err != nil {
			return err
		}
		mine := e.rec("ttl", "A", "192.0.2.60")
		mine.TTL = e.ttl(ttl)
		return e.undone(before, zone.Change{Owner: mine.Name, Add: []zone.Record{mine}})
	}
}

func ttlRefused(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	tried := 0
	for _, ttl := range []uint32{e.ttl(1) - 1, e.ttl(maxTTL) + 1} {
		if ttl == 0 || ttl > maxTTL {
			continue
		}
		tried++
		r := e.rec("ttl", "A", "192.0.2.60")
		r.TTL = ttl
		if err := e.refused(r); err != nil {
			return fmt.Errorf("a TTL of %d: %w", ttl, err)
		}
	}
	if tried == 0 {
		return notHere("the host stores every TTL")
	}
	return nil
}
