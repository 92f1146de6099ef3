package namecheap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
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

// TestListNotWhole: a list that does not say how many domains there are, or that
// changes between two of its pages, is an error, and so is a name in it that is
// none of a domain.
func TestListNotWhole(t *testing.T) {
	var hundred strings.Builder
	for i := range 100 {
		fmt.Fprintf(&hundred, `<Domain Name="z%03d.example" IsOurDNS="true"/>`, i)
	}
	page := func(domains, paging string) string {
		return `<DomainGetListResult>` + domains + `</DomainGetListResult>` + paging
	}
	total := func(n string) string { return `<Paging><TotalItems>` + n + `</TotalItems></Paging>` }
	const one = `<Domain Name="one.example" IsOurDNS="true"/>`
	for _, c := range []struct {
		name  string
		pages []string
	}{
		{"an empty number", []string{page(hundred.String(), total(""))}},
		{"a number that is none", []string{page(one, total("-1"))}},
		{"no number", []string{page(one, `<Paging/>`)}},
		{"no paging", []string{page(one, "")}},
		{"one deleted from the first page meanwhile", []string{page(hundred.String(), total("101")), page("", total("100"))}},
		{"one new meanwhile", []string{page(hundred.String(), total("101")), page(`<Domain Name="z099.example" IsOurDNS="true"/><Domain Name="z100.example" IsOurDNS="true"/>`, total("102"))}},
		{"a name with a blank", []string{page(`<Domain Name="a b.example" IsOurDNS="true"/>`, total("1"))}},
		{"a wildcard", []string{page(`<Domain Name="*.example" IsOurDNS="true"/>`, total("1"))}},
		{"an empty name", []string{page(`<Domain Name="" IsOurDNS="true"/>`, total("1"))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{})
			for i, p := range c.pages {
				f.FailNext(i+1, hostsAnswer(p))
			}
			if got, err := session(t, f).(providers.Lister).List(t.Context()); providers.CodeOf(err) != providers.Unavailable {
				t.Errorf("%d zones, %v", len(got), err)
			}
		})
	}
}

// TestFindAnswers: an answer to Find that is about another domain, or does not
// say who serves the domain, is none; names that no registrar has are not asked
// for.
func TestFindAnswers(t *testing.T) {
	for _, inside := range []string{
		`<DomainDNSGetListResult Domain="other.example" IsUsingOurDNS="true"/>`,
		`<DomainDNSGetListResult Domain="customer.example"/>`,
		`<DomainDNSGetListResult Domain="customer.example" IsUsingOurDNS=""/>`,
		``,
	} {
		f := start(t, namecheaptest.Options{})
		f.FailNext(1, hostsAnswer(inside))
		if z, err := session(t, f).Find(t.Context(), apex); providers.CodeOf(err) != providers.Unavailable {
			t.Errorf("%s: %+v, %v", inside, z, err)
		}
	}
	for _, name := range []zone.Name{"*.customer.example", `a\.b.example`, "a@b.example", "a/b.example", "co.uk", zone.Root} {
		f := start(t, namecheaptest.Options{})
		if _, err := session(t, f).Find(t.Context(), name); providers.CodeOf(err) != providers.NoSuchZone || f.Requests() != 0 {
			t.Errorf("%s: %d requests, %v", name, f.Requests(), err)
		}
	}
}
