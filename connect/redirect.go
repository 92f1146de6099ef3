package connect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
	"github.com/mooring-dns/mooring/verify/safehttp"
)

// Redirect is what a run promises about the visitors of a name: they are sent to
// a URL. DNS has no record for it, so HTTP is asked.
type Redirect struct {
	From zone.Name `json:"from"`
	To   string    `json:"to"` // an http or https URL; without a path it means any page of its host
	// Awaited: the run is connected only once it works, since the DNS host serves
	// it by a record of the run, or since there is nothing else to show. Other
	// servers, and a person beside the run, have their own time.
	Awaited bool `json:"awaited,omitempty"`
}

// RedirectState is what HTTP said of a redirect.
type RedirectState struct {
	Redirect
	Status entri.Status   `json:"status"` // success, pending or failure
	Text   string         `json:"text"`   // what was seen, for people
	Hops   []safehttp.Hop `json:"hops,omitempty"`
}

const (
	// mostRedirects is how many redirects a visitor may be sent through; browsers
	// give up after 20, and after a few a person should look.
	mostRedirects = 10
	// patienceHTTP is for one redirect with everything that it leads to, and after
	// as long none is begun. DNS is not asked meanwhile, so web servers that hang,
	// however many, delay a look by no more than twice that.
	patienceHTTP = 20 * time.Second
	// sideBySide is how many redirects are asked for at once.
	sideBySide = 8
)

// redirects is what the plan promises about visitors: what a driver writes, what
// stands already, what other servers do (the fallback), and what a person sets.
func (p Plan) redirects() []Redirect {
	var out []Redirect
	for _, r := range p.Results {
		if r.Kind != plan.KindRedirect || r.State == plan.Skipped || r.State == plan.Undecided {
			continue
		}
		awaited := slices.ContainsFunc(r.Records, redirects) && (r.State != plan.ByHand || len(p.Expect) == 0)
		to := Redirect{From: r.Owner, To: p.Request.Intents[r.Intent].Value, Awaited: awaited}
		if !slices.Contains(out, to) {
			out = append(out, to)
		}
	}
	return out
}

func redirects(r zone.Record) bool { return r.Type == zone.TypeRedirect }

// askWeb asks for the redirects of a run that are not known to work and whose
// addresses DNS shows. It returns the states of all; before may be nil. What ctx
// cuts off, or is not come to in time, stays as it was.
func (e *Engine) askWeb(ctx context.Context, run Run, seen verify.Report, before []RedirectState) []RedirectState {
	states := slices.Clone(before)
	for _, r := range run.Redirects[len(states):] {
		states = append(states, RedirectState{Redirect: r})
	}
	var wg sync.WaitGroup
	room, began := make(chan struct{}, sideBySide), time.Now()
	for _, i := range rand.Perm(len(states)) { //nolint:gosec // so that the next look comes to others first
		s := &states[i]
		switch {
		case s.Status == entri.StatusSuccess:
		case !pointed(seen, s.From):
			*s = unasked(s.Redirect, fmt.Sprintf("DNS does not show yet what %s points at", s.From))
		default:
			if len(s.Hops) == 0 {
				*s = unasked(s.Redirect, "it was not asked for yet")
			}
			wg.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				if time.Since(began) >= patienceHTTP {
					return
				}
				if now, ok := e.visit(ctx, s.Redirect); ok {
					*s = now
				}
			})
		}
	}
	wg.Wait()
	return states
}

// unasked is the state of a redirect that HTTP has said nothing of.
func unasked(r Redirect, why string) RedirectState {
	return RedirectState{Redirect: r, Status: entri.StatusPending, Text: why}
}

// pointed reports whether DNS shows whatever the run has the name point at.
func pointed(seen verify.Report, name zone.Name) bool {
	return !slices.ContainsFunc(seen.Records, func(r verify.RecordState) bool {
		return r.Expect.Record.Name == name && r.Verdict != verify.Propagated && slices.Contains([]string{"A", "AAAA", "CNAME"}, r.Expect.Record.Type)
	})
}

// visit asks for one redirect. ok is false where ctx ended before it was known.
func (e *Engine) visit(ctx context.Context, r Redirect) (s RedirectState, ok bool) {
	call, cancel := context.WithTimeout(ctx, patienceHTTP)
	defer cancel()
	hops, err := e.web.Follow(call, "http://"+string(r.From)+"/", mostRedirects)
	if ctx.Err() != nil {
		return s, false
	}
	s = RedirectState{Redirect: r, Hops: hops}
	if err != nil {
		s.Status, s.Text = entri.StatusPending, fmt.Sprintf("the way from %s on was not seen to its end within %s", r.From, patienceHTTP)
		return s, true
	}
	s.Status, s.Text = r.judge(hops)
	return s, true
}

// judge says what a visitor's way means for a redirect. It is pending where what
// was seen may still come right by itself, as a certificate that the DNS host has
// to get; it fails where visitors are sent elsewhere, in a circle, or to what is
// no host of the Internet.
func (r Redirect) judge(hops []safehttp.Hop) (entri.Status, string) {
	to, err := url.Parse(r.To)
	if err != nil || len(hops) == 0 {
		return entri.StatusFailure, "the redirect has no URL to lead to"
	}
	last := hops[len(hops)-1]
	arrived := slices.IndexFunc(hops[1:], func(h safehttp.Hop) bool { return reaches(to, h) }) + 1
	endless := last.Failure == safehttp.FailedLoop || last.Failure == safehttp.FailedLong
	switch {
	case endless && r.beyond(to, hops, arrived):
		return r.works(to, hops, arrived)
	case last.Failure == safehttp.FailedLoop:
		return entri.StatusFailure, fmt.Sprintf("visitors of %s are sent in a circle: %s", r.From, way(hops))
	case last.Failure == safehttp.FailedLong:
		return entri.StatusFailure, fmt.Sprintf("visitors of %s are sent on more than %d times: %s", r.From, mostRedirects, way(hops))
	case arrived > 0 && r.home(to, last):
		return entri.StatusFailure, fmt.Sprintf("visitors of %s are sent to %s, and from there back: %s", r.From, hops[arrived].Host, way(hops))
	case arrived > 0:
		return r.works(to, hops, arrived)
	case last.Failure == safehttp.FailedRefused:
		return entri.StatusFailure, fmt.Sprintf("%s leads to what no visitor can reach: %s", r.From, last.Err)
	case last.Host == hostOf(to) && last.Host != string(r.From): // another page or port, which hosts alone do not tell
		return entri.StatusFailure, fmt.Sprintf("visitors of %s are sent to %s, but not to %s", r.From, last.Host, r.To)
	case last.Host != string(r.From):
		return entri.StatusFailure, fmt.Sprintf("visitors of %s are sent to %s, and not to %s: %s", r.From, last.Host, to.Hostname(), way(hops))
	case last.Failure != "":
		return entri.StatusPending, r.silent(last)
	case len(hops) > 1:
		return entri.StatusPending, fmt.Sprintf("%s redirects to itself, and there it answers with status %d", r.From, last.Status)
	default:
		return entri.StatusPending, fmt.Sprintf("%s does not redirect yet: it answers with status %d", r.From, last.Status)
	}
}

// home reports whether a hop is back at the name that is to lead elsewhere.
func (r Redirect) home(to *url.URL, h safehttp.Hop) bool {
	return h.Host == string(r.From) && h.Host != hostOf(to)
}

// beyond reports whether a way without an end goes in its circle only once it has
// reached the target, and not back over the name. Some sites do so with visitors who
// keep no cookie; a browser gets through.
func (r Redirect) beyond(to *url.URL, hops []safehttp.Hop, arrived int) bool {
	next := hops[len(hops)-1].Next
	return arrived > 0 &&
		!slices.ContainsFunc(hops[:arrived], func(h safehttp.Hop) bool { return h.URL == next }) &&
		!slices.ContainsFunc(hops[arrived:], func(h safehttp.Hop) bool { return r.home(to, h) })
}

// works is what is said of a redirect that leads where it is to lead.
func (r Redirect) works(to *url.URL, hops []safehttp.Hop, arrived int) (entri.Status, string) {
	text := fmt.Sprintf("%s redirects to %s with status %d", r.From, hops[arrived].Host, hops[arrived-1].Status)
	return entri.StatusSuccess, text + r.surprises(to, hops, arrived)
}

// silent says why the name itself gave no answer.
func (r Redirect) silent(h safehttp.Hop) string {
	what := map[safehttp.Failure]string{
		safehttp.FailedResolve: "has no address",
		safehttp.FailedConnect: "takes no connection",
		safehttp.FailedTimeout: "does not answer in time",
		safehttp.FailedTLS:     "has no certificate that browsers trust, and is asked for over https",
		safehttp.FailedAnswer:  "does not answer as a web server does",
	}[h.Failure]
	return fmt.Sprintf("%s %s: %s", r.From, what, h.Err)
}

// surprises tells, of a redirect that works, what a visitor meets on the way and
// beyond it: other hosts, a circle, and a target that does not answer.
func (r Redirect) surprises(to *url.URL, hops []safehttp.Hop, arrived int) string {
	var b strings.Builder
	for _, h := range hops[1:arrived] {
		if h.Host != string(r.From) {
			fmt.Fprintf(&b, "; the way leads through %s", h.Host)
			break
		}
	}
	last := hops[len(hops)-1]
	switch {
	case last.Failure == safehttp.FailedLoop:
		b.WriteString("; from there visitors who keep no cookie are sent in a circle")
	case last.Failure == safehttp.FailedLong:
		fmt.Fprintf(&b, "; from there the way was not seen to its end: %s", last.Err)
	case last.Failure == safehttp.FailedTLS:
		fmt.Fprintf(&b, "; %s has no certificate that browsers trust: %s", last.Host, last.Err)
	case last.Failure != "":
		fmt.Fprintf(&b, "; %s does not answer: %s", last.Host, last.Err)
	}
	if last.Host != hostOf(to) {
		fmt.Fprintf(&b, "; from there visitors are sent on to %s", last.Host)
	}
	return b.String()
}

// reaches reports whether a hop is where a redirect is to lead: the host and port,
// and the page where one is named. That http became https, a slash was appended, or
// a letter was escaped, is no other page.
func reaches(to *url.URL, h safehttp.Hop) bool {
	u, err := url.Parse(h.URL)
	if err != nil || h.Host != hostOf(to) || portOf(u) != portOf(to) {
		return false
	}
	page := func(u *url.URL) string { return strings.TrimSuffix(u.Path, "/") }
	return page(to) == "" && to.RawQuery == "" || page(to) == page(u) && (to.RawQuery == "" || to.RawQuery == u.RawQuery)
}

func hostOf(u *url.URL) string { return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") }

// portOf is the port of a URL; "" for that of http or https.
func portOf(u *url.URL) string {
	if p := u.Port(); p != "80" && p != "443" {
		return p
	}
	return ""
}

// way is the hosts that a visitor sees, in order.
func way(hops []safehttp.Hop) string {
	var out []string
	for _, h := range hops {
		scheme, _, _ := strings.Cut(h.URL, ":")
		out = append(out, scheme+"://"+h.Host)
	}
	return strings.Join(out, ", then ")
}

// addresses resolves a host for the HTTP client, by asking the servers of its
// zone: a resolver's cache may know what was there before the run.
func (e *Engine) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	name, err := zone.ParseName(host)
	if err != nil {
		return nil, err
	}
	types := [...]string{"A", "AAAA"}
	var answers [len(types)]verify.Answer
	var wg sync.WaitGroup
	for i, typ := range types {
		wg.Go(func() { answers[i] = e.dns.Resolve(ctx, name, typ) })
	}
	wg.Wait()
	var out []netip.Addr
	for i, a := range answers {
		if a.Status == verify.Failed && err == nil {
			err = fmt.Errorf("%s: %s", types[i], a.Err)
		}
		for _, r := range a.Records {
			if addr, bad := netip.ParseAddr(r.Data); bad == nil && r.Type == types[i] {
				out = append(out, addr)
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, err
}
