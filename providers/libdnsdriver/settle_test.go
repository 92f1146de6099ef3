package libdnsdriver_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

// lagging is a module whose readings show the zone as it was a while ago.
type lagging struct {
	*module
	lag time.Duration
	was []past
}

type past struct {
	until time.Time
	zone  []libdns.Record
}

// wrote keeps what stands before a write, for as long as readings show it.
func (l *lagging) wrote() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.was = append(l.was, past{time.Now().Add(l.lag), slices.Clone(l.zones[string(apex)])})
}

func (l *lagging) AppendRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	l.wrote()
	return l.module.AppendRecords(ctx, name, recs)
}

func (l *lagging) SetRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	l.wrote()
	return l.module.SetRecords(ctx, name, recs)
}

func (l *lagging) DeleteRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	l.wrote()
	return l.module.DeleteRecords(ctx, name, recs)
}

func (l *lagging) GetRecords(ctx context.Context, name string) ([]libdns.Record, error) {
	now, err := l.module.GetRecords(ctx, name)
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.IndexFunc(l.was, func(p past) bool { return p.until.After(time.Now()) }); err == nil && i >= 0 {
		return slices.Clone(l.was[i].zone), nil
	}
	return now, err
}

// TestSettlingHost: on a host whose readings lag behind its writes, for less
// than its settle time, what is said of a write is what the zone comes to.
func TestSettlingHost(t *testing.T) {
	two := []zone.Record{txt("new", 3600, "one"), txt("new", 3600, "two")}
	mine := []zone.Record{txt("@", 3600, "mine")}
	for _, c := range []struct {
		name   string
		faults faults
		owner  zone.Name
		add    []zone.Record
		code   providers.Code
		wrote  providers.Wrote
		says   string
	}{
		{name: "done", owner: apex, add: mine},
		{name: "refused half-way", faults: faults{Strict: true}, owner: "new." + apex, add: two, code: providers.Invalid, wrote: providers.WroteNo, says: "taken back"},
		{name: "refused", faults: faults{Before: errors.New("HTTP 422")}, owner: "new." + apex, add: two, code: providers.Invalid, wrote: providers.WroteNo},
		{name: "others lost and put back", faults: faults{AppendReplaces: true}, owner: apex, add: mine, code: providers.Internal, wrote: providers.WroteYes, says: "all were put back"},
		{name: "others lost", faults: faults{DropsMail: true, Forgetful: true}, owner: apex, add: mine, code: providers.Internal, wrote: providers.WroteYes, says: "could not be put back: customer.example. 3600 MX"},
		{name: "the answer lost", faults: faults{Error: errors.New("EOF")}, owner: apex, add: mine, code: providers.Unavailable, wrote: providers.WroteYes, says: "holds the edit"},
		{name: "reported and not done", faults: faults{Deaf: true}, owner: apex, add: mine, code: providers.Internal, wrote: providers.WroteUnknown, says: "reports success"},
	} {
		for _, settle := range []time.Duration{400 * time.Millisecond, time.Minute} { // the other outlasts the patience
			t.Run(c.name+" "+settle.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := newModule(theirs()...)
					l := &lagging{module: m, lag: settle / 2}
					s, z := open(t, driver(l, func(d *libdnsdriver.Driver) { d.Host.Caps.Settle = settle }))
					before, e := rrset(t, s, z, zone.Key{Name: c.owner, Type: "TXT"}, zone.Change{Add: c.add})
					m.set(c.faults)
					err := s.Write(t.Context(), z, e)
					m.set(faults{})
					time.Sleep(settle)
					now, failed := s.Read(t.Context(), z)
					if failed != nil {
						t.Fatal(failed)
					}
					pe, _ := errors.AsType[*providers.Error](err)
					if (pe == nil) != (c.code == "") || pe != nil && (pe.Code != c.code || pe.Wrote != c.wrote || !strings.Contains(pe.Error(), c.says)) {
						t.Errorf("error %v %+v, want code %q, wrote %d, %q", err, pe, c.code, c.wrote, c.says)
					}
					if c.wrote == providers.WroteNo && c.code != "" && len(zone.Diff(before, now)) > 0 {
						t.Errorf("nothing is said to be written, and the zone differs: %+v", zone.Diff(before, now))
					}
					gone := zone.Subtract(before.Records, now.Records)
					if told := strings.Contains(c.says, "could not be put back"); (len(gone) > 0) != told {
						t.Errorf("lost: %v; told: %t", gone, told)
					}
				})
			})
		}
	}
}
