package entri_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

const shop = `{
  "applicationId": "12345",
  "dnsRecords": [
    {"type": "CNAME", "host": "{SUBDOMAIN}", "value": "{CNAME_TARGET}", "ttl": 300},
    {"type": "TXT", "host": "@", "value": "v=spf1 include:_spf.app.example ~all", "ttl": 300}
  ]
}`

func ExampleParse() {
	_, err := entri.Parse([]byte(`{"applicationId": "12345", "dnsRecords": [
		{"type": "A", "host": "@", "value": "app.example", "ttl": 300},
		{"type": "MX", "host": "@", "value": "mx.app.example"}
	]}`))
	fmt.Println(err)
	// Output:
	// entri: dnsRecords[0].value "app.example": a name; write an IPv4 address, such as 192.0.2.1, or use type CNAME
	// entri: dnsRecords[1].ttl: missing; give seconds, such as 300
	// entri: dnsRecords[1].priority: missing; an MX record needs one, such as 10
}

func ExampleConfig_Intents() {
	cfg, err := entri.Parse([]byte(shop))
	if err != nil {
		fmt.Println(err)
		return
	}
	want, err := cfg.Intents(entri.HostOptions{CNAMETarget: "edge.app.example"}, entri.Facts{Domain: "blog.customer.example"})
	for _, in := range want {
		fmt.Println(in.Kind, in.Host, in.Value)
	}
	fmt.Println(err)
	// Output:
	// CNAME blog edge.app.example
	// SPF @ v=spf1 include:_spf.app.example ~all
	// <nil>
}

func ExampleConfig_Lower() {
	cfg := entri.Default()
	cfg.SecureRootDomain = true
	cfg.Records.List = []entri.Record{{Type: "CNAME", Host: "www", Value: "edge.app.example", TTL: 300, Optional: true}}
	lowered, err := cfg.Lower(
		entri.HostOptions{Servers: []netip.Addr{netip.MustParseAddr("192.0.2.1")}},
		entri.Facts{Domain: "customer.example"})
	for _, l := range lowered {
		fmt.Println(l.Path, l.Intent.Kind, l.Intent.Host, l.Intent.Value, l.Intent.Optional)
	}
	fmt.Println(err)
	// Output:
	// dnsRecords[0] CNAME www edge.app.example true
	// secureRootDomain A @ 192.0.2.1 false
	// <nil>
}

func ExampleConfig_Entered() {
	cfg, err := entri.Parse([]byte(`{"applicationId": "12345", "prefilledDomain": "customer.co.uk",
		"dnsRecords": {"type": "A", "host": "@", "value": "192.0.2.1", "ttl": 300}}`))
	fmt.Println(err)
	d, _ := cfg.Entered(entri.Facts{})
	fmt.Println(d.Domain)
	d, _ = cfg.Entered(entri.Facts{Domain: "https://shop.customer.example/"})
	fmt.Println(d.Domain, d.Subdomain)
	// Output:
	// <nil>
	// customer.co.uk
	// customer.example shop
}

func ExampleConfig_Validate() {
	cfg := entri.Default()
	cfg.ApplicationID, cfg.ForceManualSetup = "12345", true
	cfg.Records.List = []entri.Record{{Type: "A", Host: "@", Value: "192.0.2.1", TTL: 300}}
	fmt.Println(cfg.Validate())
	// Output: entri: prefilledDomain: missing; forceManualSetup needs to know the domain beforehand
}

func ExampleLocate() {
	lowered := []entri.Lowered{{Intent: plan.TXT("www.other.example.", "x"), Path: "dnsRecords[4]"}}
	_, err := plan.New(plan.Request{Domain: "customer.example", Snapshot: zone.NewSnapshot("customer.example", nil), Intents: entri.Bare(lowered)})
	fmt.Println(entri.Locate(lowered, err))
	// Output: entri: dnsRecords[4].host "www.other.example.": www.other.example. is not in the zone customer.example.
}

func ExampleSplit() {
	for _, name := range []string{"https://Blog.Example.co.uk/", "bücher.example", "co.uk"} {
		d, err := entri.Split(name)
		fmt.Printf("%q %q %q %q %v\n", d.Domain, d.Subdomain, d.SLD, d.TLD, err)
	}
	// Output:
	// "example.co.uk" "blog" "example" "co.uk" <nil>
	// "xn--bcher-kva.example" "" "xn--bcher-kva" "example" <nil>
	// "" "" "" "" entri: "co.uk": an ending under which others register; enter the domain below it, such as "customer.co.uk"
}

func ExampleResultOf() {
	r := entri.ResultOf(providers.NoSuchZone)
	fmt.Println(r)
	fmt.Println(r.Title())
	fmt.Println(r.Description())
	// Output:
	// InvalidDomainError
	// Domain not found
	// We couldn’t find the domain you entered in your provider account.
}

func ExampleEvent() {
	r, err := zone.New("www.smallbusiness.com", "CNAME", 300, "smallbusiness.com")
	fmt.Println(err)
	fmt.Println(entri.Event(r, "smallbusiness.com"))
	// Output:
	// <nil>
	// {CNAME www smallbusiness.com <nil>}
}

func ExampleMailboxSPF() {
	fmt.Println(entri.MailboxSPF("microsoft365"))
	// Output: include:spf.protection.outlook.com
}

func ExampleCopy_In() {
	title := entri.Copy{"en": "Connect your domain", "pt-br": "Conecte seu domínio"}
	fmt.Println(title.In("pt"))
	fmt.Println(title.In("ja"))
	// Output:
	// Conecte seu domínio
	// Connect your domain
}

func ExampleToken() {
	fmt.Fprintln(os.Stdout, entri.Token("eyJhbGciOi"))
	// Output: [redacted]
}

func ExampleRecordConflicts() {
	snap, err := zone.ReadText(strings.NewReader(`customer.example. 3600 IN MX 10 mail.customer.example.
www.customer.example. 3600 IN A 192.0.2.10
`), "customer.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	want := []plan.Intent{plan.CNAME("www", "edge.app.example"), plan.MX("@", 10, "mx.app.example")}
	p, err := plan.New(plan.Request{Snapshot: snap, Intents: want, Decisions: entri.CheckDecisions()})
	if err != nil {
		fmt.Println(err)
		return
	}
	data, err := json.Marshal(entri.RecordConflicts(p))
	fmt.Println(string(data), err)
	// Output: [{"host":"@","type":"MX","value":"mail.customer.example","priority":10},{"host":"www","type":"A","value":"192.0.2.10"}] <nil>
}

func ExampleCheckDecisions() {
	for _, d := range entri.CheckDecisions() {
		fmt.Println(d.Code, d.Option)
	}
	// Output: cname-occupied remove
}

func ExampleFailedOptional() {
	in := plan.DKIM("s1._domainkey", "v=DKIM1; p=", "")
	in.Optional, in.TTL = true, 300
	data, err := json.Marshal(entri.FailedOptional(in))
	fmt.Println(string(data), err)
	// Output: [{"type":"TXT","host":"s1._domainkey","value":"v=DKIM1; p=","ttl":300,"optional":true}] <nil>
}
