package entri

import (
	"maps"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/dkim/dmarc"
)

// DMARCOverride puts these tags into the DMARC record that is there.
type DMARCOverride struct {
	P   string `json:"p,omitzero"`
	RUA string `json:"rua,omitzero"`
	RUF string `json:"ruf,omitzero"`
}

// AdvancedDMARC says how a DMARC record comes from the one that is there.
type AdvancedDMARC struct {
	InheritRootDMARC  bool              `json:"inheritRootDmarc,omitzero"`
	OverrideTags      map[string]string `json:"overrideTags,omitzero"`
	RemoveTags        []string          `json:"removeTags,omitzero"`
	AddTagsIfNotExist map[string]string `json:"addTagsIfNotExist,omitzero"`
}

func (r *reader) dmarcOverride(v value) *DMARCOverride {
	var d DMARCOverride
	r.object(v, map[string]func(value){"p": r.text(&d.P), "rua": r.text(&d.RUA), "ruf": r.text(&d.RUF)})
	return &d
}

func (r *reader) advancedDMARC(v value) *AdvancedDMARC {
	var a AdvancedDMARC
	r.object(v, map[string]func(value){
		"inheritRootDmarc":  r.flag(&a.InheritRootDMARC),
		"overrideTags":      r.tags(&a.OverrideTags),
		"removeTags":        r.list(&a.RemoveTags),
		"addTagsIfNotExist": r.tags(&a.AddTagsIfNotExist),
	})
	return &a
}

func (r Record) dmarcProblems(path string) (errs Errors) {
	place := path + ".dmarcOverride"
	switch {
	case r.AdvancedDMARC != nil:
		place = path + ".advancedDmarcOptions"
	case r.DMARCOverride == nil:
		return nil
	}
	if first, _, _ := strings.Cut(r.Host, "."); r.Type != "TXT" || !strings.EqualFold(first, "_dmarc") {
		errs.add(Contradiction, place, "", `only for a DMARC record: type TXT with a host that begins with "_dmarc"`)
	}
	if o := r.DMARCOverride; o != nil {
		errs = append(errs, o.problems(path+".dmarcOverride")...)
	}
	if a := r.AdvancedDMARC; a != nil {
		errs = append(errs, a.problems(path+".advancedDmarcOptions")...)
	}
	for _, t := range r.DMARCOverride.tags() {
		if other, there := r.AdvancedDMARC.overrides(t.name); there && other != t.value {
			errs.add(Contradiction, path+".dmarcOverride."+t.name, t.value, "advancedDmarcOptions.overrideTags says %s; drop one of the two", quote(other))
		}
	}
	return errs
}

// tags is what the override says.
func (d *DMARCOverride) tags() []field {
	if d == nil {
		return nil
	}
	return slices.DeleteFunc([]field{{"p", d.P}, {"rua", d.RUA}, {"ruf", d.RUF}}, func(t field) bool { return t.value == "" })
}

// overrides is what overrideTags says of a tag. Tags have no case.
func (a *AdvancedDMARC) overrides(name string) (value string, ok bool) {
	if a == nil {
		return "", false
	}
	for _, tag := range slices.Sorted(maps.Keys(a.OverrideTags)) {
		if strings.EqualFold(tag, name) {
			return a.OverrideTags[tag], true
		}
	}
	return "", false
}

func (d DMARCOverride) problems(path string) (errs Errors) {
	if d.P != "" && !slices.Contains([]string{"none", "quarantine", "reject"}, strings.ToLower(d.P)) {
		errs.add(Invalid, path+".p", d.P, "want one of none, quarantine, reject")
	}
	for _, t := range []field{{"rua", d.RUA}, {"ruf", d.RUF}} {
		if strings.Contains(t.value, ";") {
			errs.add(Invalid, path+"."+t.name, t.value, "a semicolon ends a tag; write the addresses alone, with commas between them")
		}
	}
	return errs
}

func (a AdvancedDMARC) problems(path string) (errs Errors) {
	const noTag = "no tag of a DMARC record (RFC 7489 section 6.4)"
	for _, set := range []struct {
		name string
		tags map[string]string
	}{{"overrideTags", a.OverrideTags}, {"addTagsIfNotExist", a.AddTagsIfNotExist}} {
		for _, tag := range slices.Sorted(maps.Keys(set.tags)) {
			if value := set.tags[tag]; !tagName(tag) || value == "" || strings.Contains(value, ";") {
				errs.add(Invalid, path+"."+set.name+"["+quote(tag)+"]", value, noTag)
			}
		}
	}
	for i, tag := range a.RemoveTags {
		switch {
		case !tagName(tag):
			errs.add(Invalid, index(path+".removeTags", i), tag, noTag)
		case strings.EqualFold(tag, "v") || strings.EqualFold(tag, "p"):
			errs.add(Invalid, index(path+".removeTags", i), tag, "a DMARC record without this tag is none")
		}
	}
	return errs
}

func tagName(s string) bool { return s != "" && word(s) == s && !strings.Contains(s, "_") }

// dmarcEdit is what the options change in the DMARC record that is there; nil
// where they say nothing, and the record is asked for as it is.
func (r Record) dmarcEdit() *dmarc.Edit {
	var e dmarc.Edit
	if a := r.AdvancedDMARC; a != nil {
		e = dmarc.Edit{InheritRoot: a.InheritRootDMARC, Remove: a.RemoveTags, Override: maps.Clone(a.OverrideTags), AddIfMissing: a.AddTagsIfNotExist}
	}
	for _, t := range r.DMARCOverride.tags() {
		if _, there := r.AdvancedDMARC.overrides(t.name); there {
			continue
		}
		if e.Override == nil {
			e.Override = map[string]string{}
		}
		e.Override[t.name] = t.value
	}
	if !e.InheritRoot && len(e.Remove)+len(e.Override)+len(e.AddIfMissing) == 0 {
		return nil
	}
	return &e
}

// expandDMARC replaces the variables in the values of tags.
func (v values) expandDMARC(r *Record) (f *fault) {
	if o := r.DMARCOverride; o != nil {
		p, rua, ruf := o.P, o.RUA, o.RUF
		for _, text := range []*string{&p, &rua, &ruf} {
			if *text, f = v.expand(*text); f != nil {
				return f.in("dmarcOverride")
			}
		}
		r.DMARCOverride = &DMARCOverride{P: p, RUA: rua, RUF: ruf}
	}
	if a := r.AdvancedDMARC; a != nil {
		a = &AdvancedDMARC{a.InheritRootDMARC, maps.Clone(a.OverrideTags), a.RemoveTags, maps.Clone(a.AddTagsIfNotExist)}
		for _, tags := range []map[string]string{a.OverrideTags, a.AddTagsIfNotExist} {
			for _, tag := range slices.Sorted(maps.Keys(tags)) {
				if tags[tag], f = v.expand(tags[tag]); f != nil {
					return f.in("advancedDmarcOptions")
				}
			}
		}
		r.AdvancedDMARC = a
	}
	return nil
}

// dmarcIntent asks for a DMARC policy, if that is what the record is.
func (r Record) dmarcIntent(in *plan.Intent, text string) *fault {
	first, _, _ := strings.Cut(in.Host, ".")
	if in.DMARC = r.dmarcEdit(); in.DMARC == nil && (first != "_dmarc" || !dmarc.IsRecord(text)) {
		return nil
	}
	in.Kind = plan.KindDMARC
	if in.Fallback != "" {
		return faultf(Unsupported, in.Fallback, "a DMARC record has no fallback; leave it out").in("fallbackValue")
	}
	req := dmarc.Request{Value: text}
	if in.DMARC != nil {
		req.Edit = *in.DMARC
	}
	reason := func(err error) string { return strings.TrimPrefix(err.Error(), "dmarc: ") }
	if err := req.Edit.Check(); err != nil {
		place := "advancedDmarcOptions"
		if r.AdvancedDMARC == nil {
			place = "dmarcOverride"
		}
		return faultf(Invalid, "", "%s", reason(err)).in(place)
	}
	if _, err := dmarc.Apply(req); err != nil { // whatever stands there
		return faultf(Invalid, text, "%s", reason(err))
	}
	return nil
}
