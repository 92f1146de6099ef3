package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/mooring-dns/mooring/providers"
)

// ErrProcess is the cause of an error that no driver has given: the process of
// the plugin, or the connection to it, has failed.
var ErrProcess = errors.New("the plugin's process has failed")

const (
	maxText  = 32 << 10 // octets of an error's text that travel
	maxState = 1 << 20  // octets of a challenge's state
)

// codeOf is the gRPC code of each of ours, for whoever watches the wire. What
// the two sides go by is the detail.
func codeOf(c providers.Code) codes.Code {
	switch c {
	case providers.InvalidCredentials, providers.Challenge, providers.InvalidCode, providers.SessionExpired:
		return codes.Unauthenticated
	case providers.AccessDenied, providers.EmailNotVerified:
		return codes.PermissionDenied
	case providers.NoSuchZone:
		return codes.NotFound
	case providers.Ambiguous:
		return codes.FailedPrecondition
	case providers.Conflict:
		return codes.Aborted
	case providers.Invalid:
		return codes.InvalidArgument
	case providers.RateLimited, providers.TooManyAttempts:
		return codes.ResourceExhausted
	case providers.Timeout:
		return codes.DeadlineExceeded
	case providers.Unsupported:
		return codes.Unimplemented
	case providers.Unavailable:
		return codes.Unavailable
	case providers.Internal:
		return codes.Internal
	default:
		return codes.Unknown
	}
}

// known reports whether this version knows a code.
func known(c providers.Code) bool { return codeOf(c) != codes.Unknown }

// unsaid is what a call may have written that ended in an unknown way.
func unsaid(write bool) providers.Wrote {
	if write {
		return providers.WroteUnknown
	}
	return providers.WroteNo
}

// statusOf is a driver's error as it travels. It is nil for nil.
func statusOf(err error, write bool) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*providers.Error](err)
	switch {
	case !ok:
		e = &providers.Error{Code: providers.CodeOf(err), Wrote: unsaid(write), Err: err}
	case e == nil:
		e = &providers.Error{Code: providers.Internal, Wrote: unsaid(write), Err: errors.New("the driver returned a nil *Error as its error, which is not nil: this is a fault of the driver")}
	}
	if len(e.State) > maxState {
		e = &providers.Error{Code: providers.Internal, Wrote: e.Wrote, Err: fmt.Errorf("the state of a challenge has %d octets, and at most %d travel", len(e.State), maxState)}
	}
	s, detailed := status.New(codeOf(e.Code), string(e.Code)).WithDetails(errorTo(e))
	if detailed != nil { // a message of ours always marshals
		return status.Error(codes.Internal, "the error could not be written down")
	}
	return s.Err()
}

func errorTo(e *providers.Error) *Error {
	out := &Error{
		Code: clip(string(e.Code)), Reason: clip(string(e.Reason)), RetryAfter: durationTo(e.RetryAfter), Wrote: wroteTo(e.Wrote),
		Prompt: clip(e.Prompt), State: []byte(e.State), Turn: errors.Is(e, errTurn),
	}
	if e.Err != nil {
		out.Text = clip(e.Err.Error())
	}
	return out
}

// clip is a text that proto3 can carry, and not more of it than anybody reads.
func clip(s string) string {
	if len(s) > maxText {
		s = s[:maxText] + "…"
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

func errorFrom(e *Error, write bool) *providers.Error {
	out := &providers.Error{
		Code: providers.Code(e.GetCode()), Reason: providers.Reason(clip(e.GetReason())), RetryAfter: max(0, e.GetRetryAfter().AsDuration()),
		Wrote: wroteFrom(e.GetWrote(), write), Prompt: clip(e.GetPrompt()), State: e.GetState(),
	}
	if e.GetText() != "" {
		out.Err = errors.New(clip(e.GetText()))
	}
	if !known(out.Code) {
		out.Err = fmt.Errorf("the plugin answers with the code %.40q, which this version does not know: %.1000s", e.GetCode(), e.GetText())
		out.Code = providers.Internal
	}
	return out
}

func wroteTo(w providers.Wrote) Wrote {
	switch w {
	case providers.WroteNo:
		return Wrote_WROTE_NO
	case providers.WroteYes:
		return Wrote_WROTE_YES
	case providers.WroteUnknown:
		return Wrote_WROTE_UNKNOWN
	default:
		return Wrote_WROTE_UNSPECIFIED
	}
}

func wroteFrom(w Wrote, write bool) providers.Wrote {
	switch w {
	case Wrote_WROTE_NO:
		return providers.WroteNo
	case Wrote_WROTE_YES:
		return providers.WroteYes
	case Wrote_WROTE_UNKNOWN:
		return providers.WroteUnknown
	default:
		return unsaid(write)
	}
}

// failure is an error of a call as the host sees it: what the driver said, or
// else what became of its process.
func failure(ctx context.Context, err error, write bool) *providers.Error {
	s := status.Convert(err)
	for _, d := range s.Details() {
		if e, ok := d.(*Error); ok {
			return errorFrom(e, write)
		}
	}
	out := &providers.Error{Code: providers.Unavailable, Wrote: unsaid(write)}
	switch {
	case ctx.Err() != nil:
		out.Code, out.Err = providers.Timeout, fmt.Errorf("the plugin did not answer in time: %w", context.Cause(ctx))
	case s.Code() == codes.DeadlineExceeded: // the plugin's copy of the deadline was the first to pass
		out.Code, out.Err = providers.Timeout, fmt.Errorf("the plugin did not answer in time: %w", context.DeadlineExceeded)
	case s.Code() == codes.ResourceExhausted:
		out.Code, out.Err = providers.Internal, fmt.Errorf("a message to or from the plugin is too long: %.300s", s.Message())
	case s.Code() == codes.Unimplemented:
		out.Code, out.Wrote, out.Err = providers.Unsupported, providers.WroteNo, errors.New("the plugin does not know this call: it is older than this program")
	default:
		out.Err = fmt.Errorf("%w: %s: %.300s", ErrProcess, s.Code(), s.Message())
	}
	return out
}

// wrong is a plugin's answer that does not hold.
func wrong(err error) *providers.Error { return &providers.Error{Code: providers.Internal, Err: err} }

// refusedTurn is the answer to a plugin whose request may not be sent.
func refusedTurn(err error) *Error {
	if e, ok := errors.AsType[*providers.Error](err); ok && e != nil {
		return errorTo(e)
	}
	return errorTo(&providers.Error{Code: providers.CodeOf(err), Err: err})
}

// turnOf is that answer as the plugin's driver gets it from providers.Wait.
func turnOf(e *Error) *providers.Error {
	out := errorFrom(e, false)
	out.Err = fmt.Errorf("%w: %s", errTurn, e.GetText())
	return out
}

// errTurn marks the host's refusal of a turn, so that the host knows it again.
var errTurn = errors.New("the request has no turn")

// ended is a context that has ended before anything was sent.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return &providers.Error{Code: providers.Timeout, Err: fmt.Errorf("the plugin was not asked: %w", context.Cause(ctx))}
}
