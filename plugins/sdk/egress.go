package sdk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

const (
	requestTime = 30 * time.Second // of one request, its answer included
	maxAnswer   = 16 << 20         // octets of one answer
)

// Client is the client for a driver that wants one. In a plugin it sends requests
// to Options.Hosts alone, in their turn, each with at most 30 seconds for the
// whole answer and at most 16 MiB of it. Outside of one, in the driver's tests, it
// is an ordinary client.
//
// What goes through http.DefaultTransport is held to the same, and so it is by
// the list of hosts where a module has made itself a copy of that transport.
func Client() *http.Client { return &http.Client{} } // which looks for http.DefaultTransport with every request

// egress sends what may be sent.
type egress struct {
	hosts     hosts
	redirects map[string]*url.URL // where requests to a name go instead; test builds only
	next      http.RoundTripper
	limit     time.Duration
	longest   int64
}

func newEgress(list hosts, redirects map[string]*url.URL) *egress {
	next := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
	return &egress{hosts: list, redirects: redirects, next: next, limit: requestTime, longest: maxAnswer}
}

// RoundTrip sends one request. Neither the query nor a header is in its errors.
func (e *egress) RoundTrip(req *http.Request) (*http.Response, error) {
	err := e.admit(req)
	if err == nil {
		err = takeTurn(req.Context())
	}
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(req.Context(), e.limit, slow{e.limit})
	resp, err := e.next.RoundTrip(e.redirect(req.WithContext(ctx)))
	if err == nil && req.Method != http.MethodHead && resp.ContentLength > e.longest {
		_ = resp.Body.Close()
		err = e.tooLong()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Request = req
	resp.Body = &answer{inner: resp.Body, rest: e.longest, long: e.tooLong(), cancel: cancel}
	return resp, nil
}

// admit refuses a request that must not be sent. That nothing was sent it says
// in the ways that those ask for who have sent a write: as a connection that was
// wanted and not made.
func (e *egress) admit(req *http.Request) error {
	err := e.refused(req.URL)
	if err == nil {
		return nil
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GetConn != nil {
		trace.GetConn(req.URL.Host)
	}
	return &providers.Error{Code: providers.Internal, Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
}

func (e *egress) refused(u *url.URL) error {
	if u == nil || u.Hostname() == "" {
		return errors.New("the request names no host")
	}
	name, port := target(u)
	if u.Scheme != "https" && (u.Scheme != "http" || !local(name)) {
		return fmt.Errorf("a request to %s over %q is not sent: only https is, and http to this machine", name, u.Scheme)
	}
	if !e.hosts.names(u) {
		return fmt.Errorf("a request to %s is not sent: the plugin's list of hosts (sdk.Options.Hosts) does not name %s", name, net.JoinHostPort(name, port))
	}
	return nil
}

// redirect leads a request to the fake that stands for its host.
func (e *egress) redirect(req *http.Request) *http.Request {
	name, _ := target(req.URL)
	to := e.redirects[name]
	if to == nil {
		return req
	}
	u := *req.URL
	u.Scheme, u.Host = to.Scheme, to.Host
	if req.Host == "" {
		req.Host = req.URL.Host
	}
	req.URL = &u
	return req
}

// install puts the egress behind net/http's default transport. Packages may have
// taken hold of that very value when they were initialised, and others assert
// that it is a *http.Transport in order to copy it: so it stays what it is.
func (e *egress) install() {
	t, ok := http.DefaultTransport.(*http.Transport)
	if ok && e.behind(t) {
		return
	}
	t = &http.Transport{}
	e.behind(t)
	http.DefaultTransport = t
}

// behind makes t hand its requests on, and reports whether it does. It does not
// where it has sent requests before, since then its HTTP/2 side has the place
// that is needed. What is sent past the egress, by a copy or on a connection
// that changes its protocol, is still held to the list of hosts: the proxy of
// each request is asked for.
func (e *egress) behind(t *http.Transport) (ok bool) {
	t.Proxy = func(req *http.Request) (*url.URL, error) {
		if err := e.refused(req.URL); err != nil {
			return nil, err
		}
		return http.ProxyFromEnvironment(req)
	}
	defer func() {
		if recover() != nil { // RegisterProtocol's way to say that the scheme is taken
			ok = false
		}
	}()
	t.RegisterProtocol("https", e)
	t.RegisterProtocol("http", e)
	t.Protocols = &http.Protocols{}
	t.Protocols.SetHTTP1(true)
	return true
}

func (e *egress) tooLong() error { return fmt.Errorf("the answer is longer than %d octets", e.longest) }

// slow is the error of a request that has had its time.
type slow struct{ limit time.Duration }

func (s slow) Error() string      { return fmt.Sprintf("no whole answer within %s", s.limit) }
func (slow) Timeout() bool        { return true }
func (slow) Temporary() bool      { return true }
func (slow) Is(target error) bool { return target == context.DeadlineExceeded }
