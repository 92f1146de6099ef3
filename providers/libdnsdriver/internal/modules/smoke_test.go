package modules

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/libdns/desec"
	"github.com/libdns/gandi"
	"github.com/libdns/hetzner"
	"github.com/libdns/ionos"
	"github.com/libdns/porkbun"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

const secret = "secret-of-the-customer"

// fake answers a module in the place of the network. It knows the requests of
// one list call, each by method, host and path, and refuses what has not the
// secret in it.
type fake struct {
	answers map[string]string // by "GET api.host.example/path"
	status  int               // instead of 200 for what is refused
	refusal string            // its body
	garbage string            // in the place of every answer, "" for none
}

func (f fake) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	signed := strings.Contains(fmt.Sprint(r.Header)+body, secret)
	answer, known := f.answers[r.Method+" "+r.URL.Host+r.URL.Path]
	status := http.StatusOK
	switch {
	case f.garbage != "":
		answer = f.garbage
	case !signed:
		status, answer = f.status, f.refusal
	case !known:
		status, answer = http.StatusNotFound, `{"code":404,"message":"no such thing"}`
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: r,
	}, nil
}

// smoke is one module: how it is made, and the answers that its reading asks for.
type smoke struct {
	name string
	new  func(token string) any
	text libdnsdriver.Text
	fake fake
	want []string // the zone that the answers hold
}

func smokes() []smoke {
	return []smoke{
		{
			// https://desec.readthedocs.io/en/latest/dns/rrsets.html
			name: "desec", new: func(token string) any { return &desec.Provider{Token: token} },
			fake: fake{
				answers: map[string]string{"GET desec.io/api/v1/domains/customer.example/rrsets/": `[
					{"subname":"","type":"TXT","records":["\"v=spf1 -all\"","\"say \\\"hi\\\"\""],"ttl":3600},
					{"subname":"www","type":"A","records":["192.0.2.1","192.0.2.2"],"ttl":3600},
					{"subname":"","type":"MX","records":["10 mx1.mail.example."],"ttl":3600}]`},
				status: 401, refusal: `{"detail":"Invalid token."}`,
			},
			want: []string{
				"customer.example.\t3600\tIN\tMX\t10 mx1.mail.example.", "customer.example.\t3600\tIN\tTXT\t\"say \\\"hi\\\"\"",
				"customer.example.\t3600\tIN\tTXT\t\"v=spf1 -all\"", "www.customer.example.\t3600\tIN\tA\t192.0.2.1", "www.customer.example.\t3600\tIN\tA\t192.0.2.2",
			},
		},
		{
			// https://dns.hetzner.com/api-docs
			name: "hetzner", new: func(token string) any { return hetzner.New(token) },
			fake: fake{
				answers: map[string]string{
					"GET dns.hetzner.com/api/v1/zones": `{"zones":[{"id":"z1","name":"customer.example"}]}`,
					"GET dns.hetzner.com/api/v1/records": `{"records":[
						{"id":"1","type":"A","name":"www","value":"192.0.2.1","ttl":300},
						{"id":"2","type":"MX","name":"@","value":"10 mx1.mail.example.","ttl":300},
						{"id":"3","type":"TXT","name":"@","value":"v=spf1 -all","ttl":300}]}`,
				},
				status: 401, refusal: `{"message":"Invalid authentication credentials"}`,
			},
			want: []string{
				"customer.example.\t300\tIN\tMX\t10 mx1.mail.example.", "customer.example.\t300\tIN\tTXT\t\"v=spf1 -all\"", "www.customer.example.\t300\tIN\tA\t192.0.2.1",
			},
		},
		{
			// https://porkbun.com/api/json/v3/documentation
			name: "porkbun", new: func(token string) any { return &porkbun.Provider{APIKey: "pk1", APISecretKey: token} },
			fake: fake{
				answers: map[string]string{
					"POST api.porkbun.com/api/json/v3/domain/listAll": `{"status":"SUCCESS","domains":[{"domain":"customer.example"}]}`,
					"POST api.porkbun.com/api/json/v3/dns/retrieve/customer.example": `{"status":"SUCCESS","records":[
						{"name":"www.customer.example","type":"A","content":"192.0.2.1","ttl":"600","prio":"0"},
						{"name":"customer.example","type":"TXT","content":"v=spf1 -all","ttl":"600","prio":"0"},
						{"name":"customer.example","type":"MX","content":"mx1.mail.example","ttl":"600","prio":"10"}]}`,
				},
				status: 401, refusal: `{"status":"ERROR","message":"Invalid API key. (002)"}`,
			},
			// The MX record is missing: models.go, toLibdnsRecord, reads no MX
			// and no NS, and provider.go, GetRecords, leaves out what it cannot
			// read. No reading back can guard what no reading shows.
			want: []string{"customer.example.\t600\tIN\tTXT\t\"v=spf1 -all\"", "www.customer.example.\t600\tIN\tA\t192.0.2.1"},
		},
		{
			// https://api.gandi.net/docs/livedns/
			name: "gandi", new: func(token string) any { return &gandi.Provider{BearerToken: token} }, text: libdnsdriver.TextQuoted,
			fake: fake{
				answers: map[string]string{
					"GET api.gandi.net/v5/livedns/domains/customer.example": `{"fqdn":"customer.example","domain_records_href":"https://api.gandi.net/v5/livedns/domains/customer.example/records"}`,
					"GET api.gandi.net/v5/livedns/domains/customer.example/records": `[
						{"rrset_name":"www","rrset_type":"A","rrset_ttl":300,"rrset_values":["192.0.2.1"]},
						{"rrset_name":"@","rrset_type":"MX","rrset_ttl":300,"rrset_values":["10 mx1.mail.example."]},
						{"rrset_name":"@","rrset_type":"TXT","rrset_ttl":300,"rrset_values":["\"v=spf1 -all\""]}]`,
				},
				status: 401, refusal: `{"code":401,"message":"The server could not verify that you authorized to access the document you requested."}`,
			},
			want: []string{
				"customer.example.\t300\tIN\tMX\t10 mx1.mail.example.", "customer.example.\t300\tIN\tTXT\t\"v=spf1 -all\"", "www.customer.example.\t300\tIN\tA\t192.0.2.1",
			},
		},
		{
			// https://developer.hosting.ionos.de/docs/dns
			name: "ionos", new: func(token string) any { return &ionos.Provider{AuthAPIToken: token} },
			fake: fake{
				answers: map[string]string{
					"GET api.hosting.ionos.com/dns/v1/zones": `[{"name":"customer.example","id":"z1","type":"NATIVE"}]`,
					"GET api.hosting.ionos.com/dns/v1/zones/z1": `{"id":"z1","name":"customer.example","type":"NATIVE","records":[
						{"id":"1","name":"www.customer.example","rootName":"customer.example","type":"A","content":"192.0.2.1","ttl":3600},
						{"id":"2","name":"customer.example","rootName":"customer.example","type":"MX","content":"mx1.mail.example","ttl":3600,"prio":10},
						{"id":"3","name":"customer.example","rootName":"customer.example","type":"TXT","content":"\"v=spf1 -all\"","ttl":3600}]}`,
				},
				status: 401, refusal: `[{"code":"UNAUTHORIZED","message":"The customer is not authorized to do this operation."}]`,
			},
			want: []string{
				"customer.example.\t3600\tIN\tMX\t10 mx1.mail.example.", "customer.example.\t3600\tIN\tTXT\t\"v=spf1 -all\"", "www.customer.example.\t3600\tIN\tA\t192.0.2.1",
			},
		},
	}
}

func (s smoke) driver() libdnsdriver.Driver {
	return libdnsdriver.Driver{
		Host: providers.Info{ID: "libdns-" + s.name, Name: s.name, Fields: []providers.Field{{Name: "token", Label: "API token", Secret: true}}},
		Text: s.text,
		New:  func(c providers.Credentials) (any, error) { return s.new(c["token"]), nil },
	}
}

// answering puts the fake in the place of the network of this process: these
// modules speak through http.DefaultTransport and have no other seam.
func answering(t *testing.T, f fake) {
	before := http.DefaultTransport
	http.DefaultTransport = f
	t.Cleanup(func() { http.DefaultTransport = before })
}

// TestSmoke opens each module, reads a zone through it, and reads its errors.
func TestSmoke(t *testing.T) {
	for _, s := range smokes() {
		t.Run(s.name, func(t *testing.T) {
			open := func(token string) *providers.Account {
				t.Helper()
				acct, err := providers.Open(s.driver(), providers.Credentials{"token": token}, providers.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return acct
			}
			answering(t, s.fake)
			acct := open(secret)
			z, err := acct.Find(t.Context(), apex)
			if err != nil {
				t.Fatalf("Find: %v", err)
			}
			snap, err := acct.Read(t.Context(), z)
			if err != nil {
				t.Fatalf("Read: %v", err)
			}
			var got []string
			for _, r := range snap.Records {
				rr, err := r.RR()
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, rr.String())
			}
			if !slices.Equal(got, s.want) {
				t.Errorf("read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(s.want, "\n"))
			}
			_, err = open("a-wrong-token-that-must-not-show").Find(t.Context(), apex)
			if c := providers.CodeOf(err); c != providers.InvalidCredentials && c != providers.AccessDenied || strings.Contains(err.Error(), "must-not-show") {
				t.Errorf("a wrong token: %v, want InvalidCredentials or AccessDenied", err)
			}
		})
	}
}

// TestGarbage reads what no API answers: an error, or a zone without records,
// and never a panic.
func TestGarbage(t *testing.T) {
	for _, s := range smokes() {
		for _, garbage := range []string{
			"<html>Bad Gateway</html>", "{", "null", "{}", "[]", `{"zones":[]}`, `{"zones":[{}],"records":[{}],"status":"SUCCESS"}`, `[{}]`, `"text"`,
			`{"records":[{"name":"x","type":"HTTPS","value":"1 . k=\\25","content":"1 . k=\\25","ttl":"1"}],"zones":[{"id":"1"}],"status":"SUCCESS"}`,
			`[{"subname":"x","type":"HTTPS","records":["1 . k=\\25"],"ttl":1,"name":"customer.example","rrset_values":["1 . k=\\25"],"rrset_type":"HTTPS"}]`,
		} {
			t.Run(s.name+" "+garbage, func(t *testing.T) {
				answering(t, fake{garbage: garbage})
				session, err := s.driver().Open(providers.Credentials{"token": secret})
				if err != nil {
					t.Fatal(err)
				}
				snap, err := session.Read(t.Context(), providers.Zone{ID: "z", Apex: apex})
				var known zone.Snapshot
				if err != nil {
					snap = known
				}
				for _, r := range snap.Records {
					if !r.Opaque && r.Type != "HTTPS" {
						t.Errorf("a record out of nothing: %s", r)
					}
				}
				t.Logf("%d records, error %v", len(snap.Records), err)
			})
		}
	}
}
