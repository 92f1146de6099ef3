package providers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Code is why a host did not do what it was asked. Codes are stable: they
// cross process borders and feed the result names of every API.
type Code string

// The codes a driver answers with.
const (
	InvalidCredentials Code = "InvalidCredentials"
	TooManyAttempts    Code = "TooManyAttempts"
	EmailNotVerified   Code = "EmailNotVerified"
	NoSuchZone         Code = "NoSuchZone"
	Ambiguous          Code = "Ambiguous"
	AccessDenied       Code = "AccessDenied"
	Challenge          Code = "Challenge" // a second factor is asked for: see Prompt and State
	InvalidCode        Code = "InvalidCode"
	SessionExpired     Code = "SessionExpired"
	Timeout            Code = "Timeout"
	RateLimited        Code = "RateLimited"
	Unavailable        Code = "Unavailable" // not reached, or broken on its side
	Unsupported        Code = "Unsupported" // the host cannot do this at all
	Conflict           Code = "Conflict"    // the zone is not as the edit expects
	Invalid            Code = "Invalid"     // the host refuses this value
	Internal           Code = "Internal"
)

// Wrote says whether a failed write reached the zone.
type Wrote int

// The three answers. The zero value is for failures before anything was sent
// and for refusals.
const (
	WroteNo Wrote = iota
	WroteYes
	WroteUnknown // the answer was lost
)

// Reason is why exactly credentials do not do, where the host tells: it goes with
// InvalidCredentials and AccessDenied.
type Reason string

// The reasons. "" is that the host did not tell.
const (
	ReasonExpired  Reason = "expired"  // they were valid once: expired, revoked or switched off
	ReasonScope    Reason = "scope"    // they are valid, and lack a permission: the person makes others
	ReasonAddress  Reason = "address"  // they are not to be used from this IP address: the person allows it
	ReasonNoAccess Reason = "noaccess" // the host gives this customer no API, whatever the credentials: set up by hand
)

// Error is every error a driver returns.
type Error struct {
	Code       Code
	Reason     Reason        // "": not said
	RetryAfter time.Duration // 0: not said; else nothing is sent with this credential until then, for an hour at most
	Wrote      Wrote
	Prompt     string // Challenge: what to ask the person
	State      Sealed // Challenge: hand it back to Open with the answer; self-contained
	Err        error  // the cause, holding no secret; Account puts the driver's ID in front
}

// Sealed is bytes that may hold a credential. They print as [redacted], however
// they are printed, logged or marshalled.
type Sealed []byte

func (Sealed) String() string               { return redacted }
func (Sealed) GoString() string             { return redacted }
func (Sealed) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Sealed) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Format keeps every verb from printing the bytes.
func (Sealed) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf is the code of err: Timeout for a context that ended, Internal for an
// error that carries none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		if e == nil { // a fault of the driver, see asError
			return Internal
		}
		return e.Code
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Timeout
	}
	return Internal
}

// asError makes any error of a driver an *Error without the given secrets. A
// write that failed for an unknown reason may have landed.
func asError(err error, wrote Wrote, secrets needles) *Error {
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		e = &Error{Code: CodeOf(err), Wrote: wrote, Err: err}
	case e == nil:
		e = &Error{Code: Internal, Wrote: wrote, Err: errors.New("the driver returned a nil *Error as its error, which is not nil: this is a fault of the driver")}
	}
	c := *e
	c.Code, c.Reason, c.Prompt = Code(redact(string(e.Code), secrets)), Reason(redact(string(e.Reason), secrets)), redact(e.Prompt, secrets)
	if e.Err != nil {
		text := e.Err.Error()
		if clean := brief(text, secrets); clean != text {
			c.Err = errors.New(clean)
		}
	}
	return &c
}

const (
	maxErrorText = 16 << 10 // octets of an error's text that are looked at
	cutSecret    = 4 << 10  // octets that a secret which the cut has halved may leave behind
)

// brief is an error's text without the secrets, and not the whole answer of a
// host that somebody put into it.
func brief(text string, secrets needles) string {
	if len(text) <= maxErrorText {
		return redact(text, secrets)
	}
	clean := redact(text[:maxErrorText], secrets)
	return strings.ToValidUTF8(clean[:max(0, len(clean)-cutSecret)], "") + "…"
}
