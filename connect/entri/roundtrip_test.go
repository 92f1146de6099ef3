package entri_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestRoundTrip prints any configuration and reads it again.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyConfig(t)
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var again entri.Config
		if err := json.Unmarshal(data, &again); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("(-want +got)\n%s\n%s", diff, data)
		}
	})
}

var text = rapid.Custom(func(t *rapid.T) string {
	s := rapid.String().Draw(t, "text")
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\ufffd", ""), "")
})

func maybe[T any](t *rapid.T, g *rapid.Generator[T]) *T {
	if !rapid.Bool().Draw(t, "there") {
		return nil
	}
	return new(g.Draw(t, "value"))
}

func anyMap(t *rapid.T) map[string]string {
	m := rapid.MapOfN(text, text, 0, 3).Draw(t, "map")
	if len(m) == 0 {
		return nil
	}
	return m
}

func anyRecord(t *rapid.T) entri.Record {
	r := entri.Record{
		Type:           rapid.SampledFrom(entri.Types()).Draw(t, "type"),
		Host:           text.Draw(t, "host"),
		Value:          text.Draw(t, "value"),
		TTL:            rapid.Uint32Range(0, entri.MaxTTL).Draw(t, "ttl"),
		Priority:       maybe(t, rapid.Uint16()),
		FallbackValue:  text.Draw(t, "fallback"),
		Flag:           rapid.Uint8().Draw(t, "flag"),
		Tag:            text.Draw(t, "tag"),
		SSL:            rapid.Bool().Draw(t, "ssl"),
		ApplicationURL: text.Draw(t, "app"),
		RedirectTo:     text.Draw(t, "redirect"),
		Optional:       rapid.Bool().Draw(t, "optional"),
		Monitor:        maybe(t, rapid.Bool()),
	}
	if rapid.Bool().Draw(t, "override") {
		r.DMARCOverride = &entri.DMARCOverride{P: text.Draw(t, "p"), RUA: text.Draw(t, "rua"), RUF: text.Draw(t, "ruf")}
	}
	if rapid.Bool().Draw(t, "advanced") {
		r.AdvancedDMARC = &entri.AdvancedDMARC{InheritRootDMARC: rapid.Bool().Draw(t, "inherit"), OverrideTags: anyMap(t), AddTagsIfNotExist: anyMap(t)}
	}
	return r
}

func anyRecords(t *rapid.T) (out entri.Records) {
	list := rapid.SliceOfN(rapid.Custom(anyRecord), 0, 3)
	switch rapid.IntRange(0, 3).Draw(t, "shape") {
	case 1:
		out.List = list.Draw(t, "list")
	case 2:
		out.RootNS, out.Domain, out.SubDomain = list.Draw(t, "rootNS"), list.Draw(t, "domain"), list.Draw(t, "subDomain")
	case 3:
		out.ByDomain = rapid.MapOfN(rapid.StringMatching(`[a-z]{1,9}\.[a-z]{2,9}`), list, 1, 3).Draw(t, "by domain")
	}
	return out
}

func anyConfig(t *rapid.T) entri.Config {
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	c := entri.Config{
		ApplicationID: text.Draw(t, "id"), Token: entri.Token(text.Draw(t, "token")), Records: anyRecords(t),
		PrefilledDomain: rapid.SampledFrom([]entri.Names{nil, {"a.example"}, {"a.example", "b.example"}}).Draw(t, "prefilled"),
		Domain:          text.Draw(t, "domain"), Subdomain: text.Draw(t, "subdomain"), DefaultSubdomain: text.Draw(t, "default"),
		SupportForSubdomains: flag("support"), ForceSubdomain: flag("force"), HostRequired: flag("required"),
		UserID: text.Draw(t, "user"), Locale: rapid.SampledFrom(entri.Locales()).Draw(t, "locale"), ApplicationName: text.Draw(t, "name"),
		ForceManualSetup: flag("manual"), ManualSetupDocumentation: text.Draw(t, "docs"), EnableDKIM: flag("dkim"),
		WWWRedirect: flag("www"), SecureRootDomain: flag("secure"), Power: flag("power"), ApplicationURL: text.Draw(t, "url"),
		Monitor: maybe(t, rapid.Bool()), OverrideSPF: flag("spf"), ValidateDMARC: flag("dmarc"), ConflictingDMARC: flag("conflicting"),
		ValidateCAA: flag("caa"), CheckConflicts: flag("conflicts"), FreeDomain: flag("free"), DisableConnect: flag("disable"),
		DebugMode: flag("debug"), UseNewUI: flag("ui"), IframeSandbox: flag("sandbox"), SearchType: text.Draw(t, "search"),
	}
	c.WhiteLabel = entri.WhiteLabel{HideEntriLogo: flag("logo"), Logo: text.Draw(t, "logo"), Theme: entri.Theme{BG: text.Draw(t, "bg")}}
	c.WhiteLabel.CustomCopy.InitialScreen.Title = anyMap(t)
	return c
}

// FuzzParse wants a configuration that is accepted to print as one that means
// the same, and everything that it asks for to be something a planner takes.
func FuzzParse(f *testing.F) {
	f.Add([]byte(everything))
	files, _ := filepath.Glob("testdata/lower/*.txtar")
	for _, file := range files {
		story, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(story.Files[0].Data)
	}
	for _, name := range []string{"walk.json", "whitelabel.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	host := entri.HostOptions{CNAMETarget: "edge.app.example", Servers: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := entri.Parse(data)
		if err != nil {
			for _, e := range err.(entri.Errors) { //nolint:errorlint // the documented type
				if e.Code == "" || e.Reason == "" {
					t.Fatalf("%q: %+v", data, e)
				}
			}
			return
		}
		printed, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := entri.Parse(printed)
		if diff := cmp.Diff(c, again); err != nil || diff != "" {
			t.Fatalf("%q printed as %s: %v\n%s", data, printed, err, diff)
		}
		for _, name := range []string{"customer.example", "a.b.customer.co.uk"} {
			lowered, err := c.Lower(host, entri.Facts{Domain: name, MailboxHost: "google-workspace"})
			if err != nil {
				continue
			}
			for _, l := range lowered {
				accepted(t, name, l)
			}
		}
	})
}

// accepted asks the planner whether it understands an intent by itself.
func accepted(t *testing.T, entered string, l entri.Lowered) {
	t.Helper()
	if strings.ContainsAny(l.Intent.Value+l.Intent.Host, "{}") && l.Intent.Kind != plan.KindTXT && l.Intent.Kind != plan.KindSPF {
		t.Fatalf("%s: %+v holds braces", l.Path, l.Intent)
	}
	d, err := entri.Split(entered)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := zone.Abs(l.Intent.Host, d.Domain)
	if err != nil {
		t.Fatalf("%s: %v", l.Path, err)
	}
	if !owner.Within(d.Domain) || owner.Label() == "_domainconnect" {
		return // somebody else's zone, and the one name that is never written
	}
	_, err = plan.New(plan.Request{Domain: d.Domain, Snapshot: zone.NewSnapshot(d.Domain, nil), Intents: []plan.Intent{l.Intent}})
	if in, ok := errors.AsType[*plan.InputError](err); ok && !strings.Contains(fmt.Sprint(in.Reason), "alias of itself") {
		t.Fatalf("%s: %+v: %v", l.Path, l.Intent, in)
	}
}

// FuzzLower wants what one record asks for to be something a planner takes.
func FuzzLower(f *testing.F) {
	for _, r := range []struct{ typ, host, value, fallback string }{
		{"CNAME", "{SUBDOMAIN}", "{CNAME_TARGET}", ""},
		{"A", "@", "{ENTRI_SERVERS}", ""},
		{"AAAA", "x.{SUBDOMAIN}.y", "2001:DB8::1", ""},
		{"TXT", "@", "v=spf1 {emailProviderSPF} include:%{d}.x.example ~all", ""},
		{"TXT", "s1._domainkey", "v=DKIM1; k=rsa; p=MIIB", "p=MIGf"},
		{"MX", "mail", "mx.{DOMAIN}.", ""},
		{"CAA", "@", `0 issue "pki.app.example"`, ""},
		{"CAA", "@", `0 iodef "mailto:a@app.example"`, ""},
		{"NS", "zone.{DOMAIN}.", "ns-{SLD}", ""},
	} {
		f.Add(r.typ, r.host, r.value, r.fallback, "shop.customer.co.uk")
		f.Add(r.typ, r.host, r.value, r.fallback, "Bücher.example")
	}
	host := entri.HostOptions{CNAMETarget: "edge.app.example", Servers: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}}
	f.Fuzz(func(t *testing.T, typ, owner, value, fallback, entered string) {
		c := entri.Default()
		c.HostRequired = len(entered)%2 == 0
		c.Records.List = []entri.Record{{Type: typ, Host: owner, Value: value, FallbackValue: fallback, TTL: 300, Priority: new(uint16(0))}}
		lowered, err := c.Lower(host, entri.Facts{Domain: entered, MailboxHost: "zoho"})
		if err != nil {
			if _, ok := errors.AsType[entri.Errors](err); !ok {
				t.Fatalf("got %T", err)
			}
			return
		}
		for _, l := range lowered {
			accepted(t, entered, l)
		}
	})
}
