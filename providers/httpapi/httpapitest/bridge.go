package httpapitest

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// Bridge serves the zones of a fake over DNS. Both names of the host's name
// servers lead to one server on 127.0.0.1, so that whoever knows its port finds
// everything: verify.Options with Start and Map of its World, or a program that
// is told Addr. Its methods may be called from any goroutine.
type Bridge struct {
	names [2]zone.Name
	world *verifytest.World

	mu     sync.Mutex
	serial uint32
}

// StartBridge serves zones under the names that the host calls its name servers
// by, and those names themselves. The caller must Close the Bridge.
func StartBridge(names [2]zone.Name, zones ...zone.Snapshot) (*Bridge, error) {
	b := &Bridge{names: names}
	o := verifytest.Options{Servers: []verifytest.ServerOptions{{Name: "bridge", Addrs: []netip.Addr{home}}}}
	for _, s := range slices.Concat(b.own(), zones) {
		o.Zones = append(o.Zones, b.whole(s))
	}
	world, err := verifytest.Start(o)
	if err != nil {
		return nil, fmt.Errorf("httpapitest: %w", err)
	}
	b.world = world
	return b, nil
}

// World is the server, for verify.Options and for making it fail.
func (b *Bridge) World() *verifytest.World { return b.world }

// Addr is where the server listens, over UDP and TCP.
func (b *Bridge) Addr() netip.AddrPort { return b.world.Servers()[0].Addr() }

// Close stops the server.
func (b *Bridge) Close() { b.world.Close() }

// Set serves the zone as it is now. What the host keeps by itself, SOA and NS of
// the apex, is added where the snapshot lacks it; what is no DNS record, and
// what the fake's host would answer otherwise than it is stored, is the fake's
// to turn into records first.
func (b *Bridge) Set(s zone.Snapshot) { b.world.Set(b.whole(s)) }

// home is the address of both names.
var home = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// own is the zones that the names of the name servers are in.
func (b *Bridge) own() []zone.Snapshot {
	byZone := map[zone.Name][]zone.Record{}
	for _, n := range b.names {
		byZone[n.Parent()] = append(byZone[n.Parent()], zone.NewAddress(n, ttl, home))
	}
	var out []zone.Snapshot
	for apex, recs := range byZone {
		out = append(out, zone.NewSnapshot(apex, recs))
	}
	slices.SortFunc(out, func(a, b zone.Snapshot) int { return cmp.Compare(a.Zone, b.Zone) })
	return out
}

// ttl is that of the records that the host keeps by itself, in seconds.
const ttl = 3600

func (b *Bridge) whole(s zone.Snapshot) zone.Snapshot {
	b.mu.Lock()
	b.serial++
	serial := b.serial
	b.mu.Unlock()
	recs := slices.DeleteFunc(slices.Clone(s.Records), func(r zone.Record) bool {
		_, err := r.RR()
		return err != nil || r.Type == "SOA" && r.Name == s.Zone
	})
	soa := fmt.Sprintf("%s hostmaster.%s %d 3600 600 86400 300", b.names[0].FQDN(), s.Zone.FQDN(), serial)
	recs = append(recs, zone.Record{Name: s.Zone, Type: "SOA", TTL: ttl, Data: soa})
	if len(s.Set(s.Zone, "NS")) == 0 {
		for _, n := range b.names {
			recs = append(recs, zone.Record{Name: s.Zone, Type: "NS", TTL: ttl, Data: n.FQDN()})
		}
	}
	return zone.NewSnapshot(s.Zone, recs)
}
