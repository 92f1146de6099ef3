package dkim_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim"
)

func TestDetectMailbox(t *testing.T) {
	key := func(selector string) dkim.Probe { return dkim.Probe{Selector: selector, Texts: []string{long}} }
	for _, tt := range []struct {
		name       string
		clues      dkim.Clues
		mailbox    string
		confidence dkim.Confidence
		want       dkim.Detection // of the rest: gateway, others, flags
		evidence   string         // part of it
	}{
		{
			name: "Google by its one server", clues: dkim.Clues{MX: []string{"SMTP.Google.com."}}, mailbox: "google-workspace", confidence: dkim.High,
			evidence: "the mail server smtp.google.com belongs to Google Workspace",
		},
		{name: "Google by five", clues: dkim.Clues{MX: []string{"alt4.aspmx.l.google.com", "aspmx.l.google.com", "aspmx2.googlemail.com"}}, mailbox: "google-workspace", confidence: dkim.High},
		{name: "Microsoft", clues: dkim.Clues{MX: []string{"customer-example.mail.protection.outlook.com"}}, mailbox: "microsoft365", confidence: dkim.High},
		{name: "Microsoft since 2024", clues: dkim.Clues{MX: []string{"customer-example.r-v1.mx.microsoft"}}, mailbox: "microsoft365", confidence: dkim.High},
		{name: "Zoho of a region", clues: dkim.Clues{MX: []string{"mx.zoho.eu", "mx2.zoho.eu"}}, mailbox: "zoho", confidence: dkim.High},
		{name: "IONOS of a country", clues: dkim.Clues{MX: []string{"mx00.ionos.co.uk"}}, mailbox: "ionos", confidence: dkim.High},
		{
			name: "no host's name elsewhere", clues: dkim.Clues{MX: []string{"smtp.google.com.evil.example", "evilmx.microsoft", "mx.microsoft", "mx00.ionos.a.b.c", "mx00.ionos.attacker.com", "mx00.ionos.evil.example", "mx01.ionos.mail.firm.de", "mx00.ionos.de.com", "mx00.ionos", "xsmtp.google.com"}},
			evidence: "the mail server evilmx.microsoft belongs to no mailbox host that is known",
		},
		{
			name: "more servers count", clues: dkim.Clues{MX: []string{"aspmx.l.google.com", "in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"}},
			mailbox: "fastmail", confidence: dkim.High, want: dkim.Detection{Others: []string{"google-workspace"}},
		},
		{
			name: "then the SPF record", clues: dkim.Clues{MX: []string{"aspmx.l.google.com", "mx.yandex.net"}, SPF: []string{"v=spf1 include:_spf.yandex.net -all"}},
			mailbox: "yandex360", confidence: dkim.High, want: dkim.Detection{Others: []string{"google-workspace"}},
		},
		{
			name: "behind a gateway", clues: dkim.Clues{MX: []string{"mxa-00123.gslb.pphosted.com"}, SPF: []string{"v=spf1 include:spf.protection.outlook.com -all"}},
			mailbox: "microsoft365", confidence: dkim.Medium, want: dkim.Detection{Gateway: "Proofpoint"}, evidence: "the SPF record lets Microsoft 365 send",
		},
		{name: "behind a gateway, two send", clues: dkim.Clues{
			MX: []string{"mx01.hornetsecurity.com"}, SPF: []string{"v=spf1 include:spf.protection.outlook.com include:_spf.google.com ~all"},
			Probes: []dkim.Probe{{Selector: "selector1", Target: "selector1-customer-example._domainkey.tenant.onmicrosoft.com"}},
		}, mailbox: "microsoft365", confidence: dkim.Medium, want: dkim.Detection{Gateway: "Hornetsecurity", Others: []string{"google-workspace"}}},
		{
			name: "a gateway beside the host", clues: dkim.Clues{MX: []string{"us-smtp-inbound-1.mimecast.com", "smtp.google.com"}}, mailbox: "google-workspace", confidence: dkim.High,
			want: dkim.Detection{Gateway: "Mimecast"},
		},
		{name: "only a gateway", clues: dkim.Clues{MX: []string{"d1.ess.barracudanetworks.com"}}, want: dkim.Detection{Gateway: "Barracuda"}},
		{
			name: "forwarded to a host", clues: dkim.Clues{MX: []string{"route1.mx.cloudflare.net"}, SPF: []string{"v=spf1 include:_spf.mx.cloudflare.net include:icloud.com ~all"}},
			mailbox: "icloud", confidence: dkim.Medium, want: dkim.Detection{Gateway: "Cloudflare Email Routing", Forwarder: true},
		},
		{name: "forwarded", clues: dkim.Clues{MX: []string{"mx1.improvmx.com"}}, want: dkim.Detection{Gateway: "ImprovMX", Forwarder: true}},
		{
			name: "own server that sends through a host", clues: dkim.Clues{MX: []string{"mail.customer.example"}, SPF: []string{"v=spf1 mx include:_spf.google.com -all"}},
			mailbox: "google-workspace", confidence: dkim.Low, evidence: "the mail server mail.customer.example belongs to no mailbox host that is known",
		},
		{
			name: "by a key", clues: dkim.Clues{MX: []string{"mail.customer.example"}, Probes: []dkim.Probe{key("zmail")}}, mailbox: "zoho", confidence: dkim.Low,
			evidence: "a key stands at the DKIM selector zmail",
		},
		{
			name: "by a CNAME", clues: dkim.Clues{MX: []string{"mail.customer.example"}, Probes: []dkim.Probe{{Selector: "s1", Target: "s1.domainkey.tutanota.de."}}},
			mailbox: "tuta", confidence: dkim.Low,
		},
		{name: "not by a selector that anybody uses", clues: dkim.Clues{MX: []string{"mail.customer.example"}, Probes: []dkim.Probe{
			key("mail"), key("default"), key("s1"), {Selector: "selector1", Texts: []string{long}}, {Selector: "s2", Target: "s2.domainkey.u1.wl.sendgrid.net"},
		}}},
		{name: "not by a wildcard or a revoked key", clues: dkim.Clues{MX: []string{"mail.customer.example"}, Probes: []dkim.Probe{
			{Selector: "google", Texts: []string{long}, Wildcard: true},
			{Selector: "zmail", Texts: []string{"v=DKIM1; p="}},
			{Selector: "selector1", Target: "selector1-customer-example._domainkey.tenant.onmicrosoft.com", Wildcard: true},
		}}},
		{
			name: "a program's MX", clues: dkim.Clues{MX: []string{"inbound-smtp.us-east-1.amazonaws.com"}, SPF: []string{"v=spf1 include:amazonses.com ~all"}}, mailbox: "workmail", confidence: dkim.Low,
			evidence: "though it may as well be a program",
		},
		{name: "a sender is no host", clues: dkim.Clues{SPF: []string{"v=spf1 include:amazonses.com ~all"}}},
		{name: "null MX", clues: dkim.Clues{MX: []string{"."}}, want: dkim.Detection{NoMail: true}, evidence: "it has a null MX record"},
		{name: "null MX beside a host", clues: dkim.Clues{MX: []string{"smtp.google.com", "."}}, mailbox: "google-workspace", confidence: dkim.High, evidence: "a null MX stands beside"},
		{name: "no MX", evidence: "the domain has no MX record"},
		{name: "DNS did not answer", clues: dkim.Clues{MXFailed: true}, want: dkim.Detection{Failed: true}, evidence: "DNS gave no answer"},
		{name: "DNS did not answer about SPF, behind a gateway", clues: dkim.Clues{MX: []string{"a.pphosted.com"}, SPFFailed: true}, want: dkim.Detection{Gateway: "Proofpoint", Failed: true}, evidence: "no answer about the domain's SPF record"},
		{name: "DNS did not answer about SPF, which does not matter", clues: dkim.Clues{MX: []string{"smtp.google.com"}, SPFFailed: true}, mailbox: "google-workspace", confidence: dkim.High},
		{
			name: "DNS did not answer about SPF, beside doubtful MX records", clues: dkim.Clues{MX: []string{"inbound-smtp.eu-west-1.amazonaws.com"}, SPFFailed: true},
			mailbox: "workmail", confidence: dkim.Low, want: dkim.Detection{Failed: true}, evidence: "no answer about the domain's SPF record",
		},
		{
			name:    "DNS did not answer about a selector, beside doubtful MX records",
			clues:   dkim.Clues{MX: []string{"inbound-smtp.eu-west-1.amazonaws.com"}, Probes: []dkim.Probe{{Selector: "google", Failed: true}}},
			mailbox: "workmail", confidence: dkim.Low, want: dkim.Detection{Failed: true}, evidence: "some of the DKIM selectors",
		},
		{
			name: "DNS did not answer about a selector", clues: dkim.Clues{MX: []string{"mail.customer.example"}, Probes: []dkim.Probe{{Selector: "google", Failed: true}}},
			want: dkim.Detection{Failed: true}, evidence: "some of the DKIM selectors",
		},
		{name: "no names", clues: dkim.Clues{MX: []string{"", "a..b", strings.Repeat("a", 300), "\x00.google.com", "a b.aspmx.l.google.com"}}, evidence: "none of the MX records names a mail server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := dkim.DetectMailbox(tt.clues)
			if got.Mailbox != tt.mailbox || got.Confidence != tt.confidence {
				t.Errorf("got %q, %q, want %q, %q", got.Mailbox, got.Confidence, tt.mailbox, tt.confidence)
			}
			if !slices.ContainsFunc(got.Evidence, func(e string) bool { return strings.Contains(e, tt.evidence) }) {
				t.Errorf("evidence %q does not say %q", got.Evidence, tt.evidence)
			}
			rest := dkim.Detection{Gateway: got.Gateway, Forwarder: got.Forwarder, NoMail: got.NoMail, Failed: got.Failed, Others: got.Others}
			if diff := cmp.Diff(rest, tt.want); diff != "" {
				t.Errorf("the rest (-got +want):\n%s", diff)
			}
		})
	}
}

// TestEveryPattern: a name made from a pattern is told by it.
func TestEveryPattern(t *testing.T) {
	made := func(pattern string) string {
		switch {
		case strings.HasPrefix(pattern, "*."):
			return "a.b-1" + pattern[1:]
		}
		return strings.ReplaceAll(pattern, "*", "7")
	}
	for _, m := range dkim.Mailboxes() {
		for _, p := range m.MX {
			if d := dkim.DetectMailbox(dkim.Clues{MX: []string{made(p)}}); d.Mailbox != m.ID {
				t.Errorf("%s, made from %s: got %q, want %s", made(p), p, d.Mailbox, m.ID)
			}
			if d := dkim.DetectMailbox(dkim.Clues{MX: []string{made(p) + ".evil.example.com.x"}}); d.Mailbox != "" {
				t.Errorf("%s below another domain: got %q", made(p), d.Mailbox)
			}
		}
		for _, s := range m.SPF {
			d := dkim.DetectMailbox(dkim.Clues{MX: []string{"x.pphosted.com"}, SPF: []string{"v=spf1 include:" + s + " -all"}})
			if want := map[bool]string{true: m.ID}[m.Doubt == ""]; d.Mailbox != want {
				t.Errorf("%s: got %q, want %q", s, d.Mailbox, want)
			}
		}
	}
	for _, g := range dkim.Gateways() {
		for _, p := range g.MX {
			if d := dkim.DetectMailbox(dkim.Clues{MX: []string{made(p)}}); d.Gateway != g.Name || d.Mailbox != "" {
				t.Errorf("%s: got gateway %q and mailbox %q, want %s", made(p), d.Gateway, d.Mailbox, g.Name)
			}
		}
	}
}

// TestProbes: what is asked next is the host's selectors, or everybody's, and nothing twice.
func TestProbes(t *testing.T) {
	for _, tt := range []struct {
		name  string
		clues dkim.Clues
		want  []string
	}{
		{"the host's", dkim.Clues{MX: []string{"smtp.google.com"}}, []string{"google"}},
		{"those not asked", dkim.Clues{MX: []string{"mx.zoho.com"}, Probes: []dkim.Probe{{Selector: "ZMAIL"}}}, []string{"zoho"}},
		{"none can be known", dkim.Clues{MX: []string{"mx1.mail.ovh.net"}}, nil},
		{"no mail", dkim.Clues{MX: []string{"."}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := dkim.DetectMailbox(tt.clues).Probe; !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	c := dkim.Clues{MX: []string{"mail.customer.example"}}
	d := dkim.DetectMailbox(c)
	if len(d.Probe) < 20 || len(slices.Compact(slices.Sorted(slices.Values(d.Probe)))) != len(d.Probe) {
		t.Errorf("of an unknown host: got %q, want everybody's selectors, each once", d.Probe)
	}
	for _, s := range d.Probe {
		c.Probes = append(c.Probes, dkim.Probe{Selector: s})
	}
	if d = dkim.DetectMailbox(c); d.Probe != nil {
		t.Errorf("after all were asked: got %q, want none", d.Probe)
	}
}

// TestDetectOrder: the order in which DNS lists records means nothing.
func TestDetectOrder(t *testing.T) {
	var servers, includes, selectors []string
	for _, m := range dkim.Mailboxes() {
		servers, includes, selectors = append(servers, strings.ReplaceAll(m.MX[0], "*", "a")), append(includes, "v=spf1 include:"+m.SPF[0]), append(selectors, m.Probes()...)
	}
	servers = append(servers, ".", "mail.customer.example", "a.pphosted.com", "a.mimecast.com", "mx1.improvmx.com")
	rapid.Check(t, func(t *rapid.T) {
		var probes []dkim.Probe
		for _, s := range rapid.SliceOfNDistinct(rapid.SampledFrom(selectors), 0, 5, rapid.ID[string]).Draw(t, "selectors") {
			probes = append(probes, dkim.Probe{Selector: s, Texts: []string{short}})
		}
		a := dkim.Clues{
			MX:  rapid.SliceOfN(rapid.SampledFrom(servers), 0, 6).Draw(t, "MX"),
			SPF: rapid.SliceOfN(rapid.SampledFrom(includes), 0, 3).Draw(t, "SPF"), Probes: probes,
		}
		b := dkim.Clues{
			MX: rapid.Permutation(a.MX).Draw(t, "other MX"), SPF: rapid.Permutation(a.SPF).Draw(t, "other SPF"), Probes: rapid.Permutation(a.Probes).Draw(t, "other probes"),
		}
		if diff := cmp.Diff(dkim.DetectMailbox(a), dkim.DetectMailbox(b)); diff != "" {
			t.Fatalf("in another order (-a +b):\n%s", diff)
		}
	})
}

// TestDetectHostile: what strangers put into DNS ends in a short answer that is plain text.
func TestDetectHostile(t *testing.T) {
	many := make([]string, 3000)
	for i := range many {
		many[i] = strings.Repeat("a.", i%120) + "mx.microsoft"
	}
	for name, c := range map[string]dkim.Clues{
		"many servers":    {MX: many},
		"a long record":   {MX: []string{"x.pphosted.com"}, SPF: []string{"v=spf1 " + strings.Repeat("include:_spf.google.com ", 3000)}},
		"many records":    {SPF: many},
		"stars and dots":  {MX: []string{"*.aspmx.l.google.com", "....", strings.Repeat("*", 250), strings.Repeat("a.", 126) + "a"}},
		"control octets":  {MX: []string{"a\x1b[31m.mx.microsoft", "\xff.aspmx.l.google.com", "a\n.mx.microsoft"}},
		"a private key":   {Probes: []dkim.Probe{{Selector: "google", Texts: []string{"v=DKIM1; p=MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7"}}}},
		"a long selector": {Probes: []dkim.Probe{{Selector: strings.Repeat("g", 70000), Target: strings.Repeat("t.", 40000)}}},
	} {
		t.Run(name, func(t *testing.T) {
			d := dkim.DetectMailbox(c)
			data, err := json.Marshal(d)
			if err != nil || len(data) > 8000 {
				t.Errorf("%v, %d octets of JSON", err, len(data))
			}
			for _, e := range d.Evidence {
				if strings.ContainsAny(e, "\x1b\n*") || !utf8.ValidString(e) || strings.Contains(e, "MIIE") || len(e) > 400 {
					t.Errorf("evidence %.500q", e)
				}
			}
			var back dkim.Detection
			if err := json.Unmarshal(data, &back); err != nil || !cmp.Equal(back, d) {
				t.Errorf("JSON does not come back: %v\n%s", err, cmp.Diff(back, d))
			}
		})
	}
}
