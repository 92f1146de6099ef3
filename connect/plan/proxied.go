package plan

import (
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Proxied is the names for which the host answers with addresses of its own once
// the plan stands on before, so that DNS does not show those of the zone. One
// proxied record does so for all addresses of its name
// (https://developers.cloudflare.com/dns/proxy-status/). It is nil for none.
func (p Plan) Proxied(before zone.Snapshot) map[zone.Name]bool {
	var out map[zone.Name]bool
	note := func(recs []zone.Record) {
		for _, r := range recs {
			if r.Proxied() && slices.ContainsFunc(p.at(before, r.Name), zone.Record.Proxied) {
				if out == nil {
					out = map[zone.Name]bool{}
				}
				out[r.Name] = true
			}
		}
	}
	note(before.Records)
	for _, c := range p.Changes {
		note(c.Add)
	}
	return out
}

// at is the records at a name once the plan stands.
func (p Plan) at(before zone.Snapshot, n zone.Name) []zone.Record {
	recs := before.At(n)
	i, ok := slices.BinarySearchFunc(p.Changes, n, func(c Change, n zone.Name) int { return zone.Compare(c.Owner, n) })
	if !ok {
		return recs
	}
	return slices.Concat(zone.Subtract(recs, p.Changes[i].Remove), p.Changes[i].Add)
}

// proxied says what a host's proxy makes of the plan: what is wanted and DNS
// will not show, and what gives way and takes the proxy with it.
func (b *builder) proxied() {
	hidden := b.plan.Proxied(b.req.Snapshot)
	var wanted []zone.Record
	for _, res := range b.plan.Results {
		for _, r := range res.Records {
			if hidden[r.Name] && (address(r) || r.Type == "CNAME") {
				wanted = append(wanted, r)
			}
		}
	}
	for _, r := range zone.NewSnapshot(b.req.Snapshot.Zone, wanted).Records { // in an order that is not the request's
		b.warn("proxied", r.Name, "%s %s is behind the proxy of its host: DNS shows the addresses of the proxy and cannot prove the record; switch the proxy off if the name must lead straight to the service",
			r.Name.FQDN(), r.Type)
	}
	for _, c := range b.plan.Changes {
		for _, r := range c.Remove {
			if r.Proxied() && !hidden[r.Name] {
				b.warn("proxy-ends", c.Owner, "%s %s goes, and with it the proxy of its host: what the proxy did for the name (certificate, cache, filter) ends", c.Owner.FQDN(), r.Type)
			}
		}
	}
}
