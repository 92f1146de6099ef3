package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// Answer is one whole answer of the API.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Write  bool // of the request
}

// OK reports whether the host says success.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// Fail is the error for a request that the host did not do. RetryAfter is what
// the answer says. A status of 4xx says that nothing was written, but for those
// of a request that was given up (408, 499): a Write that met these or another
// status may have landed.
func (a Answer) Fail(code providers.Code, format string, args ...any) *providers.Error {
	wrote := providers.WroteNo
	givenUp := a.Status == http.StatusRequestTimeout || a.Status == 499 // 499 is nginx's word for a client that has gone
	if a.Write && (a.Status < 400 || a.Status >= 500 || givenUp) {
		wrote = providers.WroteUnknown
	}
	e := fail(code, wrote, format, args...)
	e.RetryAfter = a.retryAfter(time.Now())
	return e
}

// Refused is nil for an answer of success, and otherwise what its status alone
// says, a *providers.Error. A driver that reads more out of the body says that
// instead, with Fail.
//
//	400 413 422   Invalid
//	401           InvalidCredentials
//	403           AccessDenied
//	404           NoSuchZone
//	408           Timeout
//	409 412       Conflict
//	429           RateLimited
//	other         Unavailable
//
// A page of HTML is Unavailable whatever its status, but for 429: it is not the
// API that answers.
func (a Answer) Refused() error {
	if a.OK() {
		return nil
	}
	code := providers.Unavailable
	if a.HTML() && a.Status != http.StatusTooManyRequests {
		return a.Fail(code, "%s", a.status())
	}
	switch a.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		code = providers.Invalid
	case http.StatusUnauthorized:
		code = providers.InvalidCredentials
	case http.StatusForbidden:
		code = providers.AccessDenied
	case http.StatusNotFound:
		code = providers.NoSuchZone
	case http.StatusRequestTimeout:
		code = providers.Timeout
	case http.StatusConflict, http.StatusPreconditionFailed:
		code = providers.Conflict
	case http.StatusTooManyRequests:
		code = providers.RateLimited
	}
	return a.Fail(code, "%s", a.status())
}

// status is the answer's status in words.
func (a Answer) status() string {
	s := fmt.Sprintf("status %d", a.Status)
	if text := http.StatusText(a.Status); text != "" {
		s += " " + text
	}
	if a.HTML() {
		s += ", with a page of HTML"
	}
	return s
}

// HTML reports whether the body is a page for people: what a proxy or a
// firewall in front of the API answers.
func (a Answer) HTML() bool {
	start := bytes.ToLower(bytes.TrimSpace(a.Body[:min(len(a.Body), 512)]))
	return strings.HasPrefix(strings.ToLower(a.Header.Get("Content-Type")), "text/html") || bytes.Contains(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// JSON reads a body that must be one JSON value. Anything else is Unavailable;
// its Wrote is that of Fail.
func (a Answer) JSON(v any) error {
	if err := json.Unmarshal(a.Body, v); err != nil {
		what := "the answer is not the JSON that was expected: " + err.Error()
		if a.HTML() {
			what = "the answer is a page of HTML"
		}
		return a.Fail(providers.Unavailable, "%s (%s)", what, a.status())
	}
	return nil
}

// retryAfter is the header of that name (RFC 9110 section 10.2.3), seconds or a
// date, 0 for none.
func (a Answer) retryAfter(now time.Time) time.Duration {
	v := strings.TrimSpace(a.Header.Get("Retry-After"))
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(a.Header.Get("Date")); err == nil {
		now = date // the host's own clock
	}
	return max(0, at.Sub(now))
}
