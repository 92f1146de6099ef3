package spf

import (
	"context"
	"net/netip"
	"strings"
	"time"
)

// Outcome is what a receiver concludes about one message, in the words of
// RFC 7208 section 2.6.
type Outcome string

// Outcomes of [Checker.CheckHost].
const (
	None      Outcome = "none"      // no domain to ask about, or it has no record
	Neutral   Outcome = "neutral"   // the domain says nothing about the client
	Pass      Outcome = "pass"      // the client may send for the domain
	Fail      Outcome = "fail"      // it may not
	SoftFail  Outcome = "softfail"  // it probably may not
	TempError Outcome = "temperror" // DNS did not answer; a later try may succeed
	PermError Outcome = "permerror" // the records cannot be understood as they are
)

// Codes of a [Result]'s error, beside those of the record and the tree.
const (
	ErrBadDomain      Code = "bad-domain"       // not a domain name of several labels
	ErrBadIdentity    Code = "bad-identity"     // a client address or sender that no mail has
	ErrNoAnswer       Code = "no-answer"        // DNS failed
	ErrTooManyLookups Code = "too-many-lookups" // more terms that ask DNS than allowed
	ErrTooManyVoids   Code = "too-many-voids"   // more of them than allowed found nothing
)

const (
	maxNames  = 10      // of a client's host that are looked at (RFC 7208 section 4.6.4)
	maxText   = 1 << 16 // octets of a TXT record; the length of its data has 16 bits (RFC 1035 section 4.1.3)
	maxSender = 512     // octets, as a whole command of SMTP has (RFC 5321 section 4.5.3.1.4)
	maxTerms  = 100     // terms that ask DNS, whatever MaxLookups says
)

// Checker evaluates records as a receiver does. It keeps nothing between
// checks and may be used by many goroutines if Resolver and Now may.
type Checker struct {
	// Resolver is needed. Macros bring what senders write into the names it is
	// asked for: any octets of ASCII, in labels of 1 to 63. Where a name has to
	// be written as in a zone file, backslashes and the like must be escaped.
	Resolver Resolver

	Receiver    string           // name of the checking host, for explanations; "unknown" if empty
	Explanation string           // of a Fail where the domain gives none that can be used
	Now         func() time.Time // for explanations; time.Now if nil
	MaxLookups  int              // terms that ask DNS: LookupLimit if 0, none if negative, never above 100
	MaxVoids    int              // terms that find nothing: VoidLimit if 0, none if negative
}

// Result is what a check found.
type Result struct {
	Outcome     Outcome
	Term        string // that decided or leads to the trouble, as written; empty if none does
	Domain      string // whose record decided, or the name that is the trouble
	Explanation string // of a Fail, to be shown to the sender
	Lookups     int    // terms that asked DNS; one more than allowed if that was the trouble
	Voids       int    // of those, how many found nothing; likewise
	Err         error  // why the outcome is None, TempError or PermError: an *[Error], a [Problem] or ctx's; else nil
}

// CheckHost is check_host() of RFC 7208 section 4: it tells whether the client
// at ip may send mail as sender, the address of MAIL FROM, for domain. helo is
// the name that the client gave in HELO or EHLO.
//
// An empty sender, as bounces have it, stands for postmaster@helo; a sender
// without local part for postmaster there; and an empty domain for the one of
// the sender. To check a HELO name itself, leave sender and domain empty.
// Names are in ASCII, with xn-- labels. A term with macro s or l matches nothing
// if the local part is not (RFC 8616 section 4), and counts as a lookup all the
// same. A sender of more than 512 octets, more than SMTP carries, is not looked
// at: None. An IPv4 address mapped into IPv6 is taken for the IPv4 address.
//
// The end of ctx makes a TempError. Whatever the records say, a check asks at
// most one question more than lookups are allowed, one for an explanation, ten
// addresses for each mx, and eleven questions for the names of the client.
func (c Checker) CheckHost(ctx context.Context, ip netip.Addr, domain, sender, helo string) Result {
	e := evaluation{
		resolver:  c.Resolver,
		allowed:   limit(c.MaxLookups, LookupLimit, maxTerms),
		allowVoid: limit(c.MaxVoids, VoidLimit, maxTerms),
		ip:        ip.Unmap().WithZone(""),
		helo:      helo,
		receiver:  c.Receiver,
		now:       c.Now,
	}
	if e.now == nil {
		e.now = time.Now
	}
	e.identify(domain, sender)
	domain = strings.TrimSuffix(e.domain, ".")
	_, ok := askable(domain)
	var v verdict
	switch {
	case c.Resolver == nil:
		v = *trouble(TempError, ErrNoAnswer, "", domain, "there is no resolver to ask")
	case !ip.IsValid():
		v = *trouble(None, ErrBadIdentity, "", domain, "the client has no address")
	case len(e.local)+len(e.origin) > maxSender:
		v = *trouble(None, ErrBadIdentity, "", domain, "the sender is longer than an address can be")
	case !ok || !severalLabels(domain):
		v = *trouble(None, ErrBadDomain, "", "", "the domain is "+noPolicy)
	default:
		v = e.policy(ctx, domain, "")
	}
	r := Result{Outcome: v.outcome, Term: v.term, Domain: v.domain, Lookups: e.lookups, Voids: e.voids, Err: v.err}
	if r.Outcome == Fail {
		r.Explanation = e.explain(ctx, v, c.Explanation)
	}
	return r
}

// limit reads a limit of a Checker.
func limit(set, usual, most int) int {
	if set == 0 {
		return usual
	}
	return min(max(set, 0), most)
}

// identify takes the sender apart (RFC 7208 sections 2.4 and 4.3).
func (e *evaluation) identify(domain, sender string) {
	e.local, e.origin = "postmaster", sender
	at := strings.LastIndexByte(sender, '@')
	switch {
	case sender == "" && e.helo != "":
		e.origin = e.helo // a HELO name has no local part, whatever it looks like
	case sender == "":
		e.origin = domain
	case at > 0:
		e.sender, e.local, e.origin = sender, sender[:at], sender[at+1:]
	default:
		e.origin = sender[at+1:]
	}
	e.domain = domain
	if domain == "" {
		e.domain = e.origin
	}
}
