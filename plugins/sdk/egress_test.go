package sdk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// answering is a transport that answers everything and counts.
type answering struct{ asked []string }

func (a *answering) RoundTrip(req *http.Request) (*http.Response, error) {
	a.asked = append(a.asked, req.URL.Scheme+"://"+req.URL.Host+" for "+req.Host)
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("ok")), ContentLength: 2}, nil
}

func TestHosts(t *testing.T) {
	tests := []struct {
		hosts []string
		url   string
		says  string // "": it is sent
	}{
		{nil, "https://anything.example/", ""},
		{nil, "http://anything.example/", "only https"},
		{nil, "ftp://anything.example/", "only https"},
		{nil, "http://127.0.0.1:8080/", ""},
		{nil, "http://localhost:8080/", ""},
		{nil, "http://[::1]:8080/", ""},
		{nil, "http://localhost.evil.example/", "only https"},
		{nil, "http://169.254.169.254/latest/meta-data", "only https"},
		{[]string{"api.host.example"}, "https://api.host.example/v1?key=secret", ""},
		{[]string{"api.host.example"}, "https://API.Host.Example./v1", ""},
		{[]string{"API.host.example."}, "https://api.host.example:443/v1", ""},
		{[]string{"api.host.example"}, "https://api.host.example:8443/v1", "does not name api.host.example:8443"},
		{[]string{"api.host.example"}, "https://evil.example/v1", "does not name evil.example:443"},
		{[]string{"api.host.example"}, "https://api.host.example.evil.example/", "does not name"},
		{[]string{"api.host.example"}, "https://xapi.host.example/", "does not name"},
		{[]string{"api.host.example"}, "https://api.host.example@evil.example/", "does not name evil.example"},
		{[]string{"api.host.example"}, "http://api.host.example/", "only https"},
		{[]string{"api.host.example"}, "http://127.0.0.1:8080/", "does not name 127.0.0.1:8080"},
		{[]string{"api.host.example"}, "https://127.0.0.1/", "does not name 127.0.0.1:443"},
		{[]string{"api.host.example"}, "https://evil.example/api.host.example", "does not name evil.example"},
		{[]string{"api.host.example"}, "http://api.host.example:443/", "only https"},
		{[]string{"127.0.0.1:8080"}, "http://127.1:8080/", "only https"},
		{[]string{"api.host.example:8443"}, "https://api.host.example:8443/", ""},
		{[]string{"api.host.example:8443"}, "https://api.host.example/", "does not name"},
		{[]string{"*.host.example"}, "https://a.b.host.example/", ""},
		{[]string{"*.host.example"}, "https://host.example/", "does not name"},
		{[]string{"*.host.example"}, "https://evilhost.example/", "does not name"},
		{[]string{"127.0.0.1:8080"}, "http://127.0.0.1:8080/", ""},
		{[]string{"127.0.0.1:8080"}, "http://localhost:8080/", "does not name"},
		{[]string{"[::1]:8080"}, "http://[0:0::1]:8080/", ""},
		{[]string{"192.0.2.1"}, "https://192.0.2.1/", ""},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.hosts, ",")+" "+tt.url, func(t *testing.T) {
			list, err := parseHosts(tt.hosts)
			if err != nil {
				t.Fatal(err)
			}
			next := &answering{}
			e := newEgress(list, nil)
			e.next = next
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.url, strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := e.RoundTrip(req)
			if err == nil {
				resp.Body.Close()
			}
			switch {
			case tt.says == "" && (err != nil || len(next.asked) != 1):
				t.Errorf("got %v, want it sent", err)
			case tt.says != "" && (err == nil || len(next.asked) != 0 || !strings.Contains(err.Error(), tt.says)):
				t.Errorf("got %v, want %q", err, tt.says)
			case tt.says != "" && strings.Contains(err.Error(), "secret"):
				t.Errorf("the query is in %q", err)
			}
		})
	}
}

func TestParseHosts(t *testing.T) {
	for _, bad := range []string{"", "*", "*.", "https://api.host.example", "api.host.example/v1", "a.*.example", "**.example", "api.host.example:", "api.host.example:0", "api.host.example:70000", "api.host.example:x", "u@h.example", "a b.example", "::1:", "*.127.0.0.1:x"} {
		if h, err := parseHosts([]string{"good.example", bad}); err == nil {
			t.Errorf("%q is taken for %+v", bad, h[1])
		} else if !strings.Contains(err.Error(), `"`+bad+`"`) {
			t.Errorf("%q: the error does not name it: %v", bad, err)
		}
	}
}

// server is a server on this machine and a client that may speak to it alone.
func server(t *testing.T, h http.HandlerFunc) (*egress, *http.Client, string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	list, err := parseHosts([]string{strings.TrimPrefix(s.URL, "http://")})
	if err != nil {
		t.Fatal(err)
	}
	e := newEgress(list, nil)
	t.Cleanup(e.next.(*http.Transport).CloseIdleConnections)
	return e, &http.Client{Transport: e}, s.URL
}

func TestAnswerIsBounded(t *testing.T) {
	const longest = 1 << 20
	for _, tt := range []struct {
		name   string
		octets int
		header bool
		fits   bool
	}{
		{"it fits", longest, true, true},
		{"it fits, unannounced", longest, false, true},
		{"an octet too many", longest + 1, true, false},
		{"an octet too many, unannounced", longest + 1, false, false},
		{"many times too long", 4 * longest, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, client, url := server(t, func(w http.ResponseWriter, _ *http.Request) {
				if !tt.header {
					w.(http.Flusher).Flush()
				}
				_, _ = w.Write(make([]byte, tt.octets))
			})
			e.longest = longest
			resp, err := client.Get(url)
			var body []byte
			if err == nil {
				body, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			if tt.fits && (err != nil || len(body) != tt.octets) {
				t.Errorf("got %d octets, %v", len(body), err)
			}
			if !tt.fits && (err == nil || !strings.Contains(err.Error(), "longer than 1048576 octets") || len(body) > longest) {
				t.Errorf("got %d octets, %v, want an error", len(body), err)
			}
		})
	}
}

// A module that passes no context on does not hang, neither before the answer
// nor within it.
func TestSlowHost(t *testing.T) {
	for _, within := range []bool{false, true} {
		hang := make(chan struct{})
		e, client, url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			if within {
				_, _ = w.Write([]byte("half"))
				w.(http.Flusher).Flush()
			}
			<-hang
		})
		e.limit = 50 * time.Millisecond
		resp, err := client.Get(url)
		if within {
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		var n net.Error
		if !errors.As(err, &n) || !n.Timeout() || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no whole answer within 50ms") {
			t.Errorf("within the answer %v: got %v, want a timeout", within, err)
		}
		close(hang)
	}
}

func TestRedirects(t *testing.T) {
	_, client, url := server(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "https://elsewhere.example/?token=secret", http.StatusFound)
	})
	resp, err := client.Get(url)
	if err == nil {
		resp.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "does not name elsewhere.example:443") {
		t.Errorf("got %v, want the redirect refused", err)
	}
}

// A write that is refused here has not reached the host, and the driver says so.
func TestRefusedWrite(t *testing.T) {
	_, client, _ := server(t, nil)
	_, err := httpapi.Client{Endpoint: "https://elsewhere.example", HTTP: client}.Send(t.Context(), httpapi.Request{Method: http.MethodPost, Path: "/x", Write: true})
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e.Wrote != providers.WroteNo || !strings.Contains(err.Error(), "elsewhere.example") {
		t.Errorf("got %v", err)
	}
	// And so it is told to those who look at the connection alone.
	var wanted string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GetConn: func(h string) { wanted = h }})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://elsewhere.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Do(req) //nolint:bodyclose // there is no answer
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "dial" || wanted != "elsewhere.example" {
		t.Errorf("got %v, connection wanted to %q", err, wanted)
	}
}

// Each request takes one turn of its credential, whoever has asked for it.
func TestTurns(t *testing.T) {
	_, client, endpoint := server(t, func(http.ResponseWriter, *http.Request) {})
	get := func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		return err
	}
	tests := []struct {
		name  string
		do    func(context.Context) error
		turns int64
	}{
		{"a driver that waits before each request", func(ctx context.Context) error {
			for range 3 {
				if _, err := (httpapi.Client{Endpoint: endpoint, HTTP: client}).Send(ctx, httpapi.Request{Method: http.MethodGet, Path: "/"}); err != nil {
					return err
				}
			}
			return nil
		}, 3},
		{"a module that knows nothing of turns", func(ctx context.Context) error { return errors.Join(get(ctx), get(ctx)) }, 2},
		{"one turn for a call of two requests", func(ctx context.Context) error {
			return errors.Join(providers.Wait(ctx), get(ctx), get(ctx))
		}, 2},
		{"a turn that nothing was sent for", func(ctx context.Context) error {
			return errors.Join(providers.Wait(ctx), providers.Wait(ctx), get(ctx))
		}, 2},
		{"a module without a context", func(context.Context) error { return get(context.Background()) }, 0}, //nolint:usetesting // as such modules do
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var turns atomic.Int64
			ctx := providers.WithWait(t.Context(), func(context.Context) error { turns.Add(1); return nil })
			if err := tt.do(account(ctx)); err != nil {
				t.Fatal(err)
			}
			if got := turns.Load(); got != tt.turns {
				t.Errorf("took %d turns, want %d", got, tt.turns)
			}
		})
	}
	t.Run("a refused turn", func(t *testing.T) {
		refusal := &providers.Error{Code: providers.RateLimited, RetryAfter: time.Hour, Err: errors.New("no turn")}
		ctx := account(providers.WithWait(t.Context(), func(context.Context) error { return refusal }))
		if err := get(ctx); !errors.Is(err, refusal) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a turn ends with its own context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(account(providers.WithWait(t.Context(), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })))
		cancel()
		if err := providers.Wait(ctx); providers.CodeOf(err) != providers.Timeout {
			t.Errorf("got %v", err)
		}
		ctx, cancel = context.WithTimeout(account(providers.WithWait(t.Context(), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })), time.Millisecond)
		defer cancel()
		if err := get(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

// What stands in http.DefaultTransport is held to the list whether it is used,
// was taken hold of before, is copied, or has been used before.
func TestDefaultTransport(t *testing.T) {
	for _, used := range []bool{false, true} {
		e, _, allowed := server(t, func(http.ResponseWriter, *http.Request) {})
		e.longest = 1
		behind := &http.Transport{ForceAttemptHTTP2: true}
		if used {
			behind.CloseIdleConnections() // sets up its HTTP/2
		}
		if got := e.behind(behind); got == used {
			t.Errorf("used before %v: it goes behind: %v", used, got)
		}
		for name, transport := range map[string]*http.Transport{"itself": behind, "a copy": behind.Clone()} {
			client := &http.Client{Transport: transport}
			resp, err := client.Get(allowed)
			if err != nil {
				t.Errorf("%s, used before %v: %v", name, used, err)
			} else {
				resp.Body.Close()
			}
			resp, err = client.Get("https://elsewhere.example/")
			if err == nil {
				resp.Body.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "does not name elsewhere.example") {
				t.Errorf("%s, used before %v: got %v, want it refused", name, used, err)
			}
			transport.CloseIdleConnections()
		}
	}
}

func TestRedirection(t *testing.T) {
	rest, redirects, err := arguments([]string{"-x", "-redirect", "api.host.example=http://127.0.0.1:1234", "--redirect=b.example=http://[::1]:5/", "y"}, true)
	if err != nil || strings.Join(rest, " ") != "-x y" || len(redirects) != 2 {
		t.Fatalf("got %q, %v, %v", rest, redirects, err)
	}
	next := &answering{}
	list, err := parseHosts([]string{"api.host.example"})
	if err != nil {
		t.Fatal(err)
	}
	e := newEgress(list, redirects)
	e.next = next
	for _, target := range []string{"https://api.host.example/x", "https://b.example/"} {
		req := &http.Request{Method: http.MethodGet, URL: mustURL(t, target), Header: http.Header{}}
		if resp, err := e.RoundTrip(req.WithContext(t.Context())); err == nil {
			resp.Body.Close()
		}
		if req.URL.String() != target || req.Host != "" {
			t.Errorf("the caller's request was changed: %v, %q", req.URL, req.Host)
		}
	}
	if got, want := strings.Join(next.asked, "; "), "http://127.0.0.1:1234 for api.host.example"; got != want {
		t.Errorf("got %q, want %q: a redirection allows nothing", got, want)
	}
	for _, bad := range [][]string{
		{"-redirect"},
		{"-redirect", "x"},
		{"-redirect", "=http://127.0.0.1:1"},
		{"-redirect", "*.b.example=http://127.0.0.1:1"},
		{"-redirect", "b.example=http://elsewhere.example:1"},
		{"-redirect", "b.example=ftp://127.0.0.1:1"},
		{"-redirect", "b.example=http://127.0.0.1:1/path"},
	} {
		if _, _, err := arguments(bad, true); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, _, err := arguments([]string{"-redirect", "b.example=http://127.0.0.1:1"}, false); err == nil || !strings.Contains(err.Error(), "mooringtest") {
		t.Errorf("in production: got %v", err)
	}
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Of a body that is sent nothing is lost, and it is sent once.
func TestBody(t *testing.T) {
	var got bytes.Buffer
	e, _, endpoint := server(t, func(_ http.ResponseWriter, req *http.Request) { _, _ = io.Copy(&got, req.Body) })
	front := &http.Transport{}
	if !e.behind(front) {
		t.Fatal("it does not go behind")
	}
	resp, err := (&http.Client{Transport: front}).Post(endpoint, "text/plain", strings.NewReader("the body"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got.String() != "the body" {
		t.Errorf("got %q", got.String())
	}
}

// The answer to HEAD has no body, whatever length it tells.
func TestHead(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") }))
	defer server.Close()
	for method, refused := range map[string]bool{http.MethodHead: false, http.MethodGet: true} {
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := newEgress(nil, nil).RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
		if (err != nil) != refused {
			t.Errorf("%s of 99,999,999 octets: got %v", method, err)
		}
	}
}
