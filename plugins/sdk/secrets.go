package sdk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
)

const (
	maxText   = 16 << 10 // octets of a text that are looked at
	cutSecret = 4 << 10  // octets that a secret which the cut has halved may leave behind
)

// clean is a text without the secrets of one customer.
func clean(text string, c providers.Credentials, fields []providers.Field) string {
	if len(text) <= maxText {
		return c.Redact(fields, text)
	}
	text = c.Redact(fields, text[:maxText])
	return strings.ToValidUTF8(text[:max(0, len(text)-cutSecret)], "") + "…"
}

// cleanError is an error of a driver without them, which is the error itself
// where it holds none.
func cleanError(err error, wrote providers.Wrote, c providers.Credentials, fields []providers.Field) error {
	e, ok := errors.AsType[*providers.Error](err)
	if !ok || e == nil {
		e = &providers.Error{Code: providers.CodeOf(err), Wrote: wrote, Err: err}
		if ok {
			e = &providers.Error{Code: providers.Internal, Wrote: wrote, Err: errors.New("the driver returned a nil *Error as its error, which is not nil: this is a fault of the driver")}
		}
		err = e
	}
	text := err.Error()
	cleaned, prompt := clean(text, c, fields), clean(e.Prompt, c, fields)
	if cleaned == text && prompt == e.Prompt {
		return err
	}
	out := *e
	out.Prompt = prompt
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

// secrets is those of many customers, as one set of credentials.
type secrets struct {
	gathered bool
	all      providers.Credentials
}

// Format prints none.
func (s secrets) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "[redacted]") }

// longLine is a line of a secret of several, such as a PEM key, that cannot be
// told from other text when it is shorter.
const longLine = 16

// secrets is those of all customers whose sessions are kept or used.
func (s *sessions) secrets() providers.Credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known.gathered {
		return s.known.all
	}
	open := map[string]bool{}
	for _, f := range s.info.Fields {
		open[f.Name] = !f.Secret
	}
	all := providers.Credentials{}
	for e := range s.live {
		for name, value := range e.creds {
			if open[name] {
				continue
			}
			all[strconv.Itoa(len(all))] = value
			for line := range strings.Lines(value) {
				if line = strings.TrimSpace(line); len(line) >= longLine && line != value {
					all[strconv.Itoa(len(all))] = line
				}
			}
		}
	}
	s.known = secrets{true, all}
	return all
}

// clean is a line of output without anybody's secrets.
func (s *sessions) clean(line string) string { return s.secrets().Redact(nil, line) }
