package cloudflaretest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

func rec(t *testing.T, rel, typ string, ttl uint32, data, meta string) zone.Record {
	t.Helper()
	n, err := zone.Abs(rel, apex)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zone.New(n, typ, ttl, data)
	if err != nil {
		t.Fatal(err)
	}
	r.Meta = meta
	return r
}

func start(t *testing.T, o cloudflaretest.Options) *cloudflaretest.Fake {
	t.Helper()
	f, err := cloudflaretest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// answer is what a test looks at of an answer.
type answer struct {
	status int
	header http.Header
	code   int // of the first error, or of what explains it
	result json.RawMessage
	total  int
}

func ask(t *testing.T, f *cloudflaretest.Fake, token, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, f.Endpoint()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var e struct {
		Errors []struct {
			Code  int                  `json:"code"`
			Chain []struct{ Code int } `json:"error_chain"`
		} `json:"errors"`
		Result json.RawMessage `json:"result"`
		Info   struct {
			Total int `json:"total_count"`
		} `json:"result_info"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&e); err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, result: e.Result, total: e.Info.Total}
	if len(e.Errors) > 0 {
		a.code = e.Errors[0].Code
		if len(e.Errors[0].Chain) > 0 {
			a.code = e.Errors[0].Chain[0].Code
		}
	}
	return a
}

// TestRules is the API's rules on records, one by one.
func TestRules(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		code       int    // 0: taken
		content    string // as it is shown from then on
	}{
		{"an address", `{"type":"A","name":"n","content":"192.0.2.1"}`, 0, "192.0.2.1"},
		{"an address in another notation", `{"type":"AAAA","name":"n","content":"2001:DB8:0::1"}`, 0, "2001:db8::1"},
		{"no address", `{"type":"A","name":"n","content":"host.example"}`, 9005, ""},
		{"an address of the other family", `{"type":"AAAA","name":"n","content":"192.0.2.1"}`, 9006, ""},
		{"a CNAME with its dot", `{"type":"CNAME","name":"n","content":"A.example."}`, 0, "a.example"},
		{"a CNAME beside an address", `{"type":"CNAME","name":"a","content":"b.example"}`, 81053, ""},
		{"a CNAME beside text", `{"type":"CNAME","name":"t","content":"b.example"}`, 0, "b.example"},
		{"an address beside a CNAME", `{"type":"A","name":"c","content":"192.0.2.1"}`, 81054, ""},
		{"the same again", `{"type":"A","name":"a","content":"192.0.2.9","ttl":600}`, 81058, ""},
		{"an MX without a priority", `{"type":"MX","name":"n","content":"mx.example"}`, 9100, ""},
		{"an MX to an address", `{"type":"MX","name":"n","content":"192.0.2.1","priority":1}`, 9009, ""},
		{"a null MX", `{"type":"MX","name":"n","content":".","priority":0}`, 0, "."},
		{"an SRV without a weight", `{"type":"SRV","name":"_s._tcp","data":{"priority":1,"port":3,"target":"a.example"}}`, 9101, ""},
		{"an SRV", `{"type":"SRV","name":"_s._tcp","data":{"priority":1,"weight":0,"port":3,"target":"a.example."}}`, 0, "0 3 a.example"},
		{"a CAA", `{"type":"CAA","name":"n","data":{"flags":0,"tag":"issue","value":"ca.example"}}`, 0, `0 issue "ca.example"`},
		{"an HTTPS record", `{"type":"HTTPS","name":"n","data":{"priority":1,"target":".","value":"alpn=h2,h3"}}`, 0, `1 . alpn="h2,h3"`},
		{"text without quotes", `{"type":"TXT","name":"n","content":"a b"}`, 0, "a b"},
		{"text in quotes", `{"type":"TXT","name":"n","content":"\"a b\""}`, 0, `"a b"`},
		{"long text in quotes", `{"type":"TXT","name":"n","content":"\"` + strings.Repeat("x", 256) + `\""}`, 0, `"` + strings.Repeat("x", 255) + `" "x"`},
		{"long text without quotes", `{"type":"TXT","name":"n","content":"` + strings.Repeat("x", 256) + `"}`, 0, strings.Repeat("x", 256)},
		{"text whose quotes do not fit", `{"type":"TXT","name":"n","content":"\"a"}`, 1004, ""},
		{"text with a letter beyond ASCII", `{"type":"TXT","name":"n","content":"\"ü\""}`, 0, `"\195\188"`},
		{"text of 4081 octets", `{"type":"TXT","name":"n","content":"\"` + strings.Repeat("x", 4081) + `\""}`, 9015, ""},
		{"a TTL of 30", `{"type":"A","name":"n","content":"192.0.2.1","ttl":30}`, 9021, ""},
		{"a TTL of two days", `{"type":"A","name":"n","content":"192.0.2.1","ttl":172800}`, 9021, ""},
		{"a TTL as text", `{"type":"A","name":"n","content":"192.0.2.1","ttl":"300"}`, 9207, ""},
		{"proxied text", `{"type":"TXT","name":"n","content":"\"x\"","proxied":true}`, 9004, ""},
		{"tags on the Free plan", `{"type":"A","name":"n","content":"192.0.2.1","tags":["a:b"]}`, 9300, ""},
		{"no name", `{"type":"A","name":"","content":"192.0.2.1"}`, 9000, ""},
		{"a type that is none", `{"type":"NONE","name":"n","content":"x"}`, 1004, ""},
		{"no JSON", `{"type":`, 9207, ""},
		{"more than JSON", `{"type":"A","name":"n","content":"192.0.2.1"} and more`, 9207, ""},
		{"an address beside name servers", `{"type":"A","name":"ns","content":"192.0.2.1"}`, 81056, ""},
		{"name servers beside text", `{"type":"NS","name":"t","content":"ns.example"}`, 81056, ""},
		{"more name servers", `{"type":"NS","name":"ns","content":"ns2.example"}`, 0, "ns2.example"},
		{"a DS beside name servers", `{"type":"DS","name":"ns","data":{"key_tag":1,"algorithm":13,"digest_type":2,"digest":"` + strings.Repeat("ab", 32) + `"}}`, 0, "1 13 2 " + strings.Repeat("ab", 32)},
		{"an address below name servers", `{"type":"A","name":"a.ns","content":"192.0.2.1"}`, 0, "192.0.2.1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := start(t, cloudflaretest.Options{Zones: []cloudflaretest.Zone{{Snapshot: zone.NewSnapshot(apex, []zone.Record{
				rec(t, "a", "A", 300, "192.0.2.9", ""), rec(t, "c", "CNAME", 300, "x.example", ""), rec(t, "t", "TXT", 300, `"x"`, ""),
				rec(t, "ns", "NS", 300, "ns1.example", ""),
			})}}})
			path := "/zones/" + f.ID(apex) + "/dns_records"
			got := ask(t, f, cloudflaretest.AnyToken, http.MethodPost, path, tc.body)
			if got.code != tc.code || (tc.code == 0) != (got.status == http.StatusOK) {
				t.Fatalf("got status %d, code %d, want code %d", got.status, got.code, tc.code)
			}
			if tc.code != 0 {
				if n := len(f.Zone(apex).Records); n != 4 {
					t.Errorf("%d records, want the 4 that were there", n)
				}
				return
			}
			var made struct{ ID, Content string }
			if err := json.Unmarshal(got.result, &made); err != nil {
				t.Fatal(err)
			}
			shown := ask(t, f, cloudflaretest.AnyToken, http.MethodGet, path+"/"+made.ID, "")
			if err := json.Unmarshal(shown.result, &made); err != nil || made.Content != tc.content {
				t.Errorf("got %q, %v, want %q", made.Content, err, tc.content)
			}
		})
	}
}

// TestBatch: operations are done in the documented order, and all or none.
func TestBatch(t *testing.T) {
	a := rec(t, "a", "A", 300, "192.0.2.1", "comment=theirs")
	f := start(t, cloudflaretest.Options{Zones: []cloudflaretest.Zone{{Snapshot: zone.NewSnapshot(apex, []zone.Record{a, rec(t, "c", "CNAME", 300, "x.example", "")})}}})
	path, token := "/zones/"+f.ID(apex)+"/dns_records/batch", cloudflaretest.AnyToken
	idA, idC := f.Identifier(apex, a), f.Identifier(apex, rec(t, "c", "CNAME", 300, "x.example", ""))
	before := f.Zone(apex)
	for _, tc := range []struct {
		name, body string
		status     int
		code       int
	}{
		{"the last one fails", fmt.Sprintf(`{"deletes":[{"id":%q}],"posts":[{"type":"A","name":"n","content":"192.0.2.1"},{"type":"A","name":"n","content":"x"}]}`, idA), 400, 9005},
		{"a record that is gone", `{"patches":[{"id":"0123456789abcdef0123456789abcdef","ttl":300}]}`, 404, 81044},
		{"more than the plan allows", `{"posts":[` + strings.TrimSuffix(strings.Repeat(`{"type":"A","name":"n","content":"192.0.2.1"},`, 201), ",") + `]}`, 400, 1004},
		{"a put without content", fmt.Sprintf(`{"puts":[{"id":%q,"type":"A","name":"a"}]}`, idA), 400, 1004},
	} {
		got := ask(t, f, token, http.MethodPost, path, tc.body)
		if got.status != tc.status || got.code != tc.code || len(zone.Diff(before, f.Zone(apex))) != 0 {
			t.Errorf("%s: got status %d, code %d, want %d and %d, and nothing changed", tc.name, got.status, got.code, tc.status, tc.code)
		}
	}
	got := ask(t, f, token, http.MethodPost, path, fmt.Sprintf(
		`{"posts":[{"type":"A","name":"c","content":"192.0.2.2"}],"puts":[{"id":%q,"type":"A","name":"a","content":"192.0.2.3","ttl":600}],"deletes":[{"id":%q}]}`, idA, idC))
	want := []zone.Record{rec(t, "a", "A", 600, "192.0.2.3", ""), rec(t, "c", "A", 300, "192.0.2.2", "ttl=auto")}
	if got.status != http.StatusOK || !slices.Equal(f.Zone(apex).Records, want) {
		t.Errorf("status %d, code %d: %v", got.status, got.code, f.Zone(apex).Records)
	}
}

// TestAccess is who is let in, and what for.
func TestAccess(t *testing.T) {
	none := "cfut_" + strings.Repeat("none", 12)
	f := start(t, cloudflaretest.Options{
		Zones: []cloudflaretest.Zone{{Snapshot: zone.Snapshot{Zone: apex}}},
		Tokens: []cloudflaretest.Token{
			{Value: cloudflaretest.AnyToken, NoEdit: true},
			{Value: cloudflaretest.AccountToken, Account: "ffffffffffffffffffffffffffffffff"},
		},
	})
	id := f.ID(apex)
	for _, tc := range []struct {
		name, token, method, path string
		status, code              int
	}{
		{"no token", "", "GET", "/zones", 400, 6111},
		{"a token of no form", "short", "GET", "/zones", 400, 6111},
		{"a token of nobody", none, "GET", "/zones", 403, 9109},
		{"a token of nobody, asked about", none, "GET", "/user/tokens/verify", 401, 1000},
		{"an account's token, asked about in the wrong place", cloudflaretest.AccountToken, "GET", "/user/tokens/verify", 401, 1000},
		{"a zone of another account", cloudflaretest.AccountToken, "GET", "/zones/" + id, 403, 10000},
		{"reading", cloudflaretest.AnyToken, "GET", "/zones/" + id + "/dns_records", 200, 0},
		{"editing without the permission", cloudflaretest.AnyToken, "POST", "/zones/" + id + "/dns_records", 403, 10000},
		{"no such zone", cloudflaretest.AnyToken, "GET", "/zones/0123456789abcdef0123456789abcdef/dns_records", 404, 7003},
		{"no such path", cloudflaretest.AnyToken, "GET", "/nothing", 404, 7003},
		{"too large a page", cloudflaretest.AnyToken, "GET", "/zones?per_page=51", 400, 1004},
		{"a filter that the fake does not know", cloudflaretest.AnyToken, "GET", "/zones/" + id + "/dns_records?tag=x", 400, 1004},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ask(t, f, tc.token, tc.method, tc.path, "{}"); got.status != tc.status || got.code != tc.code {
				t.Errorf("got status %d, code %d, want %d and %d", got.status, got.code, tc.status, tc.code)
			}
		})
	}
}

// TestContentType: a body that does not say what it is, is not taken.
func TestContentType(t *testing.T) {
	f := start(t, cloudflaretest.Options{Zones: []cloudflaretest.Zone{{Snapshot: zone.Snapshot{Zone: apex}}}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.Endpoint()+"/zones/"+f.ID(apex)+"/dns_records", strings.NewReader(`{"type":"A","name":"n","content":"192.0.2.1"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+cloudflaretest.AnyToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if n := len(f.Zone(apex).Records); resp.StatusCode != http.StatusUnsupportedMediaType || n != 0 {
		t.Errorf("status %d, %d records", resp.StatusCode, n)
	}
}

// TestInternalZone: an internal zone stands beside the public one of its name,
// in the API and not in DNS, and no method takes it for the other.
func TestInternalZone(t *testing.T) {
	f := start(t, cloudflaretest.Options{Zones: []cloudflaretest.Zone{
		{Snapshot: zone.NewSnapshot(apex, []zone.Record{rec(t, "@", "A", 300, "10.0.0.1", "")}), Type: "internal"},
		{Snapshot: zone.NewSnapshot(apex, []zone.Record{rec(t, "@", "A", 300, "192.0.2.1", "")})},
	}})
	b, err := f.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	m := new(dns.Msg)
	m.SetQuestion(apex.FQDN(), dns.TypeA)
	in, err := dns.ExchangeContext(t.Context(), m, b.Addr().String())
	if err != nil || len(in.Answer) != 1 || !strings.HasSuffix(in.Answer[0].String(), "192.0.2.1") {
		t.Errorf("DNS answers %v, %v", in, err)
	}
	if got := f.Zone(apex).Records; len(got) != 1 || got[0].Data != "192.0.2.1" {
		t.Errorf("Zone is %v", got)
	}
	if got := ask(t, f, cloudflaretest.AnyToken, http.MethodGet, "/zones?name="+string(apex), ""); got.total != 2 {
		t.Errorf("the API lists %d zones, want 2", got.total)
	}
}

// TestRate: each token has its own allowance, and is told when it has more.
func TestRate(t *testing.T) {
	f := start(t, cloudflaretest.Options{Rate: 2, Tokens: []cloudflaretest.Token{{Value: cloudflaretest.AnyToken}, {Value: cloudflaretest.AccountToken}}})
	for n := range 3 {
		got := ask(t, f, cloudflaretest.AnyToken, http.MethodGet, "/zones", "")
		if limited := got.status == http.StatusTooManyRequests; limited != (n == 2) || limited && got.header.Get("Retry-After") == "" {
			t.Errorf("request %d: status %d, Retry-After %q", n+1, got.status, got.header.Get("Retry-After"))
		}
	}
	if got := ask(t, f, cloudflaretest.AccountToken, http.MethodGet, "/zones", ""); got.status != http.StatusOK {
		t.Errorf("another token: status %d", got.status)
	}
}

// TestBridge: DNS shows what Cloudflare would answer, and follows every change.
func TestBridge(t *testing.T) {
	f := start(t, cloudflaretest.Options{
		Zones: []cloudflaretest.Zone{{Snapshot: zone.NewSnapshot(apex, []zone.Record{
			rec(t, "@", "CNAME", 300, "edge.other.example", ""), rec(t, "@", "MX", 300, "10 mx.other.example", ""),
			rec(t, "www", "A", 300, "192.0.2.1", "proxied=true ttl=auto"), rec(t, "plain", "A", 300, "192.0.2.2", ""),
			rec(t, "both", "A", 300, "192.0.2.3", "proxied=true ttl=auto"), rec(t, "both", "A", 300, "192.0.2.4", ""),
			rec(t, "alias", "CNAME", 300, "x.other.example", "proxied=true ttl=auto"), rec(t, "empty", "TXT", 300, `""`, ""),
		})}},
		Addresses: map[zone.Name][]netip.Addr{"edge.other.example": {netip.MustParseAddr("198.51.100.1")}},
	})
	b, err := f.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	look := func(rel string, typ uint16) []string {
		t.Helper()
		n, err := zone.Abs(rel, apex)
		if err != nil {
			t.Fatal(err)
		}
		m := new(dns.Msg)
		m.SetQuestion(n.FQDN(), typ)
		in, err := dns.ExchangeContext(t.Context(), m, b.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, rr := range in.Answer {
			out = append(out, strings.TrimPrefix(rr.String(), rr.Header().String()))
		}
		slices.Sort(out)
		return out
	}
	f.Change(apex, zone.Change{Owner: "new." + apex, Add: []zone.Record{rec(t, "new", "TXT", 300, `"here"`, "")}})
	proxy := []string{"104.16.0.1", "172.64.0.1"}
	for _, tc := range []struct {
		rel  string
		typ  uint16
		want []string
	}{
		{"@", dns.TypeA, []string{"198.51.100.1"}},
		{"@", dns.TypeCNAME, nil},
		{"@", dns.TypeMX, []string{"10 mx.other.example."}},
		{"@", dns.TypeNS, []string{"amy.ns.cloudflare.com.", "bob.ns.cloudflare.com."}},
		{"www", dns.TypeA, proxy},
		{"plain", dns.TypeA, []string{"192.0.2.2"}},
		{"both", dns.TypeA, proxy},
		{"alias", dns.TypeA, proxy},
		{"empty", dns.TypeTXT, nil},
		{"new", dns.TypeTXT, []string{`"here"`}},
	} {
		if got := look(tc.rel, tc.typ); !slices.Equal(got, tc.want) {
			t.Errorf("%s %s: got %q, want %q", tc.rel, dns.TypeToString[tc.typ], got, tc.want)
		}
	}
}
