package harbourtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/examples/plugin/harbourtest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

func start(t *testing.T, o harbourtest.Options) *harbourtest.Fake {
	t.Helper()
	if o.Zones == nil {
		o.Zones = []zone.Snapshot{zone.NewSnapshot(apex, []zone.Record{
			zone.NewTXT(apex, 3600, "theirs"), zone.NewTXT("t."+apex, 3600, "one"),
			{Name: "odd." + apex, Type: "TXT", TTL: 7200, Data: `"old"`},
			{Name: "www." + apex, Type: "CNAME", TTL: 3600, Data: "customer.example."},
		})}
	}
	f, err := harbourtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// request is one request with the fake's token, unless header says otherwise,
// and what is answered.
func request(t *testing.T, f *harbourtest.Fake, method, path, body string, header ...string) (status int, code string, answer map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, f.Endpoint()+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+f.Credentials()["token"])
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	if e, ok := answer["error"].(map[string]any); ok {
		code, _ = e["code"].(string)
	}
	return resp.StatusCode, code, answer
}

// TestPatch: what the API takes and what it does not. A refusal writes nothing,
// a success makes a new version.
func TestPatch(t *testing.T) {
	var many []string
	for n := range 51 {
		many = append(many, fmt.Sprintf(`{"name":"n%d","type":"A","ttl":60,"values":[{"data":"192.0.2.1"}]}`, n))
	}
	one := func(name, typ string, ttl int, data ...string) string {
		var values []map[string]string
		for _, d := range data {
			values = append(values, map[string]string{"data": d})
		}
		js, _ := json.Marshal(map[string]any{"name": name, "type": typ, "ttl": ttl, "values": values})
		return string(js)
	}
	for _, c := range []struct {
		name    string
		sets    string
		version string
		code    string
	}{
		{"a new set", one("a", "A", 60, "192.0.2.1", "192.0.2.2"), `"1"`, ""},
		{"a set that goes", one("t", "TXT", 0), `"1"`, ""},
		{"a redirect", one("go", "REDIRECT", 60, "301 https://x.example/"), `"1"`, ""},
		{"an alias", one("@", "ALIAS", 60, "x.example."), `"1"`, ""},
		{"the TTL that stands", one("odd", "TXT", 7200, `"old"`, `"new"`), `"1"`, ""},
		{"no version", one("a", "A", 60, "192.0.2.1"), "", "version_missing"},
		{"another version", one("a", "A", 60, "192.0.2.1"), `"2"`, "version_passed"},
		{"a version without quotes", one("a", "A", 60, "192.0.2.1"), `1`, "version_passed"},
		{"no sets", "", `"1"`, "body_invalid"},
		{"too many sets", strings.Join(many, ","), `"1"`, "body_invalid"},
		{"a field that is not known", `{"name":"a","type":"A","ttl":60,"values":[],"rank":1}`, `"1"`, "body_invalid"},
		{"one good and one bad", one("a", "A", 60, "192.0.2.1") + "," + one("b", "A", 60, "no address"), `"1"`, "set_invalid"},
		{"a set twice", one("a", "A", 60, "192.0.2.1") + "," + one("A", "A", 60, "192.0.2.2"), `"1"`, "set_invalid"},
		{"a value twice", one("a", "A", 60, "192.0.2.1", "192.0.2.1"), `"1"`, "set_invalid"},
		{"a TTL between two", one("a", "A", 61, "192.0.2.1"), `"1"`, "set_invalid"},
		{"a TTL that stands elsewhere", one("a", "TXT", 7200, `"x"`), `"1"`, "set_invalid"},
		{"a type that is not stored", one("a", "LOC", 60, "x"), `"1"`, "set_invalid"},
		{"the SOA record", one("@", "SOA", 60, "a. b. 1 2 3 4 5"), `"1"`, "set_invalid"},
		{"name servers of the apex", one("@", "NS", 60, "ns.example."), `"1"`, "set_invalid"},
		{"the apex by its whole name", one("customer.example.", "NS", 60, "ns.example."), `"1"`, "set_invalid"},
		{"no name", one("", "NS", 60, "ns.example."), `"1"`, "set_invalid"},
		{"a target without its dot", one("a", "CNAME", 60, "x.example"), `"1"`, "set_invalid"},
		{"a CNAME beside a text", one("t", "CNAME", 60, "x.example."), `"1"`, "set_invalid"},
		{"a text beside a CNAME", one("www", "TXT", 60, `"x"`), `"1"`, "set_invalid"},
		{"a CNAME at the apex", one("@", "CNAME", 60, "x.example."), `"1"`, "set_invalid"},
		{"two CNAMEs", one("a", "CNAME", 60, "x.example.", "y.example."), `"1"`, "set_invalid"},
		{"an alias beside an address", one("a", "ALIAS", 60, "x.example.") + "," + one("a", "A", 60, "192.0.2.1"), `"1"`, "set_invalid"},
		{"a redirect to nowhere", one("go", "REDIRECT", 60, "301 nowhere"), `"1"`, "set_invalid"},
		{"a text that is too long", one("a", "TXT", 60, zone.QuoteText(strings.Repeat("x", 4097))), `"1"`, "set_invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, harbourtest.Options{})
			before := f.Zone(apex)
			var header []string
			if c.version != "" {
				header = []string{"If-Match", c.version}
			}
			status, code, answer := request(t, f, http.MethodPatch, "/zones/customer.example/sets", `{"sets":[`+c.sets+`]}`, header...)
			if code != c.code || (status == http.StatusOK) != (c.code == "") {
				t.Fatalf("got status %d, %v; want %q", status, answer, c.code)
			}
			if diff := cmp.Diff(f.Zone(apex), before); (diff == "") != (c.code != "") {
				t.Errorf("got - and before +:\n%s", diff)
			}
			if c.code == "" && answer["version"] != 2.0 {
				t.Errorf("got %v, want version 2", answer)
			}
		})
	}
}

// TestRefusals: what is answered to those who may not, or ask for what is not
// there.
func TestRefusals(t *testing.T) {
	tokens := []harbourtest.Token{
		{Value: "all"},
		{Value: "reader", Scopes: []string{harbourtest.ScopeRead}},
		{Value: "elsewhere", Zones: []zone.Name{"other.example"}},
		{Value: "old", Refused: "token_expired"},
	}
	for _, c := range []struct {
		method, path, auth string
		status             int
		code               string
	}{
		{"GET", "/token", "Bearer all", 200, ""},
		{"GET", "/token", "", 401, "token_missing"},
		{"GET", "/token", "Basic all", 401, "token_missing"},
		{"GET", "/token", "Bearer nobody", 401, "token_unknown"},
		{"GET", "/token", "Bearer old", 401, "token_expired"},
		{"GET", "/zones/customer.example", "Bearer reader", 200, ""},
		{"GET", "/zones/Customer.Example", "Bearer reader", 200, ""},
		{"PATCH", "/zones/customer.example/sets", "Bearer reader", 403, "scope_missing"},
		{"GET", "/zones/customer.example", "Bearer elsewhere", 404, "zone_unknown"},
		{"GET", "/zones/no.example", "Bearer all", 404, "zone_unknown"},
		{"GET", "/zones/customer.example%2Fsets", "Bearer all", 404, "zone_unknown"},
		{"POST", "/zones", "Bearer all", 405, "no_such_method"},
		{"GET", "/elsewhere", "Bearer all", 404, "no_such_path"},
		{"GET", "/zones/customer.example/sets?cursor=x", "Bearer all", 400, "query_invalid"},
		{"GET", "/zones/customer.example/sets?" + strings.Repeat("name=a&", 101), "Bearer all", 400, "query_invalid"},
	} {
		f := start(t, harbourtest.Options{Tokens: tokens})
		status, code, _ := request(t, f, c.method, c.path, "", "Authorization", c.auth)
		if status != c.status || code != c.code {
			t.Errorf("%s %s as %q: got %d %q, want %d %q", c.method, c.path, c.auth, status, code, c.status, c.code)
		}
	}
}

// TestCursor: pages of one version fit together, and a cursor does not outlive
// it.
func TestCursor(t *testing.T) {
	f := start(t, harbourtest.Options{PageSize: 4})
	_, _, first := request(t, f, http.MethodGet, "/zones/customer.example/sets", "")
	next, _ := first["next"].(string)
	_, _, last := request(t, f, http.MethodGet, "/zones/customer.example/sets?cursor="+next, "")
	if n := len(first["sets"].([]any)) + len(last["sets"].([]any)); n != 6 || last["next"] != "" {
		t.Errorf("got %d sets and %v, want 6 on two pages", n, last)
	}
	f.Change(apex, zone.Change{Owner: "new." + apex, Add: []zone.Record{zone.NewTXT("new."+apex, 60, "x")}})
	if status, code, _ := request(t, f, http.MethodGet, "/zones/customer.example/sets?cursor="+next, ""); status != 409 || code != "cursor_stale" {
		t.Errorf("got %d %q of a zone that has changed", status, code)
	}
}

// TestBridge: DNS shows what the API holds, also after a change.
func TestBridge(t *testing.T) {
	f := start(t, harbourtest.Options{})
	b, err := f.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := f.Bridge(); again != b || err != nil {
		t.Errorf("a second bridge: %v", err)
	}
	r := zone.NewTXT("new."+apex, 60, "x")
	f.Change(apex, zone.Change{Owner: r.Name, Add: []zone.Record{r}})
	if got := b.World().Zone(apex).Set(r.Name, "TXT"); len(got) != 1 {
		t.Errorf("got %v over DNS, want %v", got, r)
	}
}
