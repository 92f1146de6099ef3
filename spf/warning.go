package spf

import (
	"fmt"
	"slices"
	"strings"
)

// Warning is something a person should know about a merge that went through.
type Warning struct {
	Code string
	Term string // the term it is about, if it is about one
	Text string // in English
}

// Codes of a Warning.
const (
	WarnMultipleRecords      = "multiple-records"         // several records became one
	WarnHiddenRecord         = "hidden-record"            // a value beside the record looks like SPF but is none
	WarnDynamic              = "dynamic"                  // an include or redirect depends on the message
	WarnSuspiciousDomain     = "suspicious-domain"        // valid by the grammar, but no host name
	WarnSuspiciousModifier   = "suspicious-modifier"      // "ip4=192.0.2.1": ignored by receivers
	WarnPTR                  = "ptr-deprecated"           // RFC 7208 section 5.5
	WarnNullSender           = "null-sender"              // the owner had said that no mail is sent
	WarnPassAll              = "pass-all"                 // everybody may send
	WarnTermsAfterAll        = "terms-after-all"          // receivers never reach them
	WarnRedirectIgnored      = "redirect-ignored"         // because of an all
	WarnInsertedBefore       = "inserted-before-negative" // what the owner excluded later passes now if the requirement names it
	WarnConflict             = "conflict"                 // the owner excludes what the requirement authorises
	WarnAllWeakened          = "all-weakened"
	WarnAllStrengthened      = "all-strengthened"
	WarnDefaultAdded         = "default-added"    // the record had no all
	WarnNoDefault            = "no-default"       // it still has none
	WarnExplicitIgnored      = "explicit-ignored" // an all would switch the owner's redirect off
	WarnRequiredExpDropped   = "required-exp-dropped"
	WarnRequiredModifierGone = "required-modifier-dropped"
	WarnMultiString          = "multi-string" // longer than one string of a TXT record
	WarnSize                 = "size"         // above SizeWarning
)

func (d *draft) warn(code, term, format string, args ...any) {
	d.warnings = append(d.warnings, Warning{Code: code, Term: term, Text: fmt.Sprintf(format, args...)})
}

// inspect warns about what the terms of the record say by themselves.
func (d *draft) inspect() {
	once := map[string]bool{}
	warn := func(code string, t *item, text string) {
		if !once[code+t.Text] {
			once[code+t.Text] = true
			d.warn(code, t.Text, "%s: %s", t.Text, text)
		}
	}
	for _, t := range d.items {
		if _, static := expandDomain(t.Domain, "d.example", true); !static && (t.Kind == Include || t.Kind == Redirect) {
			warn(WarnDynamic, t, "depends on the message, so its cost cannot be known")
		}
	}
	for _, t := range d.items {
		if t.Kind != Modifier && !hostLike(t.Domain) {
			warn(WarnSuspiciousDomain, t, "valid, but not the name of a host")
		}
	}
	for _, t := range d.items {
		switch {
		case t.Kind == PTR:
			warn(WarnPTR, t, "ptr is slow and discouraged (RFC 7208 section 5.5)")
		case t.Kind == Modifier && mechanism(t.Name) != 0:
			warn(WarnSuspiciousModifier, t, "receivers ignore it; a colon may be meant")
		}
	}
}

// hostLike reports whether spec, its macros aside, has only characters of host
// names; "include:include:x.example" has not.
func hostLike(spec string) bool {
	for i := 0; i < len(spec); {
		c := spec[i]
		switch {
		case c == '%':
			i += max(1, macroLen(spec[i:], "slodiphcrtv"))
			continue
		case !letter(c) && !digit(c) && strings.IndexByte("-_.", c) < 0:
			return false
		}
		i++
	}
	return true
}

// inspectDead warns about what receivers never reach.
func (d *draft) inspectDead() {
	end := d.firstAll()
	if end < 0 {
		return
	}
	for _, t := range d.items[end+1:] {
		if t.Kind.Directive() || t.Kind == Modifier {
			d.warn(WarnTermsAfterAll, t.Text, "%s stands after all and has no effect", t.Text)
			break
		}
	}
	for _, t := range d.items {
		if t.Kind == Redirect {
			d.warn(WarnRedirectIgnored, t.Text, "%s has no effect beside all", t.Text)
		}
	}
}

// inspectOrder warns about terms of the owner that an added one now precedes.
func (d *draft) inspectOrder() {
	clash := map[int]bool{}
	conflict := Warning{}
	negatives := d.negatives()
	for _, added := range d.items {
		if !added.ours {
			continue
		}
		for _, i := range negatives {
			t := d.items[i]
			same := t.covers(added)
			if same {
				clash[i] = true
			}
			if (same || isNetwork(t.Term) && added.covers(t)) && conflict.Code == "" {
				conflict = Warning{WarnConflict, t.Text, t.Text + " excludes what " + added.Text + " authorises; the latter now comes first"}
			}
		}
	}
	if d.added() {
		if i := slices.IndexFunc(negatives, func(i int) bool { return !clash[i] }); i >= 0 {
			text := d.items[negatives[i]].Text
			d.warn(WarnInsertedBefore, text, "what %s excludes passes if the requirement authorises it", text)
		}
	}
	if conflict.Code != "" {
		d.warnings = append(d.warnings, conflict)
	}
}

// inspectSize warns about octets; others are the TXT values beside the record.
func (d *draft) inspectSize(record string, others []string) {
	if len(record) > StringLimit {
		d.warn(WarnMultiString, "", "%d octets need several strings in one TXT record", len(record))
	}
	if n := SizeOf(d.domain, append([]string{record}, others...)...).Octets; n > SizeWarning {
		d.warn(WarnSize, "", "name and TXT values have %d octets together; above %d the answer may not fit a UDP packet", n, SizeWarning)
	}
}
