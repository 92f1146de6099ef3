package spf

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// evaluation is one check under way.
type evaluation struct {
	resolver           Resolver
	allowed, allowVoid int
	lookups, voids     int

	ip            netip.Addr // never an IPv4 address inside IPv6
	sender        string     // empty if local and origin have to be put together
	local, origin string     // of the sender
	domain        string     // the one first asked about
	helo          string
	receiver      string
	now           func() time.Time

	host hostNames
}

// verdict is how one record ends: a match, or trouble with an error.
type verdict struct {
	outcome Outcome
	term    string
	domain  string
	exp     string // the domain-spec of the explanation
	err     error
}

// trouble is a verdict without a match. The text says what is wrong at domain.
func trouble(o Outcome, code Code, term, domain, text string) *verdict {
	where := text
	if domain != "" {
		where = strconv.Quote(domain) + ": " + text
	}
	return &verdict{
		outcome: o, term: term, domain: domain,
		err: Problem{Code: code, Term: term, Name: domain, Text: where},
	}
}

// policy evaluates the record at domain, to which a term may lead, and those it
// redirects to. The outcome is None if there is no record.
func (e *evaluation) policy(ctx context.Context, domain, term string) verdict {
	redirected := false
	for {
		txt, stop := e.record(ctx, domain, term)
		switch {
		case stop == nil:
		case redirected && stop.outcome == None:
			// RFC 7208 section 6.1
			return *trouble(PermError, ErrNoRecord, term, domain, "no SPF record to redirect to")
		default:
			return *stop
		}
		v, next := e.run(ctx, domain, txt)
		if next.kind == 0 {
			return v
		}
		if stop := e.spend(domain, &next); stop != nil {
			return *stop
		}
		target, stop := e.target(ctx, domain, &next)
		if stop != nil {
			return *stop
		}
		domain, term, redirected = target, next.text, true
	}
}

// record fetches the record at domain (RFC 7208 section 4.5).
func (e *evaluation) record(ctx context.Context, domain, term string) (string, *verdict) {
	if !severalLabels(domain) {
		return "", trouble(None, ErrNoRecord, term, domain, noPolicy)
	}
	a, stop := e.ask(ctx, domain, "TXT", term)
	if stop != nil {
		return "", stop
	}
	found, n := "", 0
	for _, txt := range a.Values {
		if IsRecord(txt) {
			found = txt
			n++
		}
	}
	switch {
	case n == 0:
		return "", trouble(None, ErrNoRecord, term, domain, "no SPF record")
	case n > 1:
		return "", trouble(PermError, ErrMultipleRecords, term, domain, strconv.Itoa(n)+" SPF records, only one is allowed")
	case len(found) >= maxText:
		return "", trouble(PermError, ErrSyntax, term, domain, "longer than a TXT record can be")
	}
	return found, nil
}

// step is what evaluating a directive or a redirect needs of its [Term].
type step struct {
	kind         Kind
	qualifier    byte
	v4len, v6len uint8
	domain, text string
}

func (t *Term) step() step {
	return step{t.Kind, t.Qualifier, uint8(t.V4Len), uint8(t.V6Len), t.Domain, t.Text}
}

// run evaluates one record. If no directive matches and it has a redirect,
// that is returned.
func (e *evaluation) run(ctx context.Context, domain, txt string) (v verdict, redirect step) {
	var room [LookupLimit + 1]step
	asking, s, bad := e.read(room[:0], domain, txt)
	if bad != nil {
		return *bad, step{}
	}
	for i := range asking {
		t := &asking[i]
		match, stop := e.matches(ctx, domain, t)
		if stop != nil {
			return *stop, step{}
		}
		if match {
			return verdict{outcome: outcomeOf(t.qualifier), term: t.text, domain: domain, exp: s.exp}, step{}
		}
	}
	if s.match.kind != 0 {
		return verdict{outcome: outcomeOf(s.match.qualifier), term: s.match.text, domain: domain, exp: s.exp}, step{}
	}
	return verdict{outcome: Neutral, domain: domain}, s.redirect
}

// rest is what a record says beside the directives that ask DNS.
type rest struct {
	match    step   // the first directive that matches without asking, if there is one
	redirect step   // likewise
	exp      string // a domain-spec, or empty
}

// read reads a record to its end, because what is wrong behind a match is wrong
// all the same (RFC 7208 section 4.6). Meanwhile it decides what needs no DNS,
// and so keeps no networks, and appends to asking the directives in front of
// that which need it, but no more than may be evaluated.
func (e *evaluation) read(asking []step, domain, txt string) (_ []step, s rest, bad *verdict) {
	for off := len(version); off < len(txt); {
		if txt[off] == ' ' {
			off++
			continue
		}
		var t Term
		end, reason := t.fill(txt, off)
		switch {
		case reason != "":
		case t.Kind == Redirect:
			if s.redirect.kind != 0 {
				reason = twice
			}
			s.redirect = t.step()
		case t.Kind == Exp:
			if s.exp != "" {
				reason = twice
			}
			s.exp = t.Domain
		case s.match.kind != 0 || t.Kind == Modifier:
		case !t.Kind.asksDNS():
			if t.Kind == All || t.Prefix.Contains(e.ip) {
				s.match = t.step()
			}
		case len(asking) <= e.allowed-e.lookups:
			asking = append(asking, t.step())
		}
		if reason != "" {
			return nil, s, broken(domain, txt, off, reason)
		}
		off = end
	}
	return asking, s, nil
}

// twice is what is wrong with a second redirect or exp (RFC 7208 section 6).
const twice = "stands twice"

// broken is the verdict for a record whose term at off is none.
func broken(domain, txt string, off int, reason string) *verdict {
	term, _, _ := strings.Cut(txt[off:], " ")
	return &verdict{
		outcome: PermError, term: term, domain: domain,
		err: &Error{Code: ErrSyntax, Record: txt, Term: term, Offset: off, Reason: reason},
	}
}

func outcomeOf(qualifier byte) Outcome {
	switch qualifier {
	case '-':
		return Fail
	case '~':
		return SoftFail
	case '?':
		return Neutral
	}
	return Pass
}
