package sdk

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
)

const (
	maxText   = 16 << 10 // octets of a text that are looked at
	cutSecret = 8 << 10  // octets that a secret which the cut has halved may leave behind
)

// clean is a text without the secrets of one customer.
func clean(text string, known providers.Redactor) string {
	if len(text) <= maxText {
		return known.Redact(text)
	}
	return cleanCut(text[:maxText], known)
}

// cleanCut is a text that was cut, and without the end that may be the beginning
// of a secret. Redaction may have made the text far shorter, and that beginning
// is at its end all the same.
func cleanCut(text string, known providers.Redactor) string {
	text = known.Redact(text)
	return strings.ToValidUTF8(text[:max(0, len(text)-max(cutSecret, known.Longest()))], "") + "…"
}

// cleanError is an error of a driver without them, which is the error itself
// where it holds none.
func cleanError(err error, wrote providers.Wrote, known providers.Redactor) error {
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e == nil {
		e = &providers.Error{Code: providers.CodeOf(err), Wrote: wrote, Err: err}
		if ok {
			e = &providers.Error{Code: providers.Internal, Wrote: wrote, Err: errors.New("the driver returned a nil *Error as its error, which is not nil: this is a fault of the driver")}
		}
		err = e
	}
	text := err.Error()
	cleaned, prompt, reason := clean(text, known), clean(e.Prompt, known), clean(string(e.Reason), known)
	inner := e.Error() // which travels, and a wrapper may not say
	if cleaned == text && prompt == e.Prompt && reason == string(e.Reason) && clean(inner, known) == inner {
		return err
	}
	out := *e
	out.Prompt, out.Reason = prompt, providers.Reason(reason)
	out.Err = cleanedError{strings.TrimPrefix(cleaned, string(e.Code)+": "), e.Err}
	return &out
}

// cleanedError is another text for an error that is still what it was.
type cleanedError struct {
	text  string
	cause error
}

func (e cleanedError) Error() string                 { return e.text }
func (e cleanedError) Unwrap() error                 { return e.cause }
func (e cleanedError) Format(f fmt.State, verb rune) { _, _ = fmt.Fprint(f, e.text) }

// longLine is a line of a secret of several, such as a PEM key, that cannot be
// told from other text when it is shorter.
const longLine = 16

// redactor is the secrets of one customer, and the lines of those that have
// several: they are printed one by one.
func redactor(c providers.Credentials, fields []providers.Field) providers.Redactor {
	all := providers.Credentials{}
	for name, value := range c {
		if slices.ContainsFunc(fields, func(f providers.Field) bool { return f.Name == name && !f.Secret }) {
			continue
		}
		all[strconv.Itoa(len(all))] = value
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= longLine && line != value {
				all[strconv.Itoa(len(all))] = line
			}
		}
	}
	return all.Redactor(nil)
}

// gathered is the secrets of everybody in live, as they were in one moment.
type gathered struct {
	change uint64 // of live
	all    providers.Redactor
}

// secrets is those of all customers whose sessions are kept or used. What it
// takes to work them out holds up no call.
func (s *sessions) secrets() providers.Redactor {
	s.mu.Lock()
	now, known := s.change, s.known
	if now == known.change {
		s.mu.Unlock()
		return known.all
	}
	live := slices.Collect(maps.Keys(s.live))
	s.mu.Unlock()
	each := make([]providers.Redactor, 0, len(live))
	for _, e := range live {
		each = append(each, e.secrets())
	}
	known = gathered{now, providers.JoinRedactors(each...)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known.change < now {
		s.known = known
	}
	return known.all
}

// clean is a line of output without anybody's secrets.
func (s *sessions) clean(line string) string { return s.secrets().Redact(line) }
