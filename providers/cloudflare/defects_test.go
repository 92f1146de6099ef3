package cloudflare_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	bare "github.com/libdns/cloudflare"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// place is one side of a defect's test: a fake of its own, what stands there
// first, and both ways to it.
type place struct {
	t      *testing.T
	fake   *cloudflaretest.Fake
	module *bare.Provider
	driver providers.Driver
	creds  providers.Credentials
	acct   *providers.Account
}

// quick is an Account's options for a fake: no rate of requests, and no long
// looking for what was lost.
func quick() providers.Options {
	return providers.Options{Rates: []providers.Rate{}, Lost: time.Millisecond, ReadBack: time.Minute}
}

func newPlace(t *testing.T, recs ...zone.Record) *place {
	t.Helper()
	fake := start(t, "pro")
	fake.Set(zone.NewSnapshot(apex, recs))
	p := &place{t: t, fake: fake, module: module(fake, cloudflaretest.AnyToken), driver: cloudflare.Driver{Endpoint: fake.Endpoint()}, creds: fake.Credentials()}
	p.acct = p.open(quick())
	return p
}

func (p *place) open(o providers.Options) *providers.Account {
	p.t.Helper()
	acct, err := providers.Open(p.driver, p.creds, o)
	if err != nil {
		p.t.Fatal(err)
	}
	return acct
}

func (p *place) find() providers.Zone {
	p.t.Helper()
	z, err := p.acct.Find(p.t.Context(), apex)
	if err != nil {
		p.t.Fatal(err)
	}
	return z
}

// apply makes changes with the driver.
func (p *place) apply(changes ...zone.Change) []providers.Outcome {
	return p.acct.Apply(p.t.Context(), p.find(), changes, &providers.Run{})
}

// becomes wants the changes applied, and the zone to be just that.
func (p *place) becomes(changes ...zone.Change) error {
	want := p.fake.Zone(apex).With(changes...)
	if out := p.apply(changes...); !providers.Done(out) {
		return fmt.Errorf("outcomes %+v", out)
	}
	return differ(p.fake.Zone(apex), want)
}

// differ is nil where two snapshots hold the same records.
func differ(got, want zone.Snapshot) error {
	if d := zone.Diff(want, got); len(d) > 0 || len(got.Records) != len(want.Records) {
		return fmt.Errorf("the zone differs: %d records, want %d: %+v", len(got.Records), len(want.Records), d)
	}
	return nil
}

const fqdn = string(apex) + "."

func at(rel string) zone.Name {
	if rel == "@" {
		return apex
	}
	return zone.Name(rel + "." + string(apex))
}

func rec(rel, typ, data string) zone.Record {
	r, err := zone.New(at(rel), typ, 3600, data)
	if err != nil {
		panic(err) // a mistake in the test
	}
	return r
}

func with(r zone.Record, meta string) zone.Record {
	r.Meta = meta
	if strings.Contains(meta, "ttl=auto") {
		r.TTL = 300
	}
	return r
}

// set is the data at an RRset of the fake.
func (p *place) set(rel, typ string) (data []string) {
	for _, r := range p.fake.Zone(apex).Set(at(rel), typ) {
		data = append(data, r.Data)
	}
	return data
}

func wantData(got []string, want ...string) error {
	if !slices.Equal(got, want) {
		return fmt.Errorf("it holds %q, want %q", got, want)
	}
	return nil
}

// defect is one of the faults that were found in libdns/cloudflare v0.2.2. Each
// side gets a place of its own with the same records.
type defect struct {
	id, what string
	seed     []zone.Record
	bare     func(p *place) error // nil where the module shows the defect exactly so
	guarded  func(p *place) error // nil where the driver is whole in the same situation
	limit    bool                 // it is a limit of the host, and a row of Caps
}

func TestDefects(t *testing.T) {
	all := slices.Concat(writeDefects(), readDefects(), hostDefects())
	slices.SortFunc(all, func(a, b defect) int { return cmp.Or(len(a.id)-len(b.id), cmp.Compare(a.id, b.id)) })
	if len(all) != 19 {
		t.Errorf("%d defects, want C1 to C19", len(all))
	}
	for _, d := range all {
		t.Run(d.id, func(t *testing.T) {
			if err := d.bare(newPlace(t, d.seed...)); err != nil {
				t.Errorf("the module does not show the defect %q: %v", d.what, err)
			}
			if err := d.guarded(newPlace(t, d.seed...)); err != nil {
				t.Errorf("guarded FAIL: %s: %v", d.what, err)
			}
			verdict := "bare FAIL  guarded PASS"
			if t.Failed() {
				verdict = "see above"
			} else if d.limit {
				verdict += "  (a row of Caps)"
			}
			t.Logf("%-4s %-96s %s", d.id, d.what, verdict)
		})
	}
}

func done(out []providers.Outcome) error {
	if !providers.Done(out) {
		return fmt.Errorf("outcomes %+v", out)
	}
	return nil
}

// code wants an error of this code, and that nothing was written.
func code(err error, want providers.Code) error {
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e.Code != want || e.Wrote != providers.WroteNo {
		return fmt.Errorf("%w: want %s, and nothing written", err, want)
	}
	return nil
}

// panics is what f panics with, "" for nothing.
func panics(f func()) (with string) {
	defer func() {
		if v := recover(); v != nil {
			with = fmt.Sprint(v)
		}
	}()
	f()
	return ""
}

func bounded(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
