package safehttp

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Client fetches URLs that strangers wrote. It is safe for concurrent use, and
// keeps nothing between two requests.
type Client struct {
	opts Options
	http *http.Transport
}

// New makes a Client. It connects to nobody yet.
func New(o Options) *Client {
	return &Client{opts: o, http: &http.Transport{
		// No proxy: it would connect to what is refused here.
		DialContext:            dialer{o}.dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    o.timeout(),
		ResponseHeaderTimeout:  o.timeout(),
		MaxResponseHeaderBytes: o.maxHeader(),
		DisableKeepAlives:      true, // a connection is decided upon by itself, and none outlives its request
		DisableCompression:     true, // so that the octets counted are those sent
	}}
}

// Do sends a request once, follows no redirect, and returns the answer whatever
// its status says. The caller closes its body. Reading more than Options.MaxBody
// octets of that fails with ErrTooLarge, and reading for longer than
// Options.Timeout fails too. The error is *Refused where the URL, or every
// address of its host, is not gone to; [FailureOf] tells the others apart. No
// error holds the query of a URL, since people put secrets there.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if err := c.opts.allows(req.URL); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as net/http does, too
		}
		return nil, err
	}
	ctx, cancel := context.WithTimeout(req.Context(), c.opts.timeout())
	r := req.Clone(context.WithValue(ctx, ending{}, ctx))
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", c.opts.userAgent())
	}
	// Not by an http.Client: that one reads Location before its caller can.
	resp, err := c.http.RoundTrip(r)
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &body{r: resp.Body, left: c.opts.maxBody(), cancel: cancel}
	return resp, nil
}

// allows is why a URL is not gone to, as far as its text tells.
func (o Options) allows(u *url.URL) error {
	refuse := func(reason string) error { return &Refused{What: shown(u), Reason: reason} }
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !o.PlainHTTP):
		if o.PlainHTTP {
			return refuse("it begins neither with https:// nor with http://")
		}
		return refuse("it does not begin with https://")
	case u.Opaque != "" || u.Hostname() == "":
		return refuse("it names no host")
	case u.User != nil:
		return refuse("it holds a user name")
	case numeric(u.Hostname()):
		return refuse("its host is a number, and no address in its usual form")
	}
	if p, ok := portOf(u); !ok || !o.port(p) {
		return refuse("its port is not one of those that are gone to")
	}
	return nil
}

// portOf is the port that a URL means.
func portOf(u *url.URL) (uint16, bool) {
	switch text := u.Port(); {
	case text != "":
		p, err := strconv.ParseUint(text, 10, 16)
		return uint16(p), err == nil && p > 0
	case u.Scheme == "http":
		return portHTTP, true
	default:
		return portHTTPS, true
	}
}

// shown is a URL as far as it may be told: without user and query.
func shown(u *url.URL) string {
	if u.Host == "" {
		return strconv.Quote(u.Scheme + ":")
	}
	return strconv.Quote((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}

// numeric reports whether a host ends in a number and is no address in its usual
// form, as 127.1, 0x7f000001 and 2130706433 do: some resolvers take those for
// addresses (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func numeric(host string) bool {
	if _, err := parseAddr(host); err == nil {
		return false
	}
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(strings.ToLower(last), "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// body is an answer's body, of which no more is read than was bounded.
type body struct {
	r      io.ReadCloser
	left   int64
	cancel context.CancelFunc
}

func (b *body) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		n, err = int(b.left), ErrTooLarge
	}
	b.left -= int64(n)
	return n, err
}

func (b *body) Close() error {
	defer b.cancel()
	return b.r.Close()
}
