package providers_test

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// unserved is the rows without name servers, and why there are none to know.
var unserved = map[string]string{
	"adguardhome":  "software",
	"axfrddns":     "software",
	"azureprivate": "nothing is delegated to it",
	"bind":         "software",
	"fortigate":    "a device",
	"mikrotik":     "a device",
	"netbird":      "nothing is delegated to it",
	"netnod":       "every customer names his own",
	"powerdns":     "software",
	"rwth":         "half of them serve others too",
	"unifi":        "a device",
}

// TestCatalogue holds every row to what the rest of the module relies on.
func TestCatalogue(t *testing.T) {
	date := regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	last, recognised := "", 0
	for _, h := range providers.Catalogue() {
		if h.ID <= last || h.ID != strings.ToLower(h.ID) {
			t.Errorf("ID %q follows %q: want unique IDs in order, in lower case", h.ID, last)
		}
		last = h.ID
		if h.Name == "" || h.Caps.Source == "" || !date.MatchString(h.Caps.Date) {
			t.Errorf("%s lacks a name, a source or a date: %+v", h.ID, h)
		}
		if _, none := unserved[h.ID]; none != (len(h.NameServers) == 0) {
			t.Errorf("%s: %d patterns, and it is said to have none: %v", h.ID, len(h.NameServers), none)
		}
		if len(h.NameServers) > 0 {
			recognised++
		}
		if len(h.Fields) > 0 {
			t.Errorf("%s: credentials are the driver's to name", h.ID)
		}
		if u, err := url.Parse(h.Panel); err != nil || h.Panel != "" && (u.Scheme != "https" || u.Host == "") {
			t.Errorf("%s: panel %q is no https URL", h.ID, h.Panel)
		}
		for _, p := range h.NameServers {
			if _, err := path.Match(p, ""); err != nil {
				t.Errorf("%s: pattern %q: %v", h.ID, p, err)
			}
			if p != strings.ToLower(p) || strings.HasSuffix(p, ".") {
				t.Errorf("%s: pattern %q: want lower case and no final dot", h.ID, p)
			}
			// A domain that only begins like the host's may be anybody's.
			labels := strings.Split(p, ".")
			if strings.ContainsAny(strings.Join(labels[1:], "."), "*?") {
				t.Errorf("%s: pattern %q has a star after the first label", h.ID, p)
			}
			if len(labels) < 3 {
				t.Errorf("%s: pattern %q fits names of two labels", h.ID, p)
			}
		}
	}
	if recognised < 60 {
		t.Errorf("%d hosts are recognised by their name servers, want at least 60", recognised)
	}
}

// TestCatalogueCaps finds facts that contradict each other.
func TestCatalogueCaps(t *testing.T) {
	grains := []providers.Grain{"", providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone}
	typ := regexp.MustCompile(`^[A-Z][A-Z0-9]*$`)
	for _, h := range providers.Catalogue() {
		c := h.Caps
		if !slices.Contains(grains, c.Grain) {
			t.Errorf("%s: unknown grain %q", h.ID, c.Grain)
		}
		if c.CAS || c.Settle != 0 || c.MaxBatch != 0 || len(c.Rates) > 0 {
			t.Errorf("%s: what a driver measures or does is the driver's to say", h.ID)
		}
		if !slices.IsSorted(c.TTLs) || len(c.TTLs) > 0 && (c.MinTTL > 0 || c.MaxTTL > 0) {
			t.Errorf("%s: TTLs %v with least %d and most %d: want them ascending, or a range", h.ID, c.TTLs, c.MinTTL, c.MaxTTL)
		}
		if c.MaxTTL > 0 && c.MaxTTL < c.MinTTL {
			t.Errorf("%s: the least TTL is %d, the most %d", h.ID, c.MinTTL, c.MaxTTL)
		}
		if len(c.Types) > 0 && len(c.NoTypes) > 0 {
			t.Errorf("%s: types %v, and not %v: one says it", h.ID, c.Types, c.NoTypes)
		}
		if all := slices.Concat(c.Types, c.NoTypes); slices.ContainsFunc(all, func(s string) bool { return !typ.MatchString(s) }) || !slices.IsSorted(c.Types) || !slices.IsSorted(c.NoTypes) {
			t.Errorf("%s: types %v: want upper case, in order", h.ID, all)
		}
		if !c.Stores("A") || !c.Stores("CNAME") {
			t.Errorf("%s stores no A or no CNAME", h.ID)
		}
		if c.MaxTXT != 0 && c.MaxTXT < 255 {
			t.Errorf("%s: no host's texts end at %d octets", h.ID, c.MaxTXT)
		}
		if !slices.Contains([]string{"", "ALIAS", "CNAME"}, c.ApexAlias) {
			t.Errorf("%s: apex alias %q", h.ID, c.ApexAlias)
		}
	}
}

// TestCatalogueDNSControl wants a row, and how it is written, for each DNS
// host that dnscontrol 7a079bc writes to. Of the three that have a driver here
// the driver says how.
func TestCatalogueDNSControl(t *testing.T) {
	renamed := map[string]string{
		"akamaiedgedns": "akamai", "azuredns": "azure", "azureprivatedns": "azureprivate", "bunnydns": "bunny",
		"gandiv5": "gandi", "gcloud": "googleclouddns", "hedns": "he", "hetznerv2": "hetzner", "tencentdns": "tencentcloud",
	}
	for name := range strings.FieldsSeq(`
		adguardhome akamaiedgedns alidns autodns axfrddns azuredns azureprivatedns bind bunnydns cloudflare
		cloudns cnr cscglobal desec digitalocean dnscale dnsimple dnsmadeeasy domainnameshop exoscale
		fortigate gandiv5 gcloud gcore gidinet hedns hetzner hetznerv2 hostingde huaweicloud
		infomaniak inwx joker linode loopia luadns mikrotik mythicbeasts namecheap namedotcom
		netbird netcup netlify netnod ns1 oracle ovh packetframe porkbun powerdns
		realtimeregister route53 rwth sakuracloud softlayer tencentdns transip unifi vercel vultr`) {
		id, ok := renamed[name]
		if !ok {
			id = name
		}
		h := providers.Known(id)
		if h.ID != id || !strings.Contains(h.Caps.Source, "dnscontrol") {
			t.Errorf("%s: got the row %q from %q", name, h.ID, h.Caps.Source)
		}
		if h.Caps.Grain == "" && id != "cloudflare" && id != "namecheap" {
			t.Errorf("%s: no grain", name)
		}
	}
}

func TestKnown(t *testing.T) {
	if got := providers.Known("godaddy"); got.Name != "GoDaddy" || !got.Serves("ns59.domaincontrol.com") {
		t.Errorf("godaddy: got %+v", got)
	}
	if diff := cmp.Diff(providers.Info{}, providers.Known("nobody")); diff != "" {
		t.Errorf("an ID that nobody has (-want +got):\n%s", diff)
	}
}

// TestCatalogueStores: what a host lacks is said by a list of what it has, or
// of what it has not.
func TestCatalogueStores(t *testing.T) {
	tests := []struct {
		id, typ string
		want    bool
	}{
		{"azureprivate", "CAA", false},
		{"azureprivate", "SRV", true},
		{"cloudns", "HTTPS", false},
		{"cloudns", "CAA", true},
		{"digitalocean", "HTTPS", false},
		{"digitalocean", "SRV", true},
		{"gidinet", "CAA", false},
		{"netbird", "TXT", false},
		{"vercel", "HTTPS", true},
		{"vercel", "SVCB", false},
		{"namecheap", "SRV", true}, // not by its API, but by its form
	}
	for _, tt := range tests {
		if got := providers.Known(tt.id).Caps.Stores(tt.typ); got != tt.want {
			t.Errorf("%s stores %s: got %v, want %v", tt.id, tt.typ, got, tt.want)
		}
	}
}

// TestCatalogueServes asks who serves name servers that exist. Every host that
// has any is asked for at least once.
func TestCatalogueServes(t *testing.T) {
	tests := []struct {
		server zone.Name
		want   []string
	}{
		{"jake.ns.cloudflare.com", []string{"cloudflare"}},
		{"gold.foundationdns.net", []string{"cloudflare"}},
		{"ns59.domaincontrol.com", []string{"godaddy"}},
		{"dns1.registrar-servers.com", []string{"namecheap"}},
		{"pdns2.registrar-servers.com", []string{"namecheap"}},
		{"freedns3.registrar-servers.com", []string{"namecheapfreedns"}},
		{"dns1.namecheaphosting.com", []string{"namecheaphosting"}},
		{"ns-1234.awsdns-56.co.uk", []string{"route53"}},
		{"ns-cloud-d1.googledomains.com", []string{"googleclouddns", "squarespace"}},
		{"ns01.squarespacedns.com", []string{"squarespace"}},
		{"nsd1.squarespacedns.com", []string{"squarespace"}},
		{"ns1038.ui-dns.biz", []string{"ionos"}},
		{"ns-de.1and1-dns.com", []string{"ionos"}},
		{"maceio.ns.porkbun.com", []string{"porkbun"}},
		{"ns-161-a.gandi.net", []string{"gandi"}},
		{"helium.ns.hetzner.de", []string{"hetzner"}},
		{"robotns2.second-ns.de", []string{"hetznerrobot"}},
		{"ns3.second-ns.de", []string{"hetznerkonsoleh"}},
		{"ns1.your-server.de", []string{"hetznerkonsoleh"}},
		{"dns1.p04.nsone.net", []string{"netlify", "ns1", "squarespace"}},
		{"ns2.dnsimple-edge.net", []string{"dnsimple"}},
		{"ns1jkl.name.com", []string{"namedotcom"}},
		{"dns10.ovh.net", []string{"ovh"}},
		{"dns200.anycast.me", []string{"ovh"}},
		{"ns47.worldnic.com", []string{"networksolutions"}},
		{"hgns1.hostgator.com", []string{"hostgator"}},
		{"horizon.dns-parking.com", []string{"hostinger"}},
		{"ns1-07.azure-dns.com", []string{"azure"}},
		{"ns8.wixdns.net", []string{"wix"}},
		{"pns31.cloudns.net", []string{"cloudns"}},
		{"ns1.dyna-ns.net", []string{"dynadot"}},
		{"ns1.bluehost.com", []string{"bluehost"}},
		{"kiki.bunny.net", []string{"bunny"}},
		{"ns1.desec.io", []string{"desec"}},
		{"ns2.digitalocean.com", []string{"digitalocean"}},
		{"ns11.dnsmadeeasy.com", []string{"dnsmadeeasy"}},
		{"ns1.dreamhost.com", []string{"dreamhost"}},
		{"dns3.name-services.com", []string{"enom"}},
		{"ns4.he.net", []string{"he"}},
		{"ns2.hover.com", []string{"hover"}},
		{"ns11.infomaniak.ch", []string{"infomaniak"}},
		{"nsany1.infomaniak.com", []string{"infomaniak"}},
		{"ns2.inwx.de", []string{"inwx"}},
		{"ns3.inwx.eu", []string{"inwx"}},
		{"ns5.linode.com", []string{"linode"}},
		{"ns1.loopia.se", []string{"loopia"}},
		{"ns1.dnsowl.com", []string{"namesilo"}},
		{"root-dns.netcup.net", []string{"netcup"}},
		{"ns0.transip.net", []string{"transip"}},
		{"ns1.vercel-dns.com", []string{"vercel"}},
		{"ns2.vultr.com", []string{"vultr"}},
		{"ns3.wordpress.com", []string{"wordpress"}},
		{"ns.123-reg.co.uk", []string{"123reg"}},
		{"ns3.stackdns.com", []string{"20i"}},
		{"ns1.a2hosting.com", []string{"a2hosting"}},
		{"a9-65.akam.net", []string{"akamai"}},
		{"ns1-102.akam.net", []string{"akamai"}},
		{"eur3.akam.net", []string{"akamai"}},
		{"dns30.hichina.com", []string{"alidns"}},
		{"vip3.alidns.com", []string{"alidns"}},
		{"ns3.alidns.com", []string{"alidns"}},
		{"ns5.kasserver.com", []string{"allinkl"}},
		{"dns1.alwaysdata.com", []string{"alwaysdata"}},
		{"j.ns.arvancdn.ir", []string{"arvancloud"}},
		{"dns.technorail.com", []string{"aruba"}},
		{"dns4.arubadns.cz", []string{"aruba"}},
		{"a.ns14.net", []string{"autodns"}},
		{"ns1.beget.pro", []string{"beget"}},
		{"dns4.bigrock.in", []string{"bigrock"}},
		{"ns1.cafe24.co.kr", []string{"cafe24"}},
		{"ns2.checkdomain.de", []string{"checkdomain"}},
		{"ns0.civo.com", []string{"civo"}},
		{"ns2.rrpproxy.net", []string{"cnr"}},
		{"ns3.combell.net", []string{"combell"}},
		{"ns-a1.conoha.io", []string{"conoha"}},
		{"ns11.constellix.com", []string{"constellix"}},
		{"ns51.constellix.net", []string{"constellix"}},
		{"ns2.contabo.net", []string{"contabo"}},
		{"ns1.crazydomains.com", []string{"crazydomains"}},
		{"dns1.cscdns.net", []string{"cscglobal"}},
		{"udns2.cscdns.uk", []string{"cscglobal"}},
		{"ns.dinahosting.com", []string{"dinahosting"}},
		{"ns2.dnscale.eu", []string{"dnscale"}},
		{"ns.namespace4you.de", []string{"domainfactory"}},
		{"ns1.hyp.net", []string{"domainnameshop"}},
		{"ns9.dynu.com", []string{"dynu"}},
		{"dns1.easydns.com", []string{"easydns"}},
		{"dns3.easydns.ca", []string{"easydns"}},
		{"ns1.easyname.eu", []string{"easyname"}},
		{"ns3.epik.com", []string{"epik"}},
		{"ns4.eurodns.com", []string{"eurodns"}},
		{"ns1.exoscale.ch", []string{"exoscale"}},
		{"ns1.livedns.co.uk", []string{"fasthosts"}},
		{"ns.forpsi.it", []string{"forpsi"}},
		{"ns1.afraid.org", []string{"freedns"}},
		{"ns1.gabia.co.kr", []string{"gabia"}},
		{"ns2.gcdn.services", []string{"gcore"}},
		{"dnsl1.gidinet.com", []string{"gidinet"}},
		{"dns5.gidinet.com", []string{"gidinet"}},
		{"ns1.namesystem.se", []string{"glesys"}},
		{"a.share-dns.com", []string{"gname"}},
		{"b10.share-dns.net", []string{"gname"}},
		{"dns3.home.pl", []string{"homepl"}},
		{"ns3.hosting.de", []string{"hostingde"}},
		{"ns.hostpoint.ch", []string{"hostpoint"}},
		{"ns1.huaweicloud-dns.org", []string{"huaweicloud"}},
		{"ns2.inmotionhosting.com", []string{"inmotion"}},
		{"ns-canada.topdns.com", []string{"internetbs"}},
		{"b.ns.joker.com", []string{"joker"}},
		{"ns.liquidweb.com", []string{"liquidweb"}},
		{"ns1.locaweb.com.br", []string{"locaweb"}},
		{"ns4.luadns.net", []string{"luadns"}},
		{"ns23.lwsdns.com", []string{"lws"}},
		{"ns7.markmonitor.com", []string{"markmonitor"}},
		{"ns2.bdm.microsoftonline.com", []string{"microsoft365"}},
		{"ns1.mijn.host", []string{"mijnhost"}},
		{"dns01.muumuu-domain.com", []string{"muumuu"}},
		{"ns1.mythic-beasts.com", []string{"mythicbeasts"}},
		{"nsg1.namebrightdns.com", []string{"namebright"}},
		{"ns1.nazwa.pl", []string{"nazwapl"}},
		{"ns3-l2.nic.ru", []string{"nicru"}},
		{"ns8-cloud.nic.ru", []string{"nicru"}},
		{"2-can.njalla.in", []string{"njalla"}},
		{"ns1.o2switch.net", []string{"o2switch"}},
		{"01.dnsv.jp", []string{"onamae"}},
		{"ns02.one.com", []string{"onecom"}},
		{"ns2.openprovider.be", []string{"openprovider"}},
		{"ns3.systemdns.com", []string{"opensrs"}},
		{"ns1.p201.dns.oraclecloud.net", []string{"oracle"}},
		{"ns1.packetframe.com", []string{"packetframe"}},
		{"dns2.stabletransit.com", []string{"rackspace"}},
		{"ns1.yoursrs.com", []string{"realtimeregister"}},
		{"ns1.register.it", []string{"registerit"}},
		{"a.auto.dns.br", []string{"registrobr"}},
		{"ns1.reg.ru", []string{"regru"}},
		{"nsid3.rumahweb.biz", []string{"rumahweb"}},
		{"ns2.dns.ne.jp", []string{"sakura"}},
		{"ns1.gslb2.sakura.ne.jp", []string{"sakuracloud"}},
		{"ns2.gslb13.sakura.ne.jp", []string{"sakuracloud"}},
		{"ns0.dom.scw.cloud", []string{"scaleway"}},
		{"c.ns.selectel.ru", []string{"selectel"}},
		{"ns1.selectel.org", []string{"selectel"}},
		{"ns3.simply.com", []string{"simply"}},
		{"ns1.siteground.net", []string{"siteground"}},
		{"ns1.softlayer.com", []string{"softlayer"}},
		{"launch1.spaceship.net", []string{"spaceship"}},
		{"docks10.rzone.de", []string{"strato"}},
		{"shades01.rzone.de", []string{"strato"}},
		{"f1g1ns1.dnspod.net", []string{"tencentcloud"}},
		{"ns3.dnsv4.com", []string{"tencentcloud"}},
		{"ns3.timeweb.org", []string{"timeweb"}},
		{"pdns6.ultradns.co.uk", []string{"ultradns"}},
		{"pdns109.ultradns.biz", []string{"ultradns"}},
		{"ns.udag.net", []string{"uniteddomains"}},
		{"ns1.value-domain.com", []string{"valuedomain"}},
		{"ns3.nameserver.net.au", []string{"ventraip"}},
		{"ns3.websupport.eu", []string{"websupport"}},
		{"ns.wedos.cz", []string{"wedos"}},
		{"ns1.world4you.at", []string{"world4you"}},
		{"ns5.xserver.jp", []string{"xserver"}},
		{"dns1.yandex.net", []string{"yandex360"}},
		{"ns2.yandexcloud.net", []string{"yandexcloud"}},
		{"dns1.zoneedit.com", []string{"zoneedit"}},
		{"ns12.zoneedit.com", []string{"zoneedit"}},
		{"ns3.zonedata.net", []string{"zoneeu"}},
		// Servers of others, in domains that hosts have servers in.
		{"eforward1.registrar-servers.com", nil}, // forwards mail
		{"ns312345.ovh.net", nil},                // somebody's own server
		{"static.1.2.0.192.clients.your-server.de", nil},
		{"mail.udag.de", nil},
		{"smtp.rzone.de", nil},
		{"a.sec.dns.br", nil}, // secondary to the customer's own
		{"f.sec.dns.br", nil},
		{"nsa.dnsnode.net", nil},
		{"ns1.hosting.reg.ru", nil},
		{"dns1.cafe24.com", nil},
		{"www3.sakura.ne.jp", nil},
		{"ns1.hover.com.customer.example", nil},
		{"customer.linode.com", nil},
		{"dns1.p04.nsone.net.customer.example", nil},
		{"ns1.customer.example", nil},
		{"customer.example", nil},
		{".", nil},
	}
	asked := map[string]bool{}
	for _, tt := range tests {
		got := serving(tt.server)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.server, diff)
		}
		for _, id := range got {
			asked[id] = true
		}
	}
	for _, h := range providers.Catalogue() {
		if len(h.NameServers) > 0 && !asked[h.ID] {
			t.Errorf("no server of %s is asked for", h.ID)
		}
	}
}

// TestCatalogueShares: but for the hosts that are known to share their servers,
// no two rows claim the same, whether a row names them one by one or by ranges.
func TestCatalogueShares(t *testing.T) {
	shared := [][]string{{"googleclouddns", "squarespace"}, {"netlify", "ns1", "squarespace"}}
	for _, h := range providers.Catalogue() {
		for _, p := range h.NameServers {
			for _, s := range instances(p) {
				got := serving(zone.Name(s))
				if !slices.Contains(got, h.ID) {
					t.Errorf("%s: %q makes %s, which it does not match", h.ID, p, s)
				}
				if len(got) > 1 && !slices.ContainsFunc(shared, func(ids []string) bool { return slices.Equal(ids, got) }) {
					t.Errorf("%s (%q of %s) is claimed by %v", s, p, h.ID, got)
				}
			}
		}
	}
}

// serving is the IDs of the hosts that a server belongs to.
func serving(server zone.Name) []string {
	var out []string
	for _, h := range providers.Catalogue() {
		if h.Serves(server) {
			out = append(out, h.ID)
		}
	}
	return out
}

// instances is names that a pattern fits: the ends of each of its ranges, with
// nothing, a digit or a word for each star.
func instances(pattern string) []string {
	out := []string{""}
	for rest := pattern; rest != ""; {
		var choices []string
		switch i := strings.IndexAny(rest, "[*"); {
		case i != 0:
			if i < 0 {
				i = len(rest)
			}
			choices, rest = []string{rest[:i]}, rest[i:]
		case rest[0] == '*':
			choices, rest = []string{"", "7", "word"}, rest[1:]
		default:
			set, after, _ := strings.Cut(rest[1:], "]")
			choices, rest = []string{set[:1], set[len(set)-1:]}, after
		}
		var next []string
		for _, head := range out {
			for _, tail := range choices {
				next = append(next, head+tail)
			}
		}
		out = next
	}
	return out
}

// TestCatalogueFresh: whoever changes what he got changes nobody else's.
func TestCatalogueFresh(t *testing.T) {
	want := providers.Catalogue()
	got := providers.Catalogue()
	for _, h := range got {
		for i := range h.NameServers {
			h.NameServers[i] = "*"
		}
	}
	if diff := cmp.Diff(want, providers.Catalogue()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestForm(t *testing.T) {
	const apex = zone.Name("customer.example")
	record := func(name zone.Name, typ, data string) zone.Record {
		t.Helper()
		r, err := zone.New(name, typ, 300, data)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	odd := providers.Form{Blank: true, Dot: true, Quotes: true, Inline: true}
	tests := []struct {
		name                   string
		form                   providers.Form
		record                 zone.Record
		owner, value, priority string
	}{
		{"apex", providers.Form{}, record(apex, "A", "192.0.2.1"), "@", "192.0.2.1", ""},
		{"apex left empty", odd, record(apex, "A", "192.0.2.1"), "", "192.0.2.1", ""},
		{"apex typed whole", providers.Form{Full: true}, record(apex, "A", "192.0.2.1"), "customer.example.", "192.0.2.1", ""},
		{"deep owner", odd, record("a.b.customer.example", "A", "192.0.2.1"), "a.b", "192.0.2.1", ""},
		{"wildcard typed whole", providers.Form{Full: true}, record("*.customer.example", "A", "192.0.2.1"), "*.customer.example.", "192.0.2.1", ""},
		{"target", providers.Form{}, record("www.customer.example", "CNAME", "edge.app.example"), "www", "edge.app.example", ""},
		{"target with its dot", odd, record("www.customer.example", "CNAME", "edge.app.example"), "www", "edge.app.example.", ""},
		{"MX", providers.Form{}, record(apex, "MX", "10 mx.app.example"), "@", "mx.app.example", "10"},
		{"MX in one", odd, record(apex, "MX", "10 mx.app.example"), "", "10 mx.app.example.", ""},
		{"null MX", providers.Form{}, record(apex, "MX", "0 ."), "@", ".", "0"},
		{"SRV", providers.Form{}, record("_sip._tls.customer.example", "SRV", "100 1 443 sip.app.example"), "_sip._tls", "1 443 sip.app.example", "100"},
		{"SRV in one", odd, record("_sip._tls.customer.example", "SRV", "100 1 443 sip.app.example"), "_sip._tls", "100 1 443 sip.app.example.", ""},
		{"text of two strings", providers.Form{}, record(apex, "TXT", `"v=spf1 mx" " -all"`), "@", "v=spf1 mx -all", ""},
		{"quoted text", odd, record(apex, "TXT", `"v=spf1 mx" " -all"`), "", `"v=spf1 mx" " -all"`, ""},
		{"text that nobody can type", providers.Form{}, record(apex, "TXT", `"a\007b"`), "@", `"a\007b"`, ""},
		{"the host's own text", providers.Form{}, zone.Record{Name: apex, Type: zone.TypeRedirect, Data: "301 https://app.example/.", Opaque: true}, "@", "301 https://app.example/.", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, priority := tt.form.Spell(tt.record)
			got := []string{tt.form.Owner(tt.record.Name, apex), value, priority}
			if diff := cmp.Diff([]string{tt.owner, tt.value, tt.priority}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func ExampleCatalogue() {
	for _, h := range providers.Catalogue() {
		if h.Serves("ns1.hover.com") {
			fmt.Println(h.Name, h.Panel)
		}
	}
	// Output: Hover https://www.hover.com/domains
}

func ExampleKnown() {
	h := providers.Known("wedos")
	fmt.Println(h.Name, h.Panel)
	fmt.Printf("the apex is typed %q\n", h.Form.Owner("customer.example", "customer.example"))
	// Output:
	// WEDOS https://client.wedos.com/
	// the apex is typed ""
}

func ExampleForm_Spell() {
	mx, err := zone.New("customer.example", "MX", 300, "10 mx.mail.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	var usual providers.Form
	value, priority := usual.Spell(mx)
	fmt.Println(usual.Owner(mx.Name, "customer.example"), value, priority)
	ovh := providers.Form{Name: "Sub-domain", Blank: true, Dot: true}
	value, priority = ovh.Spell(mx)
	fmt.Printf("%q %s %s\n", ovh.Owner(mx.Name, "customer.example"), value, priority)
	// Output:
	// @ mx.mail.example 10
	// "" mx.mail.example. 10
}

func ExampleForm_Owner() {
	hostgator := providers.Form{Full: true}
	fmt.Println(hostgator.Owner("www.customer.example", "customer.example"))
	fmt.Println(providers.Form{}.Owner("www.customer.example", "customer.example"))
	// Output:
	// www.customer.example.
	// www
}
