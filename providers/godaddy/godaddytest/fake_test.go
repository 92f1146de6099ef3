package godaddytest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

const apex zone.Name = "customer.example"

func site() zone.Snapshot {
	return zone.NewSnapshot(apex, []zone.Record{
		zone.NewTXT(apex, 3600, "v=spf1 -all"),
		zone.NewTXT("www."+apex, 3600, "somebody's"),
		{Name: "a." + apex, Type: "A", TTL: 600, Data: "192.0.2.1"},
		{Name: apex, Type: "MX", TTL: 3600, Data: "10 mx.mail.example."},
		{Name: "_sip._tcp." + apex, Type: "SRV", TTL: 3600, Data: "1 2 3 sip.example."},
		{Name: apex, Type: "CAA", TTL: 3600, Data: `0 issue "ca.example"`},
		{Name: "alias." + apex, Type: "CNAME", TTL: 3600, Data: "customer.example."},
	})
}

func start(t *testing.T, o godaddytest.Options) *godaddytest.Fake {
	t.Helper()
	f, err := godaddytest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

const pair = "sso-key key-of-the-customer:secret-of-the-customer"

// ask sends one request.
func ask(t *testing.T, f *godaddytest.Fake, auth, request, body string) (status int, answer string) {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, f.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(b))
}

// TestRules: what the host takes, what it refuses, and in what words.
func TestRules(t *testing.T) {
	const zones = "/v1/domains/customer.example"
	for _, c := range []struct {
		name, request, body string
		status              int
		answer              string // part of it
	}{
		{"the zone", "GET " + zones + "/records", "", 200, `"type":"NS"`},
		{"its SOA record has no data", "GET " + zones + "/records/SOA", "", 200, `[{"data":"","name":"@","ttl":600,"type":"SOA"}]`},
		{"one RRset", "GET " + zones + "/records/TXT/@", "", 200, `[{"data":"v=spf1 -all","name":"@","ttl":3600,"type":"TXT"}]`},
		{"of an MX", "GET " + zones + "/records/MX/@", "", 200, `[{"data":"mx.mail.example","name":"@","priority":10,"ttl":3600,"type":"MX"}]`},
		{"of an SRV", "GET " + zones + "/records/SRV/@", "", 200, `[{"data":"sip.example","name":"@","port":3,"priority":1,"protocol":"_tcp","service":"_sip","ttl":3600,"type":"SRV","weight":2}]`},
		{"the domain as a target", "GET " + zones + "/records/CNAME/alias", "", 200, `"data":"@"`},
		{"in any case", "GET /v1/domains/Customer.EXAMPLE/records/a/A", "", 200, `192.0.2.1`},
		{"an RRset that is not there", "GET " + zones + "/records/A/none", "", 200, `[]`},
		{"a type that there is not", "GET " + zones + "/records/LOC/@", "", 422, `is not one of enum values`},
		{"a limit too high", "GET " + zones + "/records?limit=501", "", 422, `INVALID_BODY`},
		{"another's zone", "GET /v1/domains/other.example/records", "", 404, `{"code":"UNKNOWN_DOMAIN","message":"The given domain is not registered, or does not have a zone file"}`},
		{"the domain", "GET " + zones, "", 200, `"status":"ACTIVE"`},
		{"another's domain", "GET /v1/domains/other.example", "", 404, `NOT_FOUND`},
		{"no such path", "GET /v2/customers", "", 404, `NOT_FOUND`},
		{"no such method", "POST " + zones + "/records", "[]", 404, `NOT_FOUND`},

		{"an RRset replaced", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2","ttl":600}]`, 200, ""},
		{"with its name and type", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2","ttl":600,"name":"a","type":"A"}]`, 200, ""},
		{"by nothing", "PUT " + zones + "/records/A/a", `[]`, 422, `records`},
		{"by no array", "PUT " + zones + "/records/A/a", `{"data":"192.0.2.2","ttl":600}`, 422, `"fields":[{"code":"UNEXPECTED_TYPE","message":"is not a array","path":"records"}]`},
		{"by a number", "PUT " + zones + "/records/A/a", `[{"data":1,"ttl":600}]`, 422, `records[0]`},
		{"by an unknown field", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2","ttl":600,"value":"x"}]`, 422, `unknown field`},
		{"without a TTL", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2"}]`, 422, `records[0].ttl`},
		{"with a TTL too low", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2","ttl":599}]`, 422, `{"code":"UNKNOWN_RESTRICTION","message":"must have a minimum value of 600","path":"records[0].ttl"}`},
		{"with a TTL too high", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2","ttl":604801}]`, 422, `maximum value`},
		{"by no address", "PUT " + zones + "/records/A/a", `[{"data":"Parked","ttl":600}]`, 422, `Invalid [ipaddress] provided for record data, [Parked].`},
		{"by an address of the other kind", "PUT " + zones + "/records/A/a", `[{"data":"2001:db8::1","ttl":600}]`, 422, `ipaddress`},
		{"by one value twice", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2","ttl":600},{"data":"192.0.2.2","ttl":700}]`, 422, `{"code":"DUPLICATE_RECORD","message":"Another record with the same attributes already exists"}`},
		{"a CNAME beside others", "PUT " + zones + "/records/CNAME/a", `[{"data":"x.example","ttl":600}]`, 422, `DUPLICATE_RECORD`},
		{"others beside a CNAME", "PUT " + zones + "/records/TXT/alias", `[{"data":"x","ttl":600}]`, 422, `DUPLICATE_RECORD`},
		{"two CNAMEs", "PUT " + zones + "/records/CNAME/new", `[{"data":"x.example","ttl":600},{"data":"y.example","ttl":600}]`, 422, `DUPLICATE_RECORD`},
		{"a CNAME at the apex", "PUT " + zones + "/records/CNAME/@", `[{"data":"x.example","ttl":600}]`, 422, ``},
		{"a target of one label", "PUT " + zones + "/records/CNAME/new", `[{"data":"x","ttl":600}]`, 422, `hostname`},
		{"an MX without priority", "PUT " + zones + "/records/MX/@", `[{"data":"10 mx.example","ttl":600}]`, 422, `records[0].priority`},
		{"an MX", "PUT " + zones + "/records/MX/@", `[{"data":"mx.example.","ttl":600,"priority":0}]`, 200, ""},
		{"no mail", "PUT " + zones + "/records/MX/@", `[{"data":".","ttl":600,"priority":0}]`, 422, `hostname`},
		{"an SRV without service", "PUT " + zones + "/records/SRV/@", `[{"data":"x.example","ttl":600,"priority":0,"weight":0,"port":1}]`, 422, `records[0].service`},
		{"an SRV", "PUT " + zones + "/records/SRV/@", `[{"data":"x.example","ttl":600,"priority":0,"weight":0,"port":1,"service":"_x","protocol":"_udp"}]`, 200, ""},
		{"an address with fields of others", "PUT " + zones + "/records/A/a", `[{"data":"192.0.2.2","ttl":600,"priority":0,"service":""}]`, 200, ""},
		{"CAA", "PUT " + zones + "/records/CAA/@", `[{"data":"0 issue \"ca.example\"","ttl":600}]`, 422, `is not one of enum values: \"A\", \"AAAA\", \"CNAME\", \"MX\", \"NS\", \"SRV\", \"TXT\"`},
		{"SOA", "DELETE " + zones + "/records/SOA/@", ``, 422, `enum`},
		{"name servers of the apex", "PUT " + zones + "/records/NS/@", `[{"data":"ns.example.net","ttl":3600}]`, 422, `FAILED_NAME_SERVER_VALIDATION`},
		{"a delegation", "PUT " + zones + "/records/NS/sub", `[{"data":"ns.example.net","ttl":3600}]`, 200, ""},
		{"a text of 1024", "PUT " + zones + "/records/TXT/t", `[{"data":"` + strings.Repeat("x", 1024) + `","ttl":600}]`, 200, ""},
		{"a text of 1025", "PUT " + zones + "/records/TXT/t", `[{"data":"` + strings.Repeat("x", 1025) + `","ttl":600}]`, 422, `maximum length`},
		{"a text beyond ASCII", "PUT " + zones + "/records/TXT/t", `[{"data":"grüße","ttl":600}]`, 422, `text`},
		{"a name that begins with a hyphen", "PUT " + zones + "/records/TXT/-t", `[{"data":"x","ttl":600}]`, 422, `"path":"name"`},
		{"a name with a slash", "PUT " + zones + "/records/TXT/a%2Fb", `[{"data":"x","ttl":600}]`, 422, `"path":"name"`},
		{"an RRset deleted", "DELETE " + zones + "/records/A/a", ``, 204, ""},
		{"one that is not there", "DELETE " + zones + "/records/A/none", ``, 404, `NOT_FOUND`},
		{"a type deleted", "DELETE " + zones + "/records/TXT", ``, 404, `NOT_FOUND`},
		{"a record added", "PATCH " + zones + "/records", `[{"type":"TXT","name":"@","data":"more","ttl":600}]`, 200, ""},
		{"one that is there", "PATCH " + zones + "/records", `[{"type":"TXT","name":"@","data":"v=spf1 -all","ttl":600}]`, 422, `DUPLICATE_RECORD`},
		{"a type replaced without names", "PUT " + zones + "/records/TXT/", `[{"data":"x","ttl":600}]`, 422, `records[0].name`},
		{"a zone replaced without name servers", "PUT " + zones + "/records", `[{"type":"TXT","name":"@","data":"x","ttl":600}]`, 422, `MISSING_NAME_SERVER`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
			before := f.Lines(apex)
			status, answer := ask(t, f, pair, c.request, c.body)
			if status != c.status || !strings.Contains(answer, c.answer) || (status == 200 || status == 204) && !strings.HasPrefix(c.request, "GET") && answer != "" {
				t.Errorf("got %d %s, want %d with %s", status, answer, c.status, c.answer)
			}
			if status >= 400 && !slices.Equal(before, f.Lines(apex)) {
				t.Error("what is refused has changed the zone")
			}
		})
	}
}

// TestWholeType: a write of a whole type replaces it at all names.
func TestWholeType(t *testing.T) {
	f := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
	if status, answer := ask(t, f, pair, "PUT /v1/domains/customer.example/records/TXT", `[{"name":"new","data":"x","ttl":600}]`); status != 200 {
		t.Fatal(status, answer)
	}
	var texts []string
	for _, r := range f.Zone(apex).Records {
		if r.Type == "TXT" {
			texts = append(texts, r.String())
		}
	}
	if want := []string{`new.customer.example. 600 TXT "x"`}; !slices.Equal(texts, want) {
		t.Errorf("got %v, want %v", texts, want)
	}
}

// TestAccounts: who is let in, and how far.
func TestAccounts(t *testing.T) {
	const list, domain, records, write = "GET /v1/domains", "GET /v1/domains/customer.example", "GET /v1/domains/customer.example/records", "PUT /v1/domains/customer.example/records/A/a"
	f := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}, Accounts: []godaddytest.Account{
		{Key: "full", Secret: "s"},
		{Key: "closed", Secret: "s", Access: godaddytest.Closed},
		{Token: "gdpat.few", Access: godaddytest.RecordsOnly},
		{Key: "reader", Secret: "s", Access: godaddytest.ReadOnly},
		{Key: "another", Secret: "s", Zones: []zone.Name{}},
	}})
	for _, c := range []struct {
		auth string
		want [4]int // list, domain, records, write
		code string // of the first that is refused
	}{
		{"sso-key full:s", [4]int{200, 200, 200, 200}, ""},
		{"sso-key closed:s", [4]int{403, 403, 403, 403}, `{"code":"ACCESS_DENIED","message":"Authenticated user is not allowed access"}`},
		{"Bearer gdpat.few", [4]int{403, 403, 200, 200}, `ACCESS_DENIED`},
		{"sso-key reader:s", [4]int{200, 200, 200, 403}, `ACCESS_DENIED`},
		{"sso-key another:s", [4]int{200, 404, 404, 404}, `NOT_FOUND`},
		{"sso-key full:other", [4]int{401, 401, 401, 401}, `{"code":"UNABLE_TO_AUTHENTICATE","message":"Unauthorized : Could not authenticate API key/secret"}`},
		{"sso-key full", [4]int{401, 401, 401, 401}, `MALFORMED_CREDENTIALS`},
		{"Basic full:s", [4]int{401, 401, 401, 401}, `MALFORMED_CREDENTIALS`},
		{"Bearer full", [4]int{401, 401, 401, 401}, `UNABLE_TO_AUTHENTICATE`},
		{"sso-key :", [4]int{401, 401, 401, 401}, `UNABLE_TO_AUTHENTICATE`},
		{"", [4]int{401, 401, 401, 401}, `MISSING_CREDENTIALS`},
	} {
		code := ""
		for i, request := range []string{list, domain, records, write} {
			status, answer := ask(t, f, c.auth, request, `[{"data":"192.0.2.9","ttl":600}]`)
			if status != c.want[i] {
				t.Errorf("%q: %s is %d, want %d", c.auth, request, status, c.want[i])
			}
			if status >= 400 && code == "" {
				code = answer
			}
		}
		if !strings.Contains(code, c.code) {
			t.Errorf("%q: %s, want %s", c.auth, code, c.code)
		}
	}
}

// TestRate: sixty requests a minute of each endpoint, for each credential.
func TestRate(t *testing.T) {
	f := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}, Accounts: []godaddytest.Account{{Key: "a", Secret: "s"}, {Key: "b", Secret: "s"}}})
	for i := range 61 {
		status, answer := ask(t, f, "sso-key a:s", fmt.Sprintf("GET /v1/domains/customer.example/records/A/n%d", i), "")
		if i < 60 {
			if status != 200 {
				t.Fatalf("request %d: %d %s", i+1, status, answer)
			}
			continue
		}
		var said struct {
			Code          string
			RetryAfterSec int
		}
		if err := json.Unmarshal([]byte(answer), &said); err != nil || status != 429 || said.Code != "TOO_MANY_REQUESTS" || said.RetryAfterSec < 1 || said.RetryAfterSec > 60 {
			t.Errorf("request %d: %d %s", i+1, status, answer)
		}
	}
	if status, _ := ask(t, f, "sso-key a:s", "GET /v1/domains/customer.example/records", ""); status != 200 {
		t.Errorf("another endpoint: %d", status)
	}
	if status, _ := ask(t, f, "sso-key b:s", "GET /v1/domains/customer.example/records/A/a", ""); status != 200 {
		t.Errorf("another credential: %d", status)
	}
}

// TestRoundTrip: a zone comes out as it was put in, but for what the host keeps
// by itself.
func TestRoundTrip(t *testing.T) {
	want := site()
	want.Records = append(want.Records,
		zone.Record{Name: apex, Type: "TXT", TTL: 600, Data: `"a " "b"`, Meta: "quoted=true"},
		zone.Record{Name: apex, Type: "A", TTL: 600, Data: "Parked", Opaque: true},
	)
	f := start(t, godaddytest.Options{Zones: []zone.Snapshot{want}})
	for _, r := range want.Records {
		if !slices.Contains(f.Zone(apex).Records, r) {
			t.Errorf("%s %q is missing", r, r.Meta)
		}
	}
	f.Change(apex, zone.Change{Owner: "a." + apex, Remove: want.Set("a."+apex, "A"), Add: []zone.Record{zone.NewTXT("a."+apex, 600, "new")}})
	if at := f.Zone(apex).At("a." + apex); len(at) != 1 || at[0].Text() != "new" {
		t.Errorf("got %v", at)
	}
	if f.Zone("none.example").Records != nil || f.Lines("none.example") != nil {
		t.Error("a zone that is none")
	}
}

// TestLists: the ways in which a list may be cut into pages, end, or show more
// than it was asked for.
func TestLists(t *testing.T) {
	lines := []string{`{"name":"a"}`, `{"name":"b"}`, `{"name":"c"}`, `{"name":"d"}`, `{"name":"e"}`}
	for _, c := range []struct {
		name   string
		opts   godaddytest.Options
		query  string
		status int
		answer string
	}{
		{"all", godaddytest.Options{}, "", 200, `[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"}]`},
		{"a page", godaddytest.Options{}, "?limit=2&offset=2", 200, `[{"name":"c"},{"name":"d"}]`},
		{"a page by row", godaddytest.Options{ByRow: true}, "?limit=2&offset=1", 200, `[{"name":"b"},{"name":"c"}]`},
		{"a page cut short", godaddytest.Options{PageSize: 2}, "?limit=500", 200, `[{"name":"a"},{"name":"b"}]`},
		{"the next one", godaddytest.Options{PageSize: 2}, "?limit=500&offset=3", 200, `[{"name":"e"}]`},
		{"one that is shorter already", godaddytest.Options{PageSize: 2}, "?limit=1", 200, `[{"name":"a"}]`},
		{"beyond the end", godaddytest.Options{}, "?limit=2&offset=4", 422, `{"code":"INVALID_BODY","fields":[{"code":"INVALID_VALUE","message":"is beyond the last record","path":"offset"}],"message":"Request body doesn't fulfill schema, see details in ` + "`fields`" + `"}`},
		{"beyond the end, mute", godaddytest.Options{Beyond: godaddytest.BeyondMute}, "?limit=2&offset=4", 422, `{"code":"INVALID_BODY","message":"Request body doesn't fulfill schema, see details in ` + "`fields`" + `"}`},
		{"beyond the end, empty", godaddytest.Options{Beyond: godaddytest.BeyondEmpty}, "?limit=2&offset=4", 200, `[]`},
		{"of another name and type", godaddytest.Options{}, "/TXT/a", 200, `[]`},
		{"of another name and type, unfiltered", godaddytest.Options{Unfiltered: true}, "/TXT/a?limit=1", 200, `[{"name":"a"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, c.opts)
			f.SetLines(apex, lines...)
			if status, answer := ask(t, f, pair, "GET /v1/domains/customer.example/records"+c.query, ""); status != c.status || answer != c.answer {
				t.Errorf("got %d %s, want %d %s", status, answer, c.status, c.answer)
			}
		})
	}
}

// TestSetLines: records are shown as they were given, whatever they are, also
// after others were written, and go when their RRset is replaced, in any case.
func TestSetLines(t *testing.T) {
	odd := []string{`{"type":"TXT","name":"WWW","data":"x","ttl":600,"note":[1]}`, `{"name":"a..b"}`, `null`, `[1]`}
	f := start(t, godaddytest.Options{})
	f.SetLines(apex, odd...)
	if got := f.Lines(apex); !slices.Equal(got, slices.Sorted(slices.Values(odd))) {
		t.Errorf("got %q, want %q", got, odd)
	}
	for _, path := range []string{"/A/@", "/TXT/www"} {
		if status, answer := ask(t, f, pair, "PUT /v1/domains/customer.example/records"+path, `[{"data":"192.0.2.1","ttl":600}]`); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	want := slices.Sorted(slices.Values([]string{
		`{"data":"192.0.2.1","name":"@","ttl":600,"type":"A"}`, `{"data":"192.0.2.1","name":"www","ttl":600,"type":"TXT"}`, odd[1], odd[2], odd[3],
	}))
	if got := f.Lines(apex); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestBridge: the zone is served over DNS under the host's own name servers.
func TestBridge(t *testing.T) {
	f := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
	b, err := f.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	v := verify.New(verify.Options{Start: b.World().Start(), Map: b.World().Map})
	if a := v.Lookup(t.Context(), "_sip._tcp."+apex, "SRV"); len(a.Records) != 1 || a.Records[0].Data != "1 2 3 sip.example." {
		t.Errorf("got %+v", a)
	}
	f.Change(apex, zone.Change{Owner: apex, Add: []zone.Record{zone.NewTXT(apex, 3600, "more")}})
	if a := v.Lookup(t.Context(), apex, "TXT"); len(a.Records) != 2 {
		t.Errorf("got %+v", a)
	}
	if a := v.Lookup(t.Context(), apex, "NS"); len(a.Records) != 2 {
		t.Errorf("got %+v", a)
	}
}
