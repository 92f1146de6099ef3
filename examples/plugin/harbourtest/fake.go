package harbourtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Options of a Fake. The zero value is a host without zones that knows one
// token.
type Options struct {
	Zones  []zone.Snapshot
	Tokens []Token // nil: one, that of [Fake.Credentials]
	// PageSize is how many zones or RRsets a page of a list holds. 0: 100.
	PageSize int
	// Rate is how many requests a minute one token may send. 0: 6000; negative:
	// any.
	Rate int
}

// Token is what a customer has made for a program.
type Token struct {
	Value  string
	Zones  []zone.Name // the customer's; nil: all
	Scopes []string    // of dns:read and dns:write; nil: both
	// Refused is the code that every request with the token is answered with:
	// token_expired, address_not_allowed or plan_without_api. "": none is.
	Refused string
}

// The two scopes.
const (
	ScopeRead  = "dns:read"
	ScopeWrite = "dns:write"
)

// Credentials are those of the token, as the driver asks for them.
func (t Token) Credentials() providers.Credentials { return providers.Credentials{"token": t.Value} }

func (t Token) may(scope string) bool { return t.Scopes == nil || slices.Contains(t.Scopes, scope) }

// usual is the token of a host that was given none.
const usual = "hbr_a-token-of-the-customer"

// nameServers are those that the host assigns to every zone.
var nameServers = [2]zone.Name{"a.ns.harbour.example", "b.ns.harbour.example"}

// Fake is the host. Its methods may be called from any goroutine.
type Fake struct {
	*httpapitest.Server

	opts   Options
	mu     sync.Mutex
	zones  map[zone.Name]*hosted
	sent   map[string][]time.Time // by token, within the last minute
	bridge *httpapitest.Bridge    // nil: nobody asked for it
}

// Start serves a fake. The caller must Close it.
func Start(o Options) (*Fake, error) {
	if o.Tokens == nil {
		o.Tokens = []Token{{Value: usual}}
	}
	o.PageSize, o.Rate = cmp.Or(o.PageSize, 100), cmp.Or(o.Rate, 6000)
	f := &Fake{opts: o, zones: map[zone.Name]*hosted{}, sent: map[string][]time.Time{}}
	for _, s := range o.Zones {
		f.put(s)
	}
	s, err := httpapitest.Start(http.HandlerFunc(f.serve), func(r *http.Request) bool { return r.Method != http.MethodGet })
	if err != nil {
		return nil, fmt.Errorf("harbourtest: %w", err)
	}
	f.Server = s
	return f, nil
}

// Endpoint is the base URL of the API, for the driver.
func (f *Fake) Endpoint() string { return f.URL() + "/v2" }

// Credentials are those of the first token.
func (f *Fake) Credentials() providers.Credentials { return f.opts.Tokens[0].Credentials() }

// Zone is the zone as the host holds it. The zero Snapshot says that there is
// none. What stands beside a value is its Meta, as the driver has it:
// "note=TEXT", the text escaped as in a URL's query.
func (f *Fake) Zone(apex zone.Name) zone.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.zones[apex]; h != nil {
		return h.snapshot()
	}
	return zone.Snapshot{}
}

// Set replaces a zone, or adds one, behind everybody's back. SOA and NS of the
// apex are the host's own, whatever s says of them. The values of an RRset have
// one TTL, that of the first.
func (f *Fake) Set(s zone.Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(s)
}

// Change edits a zone behind everybody's back, as somebody on the host's own web
// page would.
func (f *Fake) Change(apex zone.Name, changes ...zone.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(f.zones[apex].snapshot().With(changes...))
}

// Spell replaces the values of one RRset, or adds it, by values as the API is to
// show them: spelled as nobody else would, or what no client could write.
func (f *Fake) Spell(apex zone.Name, name, typ string, ttl uint32, data ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := set{Name: name, Type: typ, TTL: ttl}
	for _, d := range data {
		s.Values = append(s.Values, value{Data: d})
	}
	f.zones[apex].keep(s)
	f.moved(f.zones[apex])
}

// Values is the values of one RRset as the API spells them; nil: there is none.
func (f *Fake) Values(apex zone.Name, name, typ string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, s := range f.zones[apex].sets {
		if s.is(name, typ) {
			for _, v := range s.Values {
				out = append(out, v.Data)
			}
		}
	}
	return out
}

func (f *Fake) put(s zone.Snapshot) {
	h := f.zones[s.Zone]
	if h == nil {
		h = &hosted{apex: s.Zone}
		f.zones[s.Zone] = h
	}
	h.sets = setsOf(s)
	f.moved(h)
}

// moved is for every change of a zone. The caller holds the lock.
func (f *Fake) moved(h *hosted) {
	h.version++
	if f.bridge != nil {
		f.bridge.Set(h.snapshot())
	}
}

// Bridge serves the zones over DNS under the host's own name servers, from now
// on and through every change. It is closed with the fake.
func (f *Fake) Bridge() (*httpapitest.Bridge, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bridge != nil {
		return f.bridge, nil
	}
	var all []zone.Snapshot
	for _, apex := range slices.Sorted(maps.Keys(f.zones)) {
		all = append(all, f.zones[apex].snapshot())
	}
	b, err := httpapitest.StartBridge(nameServers, all...)
	if err == nil {
		f.bridge = b
	}
	return b, err
}

// Close stops the fake and its Bridge.
func (f *Fake) Close() {
	f.Server.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bridge != nil {
		f.bridge.Close()
	}
}
