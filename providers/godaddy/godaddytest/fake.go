package godaddytest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Options of a Fake. The zero value is a host without zones that knows one
// account.
type Options struct {
	Zones    []zone.Snapshot
	Accounts []Account // nil: one, that of [Fake.Credentials]
	// Rate is how many requests a minute one credential may send to one
	// endpoint. 0: 60, as the real host; negative: any.
	Rate int
	// ByRow makes the offset of a list count records, as the API's description
	// has it, and not pages, as clients with long lists use it.
	ByRow bool
	// PageSize is how many records a page of a list holds at most, whatever it is
	// asked for. 0: 500, as the real host.
	PageSize int
	// Beyond is what is answered to a request beyond the last page.
	Beyond Beyond
	// Unfiltered makes a list of one type and name show the whole zone.
	Unfiltered bool
	// NoContent makes a write of records answer 204, as the description has it
	// since 2026. Otherwise it is 200 with an empty body, as clients saw it
	// (https://github.com/AnalogJ/lexicon/issues/214).
	NoContent bool
	// NameServers are those that the host assigns. nil: two of domaincontrol.com.
	NameServers []zone.Name
}

// Beyond is an answer to a request beyond the last page of a list. One client
// says that it is sometimes 422 (libdns/godaddy v1.1.0, in a comment), and no
// source what it says.
type Beyond int

// The three answers.
const (
	BeyondNamed Beyond = iota // 422 that names the offset
	BeyondMute                // 422 that names nothing
	BeyondEmpty               // 200 and no records
)

// Account is a customer.
type Account struct {
	Key, Secret string      // the classic pair
	Token       string      // a Personal Access Token; "": none
	Access      Access      // what the customer may do
	Zones       []zone.Name // the customer's; nil: all
}

// Access is how far the host lets a customer use its API.
type Access int

// The four that are known.
const (
	// Full is that of a customer with ten domains or a paid membership.
	Full Access = iota
	// Closed is that of customers with few domains since May 2024
	// (https://github.com/rmbolger/Posh-ACME/pull/547): 403 to everything.
	Closed
	// RecordsOnly is that of customers with few domains since July 2026
	// (https://github.com/acmesh-official/acme.sh/issues/6849), and of a token
	// with the scope domains.dns:update: the domains themselves are 403.
	RecordsOnly
	// ReadOnly is that of a token without that scope: writes are 403.
	ReadOnly
)

// Fake is the host. Its methods may be called from any goroutine.
type Fake struct {
	*httpapitest.Server

	opts    Options
	mu      sync.Mutex
	domains map[zone.Name]*domain
	sent    map[string][]time.Time // by credential and endpoint, within the last minute
	bridge  *httpapitest.Bridge    // nil: nobody asked for it
}

// domain is a domain and its records, in the order they came.
type domain struct {
	status  string
	records []record
}

// Start serves a fake. The caller must Close it.
func Start(o Options) (*Fake, error) {
	if o.Accounts == nil {
		o.Accounts = []Account{{Key: "key-of-the-customer", Secret: "secret-of-the-customer"}}
	}
	if o.NameServers == nil {
		o.NameServers = []zone.Name{"ns51.domaincontrol.com", "ns52.domaincontrol.com"}
	}
	f := &Fake{opts: o, domains: map[zone.Name]*domain{}, sent: map[string][]time.Time{}}
	for _, s := range o.Zones {
		f.put(s)
	}
	s, err := httpapitest.Start(http.HandlerFunc(f.serve), func(r *http.Request) bool { return r.Method != http.MethodGet })
	if err != nil {
		return nil, fmt.Errorf("godaddytest: %w", err)
	}
	f.Server = s
	return f, nil
}

// Endpoint is the address of the API, for Driver.Endpoint.
func (f *Fake) Endpoint() string { return f.URL() }

// Credentials are those of the first account: its pair where it has one, else
// its token.
func (f *Fake) Credentials() providers.Credentials { return f.opts.Accounts[0].Credentials() }

// Credentials are those of the account.
func (a Account) Credentials() providers.Credentials {
	if a.Key == "" {
		return providers.Credentials{"api_key": a.Token}
	}
	return providers.Credentials{"api_key": a.Key, "api_secret": a.Secret}
}

// Zone is the zone as the host holds it, but for its SOA record, which the API
// shows without data. The zero Snapshot says that there is none.
func (f *Fake) Zone(apex zone.Name) zone.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.snapshot(apex)
}

func (f *Fake) snapshot(apex zone.Name) zone.Snapshot {
	d := f.domains[apex]
	if d == nil {
		return zone.Snapshot{}
	}
	var recs []zone.Record
	for _, r := range d.records {
		if r.Type != "SOA" { // it is listed without data
			recs = append(recs, r.record(apex))
		}
	}
	return zone.NewSnapshot(apex, recs)
}

// Lines is every record of the zone as the API spells it, sorted.
func (f *Fake) Lines(apex zone.Name) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	if d := f.domains[apex]; d != nil {
		for _, r := range d.records {
			out = append(out, r.json())
		}
	}
	slices.Sort(out)
	return out
}

// Set replaces a zone, or adds one, behind everybody's back. What the host keeps
// by itself, SOA and NS of the apex, is added where it is not there.
func (f *Fake) Set(s zone.Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(s)
}

// SetLines replaces a zone by records as the API is to show them, each a JSON
// object or whatever else: with names in any spelling, fields too many or
// missing, or what no client could write. What cannot be read of a line is
// empty in the record that [Fake.Zone] shows. SOA and NS of the apex are the
// caller's.
func (f *Fake) SetLines(apex zone.Name, lines ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.domains[apex] == nil {
		f.domains[apex] = &domain{status: "ACTIVE"}
	}
	var all []record
	for _, l := range lines {
		var r record
		_ = json.Unmarshal([]byte(l), &r)
		r.raw = l
		all = append(all, r)
	}
	f.keep(apex, all)
}

// Change edits a zone behind everybody's back, as somebody on the host's own web
// page would.
func (f *Fake) Change(apex zone.Name, changes ...zone.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(f.snapshot(apex).With(changes...))
}

// SetStatus is the status of a domain from now on. Records of one that is not
// "ACTIVE" cannot be written.
func (f *Fake) SetStatus(apex zone.Name, status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.domains[apex].status = status
}

// put keeps the records that stay in their place and order. An SOA record is
// the host's own, whatever s says of it, and listed without data
// (https://github.com/n3integration/terraform-provider-godaddy/issues/18).
func (f *Fake) put(s zone.Snapshot) {
	d := f.domains[s.Zone]
	if d == nil {
		d = &domain{status: "ACTIVE", records: []record{{Type: "SOA", Name: "@", TTL: minTTL}}}
		f.domains[s.Zone] = d
	}
	all := slices.DeleteFunc(slices.Clone(s.Records), func(r zone.Record) bool { return r.Type == "SOA" })
	if len(s.Set(s.Zone, "NS")) == 0 {
		for _, n := range f.opts.NameServers {
			all = append(all, zone.Record{Name: s.Zone, Type: "NS", TTL: defaultTTL, Data: n.FQDN()})
		}
	}
	want := map[zone.Record]int{}
	for _, r := range all {
		want[r]++
	}
	var kept []record
	for _, r := range d.records {
		if rec := r.record(s.Zone); r.Type == "SOA" || want[rec] > 0 {
			want[rec]--
			kept = append(kept, r)
		}
	}
	for _, r := range all {
		if want[r] > 0 {
			want[r]--
			kept = append(kept, spell(s.Zone, r))
		}
	}
	f.keep(s.Zone, kept)
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
	for apex := range f.domains {
		all = append(all, f.snapshot(apex))
	}
	slices.SortFunc(all, func(a, b zone.Snapshot) int { return cmp.Compare(a.Zone, b.Zone) })
	if len(f.opts.NameServers) != 2 {
		return nil, fmt.Errorf("godaddytest: %d name servers, and a bridge has two", len(f.opts.NameServers))
	}
	b, err := httpapitest.StartBridge([2]zone.Name(f.opts.NameServers), all...)
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

// keep has the domain hold these records. The caller holds the lock.
func (f *Fake) keep(apex zone.Name, records []record) {
	f.domains[apex].records = records
	if f.bridge != nil {
		f.bridge.Set(f.snapshot(apex))
	}
}
