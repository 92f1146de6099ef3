package libdnsdriver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// longest is how much of a module's error is kept: some quote whole bodies.
const longest = 400

// clean is a module's text without secrets, on one line, and not too long. What
// is cut is clean already: half a secret would not be known for one.
func (s *session) clean(text string) string {
	text = s.creds.Redact(s.driver.Host.Fields, text)
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// explain makes an error of the module one of ours. Nothing of the original
// stays but its cleaned text: what it wraps may hold a secret.
func (s *session) explain(ctx context.Context, err error, apex zone.Name, write bool) *providers.Error {
	e := &providers.Error{Code: s.code(err, apex), Wrote: unknownIf(write), Err: errors.New(s.clean(err.Error()))}
	if ctx.Err() != nil {
		e.Code = providers.Timeout
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		e.Wrote = providers.WroteNo // no connection, so nothing was sent
	}
	return e
}

func unknownIf(write bool) providers.Wrote {
	if write {
		return providers.WroteUnknown
	}
	return providers.WroteNo
}

// code reads an error of a module: its kind where it has one, else its text,
// for most modules write the host's HTTP status into it.
func (s *session) code(err error, apex zone.Name) providers.Code {
	if s.driver.Code != nil {
		if c := s.driver.Code(err); c != "" {
			return c
		}
	}
	if e, ok := errors.AsType[*providers.Error](err); ok && e != nil {
		return e.Code
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return providers.Timeout
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return providers.Timeout
	}
	if severed(err) {
		return providers.Unavailable
	}
	text := spoken(err.Error(), apex)
	if c := byStatus(status(text)); c != "" {
		return c
	}
	for _, p := range phrases() {
		if strings.Contains(text, p.text) {
			return p.code
		}
	}
	if strings.Contains(text, "not found") && (strings.Contains(text, "zone") || strings.Contains(text, "domain")) {
		return providers.NoSuchZone
	}
	return providers.Unavailable
}

// severed reports whether the connection broke before the host had answered:
// net/http puts that into a *url.Error.
func severed(err error) bool {
	u, ok := errors.AsType[*url.Error](err)
	if !ok || u == nil {
		return false
	}
	_, broken := errors.AsType[*net.OpError](u.Err)
	return broken || errors.Is(u.Err, io.EOF) || errors.Is(u.Err, io.ErrUnexpectedEOF) || errors.Is(u.Err, net.ErrClosed)
}

// address is a URL in a text, up to the quote or the space that ends it.
var address = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s"'<>]*`)

// spoken is what a text says in lower case, without what only names something:
// the addresses and the names of a zone are the customer's choice, and
// code-404.example is no status.
func spoken(text string, apex zone.Name) string {
	text = address.ReplaceAllString(strings.ToLower(text), "")
	if apex == "" {
		return text
	}
	return regexp.MustCompile(`[^\s"'<>()\[\]{},;:=/]*`+regexp.QuoteMeta(string(apex))).ReplaceAllString(text, "")
}

// statusIn finds an HTTP status that the text calls one, that stands in
// brackets, at the beginning, or before its own name. Any other number may be
// anything.
var statusIn = regexp.MustCompile(`(?:status|http|code|response|returned an?)[^0-9]{0,24}\b([45][0-9]{2})\b|\(([45][0-9]{2})\)|^\W*([45][0-9]{2})\b|\b([45][0-9]{2})[ :,-]{1,3}(?:unauthorized|forbidden|not found|too many|bad request|conflict|unprocessable|internal|bad gateway|service unavail|gateway)`)

func status(text string) int {
	for _, part := range statusIn.FindStringSubmatch(text) {
		if n, err := strconv.Atoi(part); err == nil {
			return n
		}
	}
	return 0
}

func byStatus(n int) providers.Code {
	switch n {
	case 400, 422:
		return providers.Invalid
	case 401:
		return providers.InvalidCredentials
	case 403:
		return providers.AccessDenied
	case 404:
		return providers.NoSuchZone
	case 409:
		return providers.Conflict
	case 429:
		return providers.RateLimited
	}
	return ""
}

type phrase struct {
	text string
	code providers.Code
}

func phrases() []phrase {
	return []phrase{
		{"unauthorized", providers.InvalidCredentials},
		{"bad authentication", providers.InvalidCredentials}, // miekg/dns, of a TSIG that does not verify
		{"invalid api key", providers.InvalidCredentials},
		{"invalid token", providers.InvalidCredentials},
		{"forbidden", providers.AccessDenied},
		{"access denied", providers.AccessDenied},
		{"permission denied", providers.AccessDenied},
		{"rate limit", providers.RateLimited},
		{"too many requests", providers.RateLimited},
		{"no such zone", providers.NoSuchZone},
	}
}

// refusal reports whether the host has said that it does not do this, so that
// nothing of it can still be under way.
func refusal(c providers.Code) bool {
	return slices.Contains([]providers.Code{
		providers.Invalid, providers.Unsupported, providers.InvalidCredentials, providers.AccessDenied,
		providers.NoSuchZone, providers.Conflict, providers.RateLimited,
	}, c)
}

// panicked is a panic of a module. Only what the Go runtime says of its own
// faults is kept; any other value may hold anything.
type panicked struct{ what string }

func (p *panicked) Error() string { return "the module panicked: " + p.what }

// caught runs f and is its panic.
func caught(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			err = &panicked{v.Error()}
		default:
			err = &panicked{fmt.Sprintf("with a %T", v)}
		}
	}()
	f()
	return nil
}
