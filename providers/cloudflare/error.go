package cloudflare

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/mooring-dns/mooring/providers"
)

// Limits of what an error says, in octets: of one text of the host's, and of all
// of it.
const (
	maxQuote = 300
	maxError = 4000
)

// fail is an error of a request that was not sent, or that only asked.
func fail(code providers.Code, format string, args ...any) *providers.Error {
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// odd is the error of an answer that nothing can be concluded from.
func odd(what string) error {
	return fail(providers.Unavailable, "the answer is not as documented: %s", what)
}

// scope is the error of a token that lacks a permission.
func scope(format string, args ...any) error {
	e := fail(providers.AccessDenied, format, args...)
	e.Reason = providers.ReasonScope
	return e
}

// quoted is a text of the host's as errors have it: without the token, on one
// line, and not too long. The token goes first, since half of one is found by
// nothing afterwards.
func (s *session) quoted(text string) string {
	line := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s.creds.Redact(fields(), text))
	return cut(line, maxQuote)
}

// clean is on the way of every error out of a session: it is a *providers.Error
// of bounded length, without the token.
func (s *session) clean(err *error) {
	if *err == nil {
		return
	}
	e, ok := errors.AsType[*providers.Error](*err)
	if !ok {
		e = &providers.Error{Code: providers.Internal, Wrote: providers.WroteUnknown, Err: *err}
	}
	if e.Err != nil {
		text := e.Err.Error()
		if said := cut(s.creds.Redact(fields(), text), maxError); said != text {
			c := *e
			c.Err = errors.New(said)
			e = &c
		}
	}
	*err = e
}

func cut(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
