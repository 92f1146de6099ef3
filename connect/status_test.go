package connect_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/rfc2136"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/safehttp"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// web is the customer's web servers: what they answer is set by the test. All of
// the zone's addresses lead to them.
type web struct {
	answer  atomic.Pointer[http.HandlerFunc]
	asked   atomic.Int32
	options safehttp.Options
}

// newWeb starts a server for port 80 and one for port 443 with a certificate for
// these names.
func newWeb(t testing.TB, names ...string) *web {
	t.Helper()
	w := &web{}
	h := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked.Add(1)
		(*w.answer.Load())(rw, r)
	})
	plain, secure := httptest.NewServer(h), httptest.NewUnstartedServer(h)
	cert, roots := certificate(t, names...)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	w.options = safehttp.Options{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Roots: roots,
		Map: func(at netip.AddrPort) netip.AddrPort {
			switch at.Port() {
			case 80:
				return netip.MustParseAddrPort(plain.Listener.Addr().String())
			case 443:
				return netip.MustParseAddrPort(secure.Listener.Addr().String())
			}
			return netip.AddrPort{}
		},
	}
	w.says(func(http.ResponseWriter, *http.Request) {})
	return w
}

func (w *web) says(h http.HandlerFunc) { w.answer.Store(&h) }

// sends redirects the visitors of one host to a URL.
func (w *web) sends(from, to string) {
	w.says(func(rw http.ResponseWriter, r *http.Request) {
		if r.Host == from {
			http.Redirect(rw, r, to, http.StatusMovedPermanently)
		}
	})
}

func certificate(t testing.TB, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// ending is a context whose time is up when the test says so.
type ending struct {
	context.Context
	done chan struct{}
}

func (e ending) Done() <-chan struct{} { return e.done }

func (e ending) Err() error {
	select {
	case <-e.done:
		return context.DeadlineExceeded
	default:
		return e.Context.Err()
	}
}

func (ending) Deadline() (time.Time, bool) { return time.Time{}, false }

// onWeb is the example on a server in this process, with web servers beside it.
func onWeb(t testing.TB, w *web, compat connect.Compat, event func(connect.Event)) (host, *verifytest.World) {
	t.Helper()
	h, world := dnsHost(t, rfc2136.Driver{})
	engine, err := connect.New(connect.Options{
		Drivers: []providers.Driver{rfc2136.Driver{}}, Lost: time.Millisecond, Compat: compat, Web: w.options, Event: event,
		Verify: verify.Options{Start: world.Start(), Map: world.Map, MinDelay: 10 * time.Millisecond, MaxDelay: 20 * time.Millisecond, Timeout: patience},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.engine = engine
	return h, world
}

const toWWW = "https://www.customer.example/"

// TestRedirectProven: a redirect that a person sets beside the run is told, and
// waited for where that is asked for; what HTTP shows is what counts.
func TestRedirectProven(t *testing.T) {
	w := newWeb(t, "www.customer.example")
	var events []connect.Event
	awaited := false
	h, _ := onWeb(t, w, "", func(ev connect.Event) {
		events = append(events, ev)
		if awaited && ev.Propagation == entri.StatusSuccess && ev.Redirection == entri.StatusPending {
			w.sends("customer.example", toWWW) // the person is done
		}
	})
	run := h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("shop", "v=1"), plan.Redirect("@", toWWW)}))
	if diff := cmp.Diff([]connect.Redirect{{From: customer, To: toWWW}}, run.Redirects); diff != "" || len(run.Unproven) != 0 {
		t.Fatalf("redirects -want +got:\n%s\nunproven: %v", diff, run.Unproven)
	}
	before, err := h.engine.Check(t.Context(), run)
	if err != nil || before.Redirection != entri.StatusPending || !strings.Contains(before.Redirects[0].Text, "does not redirect yet") {
		t.Fatalf("before: got %+v, %v, want a redirect that is pending", before, err)
	}
	if r := h.wait(t, run); r.Propagation != entri.StatusSuccess || r.Redirection != entri.StatusPending || events[len(events)-1].Type != connect.Connected {
		t.Fatalf("not awaited: got %+v, want the records to be enough", r.Statuses)
	}
	events, awaited, run.Redirects[0].Awaited = nil, true, true
	report := h.wait(t, run)
	want := connect.Statuses{Propagation: entri.StatusSuccess, DKIM: entri.StatusExempt, Redirection: entri.StatusSuccess}
	if report.Statuses != want || len(report.Redirects) != 1 || len(report.Redirects[0].Hops) != 2 {
		t.Errorf("got %+v and %+v, want %+v by two hops", report.Statuses, report.Redirects, want)
	}
	var told []string
	for _, ev := range events {
		if len(ev.Updated) > 0 {
			told = append(told, string(ev.Type)+": "+strings.Join(ev.Updated, " "))
		}
	}
	if last := events[len(events)-1]; last.Type != connect.Connected || !slices.Contains(last.Updated, "redirection_status") {
		t.Errorf("the last event is %+v, want connected by the redirect", last)
	}
	if n := len(told); n < 2 || told[n-1] != "connected: redirection_status" || !strings.HasPrefix(told[0], "propagating: propagation_status") {
		t.Errorf("status events: got %q", told)
	}
	if connects := slices.IndexFunc(events, func(ev connect.Event) bool { return ev.Type == connect.Connected }); connects != len(events)-1 {
		t.Errorf("connected is event %d of %d", connects+1, len(events))
	}
}

// TestRedirectThenDNS: while a redirect is waited for, a record is taken back. The
// run is connected once, when DNS shows it again.
func TestRedirectThenDNS(t *testing.T) {
	const shop = zone.Name("shop.customer.example")
	w := newWeb(t, "www.customer.example")
	var (
		h     host
		world *verifytest.World
		taken []zone.Record
		told  []connect.EventType
	)
	h, world = onWeb(t, w, "", func(ev connect.Event) {
		switch told = append(told, ev.Type); {
		case ev.Type == connect.Connected && len(world.Zone(customer).Set(shop, "TXT")) == 0:
			t.Error("connected, and no server has the record")
		case ev.Type != connect.Propagating:
		case taken == nil && ev.Propagation == entri.StatusSuccess:
			taken = world.Zone(customer).Set(shop, "TXT")
			world.Change(customer, zone.Change{Owner: shop, Remove: taken})
			w.sends("customer.example", toWWW)
		case taken != nil && ev.Propagation == entri.StatusPending:
			world.Change(customer, zone.Change{Owner: shop, Add: taken})
		}
	})
	run := h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("shop", "v=1"), plan.Redirect("@", toWWW)}))
	run.Redirects[0].Awaited = true
	told = nil
	h.wait(t, run)
	if i := slices.Index(told, connect.Connected); i < 0 || i != len(told)-1 {
		t.Errorf("events: got %q, want connected once, at the end", told)
	}
	if taken == nil {
		t.Error("no record was taken back")
	}
}

// TestRedirectInLastLook: what the report says of a redirect is of the look that
// proved DNS, though HTTP was asked a moment before.
func TestRedirectInLastLook(t *testing.T) {
	const name = zone.Name("go.customer.example")
	w := newWeb(t)
	w.says(func(rw http.ResponseWriter, r *http.Request) {
		if zone.Name(r.Host) == name {
			http.Redirect(rw, r, "http://app.example/here", http.StatusFound)
			return
		}
		time.Sleep(30 * time.Millisecond) // so that HTTP is due again later than DNS
	})
	var (
		h     host
		world *verifytest.World
		there bool
	)
	h, world = onWeb(t, w, "", func(ev connect.Event) {
		if !there && ev.Type == connect.Propagating {
			there = true
			world.Change(customer, zone.Change{Owner: name, Add: []zone.Record{zone.NewAddress(name, 300, netip.MustParseAddr("192.0.2.80"))}})
		}
	})
	in := plan.Redirect("go", "http://app.example/here")
	in.Fallback = "192.0.2.80"
	report := h.wait(t, h.prepare(t, []plan.Intent{plan.Redirect("@", toWWW), in}).ByHand())
	i := slices.IndexFunc(report.Redirects, func(s connect.RedirectState) bool { return s.From == name })
	if s := report.Redirects[i]; s.Status != entri.StatusSuccess {
		t.Errorf("DNS is %s, and the report says %s: %q", report.Verdict, s.Status, s.Text)
	}
}

// TestRedirectTimesOut: a redirect that never comes is pending while somebody
// waits, and a failure when the time is up, in the words of either vocabulary.
func TestRedirectTimesOut(t *testing.T) {
	for compat, want := range map[connect.Compat]entri.Status{connect.CompatReference: "failure", connect.CompatCurrent: "failed"} {
		t.Run(string(want), func(t *testing.T) {
			w := newWeb(t, "www.customer.example")
			ctx := ending{t.Context(), make(chan struct{})}
			var events []connect.Event
			h, _ := onWeb(t, w, compat, func(ev connect.Event) {
				events = append(events, ev)
				if ev.Type == connect.Propagating && ev.Propagation == entri.StatusSuccess {
					close(ctx.done)
				}
			})
			run := h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("shop", "v=1"), plan.Redirect("@", toWWW)}))
			run.Redirects[0].Awaited = true
			report, err := h.engine.Wait(ctx, run)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "does not redirect yet") {
				t.Errorf("got %v, want the deadline and what was seen", err)
			}
			last := events[len(events)-1]
			if report.Redirection != want || last.Redirection != want || last.Type != connect.TimedOut || last.Propagation != entri.StatusSuccess {
				t.Errorf("got %+v and the event %+v, want %q", report.Statuses, last, want)
			}
			data, err := json.Marshal(last)
			if err != nil || !strings.Contains(string(data), `"propagation_status":"success","dkim_status":"exempt","redirection_status":"`+string(want)+`"`) {
				t.Errorf("as JSON: %s, %v", data, err)
			}
		})
	}
}

// TestRedirectStopped: who stops waiting has not seen it fail.
func TestRedirectStopped(t *testing.T) {
	w := newWeb(t)
	ctx, cancel := context.WithCancel(t.Context())
	h, _ := onWeb(t, w, "", func(ev connect.Event) {
		if ev.Type == connect.Propagating && ev.Propagation == entri.StatusSuccess {
			cancel()
		}
	})
	run := h.apply(t, h.prepare(t, []plan.Intent{plan.TXT("shop", "v=1"), plan.Redirect("@", toWWW)}))
	run.Redirects[0].Awaited = true
	if report, err := h.engine.Wait(ctx, run); !errors.Is(err, context.Canceled) || report.Redirection != entri.StatusPending {
		t.Errorf("got %+v, %v, want what is pending", report.Statuses, err)
	}
}

func TestRedirectWrong(t *testing.T) {
	w := newWeb(t, "customer.example")
	h, _ := onWeb(t, w, "", nil)
	run := h.prepare(t, []plan.Intent{plan.Redirect("@", toWWW)}).ByHand()
	tests := []struct {
		name string
		says http.HandlerFunc
		want entri.Status
		text string
	}{
		{"a circle", func(rw http.ResponseWriter, r *http.Request) {
			to := "http://www.customer.example/"
			if r.Host != "customer.example" {
				to = "http://customer.example/"
			}
			http.Redirect(rw, r, to, http.StatusFound)
		}, entri.StatusFailure, "in a circle"},
		{"elsewhere", func(rw http.ResponseWriter, r *http.Request) {
			if r.Host == "customer.example" {
				http.Redirect(rw, r, "http://shop.customer.example/", http.StatusFound)
			}
		}, entri.StatusFailure, "shop.customer.example"},
		{"into this machine", func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, "http://127.0.0.1:22/", http.StatusFound)
		}, entri.StatusFailure, "no visitor can reach"},
		{"no certificate where it leads", func(rw http.ResponseWriter, r *http.Request) {
			if r.Host == "customer.example" {
				http.Redirect(rw, r, toWWW, http.StatusFound)
			}
		}, entri.StatusSuccess, "www.customer.example has no certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.says(tt.says)
			report, err := h.engine.Check(t.Context(), run)
			if err != nil || report.Redirection != tt.want || !strings.Contains(report.Redirects[0].Text, tt.text) {
				t.Errorf("got %+v, %v, want %s that says %q", report.Redirects, err, tt.want, tt.text)
			}
		})
	}
}

// TestRedirectPrivate: the customer's name leads into a private network, and
// nobody is asked there.
func TestRedirectPrivate(t *testing.T) {
	w := newWeb(t)
	w.options.Allow, w.options.Map = nil, nil
	h, world := onWeb(t, w, "", nil)
	public := slices.Concat(world.Zone(customer).Set(customer, "A"), world.Zone(customer).Set(customer, "AAAA"))
	world.Change(customer, zone.Change{Owner: customer, Remove: public, Add: []zone.Record{zone.NewAddress(customer, 60, netip.MustParseAddr("127.0.0.1"))}})
	run := h.prepare(t, []plan.Intent{plan.Redirect("@", toWWW)}).ByHand()
	report, err := h.engine.Check(t.Context(), run)
	if err != nil || report.Redirection != entri.StatusFailure || w.asked.Load() != 0 {
		t.Errorf("got %+v, %v and %d requests, want a refusal", report.Redirects, err, w.asked.Load())
	}
}

// TestRedirectByDriver: a redirect that the host serves has no record in DNS. It
// is proven all the same, and a run that was cut off knows of it.
func TestRedirectByDriver(t *testing.T) {
	j := providers.JournalMemory()
	h, _ := memoryHost(t, memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, Redirects: true}}, j)
	run := h.apply(t, h.prepare(t, []plan.Intent{plan.Redirect("go", "https://app.example/here")}))
	want := []connect.Redirect{{From: "go." + customer, To: "https://app.example/here", Awaited: true}}
	if diff := cmp.Diff(want, run.Redirects); diff != "" || len(run.Unproven) != 0 {
		t.Errorf("-want +got\n%s\nunproven %v", diff, run.Unproven)
	}
	again, _, err := h.engine.Recover(t.Context(), nil, run.ID)
	if diff := cmp.Diff(want, again.Redirects); diff != "" || err != nil {
		t.Errorf("recovered: -want +got\n%s\n%v", diff, err)
	}
}

// TestRedirectWaitsForDNS: HTTP is not asked where DNS does not lead yet.
func TestRedirectWaitsForDNS(t *testing.T) {
	w := newWeb(t)
	h, _ := onWeb(t, w, "", nil)
	in := plan.Redirect("go", "https://app.example/here")
	in.Fallback = "192.0.2.80"
	run := h.prepare(t, []plan.Intent{in}).ByHand()
	report, err := h.engine.Check(t.Context(), run)
	if err != nil || report.Redirection != entri.StatusPending || w.asked.Load() != 0 || !strings.Contains(report.Redirects[0].Text, "DNS does not show") {
		t.Errorf("got %+v, %v and %d requests, want DNS to be waited for", report.Redirects, err, w.asked.Load())
	}
}

func TestDKIMStatus(t *testing.T) {
	h, _ := onWeb(t, newWeb(t), "", nil)
	p := h.prepare(t, intents(t))
	before, err := h.engine.Check(t.Context(), p.ByHand())
	if want := (connect.Statuses{Propagation: "pending", DKIM: "pending", Redirection: "exempt"}); err != nil || before.Statuses != want {
		t.Errorf("before: got %+v, %v, want %+v", before.Statuses, err, want)
	}
	after := h.wait(t, h.apply(t, p))
	if want := (connect.Statuses{Propagation: "success", DKIM: "success", Redirection: "exempt"}); after.Statuses != want {
		t.Errorf("after: got %+v, want %+v", after.Statuses, want)
	}
}
