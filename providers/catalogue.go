package providers

// Catalogue is the well-known DNS hosts, with or without a driver, in the order
// of their IDs: how their name servers are called, where and how records are
// typed there by hand, and what they store. The IDs are those of the drivers.
// Some hosts share their servers: then Serves says so of each. Every call gives
// fresh values. What no source says is left zero.
func Catalogue() []Info {
	const (
		dnscontrol = "dnscontrol 7a079bc, audit rules and provider notes"
		lego       = "lego, provider defaults"
		microsoft  = "https://github.com/MicrosoftDocs/microsoft-365-docs/tree/public/microsoft-365/admin/dns/"
		resend     = "https://resend.com/docs/knowledge-base/"
		seen       = "name servers seen in the zones of public repositories"
		read       = "2026-11-22"
	)
	return []Info{
		{
			ID: "azure", Name: "Azure DNS", Panel: "https://portal.azure.com/#browse/Microsoft.Network%2FdnsZones",
			NameServers: []string{"ns1-*.azure-dns.com", "ns2-*.azure-dns.net", "ns3-*.azure-dns.org", "ns4-*.azure-dns.info"},
			Form:        Form{Sets: true},
			Caps:        Caps{ApexNS: true, NoNullMX: true, Source: dnscontrol + "; " + microsoft + "create-dns-records-for-azure-dns-zones.md", Date: read},
		},
		{
			ID: "bluehost", Name: "Bluehost", Panel: "https://my.bluehost.com/",
			NameServers: []string{"ns[12].bluehost.com"},
			Form:        Form{Name: "Host Record"},
			Caps:        Caps{Source: microsoft + "create-dns-records-at-bluehost.md", Date: read},
		},
		{
			ID: "bunny", Name: "Bunny DNS", Panel: "https://dash.bunny.net/dns",
			NameServers: []string{"kiki.bunny.net", "coco.bunny.net"},
			Caps:        Caps{MinTTL: 60, ApexAlias: "ALIAS", Source: dnscontrol + "; " + lego, Date: read},
		},
		{
			ID: "cloudflare", Name: "Cloudflare", Panel: "https://dash.cloudflare.com/",
			NameServers: []string{"*.ns.cloudflare.com"},
			Caps:        Caps{MinTTL: 60, ApexAlias: "CNAME", Source: dnscontrol, Date: read},
		},
		{
			ID: "cloudns", Name: "ClouDNS", Panel: "https://www.cloudns.net/main/",
			NameServers: []string{"ns[0-9]*.cloudns.net", "pns[0-9]*.cloudns.net"},
			Caps: Caps{
				TTLs:        []uint32{60, 300, 900, 1800, 3600, 21600, 43200, 86400, 172800, 259200, 604800, 1209600, 2592000},
				RefusedText: "`\"", ApexAlias: "ALIAS", ApexNS: true, Source: dnscontrol + "; " + lego, Date: read,
			},
		},
		{
			ID: "desec", Name: "deSEC", Panel: "https://desec.io/domains",
			NameServers: []string{"ns1.desec.io", "ns2.desec.org"},
			Caps:        Caps{MinTTL: 3600, Source: dnscontrol, Date: read},
		},
		{
			ID: "digitalocean", Name: "DigitalOcean", Panel: "https://cloud.digitalocean.com/networking/domains",
			NameServers: []string{"ns[123].digitalocean.com"},
			Form:        Form{Name: "Hostname"},
			Caps: Caps{
				Types:       []string{"A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"},
				RefusedText: `\`, ApexNS: true, NoNullMX: true, NoCAAParameters: true,
				Source: dnscontrol + "; https://docs.digitalocean.com/products/networking/dns/details/features/", Date: read,
			},
		},
		{
			ID: "dnsimple", Name: "DNSimple", Panel: "https://dnsimple.com/dashboard",
			NameServers: []string{"ns[1-4].dnsimple.com", "ns[1-4].dnsimple-edge.com", "ns[1-4].dnsimple-edge.net", "ns[1-4].dnsimple-edge.io", "ns[1-4].dnsimple-edge.org"},
			Caps:        Caps{MaxTXT: 1000, ApexAlias: "ALIAS", NoDelegation: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "dnsmadeeasy", Name: "DNS Made Easy", Panel: "https://cp.dnsmadeeasy.com/",
			NameServers: []string{"ns[0-9]*.dnsmadeeasy.com"},
			Caps:        Caps{RefusedText: `"`, ApexAlias: "ALIAS", ApexNS: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "dreamhost", Name: "DreamHost", Panel: "https://panel.dreamhost.com/",
			NameServers: []string{"ns[123].dreamhost.com"},
			Form:        Form{Blank: true, Dot: true, Inline: true},
			Caps: Caps{
				ApexAlias: "ALIAS",
				Source:    microsoft + "create-dns-records-at-dreamhost.md; https://help.dreamhost.com/hc/en-us/articles/214694348-Basic-DNS-records", Date: read,
			},
		},
		{
			ID: "dynadot", Name: "Dynadot", Panel: "https://www.dynadot.com/account/domain/name/list.html",
			NameServers: []string{"ns[12].dyna-ns.net"},
			Caps:        Caps{Source: seen, Date: read},
		},
		{
			ID: "enom", Name: "eNom", Panel: "https://www.enom.com/",
			NameServers: []string{"dns[1-5].name-services.com"},
			Form:        Form{Name: "Host Name", Value: "Address", Dot: true},
			Caps:        Caps{Source: microsoft + "create-dns-records-at-enomcentral.md", Date: read},
		},
		{
			ID: "gandi", Name: "Gandi", Panel: "https://admin.gandi.net/domain/",
			NameServers: []string{"ns-*-[abc].gandi.net"},
			Form:        Form{Dot: true},
			Caps: Caps{
				MinTTL: 300, MaxTTL: 2592000, ApexAlias: "ALIAS",
				Source: dnscontrol + "; https://docs.gandi.net/fr/noms_domaine/operations_courantes/enregistrements_dns.html", Date: read,
			},
		},
		{
			ID: "godaddy", Name: "GoDaddy", Panel: "https://dcc.godaddy.com/control/portfolio",
			NameServers: []string{"*.domaincontrol.com"},
			Caps:        Caps{MinTTL: 600, Source: lego + "; " + resend + "godaddy", Date: read},
		},
		{
			ID: "googleclouddns", Name: "Google Cloud DNS", Panel: "https://console.cloud.google.com/net-services/dns/zones",
			NameServers: []string{"ns-cloud-*.googledomains.com"},
			Form:        Form{Name: "DNS name", Blank: true, Dot: true, Quotes: true, Inline: true, Sets: true},
			Caps: Caps{
				ApexNS: true,
				Source: dnscontrol + "; https://cloud.google.com/dns/records/json-record; https://mailhardener.com/blog/how-to-enter-txt-values-in-google-cloud-dns", Date: read,
			},
		},
		{
			ID: "he", Name: "Hurricane Electric", Panel: "https://dns.he.net/",
			NameServers: []string{"ns[1-5].he.net"},
			Caps:        Caps{ApexAlias: "ALIAS", NoWildcard: true, ApexNS: true, NoNullMX: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "hetzner", Name: "Hetzner", Panel: "https://console.hetzner.com/projects",
			NameServers: []string{"hydrogen.ns.hetzner.com", "oxygen.ns.hetzner.com", "helium.ns.hetzner.de"},
			Form:        Form{Dot: true},
			Caps:        Caps{MinTTL: 60, ApexNS: true, Source: dnscontrol + "; " + lego + "; https://docs.hetzner.com/networking/dns/faq/records; " + resend + "hetzner", Date: read},
		},
		{
			ID: "hostgator", Name: "HostGator", Panel: "https://portal.hostgator.com/",
			NameServers: []string{"ns[0-9]*.hostgator.com", "hgns[12].hostgator.com"},
			Form:        Form{Full: true},
			Caps:        Caps{Source: microsoft + "create-dns-records-at-hostgator.md", Date: read},
		},
		{
			ID: "hostinger", Name: "Hostinger", Panel: "https://hpanel.hostinger.com/domains",
			NameServers: []string{"*.dns-parking.com"},
			Caps:        Caps{Source: "https://support.hostinger.com/en/articles/8671230-how-to-check-domain-nameservers; " + resend + "hostinger", Date: read},
		},
		{
			ID: "hover", Name: "Hover", Panel: "https://www.hover.com/domains",
			NameServers: []string{"ns[12].hover.com"},
			Form:        Form{Name: "Hostname"},
			Caps:        Caps{Source: microsoft + "create-dns-records-at-hover.md", Date: read},
		},
		{
			ID: "infomaniak", Name: "Infomaniak", Panel: "https://manager.infomaniak.com/",
			NameServers: []string{"ns[0-9]*.infomaniak.ch", "nsany[12].infomaniak.com"},
			Caps:        Caps{Source: seen, Date: read},
		},
		{
			ID: "inwx", Name: "INWX", Panel: "https://www.inwx.com/en/domain",
			NameServers: []string{"ns.inwx.de", "ns2.inwx.de", "ns.inwx.net", "ns2.inwx.net", "ns3.inwx.eu"},
			Caps:        Caps{RefusedText: "`", ApexAlias: "ALIAS", ApexNS: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "ionos", Name: "IONOS", Panel: "https://my.ionos.com/domains",
			NameServers: []string{"ns[0-9]*.ui-dns.com", "ns[0-9]*.ui-dns.de", "ns[0-9]*.ui-dns.org", "ns[0-9]*.ui-dns.biz"},
			Caps:        Caps{MinTTL: 300, Source: lego + "; " + resend + "ionos", Date: read},
		},
		{
			ID: "linode", Name: "Linode", Panel: "https://cloud.linode.com/domains",
			NameServers: []string{"ns[1-5].linode.com"},
			Caps: Caps{
				TTLs:            []uint32{300, 3600, 7200, 14400, 28800, 57600, 86400, 172800, 345600, 604800, 1209600, 2419200},
				NoCAAParameters: true, Source: dnscontrol + "; the Terraform provider of Linode", Date: read,
			},
		},
		{
			ID: "loopia", Name: "Loopia", Panel: "https://customerzone.loopia.com/",
			NameServers: []string{"ns[12].loopia.se"},
			Caps:        Caps{MinTTL: 300, MaxTXT: 450, ApexNS: true, NoNullMX: true, NoCAAParameters: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "namecheap", Name: "Namecheap", Panel: "https://ap.www.namecheap.com/domains/list/",
			NameServers: []string{"dns[12].registrar-servers.com", "pdns[12].registrar-servers.com"},
			Form:        Form{Name: "Host"},
			Caps:        Caps{MinTTL: 60, MaxTTL: 60000, RefusedText: `"`, ApexAlias: "ALIAS", NoNullMX: true, Source: dnscontrol + "; " + resend + "namecheap", Date: read},
		},
		{
			ID: "namedotcom", Name: "Name.com", Panel: "https://www.name.com/account/domain",
			NameServers: []string{"ns[1-4]*.name.com"},
			Form:        Form{Name: "Host", Value: "Answer", Blank: true},
			Caps: Caps{
				MinTTL: 300, RefusedText: `"`, ApexAlias: "ALIAS", NoNullMX: true,
				Source: dnscontrol + "; " + lego + "; " + microsoft + "create-dns-records-at-name-com.md", Date: read,
			},
		},
		{
			ID: "namesilo", Name: "NameSilo", Panel: "https://www.namesilo.com/account_domains.php",
			NameServers: []string{"ns[123].dnsowl.com"},
			Caps:        Caps{Source: seen, Date: read},
		},
		{
			ID: "netcup", Name: "netcup",
			NameServers: []string{"root-dns.netcup.net", "second-dns.netcup.net", "third-dns.netcup.net"},
			Form:        Form{Name: "Host", Value: "Destination"},
			Caps: Caps{
				NoDelegation: true, NoNullMX: true,
				Source: dnscontrol + "; https://www.netcup.com/en/helpcenter/documentation/web-hosting/webhosting-dns", Date: read,
			},
		},
		{
			ID: "netlify", Name: "Netlify", Panel: "https://app.netlify.com/teams/-/dns",
			NameServers: []string{"dns[1-4].p[0-9][0-9].nsone.net"},
			Caps:        Caps{ApexAlias: "ALIAS", NoNullMX: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "networksolutions", Name: "Network Solutions", Panel: "https://www.networksolutions.com/my-account/",
			NameServers: []string{"ns[0-9]*.worldnic.com"},
			Form:        Form{Name: "Host", Dot: true},
			Caps:        Caps{Source: microsoft + "create-dns-records-at-network-solutions.md", Date: read},
		},
		{
			ID: "ns1", Name: "NS1", Panel: "https://my.nsone.net/",
			NameServers: []string{"dns[1-4].p[0-9][0-9].nsone.net"},
			Caps:        Caps{ApexAlias: "ALIAS", ApexNS: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "ovh", Name: "OVHcloud", Panel: "https://www.ovh.com/manager/",
			// A dedicated server is called nsNNNNNN.ovh.net, with more digits.
			NameServers: []string{"ns[0-9][0-9].ovh.net", "dns[0-9][0-9].ovh.net", "ns1[0-9][0-9].ovh.net", "dns1[0-9][0-9].ovh.net", "ns200.anycast.me", "dns200.anycast.me"},
			Form:        Form{Name: "Sub-domain", Blank: true, Dot: true},
			Caps:        Caps{ApexNS: true, Source: dnscontrol + "; " + microsoft + "create-dns-records-at-ovh.md", Date: read},
		},
		{
			ID: "porkbun", Name: "Porkbun", Panel: "https://porkbun.com/account/domainsSpeedy",
			NameServers: []string{"*.ns.porkbun.com"},
			Form:        Form{Name: "Host", Value: "Answer / Value", Blank: true},
			Caps:        Caps{MinTTL: 600, ApexAlias: "ALIAS", NoCAAParameters: true, Source: dnscontrol + "; " + resend + "porkbun", Date: read},
		},
		{
			ID: "route53", Name: "Amazon Route 53", Panel: "https://console.aws.amazon.com/route53/v2/hostedzones",
			NameServers: []string{"ns-*.awsdns-*.com", "ns-*.awsdns-*.net", "ns-*.awsdns-*.org", "ns-*.awsdns-*.co.uk"},
			Form:        Form{Name: "Record name", Blank: true, Quotes: true, Inline: true, Sets: true},
			Caps:        Caps{ApexNS: true, Source: dnscontrol + "; https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html; " + microsoft + "create-dns-records-at-aws.md; " + resend + "route53", Date: read},
		},
		{
			ID: "squarespace", Name: "Squarespace", Panel: "https://account.squarespace.com/domains",
			NameServers: []string{"ns[a-d][1-4].squarespacedns.com", "connect[12].squarespacedns.com", "ns-cloud-*.googledomains.com"},
			Form:        Form{Name: "Host"},
			Caps:        Caps{Source: seen + "; " + resend + "squarespace", Date: read},
		},
		{
			ID: "transip", Name: "TransIP", Panel: "https://www.transip.nl/cp/",
			NameServers: []string{"ns0.transip.net", "ns1.transip.nl", "ns2.transip.eu"},
			Caps:        Caps{MaxTXT: 1024, RefusedText: "`\\", ApexAlias: "ALIAS", NoNullMX: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "vercel", Name: "Vercel", Panel: "https://vercel.com/dashboard/domains",
			NameServers: []string{"ns[12].vercel-dns.com"},
			Caps:        Caps{MinTTL: 60, ApexAlias: "ALIAS", NoNullMX: true, Source: dnscontrol + "; " + resend + "vercel", Date: read},
		},
		{
			ID: "vultr", Name: "Vultr", Panel: "https://my.vultr.com/dns/",
			NameServers: []string{"ns[12].vultr.com"},
			Caps:        Caps{RefusedText: `"`, NoNullMX: true, NoCAAParameters: true, Source: dnscontrol, Date: read},
		},
		{
			ID: "wix", Name: "Wix", Panel: "https://manage.wix.com/account/domains",
			NameServers: []string{"ns[0-9]*.wixdns.net"},
			Form:        Form{Name: "Host Name", Blank: true},
			Caps:        Caps{Source: microsoft + "create-dns-records-at-wix.md", Date: read},
		},
		{
			ID: "wordpress", Name: "WordPress.com", Panel: "https://wordpress.com/domains/manage",
			NameServers: []string{"ns[123].wordpress.com"},
			Caps:        Caps{Source: seen, Date: read},
		},
	}
}
