package namecheap_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestPlainErrors: the errors of a session without an Account hold neither the
// key, wherever in its answer the host may put that, nor all of a long text.
func TestPlainErrors(t *testing.T) {
	f := start(t, namecheaptest.Options{}, mailZone()...)
	key := f.Credentials(0)["api_key"]
	ok := func(inside string) string { return hostsAnswer(inside).Body }
	for _, c := range []struct{ name, body string }{
		{"as a number", problem(key, "x")},
		{"in a text", problem("5050900", "ApiKey="+key)},
		{"in a text, escaped", problem("5050900", strings.ReplaceAll(key, "-", "%2D"))},
		{"as the status", `<ApiResponse Status="` + key + `"/>`},
		{"as the domain", ok(`<DomainDNSGetListResult Domain="` + key + `"/>`)},
		{"as who serves it", ok(`<DomainDNSGetListResult Domain="customer.example" IsUsingOurDNS="` + key + `"/>`)},
		{"as a name server", ok(`<DomainDNSGetListResult Domain="customer.example" IsUsingOurDNS="false"><Nameserver>` + key + `</Nameserver></DomainDNSGetListResult>`)},
		{"as XML that is none", `<ApiResponse></` + key + `>`},
		{"in a long text", problem("5050900", strings.Repeat("long ", 40)+key+strings.Repeat(" long", 400000))},
		{"where a long text is cut", problem("5050900", strings.Repeat("x", 990)+key+strings.Repeat(" long", 400000))},
		{"where the search of a long text ends", problem("5050900", strings.Repeat("x", 16<<10-10)+key)},
		{"again and again", problem("5050900", strings.Repeat(key, 100000))},
		{"not, in a long text of two octets each", problem("5050900", strings.Repeat("ü", 3000))},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.SetFault(httpapitest.Fault{Body: c.body})
			s := session(t, f)
			_, found := s.Find(t.Context(), apex)
			_, read := s.Read(t.Context(), whole())
			_, list := s.(providers.Lister).List(t.Context())
			for _, err := range []error{found, read, list, s.(providers.Checker).Check(t.Context()), s.Write(t.Context(), whole(), zone.Edit{})} {
				if err == nil {
					t.Fatal("no error")
				}
				if text := err.Error(); strings.Contains(text, key[:10]) || len(text) > 1200 || !utf8.ValidString(text) {
					t.Errorf("%d octets: %.300s", len(text), text)
				}
			}
		})
	}
}

// TestRequests: each command is sent by POST, with nothing in the URL: the key
// would stand in the logs of whatever is in between.
func TestRequests(t *testing.T) {
	f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), sip())...)
	seen := map[string]bool{}
	f.SetHook(func(r *http.Request) {
		if r.Method != http.MethodPost || r.URL.RawQuery != "" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if r.ParseForm() == nil {
			seen[r.PostForm.Get("Command")] = true
		}
	})
	s := session(t, f)
	_, err := s.Find(t.Context(), apex)
	_, listed := s.(providers.Lister).List(t.Context())
	if err := errors.Join(err, listed, s.(providers.Checker).Check(t.Context()), becomes(t, f, account(t, f, providers.Options{}), challengeChange())); err != nil {
		t.Error(err)
	}
	if len(seen) != 6 {
		t.Errorf("%d commands were seen, want 6: %v", len(seen), seen)
	}
}

// TestOpen refuses credentials that cannot be right, and endpoints that the key
// must not travel to.
func TestOpen(t *testing.T) {
	good := providers.Credentials{"api_user": "u", "api_key": "k", "client_ip": "192.0.2.1"}
	for _, c := range []struct {
		name     string
		endpoint string
		change   map[string]string
		code     providers.Code
	}{
		{"the real API", "", nil, ""},
		{"the sandbox", namecheap.Sandbox, nil, ""},
		{"this machine", "http://127.0.0.1:1/xml.response", nil, ""},
		{"a plain connection", "http://api.namecheap.com/xml.response", nil, providers.Invalid},
		{"no URL", "api.namecheap.com", nil, providers.Invalid},
		{"IPv6", "", map[string]string{"client_ip": "2001:db8::1"}, providers.InvalidCredentials},
		{"no address", "", map[string]string{"client_ip": "home"}, providers.InvalidCredentials},
		{"no key", "", map[string]string{"api_key": " "}, providers.InvalidCredentials},
		{"a user name of two words", "", map[string]string{"api_user": "a b"}, providers.InvalidCredentials},
		{"an account of two words", "", map[string]string{"username": "a b"}, providers.InvalidCredentials},
		{"an account that is not ASCII", "", map[string]string{"username": "bücher"}, providers.InvalidCredentials},
		{"a key in two lines", "", map[string]string{"api_key": "a\nb"}, providers.InvalidCredentials},
	} {
		t.Run(c.name, func(t *testing.T) {
			creds := providers.Credentials{}
			maps.Copy(creds, good)
			maps.Copy(creds, c.change)
			if _, err := (namecheap.Driver{Endpoint: c.endpoint}).Open(creds); providers.CodeOf(err) != c.code {
				t.Errorf("got %v, want %q", err, c.code)
			}
		})
	}
}

// TestCanary: the key stands in no error, outcome, journal, plan or log,
// whatever goes wrong, and however a session is printed.
func TestCanary(t *testing.T) {
	const canary = "canary+key/that&must=not<be>seen"
	var logged bytes.Buffer
	defer log.SetOutput(log.Writer())
	log.SetOutput(&logged)
	f := start(t, namecheaptest.Options{Accounts: []namecheaptest.Account{{User: "customer", Key: canary}}}, mailZone()...)
	faults := []httpapitest.Fault{
		{},
		{Status: 500, Body: canary},
		{Status: 401},
		{Status: 405},
		{HTML: true},
		{Drop: true},
		{Land: true, Half: true},
		{Land: true, Drop: true},
		{Body: problem("1011102", "API Key is invalid: "+strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(canary))},
		{Body: problem("5050900", "exception with ApiKey="+strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(canary))},
	}
	var texts []string
	note := func(v any) {
		js, _ := json.Marshal(v)
		texts = append(texts, fmt.Sprintf("%v %+v %#v %s", v, v, v, js))
	}
	for _, fault := range faults {
		for at := range 6 {
			journal := providers.JournalMemory()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			acct := account(t, f, providers.Options{Journal: journal, Lost: 1, ReadBack: 100 * time.Millisecond})
			s := session(t, f)
			f.Set(zone.NewSnapshot(apex, mailZone()))
			f.SetFault(httpapitest.Fault{})
			f.FailNext(at+1, fault)
			run := &providers.Run{ID: "run"}
			note(acct.Apply(ctx, providers.Zone{Apex: apex, Caps: driverCaps()}, []zone.Change{challengeChange()}, run))
			note(*run)
			f.SetFault(fault)
			_, err1 := s.Find(ctx, apex)
			_, err2 := s.Read(ctx, providers.Zone{Apex: apex})
			note([]any{err1, err2, s.(providers.Checker).Check(ctx), s, acct, driver(f)})
			runs, _ := journal.Open(t.Context())
			note(runs)
			f.SetFault(httpapitest.Fault{})
			cancel()
		}
	}
	texts = append(texts, logged.String())
	for _, text := range texts {
		for _, secret := range []string{canary, "canary", "key/that", "must=not"} {
			if strings.Contains(text, secret) {
				t.Fatalf("%q stands in %s", secret, text)
			}
		}
	}
}
