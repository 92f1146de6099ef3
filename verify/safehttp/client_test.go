package safehttp_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mooring-dns/mooring/verify/safehttp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// loopback is what the tests open: the servers that they start.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// at leads every address to a server of the test.
func at(s *httptest.Server) func(netip.AddrPort) netip.AddrPort {
	where := netip.MustParseAddrPort(s.Listener.Addr().String())
	return func(netip.AddrPort) netip.AddrPort { return where }
}

// names is a resolver that knows those names.
func names(of map[string]string) func(context.Context, string) ([]netip.Addr, error) {
	return func(_ context.Context, host string) ([]netip.Addr, error) {
		var out []netip.Addr
		for f := range strings.FieldsSeq(of[host]) {
			out = append(out, netip.MustParseAddr(f))
		}
		return out, nil
	}
}

func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

func get(t *testing.T, c *safehttp.Client, url string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err == nil {
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
	return resp, err
}

func TestDo(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Agent", r.UserAgent())
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.Host)
	})
	c := safehttp.New(safehttp.Options{PlainHTTP: true, Allow: loopback(), Map: at(s), Resolve: names(map[string]string{"app.example": "192.0.2.1"})})
	resp, err := get(t, c, "http://app.example/x")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil || string(text) != "app.example" || resp.StatusCode != http.StatusTeapot || resp.Header.Get("X-Agent") != "mooring" {
		t.Errorf("got %d %q %q %v, want 418, the host and our name", resp.StatusCode, text, resp.Header.Get("X-Agent"), err)
	}
}

// TestRefused goes to nothing that a URL must not lead to, and connects to nobody.
func TestRefused(t *testing.T) {
	s, asked := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	hosts := names(map[string]string{
		"inside.example": "127.0.0.1", "cloud.example": "169.254.169.254", "mapped.example": "::ffff:127.0.0.1",
		"nat64.example": "64:ff9b::7f00:1", "two.example": "10.0.0.1 ::1", "own.example": "198.18.0.1",
	})
	web := safehttp.Options{PlainHTTP: true, Resolve: hosts}
	wide := web
	wide.Ports = []uint16{80, 443, netip.MustParseAddrPort(s.Listener.Addr().String()).Port()}
	deny := web
	deny.Allow, deny.Deny = loopback(), []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	mapped := deny
	mapped.Deny = []netip.Prefix{netip.MustParsePrefix("::ffff:127.0.0.0/104")}
	tests := []struct {
		name, url string
		opts      safehttp.Options
		want      string
	}{
		{"http where only https is spoken", "http://app.example/", safehttp.Options{}, "https://"},
		{"another scheme", "ftp://app.example/", web, "neither"},
		{"a file", "file:///etc/passwd", web, "neither"},
		{"no host", "http:///x", web, "names no host"},
		{"opaque", "http:app.example", web, "names no host"},
		{"a user", "http://user:geheim@app.example/", web, "user name"},
		{"a port", "http://app.example:22/", web, "port"},
		{"port 80 over https alone", "https://app.example:80/", safehttp.Options{}, "port"},
		{"a port that is none", "http://app.example:99999/", web, "port"},
		{"a number", "http://2130706433/", web, "number"},
		{"a short form", "http://127.1/", web, "number"},
		{"hexadecimal", "http://0x7f.0x0.0x0.0x1/", web, "number"},
		{"octal", "http://0177.0.0.01/", web, "number"},
		{"a number and a dot", "http://2130706433./", web, "number"},
		{"this machine", "http://127.0.0.1:" + port + "/", wide, "loopback"},
		{"this machine, with a dot", "http://127.0.0.1.:" + port + "/", wide, "loopback"},
		{"this machine over IPv6", "http://[::1]:" + port + "/", wide, "loopback"},
		{"this machine, mapped", "http://[::ffff:127.0.0.1]:" + port + "/", wide, "loopback"},
		{"this machine, compatible", "http://[::127.0.0.1]:" + port + "/", wide, "IPv4-compatible"},
		{"this machine by name", "http://inside.example:" + port + "/", wide, "loopback"},
		{"mapped by name", "http://mapped.example:" + port + "/", wide, "loopback"},
		{"translated by name", "http://nat64.example/", web, "translation"},
		{"the cloud's metadata", "http://cloud.example/latest/meta-data/", web, "link-local"},
		{"two, and none of them a host", "http://two.example/", web, "private use"},
		{"an interface", "http://[fe80::1%25lo]/", web, "interface"},
		{"denied though allowed", "http://inside.example/", deny, "denied"},
		{"denied in the form of IPv6", "http://inside.example/", mapped, "denied"},
		{"this machine in wide digits", "http://１２７.0.0.1:" + port + "/", wide, "number"},
		{"benchmarking", "http://own.example/", web, "benchmarking"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := get(t, safehttp.New(tt.opts), tt.url)
			if _, ok := errors.AsType[*safehttp.Refused](err); !ok || !strings.Contains(err.Error(), tt.want) || safehttp.FailureOf(err) != safehttp.FailedRefused {
				t.Errorf("got %v, want a refusal that says %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "geheim") {
				t.Errorf("the error tells a password: %v", err)
			}
		})
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests came to a server on this machine", n)
	}
}

// TestRebinding has a name whose first address is a host's and whose second is
// this machine's: whoever looks before he dials is deceived.
func TestRebinding(t *testing.T) {
	s, asked := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "internal secret") })
	where := netip.MustParseAddrPort(s.Listener.Addr().String())
	var looked atomic.Int32
	rebind := func(context.Context, string) ([]netip.Addr, error) {
		if looked.Add(1) == 1 {
			return []netip.Addr{netip.MustParseAddr("198.41.0.4")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	if first, _ := rebind(t.Context(), ""); safehttp.Special(first[0]) != "" {
		t.Fatal("the first address is to look like a host's")
	}
	c := safehttp.New(safehttp.Options{PlainHTTP: true, Resolve: rebind, Ports: []uint16{where.Port()}})
	_, err := get(t, c, "http://rebind.example:"+s.URL[strings.LastIndexByte(s.URL, ':')+1:]+"/")
	if safehttp.FailureOf(err) != safehttp.FailedRefused || looked.Load() != 2 || asked.Load() != 0 {
		t.Errorf("got %v after %d look-ups and %d requests, want a refusal after two and none", err, looked.Load(), asked.Load())
	}
}

// TestDialledAddress: it is what is really dialled that counts, not what the name
// means.
func TestDialledAddress(t *testing.T) {
	s, asked := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := safehttp.New(safehttp.Options{PlainHTTP: true, Map: at(s)})
	if _, err := get(t, c, "http://198.41.0.4/"); safehttp.FailureOf(err) != safehttp.FailedRefused || asked.Load() != 0 {
		t.Errorf("got %v and %d requests, want a refusal and none", err, asked.Load())
	}
	c = safehttp.New(safehttp.Options{PlainHTTP: true, Map: at(s), Allow: []netip.Prefix{netip.MustParsePrefix("::ffff:127.0.0.0/104")}})
	if _, err := get(t, c, "http://198.41.0.4/"); err != nil {
		t.Errorf("allowed in the form of IPv6: %v", err)
	}
}

// TestSecondAddress: a host is reached by its second address where the first is
// refused, or takes no connection.
func TestSecondAddress(t *testing.T) {
	s, _ := serve(t, func(http.ResponseWriter, *http.Request) {})
	good := netip.MustParseAddrPort(s.Listener.Addr().String())
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := netip.MustParseAddrPort(closed.Addr().String())
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	where := map[string]netip.AddrPort{"192.0.2.1": dead, "192.0.2.2": good, "10.0.0.1": netip.AddrPortFrom(netip.MustParseAddr("10.0.0.1"), 80)}
	c := safehttp.New(safehttp.Options{
		PlainHTTP: true, Allow: loopback(), Map: func(a netip.AddrPort) netip.AddrPort { return where[a.Addr().String()] },
		Resolve: names(map[string]string{"a.example": "192.0.2.1 192.0.2.2", "b.example": "10.0.0.1 192.0.2.2", "c.example": "10.0.0.1 192.0.2.1"}),
	})
	for _, name := range []string{"a.example", "b.example"} {
		if _, err := get(t, c, "http://"+name+"/"); err != nil {
			t.Errorf("%s: got %v, want an answer from its second address", name, err)
		}
	}
	if _, err := get(t, c, "http://c.example/"); safehttp.FailureOf(err) != safehttp.FailedConnect {
		t.Errorf("nobody answers, and one address is refused: got %v, want that nobody takes the connection", err)
	}
}

func TestFailures(t *testing.T) {
	slow := make(chan struct{})
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-slow
		case "/head":
			w.Header().Set("X-Long", strings.Repeat("x", 100<<10))
		case "/cut":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		case "/garbage":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, "220 smtp.example ESMTP\r\n")
				_ = conn.Close()
			}
		}
	})
	defer close(slow)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = quiet()
	secure.StartTLS()
	defer secure.Close()
	known := names(map[string]string{"app.example": "192.0.2.1"})
	plain := safehttp.Options{PlainHTTP: true, Allow: loopback(), Map: at(s), Resolve: known}
	short := plain
	short.Timeout = 20 * time.Millisecond // nobody ever answers: the time decides nothing but how long this takes
	over := plain
	over.Map = at(secure)
	failing := plain
	failing.Resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no server answers") }
	tests := []struct {
		name, url string
		opts      safehttp.Options
		want      safehttp.Failure
	}{
		{"no address", "http://gone.example/", plain, safehttp.FailedResolve},
		{"nobody knows", "http://app.example/", failing, safehttp.FailedResolve},
		{"silent", "http://app.example/slow", short, safehttp.FailedTimeout},
		{"a head without end", "http://app.example/head", plain, safehttp.FailedAnswer},
		{"cut off", "http://app.example/cut", plain, safehttp.FailedAnswer},
		{"not HTTP", "http://app.example/garbage", plain, safehttp.FailedAnswer},
		{"a certificate that nobody trusts", "https://app.example/", over, safehttp.FailedTLS},
		{"no TLS there", "https://app.example/", plain, safehttp.FailedTLS},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := get(t, safehttp.New(tt.opts), tt.url)
			if got := safehttp.FailureOf(err); got != tt.want {
				t.Errorf("got %q of %v, want %q", got, err, tt.want)
			}
		})
	}
	if got := safehttp.FailureOf(nil); got != "" {
		t.Errorf("of no error: got %q", got)
	}
}

// TestCertificate: the name of the URL counts, whatever address it leads to.
func TestCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate()) // it is for example.com
	c := safehttp.New(safehttp.Options{Allow: loopback(), Map: at(s), Roots: roots, Resolve: names(map[string]string{"example.com": "192.0.2.1", "other.example": "192.0.2.1"})})
	if _, err := get(t, c, "https://example.com/"); err != nil {
		t.Errorf("the certificate's own name: %v", err)
	}
	if _, err := get(t, c, "https://other.example/"); safehttp.FailureOf(err) != safehttp.FailedTLS {
		t.Errorf("another name: got %v, want that TLS fails", err)
	}
}

func TestBody(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", len(r.URL.Path)-1))
	})
	c := safehttp.New(safehttp.Options{PlainHTTP: true, Allow: loopback(), Map: at(s), MaxBody: 10})
	for size, want := range map[int]error{0: nil, 9: nil, 10: nil, 11: safehttp.ErrTooLarge, 100: safehttp.ErrTooLarge} {
		resp, err := get(t, c, "http://198.41.0.4/"+strings.Repeat("p", size))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		if !errors.Is(err, want) || len(text) != min(size, 10) {
			t.Errorf("%d octets: got %d and %v, want %d and %v", size, len(text), err, min(size, 10), want)
		}
	}
}

// TestOneConnectionEach: a connection that was decided upon serves one request.
func TestOneConnectionEach(t *testing.T) {
	from := map[string]bool{}
	s, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { from[r.RemoteAddr] = true })
	c := safehttp.New(safehttp.Options{PlainHTTP: true, Allow: loopback(), Map: at(s)})
	for range 3 {
		resp, err := get(t, c, "http://198.41.0.4/")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(from) != 3 {
		t.Errorf("3 requests came over %d connections", len(from))
	}
}

// TestNoRedirect: what a redirect leads to is its reader's to decide.
func TestNoRedirect(t *testing.T) {
	s, asked := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	c := safehttp.New(safehttp.Options{PlainHTTP: true, Allow: loopback(), Map: at(s)})
	resp, err := get(t, c, "http://198.41.0.4/")
	if err != nil || resp.StatusCode != http.StatusFound || asked.Load() != 1 {
		t.Errorf("got %+v, %v after %d requests, want the redirect itself", resp, err, asked.Load())
	}
}

func TestErrorsAreBare(t *testing.T) {
	c := safehttp.New(safehttp.Options{Resolve: names(nil)})
	for _, url := range []string{"https://gone.example/?token=geheim", "http://gone.example/?token=geheim", "https://127.0.0.1/?token=geheim"} {
		if _, err := get(t, c, url); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: got %v, want an error without the query", url, err)
		}
	}
}
