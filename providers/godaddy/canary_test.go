package godaddy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// canaries are credentials that are recognised wherever they come out.
func canaries() []providers.Credentials {
	return []providers.Credentials{
		{"api_key": "CANARY+key/e4hN3Y4p==", "api_secret": "CANARY&secret%Xx1N6b"},
		{"api_key": "gdpat.CANARY-token.c2lnbmF0dXJl"},
		{"api_key": "KEYABCD", "api_secret": "KEYABCDrest-of-the-CANARY"}, // one begins with the other
		{"api_key": `KEY"ABC\D-CANARY`, "api_secret": `se"CANARY"cr\et`},  // quoting spells them otherwise
	}
}

// TestCanary: credentials are in no error, outcome, journal, log, panic or print
// of anything, though the host says them back.
func TestCanary(t *testing.T) {
	var out bytes.Buffer
	writer, logger := log.Writer(), slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	log.SetOutput(&out)
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(writer)
	})
	seen := func(what string, vs ...any) {
		t.Helper()
		for _, v := range vs {
			js, _ := json.Marshal(v)
			for _, text := range []string{fmt.Sprintf("%v", v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprintf("%q", v), string(js)} {
				if strings.Contains(text, "CANARY") {
					t.Errorf("%s: %s", what, text)
				}
			}
			if err, ok := v.(error); ok {
				for err = errors.Unwrap(err); err != nil; err = errors.Unwrap(err) {
					if strings.Contains(fmt.Sprintf("%+v %#v", err, err), "CANARY") {
						t.Errorf("%s, the cause: %#v", what, err)
					}
				}
			}
		}
	}
	for _, creds := range canaries() {
		acct := godaddytest.Account{Key: creds["api_key"], Secret: creds["api_secret"]}
		if acct.Secret == "" {
			acct = godaddytest.Account{Token: creds["api_key"]}
		}
		for _, known := range []bool{true, false} {
			fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
			if known {
				fake = start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}, Accounts: []godaddytest.Account{acct}})
			}
			echo := fmt.Sprintf(`{"code":"%s","message":"you sent %[1]s:%[2]s, that is %[2]s and %[1]s","fields":[{"path":"%[2]s","message":"%[1]s"}]}`, creds["api_key"], creds["api_secret"])
			// One that the end of an error's text would cut in two.
			late := fmt.Sprintf(`{"code":"LATE","message":"%s%s"}`, strings.Repeat("x", 485), creds["api_key"])
			faults := []httpapitest.Fault{{}, {Drop: true}, {HTML: true}, {Body: echo}, {Status: 400, Body: late}, {Body: `[{"type":"TXT","name":"` + creds["api_key"] + `..","data":""}]`}}
			for _, status := range []int{302, 400, 401, 403, 404, 409, 422, 429, 500, 503} {
				faults = append(faults, httpapitest.Fault{Status: status, Body: echo})
			}
			for _, f := range faults {
				tryAll(t, fake, creds, f, seen)
			}
		}
		for _, bad := range []providers.Credentials{
			{"api_key": creds["api_key"] + " x"},
			{"api_key": creds["api_key"] + ":" + "CANARY", "api_secret": "CANARY"},
		} {
			_, err := godaddy.Driver{}.Open(bad)
			seen("Open", err)
		}
		_, err := godaddy.Driver{Endpoint: "http://CANARY:CANARY@api.example"}.Open(creds)
		seen("Open with an endpoint", err)
	}
	if strings.Contains(out.String(), "CANARY") || out.Len() > 0 {
		t.Errorf("logged: %s", out.String())
	}
}

// tryAll makes every call of a session, and of an account, against a fault.
func tryAll(t *testing.T, fake *godaddytest.Fake, creds providers.Credentials, f httpapitest.Fault, seen func(string, ...any)) {
	t.Helper()
	fake.SetFault(f)
	d := godaddy.Driver{Endpoint: fake.URL()}
	s, err := d.Open(creds)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	what := fmt.Sprintf("with %+v", httpapitest.Fault{Status: f.Status, HTML: f.HTML, Drop: f.Drop})
	_, err1 := s.Find(ctx, apex)
	_, err2 := s.Read(ctx, home())
	err3 := s.Write(ctx, home(), zone.Edit{After: []zone.Record{txt("new", "mine")}})
	_, err4 := s.(providers.Lister).List(ctx)
	err5 := s.(providers.Checker).Check(ctx)
	seen(what, err1, err2, err3, err4, err5, s, d, creds)

	fake.SetFault(httpapitest.Fault{})
	fake.FailWrite(1, f)
	acct := open(t, fake, creds, providers.Options{ReadBack: time.Second})
	var run providers.Run
	o := acct.Apply(ctx, home(), []zone.Change{{Owner: name("late"), Add: []zone.Record{txt("late", "mine")}}}, &run)
	seen(what+", through an account", o, run, acct)
}

// breaks panics with what it was sent.
type breaks struct{}

func (breaks) RoundTrip(r *http.Request) (*http.Response, error) {
	panic("broken while sending " + r.Header.Get("Authorization"))
}

// TestCanaryPanic: a panic below the driver ends as an error without them.
func TestCanaryPanic(t *testing.T) {
	for _, creds := range canaries() {
		d := godaddy.Driver{HTTP: &http.Client{Transport: breaks{}}}
		acct, err := providers.Open(d, creds, providers.Options{Rates: []providers.Rate{}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = acct.Find(t.Context(), apex)
		if err == nil || strings.Contains(fmt.Sprintf("%+v %#v", err, err), "CANARY") {
			t.Errorf("got %#v", err)
		}
	}
}

// TestSecretSpellings: a session does not repeat a credential, however the host
// and the error spell it.
func TestSecretSpellings(t *testing.T) {
	for _, creds := range []providers.Credentials{
		{"api_key": "KEYABCD", "api_secret": "KEYABCDrest-of-secret"},
		{"api_key": `KEY"ABC\D`, "api_secret": `rest"of\secret`},
	} {
		js, err := json.Marshal(creds["api_secret"])
		if err != nil {
			t.Fatal(err)
		}
		fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}, Accounts: []godaddytest.Account{{Key: creds["api_key"], Secret: creds["api_secret"]}}})
		s, err := godaddy.Driver{Endpoint: fake.URL()}.Open(creds)
		if err != nil {
			t.Fatal(err)
		}
		fake.FailNext(1, httpapitest.Fault{Status: 401, Body: `{"code":"X","message":` + string(js) + `}`})
		_, read := s.Read(t.Context(), home())
		fake.FailNext(1, httpapitest.Fault{Body: `{"domain":"customer.example","status":"CANCELLED ` + string(js[1:]) + `}`})
		_, find := s.Find(t.Context(), apex)
		fake.FailNext(1, httpapitest.Fault{Body: `[{"domain":` + string(js) + `},{"domain":` + string(js) + `}]`})
		_, list := s.(providers.Lister).List(t.Context())
		fake.FailWrite(1, httpapitest.Fault{Body: `{"message":` + string(js) + `}`})
		write := s.Write(t.Context(), home(), zone.Edit{After: []zone.Record{txt("new", "mine")}})
		for _, err := range []error{read, find, list, write} {
			if text := fmt.Sprintf("%v %+v", err, err); err == nil || strings.Contains(text, "rest") || !strings.Contains(text, "[redacted]") {
				t.Errorf("got %s", text)
			}
		}
	}
}
