package namecheap_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// TestList goes through all pages, and leaves out what is served elsewhere.
func TestList(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 250} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var mine []zone.Snapshot
			for i := range n {
				mine = append(mine, zone.Snapshot{Zone: zone.Name(fmt.Sprintf("zone%03d.example", i))})
			}
			f, err := namecheaptest.Start(namecheaptest.Options{Accounts: []namecheaptest.Account{
				{User: "customer", Key: "k-of-one", Zones: mine, Elsewhere: []zone.Name{"away.example"}},
				{User: "other", Key: "k-of-two", Zones: []zone.Snapshot{{Zone: "theirs.example"}}},
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			got, err := session(t, f).(providers.Lister).List(t.Context())
			if err != nil || len(got) != n {
				t.Fatalf("%d zones, %v; want %d", len(got), err, n)
			}
			for _, z := range got {
				if !strings.HasPrefix(string(z.Apex), "zone") || z.ID == "" || z.Caps.Grain != providers.GrainZone {
					t.Errorf("%+v", z)
				}
			}
		})
	}
}

// TestListCut: a list that ends too early is an error.
func TestListCut(t *testing.T) {
	f := start(t, namecheaptest.Options{})
	f.SetFault(hostsAnswer(`<DomainGetListResult><Domain Name="one.example" IsOurDNS="true"/></DomainGetListResult><Paging><TotalItems>3</TotalItems></Paging>`))
	if got, err := session(t, f).(providers.Lister).List(t.Context()); providers.CodeOf(err) != providers.Unavailable {
		t.Errorf("%v, %v", got, err)
	}
}

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
	f.SetFault(hostsAnswer(`<DomainDNSGetHostsResult Domain="customer.example" EmailType="MX" IsUsingOurDNS="false" />`))
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
		`<host HostId="4" Name="Bücher" Type="TXT" Address="&quot;quoted&quot; text" MXPref="10" TTL="1800" /></DomainDNSGetHostsResult>`
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
		{Name: "xn--bcher-kva." + apex, Type: "TXT", TTL: 1800, Data: `"\"quoted\" text"`, Meta: "host=B%C3%BCcher"},
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
	for _, want := range []string{"EmailType=NONE", "=NEWTYPE", "=+two++blanks+%26c.+&", "=not+a+name", "=B%C3%BCcher", "=%22quoted%22+text", "=1799", "=a+b&", "HostName7=", "=0+issue+%22a%5C097%22&"} {
		if !strings.Contains(sent, want) {
			t.Errorf("%q is not in %s", want, sent)
		}
	}
}

// TestServices: SRV records are shown, are not changed, and are put back when a
// write drops them.
func TestServices(t *testing.T) {
	srv := zone.Record{Name: "_sip._tcp." + apex, Type: "SRV", TTL: 1799, Data: "10 60 5060 sip.host.example.", Meta: "list=srv"}
	for _, drop := range []bool{false, true} {
		t.Run(fmt.Sprintf("dropped by the host: %t", drop), func(t *testing.T) {
			f := start(t, namecheaptest.Options{DropSRV: drop}, append(mailZone(), srv)...)
			acct := account(t, f, providers.Options{})
			if err := becomes(t, f, acct, challengeChange()); err != nil {
				t.Error(err)
			}
			if !slices.Contains(f.Zone(apex).Records, srv) {
				t.Error("the SRV record is gone")
			}
			if err := refused(t, f, acct, providers.Rejected, providers.Unsupported, remove(srv)); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("cannot be put back", func(t *testing.T) {
		f := start(t, namecheaptest.Options{DropSRV: true}, append(mailZone(), srv)...)
		f.FailWrite(2, httpapitest.Fault{Status: 503})
		o := apply(t, account(t, f, providers.Options{}), challengeChange())[0]
		snap, _ := session(t, f).Read(t.Context(), providers.Zone{Apex: apex})
		if zone.Contains(snap.Records, srv) {
			t.Errorf("it is there: %v", o)
		}
		s := session(t, f)
		f.Set(zone.NewSnapshot(apex, append(mailZone(), srv)))
		snap, _ = s.Read(t.Context(), providers.Zone{Apex: apex})
		f.FailWrite(2, httpapitest.Fault{Status: 503})
		err := s.Write(t.Context(), providers.Zone{Apex: apex}, zone.Edit{Before: snap.Records, After: snap.With(challengeChange()).Records, Meta: snap.Meta})
		if err == nil || !strings.Contains(err.Error(), "SRV records of the zone may be lost") {
			t.Errorf("got %v", err)
		}
		judgeError(t, "Write", err, providers.Unavailable, providers.WroteYes, 0)
	})
	t.Run("an API without the command", func(t *testing.T) {
		f := start(t, namecheaptest.Options{NoSRV: true}, mailZone()...)
		if err := becomes(t, f, account(t, f, providers.Options{}), challengeChange()); err != nil {
			t.Error(err)
		}
	})
}

// TestLimits: what the host would not hold is refused before anything is sent.
func TestLimits(t *testing.T) {
	many := []zone.Record{rec("@", "A", "192.0.2.1")}
	for i := range 149 {
		many = append(many, rec(fmt.Sprintf("h%d", i), "A", "192.0.2.1"))
	}
	one := many[:1]
	for _, c := range []struct {
		name   string
		zone   []zone.Record
		change zone.Change
	}{
		{"the 151st record", many, challengeChange()},
		{"the last record", one, remove(one...)},
		{"another status", one, zone.Change{Owner: "go." + apex, Add: []zone.Record{rec("go", zone.TypeRedirect, "307 https://a.example/")}}},
		{"a redirect to nowhere", one, zone.Change{Owner: "go." + apex, Add: []zone.Record{rec("go", zone.TypeRedirect, "301 ftp://a.example/")}}},
		{"another CAA tag", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "CAA", `0 issuemail "ca.example"`)}}},
		{"iodef without a URL", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "CAA", `0 iodef "somebody"`)}}},
		{"a null MX", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "MX", "0 .")}}},
		{"name servers of the apex", one, zone.Change{Owner: apex, Add: []zone.Record{rec("@", "NS", "ns.other.example")}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{}, c.zone...)
			before := f.Zone(apex)
			o := apply(t, account(t, f, providers.Options{}), c.change)[0]
			if err := same(f.Zone(apex), before); o.State != providers.Rejected || err != nil || f.Writes() != 0 {
				t.Errorf("%s %s %s, %d writes, %v", o.State, o.Code, o.Detail, f.Writes(), err)
			}
		})
	}
}

// TestSilentDrop: what the host drops without a word is not said to stand.
func TestSilentDrop(t *testing.T) {
	f := start(t, namecheaptest.Options{OneMX: true}, mailZone()...)
	r := rec("@", "MX", "30 mx1.mail.example")
	o := apply(t, account(t, f, providers.Options{}), zone.Change{Owner: apex, Add: []zone.Record{r}})[0]
	if stands := zone.Contains(f.Zone(apex).Records, r); stands || o.State != providers.Failed {
		t.Errorf("%s %s, it stands: %t", o.State, o.Detail, stands)
	}
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
