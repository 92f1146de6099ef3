package plan_test

import (
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var hosts = []string{"@", "@", "www", "shop", "a.shop", "x.y.shop", "sub", "ns.sub", "*", "*.shop", "new", "mail", "below.renamed"}

// data is what stands in zones, by the names where it does.
var data = map[string][]zone.Record{
	"any": {
		{Type: "A", Data: "192.0.2.1"},
		{Type: "A", Data: "192.0.2.2", Meta: "proxied=true"},
		{Type: "AAAA", Data: "2001:db8::1"},
		{Type: "CNAME", Data: "hosting.example.net."},
		{Type: "CNAME", Data: "edge.app.example."},
		{Type: "CNAME", Data: "new.customer.example."},
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
		{Type: "TXT", Data: `"v=spf1 include:deep.app.example a ptr ~all"`},
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
		{Type: "TXT", Data: `"v=DMARC1; p=quarantine; sp=none; rua=mailto:d@customer.example"`},
		{Type: "TXT", Data: `"v=DMARC1; p=strict"`},
		{Type: "TXT", Data: `"v=DMARC1; p=none`, Opaque: true},
		{Type: "CNAME", Data: "dmarc.example.net."},
	},
	"s1._domainkey": {
		{Type: "TXT", Data: `"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`},
		{Type: "TXT", Data: `"k=ed25519; p=" "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="`},
		{Type: "TXT", Data: `"v=DKIM1; k=ed25519; p=IBBQYtXKJQCj3ehVQ2OZnOKSoLkLTxGVTbiQLNKzLO4="`},
		{Type: "CNAME", Data: "s1.dkim.app.example."},
	},
	"cut":     {{Type: "NS", Data: "ns.sub.customer.example."}, {Type: "NS", Data: "ns1.other.example."}},
	"renamed": {{Type: "DNAME", Data: "renamed.example.net."}},
	"_sip._tcp": {
		{Type: "SRV", Data: "1 2 5060 sip.customer.example."},
		{Type: "SRV", Data: "10 5 5060 sip.app.example."},
		{Type: "SRV", Data: "0 0 0 ."},
		{Type: "CNAME", Data: "sip.example.net."},
	},
	"_domainconnect": {{Type: "TXT", Data: `"connect.host.example"`}},
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
	func(h string) plan.Intent {
		return plan.CAA(h, "issue", "pki.app.example; accounturi=https://pki.app.example/1")
	},
	func(h string) plan.Intent { return plan.Redirect(h, "https://app.example/here") },
	func(h string) plan.Intent { return plan.Redirect(h, "https://app.example/here") },
	func(h string) plan.Intent {
		return plan.Intent{Kind: plan.KindRedirect, Host: h, Value: "https://app.example/here", Fallback: "198.51.100.9 2001:db8::9"}
	},
	func(h string) plan.Intent {
		return plan.Intent{Kind: plan.KindCNAME, Host: h, Value: "edge.app.example", Fallback: "198.51.100.7"}
	},
	func(h string) plan.Intent {
		return plan.Intent{Kind: plan.KindTXT, Host: h, Value: "app-verify=`" + strings.Repeat("x", 70) + "`", Fallback: "app-verify=short"}
	},
	func(h string) plan.Intent {
		return plan.Intent{Kind: plan.KindSPF, Host: h, Value: "v=spf1 include:_spf.app.example -all", Override: true}
	},
	func(h string) plan.Intent {
		return plan.Intent{Kind: plan.KindSPF, Host: h, Value: "include:_spf2.app.example -all", All: plan.AllKeep}
	},
	func(h string) plan.Intent {
		return plan.Intent{Kind: plan.KindSPF, Host: h, Value: "include:_spf2.app.example ?all", All: plan.AllIfMissing}
	},
	func(h string) plan.Intent {
		return plan.Intent{Kind: plan.KindSPF, Host: h, Value: "include:_spf2.app.example", All: "?all"}
	},
	func(string) plan.Intent { return plan.SRV("_sip._tcp", 10, 5, 5060, "sip.app.example") },
	func(string) plan.Intent { return plan.SRV("_sip._tcp", 20, 5, 5060, "sip.app.example") },
	func(string) plan.Intent { return plan.SRV("_sip._tcp", 0, 0, 0, ".") },
	func(string) plan.Intent { return plan.TXT("_domainconnect", "app.example") },
	func(string) plan.Intent { return plan.TXT("_dmarc", "v=DMARC1; p=quarantine") },
	func(string) plan.Intent { return plan.TXT("_dmarc", "v=DMARC1; p=none") },
	func(string) plan.Intent {
		return plan.DMARC("_dmarc", "v=DMARC1; p=none; rua=mailto:d@app.example", nil)
	},
	func(string) plan.Intent {
		return plan.DMARC("_dmarc", "v=DMARC1; p=none; rua=mailto:d@app.example", &dmarc.Edit{MergeReports: true})
	},
	func(string) plan.Intent {
		return plan.DMARC("_dmarc", "v=DMARC1; p=none", &dmarc.Edit{Override: map[string]string{"p": "reject"}, Remove: []string{"sp"}})
	},
	func(string) plan.Intent {
		return plan.DMARC("_dmarc.shop", "v=DMARC1; p=none", &dmarc.Edit{InheritRoot: true, AddIfMissing: map[string]string{"adkim": "s"}})
	},
	func(string) plan.Intent {
		return plan.DKIM("s1._domainkey", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "")
	},
	func(string) plan.Intent { return plan.CNAME("s1._domainkey", "s1.dkim.app.example") },
}

var capabilities = []providers.Caps{
	{},
	{},
	{Grain: providers.GrainRecord},
	{Grain: providers.GrainRRset, ApexAlias: "ALIAS", Redirects: true, TTLs: []uint32{1, 60, 300, 3600}},
	{Grain: providers.GrainBatch, CAS: true, MaxTTL: 900, NoNullMX: true, NoCAAParameters: true},
	{NoDelegation: true, NoWildcard: true, RefusedText: "`\\", MaxTXT: 255},
	{ApexAlias: "ALIAS"},
	{ApexAlias: "CNAME", TTLs: []uint32{60, 300, 3600}},
	{ApexNS: true, MinTTL: 600},
	{MaxTXT: 60, NoWildcard: true},
	{Types: []string{"A", "AAAA", "CNAME", "MX", "TXT"}},
	{NoTypes: []string{"CAA", "SRV"}, TrimsTXT: true, ASCIIText: true},
}

// places is where a record is put, the likely ones more often.
var places = []string{"any", "any", "any", "any", "any", "any", "any", "any", "_dmarc", "_dmarc", "s1._domainkey", "s1._domainkey", "cut", "renamed", "_sip._tcp", "_domainconnect"}

// above is what DNS may hold above the zone.
var above = []zone.Record{
	{Name: "example", Type: "CAA", TTL: 60, Data: `0 issue "letsencrypt.org"`},
	{Name: "example", Type: "CAA", TTL: 60, Data: `0 issue "pki.app.example"`},
	{Name: "example", Type: "CAA", TTL: 60, Data: `0 iodef "mailto:a@example"`},
}

func elsewhere(t testing.TB) world {
	return world{zoneOf(t, `$ORIGIN app.example.
$TTL 60
@ SOA ns1 host 1 1 1 1 1
_spf TXT "v=spf1 ip4:198.51.100.0/24 -all"
_spf2 TXT "v=spf1 ip4:203.0.113.0/24 -all"
spf.smallbiz TXT "v=spf1 ip4:198.51.100.128/25 -all"
deep TXT "v=spf1 a:edge.app.example mx:app.example include:deep2.app.example include:_spf.app.example include:_spf2.app.example -all"
deep2 TXT "v=spf1 a:edge.app.example a:mx.app.example -all"
loop TXT "v=spf1 include:loop.app.example -all"
edge A 198.51.100.7
@ MX 10 mx
@ A 198.51.100.1
mx A 198.51.100.25
ns1 A 198.51.100.53
sip A 198.51.100.60
`, "app.example")}
}
