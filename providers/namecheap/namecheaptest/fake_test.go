package namecheaptest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

func start(t *testing.T, o namecheaptest.Options) *namecheaptest.Fake {
	t.Helper()
	f, err := namecheaptest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.Set(zone.NewSnapshot(apex, []zone.Record{
		{Name: "www." + apex, Type: "A", TTL: 1799, Data: "192.0.2.1"}, {Name: apex, Type: "MX", TTL: 1800, Data: "10 mx.mail.example."},
	}))
	return f
}

// ask sends one command of the first account. Words are KEY=VALUE.
func ask(t *testing.T, f *namecheaptest.Fake, words ...string) (status int, body string) {
	t.Helper()
	q := url.Values{"ApiUser": {"customer"}, "ApiKey": {f.Credentials(0)["api_key"]}, "UserName": {"customer"}, "ClientIp": {"192.0.2.1"}, "SLD": {"customer"}, "TLD": {"example"}}
	for _, w := range words {
		k, v, _ := strings.Cut(w, "=")
		q.Set(k, v)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.Endpoint()+"?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

const (
	getHosts = "Command=namecheap.domains.dns.getHosts"
	setHosts = "Command=namecheap.domains.dns.setHosts"
	getList  = "Command=namecheap.domains.getList"
)

// TestAnswers: each rule of the API, by one request and what its answer holds.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name  string
		words []string
		want  string
	}{
		{"the hosts", []string{getHosts}, `EmailType="MX" IsUsingOurDNS="true"><host HostId="`},
		{"no key", []string{getHosts, "ApiKey="}, `<Error Number="1010102">`},
		{"a wrong key", []string{getHosts, "ApiKey=x"}, `<Error Number="1011102">`},
		{"no command", nil, `<Error Number="1010104">`},
		{"another command", []string{"Command=namecheap.domains.dns.drop"}, `<Error Number="1011104">`},
		{"an address that is not allowed", []string{getHosts, "ClientIp=192.0.2.9"}, `<Error Number="1011150">Invalid request IP: 192.0.2.9`},
		{"IPv6", []string{getHosts, "ClientIp=2001:db8::1"}, `<Error Number="1011105">`},
		{"another account", []string{getHosts, "UserName=ghost"}, `<Error Number="1019103">`},
		{"no such domain", []string{getHosts, "SLD=nobody"}, `<Error Number="2019166">`},
		{"a page that is too small", []string{getList, "PageSize=5"}, `<Error Number="2011170">`},
		{"the domains", []string{getList}, `<TotalItems>1</TotalItems>`},
		{"the TLDs", []string{"Command=namecheap.domains.getTldList"}, `<Tld Name="com">`},
		{"the name servers", []string{"Command=namecheap.domains.dns.getList"}, `<Nameserver>dns1.registrar-servers.com</Nameserver>`},
		{"another type", []string{setHosts, "HostName1=a", "RecordType1=LOC", "Address1=x"}, `<Error Number="2050900">`},
		{"no address", []string{setHosts, "HostName1=a", "RecordType1=A", "Address1=x"}, `<Error Number="2050900">`},
		{"a TTL that is too short", []string{setHosts, "HostName1=a", "RecordType1=A", "Address1=192.0.2.1", "TTL1=59"}, `<Error Number="2050900">TTL1`},
		{"a TTL that is too long", []string{setHosts, "HostName1=a", "RecordType1=A", "Address1=192.0.2.1", "TTL1=60001"}, `<Error Number="2050900">TTL1`},
		{"a redirect without a scheme", []string{setHosts, "HostName1=a", "RecordType1=URL", "Address1=host.example"}, `<Error Number="2050900">`},
		{"another mail setting", []string{setHosts, "EmailType=POP"}, `<Error Number="2011170">`},
		{"SRV records without a count", []string{"Command=namecheap.domains.dns.setsrvrecords"}, `<Error Number="2011170">`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{})
			before := f.Zone(apex)
			status, body := ask(t, f, c.words...)
			if status != 200 || !strings.Contains(body, c.want) {
				t.Errorf("%d %s, want %s", status, body, c.want)
			}
			if strings.Contains(c.want, "<Error") != strings.Contains(body, `Status="ERROR"`) {
				t.Errorf("the status does not say so: %s", body)
			}
			if got := f.Zone(apex); len(got.Records) != len(before.Records) || got.Meta != before.Meta {
				t.Errorf("the zone is %v now", got)
			}
		})
	}
}

// TestSetHosts: what of a request is stored, and how.
func TestSetHosts(t *testing.T) {
	for _, c := range []struct {
		name  string
		words []string
		want  string // the records but for their zone, one after another
	}{
		{"the whole zone is replaced", []string{"HostName1=a", "RecordType1=A", "Address1=192.0.2.7", "TTL1=60"}, "a 60 A 192.0.2.7"},
		{"TTL, preference and case have defaults", []string{"EmailType=MX", "HostName1=M", "RecordType1=mx", "Address1=mx.example"}, "m 1800 MX 10 mx.example."},
		{"a target gets its dot", []string{"HostName1=a", "RecordType1=CNAME", "Address1=b.example", "TTL1=60"}, "a 60 CNAME b.example."},
		{"a CAA value gets its quotes", []string{"HostName1=@", "RecordType1=CAA", "Address1=0 issue ca.example", "TTL1=60"}, `@ 60 CAA 0 issue "ca.example"`},
		{"no MX without the mail setting", []string{"HostName1=a", "RecordType1=A", "Address1=192.0.2.7", "TTL1=60", "HostName2=@", "RecordType2=MX", "Address2=mx.example.", "EmailType2=MX"}, "a 60 A 192.0.2.7"},
		{"a gap ends the list", []string{"HostName1=a", "RecordType1=A", "Address1=192.0.2.7", "TTL1=60", "HostName3=b", "RecordType3=A", "Address3=192.0.2.8"}, "a 60 A 192.0.2.7"},
		{"no host is the parking page", nil, "@ 1800 REDIRECT 302 http://www.customer.example/?from=@; www 1800 CNAME parkingpage.namecheap.com."},
		{"a text is what was sent", []string{"HostName1=t", "RecordType1=TXT", `Address1= "a" <&> \ `, "TTL1=60"}, `t 60 TXT " \"a\" <&> \\ "`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{})
			if _, body := ask(t, f, append(c.words, setHosts)...); !strings.Contains(body, `IsSuccess="true"`) {
				t.Error(body)
			}
			var got []string
			for _, r := range f.Zone(apex).Records {
				got = append(got, strings.Replace(r.String(), r.Name.FQDN(), r.Name.Rel(apex), 1))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

// TestSRV: SRV records are answered in the form that is on record, and are set as
// a whole.
func TestSRV(t *testing.T) {
	f := start(t, namecheaptest.Options{})
	const set = "Command=namecheap.domains.dns.setsrvrecords"
	for _, count := range []string{"SrvCount=1", "SRVCount=1"} {
		f.Set(zone.NewSnapshot(apex, nil))
		if _, body := ask(t, f, set, count, "Service1=_sip", "Protocol1=_tls", "Priority1=100", "Weight1=1", "Port1=443", "Target1=sip.host.example"); !strings.Contains(body, "<Inserted>1</Inserted>") {
			t.Error(body)
		}
		_, body := ask(t, f, "Command=namecheap.domains.dns.getsrvrecords")
		for _, want := range []string{
			`<Result IsActive="false"><Records><AssociatedAppTitle></AssociatedAppTitle><FriendlyName></FriendlyName><IsActive>true</IsActive><HostId>`,
			`</HostId><Service>_sip</Service><Protocol>_tls</Protocol><Priority>100</Priority><Port>443</Port><Target>sip.host.example</Target><Weight>1</Weight></Records></Result>`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s is not in %s", want, body)
			}
		}
	}
}

// TestCut: a domain is found cut before its TLD, the longest that is sold.
func TestCut(t *testing.T) {
	f := start(t, namecheaptest.Options{})
	f.Set(zone.NewSnapshot("shop.example.co.uk", nil))
	for cut, want := range map[[2]string]string{
		{"SLD=shop.example", "TLD=co.uk"}: `Domain="shop.example.co.uk"`,
		{"SLD=shop.example.co", "TLD=uk"}: `<Error Number="2030166">`,
		{"SLD=shop", "TLD=example.co.uk"}: `<Error Number="2030166">`,
	} {
		if _, body := ask(t, f, getHosts, cut[0], cut[1]); !strings.Contains(body, want) {
			t.Errorf("%v: %s, want %s", cut, body, want)
		}
	}
}

// TestPerMinute: what comes too soon is answered with status 405.
func TestPerMinute(t *testing.T) {
	f := start(t, namecheaptest.Options{PerMinute: 2})
	for i, want := range []int{200, 200, 405} {
		if status, _ := ask(t, f, getHosts); status != want {
			t.Errorf("request %d: %d, want %d", i+1, status, want)
		}
	}
}
