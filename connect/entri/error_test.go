package entri_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/entri"
)

// TestParseErrors has the exact text of every refusal, but for what packages
// spf and dkim say. A case that begins with [ is the text of dnsRecords.
func TestParseErrors(t *testing.T) {
	longKey := "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQ"
	for _, c := range []struct{ name, in, want string }{
		// JSON
		{"empty", `{`, `entri: not JSON: unexpected end of JSON input, at byte 1`},
		{"syntax", `{"applicationId": "a",}`, `entri: not JSON: invalid character '}' looking for beginning of object key string, at byte 23`},
		{"javascript", "{\n  applicationId: \"12345\"}", `entri: not JSON: invalid character 'a' looking for beginning of object key string, at byte 5`},
		{"bom counts", "\ufeff{x", `entri: not JSON: invalid character 'x' looking for beginning of object key string, at byte 5`},
		{"trailing", `{} {}`, `entri: not JSON: invalid character '{' after top-level value, at byte 4`},
		{"utf-8", "{\"userId\": \"a\xffb\"}", `entri: not UTF-8 at byte 14; JSON is always UTF-8`},
		{"huge", `{"userId": "` + strings.Repeat("a", entri.MaxSize) + `"}`, `entri: the configuration is longer than 1 MiB; send the records that one domain needs`},
		{"deep", `{"x": ` + strings.Repeat("[", 20000), `entri: not JSON: invalid character '[' exceeded max depth, at byte 10006`},
		{"duplicate", `{"applicationId": "a", "applicationId": "b", "disableConnect": true}`, `entri: applicationId: stands twice; keep one`},
		{"lone surrogate", `{"applicationId": "a\ud800", "disableConnect": true}`, `entri: applicationId: holds U+FFFD, the mark of text lost in a conversion; send the text again as UTF-8`},

		// the configuration
		{"no object", ` ["applicationId"]`, `entri: a list where an object belongs`},
		{"nothing", `{}`, "entri: applicationId: missing; give the id of your application\nentri: dnsRecords: missing; give the records that your customers need"},
		{"list", ` {"applicationId": "a", "dnsRecords": 1}`, `entri: dnsRecords "1": a number where a list of records belongs`},
		{"null list", ` {"applicationId": "a", "dnsRecords": null}`, `entri: dnsRecords: missing; give the records that your customers need`},
		{"empty list", ` {"applicationId": "a", "dnsRecords": []}`, `entri: dnsRecords: no record in it; give at least one`},
		{"string for flag", config(`"power": "true"`), `entri: power: a string where true or false belongs`},
		{"number for text", config(`"userId": 7`), `entri: userId "7": a number where a string belongs`},
		{"object for text", config(`"userId": {}`), `entri: userId: an object where a string belongs`},
		{"flag for names", config(`"prefilledDomain": true`), `entri: prefilledDomain "true": true where a string belongs`},
		{"list of flags", config(`"prefilledDomain": ["a.example", null]`), `entri: prefilledDomain[1]: null where a string belongs`},
		{"manual without domain", config(`"forceManualSetup": true`), `entri: prefilledDomain: missing; forceManualSetup needs to know the domain beforehand`},
		{"locale", config(`"locale": "ru"`), `entri: locale "ru": want one of en, es, pt, pt-br, pt-pt, fr, it, de, nl, pl, tr, ja, da, sv`},
		{"documentation", config(`"manualSetupDocumentation": "docs"`), `entri: manualSetupDocumentation "docs": no http or https URL`},
		{"script", config(`"manualSetupDocumentation": "javascript:alert(1)"`), `entri: manualSetupDocumentation "javascript:alert(1)": no http or https URL`},
		{"power without origin", config(`"power": true`), `entri: applicationUrl: missing; power needs the origin that it shows on the customer's domain`},
		{"origin", config(`"applicationUrl": "ftp://app.example"`), `entri: applicationUrl "ftp://app.example": no host name and no http or https URL`},
		{"force without support", config(`"forceSubdomain": true, "supportForSubdomains": false`), `entri: forceSubdomain "true": supportForSubdomains is false; drop one of the two`},
		{"prefilled subdomain", config(`"prefilledDomain": "www.a.example", "supportForSubdomains": false`), `entri: prefilledDomain "www.a.example": a name below a domain, and this application takes none (supportForSubdomains); enter "a.example"`},
		{"prefilled suffix", config(`"prefilledDomain": ["a.example", "co.uk"]`), `entri: prefilledDomain[1] "co.uk": an ending under which others register; enter the domain below it, such as "customer.co.uk"`},
		{"default subdomain", config(`"defaultSubdomain": "my shop"`), `entri: defaultSubdomain "my shop": not what can stand before a domain, such as "www"`},
		{"logo", config(`"whiteLabel": {"logo": "http://app.example/logo.png"}`), `entri: whiteLabel.logo "http://app.example/logo.png": no https URL; the logo is loaded by a page that is served with https`},
		{"logo colour", config(`"whiteLabel": {"logoBackgroundColor": "url(x)"}`), `entri: whiteLabel.logoBackgroundColor "url(x)": no colour; write a hex code, such as #444444`},
		{"theme", config(`"whiteLabel": {"theme": {"bg": "red"}}`), `entri: whiteLabel.theme.bg "red": no colour; write a hex code, such as #fa7268`},
		{"copy without English", config(`"whiteLabel": {"customCopy": {"initialScreen": {"title": {"es": "Hola"}}}}`), `entri: whiteLabel.customCopy.initialScreen.title.en: missing; every other language falls back to English`},
		{"subtitle twice", config(`"whiteLabel": {"customCopy": {"initialScreen": {"subTitle": {"en": "a"}, "subtitle": {"en": "b"}}}}`), `entri: whiteLabel.customCopy.initialScreen.subtitle: subTitle and subtitle are the same; keep one`},

		// shapes of dnsRecords
		{"unknown key", ` {"applicationId": "a", "dnsRecords": {"subdomain": []}}`, `entri: dnsRecords.subdomain: unknown; want rootNS, subDomain and domain, or names of domains`},
		{"keys of two kinds", ` {"applicationId": "a", "dnsRecords": {"domain": [` + good + `], "a.example": ` + good + `}}`, `entri: dnsRecords: holds names of domains beside rootNS, subDomain or domain; use one kind of key`},
		{"key twice", ` {"applicationId": "a", "dnsRecords": {"domain": [` + good + `], "domain": []}}`, `entri: dnsRecords.domain: stands twice; keep one`},
		{"domain twice", ` {"applicationId": "a", "dnsRecords": {"A.example": [` + good + `], "a.example.": ` + good + `}}`, `entri: dnsRecords["a.example."]: the same domain as "A.example"; keep one`},
		{"key no domain", ` {"applicationId": "a", "dnsRecords": {"co.uk": [` + good + `]}}`, `entri: dnsRecords["co.uk"]: an ending under which others register; enter the domain below it, such as "customer.co.uk"`},
		{"prefilled without records", ` {"applicationId": "a", "prefilledDomain": "b.example", "dnsRecords": {"a.example": [` + good + `]}}`, `entri: dnsRecords["b.example"]: missing; the other keys are for other domains`},
		{"empty conditional", ` {"applicationId": "a", "dnsRecords": {"domain": []}}`, `entri: dnsRecords.domain: no record in it; give at least one`},

		// fields of a record
		{"no fields", `[{}]`, "entri: dnsRecords[0].type: missing; want one of A, AAAA, CNAME, CAA, MX, TXT, NS\nentri: dnsRecords[0].host: missing; \"@\" is the domain itself\nentri: dnsRecords[0].value: missing\nentri: dnsRecords[0].ttl: missing; give seconds, such as 300"},
		{"too many", "[" + strings.Repeat("{},", 1000) + "{}]", `entri: dnsRecords: 1001 records; the limit is 1000`},
		{"no record", `["A"]`, `entri: dnsRecords[0]: a string where an object belongs`},
		{"type", record("SRV", "@", "x", ""), `entri: dnsRecords[0].type "SRV": want one of A, AAAA, CNAME, CAA, MX, TXT, NS`},
		{"ttl zero", `[{"type": "A", "host": "@", "value": "192.0.2.1", "ttl": 0}]`, `entri: dnsRecords[0].ttl "0": want a whole number from 1 to 2147483647`},
		{"ttl too long", `[{"type": "A", "host": "@", "value": "192.0.2.1", "ttl": 2147483648}]`, `entri: dnsRecords[0].ttl "2147483648": want a whole number from 1 to 2147483647`},
		{"ttl fraction", `[{"type": "A", "host": "@", "value": "192.0.2.1", "ttl": 300.5}]`, `entri: dnsRecords[0].ttl "300.5": want a whole number from 1 to 2147483647`},
		{"ttl word", `[{"type": "A", "host": "@", "value": "192.0.2.1", "ttl": "1h"}]`, `entri: dnsRecords[0].ttl "1h": want a whole number from 1 to 2147483647`},
		{"ttl list", `[{"type": "A", "host": "@", "value": "192.0.2.1", "ttl": [300]}]`, `entri: dnsRecords[0].ttl: a list where a number belongs`},
		{"priority of A", record("A", "@", "192.0.2.1", `, "priority": 10`), `entri: dnsRecords[0].priority "10": only MX records have one; leave it out`},
		{"MX without priority", record("MX", "@", "mx.app.example", ""), `entri: dnsRecords[0].priority: missing; an MX record needs one, such as 10`},
		{"priority too high", record("MX", "@", "mx.app.example", `, "priority": 65536`), `entri: dnsRecords[0].priority "65536": want a whole number from 0 to 65535`},
		{"priority in the value", record("MX", "@", "10 mx.app.example", `, "priority": 10`), `entri: dnsRecords[0].value "10 mx.app.example": write the mail host alone; its priority has a field of its own`},
		{"null MX", record("MX", "@", ".", `, "priority": 10`), `entri: dnsRecords[0].value ".": "." says that the domain takes no mail, and has priority 0 (RFC 7505)`},
		{"fallback of A", record("A", "@", "192.0.2.1", `, "fallbackValue": "x"`), `entri: dnsRecords[0].fallbackValue "x": only TXT records have one; leave it out`},
		{"tag of A", record("A", "@", "192.0.2.1", `, "tag": "issue"`), `entri: dnsRecords[0].tag "issue": only CAA records have flag and tag; leave them out`},
		{"redirect", record("A", "@", "192.0.2.1", `, "redirectTo": "a b"`), `entri: dnsRecords[0].redirectTo "a b": no host name and no http or https URL`},

		// hosts
		{"host URL", record("A", "https://www", "192.0.2.1", ""), `entri: dnsRecords[0].host "https://www": a URL; write the part of the name before the domain, such as "www"`},
		{"host space", record("A", "my shop", "192.0.2.1", ""), `entri: dnsRecords[0].host "my shop": no domain name: "my shop" holds what no name may; write the part of the name before the domain, such as "www"`},
		{"host dots", record("A", "a..b", "192.0.2.1", ""), `entri: dnsRecords[0].host "a..b": no domain name: nothing between two dots, or a dot at its start or end; write the part of the name before the domain, such as "www"`},
		{"host at", record("A", "_dmarc.@", "192.0.2.1", ""), `entri: dnsRecords[0].host "_dmarc.@": no domain name: "@" holds what no name may; write the part of the name before the domain, such as "www"`},
		{"host long", record("A", strings.Repeat("a", 64), "192.0.2.1", ""), `entri: dnsRecords[0].host "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": no domain name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is longer than the 63 characters that DNS allows between dots; write the part of the name before the domain, such as "www"`},
		{"host wildcard", record("A", "a.*", "192.0.2.1", ""), `entri: dnsRecords[0].host "a.*": no domain name: "*" holds what no name may; write the part of the name before the domain, such as "www"`},
		{"host hyphen", record("A", "{SLD}-.x", "192.0.2.1", ""), `entri: dnsRecords[0].host "{SLD}-.x": no domain name: "sample-" begins or ends with a hyphen; write the part of the name before the domain, such as "www"`},
		{"host repeats domain", record("A", "www.{DOMAIN}", "192.0.2.1", ""), `entri: dnsRecords[0].host "www.{DOMAIN}": a host is relative to {DOMAIN} already; write "www"`},

		// values
		{"name for A", record("A", "@", "app.example", ""), `entri: dnsRecords[0].value "app.example": a name; write an IPv4 address, such as 192.0.2.1, or use type CNAME`},
		{"IPv6 for A", record("A", "@", "2001:db8::1", ""), `entri: dnsRecords[0].value "2001:db8::1": not an IPv4 address, such as 192.0.2.1; this one belongs in a record of type AAAA`},
		{"IPv4 for AAAA", record("AAAA", "@", "192.0.2.1", ""), `entri: dnsRecords[0].value "192.0.2.1": not an IPv6 address, such as 2001:db8::1; this one belongs in a record of type A`},
		{"zone", record("AAAA", "@", "fe80::1%eth0", ""), `entri: dnsRecords[0].value "fe80::1%eth0": an address with a zone means something on one machine only; leave out "%eth0"`},
		{"address for CNAME", record("CNAME", "www", "192.0.2.1", ""), `entri: dnsRecords[0].value "192.0.2.1": an address; write a host name, or use type A or AAAA`},
		{"URL for CNAME", record("CNAME", "www", "https://app.example/", ""), `entri: dnsRecords[0].value "https://app.example/": write the host name alone, without scheme, port and path`},
		{"port for CNAME", record("CNAME", "www", "{CNAME_TARGET}:443", ""), `entri: dnsRecords[0].value "{CNAME_TARGET}:443": write the host name alone, without scheme, port and path`},
		{"wildcard target", record("CNAME", "www", "*.app.example", ""), `entri: dnsRecords[0].value "*.app.example": a wildcard is no host name`},
		{"space in NS", record("NS", "zone", "ns 1.example", ""), `entri: dnsRecords[0].value "ns 1.example": no domain name: "ns 1" holds what no name may; write a host name, such as edge.app.example`},
		{"blank text", record("TXT", "_app", "  ", ""), `entri: dnsRecords[0].value "  ": empty; leave the record out or give its text`},
		{"line break", record("TXT", "_app", `a\nb`, ""), `entri: dnsRecords[0].value: a control character at octet 2; write the text on one line`},
		{"long text", record("TXT", "_app", strings.Repeat("a", 65280), ""), `entri: dnsRecords[0].value: 65280 octets; a TXT record holds 65279`},
		{"private key", record("TXT", "s1._domainkey", `-----BEGIN PRIVATE KEY-----\nMIIE`, ""), `entri: dnsRecords[0].value: holds a private key, which must count as known now; make a new pair and publish its public key`},
		{"DKIM quoted", record("TXT", "s1._domainkey", `\"v=DKIM1; p=MIIB\"`, ""), `entri: dnsRecords[0].value: not a DKIM key: …`},
		{"DKIM fallback", record("TXT", "_app", "v=DKIM1; p=", `, "fallbackValue": "v=DKIM1; p=x"`), `entri: dnsRecords[0].fallbackValue: not a DKIM key: …`},
		{"SPF syntax", record("TXT", "@", "v=spf1 inclde:app.example ~all", ""), `entri: dnsRecords[0].value "v=spf1 inclde:app.example ~all": "inclde:app.example" at octet 7: …`},
		{"SPF everybody", record("TXT", "@", "v=spf1 include:app.example +all", ""), `entri: dnsRecords[0].value "v=spf1 include:app.example +all": "+all" at octet 27: …`},
		{"SPF quoted", record("TXT", "@", `\"v=spf1 ~all\"`, ""), `entri: dnsRecords[0].value "\"v=spf1 ~all\"": leave out the quotation marks; they would become part of the text, and nobody would find the record`},
		{"SPF fallback", record("TXT", "@", "v=spf1 include:app.example ~all", `, "fallbackValue": "v=spf1 ~all"`), `entri: dnsRecords[0].fallbackValue "v=spf1 ~all": an SPF record is merged into the one that is there and has no fallback; leave it out`},
		{"DKIM truncated", record("TXT", "s1._domainkey", longKey, ""), `entri: dnsRecords[0].value: not a DKIM key: …`},
		{"CAA without tag", record("CAA", "@", "letsencrypt.org", ""), `entri: dnsRecords[0].tag: missing; write "tag": "issue", or the whole record in the value: 0 issue "ca.example"`},
		{"CAA tag", record("CAA", "@", "letsencrypt.org", `, "tag": "issu"`), `entri: dnsRecords[0].tag "issu": want one of issue, issuewild, iodef`},
		{"CAA twice", record("CAA", "@", "0 issue letsencrypt.org", `, "tag": "issuewild"`), `entri: dnsRecords[0].value "0 issue letsencrypt.org": holds another flag or tag than the fields of the record; write them once`},
		{"CAA nobody", record("CAA", "@", ";", `, "tag": "issue"`), `entri: dnsRecords[0].value ";": names no certification authority; write its domain, such as "letsencrypt.org"`},
		{"CAA single label", record("CAA", "@", "letsencrypt", `, "tag": "issue"`), `entri: dnsRecords[0].value "letsencrypt": not the domain of a certification authority, such as "letsencrypt.org"`},
		{"CAA iodef", record("CAA", "@", "security@app.example", `, "tag": "iodef"`), `entri: dnsRecords[0].value "security@app.example": not where to report to; write a mailto:, http or https URL`},
		{"CAA flag", record("CAA", "@", "letsencrypt.org", `, "tag": "issue", "flag": 256`), `entri: dnsRecords[0].flag "256": want a whole number from 0 to 255`},

		// variables
		{"unknown variable", record("TXT", "_app", "{FOO}", ""), `entri: dnsRecords[0].value "{FOO}": unknown variable; known are {DOMAIN}, {SUBDOMAIN}, {SLD}, {TLD}, {CNAME_TARGET}, {ENTRI_SERVERS}, {emailProviderSPF}`},
		{"variable in lower case", record("A", "{subdomain}", "192.0.2.1", ""), `entri: dnsRecords[0].host "{subdomain}": unknown variable; upper and lower case count: {SUBDOMAIN}`},
		{"open brace", record("TXT", "_app", "a {DOMAIN b", ""), `entri: dnsRecords[0].value "{DOMAIN": the brace is not closed; write {DOMAIN}`},
		{"double braces", record("TXT", "_app", "{{SLD}}", ""), `entri: dnsRecords[0].value "{{SLD}}": leaves {sample} standing, which reads as a variable; write it with single braces`},
		{"servers in text", record("TXT", "@", "v=spf1 ip4:{ENTRI_SERVERS} ~all", ""), `entri: dnsRecords[0].value "{ENTRI_SERVERS}": it stands for addresses; write it alone, as the value of an A or AAAA record`},
		{"servers for CNAME", record("CNAME", "www", "{ENTRI_SERVERS}", ""), `entri: dnsRecords[0].value "{ENTRI_SERVERS}": it stands for addresses; write it alone, as the value of an A or AAAA record`},
		{"variable in fallback", record("TXT", "_app", "x", `, "fallbackValue": "{X}"`), `entri: dnsRecords[0].fallbackValue "{X}": unknown variable; known are {DOMAIN}, {SUBDOMAIN}, {SLD}, {TLD}, {CNAME_TARGET}, {ENTRI_SERVERS}, {emailProviderSPF}`},

		// DMARC options
		{"DMARC elsewhere", record("TXT", "_app", "x", `, "dmarcOverride": {"p": "none"}`), `entri: dnsRecords[0].dmarcOverride: only for a DMARC record: type TXT with a host that begins with "_dmarc"`},
		{"DMARC policy", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "dmarcOverride": {"p": "block"}`), `entri: dnsRecords[0].dmarcOverride.p "block": want one of none, quarantine, reject`},
		{"DMARC reports", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "dmarcOverride": {"rua": "mailto:a@b.example; p=none"}`), `entri: dnsRecords[0].dmarcOverride.rua "mailto:a@b.example; p=none": a semicolon ends a tag; write the addresses alone, with commas between them`},
		{"DMARC twice", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "dmarcOverride": {"p": "none"}, "advancedDmarcOptions": {"overrideTags": {"P": "reject"}}`), `entri: dnsRecords[0].dmarcOverride.p "none": advancedDmarcOptions.overrideTags says "reject"; drop one of the two`},
		{"DMARC value", record("TXT", "_dmarc", "v=DMARC1; p=block", ""), `entri: dnsRecords[0].value "v=DMARC1; p=block": p has to be none, quarantine or reject, not "block"`},
		{"DMARC options of SPF", record("TXT", "_dmarc", "v=spf1 mx -all", `, "dmarcOverride": {"p": "none"}`), `entri: dnsRecords[0].value "v=spf1 mx -all": the text does not begin with v=DMARC1`},
		{"DMARC fallback", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "fallbackValue": "v=DMARC1; p=reject"`), `entri: dnsRecords[0].fallbackValue "v=DMARC1; p=reject": a DMARC record has no fallback; leave it out`},
		{"DMARC address", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "dmarcOverride": {"rua": "{DOMAIN}"}`), `entri: dnsRecords[0].dmarcOverride: rua holds "sample.invalid", which is no address such as mailto:reports@example.com`},
		{"DMARC variable", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "advancedDmarcOptions": {"overrideTags": {"rua": "mailto:a@{NAME}"}}`), `entri: dnsRecords[0].advancedDmarcOptions "{NAME}": unknown variable; known are {DOMAIN}, {SUBDOMAIN}, {SLD}, {TLD}, {CNAME_TARGET}, {ENTRI_SERVERS}, {emailProviderSPF}`},
		{"DMARC tag", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "advancedDmarcOptions": {"overrideTags": {"p;": "x"}}`), `entri: dnsRecords[0].advancedDmarcOptions.overrideTags["p;"] "x": no tag of a DMARC record (RFC 7489 section 6.4)`},
		{"DMARC without policy", record("TXT", "_dmarc", "v=DMARC1; p=none", `, "advancedDmarcOptions": {"removeTags": ["p", "a b"]}`), "entri: dnsRecords[0].advancedDmarcOptions.removeTags[0] \"p\": a DMARC record without this tag is none\nentri: dnsRecords[0].advancedDmarcOptions.removeTags[1] \"a b\": no tag of a DMARC record (RFC 7489 section 6.4)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := c.in
			if strings.HasPrefix(in, "[") {
				in = `{"applicationId": "a", "dnsRecords": ` + in + `}`
			}
			_, err := entri.Parse([]byte(in))
			text := fmt.Sprint(err)
			if start, ok := strings.CutSuffix(c.want, ": …"); ok && strings.HasPrefix(text, start) {
				return
			}
			if text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

const good = `{"type": "A", "host": "@", "value": "192.0.2.1", "ttl": 300}`

func config(more string) string {
	return `{"applicationId": "a", "dnsRecords": [` + good + `], ` + more + `}`
}

func record(typ, host, value, more string) string {
	return fmt.Sprintf(`[{"type": "%s", "host": "%s", "value": "%s", "ttl": 300%s}]`, typ, host, value, more)
}
