package providers

func hostsNToR() []Info {
	return []Info{
		{
			ID: "namebright", Name: "NameBright", Panel: "https://www.namebright.com/",
			NameServers: []string{"ns[12].namebrightdns.com", "nsg[12].namebrightdns.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "namecheap", Name: "Namecheap", Panel: "https://ap.www.namecheap.com/domains/list/",
			NameServers: []string{"dns[12].registrar-servers.com", "pdns[12].registrar-servers.com"},
			Form:        Form{Name: "Host"},
			Caps:        Caps{MinTTL: 60, MaxTTL: 60000, RefusedText: `"`, ApexAlias: "ALIAS", NoNullMX: true, Source: fromDNSControl + "; " + fromResend + "namecheap", Date: readOn},
		},
		{
			ID: "namecheapfreedns", Name: "Namecheap FreeDNS", Panel: "https://ap.www.namecheap.com/domains/list/",
			// For domains registered elsewhere.
			NameServers: []string{"freedns[1-5].registrar-servers.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "namecheaphosting", Name: "Namecheap web hosting", Panel: "https://ap.www.namecheap.com/",
			// Records are edited in the cPanel of the hosting, and not with the domain.
			NameServers: []string{"dns[12].namecheaphosting.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "namedotcom", Name: "Name.com", Panel: "https://www.name.com/account/domain",
			NameServers: []string{"ns[1-4]*.name.com"},
			Form:        Form{Name: "Host", Value: "Answer", Blank: true},
			Caps: Caps{
				Grain: GrainRecord, MaxTXT: 507, TrimsTXT: true,
				MinTTL: 300, RefusedText: `"`, ApexAlias: "ALIAS", NoNullMX: true,
				Source: fromDNSControl + "; " + fromLego + "; " + fromMicrosoft + "create-dns-records-at-name-com.md", Date: readOn,
			},
		},
		{
			ID: "namesilo", Name: "NameSilo", Panel: "https://www.namesilo.com/account_domains.php",
			NameServers: []string{"ns[123].dnsowl.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "nazwapl", Name: "nazwa.pl", Panel: "https://panel.nazwa.pl/",
			NameServers: []string{"ns[123].nazwa.pl"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "netbird", Name: "NetBird",
			// A private network's own names.
			Caps: Caps{Grain: GrainRecord, Types: []string{"A", "AAAA", "CNAME"}, Source: fromDNSControl + " (netbird.md)", Date: readOn},
		},
		{
			ID: "netcup", Name: "netcup",
			NameServers: []string{"root-dns.netcup.net", "second-dns.netcup.net", "third-dns.netcup.net"},
			Form:        Form{Name: "Host", Value: "Destination"},
			Caps: Caps{
				Grain:        GrainRecord,
				NoDelegation: true, NoNullMX: true,
				Source: fromDNSControl + "; https://www.netcup.com/en/helpcenter/documentation/web-hosting/webhosting-dns", Date: readOn,
			},
		},
		{
			ID: "netlify", Name: "Netlify", Panel: "https://app.netlify.com/teams/-/dns",
			NameServers: []string{"dns[1-4].p[0-9][0-9].nsone.net"},
			Caps:        Caps{Grain: GrainRecord, ApexAlias: "ALIAS", NoNullMX: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "netnod", Name: "Netnod DNS",
			// Every customer names servers of his own.
			Caps: Caps{Grain: GrainRRset, RefusedText: `"\`, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "networksolutions", Name: "Network Solutions", Panel: "https://www.networksolutions.com/my-account/",
			NameServers: []string{"ns[0-9]*.worldnic.com"},
			Form:        Form{Name: "Host", Dot: true},
			Caps:        Caps{Source: fromMicrosoft + "create-dns-records-at-network-solutions.md", Date: readOn},
		},
		{
			ID: "nicru", Name: "RU-CENTER", Panel: "https://www.nic.ru/manager/",
			NameServers: []string{"ns[0-9]*-l2.nic.ru", "ns[0-9]*-cloud.nic.ru"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "njalla", Name: "Njalla", Panel: "https://njal.la/domains/",
			NameServers: []string{"1-you.njalla.no", "2-can.njalla.in", "3-get.njalla.fo"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "ns1", Name: "NS1", Panel: "https://my.nsone.net/",
			NameServers: []string{"dns[1-4].p[0-9][0-9].nsone.net"},
			Caps:        Caps{Grain: GrainRRset, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + "; https://www.ibm.com/docs/en/SSSYGZ/resource_management/nameserver_assignments.html", Date: readOn},
		},
		{
			ID: "o2switch", Name: "o2switch", Panel: "https://clients.o2switch.fr/",
			NameServers: []string{"ns[12].o2switch.net"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "onamae", Name: "Onamae.com", Panel: "https://navi.onamae.com/",
			NameServers: []string{"0[1-4].dnsv.jp"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "onecom", Name: "one.com", Panel: "https://www.one.com/admin/",
			NameServers: []string{"ns0[12].one.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "openprovider", Name: "Openprovider",
			// Resellers give their customers pages of their own.
			NameServers: []string{"ns1.openprovider.nl", "ns2.openprovider.be", "ns3.openprovider.eu"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "opensrs", Name: "OpenSRS (Tucows)",
			// Resellers give their customers pages of their own.
			NameServers: []string{"ns[123].systemdns.com"},
			Caps:        Caps{Source: fromDNSControl + ", default name servers; " + fromSeen, Date: readOn},
		},
		{
			ID: "oracle", Name: "Oracle Cloud DNS", Panel: "https://cloud.oracle.com/dns",
			NameServers: []string{"*.dns.oraclecloud.net"},
			Caps:        Caps{Grain: GrainRecord, RefusedText: `"\`, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "ovh", Name: "OVHcloud", Panel: "https://www.ovh.com/manager/",
			// A dedicated server is called nsNNNNNN.ovh.net, with more digits.
			NameServers: []string{"ns[0-9][0-9].ovh.net", "dns[0-9][0-9].ovh.net", "ns1[0-9][0-9].ovh.net", "dns1[0-9][0-9].ovh.net", "ns200.anycast.me", "dns200.anycast.me"},
			Form:        Form{Name: "Sub-domain", Blank: true, Dot: true},
			Caps:        Caps{Grain: GrainRecord, ApexNS: true, Source: fromDNSControl + "; " + fromMicrosoft + "create-dns-records-at-ovh.md", Date: readOn},
		},
		{
			ID: "packetframe", Name: "Packetframe", Panel: "https://packetframe.com/",
			NameServers: []string{"ns[12].packetframe.com"},
			Caps:        Caps{Grain: GrainRecord, Source: fromDNSControl + ", default name servers" + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "porkbun", Name: "Porkbun", Panel: "https://porkbun.com/account/domainsSpeedy",
			NameServers: []string{"*.ns.porkbun.com"},
			Form:        Form{Name: "Host", Value: "Answer / Value", Blank: true},
			Caps:        Caps{Grain: GrainRecord, TrimsTXT: true, MinTTL: 600, ApexAlias: "ALIAS", NoCAAParameters: true, Source: fromDNSControl + "; " + fromResend + "porkbun", Date: readOn},
		},
		{
			ID: "powerdns", Name: "PowerDNS",
			// Software, on its owner's machine.
			Caps: Caps{Grain: GrainRRset, RefusedText: `"\`, ApexAlias: "ALIAS", ApexNS: true, Source: fromDNSControl, Date: readOn},
		},
		{
			ID: "rackspace", Name: "Rackspace Cloud DNS", Panel: "https://login.rackspace.com/",
			NameServers: []string{"dns[12].stabletransit.com"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "realtimeregister", Name: "Realtime Register", Panel: "https://dm.realtimeregister.com/",
			NameServers: []string{"ns[12].yoursrs.com"},
			Caps:        Caps{Grain: GrainZone, ApexAlias: "ALIAS", Source: fromDNSControl + "; " + fromSeen, Date: readOn},
		},
		{
			ID: "registerit", Name: "Register.it", Panel: "https://www.register.it/",
			NameServers: []string{"ns[12].register.it"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "registrobr", Name: "Registro.br", Panel: "https://registro.br/painel/",
			NameServers: []string{"[ab].auto.dns.br"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "regru", Name: "REG.RU", Panel: "https://www.reg.ru/user/account/",
			NameServers: []string{"ns[12].reg.ru"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "route53", Name: "Amazon Route 53", Panel: "https://console.aws.amazon.com/route53/v2/hostedzones",
			NameServers: []string{"ns-*.awsdns-[0-9][0-9].com", "ns-*.awsdns-[0-9][0-9].net", "ns-*.awsdns-[0-9][0-9].org", "ns-*.awsdns-[0-9][0-9].co.uk"},
			Form:        Form{Name: "Record name", Blank: true, Quotes: true, Inline: true, Sets: true},
			Caps:        Caps{Grain: GrainBatch, ApexNS: true, Source: fromDNSControl + "; https://docs.amazonaws.cn/goto/WebAPI/route53-2013-04-01/ChangeResourceRecordSets; https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html; " + fromMicrosoft + "create-dns-records-at-aws.md; " + fromResend + "route53", Date: readOn},
		},
		{
			ID: "rumahweb", Name: "Rumahweb", Panel: "https://clientzone.rumahweb.com/",
			NameServers: []string{"nsid1.rumahweb.com", "nsid2.rumahweb.net", "nsid3.rumahweb.biz", "nsid4.rumahweb.org"},
			Caps:        Caps{Source: fromSeen, Date: readOn},
		},
		{
			ID: "rwth", Name: "RWTH Aachen", Panel: "https://noc-portal.rz.rwth-aachen.de/dns-admin/",
			// Half of its servers are the research network's, which serve other universities too.
			Caps: Caps{Grain: GrainRecord, TrimsTXT: true, Source: fromDNSControl + " (rwth.md)", Date: readOn},
		},
	}
}
