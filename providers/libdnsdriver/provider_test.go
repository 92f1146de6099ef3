package libdnsdriver_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

const hostText = `$ORIGIN customer.example.
$TTL 3600
@ SOA ns1.host.example. host.host.example. 1 3600 600 86400 300
@ NS ns1.host.example.
@ NS ns2.host.example.
@ MX 10 mx1.mail.example.
@ TXT "v=spf1 -all"
www A 192.0.2.1
www A 192.0.2.2
www TXT "beside"
alias CNAME www
key TXT "k=1; " "p=abc"
`

// provided is a provider over a host in memory.
func provided(t testing.TB, o memory.Options) (*libdnsdriver.Provider, *memory.Host) {
	t.Helper()
	snap, err := zone.ReadText(strings.NewReader(hostText), zone.Root)
	if err != nil {
		t.Fatal(err)
	}
	o.Zones, o.Token = []zone.Snapshot{snap}, secret
	host := memory.New(o)
	return &libdnsdriver.Provider{
		Driver: host.Driver(), Credentials: providers.Credentials{"token": secret},
		Options: providers.Options{Lost: 50 * time.Millisecond},
	}, host
}

// held is the host's zone without the SOA record, whose serial moves.
func held(h *memory.Host) zone.Snapshot {
	snap := h.Zone(apex)
	snap.Records = slices.DeleteFunc(slices.Clone(snap.Records), func(r zone.Record) bool { return r.Type == "SOA" })
	return snap
}

// lines is records as text, sorted.
func lines(recs []libdns.Record) []string {
	out := make([]string, len(recs))
	for i, r := range recs {
		rr := r.RR()
		out[i] = fmt.Sprintf("%s %d %s %s", rr.Name, int(rr.TTL/time.Second), rr.Type, rr.Data)
	}
	slices.Sort(out)
	return out
}

func address(rel, ip string, ttl time.Duration) libdns.Record {
	return libdns.Address{Name: rel, TTL: ttl, IP: netip.MustParseAddr(ip)}
}

// TestProvider is each method of libdns by before, input and after, at every
// grain. Names of other records than the owner's are never touched.
func TestProvider(t *testing.T) {
	type do func(*libdnsdriver.Provider, context.Context, string, []libdns.Record) ([]libdns.Record, error)
	get := func(p *libdnsdriver.Provider, ctx context.Context, zone string, _ []libdns.Record) ([]libdns.Record, error) {
		return p.GetRecords(ctx, zone)
	}
	add, set, remove := do((*libdnsdriver.Provider).AppendRecords), do((*libdnsdriver.Provider).SetRecords), do((*libdnsdriver.Provider).DeleteRecords)
	for _, c := range []struct {
		name     string
		do       do
		zone     string // "": "customer.example."
		in       []libdns.Record
		out      []string
		at       string   // the owner looked at afterwards
		stands   []string // there
		code     providers.Code
		unwanted bool // nothing may be written
	}{
		{name: "get gives names relative to the zone", do: get, unwanted: true, out: []string{
			"@ 3600 MX 10 mx1.mail.example.", "@ 3600 NS ns1.host.example.", "@ 3600 NS ns2.host.example.",
			"@ 3600 SOA ns1.host.example. host.host.example. 1 3600 600 86400 300", "@ 3600 TXT v=spf1 -all",
			"alias 3600 CNAME www.customer.example.", "key 3600 TXT k=1; p=abc", "www 3600 A 192.0.2.1", "www 3600 A 192.0.2.2", "www 3600 TXT beside",
		}},
		{name: "a zone in capitals without its dot", do: add, zone: "Customer.EXAMPLE", in: []libdns.Record{address("new", "192.0.2.9", time.Minute)}, out: []string{"new 60 A 192.0.2.9"}, at: "new", stands: []string{"60 A 192.0.2.9"}},
		{name: "append beside others", do: add, in: []libdns.Record{address("www", "192.0.2.9", time.Hour)}, out: []string{"www 3600 A 192.0.2.9"}, at: "www", stands: []string{"3600 A 192.0.2.1", "3600 A 192.0.2.2", "3600 A 192.0.2.9", `3600 TXT "beside"`}},
		{name: "append with another TTL takes the RRset's", do: add, in: []libdns.Record{address("www", "192.0.2.9", time.Minute)}, out: []string{"www 3600 A 192.0.2.9"}, at: "www", stands: []string{"3600 A 192.0.2.1", "3600 A 192.0.2.2", "3600 A 192.0.2.9", `3600 TXT "beside"`}},
		{name: "append what stands changes nothing", do: add, in: []libdns.Record{address("www", "192.0.2.1", time.Minute)}, out: []string{"www 3600 A 192.0.2.1"}, at: "www", stands: []string{"3600 A 192.0.2.1", "3600 A 192.0.2.2", `3600 TXT "beside"`}, unwanted: true},
		{name: "append twice in one call", do: add, in: []libdns.Record{libdns.TXT{Name: "new", Text: "a"}, &libdns.TXT{Name: "NEW", Text: "a"}}, out: []string{"new 0 TXT a", "new 0 TXT a"}, at: "new", stands: []string{`0 TXT "a"`}},
		{name: "append at the apex", do: add, in: []libdns.Record{libdns.TXT{Name: "@", TTL: time.Hour, Text: `say "hi" \ there`}}, out: []string{`@ 3600 TXT say "hi" \ there`}, at: "@", stands: []string{"3600 MX 10 mx1.mail.example.", "3600 NS ns1.host.example.", "3600 NS ns2.host.example.", `3600 TXT "say \"hi\" \\ there"`, `3600 TXT "v=spf1 -all"`}},
		{name: "append a CNAME beside others", do: add, in: []libdns.Record{libdns.CNAME{Name: "www", Target: "other.example."}}, code: providers.Invalid, unwanted: true},
		{name: "append beside a CNAME", do: add, in: []libdns.Record{address("alias", "192.0.2.9", 0)}, code: providers.Invalid, unwanted: true},
		{name: "append without a name", do: add, in: []libdns.Record{libdns.TXT{Text: "a"}}, code: providers.Invalid, unwanted: true},
		{name: "append what is no address", do: add, in: []libdns.Record{libdns.RR{Name: "a", Type: "A", Data: "nonsense"}}, code: providers.Invalid, unwanted: true},
		{name: "append outside the zone", do: add, in: []libdns.Record{libdns.RR{Name: "www.other.example.", Type: "A", Data: "192.0.2.9"}}, code: providers.Invalid, unwanted: true},
		{name: "append nil", do: add, in: []libdns.Record{nil, (*libdns.MX)(nil)}, code: providers.Invalid, unwanted: true},
		{name: "set one value in the place of two", do: set, in: []libdns.Record{address("www", "192.0.2.9", time.Hour)}, out: []string{"www 3600 A 192.0.2.9"}, at: "www", stands: []string{"3600 A 192.0.2.9", `3600 TXT "beside"`}},
		{name: "set keeps what is in the input", do: set, in: []libdns.Record{address("www", "192.0.2.2", time.Hour), address("www", "192.0.2.3", time.Hour)}, out: []string{"www 3600 A 192.0.2.2", "www 3600 A 192.0.2.3"}, at: "www", stands: []string{"3600 A 192.0.2.2", "3600 A 192.0.2.3", `3600 TXT "beside"`}},
		{name: "set another TTL", do: set, in: []libdns.Record{address("www", "192.0.2.1", time.Minute), address("www", "192.0.2.2", time.Minute)}, out: []string{"www 60 A 192.0.2.1", "www 60 A 192.0.2.2"}, at: "www", stands: []string{`3600 TXT "beside"`, "60 A 192.0.2.1", "60 A 192.0.2.2"}},
		{name: "set what stands writes nothing, and keeps borders", do: set, in: []libdns.Record{libdns.TXT{Name: "key", TTL: time.Hour, Text: "k=1; p=abc"}}, out: []string{"key 3600 TXT k=1; p=abc"}, at: "key", stands: []string{`3600 TXT "k=1; " "p=abc"`}, unwanted: true},
		{name: "set a CNAME over other data", do: set, in: []libdns.Record{libdns.CNAME{Name: "www", Target: "other.example."}}, code: providers.Invalid, unwanted: true},
		{name: "set another CNAME", do: set, in: []libdns.Record{libdns.CNAME{Name: "alias", TTL: time.Hour, Target: "other.example."}}, out: []string{"alias 3600 CNAME other.example."}, at: "alias", stands: []string{"3600 CNAME other.example."}},
		{name: "set nothing", do: set, unwanted: true},
		{name: "delete one value", do: remove, in: []libdns.Record{address("www", "192.0.2.1", time.Hour)}, out: []string{"www 3600 A 192.0.2.1"}, at: "www", stands: []string{"3600 A 192.0.2.2", `3600 TXT "beside"`}},
		{name: "delete with another TTL", do: remove, in: []libdns.Record{address("www", "192.0.2.1", time.Minute)}, unwanted: true},
		{name: "delete with a TTL below a second", do: remove, in: []libdns.Record{address("www", "192.0.2.1", 500*time.Millisecond)}, unwanted: true},
		{name: "delete of any TTL", do: remove, in: []libdns.Record{address("www", "192.0.2.1", 0)}, out: []string{"www 3600 A 192.0.2.1"}, at: "www", stands: []string{"3600 A 192.0.2.2", `3600 TXT "beside"`}},
		{name: "delete of any data", do: remove, in: []libdns.Record{libdns.Address{Name: "www", TTL: time.Hour}}, out: []string{"www 3600 A 192.0.2.1", "www 3600 A 192.0.2.2"}, at: "www", stands: []string{`3600 TXT "beside"`}},
		{name: "delete of any type", do: remove, in: []libdns.Record{libdns.RR{Name: "www"}}, out: []string{"www 3600 A 192.0.2.1", "www 3600 A 192.0.2.2", "www 3600 TXT beside"}, at: "www"},
		{name: "delete of any type with this data", do: remove, in: []libdns.Record{libdns.RR{Name: "www", Data: "beside"}}, out: []string{"www 3600 TXT beside"}, at: "www", stands: []string{"3600 A 192.0.2.1", "3600 A 192.0.2.2"}},
		{name: "delete all at the apex but what is the host's", do: remove, in: []libdns.Record{libdns.RR{Name: "@"}}, out: []string{"@ 3600 MX 10 mx1.mail.example.", "@ 3600 TXT v=spf1 -all"}, at: "@", stands: []string{"3600 NS ns1.host.example.", "3600 NS ns2.host.example."}},
		{name: "delete what is not there", do: remove, in: []libdns.Record{address("none", "192.0.2.1", 0)}, unwanted: true},
		{name: "a zone that is not there", do: get, zone: "other.example.", code: providers.NoSuchZone, unwanted: true},
		{name: "a name that is no zone", do: get, zone: "a..b", code: providers.Invalid, unwanted: true},
	} {
		for _, grain := range []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone} {
			t.Run(fmt.Sprintf("%s %s", c.name, grain), func(t *testing.T) {
				p, host := provided(t, memory.Options{Caps: providers.Caps{Grain: grain}})
				before := held(host)
				name := c.zone
				if name == "" {
					name = "customer.example."
				}
				out, err := c.do(p, t.Context(), name, c.in)
				if got := providers.CodeOf(err); got != c.code {
					t.Fatalf("error %v, want code %q", err, c.code)
				}
				if got := lines(out); !slices.Equal(got, c.out) && len(got)+len(c.out) > 0 {
					t.Errorf("returned %q, want %q", got, c.out)
				}
				after := held(host)
				changes := zone.Diff(before, after)
				if c.unwanted && len(changes) > 0 {
					t.Errorf("the zone was changed: %+v", changes)
				}
				if c.at == "" {
					return
				}
				owner, err := zone.Abs(c.at, apex)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, r := range after.At(owner) {
					got = append(got, fmt.Sprintf("%d %s %s", r.TTL, r.Type, r.Data))
				}
				if slices.Sort(got); !slices.Equal(got, c.stands) {
					t.Errorf("at %s stand %q, want %q", owner, got, c.stands)
				}
				for _, other := range changes {
					if other.Owner != owner {
						t.Errorf("%s was changed too: %+v", other.Owner, other)
					}
				}
			})
		}
	}
}

// TestProviderClampsTTL: what the host stores is what is returned, and what is
// deleted by the TTL that was asked for.
func TestProviderClampsTTL(t *testing.T) {
	p, host := provided(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, MinTTL: 600}})
	in := []libdns.Record{libdns.TXT{Name: "_acme-challenge", TTL: 2 * time.Minute, Text: "token"}}
	out, err := p.AppendRecords(t.Context(), "customer.example.", in)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"_acme-challenge 600 TXT token"}; !slices.Equal(lines(out), want) {
		t.Errorf("returned %q, want %q", lines(out), want)
	}
	if _, err := p.DeleteRecords(t.Context(), "customer.example.", in); err != nil {
		t.Fatal(err)
	}
	if got := held(host).At("_acme-challenge." + apex); len(got) > 0 {
		t.Errorf("still there: %v", got)
	}
}

// TestProviderConcurrent: what eight callers add is there, and what was there
// stays.
func TestProviderConcurrent(t *testing.T) {
	p, host := provided(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainZone}})
	before := held(host)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = p.AppendRecords(t.Context(), "customer.example.", []libdns.Record{libdns.TXT{Name: "www", TTL: time.Hour, Text: fmt.Sprint(i)}})
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	after := held(host)
	for _, r := range before.Records {
		if !slices.Contains(after.Records, r) {
			t.Errorf("lost: %s", r)
		}
	}
	if got := len(after.Records) - len(before.Records); got != len(errs) {
		t.Errorf("%d records more, want %d", got, len(errs))
	}
}

// TestProviderLostAnswer: a write whose answer was lost and that stands is a
// success, one that does not stand an error; the write after it works.
func TestProviderLostAnswer(t *testing.T) {
	for _, land := range []bool{true, false} {
		t.Run(fmt.Sprintf("landed=%t", land), func(t *testing.T) {
			p, host := provided(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset}})
			host.SetFault(memory.Fault{Land: land, Code: providers.Unavailable, Wrote: providers.WroteUnknown})
			_, err := p.AppendRecords(t.Context(), "customer.example.", []libdns.Record{address("new", "192.0.2.9", time.Hour)})
			if (err == nil) != land {
				t.Errorf("error %v, want one only where it did not land", err)
			}
			host.SetFault(memory.Fault{})
			if _, err := p.AppendRecords(t.Context(), "customer.example.", []libdns.Record{address("more", "192.0.2.9", time.Hour)}); err != nil {
				t.Errorf("the next write: %v", err)
			}
		})
	}
}

// TestProviderRecovers: a write of which nothing is known leaves its run open;
// the next call settles it, and does its own work.
func TestProviderRecovers(t *testing.T) {
	p, host := provided(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset}})
	add := func(rel string) error {
		_, err := p.AppendRecords(t.Context(), "customer.example.", []libdns.Record{address(rel, "192.0.2.9", time.Hour)})
		return err
	}
	p.Options.ReadBack = 100 * time.Millisecond // before the account is opened
	if err := add("first"); err != nil {
		t.Fatal(err)
	}
	host.SetHooks(memory.Hooks{After: func(int, zone.Edit) error {
		host.SetReadFault(memory.Fault{Code: providers.Unavailable})
		return &providers.Error{Code: providers.Unavailable, Wrote: providers.WroteUnknown}
	}})
	err := add("second")
	if err == nil || !strings.Contains(err.Error(), "unknown") {
		t.Errorf("error %v, want one that says unknown", err)
	}
	host.SetHooks(memory.Hooks{})
	host.SetReadFault(memory.Fault{})
	if err := add("third"); err != nil {
		t.Errorf("the next write: %v", err)
	}
	for _, rel := range []zone.Name{"first", "second", "third"} {
		if len(held(host).At(rel+"."+apex)) != 1 {
			t.Errorf("%s is not there", rel)
		}
	}
}

// TestProviderSecrets: no way of printing a provider, and no error of it, shows
// the credentials.
func TestProviderSecrets(t *testing.T) {
	p, _ := provided(t, memory.Options{})
	p.Credentials = providers.Credentials{"token": "a-wrong-token-that-must-not-show"}
	_, err := p.GetRecords(t.Context(), "customer.example.")
	if providers.CodeOf(err) != providers.InvalidCredentials {
		t.Errorf("error %v, want InvalidCredentials", err)
	}
	for _, text := range []string{fmt.Sprint(err), fmt.Sprintf("%v %+v %#v %s", p, p, p, p)} {
		if strings.Contains(text, "must-not-show") {
			t.Errorf("the token shows in %s", text)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.GetRecords(ended, "customer.example."); providers.CodeOf(err) != providers.Timeout {
		t.Errorf("an ended context: %v, want Timeout", err)
	}
	if zones, err := (&libdnsdriver.Provider{}).ListZones(t.Context()); err == nil {
		t.Errorf("a provider without a driver lists %v", zones)
	}
}

// TestProviderTellsHarm: what was done and did harm beside is an error, as is
// what was not done.
func TestProviderTellsHarm(t *testing.T) {
	m := newModule(theirs()...)
	m.set(faults{DropsMail: true, Forgetful: true})
	p := &libdnsdriver.Provider{
		Driver: driver(m), Credentials: providers.Credentials{"token": secret}, Options: providers.Options{Lost: time.Millisecond},
	}
	_, err := p.AppendRecords(t.Context(), apex.FQDN(), []libdns.Record{libdns.TXT{Name: "_acme-challenge", TTL: time.Hour, Text: "x"}})
	if pe, ok := errors.AsType[*providers.Error](err); !ok || pe.Wrote != providers.WroteYes || !strings.Contains(err.Error(), "mx1.mail.example.") {
		t.Errorf("got %v %+v, want the loss of the mail, and that it was written", err, pe)
	}
}

// TestProviderListZones: zones are listed through the account, with its limits,
// its redaction and its guard against panics; and by drivers that can.
func TestProviderListZones(t *testing.T) {
	m := lister{newModule()}
	opened := 0
	d := driver(m, func(d *libdnsdriver.Driver) {
		d.Host.Caps.Rates = []providers.Rate{{Requests: 4, Per: time.Hour}} // half of them at once
		d.New = func(providers.Credentials) (any, error) {
			opened++
			return m, nil
		}
	})
	p := &libdnsdriver.Provider{Driver: d, Credentials: providers.Credentials{"token": secret}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i, want := range []providers.Code{"", "", providers.RateLimited, providers.RateLimited} {
		zones, err := p.ListZones(ctx)
		if providers.CodeOf(err) != want || want == "" && len(zones) != 2 {
			t.Errorf("call %d: %v, error %v, want code %q", i+1, zones, err, want)
		}
	}
	if opened != 1 || m.count("list") != 2 {
		t.Errorf("%d modules made and %d lists asked for, want 1 and 2", opened, m.count("list"))
	}
	for _, c := range []struct {
		name string
		list func() error
		code providers.Code
	}{
		{"an error", func() error {
			return &providers.Error{Code: providers.AccessDenied, Err: errors.New("GET https://host.example/zones?token=" + secret)}
		}, providers.AccessDenied},
		{"a panic", func() error { panic(secret) }, providers.Internal},
	} {
		p := &libdnsdriver.Provider{Driver: listed{driver(newModule()), c.list}, Credentials: providers.Credentials{"token": secret}}
		if _, err := p.ListZones(ctx); providers.CodeOf(err) != c.code || strings.Contains(fmt.Sprint(err), secret) {
			t.Errorf("%s: got %v, want %s without the token", c.name, err, c.code)
		}
	}
	p = &libdnsdriver.Provider{Driver: driver(newModule()), Credentials: providers.Credentials{"token": secret}}
	if _, err := p.ListZones(ctx); providers.CodeOf(err) != providers.Unsupported {
		t.Errorf("a driver that lists none: %v, want Unsupported", err)
	}
}

// listed is a driver whose sessions list as they are told to.
type listed struct {
	providers.Driver
	list func() error
}

func (l listed) Open(c providers.Credentials) (providers.Session, error) {
	s, err := l.Driver.Open(c)
	return named{s, l.list}, err
}

type named struct {
	providers.Session
	list func() error
}

func (n named) List(context.Context) ([]providers.Zone, error) { return nil, n.list() }
