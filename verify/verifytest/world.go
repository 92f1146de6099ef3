package verifytest

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
)

// World is a set of zones and the name servers that serve them. All methods
// may be called from any goroutine.
type World struct {
	servers   []*Server
	resolvers []*Resolver
	doors     []*door
	byAddr    map[netip.Addr]*door     // by the address in zone data
	reached   map[netip.AddrPort]*door // by where it is really reached
	memory    bool
	heard     func(Heard)
	closed    chan struct{}
	done      atomic.Bool
	once      sync.Once

	mu    sync.RWMutex
	zones zones // what the primary holds now; never edited in place, so a copy of the map header is a moment in time
}

// TB is what New needs of a *testing.T.
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}

// New is Start for a test: it fails the test on an error and closes the World
// when the test ends.
func New(t TB, o Options) *World {
	t.Helper()
	w, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// Start serves the zones. The caller must Close the World.
func Start(o Options) (*World, error) {
	w := &World{
		byAddr:  make(map[netip.Addr]*door),
		reached: make(map[netip.AddrPort]*door),
		memory:  o.Memory,
		heard:   o.Heard,
		closed:  make(chan struct{}),
		zones:   make(zones),
	}
	for _, s := range o.Zones {
		w.zones[s.Zone] = s
	}
	for i, text := range o.Text {
		s, err := zone.ReadText(strings.NewReader(text), zone.Root)
		if err != nil {
			return nil, fmt.Errorf("verifytest: zone %d: %w", i+1, err)
		}
		w.zones[s.Zone] = s
	}
	if len(w.zones) == 0 {
		return nil, fmt.Errorf("verifytest: no zone to serve")
	}
	for apex, s := range w.zones {
		if len(s.Set(apex, "SOA")) != 1 {
			return nil, fmt.Errorf("verifytest: zone %s: one SOA record wanted at the apex", apex.FQDN())
		}
	}
	keys, err := newKeyring(o.Keys)
	if err != nil {
		return nil, err
	}
	for i, so := range o.servers() {
		s, err := startServer(w, so, keys, i == 0)
		if err != nil {
			w.Close()
			return nil, err
		}
		w.servers = append(w.servers, s)
	}
	for _, ro := range o.Resolvers {
		r, err := startResolver(w, ro)
		if err != nil {
			w.Close()
			return nil, err
		}
		w.resolvers = append(w.resolvers, r)
	}
	return w, nil
}

// Close stops every server and waits until none of their goroutines is left.
// An Exchange that is under way ends with its own context.
func (w *World) Close() {
	w.once.Do(func() { close(w.closed) })
	w.done.Store(true)
	for _, d := range w.doors {
		d.close()
	}
}

// Servers are the name servers, the primary first.
func (w *World) Servers() []*Server { return slices.Clone(w.servers) }

// Server is the name server of that name. It panics when there is none: the
// name is a constant of the test.
func (w *World) Server(name string) *Server {
	for _, s := range w.servers {
		if s.name == name {
			return s
		}
	}
	panic(fmt.Sprintf("verifytest: no server %q", name))
}

// Resolver is the resolver of that name. It panics when there is none.
func (w *World) Resolver(name string) *Resolver {
	for _, r := range w.resolvers {
		if r.opts.Name == name {
			return r
		}
	}
	panic(fmt.Sprintf("verifytest: no resolver %q", name))
}

// Start is where a walk from the top of this World starts: the primary.
func (w *World) Start() []netip.AddrPort { return []netip.AddrPort{w.servers[0].Addr()} }

// Map leads from an address in zone data to where its server is reached, for
// verify.Options.Map. An address that no server has is answered with the zero
// AddrPort, so that nothing leaves the machine.
func (w *World) Map(a netip.Addr) netip.AddrPort {
	if d := w.byAddr[a.Unmap()]; d != nil {
		return d.addr
	}
	return netip.AddrPort{}
}

// Zone is the zone as the primary holds it now. The zero Snapshot says that
// there is no such zone.
func (w *World) Zone(apex zone.Name) zone.Snapshot {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.zones[apex]
}

// Set replaces a zone, or adds one, as it is: the serial is the caller's.
func (w *World) Set(s zone.Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set(s)
}

// Change edits a zone behind everybody's back, as somebody at the host's own
// web page would: the serial goes up. It panics when there is no such zone.
func (w *World) Change(apex zone.Name, changes ...zone.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	z, ok := w.zones[apex]
	if !ok {
		panic(fmt.Sprintf("verifytest: no zone %s", apex.FQDN()))
	}
	w.set(bumpSerial(z.With(changes...)))
}

// set is called with mu held.
func (w *World) set(s zone.Snapshot) {
	w.zones = maps.Clone(w.zones)
	w.zones[s.Zone] = s
}

// all is every zone as it is now.
func (w *World) all() zones {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.zones
}

// Queries is how many messages have reached the servers, all together.
func (w *World) Queries() int {
	n := 0
	for _, s := range w.servers {
		n += s.Queries()
	}
	return n
}

// tell calls Options.Heard.
func (w *World) tell(host string, a arrival) {
	if w.heard == nil || a.network == inside {
		return
	}
	h := Heard{Host: host, Addr: a.at, Network: string(a.network), EDNS: a.req.IsEdns0() != nil}
	if len(a.req.Question) > 0 {
		q := a.req.Question[0]
		h.Name, _ = zone.ParseName(q.Name)
		h.Type = dns.Type(q.Qtype).String()
	}
	if a.req.Opcode == dns.OpcodeUpdate {
		h.Type = "UPDATE"
	}
	w.heard(h)
}
