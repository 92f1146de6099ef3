package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// delegation compares the name servers that DNS asks for the zone with those
// of the account.
func (b *builder) delegation() {
	if len(b.req.NameServers) == 0 || len(b.owners) == 0 {
		return
	}
	apex := b.req.Snapshot.Zone
	f, ok := b.learn(Question{apex, "NS"}) // the zone itself cannot know where its parent points
	if !ok {
		return
	}
	var asked, other []string
	for _, r := range f.Records {
		if t, ok := r.Target(); ok {
			asked = append(asked, t.FQDN())
			if !slices.Contains(b.req.NameServers, t) {
				other = append(other, t.FQDN())
			}
		}
	}
	switch {
	case len(asked) == 0:
		b.warn("delegation-unknown", apex, "which name servers DNS asks for %s could not be found out", apex.FQDN())
	case len(other) == len(asked):
		b.choose(Conflict{
			Code: DelegationOther, Owner: apex,
			Options:  []Option{{"proceed", "change the zone in this account all the same"}},
			Existing: f.Records, Wanted: nsRecords(apex, b.req.NameServers),
			Text: fmt.Sprintf("DNS asks %s for %s, and this account's zone is served by %s: what is written there is not seen.",
				strings.Join(asked, ", "), apex.FQDN(), joinNames(b.req.NameServers)),
		})
	case len(other) > 0:
		b.warn("delegation-mixed", apex, "%s is also served by %s, which this account does not hold", apex.FQDN(), strings.Join(other, ", "))
	}
}

func joinNames(names []zone.Name) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.FQDN()
	}
	return strings.Join(out, ", ")
}

func nsRecords(apex zone.Name, hosts []zone.Name) []zone.Record {
	out := make([]zone.Record, len(hosts))
	for i, h := range hosts {
		out[i] = zone.Record{Name: apex, Type: "NS", TTL: DefaultTTL, Data: h.FQDN()}
	}
	return out
}
