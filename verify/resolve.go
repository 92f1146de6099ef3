package verify

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
)

// maxAliases is how many CNAMEs may follow one another.
const maxAliases = 8

// Resolve is Lookup with CNAMEs followed to the end, each at the servers of its
// zone (RFC 1034 section 3.6.2). The answer has the name where the chain ends,
// and no record a TTL above that of an alias on the way, as a resolver's cache
// keeps none longer.
func (v *Verifier) Resolve(ctx context.Context, name zone.Name, typ string) Answer {
	_, end := v.begin() // one set of sockets for all steps
	defer end()
	ttl := uint32(math.MaxUint32)
	for range maxAliases {
		a := v.Lookup(ctx, name, typ)
		target, below, ok := alias(a)
		if !ok {
			a.Records = slices.Clone(a.Records)
			for i := range a.Records {
				a.Records[i].TTL = min(a.Records[i].TTL, ttl)
			}
			return a
		}
		name, ttl = target, min(ttl, below)
	}
	return Answer{
		Name: name, Type: zone.CanonicalType(typ), Status: Failed,
		Err: fmt.Sprintf("more than %d aliases follow one another", maxAliases),
	}
}

// alias is where the CNAME leads that stands in the place of the records asked
// for, and its TTL.
func alias(a Answer) (target zone.Name, ttl uint32, ok bool) {
	i := slices.IndexFunc(a.Records, func(r zone.Record) bool { return r.Type == "CNAME" && r.Name == a.Name })
	if i < 0 || a.Type == "CNAME" {
		return "", 0, false
	}
	target, ok = a.Records[i].Target()
	return target, a.Records[i].TTL, ok
}

// SPF is the verifier as package spf asks DNS: for spf.Walk, and for
// spf.Checker, whose names hold what senders wrote.
//
//	c := spf.Checker{Resolver: verify.New(verify.Options{}).SPF()}
//	r := c.CheckHost(ctx, client, "", "sender@customer.example", helo)
func (v *Verifier) SPF() spf.Resolver { return spfResolver{v} }

type spfResolver struct{ v *Verifier }

// Lookup implements spf.Resolver.
func (r spfResolver) Lookup(ctx context.Context, q spf.Question) spf.Answer {
	a := r.v.Resolve(ctx, zone.Name(presentation(q.Name)), q.Type)
	out := spf.Answer{Status: map[Status]spf.Status{Found: spf.Found, NoData: spf.NoData, NXDomain: spf.NXDomain}[a.Status]}
	for i, rec := range a.Records {
		value := rec.Data
		switch target, ok := rec.Target(); {
		case rec.Type == "TXT":
			value = rec.Text()
		case ok:
			value = string(target)
		}
		out.Values = append(out.Values, value)
		if i == 0 || rec.TTL < out.TTL {
			out.TTL = rec.TTL
		}
	}
	return out
}

// presentation writes a name of plain octets as a zone file does: what is no
// letter, digit, hyphen or underscore as \DDD (RFC 1035 section 5.1).
func presentation(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '.' || c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\%03d`, c)
		}
	}
	return b.String()
}
