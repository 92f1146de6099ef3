package sdk

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// served is a plugin in this process, as a host calls it.
type served struct {
	info   providers.Info
	client *wire.Client
}

func (s served) Info() providers.Info { return s.info }

func (s served) Call(ctx context.Context, _ providers.Credentials, f func(context.Context, *wire.Client) error) error {
	return f(ctx, s.client)
}

// What a driver promises it promises as a plugin too, with its sessions kept
// between calls.
func TestConformance(t *testing.T) {
	const second zone.Name = "second.example"
	own := func(typ, data string) zone.Record { return zone.Record{Name: apex, Type: typ, TTL: 3600, Data: data} }
	seeded := func(recs []zone.Record) zone.Snapshot {
		snap := zone.NewSnapshot(apex, slices.Concat(recs, []zone.Record{
			own("SOA", "ns1.memory.example. host.memory.example. 1 3600 600 86400 300"),
			own("NS", "ns1.memory.example."),
		}))
		snap.Meta = "mail=theirs"
		return snap
	}
	var host *memory.Host
	providertest.Run(t, providertest.Harness{
		Name: "memory-through-sdk",
		New: func(providertest.TB) (providers.Driver, providers.Credentials, zone.Name) {
			host = memory.New(memory.Options{
				Caps: providers.Caps{Grain: providers.GrainBatch, CAS: true}, Token: token,
				Zones: []zone.Snapshot{seeded(nil), {Zone: second}},
			})
			client, _ := connect(t, host.Driver())
			return wire.NewDriver(served{host.Driver().Info(), client}), providers.Credentials{"token": token}, apex
		},
		Seed:   func(_ providertest.TB, recs []zone.Record) { host.Set(seeded(recs)) },
		Zone:   func(providertest.TB) zone.Snapshot { return host.Zone(apex) },
		Second: second,
		Meta:   "proxied=true",
		Lost:   time.Millisecond,
	})
}
