package cloudflare_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestCheck: each credential that does not do is told the precise reason, and
// nothing is written to find it out.
func TestCheck(t *testing.T) {
	user, account := cloudflaretest.AnyToken, cloudflaretest.AccountToken
	old := strings.Repeat("Old0", 10) // the form of before 2026, which does not tell users from accounts
	elsewhere := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for _, tc := range []struct {
		name   string
		token  cloudflaretest.Token
		creds  providers.Credentials
		want   providers.Code
		reason providers.Reason
		text   string
	}{
		{name: "a user's token", token: cloudflaretest.Token{Value: user}},
		{name: "an account's token", token: cloudflaretest.Token{Value: account, Account: cloudflaretest.DefaultAccount}, creds: providers.Credentials{"account_id": cloudflaretest.DefaultAccount}},
		{name: "an account's token without the account", token: cloudflaretest.Token{Value: account, Account: cloudflaretest.DefaultAccount}},
		{name: "an old token of a user", token: cloudflaretest.Token{Value: old}},
		{name: "an old token of an account", token: cloudflaretest.Token{Value: old, Account: cloudflaretest.DefaultAccount}, creds: providers.Credentials{"account_id": cloudflaretest.DefaultAccount}},
		{name: "an old token of an account without the account", token: cloudflaretest.Token{Value: old, Account: cloudflaretest.DefaultAccount}},
		{name: "no token of this host", token: cloudflaretest.Token{Value: user}, creds: providers.Credentials{"api_token": old}, want: providers.InvalidCredentials},
		{name: "disabled", token: cloudflaretest.Token{Value: user, Status: "disabled"}, want: providers.InvalidCredentials, reason: providers.ReasonExpired, text: "switched off"},
		{name: "expired", token: cloudflaretest.Token{Value: user, Status: "expired"}, want: providers.InvalidCredentials, reason: providers.ReasonExpired, text: "expired"},
		{name: "expired since", token: cloudflaretest.Token{Value: user, Expires: time.Now().Add(-time.Hour)}, want: providers.InvalidCredentials, reason: providers.ReasonExpired, text: "expired"},
		{name: "from another address", token: cloudflaretest.Token{Value: user, IPs: elsewhere}, want: providers.AccessDenied, reason: providers.ReasonAddress, text: "client IP addresses"},
		{name: "from another address, an old token", token: cloudflaretest.Token{Value: old, IPs: elsewhere}, want: providers.AccessDenied, reason: providers.ReasonAddress, text: "client IP addresses"},
		{name: "without Zone Read", token: cloudflaretest.Token{Value: user, NoZones: true}, want: providers.AccessDenied, reason: providers.ReasonScope, text: "Zone Read"},
		{name: "without DNS", token: cloudflaretest.Token{Value: user, NoDNS: true}, want: providers.AccessDenied, reason: providers.ReasonScope, text: "DNS Edit"},
		{name: "without DNS Edit", token: cloudflaretest.Token{Value: user, NoEdit: true}, want: providers.AccessDenied, reason: providers.ReasonScope, text: "not edit"},
		{name: "without DNS Edit for the first zone", token: cloudflaretest.Token{Value: user, NoEdits: []zone.Name{apex}}},
		{name: "without DNS Edit for every zone", token: cloudflaretest.Token{Value: user, NoEdits: []zone.Name{apex, second, other}}, want: providers.AccessDenied, reason: providers.ReasonScope, text: "not edit"},
		{name: "an account's token that is disabled", token: cloudflaretest.Token{Value: account, Account: cloudflaretest.DefaultAccount, Status: "disabled"}, creds: providers.Credentials{"account_id": cloudflaretest.DefaultAccount}, want: providers.InvalidCredentials, reason: providers.ReasonExpired, text: "switched off"},
		{name: "for no zone", token: cloudflaretest.Token{Value: user, Zones: []zone.Name{"gone.example"}}, want: providers.AccessDenied, reason: providers.ReasonScope, text: "no zone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPlace(t)
			p.fake.Allow(tc.token)
			p.creds = p.fake.Credentials()
			maps.Copy(p.creds, tc.creds)
			err := p.open(quick()).Check(t.Context())
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			e, ok := errors.AsType[*providers.Error](err)
			if !ok || e.Code != tc.want || e.Reason != tc.reason || !strings.Contains(err.Error(), tc.text) || p.fake.Writes() != 0 {
				t.Errorf("got %v (%+v), want %s, reason %q and %q; %d writes", err, e, tc.want, tc.reason, tc.text, p.fake.Writes())
			}
		})
	}
}

// TestCheckProbes: the zone that is asked for its records is the one that the
// token may edit, else one of which nothing is said.
func TestCheckProbes(t *testing.T) {
	entry := func(id string, permissions string) string {
		e := zoneJSON(id, "z"+id[:1]+".example", cloudflaretest.DefaultAccount, "full")
		return strings.Replace(e, `"permissions":["#dns_records:read","#dns_records:edit"]`, `"permissions":[`+permissions+`]`, 1)
	}
	const read, edit, zones = `"#dns_records:read"`, `"#dns_records:read","#dns_records:edit"`, `"#zone:read"`
	for _, tc := range []struct {
		name, first, second string
		probed              string // the identifier; empty: refused
	}{
		{"both", edit, edit, idA},
		{"the second", read, edit, idB},
		{"the second, and nothing of the first", zones, edit, idB},
		{"nothing said", "", "", idA},
		{"nothing said of the second", read, "", idB},
		{"neither", read, read, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			probed := ""
			l := lies(t, func(r *http.Request) (int, string) {
				if id, ok := strings.CutSuffix(r.URL.Path, "/dns_records"); ok {
					probed = strings.TrimPrefix(id, "/zones/")
				}
				if r.URL.Path == "/zones" {
					return 200, whole(entry(idA, tc.first), entry(idB, tc.second))
				}
				if strings.HasSuffix(r.URL.Path, "/verify") {
					return 200, ""
				}
				return 200, whole()
			})
			err := l.call(t, "Check")
			if probed != tc.probed || (err == nil) != (tc.probed != "") {
				t.Errorf("probed %q, want %q: %v", probed, tc.probed, err)
			}
		})
	}
}

// TestCanary: a token appears in no error, outcome, log or panic, whatever the
// host answers, and though the host repeats it.
func TestCanary(t *testing.T) {
	const canary = "cfut_CanaryCanaryCanaryCanaryCanaryCanaryCana01234567"
	var logged bytes.Buffer
	writer, before := log.Writer(), slog.Default()
	log.SetOutput(&logged)
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer func() { slog.SetDefault(before); log.SetOutput(writer) }()
	p := newPlace(t, rec("a", "A", "192.0.2.1"))
	p.fake.Allow(cloudflaretest.Token{Value: canary})
	p.creds = p.fake.Credentials()
	p.acct = p.open(quick())
	z, s := p.find(), session(t, p)
	seen := 0
	look := func(what string, v any) {
		t.Helper()
		seen++
		for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, canary) || strings.Contains(text, canary[5:]) {
				t.Errorf("%s shows the token", what)
			}
		}
	}
	faults := []httpapitest.Fault{says(400, 1000, "bad token "+canary), says(500, 1, "Authorization: Bearer "+canary), {Body: canary}, {Status: 403, Body: canary}}
	for _, r := range refusals {
		faults = append(faults, r.fault)
	}
	for i, f := range faults {
		f.RetryAfter = ""
		p.fake.SetFault(f)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, find := s.Find(ctx, apex)
		_, read := s.Read(ctx, z)
		look(fmt.Sprint("Find ", i), find)
		look(fmt.Sprint("Read ", i), read)
		look(fmt.Sprint("List ", i), func() error { _, err := s.(providers.Lister).List(ctx); return err }())
		look(fmt.Sprint("Check ", i), s.(providers.Checker).Check(ctx))
		p.fake.SetFault(httpapitest.Fault{})
		p.fake.FailWrite(1, f)
		look(fmt.Sprint("Write ", i), s.Write(ctx, z, adds(rec(fmt.Sprint("b", i), "A", "192.0.2.1"))))
		p.fake.FailWrite(1, f)
		run := providers.Run{}
		out := p.acct.Apply(ctx, z, []zone.Change{{Owner: at("c"), Add: []zone.Record{rec("c", "TXT", fmt.Sprint(i))}}}, &run)
		look(fmt.Sprint("Apply ", i), out)
		look(fmt.Sprint("Run ", i), run)
		cancel()
	}
	look("the session", s)
	for _, broken := range []string{canary + "\n" + canary, "cfk_" + canary, canary + " "} {
		_, err := p.driver.Open(providers.Credentials{"api_token": broken, "account_id": "none"})
		look("Open", err)
	}
	look("the credentials", p.creds)
	look("the logs", logged.String())
	if seen < 100 {
		t.Errorf("%d texts looked at: too few to tell", seen)
	}
}
