package godaddy_test

import (
	"bytes"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	libgodaddy "github.com/libdns/godaddy"
	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// network is the transport of this test process. The upstream module has its
// host in its code and no client of its own, so each request is sent to the fake
// that is set, whatever its address; with none set it stays on this machine. It is
// installed once and only the fake changes, atomically: a request that its caller
// has given up may still look for its transport.
type network struct {
	fake atomic.Pointer[url.URL]
}

var wire network

func init() {
	http.DefaultTransport = &wire
}

var direct = &http.Transport{MaxIdleConnsPerHost: 4}

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	if to := n.fake.Load(); to != nil {
		req = req.Clone(req.Context())
		req.URL.Scheme, req.URL.Host, req.Host = to.Scheme, to.Host, to.Host
	} else if !net.ParseIP(req.URL.Hostname()).IsLoopback() {
		return nil, fmt.Errorf("%s is not on this machine, and no fake stands for it", req.URL.Host)
	}
	return direct.RoundTrip(req)
}

// redirect makes a fake the host of every request, and catches what the module
// logs, until the test ends. Such tests never run in parallel.
func redirect(t testing.TB, fake *godaddytest.Fake) *logged {
	t.Helper()
	out, restore := redirected(fake.URL())
	t.Cleanup(restore)
	return out
}

func redirected(target string) (out *logged, restore func()) {
	to, err := url.Parse(target)
	if err != nil {
		panic(err) // of a fake
	}
	out = &logged{}
	writer := log.Writer()
	wire.fake.Store(to)
	log.SetOutput(out)
	return out, func() {
		wire.fake.Store(nil)
		log.SetOutput(writer)
		direct.CloseIdleConnections()
	}
}

// logged is what went to the standard logger.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// bare is the upstream module, with the credentials of the first account.
func bare(t testing.TB, fake *godaddytest.Fake) (*libgodaddy.Provider, *logged) {
	t.Helper()
	c := fake.Credentials()
	return &libgodaddy.Provider{APIToken: c["api_key"] + ":" + c["api_secret"]}, redirect(t, fake)
}

// plain is records as users of libdns give them.
func plain(recs ...zone.Record) []libdns.Record {
	var out []libdns.Record
	for _, r := range recs {
		out = append(out, libdns.RR{Name: r.Name.Rel(apex), Type: r.Type, TTL: seconds(r.TTL), Data: dotless(r)})
	}
	return out
}

// dotless is the data as the module wants it: texts as they are, targets without
// final dot.
func dotless(r zone.Record) string {
	if t, ok := r.Target(); ok {
		return r.Data[:len(r.Data)-len(t.FQDN())] + string(t)
	}
	return r.Text()
}

// TestRedirect: what the other tests stand on.
func TestRedirect(t *testing.T) {
	fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{{Zone: apex}}})
	p, _ := bare(t, fake)
	recs, err := p.GetRecords(t.Context(), apex.FQDN())
	if err != nil || len(recs) != 3 || fake.Requests() != 1 {
		t.Errorf("%d records, %v, %d requests; want the SOA and two NS of the fake", len(recs), err, fake.Requests())
	}
}
