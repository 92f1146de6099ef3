package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// lameness is what is wrong with a server's reply.
type lameness struct {
	code   Code
	detail string
}

func (l *lameness) Error() string { return l.detail }

// classify is nil for a reply that leads on: a referral downwards, or an
// answer with authority. Otherwise it says what is wrong with the server.
func classify(r reply, asked, at zone.Name) error {
	lame := func(code Code, format string, args ...any) error {
		return &lameness{code, fmt.Sprintf(format, args...)}
	}
	switch r.rcode {
	case "NOERROR", "NXDOMAIN":
	case "REFUSED":
		return lame(CodeLameRefused, "%s", r.failure())
	case "SERVFAIL":
		return lame(CodeLameServfail, "%s", r.failure())
	default:
		return lame(CodeLame, "%s", r.failure())
	}
	if _, ok := referral(r, asked, at); ok {
		return nil
	}
	if !r.aa {
		if i := slices.IndexFunc(r.authority, func(ns zone.Record) bool { return ns.Type == "NS" }); i >= 0 && len(r.answer) == 0 {
			code, owner := CodeLameAA0, r.authority[i].Name
			if at != zone.Root && !owner.Within(at) {
				code = CodeLameUpward
			}
			return lame(code, "refers to %s instead of answering", owner.FQDN())
		}
		return lame(CodeLameAA0, "answers without authority")
	}
	for _, section := range [][]zone.Record{r.answer, r.authority} {
		for i := range section {
			if rec := &section[i]; rec.Type == "SOA" && !rec.Name.Within(at) && (asked.Within(rec.Name) || len(r.answer) == 0) {
				return lame(CodeLame, "answers from %s: it does not have %s", rec.Name.FQDN(), at.FQDN())
			}
		}
	}
	return nil
}

// failure is why there is no answer, in the server's words.
func (r reply) failure() string { return strings.TrimSpace(r.rcode + " " + r.why) }

// referral is the zone that r refers to, if it is on the way from at to asked.
func referral(r reply, asked, at zone.Name) (owner zone.Name, ok bool) {
	if r.rcode != "NOERROR" || len(r.answer) > 0 {
		return "", false
	}
	for _, rec := range r.authority {
		switch {
		case rec.Type == "SOA":
			return "", false
		case rec.Type == "NS" && asked.Within(rec.Name) && rec.Name.Below(at):
			owner, ok = rec.Name, true
		}
	}
	return owner, ok
}

// soaOwner is the owner of the SOA in an answer about asked.
func soaOwner(r reply, asked, at zone.Name) (zone.Name, bool) {
	for _, rec := range r.answer {
		if rec.Type == "SOA" && rec.Name == asked {
			return asked, true
		}
	}
	if len(r.answer) > 0 {
		return "", false // a CNAME: the SOA that follows is of its target
	}
	for _, rec := range r.authority {
		if rec.Type == "SOA" && asked.Within(rec.Name) && rec.Name.Within(at) {
			return rec.Name, true
		}
	}
	return "", false
}

func ofType(recs []zone.Record, owner zone.Name, typ string) []zone.Record {
	var out []zone.Record
	for _, r := range recs {
		if r.Name == owner && r.Type == typ {
			out = append(out, r)
		}
	}
	return out
}

func addresses(recs []zone.Record, host zone.Name) []netip.Addr {
	var out []netip.Addr
	for _, r := range recs {
		if a, ok := r.Addr(); ok && r.Name == host && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// negativeTTL is how long a resolver keeps the news that there is no such
// record (RFC 2308 section 5), in seconds; 0 where the reply does not say.
func negativeTTL(r reply) uint32 {
	for _, rec := range r.authority {
		if rec.Type == "SOA" {
			return readSOA(rec).NegativeTTL
		}
	}
	return 0
}
