package providers

func hostsSToZ() []Info {
	return []Info{
		{
			ID: "sakura", Name: "Sakura Internet", Panel: "https://secure.sakura.ad.jp/",
			NameServers: []string{"ns[12].dns.ne.jp"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "sakuracloud", Name: "Sakura Cloud DNS", Panel: "https://secure.sakura.ad.jp/cloud/",
			NameServers: []string{"ns[12].gslb[0-9].sakura.ne.jp", "ns[12].gslb[0-9][0-9].sakura.ne.jp"},
			Caps:        Caps{Grain: GrainZone, MaxTXT: 500, RefusedText: `"\`, ApexAlias: "ALIAS", NoNullMX: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "scaleway", Name: "Scaleway", Panel: "https://console.scaleway.com/domains",
			NameServers: []string{"ns[01].dom.scw.cloud"},
			Caps:        Caps{MinTTL: 60, Source: fromLego + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "selectel", Name: "Selectel", Panel: "https://my.selectel.ru/",
			NameServers: []string{"[a-d].ns.selectel.ru", "ns[1-4].selectel.org", "ns[1-4].selectel.ru"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "simply", Name: "Simply.com", Panel: "https://www.simply.com/controlpanel/",
			NameServers: []string{"ns[1-4].simply.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "siteground", Name: "SiteGround", Panel: "https://my.siteground.com/",
			NameServers: []string{"ns[12].siteground.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "softlayer", Name: "IBM Cloud classic (SoftLayer)", Panel: "https://cloud.ibm.com/classic",
			NameServers: []string{"ns[12].softlayer.com"},
			Caps:        Caps{Grain: GrainRecord, MinTTL: 60, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "spaceship", Name: "Spaceship", Panel: "https://www.spaceship.com/application/advanced-dns-application/",
			NameServers: []string{"launch[12].spaceship.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "squarespace", Name: "Squarespace", Panel: "https://account.squarespace.com/domains",
			// Its zones have four servers of its own and four of NS1.
			NameServers: []string{"ns0[1-4].squarespacedns.com", "dns[1-4].p[0-9][0-9].nsone.net", "ns[a-d][1-4].squarespacedns.com", "connect[12].squarespacedns.com", "ns-cloud-*.googledomains.com"},
			Form:        Form{Name: "Host"},
			Caps:        Caps{Source: fromSeen + "; " + fromResend + "squarespace", Date: readOn},
		},
		{
			ID: "strato", Name: "STRATO", Panel: "https://www.strato.de/apps/CustomerService",
			NameServers: []string{"docks[0-9]*.rzone.de", "shades[0-9]*.rzone.de"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "tencentcloud", Name: "Tencent Cloud DNSPod", Panel: "https://console.dnspod.cn/",
			NameServers: []string{"*.dnspod.net", "ns[1-4].dnsv[2-5].com"},
			Caps:        Caps{Grain: GrainRecord, ApexAlias: "ALIAS", ApexNS: true, NoNullMX: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "timeweb", Name: "Timeweb", Panel: "https://timeweb.cloud/my/",
			NameServers: []string{"ns[12].timeweb.ru", "ns[34].timeweb.org"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "transip", Name: "TransIP", Panel: "https://www.transip.nl/cp/",
			NameServers: []string{"ns0.transip.net", "ns1.transip.nl", "ns2.transip.eu"},
			Caps:        Caps{Grain: GrainZone, NoTypes: []string{"HTTPS", "SVCB"}, TrimsTXT: true, MaxTXT: 1024, RefusedText: "`\\", ApexAlias: "ALIAS", NoNullMX: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "ultradns", Name: "UltraDNS", Panel: "https://portal.ultradns.com/",
			NameServers: []string{"[pu]dns[0-9]*.ultradns.com", "[pu]dns[0-9]*.ultradns.net", "[pu]dns[0-9]*.ultradns.org", "[pu]dns[0-9]*.ultradns.biz", "[pu]dns[0-9]*.ultradns.info", "[pu]dns[0-9]*.ultradns.co.uk"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "unifi", Name: "UniFi Network",
			// A device of its owner. Older versions store NS too.
			Caps: Caps{Grain: GrainRecord, Types: []string{"A", "AAAA", "CNAME", "MX", "SRV", "TXT"}, MaxTXT: 255, NoNullMX: true, Source: fromDNSControl + " (unifi.md)", Date: readOn},
		},
		{
			ID: "uniteddomains", Name: "united-domains", Panel: "https://www.united-domains.de/",
			NameServers: []string{"ns.udag.de", "ns.udag.net", "ns.udag.org"},
			Caps:        Caps{MinTTL: 300, Source: fromLego + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "valuedomain", Name: "Value Domain", Panel: "https://www.value-domain.com/",
			NameServers: []string{"ns[123].value-domain.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "ventraip", Name: "VentraIP (Synergy Wholesale)",
			// Resellers give their customers pages of their own.
			NameServers: []string{"ns[123].nameserver.net.au"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "vercel", Name: "Vercel", Panel: "https://vercel.com/dashboard/domains",
			NameServers: []string{"ns[12].vercel-dns.com"},
			Caps:        Caps{Grain: GrainRecord, NoTypes: []string{"SVCB"}, MinTTL: 60, ApexAlias: "ALIAS", NoNullMX: true, Source: fromDNSControl + "; " + fromResend + "vercel", Date: readOn},
		},
		{
			ID: "vultr", Name: "Vultr", Panel: "https://my.vultr.com/dns/",
			NameServers: []string{"ns[12].vultr.com"},
			Caps:        Caps{Grain: GrainRecord, RefusedText: `"`, NoNullMX: true, NoCAAParameters: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "websupport", Name: "Websupport", Panel: "https://admin.websupport.sk/",
			NameServers: []string{"ns[123].websupport.sk", "ns[123].websupport.cz", "ns[123].websupport.eu"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "wedos", Name: "WEDOS", Panel: "https://client.wedos.com/",
			NameServers: []string{"ns.wedos.net", "ns.wedos.eu", "ns.wedos.cz", "ns.wedos.com"},
			Form:        Form{Blank: true},
			Caps:        Caps{MinTTL: 300, Source: fromLego + "; https://kb.wedos.com/cs/dns/wedos-dns/wedos-dns-zaznamy-domeny/; https://kb.wedos.com/cs/dns/dns-v-kostce/", Date: readOn},
		},
		{
			ID: "wix", Name: "Wix", Panel: "https://manage.wix.com/account/domains",
			NameServers: []string{"ns[0-9]*.wixdns.net"},
			Form:        Form{Name: "Host Name", Blank: true},
			Caps:        Caps{Source: fromMicrosoft + "create-dns-records-at-wix.md", Date: readOn},
		},
		{
			ID: "wordpress", Name: "WordPress.com", Panel: "https://wordpress.com/domains/manage",
			NameServers: []string{"ns[123].wordpress.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "world4you", Name: "World4You", Panel: "https://my.world4you.com/",
			NameServers: []string{"ns[12].world4you.at"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "xserver", Name: "Xserver", Panel: "https://www.xserver.ne.jp/login_server.php",
			NameServers: []string{"ns[1-5].xserver.jp"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "yandex360", Name: "Yandex 360", Panel: "https://admin.yandex.ru/domains",
			NameServers: []string{"dns[12].yandex.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "yandexcloud", Name: "Yandex Cloud DNS", Panel: "https://console.yandex.cloud/",
			NameServers: []string{"ns[12].yandexcloud.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "zoneedit", Name: "ZoneEdit", Panel: "https://cp.zoneedit.com/",
			NameServers: []string{"dns[0-9]*.zoneedit.com", "ns[0-9]*.zoneedit.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "zoneeu", Name: "Zone.eu", Panel: "https://my.zone.eu/",
			NameServers: []string{"ns.zone.eu", "ns2.zone.ee", "ns3.zonedata.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
	}
}
