package entri_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

var update = flag.Bool("update", false, "rewrite the want files of the stories in testdata/lower")

// situation is what a configuration is lowered for.
type situation struct {
	Host  entri.HostOptions
	Facts entri.Facts
}

// TestLower runs the stories: a configuration, a situation, and what it asks
// of DNS or what is wrong.
func TestLower(t *testing.T) {
	files, err := filepath.Glob("testdata/lower/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			story, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string][]byte{}
			for _, f := range story.Files {
				parts[f.Name] = f.Data
			}
			got := lower(t, parts["config.json"], parts["situation.json"])
			if *update {
				story.Files = slices.DeleteFunc(story.Files, func(f txtar.File) bool { return f.Name == "want" })
				story.Files = append(story.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(story), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(parts["want"]), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// lower prints one line for each intent, or the error.
func lower(t *testing.T, config, where []byte) string {
	t.Helper()
	var s situation
	if err := json.Unmarshal(where, &s); len(where) > 0 && err != nil {
		t.Fatalf("situation.json: %v", err)
	}
	c, err := entri.Parse(config)
	if err != nil {
		return "parse:\n" + err.Error() + "\n"
	}
	lowered, err := c.Lower(s.Host, s.Facts)
	if err != nil {
		return "lower:\n" + err.Error() + "\n"
	}
	if bare, err := c.Intents(s.Host, s.Facts); err != nil || !cmp.Equal(bare, entri.Bare(lowered)) {
		t.Errorf("Intents gives %v, %v; Lower gives %v", bare, err, lowered)
	}
	var b strings.Builder
	for _, l := range lowered {
		fmt.Fprintf(&b, "%s: %s", l.Path, line(l.Intent))
		if l.Intent.Optional {
			b.WriteString(" optional")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func line(in plan.Intent) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %d", in.Kind, in.Host, in.TTL)
	if in.Kind == plan.KindMX {
		fmt.Fprintf(&b, " %d", in.Priority)
	}
	if in.Kind == plan.KindCAA {
		fmt.Fprintf(&b, " %d %s", in.Flag, in.Tag)
	}
	fmt.Fprintf(&b, " %q", in.Value)
	if in.Fallback != "" {
		fmt.Fprintf(&b, " else %q", in.Fallback)
	}
	if in.Override {
		b.WriteString(" override")
	}
	if in.DMARC != nil {
		fmt.Fprintf(&b, " edit %+v", *in.DMARC)
	}
	return b.String()
}

// TestWalk lowers the worked example. Its configuration is plain JSON, for it
// is what a service would send.
func TestWalk(t *testing.T) {
	data, err := os.ReadFile("testdata/walk.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := entri.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Intents(entri.HostOptions{}, entri.Facts{})
	if err != nil {
		t.Fatal(err)
	}
	long, short := c.Records.List[4].Value, c.Records.List[4].FallbackValue
	want := []plan.Intent{
		ttl(300, plan.CNAME("www", "edge.app.example")),
		ttl(600, plan.A("app", "198.51.100.7")),
		ttl(600, plan.AAAA("app", "2001:db8::7")),
		ttl(300, plan.SPF("@", "v=spf1 include:_spf.app.customer.example ~all")),
		ttl(300, plan.DKIM("s1._domainkey", long, short)),
		ttl(1800, plan.CNAME("k2._domainkey", "k2.dkim.app.example")),
		ttl(300, plan.TXT("_app-verify.shop", "token-for-customer-example")),
		ttl(3600, plan.CAA("@", "issue", "pki.app.example")),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(long) != 410 || len(short) != 234 {
		t.Errorf("the keys have %d and %d characters, want 410 and 234", len(long), len(short))
	}
	if c.ApplicationID != "walk" || c.Token != "unused" || c.UserID != "user-123456" {
		t.Errorf("applicationId %q, token %q, userId %q", c.ApplicationID, string(c.Token), c.UserID)
	}
}

func ttl(seconds uint32, in plan.Intent) plan.Intent {
	in.TTL = seconds
	return in
}

// TestLocate lets the planner refuse an intent and wants the field named.
func TestLocate(t *testing.T) {
	c, err := entri.Parse([]byte(`{"applicationId": "a", "dnsRecords": [
		{"type": "A", "host": "ok", "value": "192.0.2.1", "ttl": 300},
		{"type": "TXT", "host": "www.other.example.", "value": "x", "ttl": 300}]}`))
	if err != nil {
		t.Fatal(err)
	}
	lowered, err := c.Lower(entri.HostOptions{}, entri.Facts{Domain: "customer.example"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = plan.New(plan.Request{
		Domain: "customer.example", Snapshot: zone.NewSnapshot("customer.example", nil), Intents: entri.Bare(lowered),
	})
	got := fmt.Sprint(entri.Locate(lowered, err))
	if want := `entri: dnsRecords[1].host "www.other.example.": `; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s…", got, want)
	}
	if got := entri.Locate(lowered, os.ErrNotExist); !errors.Is(got, os.ErrNotExist) {
		t.Errorf("an error of somebody else became %v", got)
	}
}

// TestLocateKeepsKeysSecret: a private key that stands where a record or a text belongs is not repeated.
func TestLocateKeepsKeysSecret(t *testing.T) {
	secret := "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQ" + strings.Repeat("C7vbqajDw4o6gJy8", 4) // the begin of PKCS #8
	for name, value := range map[string]string{"a record": "v=DKIM1; k=rsa; p=" + secret, "without tags": secret, "PEM": "-----BEGIN PRIVATE KEY-----" + secret} {
		t.Run(name, func(t *testing.T) {
			c, err := entri.Parse(fmt.Appendf(nil, `{"applicationId": "a", "dnsRecords": [{"type": "TXT", "host": "s1._domainkey", "value": %q, "ttl": 300}]}`, value))
			var lowered []entri.Lowered
			if err == nil {
				lowered, err = c.Lower(entri.HostOptions{}, entri.Facts{Domain: "customer.example"})
			}
			if err == nil { // it looks like any other text
				_, err = plan.New(plan.Request{Domain: "customer.example", Snapshot: zone.NewSnapshot("customer.example", nil), Intents: entri.Bare(lowered)})
			}
			got := fmt.Sprint(entri.Locate(lowered, err))
			if !strings.HasPrefix(got, "entri: dnsRecords[0].value: ") || !strings.Contains(got, "private key") || strings.Contains(got, secret[20:40]) {
				t.Errorf("got %.300s", got)
			}
			lowered = []entri.Lowered{{Intent: plan.TXT("s1._domainkey", value), Path: "dnsRecords[0]"}}
			for _, in := range []*plan.InputError{{Field: "value", Value: value, Reason: "x"}, {Field: "fallback", Value: value, Reason: "x"}} {
				if got := fmt.Sprint(entri.Locate(lowered, in)); strings.Contains(got, secret[20:40]) {
					t.Errorf("%s: got %.300s", in.Field, got)
				}
			}
		})
	}
}
