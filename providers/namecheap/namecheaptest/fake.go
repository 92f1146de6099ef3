package namecheaptest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Options of a Fake. The zero value is one account without zones.
type Options struct {
	Accounts []Account // empty: one account called "customer"
	// TLDs is what getTldList answers, in this order; nil: a short list.
	TLDs []string
	// PerMinute is how many requests of an account are answered in one minute;
	// 0: all. The others get status 405
	// (https://github.com/namecheap/terraform-provider-namecheap/pull/310).
	PerMinute int
	// DropSRV has setHosts drop the SRV records of the zone. Nobody documents
	// whether the real one does.
	DropSRV bool
	// OneMX has setHosts keep the first of two MX records of a name for the same
	// mail server, as the sandbox does; whether the real API does is not known.
	OneMX bool
	// NoSRV has the API know no getsrvrecords and setsrvrecords.
	NoSRV bool
}

// Account is one customer.
type Account struct {
	User      string
	Key       string
	Allowed   []string // addresses that may call; empty: 192.0.2.1
	Off       bool     // the API is not switched on
	Zones     []zone.Snapshot
	Elsewhere []zone.Name // domains whose DNS is served by others
}

// nameServers is what the host calls its name servers.
var nameServers = [2]zone.Name{"dns1.registrar-servers.com", "dns2.registrar-servers.com"}

// Fake is the fake. All methods may be called from any goroutine.
type Fake struct {
	*httpapitest.Server // faults, counts and hooks
	opts                Options

	mu       sync.Mutex
	accounts []*account
	hostID   int
	bridge   *httpapitest.Bridge
}

// account is an Account with its zones as the host stores them.
type account struct {
	Account
	zones map[zone.Name]*domain
	calls []time.Time // of the last minute
}

// Start makes a fake that listens on 127.0.0.1. The caller must Close it.
func Start(o Options) (*Fake, error) {
	f := &Fake{opts: o, hostID: 216107}
	if len(o.Accounts) == 0 {
		f.opts.Accounts = []Account{{User: "customer", Key: "key-of-the-customer-3f1c"}}
	}
	for _, a := range f.opts.Accounts {
		if len(a.Allowed) == 0 {
			a.Allowed = []string{"192.0.2.1"}
		}
		acc := &account{Account: a, zones: map[zone.Name]*domain{}}
		f.accounts = append(f.accounts, acc)
		for _, s := range a.Zones {
			acc.zones[s.Zone] = f.store(s)
		}
		for _, n := range a.Elsewhere {
			acc.zones[n] = &domain{apex: n, elsewhere: true, emailType: "NONE"}
		}
	}
	s, err := httpapitest.Start(http.HandlerFunc(f.serve), func(r *http.Request) bool {
		return strings.HasPrefix(command(r), "namecheap.domains.dns.set")
	})
	if err != nil {
		return nil, fmt.Errorf("namecheaptest: %w", err)
	}
	f.Server = s
	return f, nil
}

// Endpoint is the API's address, for Driver.Endpoint.
func (f *Fake) Endpoint() string { return f.Server.URL() + "/xml.response" }

// Close stops the API and the name servers.
func (f *Fake) Close() {
	f.Server.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bridge != nil {
		f.bridge.Close()
	}
}

// Credentials is what the customer of an account gives, 0 being the first.
func (f *Fake) Credentials(account int) providers.Credentials {
	a := f.accounts[account]
	return providers.Credentials{"api_user": a.User, "api_key": a.Key, "client_ip": a.Allowed[0]}
}

// Zone is the zone as the host holds and serves it now: what getHosts lists,
// the SRV records, and what it serves for the mail setting. The zero Snapshot
// says that there is no such zone.
func (f *Fake) Zone(apex zone.Name) zone.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, d := f.find(apex); d != nil {
		return d.snapshot()
	}
	return zone.Snapshot{}
}

// Set replaces a zone, or gives one to the first account, behind everybody's
// back. Its Meta "email_type=FWD" is the mail setting; without it, the records
// tell. Records with Meta "injected=…" follow from the mail setting.
func (f *Fake) Set(s zone.Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	acc, _ := f.find(s.Zone)
	if acc == nil {
		acc = f.accounts[0]
	}
	acc.zones[s.Zone] = f.store(s)
	f.publish(s.Zone)
}

// Change edits a zone behind everybody's back, as somebody in the web console
// would.
func (f *Fake) Change(apex zone.Name, changes ...zone.Change) {
	f.Set(f.Zone(apex).With(changes...))
}

// Elsewhere has the DNS of a domain be served by others, or by the host again.
func (f *Fake) Elsewhere(apex zone.Name, elsewhere bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, d := f.find(apex); d != nil {
		d.elsewhere = elsewhere
	}
}

// Bridge starts name servers that answer what the zones hold, and follow them.
// Close stops them.
func (f *Fake) Bridge() (*httpapitest.Bridge, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bridge != nil {
		return f.bridge, nil
	}
	var zones []zone.Snapshot
	for _, a := range f.accounts {
		for _, d := range a.zones {
			if !d.elsewhere {
				zones = append(zones, d.served())
			}
		}
	}
	slices.SortFunc(zones, func(a, b zone.Snapshot) int { return cmp.Compare(a.Zone, b.Zone) })
	b, err := httpapitest.StartBridge(nameServers, zones...)
	if err == nil {
		f.bridge = b
	}
	return b, err
}

// publish has the name servers answer a zone as it is. The caller holds the lock.
func (f *Fake) publish(apex zone.Name) {
	if _, d := f.find(apex); f.bridge != nil && d != nil {
		f.bridge.Set(d.served())
	}
}

// find is a zone and whose it is. The caller holds the lock.
func (f *Fake) find(apex zone.Name) (*account, *domain) {
	for _, a := range f.accounts {
		if d := a.zones[apex]; d != nil {
			return a, d
		}
	}
	return nil, nil
}
