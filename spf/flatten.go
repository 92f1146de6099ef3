package spf

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Flattened is a record in which terms were replaced by the networks behind
// them, as DNS has them now. It goes stale without notice: keep the snapshots,
// look again after [Snapshot.Again], and act on a [Drift].
type Flattened struct {
	Record    Record
	Snapshots []Snapshot // of the terms that were replaced
	Refused   []*Error   // ErrCannotFlatten, of the terms that stay, or ErrNoAnswer where DNS did not answer
}

// Snapshot is what a flattened term stood for. It is plain data; its JSON form
// is stable.
type Snapshot struct {
	Domain   string         `json:"domain"` // the name at which the record stands
	Term     string         `json:"term"`   // as it was written
	Networks []netip.Prefix `json:"networks"`
	Asked    []Question     `json:"asked"`         // in the order in which they came up
	TTL      uint32         `json:"ttl,omitempty"` // the lowest of the answers, in seconds; 0 where none is known
}

// Bounds of [Snapshot.Again]. Below an hour nothing is gained, since senders
// announce networks well before they use them; after a day mail is at risk.
const (
	soonest = time.Hour
	latest  = 24 * time.Hour
)

// Again is how long after the answers DNS should be asked again: their lowest
// TTL, at least an hour, at most a day.
func (s Snapshot) Again() time.Duration {
	return min(max(time.Duration(s.TTL)*time.Second, soonest), latest)
}

// Flatten replaces the terms named, which are includes, a or mx of rec, by the
// networks they match, sorted and joined, in their place and with their
// qualifier. It returns the questions that must be answered first; the terms
// they are about stay until then. Terms that networks alone cannot stand for
// are refused: ptr, exists and macros that depend on the message, a record that
// excludes senders before others pass, one that lets everybody send, one that
// is broken, and one that takes more than 100 questions.
//
//	before   v=spf1 include:_spf.app.example -all
//	there    v=spf1 ip4:192.0.2.0/25 a:out.app.example ?all
//	after    v=spf1 ip4:192.0.2.0/25 ip4:198.51.100.7 -all
func Flatten(domain string, rec Record, terms []string, known Answers) (Flattened, []Question) {
	domain = foldName(domain)
	out := Flattened{}
	var questions []Question
	var kept []Term
	wanted := matchTerms(domain, terms)
	end := rec.firstAll()
	for i, t := range rec.Terms {
		if end >= 0 && i >= end || !t.Kind.Directive() || !wanted.take(t) {
			kept = append(kept, t)
			continue
		}
		snap, reason, open := takeSnapshot(domain, t, known)
		switch {
		case reason != nil:
			reason.Record, reason.Offset = rec.Raw, t.Off
			out.Refused = append(out.Refused, reason)
			kept = append(kept, t)
		case len(open) > 0:
			questions = appendNew(questions, open)
			kept = append(kept, t)
		default:
			out.Snapshots = append(out.Snapshots, snap)
			for _, n := range snap.Networks {
				network, _ := termOf(networkTerm(t.Qualifier, n)) // a network always parses
				kept = append(kept, network)
			}
		}
	}
	for _, text := range wanted.missing() {
		out.Refused = append(out.Refused, &Error{Code: ErrCannotFlatten, Record: rec.Raw, Term: text, Reason: "is no directive that the record reaches"})
	}
	out.Record = rebuild(rec, kept)
	return out, questions
}

func appendNew(questions, more []Question) []Question {
	for _, q := range more {
		if !slices.Contains(questions, q) {
			questions = append(questions, q)
		}
	}
	return questions
}

// takeSnapshot finds the networks that t, standing at domain, matches. The
// reason is ErrNoAnswer if it cannot because DNS did not answer, otherwise
// ErrCannotFlatten.
func takeSnapshot(domain string, t Term, known Answers) (s Snapshot, reason *Error, open []Question) {
	f := flattener{known: known}
	if text := f.term(t, domain, []string{domain}); text != "" {
		reason = &Error{Code: ErrCannotFlatten, Term: t.Text, Reason: text}
		if f.failed {
			reason.Code = ErrNoAnswer
		}
	}
	s = Snapshot{Domain: domain, Term: t.Text, Networks: append([]netip.Prefix{}, aggregate(f.networks)...), Asked: f.asked, TTL: f.ttl}
	return s, reason, f.open
}

// flattener collects networks.
type flattener struct {
	known    Answers
	networks []netip.Prefix
	asked    []Question
	open     []Question
	ttl      uint32
	steps    int
	terms    int
	failed   bool // the reason is that DNS did not answer
}

// term adds the networks that t matches; up has the names of the records it
// stands in, outermost first. A reason says why t cannot be flattened.
func (f *flattener) term(t Term, domain string, up []string) (reason string) {
	if isNetwork(t) {
		f.networks = append(f.networks, t.Prefix)
		return ""
	}
	name, static := t.about(domain)
	if f.steps++; f.steps > countBudget || f.terms > termBudget || len(up) > depthBudget {
		return "too much is below it"
	}
	switch {
	case t.Kind == PTR, t.Kind == Exists:
		return t.Text + " is not a set of networks"
	case !static:
		return t.Text + " depends on the message"
	case t.Kind == Include, t.Kind == Redirect:
		return f.record(name, up)
	case t.Kind == A:
		return f.addresses(t, name)
	case t.Kind == MX:
		return f.exchanges(t, name)
	}
	return t.Text + " is not a set of networks"
}

// record adds what the record at name passes.
func (f *flattener) record(name string, up []string) (reason string) {
	if slices.Contains(up, name) {
		return fmt.Sprintf("%q leads back to itself", name)
	}
	if !severalLabels(name) {
		return fmt.Sprintf("%q: %s", name, noPolicy)
	}
	answer, reason, ok := f.ask(Question{Name: name, Type: "TXT"})
	if !ok {
		return reason
	}
	rec, e := recordIn(answer)
	if e != nil {
		return fmt.Sprintf("%q: %s", name, strings.TrimPrefix(e.Error(), "spf: "))
	}
	terms, redirect, reason := passTerms(rec)
	if reason != "" {
		return fmt.Sprintf("%q: %s", name, reason)
	}
	if redirect != nil {
		terms = append(slices.Clone(terms), *redirect)
	}
	f.terms += len(terms)
	up = append(slices.Clone(up), name)
	for _, t := range terms {
		if reason := f.term(t, name, up); reason != "" {
			return reason
		}
	}
	return ""
}

// addresses adds those of name, widened as t says.
func (f *flattener) addresses(t Term, name string) (reason string) {
	for _, family := range []struct {
		kind string
		bits int
	}{{"A", t.V4Len}, {"AAAA", t.V6Len}} {
		answer, reason, ok := f.ask(Question{Name: name, Type: family.kind})
		if reason != "" {
			return reason
		}
		if !ok || answer.Status != Found {
			continue
		}
		for _, v := range answer.Values {
			addr, err := netip.ParseAddr(v)
			if err != nil || addr.Is4() != (family.kind == "A") {
				return fmt.Sprintf("%s %q: the answer is no address", family.kind, name)
			}
			f.networks = append(f.networks, netip.PrefixFrom(addr.WithZone(""), family.bits).Masked())
		}
		if len(f.networks) > termBudget {
			return "too much is below it"
		}
	}
	return ""
}

// exchanges adds the addresses of the mail exchangers of name.
func (f *flattener) exchanges(t Term, name string) (reason string) {
	answer, reason, ok := f.ask(Question{Name: name, Type: "MX"})
	switch {
	case !ok || answer.Status != Found:
		return reason
	case len(answer.Values) > maxMX:
		return fmt.Sprintf("mx %q: %d names, %d allowed", name, len(answer.Values), maxMX)
	}
	for _, host := range answer.Values {
		if reason := f.addresses(t, foldName(host)); reason != "" {
			return reason
		}
	}
	return ""
}

// ask returns an answer that says something about the name; ok is false, with
// a reason or without one, if it does not.
func (f *flattener) ask(q Question) (answer Answer, reason string, ok bool) {
	f.asked = appendNew(f.asked, []Question{q})
	if len(f.asked) > countBudget {
		return answer, "too much is below it", false
	}
	answer, ok = f.known.about(q)
	switch {
	case !ok:
		f.open = appendNew(f.open, []Question{q})
		return answer, "", false
	case answer.Status == Failed:
		f.failed = true
		return answer, fmt.Sprintf("%s %q: %s", q.Type, q.Name, answer.Status), false
	}
	f.ttl = lowerTTL(f.ttl, answer.TTL)
	return answer, "", true
}
