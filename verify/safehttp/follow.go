package safehttp

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Hop is one URL on the way that redirects lead. URL and Next are whole, and may
// hold what their authors put in a query; Err does not.
type Hop struct {
	URL     string     `json:"url"`            // without the part after #
	Host    string     `json:"host,omitempty"` // of the URL, in lower case, without port and final dot; A-labels, or escaped where it has none
	Addr    netip.Addr `json:"addr,omitzero"`  // that answered
	Status  int        `json:"status,omitempty"`
	Next    string     `json:"next,omitempty"`    // where it redirects to, as a whole URL
	Failure Failure    `json:"failure,omitempty"` // why the way ends here without an answer
	Err     string     `json:"err,omitempty"`     // the failure, for people
}

// Follow gets a URL as a browser does, and what it redirects to, at most that
// many redirects long (no fewer than 0). Every URL on the way is checked as by
// Do. The last hop is where the way ends: with an answer that is no redirect, or
// with a Failure. Trouble is in the hops; the error is that ctx ended.
//
// Redirects are the statuses 301, 302, 303, 307 and 308 with a Location (RFC 9110
// section 15.4). Pages that lead on by themselves, with a frame, a meta element or
// a script, are answers.
func (c *Client) Follow(ctx context.Context, start string, redirects int) ([]Hop, error) {
	var hops []Hop
	for next := start; ; {
		h := c.hop(ctx, next)
		if err := ctx.Err(); err != nil {
			return append(hops, h), err
		}
		switch {
		case h.Next == "":
			return append(hops, h), nil
		case h.URL == h.Next || slices.ContainsFunc(hops, func(b Hop) bool { return b.URL == h.Next }):
			h.Failure, h.Err = FailedLoop, "it redirects back to where it came from"
		case len(hops) >= redirects:
			h.Failure, h.Err = FailedLong, fmt.Sprintf("it redirects once more, after %d redirects", redirects)
		}
		hops = append(hops, h)
		if h.Failure != "" {
			return hops, nil
		}
		next = h.Next
	}
}

// hop gets one URL.
func (c *Client) hop(ctx context.Context, text string) Hop {
	h := Hop{URL: text}
	fail := func(err error) Hop {
		h.Failure, h.Err = FailureOf(err), err.Error()
		return h
	}
	u, err := url.Parse(text)
	if err != nil {
		return fail(&Refused{What: "the URL", Reason: "it is not well-formed"})
	}
	u.Fragment, u.RawFragment = "", ""
	if u.Path == "" {
		u.Path = "/" // the same to HTTP, and two spellings of one URL are a loop
	}
	h.URL, h.Host = u.String(), canonical(u.Hostname())
	if !ascii(h.Host) {
		h.Host = url.PathEscape(h.Host)
	}
	trace := &httptrace.ClientTrace{
		GetConn: func(target string) { // as net/http has written it: with A-labels, if there are any
			if host, _, err := net.SplitHostPort(target); err == nil && ascii(host) {
				h.Host = canonical(host)
			}
		},
		GotConn: func(i httptrace.GotConnInfo) {
			if at, err := netip.ParseAddrPort(i.Conn.RemoteAddr().String()); err == nil {
				h.Addr = at.Addr().Unmap()
			}
		},
	}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, h.URL, nil)
	if err != nil {
		return fail(&Refused{What: "the URL", Reason: "it is not well-formed"})
	}
	resp, err := c.Do(req)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = resp.Body.Close() }()
	h.Status = resp.StatusCode
	location := resp.Header.Get("Location")
	if !redirects(h.Status) || location == "" {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, politeness))
		return h
	}
	to, err := u.Parse(location)
	if err != nil {
		h.Failure, h.Err = FailedAnswer, "its Location is no URL"
		return h
	}
	to.Fragment, to.RawFragment = "", ""
	if to.Path == "" && to.Opaque == "" {
		to.Path = "/"
	}
	h.Next = to.String()
	return h
}

func canonical(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// ascii reports whether a host is told as it is: what is not ASCII may look like
// another host, or turn the text around it.
func ascii(host string) bool {
	return !strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' })
}

// politeness is how many octets of an answer are taken, though nobody reads them:
// closing at once is a reset to the server.
const politeness = 4 << 10

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}
