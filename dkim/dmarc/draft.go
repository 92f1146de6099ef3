package dmarc

import (
	"maps"
	"slices"
	"strings"
)

// edit carries out e on r, which it changes.
func (r *Record) edit(e Edit) {
	removed := map[string]bool{}
	for _, name := range e.Remove {
		removed[strings.ToLower(name)] = true
	}
	override, add := lower(e.Override), lower(e.AddIfMissing)
	for name := range removed {
		if override[name] == "" && add[name] == "" {
			r.remove(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(override)) {
		r.set(name, override[name])
	}
	for _, name := range slices.Sorted(maps.Keys(add)) {
		if r.index(name) < 0 || removed[name] && override[name] == "" {
			r.set(name, add[name])
		}
	}
}

// lower returns tags by their names in lower case.
func lower(tags map[string]string) map[string]string {
	out := make(map[string]string, len(tags))
	for name, value := range tags {
		out[strings.ToLower(name)] = strings.Trim(value, space)
	}
	return out
}

func (r *Record) remove(name string) {
	if i := r.index(name); i >= 0 {
		r.Tags = slices.Delete(r.Tags, i, i+1)
	}
}

// set gives a tag another value in its place, unless it means the same already. A new tag goes to the end, before a closing
// semicolon; a new p goes behind v, where receivers by RFC 7489 look for it.
func (r *Record) set(name, value string) {
	if i := r.index(name); i >= 0 {
		t := r.Tags[i]
		if sameValue(name, t.Value, value) {
			return
		}
		before, rest, _ := strings.Cut(t.Raw, "=")
		lead := rest[:len(rest)-len(strings.TrimLeft(rest, space))]
		trail := rest[len(strings.TrimRight(rest, space)):]
		if t.Value == "" {
			trail = ""
		}
		r.Tags[i] = Tag{Name: t.Name, Value: value, Raw: before + "=" + lead + value + trail}
		return
	}
	at := 1
	if name != "p" {
		for i, t := range r.Tags {
			if strings.Trim(t.Raw, space) != "" {
				at = i + 1
			}
		}
	}
	lead := " "
	if len(r.Tags) > 1 && r.Tags[1].Name != "" && r.Tags[1].Raw[0] == r.Tags[1].Name[0] {
		lead = "" // the owner writes no spaces
	}
	r.Tags = slices.Insert(r.Tags, at, Tag{Name: name, Value: value, Raw: lead + name + "=" + value})
}

// sameValue reports whether receivers take both values of a tag for the same.
func sameValue(name, a, b string) bool {
	switch name {
	case "p", "sp", "np", "psd", "t", "adkim", "aspf", "fo":
		return isPrinting(a) && strings.EqualFold(a, b) // which takes ſ for an s, as receivers do not
	default:
		return a == b
	}
}

// inherit makes the root's record one for a name below it, with the policy that is in force there.
func (r *Record) inherit() {
	if _, ok := r.Value("sp"); ok {
		r.set("p", string(r.SP))
		r.remove("sp")
	}
	r.remove("psd")
}

// merge adds the report addresses of another record that are not there yet, behind the owner's.
func (r *Record) merge(from Record) {
	for _, tag := range []string{"rua", "ruf"} {
		have, _ := r.Value(tag)
		seen := map[string]bool{}
		for a := range strings.SplitSeq(have, ",") {
			seen[fold(a)] = true
		}
		var list strings.Builder
		list.WriteString(have)
		ended := have == "" || strings.HasSuffix(have, ",") // by the owner: an empty address would be a fault
		more, _ := from.Value(tag)
		for a := range strings.SplitSeq(more, ",") {
			if a = strings.Trim(a, space); seen[fold(a)] || !isURI(withoutSize(a)) {
				continue
			}
			seen[fold(a)] = true
			if !ended {
				list.WriteByte(',')
			}
			list.WriteString(a)
			ended = false
		}
		if list.Len() > len(have) {
			r.set(tag, list.String())
		}
	}
}
