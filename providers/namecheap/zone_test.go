package namecheap_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// TestElsewhere: a domain whose DNS is served by others is no zone here, and
// nothing is written to it.
func TestElsewhere(t *testing.T) {
	f := start(t, namecheaptest.Options{}, mailZone()...)
	s := session(t, f)
	z, err := s.Find(t.Context(), apex)
	if err != nil || !slices.Equal(z.NameServers, []zone.Name{"dns1.registrar-servers.com", "dns2.registrar-servers.com"}) || z.ID != string(apex) {
		t.Fatalf("%+v, %v", z, err)
	}
	snap, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	f.Elsewhere(apex, true)
	_, found := s.Find(t.Context(), apex)
	_, read := s.Read(t.Context(), z)
	wrote := s.Write(t.Context(), z, zone.Edit{Before: snap.Records, After: snap.With(challengeChange()).Records, Meta: snap.Meta})
	for call, err := range map[string]error{"Find": found, "Read": read, "Write": wrote} {
		if providers.CodeOf(err) != providers.NoSuchZone || !strings.Contains(err.Error(), "served by others") {
			t.Errorf("%s: %v", call, err)
		}
	}
	f.Elsewhere(apex, false)
	f.FailNext(2, hostsAnswer(`<DomainDNSGetHostsResult Domain="customer.example" EmailType="MX" IsUsingOurDNS="false" />`))
	if _, err := s.Read(t.Context(), z); providers.CodeOf(err) != providers.NoSuchZone {
		t.Errorf("said by the list of hosts: %v", err)
	}
}

// TestAnswersToOthers: an answer that is about another domain, or lacks what it
// must have, is no zone.
func TestAnswersToOthers(t *testing.T) {
	for _, inside := range []string{
		`<DomainDNSGetHostsResult Domain="other.example" EmailType="MX" IsUsingOurDNS="true" />`,
		`<DomainDNSGetHostsResult Domain="customer.example" EmailType="MX" />`,
		`<DomainDNSGetHostsResult Domain="customer.example" EmailType="MX" IsUsingOurDNS="true"><host Name="a" Type="A" Address="192.0.2.1" TTL="often"/></DomainDNSGetHostsResult>`,
		`<DomainDNSGetHostsResult Domain="customer.example" EmailType="MX" IsUsingOurDNS="true"><host Name="a..b" Type="A" Address="192.0.2.1" TTL="60"/></DomainDNSGetHostsResult>`,
		`<DomainDNSGetHostsResult Domain="customer.example" EmailType="MX" IsUsingOurDNS="true"><box Name="a" Type="A" Address="192.0.2.1" TTL="60"/></DomainDNSGetHostsResult>`,
	} {
		f := start(t, namecheaptest.Options{}, mailZone()...)
		f.FailNext(2, hostsAnswer(inside))
		if snap, err := session(t, f).Read(t.Context(), providers.Zone{Apex: apex}); providers.CodeOf(err) != providers.Unavailable {
			t.Errorf("%s: %v, %v", inside, snap.Records, err)
		}
	}
}

// TestKeptByteForByte: records of types and forms that nobody knows go back as
// they came.
func TestKeptByteForByte(t *testing.T) {
	const list = `<DomainDNSGetHostsResult Domain="customer.example" EmailType="NONE" IsUsingOurDNS="true">` +
		`<Host HostId="1" Name="@" Type="A" Address="192.0.2.1" MXPref="10" TTL="1799" />` +
		`<host HostId="2" Name="odd" Type="NEWTYPE" Address=" two  blanks &amp;c. " MXPref="7" TTL="61" IsActive="true" />` +
		`<host HostId="3" Name="broken" Type="CNAME" Address="not a name" MXPref="10" TTL="1800" />` +
		`<host HostId="6" Name="ca" Type="CAA" Address="0 issue &quot;a\097&quot;" MXPref="10" TTL="1800" />` +
		`<host HostId="5" Name="a b" Type="A" Address="192.0.2.5" MXPref="10" TTL="1800" />` +
		`<host HostId="4" Name="Bücher" Type="TXT" Address="'quoted' text" MXPref="10" TTL="1800" /></DomainDNSGetHostsResult>`
	f := start(t, namecheaptest.Options{})
	s := session(t, f)
	z := providers.Zone{Apex: apex}
	f.FailNext(2, hostsAnswer(list))
	snap, err := s.Read(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []zone.Record{
		{Name: "odd." + apex, Type: "NEWTYPE", TTL: 61, Data: " two  blanks &c. ", Opaque: true},
		{Name: "broken." + apex, Type: "CNAME", TTL: 1800, Data: "not a name", Opaque: true},
		{Name: "xn--bcher-kva." + apex, Type: "TXT", TTL: 1800, Data: `"'quoted' text"`, Meta: "host=B%C3%BCcher"},
		{Name: "ca." + apex, Type: "CAA", TTL: 1800, Data: `0 issue "a\097"`, Opaque: true},
		{Name: `a\032b.` + apex, Type: "A", TTL: 1800, Data: "192.0.2.5", Meta: "host=a+b"},
	} {
		if !slices.Contains(snap.Records, want) {
			t.Errorf("%v is not in %v", want, snap.Records)
		}
	}
	sent := ""
	f.SetHook(func(r *http.Request) {
		if r.ParseForm() == nil && r.Form.Get("Command") == setHosts {
			sent = r.Form.Encode()
		}
	})
	f.FailNext(2, hostsAnswer(list))
	f.FailWrite(1, hostsAnswer(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="true" />`))
	if err := s.Write(t.Context(), z, zone.Edit{Before: snap.Records, After: snap.With(challengeChange()).Records, Meta: snap.Meta}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"EmailType=NONE", "=NEWTYPE", "=+two++blanks+%26c.+&", "=not+a+name", "=B%C3%BCcher", "=%27quoted%27+text", "=1799", "=a+b&", "HostName7=", "=0+issue+%22a%5C097%22&"} {
		if !strings.Contains(sent, want) {
			t.Errorf("%q is not in %s", want, sent)
		}
	}
}

// TestSilentDrop: what the host drops without a word is not said to stand.
func TestSilentDrop(t *testing.T) {
	f := start(t, namecheaptest.Options{}, mailZone()...)
	r := rec("t", "TXT", "dropped")
	f.FailWrite(1, hostsAnswer(`<DomainDNSSetHostsResult Domain="customer.example" IsSuccess="true"/>`))
	o := apply(t, account(t, f, providers.Options{}), zone.Change{Owner: r.Name, Add: []zone.Record{r}})[0]
	if stands := zone.Contains(f.Zone(apex).Records, r); stands || o.State != providers.Failed {
		t.Errorf("%s %s, it stands: %t", o.State, o.Detail, stands)
	}
}

// TestOneMX: two MX records of a name for the same mail server, of which the
// sandbox keeps one without a word, are sent by no write, whatever it is about.
func TestOneMX(t *testing.T) {
	second := rec("@", "MX", "30 mx1.mail.example")
	t.Run("there already", func(t *testing.T) {
		f := start(t, namecheaptest.Options{OneMX: true}, append(mailZone(), second)...)
		acct := account(t, f, providers.Options{})
		if err := refused(t, f, acct, providers.Rejected, providers.Unsupported, challengeChange()); err != nil {
			t.Error(err)
		}
		if err := becomes(t, f, acct, remove(second)); err != nil {
			t.Errorf("one of the two goes: %v", err)
		}
	})
	t.Run("a new one", func(t *testing.T) {
		f := start(t, namecheaptest.Options{OneMX: true}, mailZone()...)
		if err := refused(t, f, account(t, f, providers.Options{}), providers.Rejected, providers.Unsupported, zone.Change{Owner: apex, Add: []zone.Record{second}}); err != nil {
			t.Error(err)
		}
	})
	t.Run("of two names", func(t *testing.T) {
		f := start(t, namecheaptest.Options{OneMX: true}, mailZone()...)
		sub := rec("sub", "MX", "10 mx1.mail.example")
		if err := becomes(t, f, account(t, f, providers.Options{}), zone.Change{Owner: sub.Name, Add: []zone.Record{sub}}); err != nil {
			t.Error(err)
		}
	})
}

// TestRedirect writes a redirect, and DNS answers it with the host's address.
func TestRedirect(t *testing.T) {
	f := start(t, namecheaptest.Options{}, mailZone()...)
	b, err := f.Bridge()
	if err != nil {
		t.Fatal(err)
	}
	acct := account(t, f, providers.Options{})
	r := rec("go", zone.TypeRedirect, "301 https://target.example/a?b=c")
	if err := becomes(t, f, acct, zone.Change{Owner: r.Name, Add: []zone.Record{r}}); err != nil {
		t.Fatal(err)
	}
	v := verify.New(verify.Options{Start: b.World().Start(), Map: b.World().Map})
	if a := v.Lookup(t.Context(), r.Name, "A"); len(a.Records) != 1 {
		t.Errorf("%+v", a)
	}
	if a := v.Lookup(t.Context(), apex, "MX"); len(a.Records) != 2 {
		t.Errorf("%+v", a)
	}
}

// TestInternational: a domain that the API spells in its own alphabet is the one
// that was asked for.
func TestInternational(t *testing.T) {
	const idn zone.Name = "xn--bcher-kva.example"
	f := start(t, namecheaptest.Options{})
	s := session(t, f)
	f.SetFault(hostsAnswer(`<DomainDNSGetListResult Domain="bücher.example" IsUsingOurDNS="true"><Nameserver>dns1.registrar-servers.com</Nameserver></DomainDNSGetListResult>`))
	if z, err := s.Find(t.Context(), idn); err != nil || z.Apex != idn {
		t.Errorf("Find: %+v, %v", z, err)
	}
	f.SetFault(hostsAnswer(`<DomainGetListResult><Domain Name="BÜCHER.example" IsOurDNS="true"/></DomainGetListResult><Paging><TotalItems>1</TotalItems></Paging>`))
	if all, err := s.(providers.Lister).List(t.Context()); err != nil || len(all) != 1 || all[0].Apex != idn {
		t.Errorf("List: %+v, %v", all, err)
	}
}
