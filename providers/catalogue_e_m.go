package providers

func hostsEToM() []Info {
	return []Info{
		{
			ID: "easydns", Name: "easyDNS", Panel: "https://cp.easydns.com/",
			NameServers: []string{"dns[1-4].easydns.com", "dns[1-4].easydns.net", "dns[1-4].easydns.org", "dns[1-4].easydns.ca", "dns[1-4].easydns.info"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "easyname", Name: "easyname", Panel: "https://my.easyname.com/",
			NameServers: []string{"ns[12].easyname.eu"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "enom", Name: "eNom", Panel: "https://www.enom.com/",
			NameServers: []string{"dns[1-5].name-services.com"},
			Form:        Form{Name: "Host Name", Value: "Address", Dot: true},
			Caps:        Caps{Source: fromMicrosoft + "create-dns-records-at-enomcentral.md", Date: readOn},
		},
		{
			ID: "epik", Name: "Epik", Panel: "https://registrar.epik.com/",
			NameServers: []string{"ns[34].epik.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "eurodns", Name: "EuroDNS", Panel: "https://my.eurodns.com/",
			NameServers: []string{"ns[1-4].eurodns.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "exoscale", Name: "Exoscale", Panel: "https://portal.exoscale.com/",
			NameServers: []string{"ns1.exoscale.com", "ns1.exoscale.ch", "ns1.exoscale.net", "ns1.exoscale.io"},
			Caps:        Caps{Grain: GrainRecord, ApexAlias: "ALIAS", NoDelegation: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "fasthosts", Name: "Fasthosts", Panel: "https://admin.fasthosts.co.uk/",
			NameServers: []string{"ns[123].livedns.co.uk"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "forpsi", Name: "Forpsi", Panel: "https://admin.forpsi.com/",
			NameServers: []string{"ns.forpsi.net", "ns.forpsi.cz", "ns.forpsi.it"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "fortigate", Name: "FortiGate",
			// A device of its owner.
			Caps: Caps{Grain: GrainZone, Types: []string{"A", "AAAA", "CNAME"}, NoWildcard: true, NoDelegation: true, Source: fromDNSControl + " (fortigate.md)", Date: readOn},
		},
		{
			ID: "freedns", Name: "FreeDNS (afraid.org)", Panel: "https://freedns.afraid.org/",
			NameServers: []string{"ns[1-4].afraid.org"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "gabia", Name: "Gabia", Panel: "https://dns.gabia.com/",
			NameServers: []string{"ns.gabia.co.kr", "ns1.gabia.co.kr", "ns.gabia.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "gandi", Name: "Gandi", Panel: "https://admin.gandi.net/domain/",
			NameServers: []string{"ns-*-[abc].gandi.net"},
			Form:        Form{Dot: true},
			Caps: Caps{
				Grain:  GrainRRset,
				MinTTL: 300, MaxTTL: 2592000, ApexAlias: "ALIAS",
				Source: fromDNSControl + "; https://docs.gandi.net/fr/noms_domaine/operations_courantes/enregistrements_dns.html", Date: readOn,
			},
		},
		{
			ID: "gcore", Name: "Gcore", Panel: "https://portal.gcore.com/",
			NameServers: []string{"ns1.gcorelabs.net", "ns2.gcdn.services"},
			Caps:        Caps{Grain: GrainRRset, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + ", default name servers", Date: readOn},
		},
		{
			ID: "gidinet", Name: "Gidinet", Panel: "https://www.gidinet.com/",
			// CAA is of the premium service alone.
			NameServers: []string{"dnsl[12].gidinet.com", "dns[1-5].gidinet.com"},
			Caps:        Caps{Grain: GrainRecord, Types: []string{"A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT"}, TTLs: []uint32{60, 300, 600, 900, 1800, 2700, 3600, 7200, 14400, 28800, 43200, 64800, 86400, 172800}, RefusedText: "`\"\\", NoNullMX: true, Source: fromDNSControl + " (gidinet.md)", Date: readOn},
		},
		{
			ID: "glesys", Name: "GleSYS", Panel: "https://cloud.glesys.com/",
			NameServers: []string{"ns[123].namesystem.se"},
			Caps:        Caps{MinTTL: 60, Source: fromLego + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "gname", Name: "Gname", Panel: "https://www.gname.com/",
			NameServers: []string{"a*.share-dns.com", "b*.share-dns.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "godaddy", Name: "GoDaddy", Panel: "https://dcc.godaddy.com/control/portfolio",
			NameServers: []string{"*.domaincontrol.com"},
			Caps:        Caps{MinTTL: 600, ASCIIText: true, Source: fromLego + "; " + fromResend + "godaddy; https://www.godaddy.com/help/add-a-txt-record-19232", Date: readOn},
		},
		{
			ID: "googleclouddns", Name: "Google Cloud DNS", Panel: "https://console.cloud.google.com/net-services/dns/zones",
			NameServers: []string{"ns-cloud-*.googledomains.com"},
			Form:        Form{Name: "DNS name", Blank: true, Dot: true, Quotes: true, Inline: true, Sets: true},
			Caps: Caps{
				Grain: GrainBatch, ApexAlias: "ALIAS",
				ApexNS: true,
				Source: fromDNSControl + "; https://cloud.google.com/dns/api/v1/changes; https://cloud.google.com/dns/records/json-record; https://mailhardener.com/blog/how-to-enter-txt-values-in-google-cloud-dns", Date: readOn,
			},
		},
		{
			ID: "he", Name: "Hurricane Electric", Panel: "https://dns.he.net/",
			NameServers: []string{"ns[1-5].he.net"},
			Caps:        Caps{Grain: GrainRecord, ApexAlias: "ALIAS", NoWildcard: true, ApexNS: true, NoNullMX: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "hetzner", Name: "Hetzner", Panel: "https://console.hetzner.com/projects",
			NameServers: []string{"hydrogen.ns.hetzner.com", "oxygen.ns.hetzner.com", "helium.ns.hetzner.de"},
			Form:        Form{Dot: true},
			// The zone keeps its own name servers at the apex, whatever is added.
			Caps: Caps{Grain: GrainRRset, MinTTL: 60, Source: fromDNSControl + "; " + fromLego + "; https://docs.hetzner.com/networking/dns/faq/records; https://docs.hetzner.com/networking/dns/faq/nameservers; " + fromResend + "hetzner", Date: readOn},
		},
		{
			ID: "hetznerkonsoleh", Name: "Hetzner konsoleH", Panel: "https://konsoleh.hetzner.com/",
			NameServers: []string{"ns1.your-server.de", "ns.second-ns.com", "ns3.second-ns.de"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "hetznerrobot", Name: "Hetzner Robot", Panel: "https://robot.hetzner.com/",
			// The form takes the zone file itself.
			NameServers: []string{"ns1.first-ns.de", "robotns2.second-ns.de", "robotns3.second-ns.com"},
			Form:        Form{Dot: true, Quotes: true, Inline: true},
			Caps:        Caps{Source: "https://wiki.hetzner.de/index.php/DNS_Robot; " + fromSeen, Date: readOn},
		},
		{
			ID: "homepl", Name: "home.pl", Panel: "https://panel.home.pl/",
			NameServers: []string{"dns.home.pl", "dns2.home.pl", "dns3.home.pl"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "hostgator", Name: "HostGator", Panel: "https://portal.hostgator.com/",
			NameServers: []string{"ns[0-9]*.hostgator.com", "hgns[12].hostgator.com"},
			Form:        Form{Full: true},
			Caps:        Caps{Source: fromMicrosoft + "create-dns-records-at-hostgator.md", Date: readOn},
		},
		{
			ID: "hostingde", Name: "hosting.de", Panel: "https://secure.hosting.de/",
			NameServers: []string{"ns[123].hosting.de"},
			Caps:        Caps{Grain: GrainRecord, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + " (hostingde.md)", Date: readOn},
		},
		{
			ID: "hostinger", Name: "Hostinger", Panel: "https://hpanel.hostinger.com/domains",
			NameServers: []string{"*.dns-parking.com"},
			Caps:        Caps{Source: "https://support.hostinger.com/en/articles/8671230-how-to-check-domain-nameservers; " + fromResend + "hostinger", Date: readOn},
		},
		{
			ID: "hostpoint", Name: "Hostpoint", Panel: "https://admin.hostpoint.ch/",
			NameServers: []string{"ns.hostpoint.ch", "ns2.hostpoint.ch", "ns3.hostpoint.ch"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "hover", Name: "Hover", Panel: "https://www.hover.com/domains",
			NameServers: []string{"ns[12].hover.com"},
			Form:        Form{Name: "Hostname"},
			Caps:        Caps{Source: fromMicrosoft + "create-dns-records-at-hover.md", Date: readOn},
		},
		{
			ID: "huaweicloud", Name: "Huawei Cloud DNS", Panel: "https://console.huaweicloud.com/dns/",
			NameServers: []string{"ns1.huaweicloud-dns.com", "ns1.huaweicloud-dns.cn", "ns1.huaweicloud-dns.net", "ns1.huaweicloud-dns.org"},
			Caps:        Caps{Grain: GrainRRset, NoTypes: []string{"HTTPS", "SVCB"}, RefusedText: `"\`, ApexNS: true, NoNullMX: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "infomaniak", Name: "Infomaniak", Panel: "https://manager.infomaniak.com/",
			NameServers: []string{"ns[0-9]*.infomaniak.ch", "ns[0-9]*.infomaniak.com", "nsany[12].infomaniak.com"},
			Caps:        Caps{Grain: GrainRecord, Source: fromDNSControl + "; https://infomaniak.com/it/assistenza/faq/admin2/dominio; " + fromSeen, Date: readOn},
		},
		{
			ID: "inmotion", Name: "InMotion Hosting", Panel: "https://secure1.inmotionhosting.com/amp",
			NameServers: []string{"ns.inmotionhosting.com", "ns[12].inmotionhosting.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "internetbs", Name: "Internet.bs", Panel: "https://internetbs.net/",
			NameServers: []string{"ns-uk.topdns.com", "ns-usa.topdns.com", "ns-canada.topdns.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "inwx", Name: "INWX", Panel: "https://www.inwx.com/en/domain",
			NameServers: []string{"ns.inwx.de", "ns2.inwx.de", "ns.inwx.net", "ns2.inwx.net", "ns3.inwx.de", "ns3.inwx.eu", "ns4.inwx.com", "ns5.inwx.net"},
			Caps:        Caps{Grain: GrainRecord, TrimsTXT: true, RefusedText: "`", ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "ionos", Name: "IONOS", Panel: "https://my.ionos.com/domains",
			NameServers: []string{
				"ns-[a-z][a-z].1and1-dns.com", "ns-[a-z][a-z].1and1-dns.de", "ns-[a-z][a-z].1and1-dns.org", "ns-[a-z][a-z].1and1-dns.biz",
				"ns[0-9]*.ui-dns.com", "ns[0-9]*.ui-dns.de", "ns[0-9]*.ui-dns.org", "ns[0-9]*.ui-dns.biz",
			},
			Caps: Caps{MinTTL: 300, Source: fromSeen + "; " + fromLego + "; " + fromResend + "ionos", Date: readOn},
		},
		{
			ID: "joker", Name: "Joker.com", Panel: "https://joker.com/",
			NameServers: []string{"[abc].ns.joker.com"},
			Caps:        Caps{Grain: GrainZone, NoTypes: []string{"HTTPS", "SVCB"}, MinTTL: 300, RefusedText: `\`, TrimsTXT: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "linode", Name: "Linode", Panel: "https://cloud.linode.com/domains",
			NameServers: []string{"ns[1-5].linode.com"},
			Caps: Caps{
				Grain:           GrainRecord,
				TTLs:            []uint32{300, 3600, 7200, 14400, 28800, 57600, 86400, 172800, 345600, 604800, 1209600, 2419200},
				NoCAAParameters: true, Source: fromDNSControl + "; the Terraform provider of Linode", Date: readOn,
			},
		},
		{
			ID: "liquidweb", Name: "Liquid Web", Panel: "https://my.liquidweb.com/",
			NameServers: []string{"ns.liquidweb.com", "ns1.liquidweb.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "locaweb", Name: "Locaweb", Panel: "https://painel.locaweb.com.br/",
			NameServers: []string{"ns[123].locaweb.com.br"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "loopia", Name: "Loopia", Panel: "https://customerzone.loopia.com/",
			NameServers: []string{"ns[12].loopia.se"},
			Caps:        Caps{Grain: GrainRecord, NoTypes: []string{"HTTPS", "SVCB"}, MinTTL: 300, MaxTXT: 450, ApexNS: true, NoNullMX: true, NoCAAParameters: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "luadns", Name: "LuaDNS", Panel: "https://api.luadns.com/",
			NameServers: []string{"ns[1-5].luadns.net"},
			Caps:        Caps{Grain: GrainRRset, MinTTL: 300, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + "; " + fromLego + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "lws", Name: "LWS", Panel: "https://panel.lws.fr/",
			NameServers: []string{"ns[0-9]*.lwsdns.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "markmonitor", Name: "MarkMonitor",
			NameServers: []string{"ns[1-7].markmonitor.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "microsoft365", Name: "Microsoft 365", Panel: "https://admin.microsoft.com/#/Domains",
			NameServers: []string{"ns[1-4].bdm.microsoftonline.com"},
			Caps:        Caps{Source: "https://github.com/MicrosoftDocs, change of name servers to Microsoft 365; " + fromSeen, Date: readOn},
		},
		{
			ID: "mijnhost", Name: "mijn.host", Panel: "https://mijn.host/",
			NameServers: []string{"ns[12].mijn.host"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "mikrotik", Name: "MikroTik RouterOS",
			// A device of its owner.
			Caps: Caps{Grain: GrainRecord, Types: []string{"A", "AAAA", "CNAME", "MX", "NS", "SRV", "TXT"}, NoNullMX: true, Source: fromDNSControl + " (mikrotik.md)", Date: readOn},
		},
		{
			ID: "muumuu", Name: "Muumuu Domain", Panel: "https://muumuu-domain.com/",
			NameServers: []string{"dns0[12].muumuu-domain.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "mythicbeasts", Name: "Mythic Beasts", Panel: "https://www.mythic-beasts.com/customer/",
			NameServers: []string{"ns[123].mythic-beasts.com"},
			Caps:        Caps{Grain: GrainZone, RefusedText: `"\`, ApexNS: true, Source: fromDNSControl + ", default name servers" + "; " + fromSeen, Date: readOn},
		},
	}
}
