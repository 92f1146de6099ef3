package dkim

// asked is when the sources of the catalogue were last read.
const asked = "2026-11"

// Mailboxes is the mailbox hosts that are known, the commonest first. Facts that the hosts' own pages do not give were compared
// with the records of customers that publish their zones.
func Mailboxes() []Mailbox {
	return []Mailbox{
		{
			ID: "google-workspace", Name: "Google Workspace",
			MX:   []string{"smtp.google.com", "aspmx.l.google.com", "*.aspmx.l.google.com", "*.googlemail.com"},
			SPF:  []string{"_spf.google.com"},
			Type: recordTXT, Selectors: []string{"google"}, Custom: true, Bits: []int{2048, 1024},
			Page: "https://admin.google.com/ac/apps/gmail/authenticateemail",
			Steps: []string{
				"Sign in to the Google Admin console as an administrator and open Apps > Google Workspace > Gmail > Authenticate email.",
				"Choose the domain and press Generate new record, with 2048 bits and the prefix google.",
				"Copy the TXT record value. It goes into a TXT record at google._domainkey, or at the prefix that you chose in place of google.",
				"Once the record is published, come back to this page and press Start authentication. It may take 48 hours to begin.",
			},
			Why:    "Google makes the key when the administrator asks for it, and keeps the private half",
			Source: "support.google.com/a/answer/174124 and 174125; knowledge.workspace.google.com troubleshoot-dkim-issues; Domain Connect template google.com.gmail-setup",
			Asked:  asked,
		},
		{
			ID: "microsoft365", Name: "Microsoft 365",
			MX:   []string{"*.mail.protection.outlook.com", "*.mx.microsoft"},
			SPF:  []string{"spf.protection.outlook.com"},
			Type: recordCNAME, Selectors: []string{"selector1", "selector2"},
			Targets: []string{"*.onmicrosoft.com", "*.dkim.mail.microsoft"},
			Page:    "https://security.microsoft.com/dkimv2",
			Steps: []string{
				"Sign in to Microsoft Defender as an administrator and open Email & collaboration > Policies & rules > Threat policies > Email authentication settings > DKIM.",
				"Choose the domain and press Create DKIM keys.",
				"Copy both CNAME records as they are shown. They go to selector1._domainkey and selector2._domainkey.",
				"Once both are published, come back to this page and switch Sign messages for this domain with DKIM signatures to Enabled.",
			},
			Why: "since May 2025 the targets of domains that are added hold a letter that only Microsoft knows, and all hold the name of the customer's tenant, which DNS does not show",
			Source: "MicrosoftDocs/defender-docs, email-authentication-dkim-configure.md at 6e678d0, 21c957d and 8d00532; " +
				"davidmarker.com/posts/mx-microsoft (the MX since March 2024)",
			Asked: asked,
		},
		{
			ID: "zoho", Name: "Zoho Mail",
			MX: []string{
				"mx.zoho.com", "mx2.zoho.com", "mx3.zoho.com", "mx*.zoho.eu", "mx*.zoho.in", "mx*.zoho.com.au", "mx*.zohomail.com",
				"mx*.zoho.jp", "mx*.zoho.sa", "mx*.zoho.com.cn", "mx*.zohocloud.ca",
			},
			SPF: []string{
				"zohomail.com", "zoho.com", "zoho.eu", "zoho.in",
				"zohomail.eu", "zohomail.in", "zoho.com.au", "zoho.jp", "zoho.sa", "zoho.com.cn", "zohocloud.ca",
			},
			Send: []string{"zoho.com"}, // as Entri's documentation has it
			Type: recordTXT, Selectors: []string{"zmail", "zoho"}, Custom: true, Bits: []int{2048, 1024},
			Page: "https://mailadmin.zoho.com",
			Steps: []string{
				"Sign in to the Zoho Mail admin console of your data centre (mailadmin.zoho.com, .eu, .in, …) and open Domains > your domain > Email Configuration > DKIM.",
				"Press Add, give the selector a name such as zmail, and choose 2048 bits.",
				"Copy the TXT value. It goes into a TXT record at SELECTOR._domainkey, such as zmail._domainkey.",
				"Once the record is published, come back to this page, press Verify, and make the selector the default.",
			},
			Why: "Zoho makes the key when the administrator asks for it, under a selector that the administrator names",
			Source: "domainsecurityscanner.com/guides/zoho-mail; mxio.io/providers/zoho-mail; zones of customers for the MX of Japan, Saudi Arabia, China " +
				"and Canada and the includes of their data centres",
			Asked: asked,
		},
		{
			ID: "proton", Name: "Proton Mail",
			MX:   []string{"mail.protonmail.ch", "mailsec.protonmail.ch"},
			SPF:  []string{"_spf.protonmail.ch"},
			Type: recordCNAME, Selectors: []string{"protonmail", "protonmail2", "protonmail3"},
			Targets: []string{"*.domains.proton.ch"},
			Page:    "https://account.proton.me/mail/domain-names",
			Steps: []string{
				"Sign in to Proton Mail and open Settings > All settings > Proton Mail > Domain names.",
				"Press Review beside the domain and open the tab DKIM.",
				"Copy the three CNAME records as they are shown. They go to protonmail._domainkey, protonmail2._domainkey and protonmail3._domainkey.",
				"Once all three are published, the tab turns green and Proton begins to sign.",
			},
			Why:    "the targets hold a token that Proton makes for each domain",
			Source: "proton.me/support/cname-problems and anti-spoofing-custom-domain; domainsecurityscanner.com/guides/proton-mail",
			Asked:  asked,
		},
		{
			ID: "fastmail", Name: "Fastmail",
			MX:   []string{"in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"},
			SPF:  []string{"spf.messagingengine.com"},
			Type: recordCNAME, Selectors: []string{"fm1", "fm2", "fm3"},
			Targets: []string{"*.dkim.fmhosted.com"},
			Page:    "https://app.fastmail.com/settings/domains",
			Steps: []string{
				"Sign in to Fastmail and open Settings > Domains > your domain > DNS records.",
				"Copy the three DKIM records. They go as CNAME to fm1._domainkey, fm2._domainkey and fm3._domainkey.",
				"Fastmail finds them by itself and begins to sign.",
			},
			Source: "fastmail.help/hc/en-us/articles/360060591153; mailflowauthority.com/email-authentication/fastmail-email-auth",
			Asked:  asked,
			leadTo: []string{"fm1.{domain}.dkim.fmhosted.com", "fm2.{domain}.dkim.fmhosted.com", "fm3.{domain}.dkim.fmhosted.com"},
		},
		{
			ID: "icloud", Name: "iCloud Mail",
			MX:   []string{"mx01.mail.icloud.com", "mx02.mail.icloud.com"},
			SPF:  []string{"icloud.com"},
			Type: recordCNAME, Selectors: []string{"sig1"},
			Targets: []string{"*.at.icloudmailadmin.com"},
			Page:    "https://support.apple.com/102374",
			Steps: []string{
				"Sign in to icloud.com with the Apple Account that the domain belongs to, open the settings of Custom Email Domain, and choose the domain.",
				"Copy the CNAME record. It goes to sig1._domainkey.",
				"Once it is published, come back and let Apple verify it.",
			},
			Source: "support.apple.com/102374; the target in the zones of nine customers, such as sig1.dkim.w7it.com.at.icloudmailadmin.com",
			Asked:  asked,
			leadTo: []string{"sig1.dkim.{domain}.at.icloudmailadmin.com"},
		},
		{
			ID: "godaddy-pro", Name: "GoDaddy Professional Email",
			MX:   []string{"smtp.secureserver.net", "mailstore1.secureserver.net"},
			SPF:  []string{"secureserver.net"},
			Type: recordCNAME, Selectors: []string{"secureserver1", "secureserver2"},
			Targets: []string{"*.onsecureserver.net"},
			Page:    "https://www.godaddy.com/help/what-is-dkim-dmarc-and-spf-24605",
			Steps: []string{
				"Open the page, choose Professional Email, and follow it to the DKIM records of the domain in your GoDaddy account.",
				"Copy both DKIM records. They go as CNAME to secureserver1._domainkey and secureserver2._domainkey.",
				"Once both are published, come back and let GoDaddy verify them.",
			},
			Why:    "the targets hold a number that GoDaddy gives to each domain",
			Source: "Domain Connect template godaddy.com.aab; godaddy.com/help what-is-dkim-dmarc-and-spf-24605; zones of customers, such as s1.dkim.vehiclelab_in.6a3.onsecureserver.net",
			Asked:  asked,
		},
		{
			ID: "yandex360", Name: "Yandex 360",
			MX:   []string{"mx.yandex.net"},
			SPF:  []string{"_spf.yandex.net"},
			Type: recordTXT, Selectors: []string{"mail"},
			Page: "https://admin.yandex.ru",
			Steps: []string{
				"Sign in to Yandex 360 for Business as an administrator, open Domains, and show the DKIM record of the domain.",
				"Copy the value. It goes into a TXT record at mail._domainkey.",
				"Once it is published, Yandex finds it by itself and begins to sign.",
			},
			Why:    "Yandex makes a key for each domain",
			Source: "yandex.com/support/yandex-360/business/admin/en/mail/configuration (MX); the DNS guide of timeweb.ru (SPF); a signature with s=mail in public mail of 2015",
			Asked:  asked,
		},
		{
			ID: "titan", Name: "Titan",
			MX:   []string{"mx1.titan.email", "mx2.titan.email"},
			SPF:  []string{"spf.titan.email"},
			Type: recordTXT, Selectors: []string{"titan1", "titan2"},
			Page: "https://control.titan.email",
			Steps: []string{
				"Open the Titan control panel, which is part of where you bought the mailboxes, and open Domain > DNS records.",
				"Copy the DKIM value. It goes into a TXT record at the selector that is shown, titan1._domainkey or titan2._domainkey.",
				"Once it is published, come back and press Verify.",
			},
			Why:    "Titan makes a key for each domain",
			Source: "zones of customers that publish mx1.titan.email, include:spf.titan.email and titan1._domainkey or titan2._domainkey as TXT",
			Asked:  asked,
		},
		{
			ID: "privateemail", Name: "Namecheap Private Email",
			MX:   []string{"mx1.privateemail.com", "mx2.privateemail.com"},
			SPF:  []string{"spf.privateemail.com"},
			Type: recordTXT, Selectors: []string{"default"},
			Page: "https://www.namecheap.com/support/knowledgebase/article.aspx/1340/2176/",
			Steps: []string{
				"Create a mailbox first: Namecheap makes the key only then.",
				"Sign in to Namecheap, open the Private Email subscription of the domain, and have its DKIM record generated.",
				"Copy the value. It goes into a TXT record at default._domainkey.",
			},
			Why:    "Namecheap makes the key once the first mailbox exists",
			Source: "namecheap.com/support/knowledgebase/article.aspx/1262/2176 and 1340/2176",
			Asked:  asked,
		},
		{
			ID: "rackspace", Name: "Rackspace Email",
			MX:   []string{"mx1.emailsrvr.com", "mx2.emailsrvr.com"},
			SPF:  []string{"emailsrvr.com"},
			Type: recordTXT, Custom: true,
			Page: "https://cp.rackspace.com",
			Steps: []string{
				"Sign in to the Cloud Office control panel as an administrator and open the sender authentication (DKIM) of your domains.",
				"Choose the domain and enable DKIM.",
				"Copy the host name and the TXT value. The value goes into a TXT record at that name.",
				"Once it is published, come back and press Verify.",
			},
			Why:    "Rackspace makes the key and the name of its selector when the administrator asks for them",
			Source: "docs.rackspace.com/docs/dns-record-definitions (MX, SPF); autospf.com rackspace-spf-dkim-configuration (DKIM)",
			Asked:  asked,
		},
		{
			ID: "ionos", Name: "IONOS Mail",
			MX: []string{ // one pair for each country that has a site of the host
				"mx00.ionos.com", "mx00.ionos.de", "mx00.ionos.co.uk", "mx00.ionos.fr", "mx00.ionos.es", "mx00.ionos.it", "mx00.ionos.mx", "mx00.ionos.ca", "mx00.ionos.at",
				"mx01.ionos.com", "mx01.ionos.de", "mx01.ionos.co.uk", "mx01.ionos.fr", "mx01.ionos.es", "mx01.ionos.it", "mx01.ionos.mx", "mx01.ionos.ca", "mx01.ionos.at",
				"mx00.kundenserver.de", "mx01.kundenserver.de",
			},
			SPF:  []string{"_spf-eu.ionos.com", "_spf-us.ionos.com"}, // which of the two serves a customer does not show in DNS
			Type: recordCNAME, Selectors: []string{"s1-ionos", "s2-ionos", "s42582890"},
			Targets: []string{"*.dkim.ionos.com"},
			Page:    "https://my.ionos.com",
			Steps: []string{
				"The three CNAME records are the same for every domain: s1-ionos._domainkey leads to s1.dkim.ionos.com, s2-ionos._domainkey to s2.dkim.ionos.com, " +
					"and s42582890._domainkey to s42582890.dkim.ionos.com.",
			},
			Source: "ionos.de/hilfe e-mail-authentifizierung-mit-dkim and ionos.it/aiuto, which name the same three records; zones of customers for the MX, and the sites ionos.ca and ionos.at for these two",
			Asked:  asked,
			leadTo: []string{"s1.dkim.ionos.com", "s2.dkim.ionos.com", "s42582890.dkim.ionos.com"},
		},
		{
			ID: "ovh", Name: "OVHcloud Mail",
			MX:   []string{"mx*.mail.ovh.net", "mx*.ovh.net"},
			SPF:  []string{"mx.ovh.com"},
			Type: recordCNAME, Selectors: []string{"ovhmo*-selector1", "ovhmo*-selector2"},
			Targets: []string{"*.dkim.mail.ovh.net"},
			Page:    "https://docs.ovhcloud.com/en/guides/web-cloud/domains/dns-zone-dkim",
			Steps: []string{
				"Open the page and choose your e-mail offer: it leads to DKIM in the OVHcloud control panel, or to its API.",
				"Ask for the records of the domain, to be set by hand.",
				"Copy both CNAME records as they are shown. Their names begin with ovhmo and a number.",
				"Once both are published, come back and switch DKIM on.",
			},
			Why:    "the names and the targets hold numbers that OVHcloud gives to each domain",
			Source: "docs.ovhcloud.com/en/guides/web-cloud/domains/dns-zone-dkim; blog.piasecki.it/2025/08/25/spf-and-dkim-records; zones of customers for the MX",
			Asked:  asked,
		},
		{
			ID: "migadu", Name: "Migadu",
			MX:   []string{"aspmx1.migadu.com", "aspmx2.migadu.com"},
			SPF:  []string{"spf.migadu.com"},
			Type: recordCNAME, Selectors: []string{"key1", "key2", "key3"},
			Targets: []string{"*._domainkey.migadu.com"},
			Page:    "https://admin.migadu.com",
			Steps: []string{
				"Sign in to the Migadu admin panel and open the DNS configuration of your domain.",
				"Copy the three DKIM records. They go as CNAME to key1._domainkey, key2._domainkey and key3._domainkey.",
				"Once they are published, come back and let Migadu check them.",
			},
			Source: "the records in the zones of nine customers, such as key1.smoothlyoperatingnursery.com._domainkey.migadu.com",
			Asked:  asked,
			leadTo: []string{"key1.{domain}._domainkey.migadu.com", "key2.{domain}._domainkey.migadu.com", "key3.{domain}._domainkey.migadu.com"},
		},
		{
			ID: "tuta", Name: "Tuta",
			MX:   []string{"mail.tutanota.de"},
			SPF:  []string{"spf.tutanota.de"},
			Type: recordCNAME, Selectors: []string{"s1", "s2"},
			Targets: []string{"*.domainkey.tutanota.de"},
			Page:    "https://tuta.com/blog/dkim-custom-email-domain",
			Steps: []string{
				"The two CNAME records are the same for every domain: s1._domainkey leads to s1.domainkey.tutanota.de, and s2._domainkey to s2.domainkey.tutanota.de.",
			},
			Source: "tuta.com/blog/dkim-custom-email-domain; the same two records in the zones of eight customers",
			Asked:  asked,
			leadTo: []string{"s1.domainkey.tutanota.de", "s2.domainkey.tutanota.de"},
		},
		{
			ID: "workmail", Name: "Amazon WorkMail",
			MX:   []string{"inbound-smtp.*.amazonaws.com"},
			SPF:  []string{"amazonses.com"},
			Type: recordCNAME, Selectors: []string{"<token>"},
			Targets: []string{"*.dkim.amazonses.com"},
			Page:    "https://console.aws.amazon.com/workmail",
			Steps: []string{
				"Sign in to the Amazon WorkMail console and open your organization > Domains > your domain.",
				"Copy the three DKIM records. They go as CNAME to the names that are shown.",
				"Once all three are published, WorkMail shows the domain as verified for DKIM.",
			},
			Why:    "the names and the targets hold tokens that Amazon makes for each domain",
			Doubt:  "it may as well be a program that receives mail through Amazon SES",
			Source: "Domain Connect templates with three dkim.amazonses.com records; zones whose MX is SES for programs, such as those of Resend",
			Asked:  asked,
		},
	}
}

const (
	recordTXT   = "TXT"
	recordCNAME = "CNAME"
)

// Gateways is the services before mailboxes that are known.
func Gateways() []Gateway {
	const zones = "public mail and zones of customers"
	return []Gateway{
		{ID: "proofpoint", Name: "Proofpoint", MX: []string{"*.pphosted.com", "*.ppe-hosted.com"}, Source: zones, Asked: asked},
		{ID: "mimecast", Name: "Mimecast", MX: []string{"*.mimecast.com", "*.mimecast.co.za"}, Source: zones, Asked: asked},
		{ID: "barracuda", Name: "Barracuda", MX: []string{"*.barracudanetworks.com", "*.ess.barracudanetworks.com"}, Source: zones, Asked: asked},
		{ID: "cisco", Name: "Cisco Secure Email", MX: []string{"*.iphmx.com"}, Source: zones, Asked: asked},
		{ID: "hornetsecurity", Name: "Hornetsecurity", MX: []string{"*.hornetsecurity.com"}, Source: "captaindns.com/en/blog/hornetsecurity-secure-email-gateway", Asked: asked},
		{
			ID: "cloudflare-email-routing", Name: "Cloudflare Email Routing", MX: []string{"*.mx.cloudflare.net"}, Forwarder: true,
			Source: "developers.cloudflare.com/email-routing/postmaster", Asked: asked,
		},
		{ID: "improvmx", Name: "ImprovMX", MX: []string{"mx1.improvmx.com", "mx2.improvmx.com"}, Forwarder: true, Source: zones, Asked: asked},
		{ID: "forwardemail", Name: "Forward Email", MX: []string{"mx1.forwardemail.net", "mx2.forwardemail.net"}, Forwarder: true, Source: zones, Asked: asked},
		{ID: "cloudfilter", Name: "Proofpoint Cloudmark", MX: []string{"*.cloudfilter.net"}, Source: "chamberlain.io (Proofpoint's Cloudfilter)", Asked: asked},
	}
}
