package providers

func hostsAToD() []Info {
	return []Info{
		{
			ID: "123reg", Name: "123 Reg", Panel: "https://www.123-reg.co.uk/",
			NameServers: []string{"ns.123-reg.co.uk", "ns2.123-reg.co.uk"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "20i", Name: "20i",
			// Resellers give their customers pages of their own.
			NameServers: []string{"ns[1-4].stackdns.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "a2hosting", Name: "A2 Hosting", Panel: "https://my.a2hosting.com/",
			NameServers: []string{"ns[1-4].a2hosting.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "adguardhome", Name: "AdGuard Home",
			// Software, on its owner's machine.
			Caps: Caps{Grain: GrainRecord, Types: []string{"A", "AAAA", "CNAME"}, ApexAlias: "ALIAS", Source: fromDNSControl + " (adguardhome.md)", Date: readOn},
		},
		{
			ID: "akamai", Name: "Akamai Edge DNS", Panel: "https://control.akamai.com/",
			NameServers: []string{"*.akam.net"},
			Caps:        Caps{Grain: GrainRRset, RefusedText: `"\`, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "alidns", Name: "Alibaba Cloud DNS", Panel: "https://dns.console.aliyun.com/",
			NameServers: []string{"dns[0-9]*.hichina.com", "ns[0-9]*.alidns.com", "vip[0-9]*.alidns.com"},
			Caps:        Caps{Grain: GrainRecord, MinTTL: 600, MaxTXT: 512, RefusedText: `"`, TrimsTXT: true, ApexNS: true, NoNullMX: true, Source: fromDNSControl + "; https://www.alibabacloud.com/help/en/dns/pubz-view-dns-server-status-and-exception-handling; https://www.alibabacloud.com/help/en/dns/pubz-modify-dns-server-for-alibaba-cloud-domain-name", Date: readOn},
		},
		{
			ID: "allinkl", Name: "ALL-INKL.COM", Panel: "https://kas.all-inkl.com/",
			NameServers: []string{"ns[56].kasserver.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "alwaysdata", Name: "alwaysdata", Panel: "https://admin.alwaysdata.com/",
			NameServers: []string{"dns[12].alwaysdata.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "aruba", Name: "Aruba", Panel: "https://admin.aruba.it/",
			NameServers: []string{"dns.technorail.com", "dns2.technorail.com", "dns3.arubadns.net", "dns4.arubadns.cz"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "arvancloud", Name: "ArvanCloud", Panel: "https://panel.arvancloud.ir/",
			NameServers: []string{"[a-z].ns.arvancdn.ir", "[a-z].ns.arvancdn.org", "[a-z].ns.arvancdn.co"},
			Caps:        Caps{MinTTL: 600, Source: fromLego + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "autodns", Name: "AutoDNS (InterNetX)",
			// Resellers give their customers pages of their own.
			NameServers: []string{"[a-d].ns14.net"},
			Caps:        Caps{Grain: GrainZone, ApexAlias: "ALIAS", NoNullMX: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "axfrddns", Name: "AXFR and DNS UPDATE",
			// Any server that takes RFC 2136 messages.
			Caps: Caps{Grain: GrainBatch, RefusedText: `"\`, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "azure", Name: "Azure DNS", Panel: "https://portal.azure.com/#browse/Microsoft.Network%2FdnsZones",
			NameServers: []string{"ns1-*.azure-dns.com", "ns2-*.azure-dns.net", "ns3-*.azure-dns.org", "ns4-*.azure-dns.info"},
			Form:        Form{Sets: true},
			Caps:        Caps{Grain: GrainRRset, ApexNS: true, NoNullMX: true, Source: fromDNSControl + "; " + fromMicrosoft + "create-dns-records-for-azure-dns-zones.md", Date: readOn},
		},
		{
			ID: "azureprivate", Name: "Azure Private DNS", Panel: "https://portal.azure.com/#browse/Microsoft.Network%2FprivateDnsZones",
			// No public name servers.
			Caps: Caps{Grain: GrainRRset, NoTypes: []string{"CAA"}, NoNullMX: true, NoDelegation: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "beget", Name: "Beget", Panel: "https://cp.beget.com/",
			NameServers: []string{"ns[12].beget.com", "ns[12].beget.pro", "ns[12].beget.ru"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "bigrock", Name: "BigRock", Panel: "https://www.bigrock.in/",
			NameServers: []string{"dns[1-4].bigrock.in"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "bind", Name: "BIND",
			// Software, on its owner's machine.
			Caps: Caps{Grain: GrainZone, ApexNS: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "bluehost", Name: "Bluehost", Panel: "https://my.bluehost.com/",
			NameServers: []string{"ns[12].bluehost.com"},
			Form:        Form{Name: "Host Record"},
			Caps:        Caps{Source: fromMicrosoft + "create-dns-records-at-bluehost.md", Date: readOn},
		},
		{
			ID: "bunny", Name: "Bunny DNS", Panel: "https://dash.bunny.net/dns",
			NameServers: []string{"kiki.bunny.net", "coco.bunny.net"},
			Caps:        Caps{Grain: GrainRecord, MinTTL: 60, ApexAlias: "ALIAS", Source: fromDNSControl + "; " + fromLego, Date: readOn},
		},
		{
			ID: "cafe24", Name: "Cafe24", Panel: "https://hosting.cafe24.com/",
			NameServers: []string{"ns[12].cafe24.com", "ns[12].cafe24.co.kr"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "checkdomain", Name: "checkdomain", Panel: "https://www.checkdomain.de/",
			NameServers: []string{"ns.checkdomain.de", "ns2.checkdomain.de"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "civo", Name: "Civo", Panel: "https://dashboard.civo.com/dns",
			NameServers: []string{"ns[012].civo.com"},
			Caps:        Caps{MinTTL: 600, Source: fromLego + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "cloudflare", Name: "Cloudflare", Panel: "https://dash.cloudflare.com/",
			NameServers: []string{"*.ns.cloudflare.com", "*.foundationdns.com", "*.foundationdns.net", "*.foundationdns.org"},
			Caps:        Caps{MinTTL: 60, ApexAlias: "CNAME", Source: fromDNSControl + "; https://developers.cloudflare.com/dns/foundation-dns/advanced-nameservers/", Date: readOn},
		},
		{
			ID: "cloudns", Name: "ClouDNS", Panel: "https://www.cloudns.net/main/",
			NameServers: []string{"ns[0-9]*.cloudns.net", "pns[0-9]*.cloudns.net", "gns[0-9]*.cloudns.net"},
			Caps: Caps{
				Grain: GrainRecord, NoTypes: []string{"HTTPS", "SVCB"}, TrimsTXT: true,
				TTLs:        []uint32{60, 300, 900, 1800, 3600, 21600, 43200, 86400, 172800, 259200, 604800, 1209600, 2592000},
				RefusedText: "`\"", ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + "; " + fromLego + "; " + fromSeen, Date: readOn,
			},
		},
		{
			ID: "cnr", Name: "CentralNic Reseller",
			// Resellers give their customers pages of their own.
			NameServers: []string{"ns[1-3].rrpproxy.net"},
			Caps:        Caps{Grain: GrainRecord, NoTypes: []string{"HTTPS", "SVCB"}, RefusedText: `"`, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + " (cnr.md)", Date: readOn},
		},
		{
			ID: "combell", Name: "Combell", Panel: "https://my.combell.com/",
			NameServers: []string{"ns[1-4].combell.net", "ns1.combell.eu"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "conoha", Name: "ConoHa", Panel: "https://manage.conoha.jp/",
			NameServers: []string{"ns-a[123].conoha.io"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "constellix", Name: "Constellix", Panel: "https://manage.constellix.com/",
			NameServers: []string{"ns[1-6]1.constellix.com", "ns[1-6]1.constellix.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "contabo", Name: "Contabo", Panel: "https://my.contabo.com/dns",
			NameServers: []string{"ns[123].contabo.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "crazydomains", Name: "Crazy Domains", Panel: "https://www.crazydomains.com/",
			NameServers: []string{"ns[1-4].crazydomains.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "cscglobal", Name: "CSC",
			NameServers: []string{"dns[12].cscdns.net", "pdns[12].cscdns.net", "udns1.cscdns.net", "udns2.cscdns.uk"},
			Caps:        Caps{Grain: GrainRecord, RefusedText: `"`, TrimsTXT: true, NoNullMX: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "desec", Name: "deSEC", Panel: "https://desec.io/domains",
			NameServers: []string{"ns1.desec.io", "ns2.desec.org"},
			Caps:        Caps{Grain: GrainBatch, MinTTL: 3600, Source: fromDNSControl + "; https://docs.rs/desec/0.0.2/desec/api/rrsets/struct.RrsetsApi.html", Date: readOn},
		},
		{
			ID: "digitalocean", Name: "DigitalOcean", Panel: "https://cloud.digitalocean.com/networking/domains",
			NameServers: []string{"ns[123].digitalocean.com"},
			Form:        Form{Name: "Hostname"},
			Caps: Caps{
				Grain: GrainRecord, MaxTXT: 504,
				Types:       []string{"A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"},
				RefusedText: `\`, ApexNS: true, NoNullMX: true, NoCAAParameters: true,
				Source: fromDNSControl + "; https://docs.digitalocean.com/products/networking/dns/details/features/", Date: readOn,
			},
		},
		{
			ID: "dinahosting", Name: "dinahosting", Panel: "https://panel.dinahosting.com/",
			NameServers: []string{"ns.dinahosting.com", "ns[234].dinahosting.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "dnscale", Name: "DNScale", Panel: "https://app.dnscale.eu/dashboard",
			NameServers: []string{"ns[0-9]*.dnscale.eu"},
			Caps:        Caps{Grain: GrainRecord, Types: []string{"A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"}, RefusedText: `"`, TrimsTXT: true, ApexAlias: "ALIAS", NoNullMX: true, Source: fromDNSControl + " (dnscale.md); https://dnscale.eu/learning/what-is-an-ns-record", Date: readOn},
		},
		{
			ID: "dnsimple", Name: "DNSimple", Panel: "https://dnsimple.com/dashboard",
			NameServers: []string{"ns[1-4].dnsimple.com", "ns[1-4].dnsimple-edge.com", "ns[1-4].dnsimple-edge.net", "ns[1-4].dnsimple-edge.io", "ns[1-4].dnsimple-edge.org"},
			Caps:        Caps{Grain: GrainRecord, TrimsTXT: true, MaxTXT: 1000, ApexAlias: "ALIAS", NoDelegation: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "dnsmadeeasy", Name: "DNS Made Easy", Panel: "https://cp.dnsmadeeasy.com/",
			NameServers: []string{"ns[0-9]*.dnsmadeeasy.com"},
			Caps:        Caps{Grain: GrainRecord, RefusedText: `"`, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "domainfactory", Name: "DomainFactory", Panel: "https://www.df.eu/",
			NameServers: []string{"ns.namespace4you.de", "ns2.namespace4you.de"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "domainnameshop", Name: "Domeneshop", Panel: "https://domene.shop/admin",
			NameServers: []string{"ns[123].hyp.net"},
			Caps:        Caps{Grain: GrainRecord, MinTTL: 60, MaxTTL: 604800, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "dreamhost", Name: "DreamHost", Panel: "https://panel.dreamhost.com/",
			NameServers: []string{"ns[123].dreamhost.com"},
			Form:        Form{Blank: true, Dot: true, Inline: true},
			Caps: Caps{
				ApexAlias: "ALIAS",
				Source:    fromMicrosoft + "create-dns-records-at-dreamhost.md; https://help.dreamhost.com/hc/en-us/articles/214694348-Basic-DNS-records", Date: readOn,
			},
		},
		{
			ID: "dynadot", Name: "Dynadot", Panel: "https://www.dynadot.com/account/domain/name/list.html",
			NameServers: []string{"ns[12].dyna-ns.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "dynu", Name: "Dynu", Panel: "https://www.dynu.com/ControlPanel/DDNS",
			NameServers: []string{"ns[0-9]*.dynu.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
	}
}
