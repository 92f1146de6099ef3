package godaddy_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

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
		{`"type":"MX","name":"@","data":"mx.example.net","priority":70000`, `customer.example. 3600 MX mx.example.net`, true, ""},
		{`"type":"SRV","name":"@","data":"sip.example.net","priority":1,"weight":2,"port":3,"service":"_sip","protocol":"_tls"`, `_sip._tls.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"a.b","data":"sip.example.net","priority":1,"weight":2,"port":3,"service":"_sip","protocol":"_tls"`, `_sip._tls.a.b.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"_sip._tls.a","data":"sip.example.net","priority":1,"weight":2,"port":3,"service":"_sip","protocol":"_tls"`, `_sip._tls.a.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"_sip._tls","data":"sip.example.net","priority":1,"weight":2,"port":3`, `_sip._tls.customer.example. 3600 SRV 1 2 3 sip.example.net.`, false, ""},
		{`"type":"SRV","name":"@","data":"sip.example.net","priority":1,"service":"_sip","protocol":"_tls"`, `_sip._tls.customer.example. 3600 SRV sip.example.net`, true, ""},
		{`"type":"TXT","name":"@","data":"v=spf1 -all"`, `customer.example. 3600 TXT "v=spf1 -all"`, false, ""},
		{`"type":"TXT","name":"@","data":"\"v=spf1\" \" -all\""`, `customer.example. 3600 TXT "v=spf1" " -all"`, false, "quoted=true"},
		{`"type":"TXT","name":"@","data":"\"a\"b\""`, `customer.example. 3600 TXT "a"b"`, true, ""},
		{`"type":"TXT","name":"@","data":"say \"hi\" to"`, `customer.example. 3600 TXT "say \"hi\" to"`, false, "raw=true"},
		{`"type":"TXT","name":"@","data":""`, `customer.example. 3600 TXT ""`, false, ""},
		{`"type":"TXT","name":"a/b c","data":"odd"`, `a/b\032c.customer.example. 3600 TXT "odd"`, false, ""},
		{`"type":"CAA","name":"@","data":"0 issue \"ca.example\""`, `customer.example. 3600 CAA 0 issue "ca.example"`, false, ""},
		{`"type":"CAA","name":"@","data":"ca.example"`, `customer.example. 3600 CAA ca.example`, true, ""},
		{`"type":"ALIAS","name":"@","data":"pages.host.example"`, `customer.example. 3600 ALIAS pages.host.example.`, false, ""},
		{`"type":"TLSA","name":"_443._tcp","data":"","usage":3`, `_443._tcp.customer.example. 3600 TLSA `, true, ""},
	} {
		t.Run(c.shown, func(t *testing.T) {
			fake := start(t, godaddytest.Options{})
			fake.SetFault(httpapitest.Fault{Body: `[{"ttl":3600,` + c.shown + `}]`})
			got, err := session(t, fake).Read(t.Context(), home())
			if err != nil || len(got.Records) != 1 {
				t.Fatalf("got %v, %v", got, err)
			}
			if r := got.Records[0]; r.String() != c.want || r.Opaque != c.opaque || r.Meta != c.meta {
				t.Errorf("got %s, opaque %t, meta %q; want %s, %t, %q", r, r.Opaque, r.Meta, c.want, c.opaque, c.meta)
			}
		})
	}
}

// TestUnreadable: what is no list of records is an error, and no part of a zone.
func TestUnreadable(t *testing.T) {
	fake := start(t, godaddytest.Options{})
	for _, body := range []string{`null`, `{}`, `[1]`, `[{"type":"A","name":"a..b","data":"192.0.2.1"}]`, `[{"type":"A","name":"www.","data":"192.0.2.1"}]`, `[{"type":"A","ttl":-1}]`, `[`} {
		fake.SetFault(httpapitest.Fault{Body: body})
		if got, err := session(t, fake).Read(t.Context(), home()); providers.CodeOf(err) != providers.Unavailable || len(got.Records) != 0 {
			t.Errorf("%s: %v, %v; want Unavailable and nothing", body, got, err)
		}
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

// TestPagesMove: a zone that changes between two pages is read again, and given
// up where it does so each time.
func TestPagesMove(t *testing.T) {
	for _, byRow := range []bool{false, true} {
		for _, moves := range []int{1, 100} {
			var recs []zone.Record
			for i := range 700 {
				recs = append(recs, rec(fmt.Sprintf("h%04d", i), "A", "192.0.2.1"))
			}
			fake := start(t, godaddytest.Options{ByRow: byRow, Zones: []zone.Snapshot{zone.NewSnapshot(apex, recs)}})
			n := 0
			fake.SetHook(func(r *http.Request) {
				// What is new stands in front, so that the last record of the
				// page before comes again.
				if r.URL.Query().Get("offset") != "" && n < moves {
					n++
					snap := fake.Zone(apex)
					fake.Set(zone.Snapshot{Zone: apex})
					fake.Set(zone.NewSnapshot(apex, append([]zone.Record{rec(fmt.Sprintf("a%03d", n), "A", "192.0.2.1")}, snap.Records...)))
				}
			})
			got, err := session(t, fake).Read(t.Context(), home())
			switch {
			case moves == 1 && (err != nil || differ(got, fake.Zone(apex)) != ""):
				t.Errorf("by row %t, once: %v %s", byRow, err, differ(got, fake.Zone(apex)))
			case moves > 1 && (providers.CodeOf(err) != providers.Unavailable || !strings.Contains(err.Error(), "changed while")):
				t.Errorf("by row %t, each time: %d records, %v; want it given up", byRow, len(got.Records), err)
			}
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
