package spf

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// matches evaluates a directive that asks DNS, of the record at domain (RFC 7208
// section 5).
func (e *evaluation) matches(ctx context.Context, domain string, t *step) (bool, *verdict) {
	if stop := e.spend(domain, t); stop != nil {
		return false, stop
	}
	if e.unnameable(t.domain) {
		return false, nil
	}
	target, stop := e.target(ctx, domain, t)
	if stop != nil {
		return false, stop
	}
	switch t.kind {
	case Include:
		return e.include(ctx, domain, t, target)
	case A:
		return e.addresses(ctx, domain, t, target)
	case MX:
		return e.exchangers(ctx, domain, t, target)
	case PTR:
		return e.pointers(ctx, domain, t, target)
	default:
		return e.exists(ctx, domain, t, target)
	}
}

// include matches if the policy at target passes (RFC 7208 section 5.2).
func (e *evaluation) include(ctx context.Context, domain string, t *step, target string) (bool, *verdict) {
	v := e.policy(ctx, target, t.text)
	switch v.outcome {
	case Pass:
		return true, nil
	case Fail, SoftFail, Neutral:
		return false, nil
	case None:
		return false, trouble(PermError, ErrNoRecord, t.text, domain, t.text+" leads to no SPF record")
	default:
		stop := v // only then is it worth a place on the heap
		return false, &stop
	}
}

// find asks for what t needs and counts a void.
func (e *evaluation) find(ctx context.Context, domain string, t *step, name, kind string) (Answer, *verdict) {
	a, stop := e.ask(ctx, name, kind, t.text)
	if stop == nil && a.Status != Found {
		stop = e.void(domain, t)
	}
	return a, stop
}

// family is the type of record that has addresses like the client's.
func (e *evaluation) family() string {
	if e.ip.Is4() {
		return "A"
	}
	return "AAAA"
}

// addresses evaluates a (RFC 7208 section 5.3).
func (e *evaluation) addresses(ctx context.Context, domain string, t *step, target string) (bool, *verdict) {
	a, stop := e.find(ctx, domain, t, target, e.family())
	return stop == nil && e.near(a.Values, t), stop
}

// near reports whether the client is in the network of t around an address.
func (e *evaluation) near(addresses []string, t *step) bool {
	bits := int(t.v6len)
	if e.ip.Is4() {
		bits = int(t.v4len)
	}
	for _, text := range addresses {
		if addr, err := netip.ParseAddr(text); err == nil && netip.PrefixFrom(addr, bits).Contains(e.ip) {
			return true
		}
	}
	return false
}

// exchangers evaluates mx (RFC 7208 section 5.4).
func (e *evaluation) exchangers(ctx context.Context, domain string, t *step, target string) (bool, *verdict) {
	a, stop := e.find(ctx, domain, t, target, "MX")
	if stop != nil {
		return false, stop
	}
	if len(a.Values) > maxMX {
		return false, trouble(PermError, ErrTooManyMX, t.text, domain,
			fmt.Sprintf("%s leads to %d names, of which only %d are allowed", t.text, len(a.Values), maxMX))
	}
	for _, host := range a.Values {
		// The terms are limited, not what they need, so an empty answer here is
		// no void (RFC 7208 section 4.6.4).
		found, stop := e.ask(ctx, strings.TrimSuffix(host, "."), e.family(), t.text)
		if stop != nil {
			return false, stop
		}
		if e.near(found.Values, t) {
			return true, nil
		}
	}
	return false, nil
}

// exists evaluates exists: always by A, whatever the client's address (RFC 7208
// section 5.7).
func (e *evaluation) exists(ctx context.Context, domain string, t *step, target string) (bool, *verdict) {
	a, stop := e.find(ctx, domain, t, target, "A")
	return stop == nil && a.Status == Found, stop
}

// pointers evaluates ptr (RFC 7208 section 5.5). Trouble with it is no match.
func (e *evaluation) pointers(ctx context.Context, domain string, t *step, target string) (bool, *verdict) {
	if stop := e.resolveHost(ctx); stop != nil {
		return false, stop
	}
	if e.host.void {
		return false, e.void(domain, t)
	}
	target = lower(target)
	for _, name := range e.host.names {
		if name == target || below(name, target) {
			return true, nil
		}
	}
	return false, nil
}

// below reports whether name is a subdomain of parent.
func below(name, parent string) bool {
	n := len(name) - len(parent)
	return n > 0 && parent != "" && name[n-1] == '.' && name[n:] == parent
}

// hostNames are the names of the client's host that lead back to its address.
type hostNames struct {
	known bool
	void  bool // the address has no names at all
	names []string
}

// resolveHost learns the names of the client, once for a check (RFC 7208
// section 5.5). Names that cannot be checked are left out; only the end of ctx
// is trouble.
func (e *evaluation) resolveHost(ctx context.Context) *verdict {
	if e.host.known {
		return nil
	}
	e.host.known = true
	a, stop := e.ask(ctx, string(appendReverse(nil, e.ip)), "PTR", "")
	if stop != nil {
		return ended(ctx, stop)
	}
	e.host.void = a.Status != Found
	for _, name := range a.Values[:min(len(a.Values), maxNames)] {
		name = lower(strings.TrimSuffix(name, "."))
		found, stop := e.ask(ctx, name, e.family(), "")
		if stop != nil {
			if stop = ended(ctx, stop); stop != nil {
				return stop
			}
			continue
		}
		for _, text := range found.Values {
			if addr, err := netip.ParseAddr(text); err == nil && addr == e.ip {
				e.host.names = append(e.host.names, name)
				break
			}
		}
	}
	return nil
}

// ended returns stop if the check is over.
func ended(ctx context.Context, stop *verdict) *verdict {
	if ctx.Err() != nil {
		return stop
	}
	return nil
}

// name is the one that macro p stands for (RFC 7208 section 7.3).
func (h hostNames) name(domain string) string {
	domain = lower(domain)
	best := unknownName
	for _, name := range h.names {
		switch {
		case name == domain:
			return name
		case below(name, domain) && !below(best, domain), best == unknownName:
			best = name
		}
	}
	return best
}
