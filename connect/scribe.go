package connect

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// scribe words steps for one zone at one host.
type scribe struct {
	apex zone.Name
	host providers.Info
}

func (s scribe) add(r zone.Record) Step {
	st := s.step("add", r)
	st.Text = s.sentence("Add", r.Type, s.fields(r, seconds(st.TTL)))
	return st
}

func (s scribe) remove(r zone.Record) Step {
	st := s.step("remove", r)
	st.TTL = r.TTL
	st.Text = s.sentence("Remove", r.Type, s.fields(r, ""))
	return st
}

// change is no step where the host cannot store the TTL that is all the
// difference.
func (s scribe) change(old, r zone.Record) []Step {
	st := s.step("change", r)
	before, now := seconds(old.TTL), seconds(st.TTL)
	if before == now {
		if old.SameData(r) {
			return nil
		}
		before, now = "", ""
	}
	st.Old, _ = s.host.Form.Spell(old)
	was, is := s.fields(old, before), s.fields(r, now)
	for i := range is {
		if was[i].text != is[i].text {
			is[i].text = was[i].text + " → " + is[i].text
		}
	}
	st.Text = s.sentence("Change", r.Type, is)
	return []Step{st}
}

func (s scribe) step(action string, r zone.Record) Step {
	f := s.host.Form
	value, priority := f.Spell(r)
	return Step{
		Action: action, Host: f.Owner(r.Name, s.apex), Type: s.typ(r), Value: value,
		TTL: s.host.Caps.ClampTTL(r.TTL), Priority: priority,
	}
}

// typ is how the host calls the record's type: some take a CNAME where others
// have a type of their own.
func (s scribe) typ(r zone.Record) string {
	if r.Type == zone.TypeAlias && s.host.Caps.ApexAlias == "CNAME" {
		return "CNAME"
	}
	return r.Type
}

// field is one field of a form and what is typed there.
type field struct{ label, text string }

// fields is a record field by field, the value last, since it may hold any
// punctuation. A TTL of "" is left out. The labels depend on nothing else but
// the record's type and whether it is opaque.
func (s scribe) fields(r zone.Record, ttl string) []field {
	f := s.host.Form
	value, priority := f.Spell(r)
	label := cmp.Or(f.Value, "Value")
	var out []field
	switch typ := s.typ(r); typ {
	case zone.TypeRedirect:
		label = "To"
	case zone.TypeAlias:
		out = append(out, field{"Type", "ALIAS (or ANAME)"})
	default:
		out = append(out, field{"Type", typ})
	}
	out = append(out, field{cmp.Or(f.Name, "Name"), cmp.Or(f.Owner(r.Name, s.apex), "(leave empty)")})
	if !r.Opaque && !f.Inline {
		parts := append(strings.SplitN(value, " ", 3), "", "")
		switch r.Type {
		case "MX":
			out = append(out, field{"Priority", priority})
		case "SRV":
			out = append(out, field{"Priority", priority}, field{"Weight", parts[0]}, field{"Port", parts[1]})
			value = parts[2]
		case "CAA":
			out = append(out, field{"Flags", parts[0]}, field{"Tag", parts[1]})
			value = strings.TrimSuffix(strings.TrimPrefix(parts[2], `"`), `"`)
		}
	}
	if ttl != "" {
		out = append(out, field{"TTL", ttl})
	}
	return append(out, field{label, visible(value)})
}

func (s scribe) sentence(verb, typ string, fields []field) string {
	what := "the record"
	switch {
	case typ == zone.TypeRedirect:
		what = "the redirect"
	case s.host.Form.Sets:
		what = map[string]string{
			"Add":    "the value to its record set, or to a new one",
			"Change": "the value in its record set",
			"Remove": "this value alone from its record set",
		}[verb]
	}
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = f.label + " " + f.text
	}
	last := fields[len(fields)-1]
	parts[len(parts)-1] = last.label + ": " + last.text
	return verb + " " + what + ": " + strings.Join(parts, ", ")
}

func seconds(ttl uint32) string { return strconv.FormatUint(uint64(ttl), 10) }

// visible quotes what holds control characters: a host's own text may, and must
// not be able to draw on a terminal.
func visible(s string) string {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return strconv.Quote(s)
	}
	return s
}
