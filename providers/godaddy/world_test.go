package godaddy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	libgodaddy "github.com/libdns/godaddy"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// world is a fake with one zone, fresh for each half of a defect.
type world struct {
	*testing.T
	fake   *godaddytest.Fake
	module *libgodaddy.Provider
	log    *logged
}

func seconds(ttl uint32) time.Duration { return time.Duration(ttl) * time.Second }

func name(rel string) zone.Name {
	if rel == "@" {
		return apex
	}
	return zone.Name(rel + "." + string(apex))
}

func rec(rel, typ, data string) zone.Record {
	r, err := zone.New(name(rel), typ, 3600, data)
	if err != nil {
		panic(err) // a mistake in a test
	}
	return r
}

func txt(rel, value string) zone.Record { return zone.NewTXT(name(rel), 3600, value) }

// site is a zone with what such zones hold.
func site() zone.Snapshot {
	return zone.NewSnapshot(apex, []zone.Record{
		txt("@", "v=spf1 include:mail.example -all"),
		txt("@", "site-verification=1"),
		txt("www", "somebody's"),
		txt("a", "somebody's"),
		rec("@", "MX", "10 mx1.mail.example"),
		rec("@", "MX", "20 mx2.mail.example"),
		rec("www", "A", "192.0.2.1"),
		rec("www", "A", "192.0.2.2"),
	})
}

// account opens the driver on the fake, without a rate limit.
func (w world) account() *providers.Account {
	w.Helper()
	return open(w, w.fake, w.fake.Credentials(), providers.Options{})
}

func open(t testing.TB, fake *godaddytest.Fake, c providers.Credentials, o providers.Options) *providers.Account {
	t.Helper()
	o.Rates = []providers.Rate{}
	if o.Lost == 0 {
		o.Lost = time.Millisecond
	}
	acct, err := providers.Open(godaddy.Driver{Endpoint: fake.URL()}, c, o)
	if err != nil {
		t.Fatal(err)
	}
	return acct
}

// applied makes a change through an Account, and is what is wrong then with the
// zone: it must hold the change, and all else as it was.
func (w world) applied(c zone.Change) string {
	w.Helper()
	before := w.fake.Zone(apex)
	for _, o := range w.account().Apply(w.Context(), providers.Zone{ID: string(apex), Apex: apex, Caps: godaddy.Driver{}.Info().Caps}, []zone.Change{c}, &providers.Run{}) {
		if o.State != providers.Applied {
			return fmt.Sprintf("%s %s %s", o.State, o.Code, o.Detail)
		}
	}
	return differ(w.fake.Zone(apex), before.With(c))
}

// refused wants a change refused with a code, and the zone as it was.
func (w world) refused(code providers.Code, c zone.Change) string {
	w.Helper()
	before := w.fake.Lines(apex)
	for _, o := range w.account().Apply(w.Context(), providers.Zone{ID: string(apex), Apex: apex, Caps: godaddy.Driver{}.Info().Caps}, []zone.Change{c}, &providers.Run{}) {
		if o.State != providers.Rejected || o.Code != code {
			return fmt.Sprintf("%s %s %s", o.State, o.Code, o.Detail)
		}
	}
	if !slices.Equal(before, w.fake.Lines(apex)) {
		return "the zone has changed"
	}
	return ""
}

// differ says how got is not want; "" if it is.
func differ(got, want zone.Snapshot) string {
	var b strings.Builder
	for _, c := range zone.Diff(want, got) {
		for _, r := range c.Remove {
			fmt.Fprintf(&b, " missing %s;", r)
		}
		for _, r := range c.Add {
			fmt.Fprintf(&b, " extra %s;", r)
		}
	}
	if b.Len() == 0 && len(got.Records) != len(want.Records) {
		return fmt.Sprintf("%d records, want %d", len(got.Records), len(want.Records))
	}
	return b.String()
}

// lost says which records of the site are gone, but for those given.
func (w world) lost(but ...zone.Record) string {
	var out []string
	now := w.fake.Zone(apex)
	for _, r := range site().Records {
		if !slices.Contains(now.Records, r) && !slices.Contains(but, r) {
			out = append(out, r.String())
		}
	}
	return strings.Join(out, "; ")
}

// long is a fake whose zone has two pages of records.
func long(t *testing.T, byRow bool) *godaddytest.Fake {
	t.Helper()
	var recs []zone.Record
	for i := range 700 {
		recs = append(recs, rec(fmt.Sprintf("h%03d", i), "A", fmt.Sprintf("192.0.2.%d", i%256)))
	}
	return start(t, godaddytest.Options{ByRow: byRow, Zones: []zone.Snapshot{zone.NewSnapshot(apex, recs)}})
}
