package rfc2136

import (
	"fmt"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers"
)

// keyError is for NOTAUTH with a TSIG error (RFC 8945 section 5.2): the server
// did not look at the question, so nothing was written. Such an answer is not
// signed; whoever forges one gains a failure that reading the zone corrects.
func keyError(m *dns.Msg, s *session) error {
	t := m.IsTsig()
	if m.Rcode != dns.RcodeNotAuth || t == nil {
		return nil
	}
	var why string
	switch t.Error {
	case dns.RcodeBadKey:
		why = "it does not know the key name " + s.key.name + " with " + s.key.algorithm + " (BADKEY)"
	case dns.RcodeBadSig:
		why = "the secret of key " + s.key.name + " is not the one it holds (BADSIG)"
	case dns.RcodeBadTime:
		why = fmt.Sprintf("its clock and ours are more than %d s apart: set both by NTP (BADTIME)", fudge)
	case dns.RcodeBadTrunc:
		why = "it refuses the length of the signature (BADTRUNC)"
	default:
		return nil
	}
	return fail(providers.InvalidCredentials, providers.WroteNo, "%s: %s", s.server, why)
}

// meaning is what an rcode other than NOERROR says about the request.
func meaning(m *dns.Msg) (providers.Code, string) {
	name := dns.RcodeToString[m.Rcode]
	switch m.Rcode {
	case dns.RcodeRefused:
		return providers.AccessDenied, "the key may not do this (REFUSED)"
	case dns.RcodeNXRrset, dns.RcodeYXRrset, dns.RcodeNameError, dns.RcodeYXDomain:
		return providers.Conflict, "the zone is not as the edit expects (" + name + ")"
	case dns.RcodeNotZone, dns.RcodeNotAuth:
		return providers.NoSuchZone, "it is not authoritative for this zone (" + name + ")"
	case dns.RcodeFormatError:
		return providers.Invalid, "it does not take this message (FORMERR)"
	case dns.RcodeServerFailure:
		return providers.Unavailable, "it failed (SERVFAIL)"
	case dns.RcodeNotImplemented:
		return providers.Unsupported, "it does not do this (NOTIMP)"
	}
	if name == "" {
		name = fmt.Sprintf("rcode %d", m.Rcode)
	}
	return providers.Internal, name
}
