package entri

import (
	"maps"
	"slices"
	"strings"
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
	return errs
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

// dmarcUnsupported is what the planner cannot express of a DMARC record: it
// writes the record's value, and asks where another one stands.
func (r Record) dmarcUnsupported(path string) (errs Errors) {
	const reason = "nothing applies it yet; leave it out to ask for the value as it is"
	if o := r.DMARCOverride; o != nil && *o != (DMARCOverride{}) {
		errs.add(Unsupported, path+".dmarcOverride", "", reason)
	}
	if a := r.AdvancedDMARC; a != nil && (a.InheritRootDMARC || len(a.OverrideTags)+len(a.RemoveTags)+len(a.AddTagsIfNotExist) > 0) {
		errs.add(Unsupported, path+".advancedDmarcOptions", "", reason)
	}
	return errs
}
