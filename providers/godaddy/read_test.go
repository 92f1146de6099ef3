package godaddy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// nameServer is what no zone of the host is without.
const nameServer = `{"type":"NS","name":"@","data":"ns51.domaincontrol.com","ttl":3600}`

// without is the records that do not have this data.
func without(recs []zone.Record, data string) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { return r.Data == data })
}

// TestSpellings: what the API shows, and what is read of it.
func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		shown  string // without ttl
		want   string // as zone text
		opaque bool
		meta   string
	}{
		{`"type":"A","name":"@","data":"192.0.2.1"`, `customer.example. 3600 A 192.0.2.1`, false, ""},
		{`"type":"A","name":"@","data":"Parked"`, `customer.example. 3600 A Parked`, true, ""},
		{`"type":"A","name":"@","data":"WebsiteBuilder Site"`, `customer.example. 3600 A WebsiteBuilder Site`, true, ""},
		{`"type":"AAAA","name":"WWW.Sub","data":"2001:DB8:0::1"`, `www.sub.customer.example. 3600 AAAA 2001:db8::1`, false, ""},
		{`"type":"CNAME","name":"www","data":"@"`, `www.customer.example. 3600 CNAME customer.example.`, false, ""},
		{`"type":"CNAME","name":"www","data":"Pages.Host.example."`, `www.customer.example. 3600 CNAME pages.host.example.`, false, ""},
		{`"type":"CNAME","name":"www","data":"intern"`, `www.customer.example. 3600 CNAME intern`, true, ""},
		{`"type":"MX","name":"@","data":"mx.example.net","priority":0`, `customer.example. 3600 MX 0 mx.example.net.`, false, ""},
		{`"type":"MX","name":"@","data":"mx.example.net"`, `customer.example. 3600 MX mx.example.net`, true, ""},
		{`"type":"MX","name":"@","data":".","priority":0`, `customer.example. 3600 MX 0 .`, false, ""},
		{`"type":"MX","name":"@","data":"mx.example.net","priority":70000`, `customer.example. 3600 MX 70000 mx.example.net`, true, ""},
		{`"type":"srv","name":"@","data":"sip.example.net","priority":1,"weight":2,"port":3,"service":"_sip","protocol":"_tls"`, `_sip._tls.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"@","data":"sip.example.net","priority":1,"weight":2,"port":3,"service":"_sip","protocol":"_tls"`, `_sip._tls.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"a.b","data":"sip.example.net","priority":1,"weight":2,"port":3,"service":"_sip","protocol":"_tls"`, `_sip._tls.a.b.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"_sip._tls.a","data":"sip.example.net","priority":1,"weight":2,"port":3,"service":"_sip","protocol":"_tls"`, `_sip._tls.a.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"_sip._tls","data":"sip.example.net","priority":1,"weight":2,"port":3`, `_sip._tls.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"@","data":"sip.example.net","priority":1,"service":"_sip","protocol":"_tls"`, `_sip._tls.customer.example. 3600 SRV 1 sip.example.net`, true, ""},
		{`"type":"TXT","name":"@","data":"v=spf1 -all"`, `customer.example. 3600 TXT "v=spf1 -all"`, false, ""},
		{`"type":"TXT","name":"@","data":"\"v=spf1\" \" -all\""`, `customer.example. 3600 TXT "v=spf1" " -all"`, false, "quoted=true"},
		{`"type":"TXT","name":"@","data":"\"a\"b\""`, `customer.example. 3600 TXT "a"b"`, true, ""},
		{`"type":"TXT","name":"@","data":"say \"hi\" to"`, `customer.example. 3600 TXT "say \"hi\" to"`, false, "raw=true"},
		{`"type":"TXT","name":"@","data":""`, `customer.example. 3600 TXT ""`, false, ""},
		{`"type":"TXT","name":"a/b c","data":"odd"`, `a/b\032c.customer.example. 3600 TXT "odd"`, false, ""},
		{`"type":"CAA","name":"@","data":"0 issue \"ca.example\""`, `customer.example. 3600 CAA 0 issue "ca.example"`, false, ""},
		{`"type":"CAA","name":"@","data":"ca.example"`, `customer.example. 3600 CAA ca.example`, true, ""},
		{`"type":"ALIAS","name":"@","data":"pages.host.example"`, `customer.example. 3600 ALIAS pages.host.example.`, false, ""},
		{`"type":"A","name":"www.","data":"192.0.2.1"`, `www.customer.example. 3600 A www. 192.0.2.1`, true, "misnamed=true"},
		{`"type":"CNAME","name":"a..b","data":"@"`, `a.b.customer.example. 3600 CNAME a..b @`, true, "misnamed=true"},
		{`"type":"A","name":"..","data":"192.0.2.1"`, `customer.example. 3600 A .. 192.0.2.1`, true, "misnamed=true"},
		{`"type":"A","name":"customer.example.","data":"192.0.2.1"`, `customer.example. 3600 A customer.example. 192.0.2.1`, true, "misnamed=true"},
		{`"type":"TXT","name":"` + strings.Repeat("x", 64) + `.sub","data":"long"`, `sub.customer.example. 3600 TXT ` + strings.Repeat("x", 64) + `.sub long`, true, "misnamed=true"},
		{`"type":"A","name":"*.","data":"192.0.2.1"`, `*.customer.example. 3600 A *. 192.0.2.1`, true, "misnamed=true"},
		{`"type":"A","name":"bücher","data":"192.0.2.1"`, `b\195\188cher.customer.example. 3600 A 192.0.2.1`, false, ""},
		{`"type":"A","name":"Foo.customer.example","data":"192.0.2.1"`, `foo.customer.example.customer.example. 3600 A 192.0.2.1`, false, ""},
		{`"type":"TLSA","name":"_443._tcp","data":"","usage":3`, `_443._tcp.customer.example. 3600 TLSA `, true, ""},
	} {
		t.Run(c.shown, func(t *testing.T) {
			fake := start(t, godaddytest.Options{})
			fake.SetLines(apex, nameServer, `{"ttl":3600,`+c.shown+`}`)
			got, err := session(t, fake).Read(t.Context(), home())
			if err != nil || len(got.Records) != 2 {
				t.Fatalf("got %v, %v", got, err)
			}
			if r := without(got.Records, "ns51.domaincontrol.com.")[0]; r.String() != c.want || r.Opaque != c.opaque || r.Meta != c.meta {
				t.Errorf("got %s, opaque %t, meta %q; want %s, %t, %q", r, r.Opaque, r.Meta, c.want, c.opaque, c.meta)
			}
		})
	}
}

// TestUnreadable: what is no list of records is an error, and no part of a zone.
// What is no record is not taken for one either.
func TestUnreadable(t *testing.T) {
	for _, c := range []struct{ name, body string }{
		{"null", `null`},
		{"an object", `{}`},
		{"half a list", `[`},
		{"a list of numbers", `[1]`},
		{"a list of nulls", `[` + nameServer + `,null]`},
		{"an empty record", `[` + nameServer + `,{}]`},
		{"an error in a list", `[` + nameServer + `,{"code":"ERR","message":"boom"}]`},
		{"no type", `[` + nameServer + `,{"name":"www","data":"x","ttl":600}]`},
		{"no name", `[` + nameServer + `,{"type":"TXT","data":"x","ttl":600}]`},
		{"no data", `[` + nameServer + `,{"type":"TXT","name":"www","ttl":600}]`},
		{"no TTL", `[` + nameServer + `,{"type":"TXT","name":"www","data":"x"}]`},
		{"a name that is null", `[` + nameServer + `,{"type":"TXT","name":null,"data":"x","ttl":600}]`},
		{"a TTL below zero", `[` + nameServer + `,{"type":"TXT","name":"www","data":"x","ttl":-1}]`},
		{"no records at all", `[]`},
		{"no name servers", `[{"type":"A","name":"@","data":"192.0.2.1","ttl":600}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := start(t, godaddytest.Options{})
			fake.SetFault(httpapitest.Fault{Body: c.body})
			if got, err := session(t, fake).Read(t.Context(), home()); providers.CodeOf(err) != providers.Unavailable || len(got.Records) != 0 {
				t.Errorf("%v, %v; want Unavailable and nothing", got, err)
			}
		})
	}
}

// TestTTLAsShown: a TTL below what the API takes is read as it stands. An SOA
// record without data and TTL is no reason not to read the zone.
func TestTTLAsShown(t *testing.T) {
	fake := start(t, godaddytest.Options{})
	fake.SetLines(apex, `{"type":"SOA","name":"@"}`, nameServer, `{"type":"TXT","name":"@","data":"short","ttl":60}`)
	got, err := session(t, fake).Read(t.Context(), home())
	if set := got.Set(apex, "TXT"); err != nil || len(set) != 1 || set[0].TTL != 60 {
		t.Errorf("got %v, %v; want a TTL of 60", set, err)
	}
}

// TestPages: every length of a list around that of its pages, however the API
// counts them.
func TestPages(t *testing.T) {
	for _, byRow := range []bool{false, true} {
		for _, n := range []int{0, 1, 496, 497, 498, 499, 996, 997, 998, 1600} { // and the SOA and two NS records
			t.Run(fmt.Sprintf("%d records, by row: %t", n, byRow), func(t *testing.T) {
				var recs []zone.Record
				for i := range n {
					recs = append(recs, rec(fmt.Sprintf("h%04d", i), "A", "192.0.2.1"))
				}
				fake := start(t, godaddytest.Options{ByRow: byRow, Zones: []zone.Snapshot{zone.NewSnapshot(apex, recs)}})
				got, err := session(t, fake).Read(t.Context(), home())
				if err != nil {
					t.Fatal(err)
				}
				if wrong := differ(got, fake.Zone(apex)); wrong != "" {
					t.Error(wrong)
				}
			})
		}
	}
}

// TestNamesOfHost: the records of the host stay as it spells them.
func TestNamesOfHost(t *testing.T) {
	fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{zone.NewSnapshot(apex, []zone.Record{rec("www", "CNAME", string(apex)), rec("@", "MX", "0 "+string(apex))})}})
	for _, want := range []string{`"data":"@","name":"www"`, `"data":"@","name":"@","priority":0`} {
		if !slices.ContainsFunc(fake.Lines(apex), func(l string) bool { return strings.Contains(l, want) }) {
			t.Errorf("no %s in %q", want, fake.Lines(apex))
		}
	}
}
