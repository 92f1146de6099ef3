package libdnsdriver

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
)

// secrets is the values that must not appear in an error, as modules, URLs,
// quoting and basic authentication spell them, the longest first. Of
// "KEY:SECRET" each half is one too.
func secrets(c providers.Credentials, fields []providers.Field) []string {
	open := map[string]bool{}
	for _, f := range fields {
		open[f.Name] = !f.Secret
	}
	var out []string
	for k, v := range c {
		if open[k] {
			continue
		}
		for _, part := range append(strings.Split(v, ":"), v) {
			part = strings.TrimSpace(part)
			if len(part) < 4 { // would be found in words
				continue
			}
			out = append(out, part, url.QueryEscape(part), url.PathEscape(part), html.EscapeString(part), strings.Trim(strconv.Quote(part), `"`))
			for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				out = append(out, enc.EncodeToString([]byte(part)))
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(out)
}

// longest is how much of a module's error is kept: some quote whole bodies.
const longest = 400

// clean is a module's text without secrets, on one line, and not too long.
func (s *session) clean(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// explain makes an error of the module one of ours. Nothing of the original
// stays but its cleaned text: what it wraps may hold a secret.
func (s *session) explain(ctx context.Context, err error, write bool) *providers.Error {
	if p, ok := errors.AsType[*panicked](err); ok {
		return &providers.Error{Code: providers.Internal, Wrote: unknownIf(write), Err: p}
	}
	e := &providers.Error{Code: s.code(err), Wrote: unknownIf(write), Err: errors.New(s.clean(err.Error()))}
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
func (s *session) code(err error) providers.Code {
	if s.driver.Code != nil {
		if c := s.driver.Code(err); c != "" {
			return c
		}
	}
	if e, ok := errors.AsType[*providers.Error](err); ok {
		return e.Code
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return providers.Timeout
	}
	if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
		return providers.Timeout
	}
	text := strings.ToLower(err.Error())
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
