package safehttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// Refused is that a URL or an address is not gone to. Nothing was sent to it.
type Refused struct {
	What   string // a URL without what may be secret in it, or an address
	Reason string
}

func (e *Refused) Error() string {
	return fmt.Sprintf("safehttp: %s is not gone to: %s", e.What, e.Reason)
}

// ErrTooLarge is for a body longer than Options.MaxBody.
var ErrTooLarge = errors.New("safehttp: the body is longer than what is read of one")

// unresolved is that a name has no address, or that nobody could say.
type unresolved struct {
	host string
	err  error
}

func (e *unresolved) Error() string {
	if e.err == nil {
		return fmt.Sprintf("safehttp: %s has no address", e.host)
	}
	return fmt.Sprintf("safehttp: the addresses of %s: %v", e.host, e.err)
}

func (e *unresolved) Unwrap() error { return e.err }

// Failure is why a URL gave no answer.
type Failure string

// The failures.
const (
	FailedRefused Failure = "refused" // it is not gone to: Refused
	FailedResolve Failure = "resolve" // the host name has no address
	FailedConnect Failure = "connect" // nobody takes the connection
	FailedTLS     Failure = "tls"     // no certificate for the name that is trusted, or no common version
	FailedTimeout Failure = "timeout" // no answer in time
	FailedAnswer  Failure = "answer"  // what came is no answer of HTTP, or was cut off
	FailedLoop    Failure = "loop"    // redirects that lead back to a URL they came from
	FailedLong    Failure = "long"    // more redirects than were to be followed
)

// FailureOf is the failure that an error of a Client stands for; "" for nil.
func FailureOf(err error) Failure {
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[*Refused](err); ok {
		return FailedRefused
	}
	if _, ok := errors.AsType[*unresolved](err); ok {
		return FailedResolve
	}
	if broken(err) {
		return FailedTLS
	}
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return FailedTimeout
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return FailedConnect
	}
	return FailedAnswer
}

// broken reports whether TLS did not come about.
func broken(err error) bool {
	var (
		verify *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		roots  x509.SystemRootsError
	)
	if errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &roots) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	// What the other side says in an alert comes as an operation of this name, and
	// some of crypto/tls's own errors have no type.
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error" || strings.HasPrefix(err.Error(), "tls: ")
}
