package plugins_test

import (
	"maps"
	"slices"
	"sync"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/namecheap"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/zone"
)

// A placed driver is told with every credential where its host is. So one
// plugin process can be led to the fake of each case, which lives in the process
// of the test.
type placed struct {
	info providers.Info
	at   func(endpoint string) providers.Driver
}

// place makes a driver a placed one. Of the host's rates it keeps none: the fakes
// have no limit, and a test of many requests would wait for it.
func place(id string, info providers.Info, at func(endpoint string) providers.Driver) placed {
	info.ID, info.Caps.Rates = id, nil
	info.Fields = append(slices.Clone(info.Fields), providers.Field{Name: "endpoint", Label: "Endpoint"})
	return placed{info, at}
}

func (p placed) Info() providers.Info { return p.info }

func (p placed) Open(c providers.Credentials) (providers.Session, error) {
	if err := c.Missing(p.info.Fields); err != nil {
		return nil, err
	}
	own := maps.Clone(c)
	delete(own, "endpoint")
	return p.at(c["endpoint"]).Open(own)
}

// transcribed is the drivers whose transcripts are compared. A plugin process of
// this test binary carries them.
func transcribed() []providers.Driver {
	out := []providers.Driver{
		place("cloudflare-placed", cloudflare.Driver{}.Info(), func(e string) providers.Driver { return cloudflare.Driver{Endpoint: e} }),
		place("godaddy-placed", godaddy.Driver{}.Info(), func(e string) providers.Driver { return godaddy.Driver{Endpoint: e} }),
		place("namecheap-placed", namecheap.Driver{}.Info(), func(e string) providers.Driver { return namecheap.Driver{Endpoint: e} }),
		place("rfc2136-placed", rfc2136.Driver{}.Info(), func(string) providers.Driver { return rfc2136.Driver{} }), // a credential names its server
	}
	for _, grain := range []providers.Grain{providers.GrainRecord, providers.GrainRRset, providers.GrainBatch, providers.GrainZone} {
		out = append(out, remembered("memory-"+string(grain), providers.Caps{Grain: grain}))
	}
	return append(out, remembered("memory-batch-cas", providers.Caps{
		Grain: providers.GrainBatch, CAS: true, ApexAlias: zone.TypeAlias, ApexNS: true, Redirects: true, MinTTL: 60, MaxTTL: 604800,
	}))
}

const memoryToken = "token-of-the-customer"

// remembered is a memory driver whose endpoint is the name of a host, made when
// it is first spoken of.
func remembered(id string, caps providers.Caps) providers.Driver {
	options := memory.Options{Name: "Memory", Caps: caps, Token: memoryToken, Zones: []zone.Snapshot{
		zone.NewSnapshot(apex, []zone.Record{
			{Name: apex, Type: "SOA", TTL: 3600, Data: "ns1.memory.example. host.memory.example. 1 3600 600 86400 300"},
			{Name: apex, Type: "NS", TTL: 3600, Data: "ns1.memory.example."},
			{Name: apex, Type: "NS", TTL: 3600, Data: "ns2.memory.example."},
		}),
		{Zone: second},
	}}
	var (
		mu    sync.Mutex
		hosts = map[string]*memory.Host{}
	)
	return place(id, memory.New(options).Driver().Info(), func(name string) providers.Driver {
		mu.Lock()
		defer mu.Unlock()
		if hosts[name] == nil {
			hosts[name] = memory.New(options)
		}
		return hosts[name].Driver()
	})
}
