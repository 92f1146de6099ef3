package connect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

const goodKey = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" // of RFC 8463 A.2

// mailWorld serves customer.example with these records, and the zones of mailbox hosts that CNAMEs lead to.
func mailWorld(t testing.TB, records ...string) (*connect.Engine, *verifytest.World) {
	t.Helper()
	return mailZones(t, nil, records...)
}

// mailZones is mailWorld with more zones.
func mailZones(t testing.TB, more map[string][]string, records ...string) (*connect.Engine, *verifytest.World) {
	t.Helper()
	origin := func(apex string, lines ...string) string {
		text := "$ORIGIN " + apex + ".\n$TTL 60\n@ IN SOA ns1.customer.example. hostmaster.customer.example. 1 3600 600 86400 300\n@ IN NS ns1.customer.example.\n"
		return text + strings.Join(lines, "\n") + "\n"
	}
	var others []string
	for apex, lines := range more {
		others = append(others, origin(apex, lines...))
	}
	key := ` IN TXT "` + goodKey + `"`
	w := verifytest.New(t, verifytest.Options{
		Text: append(
			others,
			origin("customer.example", append([]string{"ns1 IN A 127.0.0.1"}, records...)...),
			origin("onmicrosoft.com", "selector1-customer-example._domainkey.tenant"+key, "selector2-customer-example._domainkey.tenant"+key),
			origin("dkim.mail.microsoft", "selector1-customer-example._domainkey.tenant.r-v1"+key),
			origin("fmhosted.com", "fm1.customer.example.dkim"+key, "fm2.customer.example.dkim"+key, "fm3.customer.example.dkim"+key, `revoked.dkim IN TXT "v=DKIM1; p="`),
			origin("elsewhere.example", "key"+key),
			origin("domainkey.tutanota.de", "s1"+key, "s2"+key),
		),
		Servers: []verifytest.ServerOptions{{Name: "ns1", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}},
	})
	host := memory.New(memory.Options{ID: "host", Name: "Host", NameServers: []string{"ns?.customer.example"}, Zones: []zone.Snapshot{w.Zone(customer)}})
	e, _ := engine(t, host.Driver(), providers.JournalMemory(), verify.Options{Start: w.Start(), Map: w.Map, Timeout: patience})
	return e, w
}

func prompt(t testing.TB, e *connect.Engine) connect.Prompt {
	t.Helper()
	p, err := e.DKIMPrompt(t.Context(), connect.Site{Name: customer, Domain: customer})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDKIMPrompt(t *testing.T) {
	const (
		google    = "@ IN MX 1 smtp.google.com."
		microsoft = "@ IN MX 0 customer-example.r-v1.mx.microsoft."
		zoho      = "@ IN MX 10 mx.zoho.eu."
		fastmail  = "@ IN MX 10 in1-smtp.messagingengine.com."
		key       = ` IN TXT "` + goodKey + `"`
		old       = "-customer-example._domainkey.tenant.onmicrosoft.com."
		since2025 = "-customer-example._domainkey.tenant.r-v1.dkim.mail.microsoft."
	)
	fm := func(n int) string {
		return fmt.Sprintf("fm%d._domainkey IN CNAME fm%d.customer.example.dkim.fmhosted.com.", n, n)
	}
	for _, tt := range []struct {
		name    string
		records []string
		state   connect.PromptState
		code    connect.PromptCode
		host    string
		intents int
		status  entri.Status
		hint    string
	}{
		{"Google, none", []string{google}, connect.PromptNeeded, connect.CodeNoKey, "google-workspace", 0, entri.StatusPending, "No key is published under any other selector"},
		{"Google", []string{google, "google._domainkey" + key}, connect.PromptPresent, connect.CodeKeyThere, "google-workspace", 0, entri.StatusSuccess, ""},
		{
			"Google, at a selector of the customer's own",
			[]string{google, "s2026._domainkey" + key},
			connect.PromptNeeded, connect.CodeOtherKey, "google-workspace", 0, entri.StatusPending,
			"a key may stand under another selector",
		},
		{"Google, revoked", []string{google, `google._domainkey IN TXT "v=DKIM1; p="`}, connect.PromptNeeded, connect.CodeBrokenKey, "google-workspace", 0, entri.StatusFailure, ""},
		{"Google, two keys", []string{google, "google._domainkey" + key, `google._domainkey IN TXT "v=DKIM1; p="`}, connect.PromptNeeded, connect.CodeBrokenKey, "google-workspace", 0, entri.StatusFailure, ""},
		{"Google, a wildcard", []string{google, "*._domainkey" + key}, connect.PromptNeeded, connect.CodeWildcard, "google-workspace", 0, entri.StatusPending, ""},
		{"Google, a wildcard of the site", []string{google, "* IN CNAME key.elsewhere.example."}, connect.PromptNeeded, connect.CodeWildcard, "google-workspace", 0, entri.StatusPending, ""},
		{"Google, by an alias", []string{google, "google._domainkey IN CNAME key.elsewhere.example."}, connect.PromptPresent, connect.CodeKeyThere, "google-workspace", 0, entri.StatusSuccess, ""},
		{"Microsoft, none", []string{microsoft}, connect.PromptNeeded, connect.CodeNoKey, "microsoft365", 0, entri.StatusPending, ""},
		{
			"Microsoft, old targets",
			[]string{"@ IN MX 0 customer-example.mail.protection.outlook.com.", "selector1._domainkey IN CNAME selector1" + old, "selector2._domainkey IN CNAME selector2" + old},
			connect.PromptPresent, connect.CodeKeyThere, "microsoft365", 0, entri.StatusSuccess, "",
		},
		{
			"Microsoft, new targets, one key so far",
			[]string{microsoft, "selector1._domainkey IN CNAME selector1" + since2025, "selector2._domainkey IN CNAME selector2" + since2025},
			connect.PromptPresent, connect.CodeKeyThere, "microsoft365", 0, entri.StatusSuccess, "",
		},
		{"Microsoft, one of two", []string{microsoft, "selector1._domainkey IN CNAME selector1" + since2025}, connect.PromptNeeded, connect.CodeIncomplete, "microsoft365", 0, entri.StatusPending, ""},
		{
			"Microsoft, not switched on",
			[]string{microsoft, "selector1._domainkey IN CNAME selector1-other" + since2025, "selector2._domainkey IN CNAME selector2-other" + since2025},
			connect.PromptNeeded, connect.CodeNotStarted, "microsoft365", 0, entri.StatusPending, "",
		},
		{"Microsoft, leads elsewhere", []string{microsoft, "selector1._domainkey IN CNAME nothing.elsewhere.example."}, connect.PromptNeeded, connect.CodeOtherTarget, "microsoft365", 0, entri.StatusPending, ""},
		{"Zoho", []string{zoho, "zoho._domainkey" + key}, connect.PromptPresent, connect.CodeKeyThere, "zoho", 0, entri.StatusSuccess, ""},
		{"Zoho, none", []string{zoho, `@ IN TXT "v=spf1 include:zoho.eu -all"`}, connect.PromptNeeded, connect.CodeNoKey, "zoho", 0, entri.StatusPending, ""},
		{"Fastmail, none", []string{fastmail}, connect.PromptPlanned, connect.CodeComputed, "fastmail", 3, entri.StatusPending, ""},
		{"Fastmail, one is there", []string{fastmail, fm(2)}, connect.PromptPlanned, connect.CodeComputed, "fastmail", 2, entri.StatusPending, ""},
		{"Fastmail", []string{fastmail, fm(1), fm(2), fm(3)}, connect.PromptPresent, connect.CodeKeyThere, "fastmail", 0, entri.StatusSuccess, ""},
		{"Fastmail, guessed", []string{"@ IN MX 10 mail", `@ IN TXT "v=spf1 include:spf.messagingengine.com -all"`}, connect.PromptNeeded, connect.CodeGuessedHost, "fastmail", 0, entri.StatusPending, ""},
		{"Fastmail, as copies of the keys", []string{fastmail, "fm1._domainkey" + key, "fm2._domainkey" + key, "fm3._domainkey" + key}, connect.PromptPresent, connect.CodeKeyThere, "fastmail", 0, entri.StatusSuccess, ""},
		{"Fastmail, another's record in the way", []string{fastmail, fm(1), fm(2), "fm3._domainkey IN CNAME key.elsewhere.example."}, connect.PromptNeeded, connect.CodeOtherTarget, "fastmail", 0, entri.StatusPending, ""},
		{"Fastmail, a wildcard that leads there", []string{fastmail, "*._domainkey IN CNAME fm1.customer.example.dkim.fmhosted.com."}, connect.PromptPlanned, connect.CodeComputed, "fastmail", 3, entri.StatusPending, ""},
		{"Fastmail, which has revoked one of its keys", []string{fastmail, fm(1), fm(2), "fm3._domainkey IN CNAME revoked.dkim.fmhosted.com."}, connect.PromptPresent, connect.CodeKeyThere, "fastmail", 0, entri.StatusSuccess, ""},
		{"Fastmail, a revoked key of one's own", []string{fastmail, fm(1), fm(2), `fm3._domainkey IN TXT "v=DKIM1; p="`}, connect.PromptNeeded, connect.CodeBrokenKey, "fastmail", 0, entri.StatusFailure, ""},
		{"Google, a key for SHA-1 alone", []string{google, `google._domainkey IN TXT "` + goodKey + `; h=sha1"`}, connect.PromptNeeded, connect.CodeBrokenKey, "google-workspace", 0, entri.StatusFailure, ""},
		{"Tuta, none", []string{"@ IN MX 10 mail.tutanota.de."}, connect.PromptPlanned, connect.CodeComputed, "tuta", 2, entri.StatusPending, ""},
		{
			"Tuta",
			[]string{"@ IN MX 10 mail.tutanota.de.", "s1._domainkey IN CNAME s1.domainkey.tutanota.de.", "s2._domainkey IN CNAME s2.domainkey.tutanota.de."},
			connect.PromptPresent, connect.CodeKeyThere, "tuta", 0, entri.StatusSuccess, "",
		},
		{
			"Tuta, whose selectors another sender has",
			[]string{"@ IN MX 10 mail.tutanota.de.", "s1._domainkey IN CNAME key.elsewhere.example.", "s2._domainkey IN CNAME key.elsewhere.example."},
			connect.PromptNeeded, connect.CodeOtherTarget, "tuta", 0, entri.StatusPending, "",
		},
		{"Tuta, whose selector another sender has as a key", []string{"@ IN MX 10 mail.tutanota.de.", "s1._domainkey" + key}, connect.PromptNeeded, connect.CodeOtherTarget, "tuta", 0, entri.StatusPending, ""},
		{"iCloud, forwarded to", []string{"@ IN MX 10 mx1.improvmx.com.", `@ IN TXT "v=spf1 include:icloud.com -all"`}, connect.PromptPlanned, connect.CodeComputed, "icloud", 1, entri.StatusPending, ""},
		{"behind Proofpoint", []string{"@ IN MX 10 mx0a-1.pphosted.com.", `@ IN TXT "v=spf1 include:spf.protection.outlook.com -all"`}, connect.PromptNeeded, connect.CodeNoKey, "microsoft365", 0, entri.StatusPending, ""},
		{"behind Proofpoint, nothing shows", []string{"@ IN MX 10 mx0a-1.pphosted.com."}, connect.PromptExempt, connect.CodeHidden, "", 0, entri.StatusExempt, ""},
		{"behind Proofpoint, a key shows", []string{"@ IN MX 10 mx0a-1.pphosted.com.", "google._domainkey" + key}, connect.PromptPresent, connect.CodeKeyThere, "google-workspace", 0, entri.StatusSuccess, ""},
		{"forwarder", []string{"@ IN MX 10 route1.mx.cloudflare.net."}, connect.PromptExempt, connect.CodeForwarder, "", 0, entri.StatusExempt, ""},
		{"OVHcloud, whose selectors differ", []string{"@ IN MX 1 mx1.mail.ovh.net.", "ovhmo123-selector1._domainkey" + key}, connect.PromptNeeded, connect.CodeOtherKey, "ovh", 0, entri.StatusPending, "another selector"},
		{"null MX", []string{"@ IN MX 0 ."}, connect.PromptExempt, connect.CodeNoMail, "", 0, entri.StatusExempt, ""},
		{"no MX", nil, connect.PromptExempt, connect.CodeUnknownHost, "", 0, entri.StatusExempt, ""},
		{"own server", []string{"@ IN MX 10 mail", "mail IN A 192.0.2.1"}, connect.PromptExempt, connect.CodeUnknownHost, "", 0, entri.StatusExempt, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := mailWorld(t, tt.records...)
			p := prompt(t, e)
			if p.State != tt.state || p.Code != tt.code || p.Detection.Mailbox != tt.host || len(p.Intents) != tt.intents {
				t.Errorf("got %s, %s, %q, %d intents, want %s, %s, %q, %d; %+v", p.State, p.Code, p.Detection.Mailbox, len(p.Intents), tt.state, tt.code, tt.host, tt.intents, p)
			}
			if !strings.Contains(p.Hint, tt.hint) || tt.hint == "" && p.Hint != "" && p.Code != connect.CodeNoKey && p.Code != connect.CodeGuessedHost {
				t.Errorf("hint %q, want %q", p.Hint, tt.hint)
			}
			if (p.State == connect.PromptNeeded) != (len(p.Steps) > 0 && p.Page != "") || p.Text == "" {
				t.Errorf("steps %q at %q, text %q", p.Steps, p.Page, p.Text)
			}
			if got := p.DKIMStatus(true); got != tt.status {
				t.Errorf("dkim_status: got %q, want %q", got, tt.status)
			}
			if got := p.DKIMStatus(false); got != entri.StatusExempt {
				t.Errorf("dkim_status where it is off: got %q", got)
			}
			stable(t, p)
		})
	}
}

func stable(t *testing.T, p connect.Prompt) {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back connect.Prompt
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, back); diff != "" {
		t.Errorf("through JSON (-before +after):\n%s", diff)
	}
	if strings.Contains(string(data), "11qYAYKx") {
		t.Errorf("key data in %s", data)
	}
}

// TestDKIMPromptUnknown: what DNS does not answer is never said to be missing.
func TestDKIMPromptUnknown(t *testing.T) {
	for _, tt := range []struct {
		name  string
		mx    string
		fault verifytest.Fault
		state connect.PromptState
		code  connect.PromptCode
	}{
		{"the selector", "@ IN MX 1 smtp.google.com.", verifytest.Fault{Rcode: "SERVFAIL", Only: "google._domainkey.customer.example"}, connect.PromptUnknown, connect.CodeDNSFailed},
		{"one of three", "@ IN MX 1 in1-smtp.messagingengine.com.", verifytest.Fault{Rcode: "SERVFAIL", Only: "fm2._domainkey.customer.example"}, connect.PromptUnknown, connect.CodeDNSFailed},
		{"everything", "@ IN MX 1 smtp.google.com.", verifytest.Fault{Rcode: "SERVFAIL"}, connect.PromptUnknown, connect.CodeDNSFailed},
		{"a selector of an unknown host", "@ IN MX 1 mail", verifytest.Fault{Rcode: "SERVFAIL", Only: "zmail._domainkey.customer.example"}, connect.PromptUnknown, connect.CodeDNSFailed},
		{
			"whether it is a wildcard", "@ IN MX 1 smtp.google.com.\n*._domainkey IN TXT \"" + goodKey + `"`,
			verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"},
			connect.PromptUnknown, connect.CodeDNSFailed,
		},
		{"in which zone the records belong", "@ IN MX 1 in1-smtp.messagingengine.com.", verifytest.Fault{Rcode: "SERVFAIL", Only: "_domainkey.customer.example"}, connect.PromptUnknown, connect.CodeDNSFailed},
		{"the other selectors", "@ IN MX 1 smtp.google.com.", verifytest.Fault{Rcode: "SERVFAIL", Only: "_domainkey.customer.example"}, connect.PromptNeeded, connect.CodeNoKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, w := mailWorld(t, tt.mx)
			w.Server("ns1").SetFault(tt.fault)
			p := prompt(t, e)
			if p.State != tt.state || p.Code != tt.code || len(p.Intents) > 0 {
				t.Errorf("got %+v, want %s, %s and nothing to set", p, tt.state, tt.code)
			}
			if p.State == connect.PromptUnknown && (strings.Contains(p.Text, "missing") || strings.Contains(p.Text, "not set up") || !strings.Contains(p.Text, "no answer")) {
				t.Errorf("text %q", p.Text)
			}
			if p.State == connect.PromptNeeded && !strings.Contains(p.Hint, "no answer about other selectors") {
				t.Errorf("hint %q", p.Hint)
			}
			if got := p.DKIMStatus(true); got != entri.StatusPending {
				t.Errorf("dkim_status %q, want pending", got)
			}
		})
	}
}

// TestDKIMPromptDelegated: where another zone has the names of all keys, the prompt says so and plans nothing, as the planner
// would have nothing to write.
func TestDKIMPromptDelegated(t *testing.T) {
	const ns = "_domainkey IN NS ns1.customer.example."
	for _, tt := range []struct {
		name, mx string
		code     connect.PromptCode
		where    func(connect.Prompt) string
	}{
		{"records that can be computed", "@ IN MX 10 in1-smtp.messagingengine.com.", connect.CodeDelegated, func(p connect.Prompt) string { return p.Text + strings.Join(p.Steps, "") }},
		{"records of the host's own", "@ IN MX 1 smtp.google.com.", connect.CodeOtherKey, func(p connect.Prompt) string { return p.Hint }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := mailZones(t, map[string][]string{"_domainkey.customer.example": {`other IN TXT "` + goodKey + `"`}}, tt.mx, ns)
			p := prompt(t, e)
			if p.State != connect.PromptNeeded || p.Code != tt.code || len(p.Intents) > 0 || len(p.Steps) == 0 || p.Page == "" {
				t.Errorf("got %+v, want needed, %s, with steps and nothing to set", p, tt.code)
			}
			if got := tt.where(p); !strings.Contains(got, "_domainkey.customer.example is a zone of its own, at the name servers ns1.customer.example") {
				t.Errorf("where the records go: %q", got)
			}
			if tt.code == connect.CodeDelegated && !slices.ContainsFunc(p.Steps, func(s string) bool {
				return strings.Contains(s, "CNAME record at fm2._domainkey.customer.example with the value fm2.customer.example.dkim.fmhosted.com")
			}) {
				t.Errorf("steps %q", p.Steps)
			}
			stable(t, p)
		})
	}
}

// TestDKIMPromptLongTXT: MX records of a gateway that are answered do not make up for TXT records that are not: these are too long
// for UDP, and nobody answers over TCP.
func TestDKIMPromptLongTXT(t *testing.T) {
	records := []string{"@ IN MX 1 mx0a-1.pphosted.com.", `@ IN TXT "v=spf1 include:_spf.google.com -all"`}
	for i := range 20 {
		records = append(records, fmt.Sprintf(`@ IN TXT "%d %s"`, i, strings.Repeat("x", 200)))
	}
	_, w := mailWorld(t, records...)
	w.Server("ns1").SetFault(verifytest.Fault{NoTCP: true})
	e, err := connect.New(connect.Options{Verify: verify.Options{Start: w.Start(), Map: w.Map, Timeout: 100 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	if p := prompt(t, e); p.State != connect.PromptUnknown || !p.Detection.Failed {
		t.Errorf("got %+v, want unknown", p)
	}
}

// TestDKIMPromptDiagnosed: a selector that does not exist shows that no wildcard answers for the others, though the probe for one
// fails; a few keys that are alike do not show that one does. The prompt and the diagnosis say the same of a key.
func TestDKIMPromptDiagnosed(t *testing.T) {
	const fastmail, key = "@ IN MX 10 in1-smtp.messagingengine.com.", ` IN TXT "` + goodKey + `"`
	for _, tt := range []struct {
		name      string
		records   []string
		prompt    connect.PromptState
		key       connect.KeyStatus
		diagnosis dkim.State
	}{
		{"one key of three", []string{fastmail, "fm1._domainkey" + key}, connect.PromptPlanned, connect.KeyUsable, dkim.StateValid},
		{"one alias of three", []string{fastmail, "fm1._domainkey IN CNAME fm1.customer.example.dkim.fmhosted.com."}, connect.PromptPlanned, connect.KeyUsable, dkim.StateValid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, w := mailWorld(t, tt.records...)
			w.Server("ns1").SetFault(verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"})
			p := prompt(t, e)
			if p.State != tt.prompt || len(p.Keys) != 3 || p.Keys[0].Status != tt.key {
				t.Errorf("prompt: got %s, %+v, want %s, %s", p.State, p.Keys, tt.prompt, tt.key)
			}
			d, err := e.Diagnose(t.Context(), "customer.example")
			if err != nil || len(d.DKIM.Keys) != 1 || d.DKIM.Keys[0].State != string(tt.diagnosis) {
				t.Errorf("diagnosis: got %+v, %v, want %s", d.DKIM.Keys, err, tt.diagnosis)
			}
		})
	}
	t.Run("three keys alike", func(t *testing.T) {
		e, w := mailWorld(t, fastmail, "fm1._domainkey"+key, "fm2._domainkey"+key, "fm3._domainkey"+key)
		w.Server("ns1").SetFault(verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"})
		if p := prompt(t, e); p.State != connect.PromptUnknown {
			t.Errorf("got %s, %+v, want unknown: they may be a wildcard's or not", p.State, p.Keys)
		}
	})
}

func TestDKIMPromptRefuses(t *testing.T) {
	e, _ := mailWorld(t)
	if _, err := e.DKIMPrompt(t.Context(), connect.Site{}); err == nil || !strings.Contains(err.Error(), "no domain") {
		t.Errorf("no domain: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := e.DKIMPrompt(ctx, connect.Site{Domain: customer}); err == nil {
		t.Errorf("after its end: got %+v, want an error", p)
	}
}

// TestPromptIsPrepared: what a prompt plans is what the walk writes, and then DKIM is there.
func TestPromptIsPrepared(t *testing.T) {
	e, w := mailWorld(t, "@ IN MX 10 in1-smtp.messagingengine.com.")
	site, err := e.Detect(t.Context(), "customer.example")
	if err != nil {
		t.Fatal(err)
	}
	first := prompt(t, e)
	p, err := e.Prepare(t.Context(), site, nil, first.Intents)
	if err != nil || p.Status != plan.Ready {
		t.Fatalf("got %v, status %q; %s", err, p.Status, p.Text())
	}
	w.Change(customer, p.ZoneChanges()...)
	if now := prompt(t, e); now.State != connect.PromptPresent {
		t.Errorf("after the plan: got %+v, want present", now)
	}
}

// TestFactsMailbox: the facts name every host that is sure, and its SPF terms as the customer has them.
func TestFactsMailbox(t *testing.T) {
	for _, tt := range []struct {
		name      string
		records   []string
		host, spf string
	}{
		{"Fastmail", []string{"@ IN MX 10 in2-smtp.messagingengine.com."}, "fastmail", ""},
		{"Zoho", []string{"@ IN MX 10 mx.zoho.com."}, "zoho", ""},
		{"Zoho of a region", []string{"@ IN MX 10 mx.zoho.in.", `@ IN TXT "v=spf1 include:zoho.in -all"`, `@ IN TXT "other"`}, "zoho", "include:zoho.in"},
		{"Zoho of a region, by its MX", []string{"@ IN MX 10 mx.zoho.eu.", "@ IN MX 20 mx2.zoho.eu."}, "zoho", "include:zoho.eu"},
		{"Zoho of Canada, by its MX", []string{"@ IN MX 10 mx.zohocloud.ca.", `@ IN TXT "v=spf1 include:other.example -all"`}, "zoho", "include:zohocloud.ca"},
		{"Zoho of a region, with an SPF record for another", []string{"@ IN MX 10 mx.zoho.com.au.", `@ IN TXT "v=spf1 include:zoho.com -all"`}, "zoho", "include:zoho.com.au"},
		{"Zoho of the US", []string{"@ IN MX 20 mx2.zoho.com."}, "zoho", ""},
		{"Zoho as Entri has it", []string{"@ IN MX 10 mx.zoho.com.", `@ IN TXT "v=spf1 include:zoho.com -all"`}, "zoho", ""},
		{"IONOS of a region", []string{"@ IN MX 10 mx00.ionos.de.", `@ IN TXT "v=spf1 include:_spf-eu.ionos.com ~all"`}, "ionos", "include:_spf-eu.ionos.com"},
		{"behind a gateway", []string{"@ IN MX 10 a.mimecast.com.", `@ IN TXT "v=spf1 include:_spf.google.com -all"`}, "google-workspace", ""},
		{"a guess is no fact", []string{"@ IN MX 10 mail", `@ IN TXT "v=spf1 include:_spf.google.com -all"`}, "", ""},
		{"a program's MX", []string{"@ IN MX 10 inbound-smtp.eu-west-1.amazonaws.com."}, "", ""},
		{"null MX", []string{"@ IN MX 0 ."}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := mailWorld(t, tt.records...)
			f := e.Facts(t.Context(), connect.Site{Name: customer, Domain: customer})
			if f.MailboxHost != tt.host || f.MailboxSPF != tt.spf {
				t.Errorf("got %q, %q, want %q, %q", f.MailboxHost, f.MailboxSPF, tt.host, tt.spf)
			}
		})
	}
}

// TestFactsTaken: enableDkim writes over nobody's key, and not where DNS gives no answer.
func TestFactsTaken(t *testing.T) {
	const fastmail = "@ IN MX 10 in1-smtp.messagingengine.com."
	const tuta, sender = "@ IN MX 10 mail.tutanota.de.", "s1._domainkey IN CNAME key.elsewhere.example."
	for _, tt := range []struct {
		name    string
		records []string
		fault   verifytest.Fault
		want    []string
		intents int
	}{
		{"nothing stands there", []string{tuta}, verifytest.Fault{}, nil, 2},
		{"it stands there", []string{tuta, "s1._domainkey IN CNAME s1.domainkey.tutanota.de."}, verifytest.Fault{}, nil, 2},
		{"another sender's", []string{tuta, sender}, verifytest.Fault{}, []string{"s1"}, 1},
		{"another sender's key", []string{tuta, `s2._domainkey IN TXT "` + goodKey + `"`}, verifytest.Fault{}, []string{"s2"}, 1},
		{"a revoked key", []string{tuta, `s2._domainkey IN TXT "v=DKIM1; p="`}, verifytest.Fault{}, []string{"s2"}, 1},
		{"a copy of the host's key", []string{fastmail, `fm1._domainkey IN TXT "` + goodKey + `"`}, verifytest.Fault{}, []string{"fm1"}, 2},
		{"another way to the host's keys, which works", []string{fastmail, "fm1._domainkey IN CNAME fm2.customer.example.dkim.fmhosted.com."}, verifytest.Fault{}, []string{"fm1"}, 2},
		{"another way to the host's keys, which does not", []string{fastmail, "fm1._domainkey IN CNAME revoked.dkim.fmhosted.com."}, verifytest.Fault{}, nil, 3},
		{
			"what may be a wildcard's",
			[]string{tuta, "s1._domainkey IN CNAME s1.domainkey.tutanota.de.", "s2._domainkey IN CNAME s2.domainkey.tutanota.de."},
			verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"},
			[]string{"s1", "s2"},
			0,
		},
		{
			"what is no wildcard's, as another selector does not exist",
			[]string{tuta, "s1._domainkey IN CNAME s1.domainkey.tutanota.de."},
			verifytest.Fault{Rcode: "SERVFAIL", Only: "mooring-no-such-selector._domainkey.customer.example"},
			nil,
			2,
		},
		{"no answer", []string{tuta}, verifytest.Fault{Rcode: "SERVFAIL", Only: "s1._domainkey.customer.example"}, []string{"s1"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, w := mailWorld(t, tt.records...)
			w.Server("ns1").SetFault(tt.fault)
			f := e.Facts(t.Context(), connect.Site{Name: customer, Domain: customer})
			if !slices.Equal(f.MailboxTaken, tt.want) {
				t.Errorf("%s: got taken %q, want %q", f.MailboxHost, f.MailboxTaken, tt.want)
			}
			want, err := entri.Config{EnableDKIM: true, SupportForSubdomains: true}.Intents(entri.HostOptions{}, f)
			if err != nil || len(want) != tt.intents {
				t.Errorf("got %v, %v, want %d records to set", want, err, tt.intents)
			}
		})
	}
}

// TestDetectMailboxAsks: an engine looks up what the detection asks for, until nothing more would tell.
func TestDetectMailboxAsks(t *testing.T) {
	e, _ := mailWorld(t, "@ IN MX 10 mail", "selector2._domainkey IN CNAME selector2-customer-example._domainkey.tenant.onmicrosoft.com.")
	d := prompt(t, e).Detection
	if d.Mailbox != "microsoft365" || d.Confidence != dkim.Low || len(d.Probe) > 0 {
		t.Errorf("got %+v, want Microsoft by its selector, and nothing left to ask", d)
	}
	if !slices.ContainsFunc(d.Evidence, func(s string) bool { return strings.Contains(s, "selector2 leads to Microsoft 365") }) {
		t.Errorf("evidence %q", d.Evidence)
	}
}

func ExampleEngine_DKIMPrompt() {
	w, err := verifytest.Start(verifytest.Options{Text: []string{
		"customer.example." + soa + "customer.example. 60 IN NS ns1.customer.example.\nns1.customer.example. 60 IN A 127.0.0.1\n" +
			"customer.example. 60 IN MX 10 in1-smtp.messagingengine.com.\n",
	}})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	eng, err := connect.New(connect.Options{Verify: verify.Options{Start: w.Start(), Map: w.Map}})
	if err != nil {
		panic(err)
	}
	p, err := eng.DKIMPrompt(context.Background(), connect.Site{Domain: "customer.example"})
	fmt.Println(p.State, p.Text, err)
	for _, in := range p.Intents {
		fmt.Println(in.Kind, in.Host, in.Value)
	}
	fmt.Println(p.DKIMStatus(true))
	// Output:
	// planned DKIM for customer.example at Fastmail is not complete; what is missing (3 of 3 records) can be computed and set. <nil>
	// CNAME fm1._domainkey fm1.customer.example.dkim.fmhosted.com
	// CNAME fm2._domainkey fm2.customer.example.dkim.fmhosted.com
	// CNAME fm3._domainkey fm3.customer.example.dkim.fmhosted.com
	// pending
}
