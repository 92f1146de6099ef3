package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Whatever a host returns and whoever asks: the planner ends, and what it
// cannot read it leaves as it is.
func TestRow18Hostile(t *testing.T) {
	label := strings.Repeat("a", 63)
	longest := zone.Name(strings.Join([]string{label, label, label, strings.Repeat("b", 44)}, ".")) + "." + domain // 253 characters, 255 octets
	deepest := zone.Name(strings.Repeat("a.", 118)) + domain                                                       // as many labels as fit
	rec := func(owner zone.Name, typ, data string) zone.Record {
		return zone.Record{Name: owner, Type: typ, TTL: 300, Data: data}
	}
	opaque := func(owner zone.Name, typ, data string) zone.Record {
		return zone.Record{Name: owner, Type: typ, TTL: 300, Data: data, Opaque: true}
	}
	many := make([]zone.Record, 0, 10_000)
	for i := range 10_000 {
		many = append(many, zone.NewTXT(domain, 300, fmt.Sprintf("token=%d", i)))
	}
	var cover []zone.Record
	for _, n := range []zone.Name{domain, "*." + domain, "www." + domain, "_dmarc." + domain, "s1._domainkey." + domain, "sub." + domain} {
		for _, typ := range []string{"A", "AAAA", "CNAME", "TXT", "MX", "CAA", "NS", "SRV", "DNAME", "DS", "SOA", "ALIAS", "WORKER", ""} {
			cover = append(cover, opaque(n, typ, "\x00\xff;\"\\"))
		}
	}
	mutual := []zone.Record{rec("a."+domain, "CNAME", "b."+string(domain)+"."), rec("b."+domain, "CNAME", "a."+string(domain)+".")}

	ask := []plan.Intent{
		plan.A("@", "198.51.100.7"), plan.CNAME("www", "edge.app.example"), plan.TXT("@", "token=new"), plan.SPF("@", "include:_spf.app.example"),
		plan.MX("@", 10, "mx.app.example"), plan.CAA("@", "issue", "pki.app.example"), plan.DMARC("_dmarc", "v=DMARC1; p=none", nil),
		plan.DKIM("s1._domainkey", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ""), plan.NS("sub", "ns1.app.example"),
		plan.SRV("_sip._tcp", 1, 2, 3, "sip.app.example"), plan.TXT("new", "x"), plan.TXT("a", "x"), plan.Redirect("shop", "https://app.example/"),
	}
	for _, tt := range []struct {
		name string
		zone []zone.Record
		asks []plan.Intent // besides ask
	}{
		{"10,000 texts at one name", many, nil},
		{"a name of 255 octets", []zone.Record{rec(longest, "A", "192.0.2.1")}, []plan.Intent{plan.CNAME(longest.FQDN(), "edge.app.example")}},
		{"a name above that", []zone.Record{rec("c."+longest, "A", "192.0.2.1")}, nil},
		{"120 labels", []zone.Record{rec(deepest, "A", "192.0.2.1"), rec("*."+domain, "TXT", `"x"`)}, []plan.Intent{plan.TXT(deepest.FQDN(), "x"), plan.CAA(deepest.FQDN(), "issue", "pki.app.example")}},
		{"127 labels", []zone.Record{rec(zone.Name(strings.Repeat("a.", 125))+domain, "A", "192.0.2.1")}, nil},
		{"an alias of itself", []zone.Record{rec("a."+domain, "CNAME", "a."+string(domain)+".")}, []plan.Intent{plan.MX("b", 1, "a."+string(domain))}},
		{"aliases of each other", mutual, []plan.Intent{plan.SPF("b", "include:a."+string(domain)), plan.MX("c", 1, "a."+string(domain))}},
		{"DNAMEs of each other", []zone.Record{rec("a."+domain, "DNAME", "b."+string(domain)+"."), rec("b."+domain, "DNAME", "a."+string(domain)+".")}, []plan.Intent{plan.TXT("x.a", "x")}},
		{"an SPF record that includes itself", []zone.Record{zone.NewTXT(domain, 300, "v=spf1 include:"+string(domain)+" redirect="+string(domain))}, nil},
		{"SPF records that include each other", []zone.Record{
			zone.NewTXT(domain, 300, "v=spf1 include:a."+string(domain)+" include:b."+string(domain)),
			zone.NewTXT("a."+domain, 300, "v=spf1 include:b."+string(domain)+" include:b."+string(domain)),
			zone.NewTXT("b."+domain, 300, "v=spf1 include:a."+string(domain)+" include:a."+string(domain)),
		}, nil},
		{"an SPF record without end", []zone.Record{zone.NewTXT(domain, 300, "v=spf1"+strings.Repeat(" include:_spf.app.example a mx", 2000))}, nil},
		{"a text of 64 kB", []zone.Record{zone.NewTXT(domain, 300, strings.Repeat(`"\`, 32_000))}, nil},
		{"NUL octets", []zone.Record{opaque("www."+domain, "TXT", "\x00"), rec(domain, "TXT", `"\000"`), rec("a\x00."+domain, "A", "192.0.2.1")}, nil},
		{"no UTF-8", []zone.Record{opaque(domain, "TXT", "\xff\xfe"), rec("\xff."+domain, "CNAME", "\xff."), rec("www."+domain, "TXT", "\"\xff\"")}, nil},
		{"control characters", []zone.Record{rec("www."+domain, "REDIRECT", "\x1b[2J\r\n")}, nil},
		{"every record twice", slices.Concat(many[:20], many[:20], mutual, mutual, cover, cover), nil},
		{"one value with many TTLs", []zone.Record{rec("www."+domain, "A", "192.0.2.1"), {Name: "www." + domain, Type: "A", TTL: 7, Data: "192.0.2.1"}, {Name: "www." + domain, Type: "A", TTL: 9, Data: "192.0.2.1", Meta: "proxied=true"}}, nil},
		{"no data", []zone.Record{rec(domain, "TXT", ""), rec("www."+domain, "A", ""), rec(domain, "MX", ""), rec(domain, "CAA", ""), rec("sub."+domain, "NS", ""), rec("_sip._tcp."+domain, "SRV", "")}, nil},
		{"no name and no type", []zone.Record{{}, {Name: domain}, {Type: "TXT", Data: `"x"`}, {Name: ".", Type: "A", Data: "192.0.2.1"}, {Name: "..", Type: "A", Data: "192.0.2.1"}}, nil},
		{"names outside the zone", []zone.Record{rec("example", "NS", "ns.example."), rec("other.example", "A", "192.0.2.1"), rec("xcustomer.example", "CNAME", "a.example.")}, nil},
		{"TTL 0 and the largest", []zone.Record{{Name: domain, Type: "A", Data: "192.0.2.1"}, {Name: domain, Type: "A", TTL: 1<<32 - 1, Data: "192.0.2.2"}, {Name: domain, Type: "TXT", TTL: 1<<32 - 1, Data: `"v=spf1 -all"`}}, nil},
		{"nothing that can be read", cover, nil},
		{"a wildcard of everything", []zone.Record{rec("*."+domain, "NS", "ns1.other.example."), rec("*."+domain, "DNAME", "other.example."), rec("*."+domain, "CNAME", "other.example."), rec("*.*."+domain, "A", "192.0.2.1")}, []plan.Intent{plan.A("*.*", "192.0.2.2")}},
		{"a zone cut at every name", []zone.Record{rec("www."+domain, "NS", "www."+string(domain)+"."), rec("_domainkey."+domain, "NS", "ns1.other.example."), rec("new."+domain, "NS", ".")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			intents := slices.Concat(ask, tt.asks)
			for pick := range 3 {
				sc := scenario{Zone: zone.NewSnapshot(domain, tt.zone), Intents: intents, Picks: []int{pick}, Defaults: pick == 2}
				tr, err := right.try(sc, elsewhere(t))
				if isInput(err) { // a request that cannot be meant here
					for _, in := range intents {
						sc.Intents = []plan.Intent{in}
						if tr, err := right.try(sc, elsewhere(t)); err == nil {
							hostile(t, tr)
						} else if !isInput(err) {
							t.Fatal(err)
						}
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				hostile(t, tr)
			}
		})
	}
	for name, in := range map[string]plan.Intent{
		"NUL in a host":          plan.A("a\x00b", "192.0.2.1"),
		"no UTF-8 in a host":     plan.A("\xff", "192.0.2.1"),
		"NUL in a text":          plan.TXT("@", "\x00"),
		"no UTF-8 in a text":     plan.TXT("@", "\xff"),
		"a host of 300 octets":   plan.TXT(strings.Repeat("a.", 150), "x"),
		"an endless label":       plan.TXT(strings.Repeat("a", 300), "x"),
		"a kind of none":         {Kind: "\x00", Host: "@"},
		"nothing":                {},
		"an endless SPF record":  plan.SPF("@", strings.Repeat("a ", 10_000)),
		"an endless target":      plan.CNAME("www", strings.Repeat("a.", 10_000)),
		"a CAA tag of a page":    plan.CAA("@", strings.Repeat("a", 10_000), "x"),
		"a CAA value with NUL":   plan.CAA("@", "iodef", "\x00\""),
		"a zone in an address":   plan.AAAA("@", "fe80::1%eth0"),
		"a redirect to nowhere":  plan.Redirect("www", "https://\x00/"),
		"a redirect of a script": plan.Redirect("www", "javascript:alert(1)"),
	} {
		t.Run(name, func(t *testing.T) {
			tr, err := right.try(scenario{Zone: zone.NewSnapshot(domain, cover), Intents: []plan.Intent{in}, Picks: []int{0}}, elsewhere(t))
			if err == nil {
				hostile(t, tr)
			} else if !isInput(err) {
				t.Errorf("got %v, want a plan or an *InputError", err)
			}
		})
	}
}

// hostile judges a plan for a zone that may hold anything.
func hostile(t *testing.T, tr trial) {
	t.Helper()
	_ = tr.plan.Text()
	if err := untouchedLaw(tr); err != nil {
		t.Errorf("%v\n%s", err, tr.plan.Text())
	}
	for _, r := range tr.Zone.Records {
		if r.Opaque && !slices.Contains(tr.after.Records, r) && !conceded(tr.plan, r) {
			t.Errorf("%q is lost", r)
		}
	}
	u, err := plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: tr.after, Caps: tr.Caps, Runs: []plan.Applied{tr.run()}})
	if err != nil {
		t.Fatal(err)
	}
	_ = u.Text()
}
