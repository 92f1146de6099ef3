package providertest

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

const (
	second zone.Name = "second.example"
	other  zone.Name = "other-account.example"
)

// twoHosts is a driver of two accounts, which it tells apart by their tokens.
type twoHosts struct {
	providers.Driver
	other providers.Driver
}

const otherToken = "token-of-another-customer"

func (d twoHosts) Open(c providers.Credentials) (providers.Session, error) {
	if c["token"] == otherToken {
		return d.other.Open(c)
	}
	return d.Driver.Open(c)
}

// wrap is a harness around a fresh memory host.
func wrap(b broken, o memory.Options) Harness {
	var host *memory.Host
	var writes atomic.Int64 // but for those of nothing, which the driver of this host sends
	own := []zone.Record{
		{Name: apex, Type: "SOA", TTL: 3600, Data: "ns1.memory.example. host.memory.example. 1 3600 600 86400 300"},
		{Name: apex, Type: "NS", TTL: 3600, Data: "ns1.memory.example."},
	}
	seeded := func(recs []zone.Record) zone.Snapshot {
		snap := zone.NewSnapshot(apex, slices.Concat(own, recs))
		snap.Meta = "mail=theirs"
		return snap
	}
	return Harness{
		Lost: time.Millisecond,
		New: func(TB) (providers.Driver, providers.Credentials, zone.Name) {
			o.Token = "token-of-the-customer"
			o.Zones = []zone.Snapshot{seeded(nil), {Zone: second}}
			host = memory.New(o)
			host.SetHooks(memory.Hooks{Before: func(_ int, e zone.Edit) error {
				if !slices.Equal(e.Before, e.After) {
					writes.Add(1)
				}
				return nil
			}})
			theirs := o
			theirs.Token, theirs.Zones = otherToken, []zone.Snapshot{{Zone: other}}
			b.Driver = twoHosts{host.Driver(), memory.New(theirs).Driver()}
			return b, providers.Credentials{"token": o.Token}, apex
		},
		Seed: func(_ TB, recs []zone.Record) { host.Set(seeded(recs)) },
		Zone: func(TB) zone.Snapshot { return host.Zone(apex) },
		Hang: func(TB) { host.SetFault(memory.Slow(1 << 40)); host.SetReadFault(memory.Slow(1 << 40)) },
		Fault: func(_ TB, kind Fault, onlyWrites bool) bool {
			f := hostFault(kind)
			host.SetFault(f)
			if !onlyWrites {
				f.Wrote = providers.WroteNo
				host.SetReadFault(f)
			}
			return true
		},
		Writes: func() int { return int(writes.Load()) },
		Second: second,
		Other:  func(TB) (providers.Credentials, zone.Name) { return providers.Credentials{"token": otherToken}, other },
		Meta:   "proxied=true",
	}
}

// hostFault is what a driver of a host that speaks HTTP would make of a fault.
func hostFault(kind Fault) memory.Fault {
	switch kind {
	case FaultRateLimited:
		return memory.RateLimited(time.Minute)
	case FaultUnavailable, FaultHTML:
		return memory.Fault{Code: providers.Unavailable, Wrote: providers.WroteUnknown}
	case FaultDenied:
		return memory.Refused(providers.AccessDenied)
	case FaultHalf:
		return memory.Fault{Land: true, Code: providers.Unavailable, Wrote: providers.WroteUnknown}
	case FaultLandedLost:
		return memory.Lost(true)
	default:
		return memory.Lost(false)
	}
}

// tried is what a case finds wrong, and whether it applies.
func tried(t *testing.T, c Case, h Harness) (err error, applies bool) { //nolint:revive // the error is the value asked for
	err = c.try(&env{t: t, h: h})
	_, absent := errors.AsType[notHere](err)
	return err, !absent
}

// TestBites proves that the suite finds what it is for: every broken driver
// fails the cases that stand for its fault, and no case is there that no
// broken driver fails.
func TestBites(t *testing.T) {
	all := map[string]Case{}
	for _, c := range Cases() {
		all[c.Name] = c
	}
	idle := maps.Clone(all)
	for _, f := range slices.Concat(faults, textFaults, ownerFaults, hostFaults, answerFaults) {
		t.Run(f.name, func(t *testing.T) {
			for name := range strings.FieldsSeq(f.fails) {
				c, ok := all[name]
				if !ok {
					t.Errorf("no case %q", name)
					continue
				}
				delete(idle, name)
				err, applies := tried(t, c, wrap(f.b, f.opts))
				if err == nil || !applies {
					t.Errorf("case %s: got %v, want it to fail", name, err)
				}
				t.Logf("%s: %v", name, err)
			}
		})
	}
	delete(idle, "credential-print") // it is about providers.Credentials, which no driver can spoil
	if len(idle) > 0 {
		t.Errorf("no broken driver fails %v", slices.Sorted(maps.Keys(idle)))
	}
}

// TestSound is the other half: the same harness without a fault fails none, on
// any of the hosts that the faults are tried on.
func TestSound(t *testing.T) {
	held := map[string]bool{}
	for _, o := range []memory.Options{
		{},
		{Caps: narrow},
		{Caps: providers.Caps{Grain: providers.GrainZone, CAS: true, ApexAlias: zone.TypeAlias, ApexNS: true}},
		{Caps: providers.Caps{Grain: providers.GrainBatch, CAS: true, ApexAlias: "CNAME", Redirects: true}},
		{Caps: providers.Caps{Grain: providers.GrainRRset, CAS: true}},
	} {
		for _, c := range Cases() {
			err, applies := tried(t, c, wrap(broken{}, o))
			if err != nil && applies {
				t.Errorf("%s on %+v: %v", c.Name, o.Caps, err)
			}
			held[c.Name] = held[c.Name] || applies
		}
	}
	for _, c := range Cases() {
		if !held[c.Name] {
			t.Errorf("%s applies to none of the hosts", c.Name)
		}
	}
}

// narrow is a host that refuses much.
var narrow = providers.Caps{Grain: providers.GrainRRset, MinTTL: 60, MaxTTL: 86400, MaxTXT: 1000, RefusedText: "\x01`"}
