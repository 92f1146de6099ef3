package entri_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/entri"
)

// TestDefaults has the default of every field from the tables of the API
// reference, where it is not the zero value.
func TestDefaults(t *testing.T) {
	c, err := entri.Parse([]byte(`{"applicationId": "a", "dnsRecords": {"type": "A", "host": "@", "value": "192.0.2.1", "ttl": 300}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := entri.Config{
		ApplicationID:        "a",
		SupportForSubdomains: true,
		HostRequired:         true,
		Locale:               "en",
		Records:              entri.Records{List: []entri.Record{{Type: "A", Host: "@", Value: "192.0.2.1", TTL: 300}}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	null, err := entri.Parse([]byte(`{"applicationId": "a", "dnsRecords": {"type": "A", "host": "@", "value": "192.0.2.1", "ttl": 300, "priority": null},
		"supportForSubdomains": null, "hostRequired": null, "locale": null, "whiteLabel": null, "monitor": null, "prefilledDomain": null}`))
	if diff := cmp.Diff(want, null); err != nil || diff != "" {
		t.Errorf("null is not the same as nothing: %v\n%s", err, diff)
	}
}

// everything has each field with another value than its default.
const everything = `{
  "applicationId": "app", "token": "ey.J", "userId": "u", "applicationName": "App", "locale": "pt-BR",
  "prefilledDomain": "shop.customer.example", "domain": "shop.customer.example", "subdomain": "www",
  "defaultSubdomain": "shop", "supportForSubdomains": true, "forceSubdomain": true, "hostRequired": false,
  "forceManualSetup": true, "manualSetupDocumentation": "https://example.com/docs/dns-setup", "enableDkim": true,
  "wwwRedirect": true, "secureRootDomain": true, "power": true, "applicationUrl": "my.applicationurl.com", "monitor": false,
  "overrideSPF": true, "validateDmarc": true, "conflictingDmarc": true, "validateCAA": true, "checkConflicts": true,
  "freeDomain": true, "disableConnect": true, "debugMode": true,
  "useNewUI": true, "iframeSandbox": true, "searchType": "exact",
  "npm": true, "npmVersion": "1.4.0", "unknown": {"a": 1, "a": 2},
  "dnsRecords": [
    {"type": "txt", "host": "_dmarc", "value": "v=DMARC1; p=none", "ttl": 300,
     "ssl": true, "applicationUrl": "https://my.applicationurl.com/path", "redirectTo": "shops.example.com", "optional": true, "monitor": true,
     "dmarcOverride": {"p": "reject", "rua": "mailto:a@app.example", "ruf": "mailto:f@app.example"},
     "advancedDmarcOptions": {"inheritRootDmarc": true, "overrideTags": {"pct": 50}, "removeTags": ["sp"], "addTagsIfNotExist": {"adkim": "s"}}},
    {"type": "MX", "host": "@", "value": "mx.app.example", "ttl": "600", "priority": "10"},
    {"type": "CAA", "host": "@", "value": "pki.app.example", "ttl": 600, "flag": 128, "tag": "issue"},
    {"type": "TXT", "host": "_app", "value": "long", "ttl": 600, "fallbackValue": "short"}
  ],
  "whiteLabel": {
    "hideEntriLogo": true, "hideConfetti": true, "hideLinkSharingConfirmation": true, "logo": "https://app.example/logo.svg",
    "logoBackgroundColor": "#444444", "removeLogoBorder": true, "removeShareLogin": true, "skipCongratulationsScreen": true,
    "theme": {"fg": "#fff", "bg": "#fa7268", "links": "#0000ee80", "colors": {"ignored": true}},
    "customCopy": {
      "initialScreen": {"title": {"en": "T", "es": "Tí"}, "subTitle": {"en": "S"}},
      "manuallyScreen": {"disableManualSetupDocumentationLink": true, "stepByStepGuide": {"en": "<link>G</link>"}}
    }
  }
}`

func everyField() entri.Config {
	return entri.Config{
		ApplicationID: "app", Token: "ey.J", UserID: "u", ApplicationName: "App", Locale: "pt-BR",
		PrefilledDomain: entri.Names{"shop.customer.example"}, Domain: "shop.customer.example", Subdomain: "www",
		DefaultSubdomain: "shop", SupportForSubdomains: true, ForceSubdomain: true, HostRequired: false,
		ForceManualSetup: true, ManualSetupDocumentation: "https://example.com/docs/dns-setup", EnableDKIM: true,
		WWWRedirect: true, SecureRootDomain: true, Power: true, ApplicationURL: "my.applicationurl.com", Monitor: new(false),
		OverrideSPF: true, ValidateDMARC: true, ConflictingDMARC: true, ValidateCAA: true, CheckConflicts: true,
		FreeDomain: true, DisableConnect: true, DebugMode: true,
		UseNewUI: true, IframeSandbox: true, SearchType: "exact",
		Records: entri.Records{List: []entri.Record{
			{
				Type: "TXT", Host: "_dmarc", Value: "v=DMARC1; p=none", TTL: 300,
				SSL: true, ApplicationURL: "https://my.applicationurl.com/path", RedirectTo: "shops.example.com", Optional: true, Monitor: new(true),
				DMARCOverride: &entri.DMARCOverride{P: "reject", RUA: "mailto:a@app.example", RUF: "mailto:f@app.example"},
				AdvancedDMARC: &entri.AdvancedDMARC{
					InheritRootDMARC: true, OverrideTags: map[string]string{"pct": "50"},
					RemoveTags: []string{"sp"}, AddTagsIfNotExist: map[string]string{"adkim": "s"},
				},
			},
			{Type: "MX", Host: "@", Value: "mx.app.example", TTL: 600, Priority: new(uint16(10))},
			{Type: "CAA", Host: "@", Value: "pki.app.example", TTL: 600, Flag: 128, Tag: "issue"},
			{Type: "TXT", Host: "_app", Value: "long", TTL: 600, FallbackValue: "short"},
		}},
		WhiteLabel: entri.WhiteLabel{
			HideEntriLogo: true, HideConfetti: true, HideLinkSharingConfirmation: true, Logo: "https://app.example/logo.svg",
			LogoBackgroundColor: "#444444", RemoveLogoBorder: true, RemoveShareLogin: true, SkipCongratulationsScreen: true,
			Theme: entri.Theme{FG: "#fff", BG: "#fa7268", Links: "#0000ee80"},
			CustomCopy: entri.CustomCopy{
				InitialScreen:  entri.InitialScreen{Title: entri.Copy{"en": "T", "es": "Tí"}, SubTitle: entri.Copy{"en": "S"}},
				ManuallyScreen: entri.ManuallyScreen{DisableManualSetupDocumentationLink: true, StepByStepGuide: entri.Copy{"en": "<link>G</link>"}},
			},
		},
	}
}

func TestEveryField(t *testing.T) {
	got, err := entri.Parse([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(everyField(), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	again, err := entri.Parse(data)
	if diff := cmp.Diff(got, again); err != nil || diff != "" {
		t.Errorf("printed and read again: %v\n%s", err, diff)
	}
	// What is printed has the keys that were read, and no others.
	var before, after map[string]any
	if json.Unmarshal([]byte(everything), &before) != nil || json.Unmarshal(data, &after) != nil {
		t.Fatal("not an object")
	}
	for _, key := range []string{"npm", "npmVersion", "unknown"} {
		delete(before, key)
	}
	for key := range before {
		if _, ok := after[key]; !ok {
			t.Errorf("%s is not printed", key)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d keys printed, want %d", len(after), len(before))
	}
}

// TestShapes prints each shape of dnsRecords and prefilledDomain as Entri has
// them.
func TestShapes(t *testing.T) {
	r := []entri.Record{{Type: "A", Host: "@", Value: "192.0.2.1", TTL: 60}}
	const one = `{"type":"A","host":"@","value":"192.0.2.1","ttl":60}`
	for _, c := range []struct {
		value any
		want  string
	}{
		{entri.Records{List: r}, `[` + one + `]`},
		{entri.Records{Domain: r, RootNS: r, SubDomain: r}, `{"domain":[` + one + `],"rootNS":[` + one + `],"subDomain":[` + one + `]}`},
		{entri.Records{ByDomain: map[string][]entri.Record{"a.example": r}}, `{"a.example":[` + one + `]}`},
		{entri.Names{"a.example"}, `"a.example"`},
		{entri.Names{"a.example", "b.example"}, `["a.example","b.example"]`},
		{entri.Default(), `{"supportForSubdomains":true,"hostRequired":true,"locale":"en"}`},
	} {
		got, err := json.Marshal(c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("got %s, %v\nwant %s", got, err, c.want)
		}
	}
}

// TestWhiteLabelSample reads the reference's sample as it stands; that its
// logo is a placeholder shows only when it is checked.
func TestWhiteLabelSample(t *testing.T) {
	data, err := os.ReadFile("testdata/whitelabel.json")
	if err != nil {
		t.Fatal(err)
	}
	var c entri.Config
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	want := entri.Default()
	want.WhiteLabel = entri.WhiteLabel{
		HideEntriLogo: true, HideConfetti: true, Logo: "LOGO_URL", LogoBackgroundColor: "#444444", RemoveLogoBorder: true,
		Theme: entri.Theme{FG: "#fff", BG: "#fa7268"},
		CustomCopy: entri.CustomCopy{
			InitialScreen: entri.InitialScreen{
				Title:    entri.Copy{"en": "Custom title", "es": "Título custom"},
				SubTitle: entri.Copy{"en": "Custom subtitle", "es": "Subtítulo custom"},
			},
			ManuallyScreen: entri.ManuallyScreen{
				DisableManualSetupDocumentationLink: true,
				StepByStepGuide:                     entri.Copy{"en": "Follow our <link>step-by-step</link> guide", "es": "Sigue nuestra guía <link>paso-a-paso</link>"},
			},
		},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	c.ApplicationID, c.DisableConnect = "a", true
	const text = `entri: whiteLabel.logo "LOGO_URL": no https URL; the logo is loaded by a page that is served with https`
	if err := c.Validate(); fmt.Sprint(err) != text {
		t.Errorf("got %v, want %s", err, text)
	}
}

func TestTokenStaysSecret(t *testing.T) {
	c := entri.Config{Token: "ey.secret.J"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if got := fmt.Sprintf(format, c); strings.Contains(got, "secret") {
			t.Errorf("%s prints %s", format, got)
		}
	}
	_, err := entri.Parse([]byte(`{"token": ["ey.secret.J"], "dnsRecords": "ey.secret.J"}`))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// TestAllProblems wants every problem in one error, single ones within reach.
func TestAllProblems(t *testing.T) {
	_, err := entri.Parse([]byte(`{"power": "yes", "dnsRecords": [{"type": "A", "host": "@", "value": "192.0.2.256", "ttl": -1}]}`))
	want := `entri: power: a string where true or false belongs
entri: dnsRecords[0].ttl "-1": want a whole number from 1 to 2147483647
entri: applicationId: missing; give the id of your application
entri: dnsRecords[0].value "192.0.2.256": not an IPv4 address, such as 192.0.2.1`
	if fmt.Sprint(err) != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	list, ok := errors.AsType[entri.Errors](err)
	if !ok || len(list) != 4 {
		t.Fatalf("got %T with %d problems, want Errors with 4", err, len(list))
	}
	one, ok := errors.AsType[*entri.Error](err)
	if !ok || one.Code != entri.WrongType || one.Path != "power" {
		t.Errorf("got %+v, want the first problem", one)
	}

	many := `{"applicationId": "a", "dnsRecords": [` + strings.Repeat(`{},`, 99) + `{}]}`
	_, err = entri.Parse([]byte(many))
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != 11 || lines[10] != "entri: and 390 more problems" {
		t.Errorf("got %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

// TestPartsByThemselves reads dnsRecords and one record outside a
// configuration, as a program does that keeps them.
func TestPartsByThemselves(t *testing.T) {
	var r entri.Records
	if err := json.Unmarshal([]byte(`{"domain": `+good+`}`), &r); err != nil || len(r.Domain) != 1 || r.Domain[0].TTL != 300 {
		t.Errorf("got %+v, %v", r, err)
	}
	const text = `entri: dnsRecords.domain[0].ttl: a list where a number belongs`
	if err := json.Unmarshal([]byte(`{"domain": {"ttl": []}}`), &r); fmt.Sprint(err) != text {
		t.Errorf("got %v, want %s", err, text)
	}
	var one entri.Record
	if err := json.Unmarshal([]byte(good), &one); err != nil || one.Value != "192.0.2.1" {
		t.Errorf("got %+v, %v", one, err)
	}
	if err := json.Unmarshal([]byte(`{"host": 1}`), &one); fmt.Sprint(err) != `entri: host "1": a number where a string belongs` {
		t.Errorf("got %v", err)
	}
}
