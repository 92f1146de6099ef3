package providertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// What a host keeps or can do beside plain records.
var extraCases = []Case{
	{"meta-record", "What the host keeps beside a record, such as a proxied flag, survives an edit beside it.", metaRecord},
	{"meta-zone", "What the host keeps of the zone beside its records is the same after an edit.", metaZone},
	{"rare-types", "Records of rare types are read, and survive an edit beside them.", rareTypes},
	{"soa-kept", "No edit changes more of the SOA record than its serial.", soaKept},
	{"soa-refused", "The SOA record is the host's: an edit that changes it is refused, and nothing is written.", soaRefused},
	{"apex-ns", "Where NS records of the apex can be written, one comes and goes, and the others stay.", apexNS},
	{"apex-ns-refused", "Where NS records of the apex are the host's, an edit that adds one is refused.", apexNSRefused},
	{"apex-alias", "An ALIAS takes the place of the apex's addresses, mail and texts stay, and it goes again.", apexAlias(zone.TypeAlias)},
	{"apex-cname", "A flattened CNAME takes the place of the apex's addresses, mail and texts stay, and it goes again.", apexAlias("CNAME")},
	{"redirect", "A redirect is written as it was given, and goes again.", redirect},
}

func metaRecord(e *env) error {
	if e.h.Meta == "" || e.h.Seed == nil {
		return notHere("the harness puts nothing beside a record")
	}
	theirs := e.addresses("flag", 1, 2)
	theirs[0].Meta = e.h.Meta
	before, err := e.seed(theirs...)
	if err != nil {
		return err
	}
	if !slices.Contains(before.Records, theirs[0]) {
		return fmt.Errorf("%s is not in the zone as it was put there", show(theirs[0]))
	}
	c := zone.Change{Owner: e.name("flag"), Add: []zone.Record{e.rec("flag", "A", "203.0.113.77"), e.txt("flag", "mine")}, Remove: theirs[1:]}
	if err := e.becomes(before, c); err != nil {
		return err
	}
	return e.becomes(before.With(c), zone.Change{Owner: e.name("new"), Add: []zone.Record{e.txt("new", "mine")}})
}

func metaZone(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	before, err := e.raw()
	if err != nil {
		return err
	}
	if before.Meta == "" {
		return notHere("the host keeps nothing of the zone beside its records")
	}
	if err := e.apply(zone.Change{Owner: e.name("new"), Add: []zone.Record{e.txt("new", "mine")}}); err != nil {
		return err
	}
	after, err := e.raw()
	if err == nil && after.Meta != before.Meta {
		err = fmt.Errorf("it was %q and is %q", before.Meta, after.Meta)
	}
	return err
}

func rareTypes(e *env) error {
	var rare []zone.Record
	for _, r := range [][2]string{
		{"LOC", "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"},
		{"NAPTR", `100 10 "u" "E2U+sip" "!^.*$!sip:info@host.example!" .`},
		{"TLSA", "3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
		{"SSHFP", "4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
		{"SVCB", `1 svc.example. alpn="h2" port="8443" key65400="x"`},
		{"PTR", "host.example."},
		{"HINFO", `"a cpu" "an os"`},
		{"URI", `10 1 "https://host.example/path?a=b"`},
		{"TYPE65400", `\# 4 c0000201`},
	} {
		if e.zone.Caps.Stores(r[0]) {
			rare = append(rare, e.rec("rare", r[0], r[1]))
		}
	}
	if len(rare) == 0 {
		return notHere("the host stores none of the rare types")
	}
	if err := e.same(slices.Concat(e.neighbours(), rare)); err != nil {
		return err
	}
	before, err := e.read()
	if err != nil {
		return err
	}
	return e.undone(before, zone.Change{Owner: e.name("rare"), Add: []zone.Record{e.txt("rare", "mine")}})
}

// soa is the fields of the SOA record but for its serial.
func (e *env) soa() ([]string, error) {
	snap, err := e.raw()
	if err != nil {
		return nil, err
	}
	set := snap.Set(e.apex, "SOA")
	if len(set) == 0 {
		return nil, notHere("the host shows no SOA record")
	}
	f := strings.Fields(set[0].Data)
	if len(set) != 1 || len(f) != 7 {
		return nil, fmt.Errorf("no SOA record of a zone: %v", set)
	}
	return slices.Delete(f, 2, 3), nil
}

func soaKept(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	before, err := e.soa()
	if err != nil {
		return err
	}
	if err := e.apply(zone.Change{Owner: e.name("new"), Add: []zone.Record{e.txt("new", "mine")}}); err != nil {
		return err
	}
	after, err := e.soa()
	if not, gone := errors.AsType[notHere](err); gone {
		return errors.New(string(not))
	}
	if err == nil && !slices.Equal(before, after) {
		err = fmt.Errorf("it was %v and is %v", before, after)
	}
	return err
}

func soaRefused(e *env) error {
	if _, err := e.seed(); err != nil {
		return err
	}
	snap, err := e.raw()
	if err != nil {
		return err
	}
	mine := e.rec("@", "SOA", "ns.mine.example. host.mine.example. 7 3600 600 86400 300")
	var old *zone.Record
	if set := snap.Set(e.apex, "SOA"); len(set) > 0 {
		old = &set[0]
	}
	if err := e.refusedEdit(e.edit(snap, old, &mine)); err != nil {
		return err
	}
	after, err := e.raw()
	if err != nil {
		return err
	}
	for _, r := range after.Set(e.apex, "SOA") {
		if strings.HasPrefix(r.Data, "ns.mine.example.") {
			return fmt.Errorf("it is %s now", show(r))
		}
	}
	return nil
}

func apexNS(e *env) error {
	if !e.zone.Caps.ApexNS {
		return notHere("NS records at the apex are the host's own")
	}
	before, err := e.seed()
	if err != nil {
		return err
	}
	mine := e.rec("@", "NS", "ns.other.example")
	if theirs := before.Set(e.apex, "NS"); len(theirs) > 0 {
		mine.TTL = theirs[0].TTL
	}
	return e.undone(before, zone.Change{Owner: e.apex, Add: []zone.Record{mine}})
}

func apexNSRefused(e *env) error {
	if e.zone.Caps.ApexNS {
		return notHere("NS records at the apex can be written")
	}
	if _, err := e.seed(); err != nil {
		return err
	}
	return e.refused(e.rec("@", "NS", "ns.other.example"))
}

// apexAlias lets a record of this type stand for the addresses of the apex.
func apexAlias(typ string) func(*env) error {
	return func(e *env) error {
		if e.zone.Caps.ApexAlias != typ {
			return notHere("the host has no " + typ + " at the apex")
		}
		before, err := e.seed()
		if err != nil {
			return err
		}
		c := zone.Change{
			Owner:  e.apex,
			Remove: slices.Concat(before.Set(e.apex, "A"), before.Set(e.apex, "AAAA")),
			Add:    []zone.Record{{Name: e.apex, Type: typ, TTL: e.ttl(usualTTL), Data: "edge.app.example."}},
		}
		return e.undone(before, c)
	}
}

func redirect(e *env) error {
	if !e.zone.Caps.Redirects {
		return notHere("the host has no redirects")
	}
	before, err := e.seed()
	if err != nil {
		return err
	}
	mine := zone.Record{Name: e.name("go"), Type: zone.TypeRedirect, TTL: e.ttl(usualTTL), Data: "301 https://target.example/path"}
	return e.undone(before, zone.Change{Owner: mine.Name, Add: []zone.Record{mine}})
}

// refusedEdit sends an edit and wants it refused, and the zone as it was.
func (e *env) refusedEdit(ed zone.Edit) error {
	before, err := e.read()
	if err != nil {
		return err
	}
	err = e.session.Write(e.ctx(), e.zone, ed)
	if bad := e.holds(before); bad != nil {
		return fmt.Errorf("%w (the answer: %w)", bad, answered(err))
	}
	return nothingWritten(err, providers.Unsupported, providers.Invalid)
}

// answered is an error for a text, also where there was none.
func answered(err error) error {
	if err == nil {
		return errors.New("success")
	}
	return err
}
