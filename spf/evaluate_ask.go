package spf

import (
	"context"
	"fmt"
)

// spend counts a term that asks DNS.
func (e *evaluation) spend(domain string, t *step) *verdict {
	if e.lookups++; e.lookups > e.allowed {
		return trouble(PermError, ErrTooManyLookups, t.text, domain,
			fmt.Sprintf("%s is one lookup more than the %d allowed", t.text, e.allowed))
	}
	return nil
}

// void counts a term that found nothing.
func (e *evaluation) void(domain string, t *step) *verdict {
	if e.voids++; e.voids > e.allowVoid {
		return trouble(PermError, ErrTooManyVoids, t.text, domain,
			fmt.Sprintf("%s finds nothing, which only %d terms may", t.text, e.allowVoid))
	}
	return nil
}

// ask gets an answer that says something about the name. A name that cannot be
// in DNS is not asked for.
func (e *evaluation) ask(ctx context.Context, name, kind, term string) (Answer, *verdict) {
	name, ok := askable(name)
	if !ok {
		return Answer{Status: NXDomain}, nil
	}
	if err := ctx.Err(); err != nil {
		return Answer{}, interrupted(name, term, err)
	}
	a := e.resolver.Lookup(ctx, Question{Name: name, Type: kind})
	if err := ctx.Err(); err != nil {
		return Answer{}, interrupted(name, term, err)
	}
	switch a.Status {
	case Found:
		if len(a.Values) == 0 {
			a.Status = NoData
		}
	case NoData, NXDomain:
		a.Values = nil
	default:
		return Answer{}, trouble(TempError, ErrNoAnswer, term, name, "DNS did not answer for "+kind)
	}
	return a, nil
}

func interrupted(name, term string, err error) *verdict {
	return &verdict{
		outcome: TempError, term: term, domain: name,
		err: fmt.Errorf("spf: %q: not evaluated to the end: %w", name, err),
	}
}

// askable returns the name in lower case, and whether it can be in DNS: labels
// of 1 to 63 octets, together at most 253. Names beyond ASCII are in DNS as xn--
// labels only (RFC 8616 section 4).
func askable(name string) (string, bool) {
	if len(name) > maxName {
		return name, false
	}
	upper, bits, start := false, byte(0), 0
	for i := range len(name) {
		c := name[i]
		bits |= c
		switch {
		case c > 'Z':
		case c >= 'A':
			upper = true
		case c == '.':
			if i == start || i-start > 63 {
				return name, false
			}
			start = i + 1
		}
	}
	if n := len(name) - start; n == 0 || n > 63 || bits >= 0x80 {
		return name, false
	}
	if upper {
		name = lower(name)
	}
	return name, true
}

// lower is the name with its ASCII letters in lower case, as DNS compares them.
func lower(name string) string {
	b := []byte(name)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] |= 0x20
		}
	}
	return string(b)
}
