package plan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/rfc2136/rfc2136test"
	"github.com/mooring-dns/mooring/providers/zone"
)

// oracle is a real server, and what came of asking it.
type oracle struct {
	server *rfc2136test.Oracle

	judged, refused, left int // zones, zones before a plan, records that are none of DNS
	same, other, below    int // answers of wildcards before, by what became of them
}

// inDNS reports whether a server can hold the record: the host's own text and
// features, and its alias at the apex, are none of DNS.
func inDNS(r zone.Record) bool {
	_, err := r.RR()
	return err == nil && (r.Type != "CNAME" || r.Name != domain)
}

// servable is the zone as a server can hold it. What a host answers with
// addresses is an address.
func (o *oracle) servable(z zone.Snapshot) zone.Snapshot {
	var recs []zone.Record
	for _, r := range z.Records {
		if !inDNS(r) {
			o.left++
			if !pointing(r) {
				continue
			}
			r = zone.Record{Name: r.Name, Type: "A", TTL: r.TTL, Data: "192.0.2.254"}
		}
		if !zone.Contains(recs, r) {
			recs = append(recs, r)
		}
	}
	return zone.NewSnapshot(z.Zone, recs)
}

// judge is what the server has against a plan for the zone before, which it
// can serve.
func (o *oracle) judge(ctx context.Context, before zone.Snapshot, p plan.Plan) error {
	after := o.servable(before.With(p.ZoneChanges()...))
	asked := questions(before, after)
	was, old, err := o.answers(ctx, before, asked)
	if errors.Is(err, rfc2136test.ErrRefused) {
		o.refused++
		return nil
	}
	if err != nil {
		return err
	}
	is, complaints, err := o.answers(ctx, after, asked)
	if errors.Is(err, rfc2136test.ErrRefused) {
		return fmt.Errorf("legal: refused: %s", strings.Join(complaints, "\n"))
	}
	if err != nil {
		return err
	}
	o.judged++
	for _, c := range complaints {
		if !slices.Contains(old, c) && !warned(p, c) {
			return fmt.Errorf("legal: the server has something new against the zone: %s", c)
		}
	}
	for i, q := range asked {
		d := difference{p, before, after, q}
		if was[i] != is[i] && !d.explained() && !d.below() {
			return fmt.Errorf("answer: %s %s differs, and the plan does not say why\nbefore: %s\nafter: %s", q.Name, q.Type, was[i], is[i])
		}
		o.count(d, was[i] == is[i])
	}
	return nil
}

// warned reports whether the plan says so itself of a delegation.
func warned(p plan.Plan, complaint string) bool {
	return slices.ContainsFunc(p.Warnings, func(w plan.Warning) bool {
		return w.Code == "glue-missing" && complaint == "check, node "+w.Owner.FQDN()+", missing glue record"
	})
}

func (o *oracle) count(d difference, same bool) {
	from := source(d.before, d.Name)
	switch {
	case !strings.HasPrefix(string(from.owner), "*.") || from.owner == d.Name || len(d.answered(from)) == 0:
	case same:
		o.same++
	case d.explained():
		o.other++
	default:
		o.below++
	}
}

// questions is every name of either zone, each with a name below it that
// nobody wrote, for every type in use.
func questions(before, after zone.Snapshot) []zone.Key {
	types := []string{"A", "AAAA", "CNAME", "TXT", "MX", "CAA", "NS", "SRV"}
	var names []zone.Name
	for _, r := range slices.Concat(before.Records, after.Records) {
		if !slices.Contains(types, r.Type) && r.Type != "SOA" {
			types = append(types, r.Type)
		}
		for n := r.Name; n.Within(domain) && !slices.Contains(names, n); n = n.Parent() {
			names = append(names, n)
			if !strings.HasPrefix(string(n), "*") {
				names = append(names, "nobody."+n)
			}
		}
	}
	var out []zone.Key
	for _, n := range names {
		for _, typ := range types {
			out = append(out, zone.Key{Name: n, Type: typ})
		}
	}
	return out
}

// answers is what the server answers when it serves z, and what it has against
// z.
func (o *oracle) answers(ctx context.Context, z zone.Snapshot, asked []zone.Key) (out, complaints []string, err error) {
	var text strings.Builder
	if err := z.WriteText(&text); err != nil {
		return nil, nil, err
	}
	complaints, err = o.server.Load(ctx, text.String())
	for i, c := range complaints {
		complaints[i], _, _ = strings.Cut(c, ", TTL set to")
	}
	if err != nil {
		return nil, complaints, err
	}
	for _, q := range asked {
		m, err := o.server.Ask(ctx, q.Name, q.Type)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, spelled(m))
	}
	return out, complaints, nil
}

// spelled is an answer as text: its code, whether it refers to other servers
// and where they are, and its records in their order. Where an alias leads is
// asked by itself.
func spelled(m *dns.Msg) string {
	code, recs := dns.RcodeToString[m.Rcode], m.Answer
	if !m.Authoritative && len(m.Ns) > 0 {
		code, recs = code+" referral", slices.Concat(m.Ns, m.Extra)
	}
	if len(recs) > 0 && recs[0].Header().Rrtype == dns.TypeCNAME {
		code, recs = "alias", recs[:1]
	}
	lines := []string{code}
	for _, rr := range recs {
		lines = append(lines, rr.String())
	}
	return strings.Join(lines, "\n")
}
