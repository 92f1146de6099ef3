package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// maxBody is the longest answer that is read, in octets.
const maxBody = 16 << 20

// Client is how a host's API is reached. It is a value: copy it freely.
type Client struct {
	Endpoint string        // base URL without a final slash: "https://api.host.example/v4"
	HTTP     *http.Client  // nil: one that all drivers share. Its cookies and redirects are not used.
	Timeout  time.Duration // of one request, its answer included; 0: 30 s
}

// Request is one request to the API.
type Request struct {
	Method string
	Path   string // appended to the Endpoint, escaped already
	Query  url.Values
	Header http.Header
	Type   string // Content-Type of Body
	Body   []byte
	Write  bool // it may change something at the host
}

// defaultTimeout is that of one request.
const defaultTimeout = 30 * time.Second

// shared keeps connections for the drivers of this process. It holds no
// credentials: they are in the header or body of each request.
var shared = &http.Client{Transport: &http.Transport{
	Proxy:               http.ProxyFromEnvironment,
	ForceAttemptHTTP2:   true,
	MaxIdleConns:        100,
	MaxIdleConnsPerHost: 16,
	IdleConnTimeout:     90 * time.Second,
	TLSHandshakeTimeout: 10 * time.Second,
}}

func (c Client) http() *http.Client {
	h := *shared
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.Jar = nil
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}

// Endpoint is the base URL to use: given, or official where given is empty. It
// must be https, or lead to this machine, since credentials travel to it.
func Endpoint(given, official string) (string, error) {
	raw := strings.TrimRight(cmp.Or(given, official), "/")
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(raw, "?#") {
		return "", fail(providers.Invalid, providers.WroteNo, "the endpoint is no URL of a host and a path")
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return raw, nil
	}
	return "", fail(providers.Invalid, providers.WroteNo, "the endpoint must begin with https://, or with http:// and an address of this machine: credentials travel to it")
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Send sends the request once. Every whole answer is returned, whatever its
// status says, but for a redirect. The error is a *providers.Error:
//
//	Timeout       ctx ended, or the host did not answer in time
//	RateLimited   the account's own rate limit is used up for longer than ctx lasts
//	Unavailable   no connection, an answer that was lost, cut or over 16 MiB, a redirect
//	Internal      a path or header that no request can have
//
// Its Wrote is WroteUnknown where a Write had a connection to be sent on.
func (c Client) Send(ctx context.Context, r Request) (Answer, error) {
	if err := providers.Wait(ctx); err != nil {
		return Answer{}, err
	}
	limit := c.Timeout
	if limit == 0 {
		limit = defaultTimeout
	}
	call, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	// What was written to a connection may be on its way whatever became of the
	// call, and a transport of the caller's may tell nothing of all this.
	var dialled, connected atomic.Bool
	call = httptrace.WithClientTrace(call, &httptrace.ClientTrace{
		GetConn: func(string) { dialled.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := r.build(call, c.Endpoint)
	if err != nil {
		return Answer{}, err
	}
	lost := func(err error) error {
		wrote := providers.WroteNo
		if r.Write && (connected.Load() || !dialled.Load()) {
			wrote = providers.WroteUnknown
		}
		switch {
		case ctx.Err() != nil:
			return fail(providers.Timeout, wrote, "given up: %w", context.Cause(ctx))
		case call.Err() != nil:
			return fail(providers.Timeout, wrote, "no answer within %s", limit)
		case timedOut(err):
			return fail(providers.Timeout, wrote, "no answer in time")
		}
		return fail(providers.Unavailable, wrote, "%w", bare(err))
	}
	if ctx.Err() != nil {
		return Answer{}, fail(providers.Timeout, providers.WroteNo, "given up: %w", context.Cause(ctx))
	}
	resp, err := c.http().Do(req)
	if err != nil {
		return Answer{}, lost(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil:
		return Answer{}, lost(fmt.Errorf("the answer was cut: %w", err))
	case len(body) > maxBody:
		return Answer{}, lost(fmt.Errorf("the answer is longer than %d octets", maxBody))
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return Answer{}, lost(fmt.Errorf("the host answers with a redirect, status %d", resp.StatusCode))
	case resp.StatusCode < 200:
		return Answer{}, lost(fmt.Errorf("the host answers status %d, which is no answer", resp.StatusCode))
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body, Write: r.Write}, nil
}

func (r Request) build(ctx context.Context, endpoint string) (*http.Request, error) {
	if r.Path != "" && r.Path[0] != '/' || strings.ContainsAny(r.Path, "?#") {
		return nil, fail(providers.Internal, providers.WroteNo, "the path of a request begins with a slash and holds no ? or #")
	}
	for name, values := range r.Header {
		if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
			return nil, fail(providers.Internal, providers.WroteNo, "the header %s holds a line break", name)
		}
	}
	target := endpoint + r.Path
	if len(r.Query) > 0 {
		target += "?" + r.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, target, bytes.NewReader(r.Body))
	if err != nil {
		return nil, fail(providers.Internal, providers.WroteNo, "no such request: %w", bare(err))
	}
	maps.Copy(req.Header, r.Header)
	if r.Type != "" {
		req.Header.Set("Content-Type", r.Type)
	}
	// A write is sent once: net/http sends again what has no body, or one that
	// it can have anew, when a connection breaks.
	switch {
	case r.Write && len(r.Body) == 0 && (r.Method == http.MethodGet || r.Method == http.MethodDelete):
		req.Body, req.GetBody = io.NopCloser(strings.NewReader("")), nil
	case len(r.Body) == 0:
		req.Body, req.GetBody = http.NoBody, nil
	case r.Write:
		req.GetBody = nil
	}
	return req, nil
}

// Format prints no header, query or body: they hold credentials.
func (r Request) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%s %s", r.Method, r.Path) }

func timedOut(err error) bool {
	e, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && e.Timeout()
}

// bare is an error without the URL that net/http puts in front.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func fail(code providers.Code, wrote providers.Wrote, format string, args ...any) *providers.Error {
	return &providers.Error{Code: code, Wrote: wrote, Err: fmt.Errorf(format, args...)}
}
