package namecheap_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// hostsOf is an answer of getHosts with this mail setting and these hosts.
func hostsOf(emailType, hosts string) string {
	return `<DomainDNSGetHostsResult Domain="customer.example" EmailType="` + emailType + `" IsUsingOurDNS="true">` + hosts + `</DomainDNSGetHostsResult>`
}

// rewrite reads a zone with these hosts and writes one text more to it. sent is
// the form that setHosts got, nil where nothing was sent.
func rewrite(t *testing.T, emailType, hosts string) (snap zone.Snapshot, sent url.Values, err error) {
	t.Helper()
	f := start(t, namecheaptest.Options{})
	s := session(t, f)
	f.FailNext(2, hostsAnswer(hostsOf(emailType, hosts)))
	if snap, err = s.Read(t.Context(), whole()); err != nil {
		return snap, nil, err
	}
	f.SetHook(func(r *http.Request) {
		if r.ParseForm() == nil && r.Form.Get("Command") == setHosts {
			sent = r.Form
		}
	})
	f.FailNext(2, hostsAnswer(hostsOf(emailType, hosts)))
	f.FailWrite(1, hostsAnswer(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="true" />`))
	return snap, sent, s.Write(t.Context(), whole(), challengeEdit(snap))
}

// TestSpelling: what a write keeps goes back as the host spelled it, also where
// that is not how DNS spells it.
func TestSpelling(t *testing.T) {
	for _, c := range []struct{ name, host, read string }{
		{"a name in upper case", `Name="WWW" Type="A" Address="192.0.2.1" MXPref="10" TTL="60"`, "www.customer.example. 60 A 192.0.2.1"},
		{"a target in upper case", `Name="x" Type="CNAME" Address="Target.Example." MXPref="10" TTL="60"`, "x.customer.example. 60 CNAME target.example."},
		{"a target without its dot", `Name="x" Type="CNAME" Address="target" MXPref="10" TTL="60"`, "x.customer.example. 60 CNAME target."},
		{"a long address", `Name="x" Type="AAAA" Address="2001:DB8:0::1" MXPref="10" TTL="60"`, "x.customer.example. 60 AAAA 2001:db8::1"},
		{"a tag in upper case, a value without quotes", `Name="x" Type="CAA" Address="0 ISSUE ca.example" MXPref="10" TTL="60"`, `x.customer.example. 60 CAA 0 issue "ca.example"`},
		{"a type in lower case", `Name="x" Type="a" Address="192.0.2.1" MXPref="10" TTL="60"`, "x.customer.example. 60 A 192.0.2.1"},
		{"a type that nobody knows, with a preference", `Name="x" Type="NEWTYPE" Address="a" MXPref="7" TTL="60"`, "x.customer.example. 60 NEWTYPE a"},
		{"an empty text", `Name="x" Type="TXT" Address="" MXPref="10" TTL="60"`, `x.customer.example. 60 TXT ""`},
		{"a TTL of 0", `Name="x" Type="A" Address="192.0.2.1" MXPref="10" TTL="0"`, "x.customer.example. 0 A 192.0.2.1"},
		{"a redirect with a blank", `Name="x" Type="URL" Address="HTTP://A.example/ b" MXPref="11" TTL="60"`, "x.customer.example. 60 REDIRECT 302 HTTP://A.example/ b"},
		{"a policy at a name in its own alphabet", `Name="_dmarc.bücher" Type="TXT" Address="v=DMARC1" MXPref="10" TTL="60"`, `_dmarc.xn--bcher-kva.customer.example. 60 TXT "v=DMARC1"`},
		{"a wildcard below one", `Name="*.bücher" Type="A" Address="192.0.2.1" MXPref="10" TTL="60"`, "*.xn--bcher-kva.customer.example. 60 A 192.0.2.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			snap, sent, err := rewrite(t, "NONE", `<host `+c.host+`/>`)
			if err != nil || len(snap.Records) != 1 || snap.Records[0].String() != c.read {
				t.Fatalf("read as %v, %v, want %s", snap.Records, err, c.read)
			}
			n := "1"
			if sent.Get("HostName1") == "_acme-challenge" {
				n = "2"
			}
			for attr, param := range map[string]string{"Name": "HostName", "Type": "RecordType", "Address": "Address", "MXPref": "MXPref", "TTL": "TTL"} {
				_, want, _ := strings.Cut(" "+c.host, " "+attr+`="`)
				want, _, _ = strings.Cut(want, `"`)
				if got := sent.Get(param + n); got != want {
					t.Errorf("%s goes back as %q, want %q", attr, got, want)
				}
			}
		})
	}
	t.Run("a record that is there in two spellings", func(t *testing.T) {
		_, sent, err := rewrite(t, "NONE", `<host Name="WWW" Type="A" Address="192.0.2.1" TTL="60"/><host Name="www" Type="A" Address="192.0.2.1" TTL="60"/>`)
		if err != nil || sent.Get("HostName2") != "WWW" || sent.Get("HostName3") != "www" || sent.Has("HostName4") {
			t.Errorf("%v, %v", sent, err)
		}
	})
	t.Run("what was not there has the host's own preference", func(t *testing.T) {
		_, sent, err := rewrite(t, "NONE", `<host Name="zz" Type="A" Address="192.0.2.1" MXPref="10" TTL="60"/>`)
		if err != nil || sent.Get("HostName1") != "_acme-challenge" || sent.Get("MXPref1") != "10" {
			t.Errorf("%v, %v", sent, err)
		}
	})
}

// TestNotWhole: an entry that lacks what it must have, and a setting that is
// none, make the answer one that says nothing.
func TestNotWhole(t *testing.T) {
	for _, c := range []struct{ name, setting, hosts string }{
		{"no address", "NONE", `<host Name="x" Type="A" MXPref="10" TTL="60"/>`},
		{"an empty address", "NONE", `<host Name="x" Type="A" Address="" MXPref="10" TTL="60"/>`},
		{"a text that is not there", "NONE", `<host Name="x" Type="TXT" MXPref="10" TTL="60"/>`},
		{"no type", "NONE", `<host Name="x" Address="192.0.2.1" MXPref="10" TTL="60"/>`},
		{"no name", "NONE", `<host Type="A" Address="192.0.2.1" MXPref="10" TTL="60"/>`},
		{"no TTL", "NONE", `<host Name="x" Type="A" Address="192.0.2.1" MXPref="10"/>`},
		{"no preference", "MX", `<host Name="x" Type="MX" Address="mail.example." TTL="60"/>`},
		{"no mail server of the owner's", "MX", `<host Name="x" Type="A" Address="192.0.2.1" TTL="60"/>`},
		{"no address of the mail server", "MXE", `<host Name="x" Type="A" Address="192.0.2.1" TTL="60"/>`},
		{"a setting of two words", "odd one", `<host Name="x" Type="A" Address="192.0.2.1" TTL="60"/>`},
		{"two lists", "NONE", `</DomainDNSGetHostsResult>` + strings.TrimSuffix(hostsOf("NONE", ""), "</DomainDNSGetHostsResult>")},
		{"a list of another domain before it", "NONE", `<host Name="theirs" Type="A" Address="192.0.2.9" TTL="60"/></DomainDNSGetHostsResult><DomainDNSGetHostsResult Domain="other.example" EmailType="NONE" IsUsingOurDNS="true">`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if snap, sent, err := rewrite(t, c.setting, c.hosts); providers.CodeOf(err) != providers.Unavailable || sent != nil {
				t.Errorf("got %v, %v", snap.Records, err)
			}
		})
	}
}

// TestNotSentBack: what setHosts would make another record of keeps a zone from
// being written, and so does a mail setting that would become another one.
func TestNotSentBack(t *testing.T) {
	const a = `<host Name="x" Type="A" Address="192.0.2.1" TTL="60"`
	const mx = `<host Name="@" Type="MX" Address="mail.example." MXPref="10" TTL="60"/>`
	const mxe = `<host Name="@" Type="MXE" Address="192.0.2.25" TTL="60"/>`
	for _, c := range []struct {
		name, setting, hosts string
		code                 providers.Code
	}{
		{"a record that is switched off", "NONE", a + ` IsActive="false"/>`, providers.Unsupported},
		{"a record of dynamic DNS", "NONE", a + ` IsDDNSEnabled="true"/>`, providers.Unsupported},
		{"a text with quotes", "NONE", `<host Name="x" Type="TXT" Address="a &quot;b&quot;" TTL="60"/>`, providers.Unsupported},
		{"a text of two lines", "NONE", `<host Name="x" Type="TXT" Address="a&#10;b" TTL="60"/>`, providers.Unsupported},
		{"no mail setting", "", a + `/>`, providers.Unavailable},
		{"no mail, and an MX record", "NONE", mx, providers.Unsupported},
		{"forwarding, and an MX record", "FWD", mx, providers.Unsupported},
		{"an MXE record, and an MX record", "MXE", mx + mxe, providers.Unsupported},
		{"no mail, and an MXE record", "NONE", mxe, providers.Unsupported},
		{"forwarding, and an MXE record", "FWD", mxe, providers.Unsupported},
		{"own mail, and an MXE record", "MX", mx + mxe, providers.Unsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			if snap, sent, err := rewrite(t, c.setting, c.hosts); providers.CodeOf(err) != c.code || sent != nil {
				t.Errorf("%v: got %v, want %s; sent %v", snap.Records, err, c.code, sent)
			}
		})
	}
	for _, setting := range []string{"FWD ", "Fwd", "fwd"} {
		_, sent, err := rewrite(t, setting, a+`/>`)
		if err != nil || sent.Get("EmailType") != "FWD" {
			t.Errorf("%q goes back as %q, %v", setting, sent.Get("EmailType"), err)
		}
	}
	if _, sent, err := rewrite(t, "BRANDNEW", a+`/>`+mx); err != nil || sent.Get("EmailType") != "BRANDNEW" {
		t.Errorf("a mail service that is not known here goes back as %q, %v", sent.Get("EmailType"), err)
	}
}
