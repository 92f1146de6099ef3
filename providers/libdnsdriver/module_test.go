package libdnsdriver_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/providertest"
	"github.com/mooring-dns/mooring/providers/zone"
)

const apex zone.Name = "customer.example"

// fault makes the module misbehave in one of the suite's ways, in the words of
// published modules. They lose the time that a host names for coming again.
func (m *module) fault(kind providertest.Fault, onlyWrites bool) bool {
	var f faults
	switch kind {
	case providertest.FaultUnavailable:
		f.Before = errors.New("got error status: HTTP 503: unavailable")
	case providertest.FaultHTML:
		f.Before = errors.New("invalid character '<' looking for beginning of value")
	case providertest.FaultDenied:
		f.Before = errors.New("unexpected status code 403: not yours")
	case providertest.FaultLost:
		f.Before = errors.New("EOF")
	case providertest.FaultHalf, providertest.FaultLandedLost:
		f.Error = errors.New("unexpected EOF")
	default:
		return false
	}
	if !onlyWrites {
		f.ReadError = errors.Join(f.Before, f.Error)
	}
	m.set(f)
	return true
}

// module is a libdns module with a zone in memory. Without a fault it keeps
// every promise of libdns's documentation; each fault is one that a published
// module has.
type module struct {
	mu     sync.Mutex
	zones  map[string][]libdns.Record
	faults faults
	calls  []string
	hang   chan struct{} // calls wait for it
	first  func()        // called at the next write
}

type faults struct {
	AppendReplaces bool  // libdns/godaddy v1.1.0: AppendRecords replaces the RRset
	SetLast        bool  // libdns/godaddy v1.1.0: SetRecords keeps the last of several values
	DeleteWhole    bool  // libdns/godaddy v1.1.0, and cloudflare v0.2.2 of SRV: DeleteRecords removes the RRset
	DeleteAt       bool  // DeleteRecords removes the whole owner
	Deaf           bool  // writes are reported and not done
	IgnoresContext bool  // libdns/porkbun v1.1.0, godaddy v1.1.0
	DropsMail      bool  // libdns/namecheap v1.0.0: any write drops the MX records
	OneTTL         bool  // a value added takes the TTL that the RRset has
	Forgetful      bool  // lost records cannot be added again
	Strict         bool  // an append fails at the second record
	Refusal        error // with this; nil: HTTP 422
	Blind          bool  // no reading succeeds after a write
	Before         error // of a write that is not done
	Error          error // of a write that is done
	ReadError      error
	Panic          any
	ReadPanic      any
	Pointers       bool // libdns/namecheap v1.0.0: gives pointers
	TypedNil       bool // a write that is done answers with a nil pointer as its error
	Exits          bool // a write that is done ends its goroutine
	ReadExits      bool
}

func (m *module) begin(ctx context.Context, what string, write bool) error {
	m.mu.Lock()
	m.calls = append(m.calls, what)
	first := m.first
	if write {
		m.first = nil
	}
	m.mu.Unlock()
	if write && first != nil {
		first()
	}
	m.mu.Lock()
	f, hang := m.faults, m.hang
	m.mu.Unlock()
	if hang != nil {
		if f.IgnoresContext {
			<-hang
		} else {
			select {
			case <-hang:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	if !f.IgnoresContext && ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
	case write && f.Panic != nil:
		panic(f.Panic)
	case !write && f.ReadPanic != nil:
		panic(f.ReadPanic)
	case !write && f.ReadExits:
		runtime.Goexit()
	case !write:
		return f.ReadError
	}
	return f.Before
}

func (m *module) find(name string) (string, error) {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if _, ok := m.zones[name]; !ok {
		return "", fmt.Errorf("unexpected response code 404: no zone %s", name)
	}
	return name, nil
}

func (m *module) GetRecords(ctx context.Context, name string) ([]libdns.Record, error) {
	if err := m.begin(ctx, "get", false); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	z, err := m.find(name)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(m.zones[z])
	if m.faults.Pointers {
		for i, r := range out {
			if v, ok := r.(libdns.MX); ok {
				out[i] = &v
			}
		}
	}
	return out, nil
}

// write is every write: f changes the records.
func (m *module) write(ctx context.Context, what, name string, recs []libdns.Record, f func(now []libdns.Record) ([]libdns.Record, error)) ([]libdns.Record, error) {
	if err := m.begin(ctx, what, true); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	z, err := m.find(name)
	if err != nil {
		return nil, err
	}
	if m.faults.Deaf {
		return recs, nil
	}
	now, err := f(slices.Clone(m.zones[z]))
	if m.faults.DropsMail {
		now = slices.DeleteFunc(now, func(r libdns.Record) bool { return r.RR().Type == "MX" })
	}
	m.zones[z] = now
	if m.faults.Blind {
		m.faults.ReadError = errors.New("got error status: HTTP 503: unavailable")
	}
	switch {
	case m.faults.Exits:
		runtime.Goexit()
	case m.faults.TypedNil && err == nil:
		var none *apiError
		return recs, none
	}
	return recs, errors.Join(err, m.faults.Error)
}

// apiError is an error whose text cannot be had of a nil one.
type apiError struct{ text string }

func (e *apiError) Error() string { return e.text }

// stable is r.RR() with one spelling for the parameters of an HTTPS record:
// libdns v1.1.1 writes them in the order of a map.
func stable(r libdns.Record) libdns.RR {
	rr := r.RR()
	if rr.Type == "HTTPS" || rr.Type == "SVCB" {
		if data, err := zone.Canonical(rr.Type, rr.Data); err == nil {
			rr.Data = data
		}
	}
	return rr
}

func sameSet(a, b libdns.RR) bool { return a.Name == b.Name && a.Type == b.Type }

func (m *module) AppendRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	return m.write(ctx, "append", name, recs, func(now []libdns.Record) ([]libdns.Record, error) {
		for i, r := range recs {
			rr := stable(r)
			if m.faults.Strict && i > 0 {
				return now, cmp.Or(m.faults.Refusal, errors.New("HTTP 422: the second record is refused"))
			}
			if m.faults.AppendReplaces {
				now = slices.DeleteFunc(now, func(o libdns.Record) bool { return sameSet(o.RR(), rr) })
			}
			if m.faults.Forgetful && rr.Type == "MX" {
				continue
			}
			if i := slices.IndexFunc(now, func(o libdns.Record) bool { return sameSet(o.RR(), rr) }); i >= 0 && m.faults.OneTTL {
				rr.TTL = now[i].RR().TTL
			}
			now = append(now, rr)
		}
		return now, nil
	})
}

func (m *module) SetRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	if m.faults.SetLast {
		recs = recs[len(recs)-1:]
	}
	return m.write(ctx, "set", name, recs, func(now []libdns.Record) ([]libdns.Record, error) {
		now = slices.DeleteFunc(now, func(o libdns.Record) bool {
			return slices.ContainsFunc(recs, func(r libdns.Record) bool { return sameSet(o.RR(), r.RR()) })
		})
		for _, r := range recs {
			if !m.faults.Forgetful || r.RR().Type != "MX" {
				now = append(now, r)
			}
		}
		return now, nil
	})
}

func (m *module) DeleteRecords(ctx context.Context, name string, recs []libdns.Record) ([]libdns.Record, error) {
	return m.write(ctx, "delete", name, recs, func(now []libdns.Record) ([]libdns.Record, error) {
		return slices.DeleteFunc(now, func(o libdns.Record) bool {
			return slices.ContainsFunc(recs, func(r libdns.Record) bool {
				a, b := stable(o), stable(r)
				return a == b || m.faults.DeleteWhole && sameSet(a, b) || m.faults.DeleteAt && a.Name == b.Name && a.Type != "SOA"
			})
		}), nil
	})
}

// lister is a module that also lists.
type lister struct{ *module }

func (l lister) ListZones(ctx context.Context) ([]libdns.Zone, error) {
	if err := l.begin(ctx, "list", false); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []libdns.Zone
	for name := range l.zones {
		out = append(out, libdns.Zone{Name: name + "."})
	}
	return out, nil
}

// set changes what the module does from now on.
func (m *module) set(f faults) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = f
}

// block makes calls hang until the returned function is called.
func (m *module) block(t interface{ Cleanup(func()) }) (release func()) {
	hang := make(chan struct{})
	m.mu.Lock()
	m.hang = hang
	m.mu.Unlock()
	release = sync.OnceFunc(func() {
		m.mu.Lock()
		m.hang = nil
		m.mu.Unlock()
		close(hang)
	})
	t.Cleanup(release)
	return release
}

// onWrite has f called when the next write arrives.
func (m *module) onWrite(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.first = f
}

// count is how often the module was called so.
func (m *module) count(what string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.calls {
		if c == what {
			n++
		}
	}
	return n
}

const second zone.Name = "second.example"

func newModule(recs ...libdns.Record) *module {
	own := []libdns.Record{
		libdns.RR{Name: "@", TTL: time.Hour, Type: "SOA", Data: "ns1.host.example. host.host.example. 1 3600 600 86400 300"},
		libdns.NS{Name: "@", TTL: time.Hour, Target: "ns1.host.example."},
		libdns.NS{Name: "@", TTL: time.Hour, Target: "ns2.host.example."},
	}
	return &module{zones: map[string][]libdns.Record{string(apex): append(slices.Clone(own), recs...), string(second): own}}
}

// fill makes the zone hold these records and the host's own.
func (m *module) fill(recs []zone.Record) {
	now := newModule().zones[string(apex)]
	for _, r := range recs {
		now = append(now, libdns.RR{Name: r.Name.Rel(apex), TTL: time.Duration(r.TTL) * time.Second, Type: r.Type, Data: r.Text()})
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.zones[string(apex)] = now
}

const secret = "secret-of-the-customer"

func driver(m any, more ...func(*libdnsdriver.Driver)) libdnsdriver.Driver {
	d := libdnsdriver.Driver{
		Host: providers.Info{
			ID: "module", Name: "A libdns module",
			Fields: []providers.Field{{Name: "token", Label: "API token", Secret: true}},
		},
		New: func(c providers.Credentials) (any, error) {
			if c["token"] != secret {
				return nil, &providers.Error{Code: providers.InvalidCredentials, Err: errors.New("no token of ours")}
			}
			return m, nil
		},
		Patience: 5 * time.Second,
	}
	for _, f := range more {
		f(&d)
	}
	return d
}

func mode(m libdnsdriver.Mode) func(*libdnsdriver.Driver) {
	return func(d *libdnsdriver.Driver) { d.Mode = m }
}

// account is the module's account as Mooring holds it.
func account(t testing.TB, d providers.Driver) (*providers.Account, providers.Zone) {
	t.Helper()
	acct, err := providers.Open(d, providers.Credentials{"token": secret}, providers.Options{Lost: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return acct, providers.Zone{ID: apex.FQDN(), Apex: apex, Caps: d.Info().Caps}
}

func open(t testing.TB, d libdnsdriver.Driver) (providers.Session, providers.Zone) {
	t.Helper()
	s, err := d.Open(providers.Credentials{"token": secret})
	if err != nil {
		t.Fatal(err)
	}
	z, err := s.Find(t.Context(), apex)
	if err != nil {
		t.Fatal(err)
	}
	return s, z
}
