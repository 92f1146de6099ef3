package cloudflaretest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Options of a Fake. The zero value is an API without zones that AnyToken opens.
type Options struct {
	Zones  []Zone
	Tokens []Token // none: AnyToken, which may do everything
	// PerPage is the most records on a page, whatever is asked for. 0: the real
	// API's 5,000,000.
	PerPage int
	// Rate is how many requests each token may send in five minutes; 0: any
	// number. The real API's is RealRate.
	Rate int
	// Addresses is what names outside the fake's zones resolve to, for the CNAME
	// at an apex that the Bridge flattens.
	Addresses map[zone.Name][]netip.Addr
}

// RealRate is the real API's Rate
// (https://developers.cloudflare.com/fundamentals/api/reference/limits/).
const RealRate = 1200

// Zone is a zone and where it is kept.
type Zone struct {
	Snapshot zone.Snapshot // without SOA and NS at the apex, which the API does not show
	Account  string        // 32 hexadecimal digits; empty: DefaultAccount
	Plan     string        // "free", "pro", "business", "enterprise"; empty: "free"
	Status   string        // "active", "pending", "moved"; empty: "active"
	Type     string        // "full", "partial", "secondary", "internal"; empty: "full"
}

// DefaultAccount is the account of zones that name none.
const DefaultAccount = "0123456789abcdef0123456789abcdef"

// NameServers is what Cloudflare assigns to every zone of the fake.
func NameServers() [2]zone.Name {
	return [2]zone.Name{"amy.ns.cloudflare.com", "bob.ns.cloudflare.com"}
}

// Fake is the fake API. All methods may be called from any goroutine.
type Fake struct {
	*httpapitest.Server
	opts Options

	mu     sync.Mutex
	zones  []*hosted
	serial int // of identifiers
	used   map[string]*window
	bridge *httpapitest.Bridge
}

// hosted is a zone as the API keeps it.
type hosted struct {
	Zone
	id      string
	apex    zone.Name
	made    time.Time
	records []*record
}

// Start starts the fake. The caller must Close it.
func Start(o Options) (*Fake, error) {
	if len(o.Tokens) == 0 {
		o.Tokens = []Token{{Value: AnyToken}}
	}
	f := &Fake{opts: o, used: map[string]*window{}}
	for _, z := range o.Zones {
		f.put(z)
	}
	var err error
	f.Server, err = httpapitest.Start(f, func(r *http.Request) bool { return r.Method != http.MethodGet })
	return f, err
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

// prefix is the path of the API.
const prefix = "/client/v4"

// Endpoint is the base URL of the API.
func (f *Fake) Endpoint() string { return f.URL() + prefix }

// Credentials is what the first token's holder gives the driver.
func (f *Fake) Credentials() providers.Credentials {
	f.mu.Lock()
	defer f.mu.Unlock()
	return providers.Credentials{"api_token": f.opts.Tokens[0].Value}
}

// identifier makes a new one: 32 hexadecimal digits, as the real ones are. The
// caller holds the lock, or nobody else has the fake yet.
func (f *Fake) identifier() string {
	f.serial++
	sum := sha256.Sum256([]byte(fmt.Sprint("cloudflaretest ", f.serial)))
	return hex.EncodeToString(sum[:16])
}

// put adds a zone, or replaces the one of this name in this account under its
// old identifier. An internal zone may stand beside a public one of its name
// (https://developers.cloudflare.com/dns/internal-dns/internal-zones/setup/).
func (f *Fake) put(z Zone) {
	z.Account, z.Plan = cmp.Or(z.Account, DefaultAccount), cmp.Or(z.Plan, "free")
	z.Status, z.Type = cmp.Or(z.Status, "active"), cmp.Or(z.Type, "full")
	var h *hosted
	for _, o := range f.zones {
		if o.apex == z.Snapshot.Zone && o.Account == z.Account && o.internal() == (z.Type == internal) {
			h = o
		}
	}
	if h == nil {
		h = &hosted{id: f.identifier(), apex: z.Snapshot.Zone, made: now()}
		f.zones = append(f.zones, h)
	}
	h.Zone = z
	f.fill(h, z.Snapshot)
}

// fill makes the records of a zone those of the snapshot. A record that is there
// already keeps its identifier.
func (f *Fake) fill(h *hosted, s zone.Snapshot) {
	old := map[zone.Record][]*record{}
	for _, o := range h.records {
		z := o.zone()
		old[z] = append(old[z], o)
	}
	h.records = nil
	for _, r := range zone.NewSnapshot(h.apex, s.Records).Records {
		if r.Name == h.apex && (r.Type == "SOA" || r.Type == "NS") {
			continue
		}
		if same := old[r]; len(same) > 0 {
			h.records, old[r] = append(h.records, same[0]), same[1:]
			continue
		}
		rec := fromZone(r)
		rec.ID, rec.Created, rec.Modified = f.identifier(), now(), now()
		h.records = append(h.records, rec)
	}
}

// now is the time as the API prints it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// internal is the type of zones that private networks alone see.
const internal = "internal"

func (h *hosted) internal() bool { return h.Type == internal }

// find is the first public zone of this name.
func (f *Fake) find(apex zone.Name) *hosted {
	for _, h := range f.zones {
		if h.apex == apex && !h.internal() {
			return h
		}
	}
	return nil
}

// Zone is the zone as the host holds it, without the records it keeps to itself.
// The zero Snapshot says that there is no such zone. Of several public zones of
// this name it is the first.
func (f *Fake) Zone(apex zone.Name) zone.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.find(apex)
	if h == nil {
		return zone.Snapshot{}
	}
	return h.snapshot()
}

func (h *hosted) snapshot() zone.Snapshot {
	recs := make([]zone.Record, len(h.records))
	for i, r := range h.records {
		recs[i] = r.zone()
	}
	return zone.NewSnapshot(h.apex, recs)
}

// lower is a name as the API keeps it.
func lower(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }
