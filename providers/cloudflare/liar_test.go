package cloudflare_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
)

// liar is a host that answers as a test says, and the token it is asked with.
type liar struct {
	providers.Session
	acct *providers.Account
	came *atomic.Int32 // requests
}

// lies serves what answer says for a request. Of a token asked about it says that
// it is in force, unless answer has something for that too.
func lies(t *testing.T, answer func(r *http.Request) (status int, body string)) liar {
	t.Helper()
	var came atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came.Add(1)
		status, body := answer(r)
		if body == "" && strings.HasSuffix(r.URL.Path, "/tokens/verify") {
			body = ok(`{"status":"active"}`)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(srv.Close)
	d, creds := cloudflare.Driver{Endpoint: srv.URL}, providers.Credentials{"api_token": cloudflaretest.AnyToken, "account_id": cloudflaretest.DefaultAccount}
	s, err := d.Open(creds)
	if err != nil {
		t.Fatal(err)
	}
	acct, err := providers.Open(d, creds, quick())
	if err != nil {
		t.Fatal(err)
	}
	return liar{s, acct, &came}
}

// always is one answer to everything.
func always(status int, body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return status, body }
}

const idA, idB = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

// its is the zone as it was found at an honest host.
func its() providers.Zone {
	return providers.Zone{ID: idA, Apex: apex, Caps: cloudflare.Driver{}.Info().Caps}
}

// ok is an answer of success, page one of a list of total entries, and whole.
func ok(result string) string {
	return `{"success":true,"errors":[],"result":` + result + `}`
}

func paged(page, total int, entries ...string) string {
	return fmt.Sprintf(`{"success":true,"errors":[],"result":[%s],"result_info":{"page":%d,"total_count":%d}}`, strings.Join(entries, ","), page, total)
}

func whole(entries ...string) string { return paged(1, len(entries), entries...) }

// zoneJSON and recordJSON are entries of the lists.
func zoneJSON(id, name, account, typ string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"status":"active","type":%q,"account":{"id":%q,"name":"Mine"},"plan":{"legacy_id":"free"},"name_servers":null,"permissions":["#dns_records:read","#dns_records:edit"]}`, id, name, typ, account)
}

func recordJSON(id, name, rest string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,%s}`, id, name, rest)
}

const address = `"type":"A","content":"192.0.2.1","ttl":3600`

// call is one method of a session, as its error.
func (l liar) call(t *testing.T, method string) error {
	t.Helper()
	var err error
	switch method {
	case "Find":
		_, err = l.Find(t.Context(), apex)
	case "Read":
		_, err = l.Read(t.Context(), its())
	case "List":
		_, err = l.Session.(providers.Lister).List(t.Context())
	case "Check":
		err = l.Session.(providers.Checker).Check(t.Context())
	case "Write":
		err = l.Write(t.Context(), its(), adds(rec("b", "A", "192.0.2.1")))
	default:
		t.Fatalf("no method %q", method)
	}
	return err
}
