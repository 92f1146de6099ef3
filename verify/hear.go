package verify

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/internal/mux"
)

// Extended errors, as RFC 8914 section 4 and IANA's registry of them number
// them.
const (
	edeStale        = 3
	edeBogusFirst   = 6 // DNSSEC Bogus, with those that say why
	edeBogusLast    = 12
	edeCachedError  = 13
	edeBlocked      = 15 // with Censored, Filtered and Prohibited
	edeProhibited   = 18
	edeStaleNX      = 19
	edeNoAuthority  = 22
	edeNetworkError = 23
)

const (
	// countdown is how long a look waits to see whether the TTL of a value
	// goes down: the least that shows in whole seconds.
	countdown = 1100 * time.Millisecond
	// roundTTL divides what people choose for a TTL, in seconds. Any other one
	// has been counted down already, and the look need not wait to see it.
	roundTTL = 10
)

// seeView asks a resolver, more than once where it has the value. What it has
// in the place of the value is asked for again a little later, so that an old
// value that runs out is told from one that stays.
func (c *call) seeView(ctx context.Context, l *look, view netip.AddrPort, key zone.Key, rounds int, before []sight) []sight {
	var out []sight
	for n := range rounds {
		s := c.hearKey(ctx, l, view, key)
		s.round = n + 1
		out = append(out, s)
		if !l.anyRight(key, s) {
			break
		}
	}
	last := out[len(out)-1]
	if last.status != Found || last.vague || l.anyRight(key, last) || last.local() || last.stale() || last.ttl == 0 {
		return out // nothing to be told apart
	}
	same := func(s sight) bool { return s.status == Found && slices.Equal(shown(s.recs), shown(last.recs)) }
	if i := slices.IndexFunc(before, same); i >= 0 {
		return append([]sight{before[i]}, out...)
	}
	if last.ttl%roundTTL != 0 || sleep(ctx, countdown) != nil {
		return out
	}
	again := c.hearKey(ctx, l, view, key)
	again.round = last.round + 1
	return append(out, again)
}

// hearKey asks a resolver once for what is expected under the key.
func (c *call) hearKey(ctx context.Context, l *look, view netip.AddrPort, key zone.Key) sight {
	sent := l.lasted()
	s := c.hear(ctx, view, key)
	if s.status == NoData && key.Type == "CNAME" && l.flattened(key) {
		s.instead(func(typ string) sight { return c.hear(ctx, view, zone.Key{Name: key.Name, Type: typ}) })
	}
	s.at = sent
	return s
}

// hear asks a resolver once and reads its answer. It has no authority and needs
// none, and what it says that does not exist may be the zone itself.
func (c *call) hear(ctx context.Context, view netip.AddrPort, key zone.Key) sight {
	q := question{name: key.Name, typ: key.Type, recurse: true, dnssec: true}
	r, err := c.ask(ctx, view, q)
	if err != nil {
		s := sight{status: Failed, state: Unknown, err: err.Error()}
		switch err {
		case mux.ErrTimeout, mux.ErrRefused, mux.ErrNoRoute, errNowhere: //nolint:errorlint // as for the servers of a zone: who truncates is not silent
			s.state = Dead
		}
		return s
	}
	has := func(from, to uint16) bool {
		return slices.ContainsFunc(r.ede, func(code uint16) bool { return from <= code && code <= to })
	}
	failed := func(state State, more ...string) sight {
		why := strings.TrimSpace(strings.Join(append([]string{r.rcode, r.why}, more...), " "))
		return sight{status: Failed, state: state, err: why, rcode: r.rcode, extended: r.ede}
	}
	switch {
	case has(edeBlocked, edeProhibited), r.rcode == "REFUSED":
		return failed(Filtered)
	case r.rcode == "SERVFAIL":
		bogus := has(edeBogusFirst, edeBogusLast)
		if other := has(edeCachedError, edeCachedError) || has(edeNoAuthority, edeNetworkError); !bogus && other {
			return failed(Failing)
		}
		// A resolver that fails for the name and answers once it does not
		// validate finds the signatures broken and nothing else.
		q.unchecked = true
		free, err := c.ask(ctx, view, q)
		answers := err == nil && free.rcode == "NOERROR"
		switch {
		case answers && (bogus || c.failsBeside(ctx, view, key)):
			return failed(Bogus, "and an answer where validation is off")
		case bogus:
			return failed(Bogus)
		}
		return failed(Failing)
	case r.rcode != "NOERROR" && r.rcode != "NXDOMAIN":
		return failed(Lame)
	}
	return sightOf(r, key)
}

// failsBeside reports whether a resolver fails for another type of the name too.
// One that merely keeps a failure keeps it for the type that was asked for (RFC
// 9520 section 3.2), and may ask anew where validation is off.
func (c *call) failsBeside(ctx context.Context, view netip.AddrPort, key zone.Key) bool {
	other := question{name: key.Name, typ: "SOA", recurse: true, dnssec: true}
	if key.Type == other.typ {
		other.typ = "NS"
	}
	r, err := c.ask(ctx, view, other)
	return err == nil && r.rcode == "SERVFAIL"
}
