package connect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Step is one thing a person does at the DNS host. Where the host is known,
// its fields are spelled as its form wants them.
type Step struct {
	Action string `json:"action"` // "open", "add", "change", "remove" or "forward"
	Host   string `json:"host"`   // usually relative to the zone, "@" for its apex; "" where that field stays empty
	Type   string `json:"type"`
	Old    string `json:"old,omitempty"` // of a change: the value that stands there
	Value  string `json:"value"`         // whole, however long; to open: the address of the page; to forward: where to
	TTL    uint32 `json:"ttl,omitempty"`
	// Priority of an MX or SRV record, where the form asks for it by itself.
	Priority string `json:"priority,omitempty"`
	Text     string `json:"text"` // the whole step, for people
}

// steps is the plan as things to do at its host, in an order that breaks
// nothing on the way: what is new comes first and what goes comes last, but
// where a form refuses the one while the other stands. A value that takes the
// place of another is changed, so that a domain is never without its SPF
// record. Mail is pointed to new servers when all else is added.
func steps(p plan.Plan, host providers.Info) []Step {
	s := scribe{p.Zone, host}
	var adds, changes, moves, removals []Step
	for _, c := range p.Changes {
		swaps, add, remove := pair(c.Change)
		for _, w := range swaps {
			changes = append(changes, s.change(w.old, w.new)...)
		}
		for _, r := range remove {
			if clashes(r, add) {
				moves = append(moves, s.remove(r))
			} else {
				removals = append(removals, s.remove(r))
			}
		}
		for _, r := range add {
			switch {
			case clashes(r, remove):
				moves = append(moves, s.add(r))
			case r.Type == "MX":
				changes = append(changes, s.add(r))
			default:
				adds = append(adds, s.add(r))
			}
		}
	}
	out := slices.Concat(adds, changes, moves, removals)
	if len(out) > 0 && host.Panel != "" {
		out = slices.Insert(out, 0, Step{
			Action: "open", Value: host.Panel,
			Text: fmt.Sprintf("Open the DNS settings of %s at %s: %s", p.Zone, host.Name, host.Panel),
		})
	}
	return out
}

// forwards is what is left to a person even where a driver writes the records:
// redirects, for which neither DNS nor this host's driver has anything.
func forwards(p plan.Plan, host providers.Info) []Step {
	var out []Step
	for _, r := range p.Results {
		if r.State != plan.ByHand || len(r.Records) == 0 {
			continue
		}
		_, url, _ := strings.Cut(r.Records[0].Data, " ")
		at := "the DNS host or the registrar"
		if host.Panel != "" {
			at = host.Name + " or the registrar"
		}
		out = append(out, Step{
			Action: "forward", Host: host.Form.Owner(r.Owner, p.Zone), Type: zone.TypeRedirect, Value: url,
			Text: fmt.Sprintf("Set up forwarding of %s to %s (permanent, 301) at %s", r.Owner, url, at),
		})
	}
	return out
}

// swap is a value that takes the place of another.
type swap struct{ old, new zone.Record }

// pair sets apart what takes the place of one other record: the same data with
// another TTL, a text that begins as the other does, the only record of a type
// for the only one.
func pair(c zone.Change) (swaps []swap, add, remove []zone.Record) {
	only := func(old, r zone.Record) bool {
		return count(c.Remove, old.Type) == 1 && count(c.Add, r.Type) == 1 && (r.Type != "TXT" || onePurpose(r.Name))
	}
	add, remove = slices.Clone(c.Add), slices.Clone(c.Remove)
	for _, fits := range []func(old, r zone.Record) bool{zone.Record.SameData, alike, only} {
		add = slices.DeleteFunc(add, func(r zone.Record) bool {
			i := slices.IndexFunc(remove, func(old zone.Record) bool { return old.Type == r.Type && old.Opaque == r.Opaque && fits(old, r) })
			if i < 0 {
				return false
			}
			swaps = append(swaps, swap{remove[i], r})
			remove = slices.Delete(remove, i, i+1)
			return true
		})
	}
	return swaps, add, remove
}

func count(recs []zone.Record, typ string) (n int) {
	for _, r := range recs {
		if r.Type == typ {
			n++
		}
	}
	return n
}

// onePurpose reports whether a name is a registered one of one use, as keys and
// policies have (RFC 8552).
func onePurpose(n zone.Name) bool { return strings.Contains(string(n), "_") }

// alike reports whether two texts begin alike: both are an SPF record, or a
// token of the same service.
func alike(a, b zone.Record) bool {
	return a.Type == "TXT" && lead(a.Text()) == lead(b.Text())
}

func lead(text string) string {
	head := strings.ToLower(text)
	if i := strings.IndexAny(head, " ;"); i >= 0 {
		head = head[:i]
	}
	if key, _, ok := strings.Cut(head, "="); ok && key != "v" {
		return key
	}
	return head
}

// clashes reports whether r cannot stand beside one of others at one owner.
func clashes(r zone.Record, others []zone.Record) bool {
	return slices.ContainsFunc(others, func(o zone.Record) bool {
		switch {
		case r.Type == "CNAME" || o.Type == "CNAME":
			return true
		case r.Type == "MX" && o.Type == "MX":
			return nullMX(r) || nullMX(o)
		}
		return points(r) && points(o) && (hostOnly(r) || hostOnly(o))
	})
}

func nullMX(r zone.Record) bool {
	t, ok := r.Target()
	return ok && t == zone.Root
}

// points reports whether a record says where a name leads.
func points(r zone.Record) bool {
	return slices.Contains([]string{"A", "AAAA", zone.TypeAlias, zone.TypeRedirect}, r.Type)
}
