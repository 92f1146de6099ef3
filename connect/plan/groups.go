package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// kindRank is the order in which the wants of one owner are met: what decides
// on a CNAME comes before what must stand beside or under it.
var kindRank = [...]Kind{KindCNAME, KindRedirect, KindA, KindAAAA, KindNS, KindMX, KindSRV, KindSPF, KindDKIM, KindDMARC, KindTXT, KindCAA}

// compareWants is the order of the wants of one owner.
func compareWants(a, b want) int {
	return cmp.Or(
		cmp.Compare(slices.Index(kindRank[:], a.kind), slices.Index(kindRank[:], b.kind)),
		strings.Compare(a.rec.Data, b.rec.Data),
		cmp.Compare(a.rec.TTL, b.rec.TTL),
		strings.Compare(a.alt, b.alt),
	)
}

// groups cuts sorted wants into those that are met together: one owner, and
// one of address group, NS, MX, SRV, SPF, DKIM, DMARC; every other want by itself, unless
// it is asked for twice.
func groups(sorted []want) [][]want {
	class := func(k Kind) Kind {
		if k == KindAAAA || k == KindCNAME || k == KindRedirect {
			return KindA
		}
		return k
	}
	together := func(a, b want) bool {
		return a.owner == b.owner && class(a.kind) == class(b.kind) &&
			(a.kind != KindTXT && a.kind != KindCAA || a.rec.SameData(b.rec))
	}
	out := make([][]want, 0, len(sorted))
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && together(sorted[i], sorted[j]) {
			j++
		}
		out = append(out, sorted[i:j:j])
		i = j
	}
	return out
}

// selfConflict refuses wants that exclude each other.
func selfConflict(apex zone.Name, sorted []want) error {
	for i, w := range sorted {
		for _, o := range sorted[i+1:] {
			if o.owner != w.owner {
				break
			}
			if reason := excludes(w, o, w.owner == apex); reason != "" {
				return &InputError{Intent: o.index, Field: "host", Value: string(o.owner), Reason: fmt.Sprintf("%s (intent %d)", reason, w.index)}
			}
		}
	}
	return nil
}

// excludes says why two wants of one owner cannot both be met. At the apex an
// alias is a feature of the host that answers addresses, and stands in for
// these only.
func excludes(a, b want, apex bool) string {
	same := a.rec.SameData(b.rec)
	alone := !apex || pointing(a.rec) && pointing(b.rec)
	switch {
	case a.kind == KindCNAME && b.kind == KindCNAME && !same:
		return "two different CNAMEs are asked for here"
	case (a.kind == KindCNAME) != (b.kind == KindCNAME) && alone:
		return "a CNAME and a record of another type are asked for here, and a CNAME stands alone"
	case (a.kind == KindRedirect || b.kind == KindRedirect) && pointing(a.rec) && pointing(b.rec) && !same:
		return "a redirect and something else that the name points at are asked for here"
	case a.kind == KindMX && b.kind == KindMX && !same && (strings.HasSuffix(a.rec.Data, " .") || strings.HasSuffix(b.rec.Data, " .")):
		return "a null MX stands alone (RFC 7505)"
	case a.kind == KindSRV && b.kind == KindSRV && !same && (strings.HasSuffix(a.rec.Data, " .") || strings.HasSuffix(b.rec.Data, " .")):
		return "a service that is not offered has no other host (RFC 2782)"
	case a.kind == KindSPF && b.kind == KindSPF && (a.in.Override != b.in.Override || a.in.All != b.in.All):
		return "two SPF requirements disagree on override or all"
	case a.kind == KindDKIM && b.kind == KindDKIM && !same:
		return "two different keys are asked for at one DKIM selector"
	case a.kind == KindSPF && b.kind == KindDKIM:
		return "an SPF record and a key are asked for at one DKIM selector"
	case a.policy != nil && a.policy == b.policy && !a.policy.same(a.rec.Text(), b.rec.Text()):
		return fmt.Sprintf("two different %s records are asked for here, and a name has one", a.policy.name)
	case a.kind == KindDMARC && b.kind == KindDMARC && (!same || !reflect.DeepEqual(a.in.DMARC, b.in.DMARC)):
		return "two different DMARC policies are asked for here, and a name has one"
	}
	return ""
}
