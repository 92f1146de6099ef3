package plan_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

const domain = zone.Name("customer.example")

// scenario is a zone, what somebody wants of it, and how a person decides.
type scenario struct {
	Zone    zone.Snapshot
	Intents []plan.Intent
	Caps    providers.Caps
	Picks   []int // an option of each conflict in turn
}

var hosts = []string{"@", "@", "www", "shop", "a.shop", "x.y.shop", "sub", "ns.sub", "*", "*.shop", "new", "mail"}

// data is what stands in zones, by the names where it does.
var data = map[string][]zone.Record{
	"any": {
		{Type: "A", Data: "192.0.2.1"},
		{Type: "A", Data: "192.0.2.2", Meta: "proxied=true"},
		{Type: "AAAA", Data: "2001:db8::1"},
		{Type: "CNAME", Data: "hosting.example.net."},
		{Type: "CNAME", Data: "edge.app.example."},
		{Type: "CNAME", Data: "bücher.example", Opaque: true},
		{Type: "ALIAS", Data: "hosting.example.net."},
		{Type: "REDIRECT", Data: "301 https://other.example/"},
		{Type: "MX", Data: "10 mail.customer.example."},
		{Type: "MX", Data: "20 mx.app.example."},
		{Type: "MX", Data: "0 ."},
		{Type: "MX", Data: "ask at the desk", Opaque: true},
		{Type: "TXT", Data: `"google-site-verification=abc"`},
		{Type: "TXT", Data: `"app-verify=" "1"`},
		{Type: "TXT", Data: `"v=verify1 x"`},
		{Type: "TXT", Data: `"v=spf1 mx -all"`},
		{Type: "TXT", Data: `"v=spf1 include:_spf.app.example" " ~all"`},
		{Type: "TXT", Data: `"v=spf1 ip4:192.0.2.300 -all"`},
		{Type: "TXT", Data: `"v=spf1 redirect=_spf.app.example"`},
		{Type: "TXT", Data: `"\"v=spf1 a -all\""`},
		{Type: "TXT", Data: `"v=spf1 a -all`, Opaque: true},
		{Type: "CAA", Data: `0 issue "letsencrypt.org"`},
		{Type: "CAA", Data: `0 issuewild ";"`},
		{Type: "CAA", Data: `0 iodef "mailto:a@customer.example"`},
		{Type: "HTTPS", Data: `1 . alpn="h2"`},
		{Type: "SRV", Data: "1 2 5060 sip.customer.example."},
		{Type: "WORKER", Data: "script", Opaque: true},
	},
	"_dmarc": {
		{Type: "TXT", Data: `"v=DMARC1; p=none"`},
		{Type: "TXT", Data: `"v=DMARC1; p=reject"`},
		{Type: "TXT", Data: `"v=DMARC1; p=none`, Opaque: true},
		{Type: "CNAME", Data: "dmarc.example.net."},
	},
	"s1._domainkey": {
		{Type: "TXT", Data: `"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`},
		{Type: "TXT", Data: `"k=ed25519; p=" "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`},
		{Type: "TXT", Data: `"v=DKIM1; k=ed25519; p=IBBQYtXKJQCj3ehVQ2OZnOKSoLkLTxGVTbiQLNKzLO4="`},
		{Type: "CNAME", Data: "s1.dkim.app.example."},
	},
	"cut": {{Type: "NS", Data: "ns.sub.customer.example."}, {Type: "NS", Data: "ns1.other.example."}},
}

var wants = []func(host string) plan.Intent{
	func(h string) plan.Intent { return plan.A(h, "192.0.2.2") },
	func(h string) plan.Intent { return plan.A(h, "198.51.100.7") },
	func(h string) plan.Intent { return plan.AAAA(h, "2001:db8::7") },
	func(h string) plan.Intent { return plan.CNAME(h, "edge.app.example") },
	func(h string) plan.Intent { return plan.CNAME(h, "edge.app.example") },
	func(h string) plan.Intent { return plan.TXT(h, "app-verify=1") },
	func(h string) plan.Intent { return plan.TXT(h, "app-verify=2") },
	func(h string) plan.Intent { return plan.TXT(h, "v=verify1 y") },
	func(h string) plan.Intent { return plan.SPF(h, "include:_spf.app.example") },
	func(h string) plan.Intent { return plan.SPF(h, "v=spf1 include:_spf2.app.example ~all") },
	func(h string) plan.Intent { return plan.SPF(h, "v=spf1 -ip4:203.0.113.1 ip4:203.0.113.0/24 -all") },
	func(h string) plan.Intent { return plan.SPF(h, "include:nowhere.app.example") },
	func(h string) plan.Intent { return plan.MX(h, 10, "mx.app.example") },
	func(h string) plan.Intent { return plan.MX(h, 20, "mx.app.example") },
	func(h string) plan.Intent { return plan.MX(h, 0, ".") },
	func(h string) plan.Intent { return plan.CAA(h, "issue", "pki.app.example") },
	func(h string) plan.Intent { return plan.CAA(h, "issuewild", "pki.app.example") },
	func(h string) plan.Intent { return plan.CAA(h, "iodef", "mailto:x@app.example") },
	func(string) plan.Intent { return plan.NS("sub", "ns.sub.customer.example") },
	func(string) plan.Intent { return plan.A("ns.sub", "192.0.2.53") },
	func(string) plan.Intent { return plan.NS("sub", "ns1.app.example") },
	func(string) plan.Intent { return plan.NS("@", "ns1.app.example") },
	func(string) plan.Intent { return plan.TXT("_dmarc", "v=DMARC1; p=quarantine") },
	func(string) plan.Intent { return plan.TXT("_dmarc", "v=DMARC1; p=none") },
	func(string) plan.Intent {
		return plan.DKIM("s1._domainkey", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "")
	},
	func(string) plan.Intent { return plan.CNAME("s1._domainkey", "s1.dkim.app.example") },
}

var capabilities = []providers.Caps{
	{},
	{ApexAlias: "ALIAS"},
	{ApexAlias: "CNAME", TTLs: []uint32{60, 300, 3600}},
	{ApexNS: true, MinTTL: 600},
	{MaxTXT: 60, NoWildcard: true},
	{Types: []string{"A", "AAAA", "CNAME", "MX", "TXT"}},
}

var scenarios = rapid.Custom(func(t *rapid.T) scenario {
	var recs []zone.Record
	put := func(owner zone.Name, from []zone.Record) {
		r := rapid.SampledFrom(from).Draw(t, "record")
		r.Name, r.TTL = owner, rapid.SampledFrom([]uint32{300, 3600}).Draw(t, "ttl")
		if !zone.Contains(recs, r) {
			recs = append(recs, r)
		}
	}
	for range rapid.IntRange(0, 10).Draw(t, "records") {
		switch rapid.IntRange(0, 9).Draw(t, "place") {
		case 0:
			put("_dmarc."+domain, data["_dmarc"])
		case 1:
			put("s1._domainkey."+domain, data["s1._domainkey"])
		case 2:
			put("sub."+domain, data["cut"])
		case 3:
			put(domain, data["any"])
		default:
			put(at(t, rapid.SampledFrom(hosts).Draw(t, "owner")), data["any"])
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "illegal") > 0 { // most zones are as they should be
		recs = legalise(recs)
	}
	recs = append(
		recs,
		zone.Record{Name: domain, Type: "SOA", TTL: 3600, Data: "ns1.host.example. hostmaster.host.example. 1 3600 600 86400 300"},
		zone.Record{Name: domain, Type: "NS", TTL: 3600, Data: "ns1.host.example."},
	)
	sc := scenario{
		Zone:  zone.NewSnapshot(domain, recs),
		Caps:  rapid.SampledFrom(capabilities).Draw(t, "caps"),
		Picks: rapid.SliceOfN(rapid.IntRange(0, 5), 12, 12).Draw(t, "picks"),
	}
	for range rapid.IntRange(1, 5).Draw(t, "intents") {
		sc.Intents = append(sc.Intents, rapid.SampledFrom(wants).Draw(t, "want")(rapid.SampledFrom(hosts).Draw(t, "host")))
	}
	return sc
})

func at(t rapid.TB, host string) zone.Name {
	n, err := zone.Abs(host, domain)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// legalise leaves out what makes a zone break the laws below.
func legalise(recs []zone.Record) []zone.Record {
	var out []zone.Record
	for _, r := range recs {
		if len(violations(append(slices.Clone(out), r))) == 0 {
			out = append(out, r)
		}
	}
	return out
}

func elsewhere(t testing.TB) world {
	return world{zoneOf(t, `$ORIGIN app.example.
$TTL 60
@ SOA ns1 host 1 1 1 1 1
_spf TXT "v=spf1 ip4:198.51.100.0/24 -all"
_spf2 TXT "v=spf1 ip4:203.0.113.0/24 -all"
edge A 198.51.100.7
mx A 198.51.100.25
ns1 A 198.51.100.53
`, "app.example")}
}

// settle plans as a person would: it answers what is asked, of DNS and of
// people, until nothing is open.
func settle(sc scenario, outside world, ours ...zone.Record) (plan.Request, plan.Plan, error) {
	req := plan.Request{Domain: domain, Snapshot: sc.Zone, Intents: sc.Intents, Caps: sc.Caps, Ours: ours}
	p, err := again(&req, outside)
	for i := 0; err == nil && len(p.Open()) > 0; i++ {
		if i == 40 {
			return req, p, errors.New("the plan asks people without end")
		}
		c := p.Open()[0]
		req.Decisions = append(req.Decisions, plan.Decision{Code: c.Code, Owner: c.Owner, Option: c.Options[sc.Picks[i%len(sc.Picks)]%len(c.Options)].ID})
		p, err = again(&req, outside)
	}
	return req, p, err
}

// again plans until DNS has answered everything.
func again(req *plan.Request, outside world) (plan.Plan, error) {
	w := append(world{req.Snapshot}, outside...)
	for range 50 {
		p, err := plan.New(*req)
		if err != nil || len(p.Questions) == 0 {
			return p, err
		}
		for _, q := range p.Questions {
			req.Facts = append(req.Facts, w.answer(q))
		}
	}
	return plan.Plan{}, errors.New("the plan asks DNS without end")
}
