package dmarc

import (
	"fmt"
	"slices"
	"strings"
)

// BIMI is the TXT record at SELECTOR._bimi.DOMAIN, most often default._bimi, which names the logo that mail programs show beside
// authenticated mail (draft-brand-indicators-for-message-identification).
type BIMI struct {
	Location  string   // l: the https address of the logo, an SVG
	Authority string   // a: the https address of a certificate for it; empty when there is none
	Avatar    string   // avp: brand or personal, the logo to prefer; brand is the default
	Locals    []string // lps: the beginnings of local parts that this selector is for
	Declined  bool     // l and a are empty: the domain wants no logo shown
	Other     []string // name=value of further tags, in their order
}

func bimi() format {
	return format{name: "BIMI", version: "v=BIMI1", not: CodeNotBIMI, own: []string{"l", "a", "avp", "lps"}, loose: true}
}

// IsBIMI reports whether receivers take a TXT value for a BIMI record. Of several at one name none counts.
func IsBIMI(text string) bool { return bimi().is(text) }

// ParseBIMI reads a BIMI record. Each error is an [*Error]: [CodeNotBIMI], [CodeNeeded] without l, [CodeNotURI] for an address
// that is not https:, [CodeInvalid] for a wrong avp, [CodeNotTag], [CodeEmptyTag], [CodeDuplicate] and [CodeBadText]. Whether
// receivers heed it lies with DMARC: see [CheckBIMI].
func ParseBIMI(text string) (BIMI, error) {
	f := bimi()
	fields, err := f.fields(text)
	if err != nil {
		return BIMI{}, err
	}
	b := BIMI{Avatar: "brand", Other: f.others(fields)}
	located := false
	for _, t := range fields {
		switch t.Name {
		case "l", "a":
			if t.Value != "" && (!isURI(t.Value) || !isHTTPS(t.Value)) {
				return BIMI{}, f.invalid(CodeNotURI, t, "%s holds %q, which is no address such as https://example.com/logo.svg", t.Name, clip(t.Value))
			}
			if t.Name == "l" {
				b.Location, located = t.Value, true
			} else {
				b.Authority = t.Value
			}
		case "avp":
			if b.Avatar = strings.ToLower(t.Value); b.Avatar != "brand" && b.Avatar != "personal" {
				return BIMI{}, f.invalid(CodeInvalid, t, "avp has to be brand or personal, not %q", clip(t.Value))
			}
		case "lps":
			for l := range strings.SplitSeq(t.Value, ",") {
				if l = strings.Trim(l, space); l != "" {
					b.Locals = append(b.Locals, strings.ToLower(l))
				}
			}
		}
	}
	if !located {
		return BIMI{}, f.needed("l", "it says where the logo is")
	}
	b.Declined = b.Location == "" && b.Authority == ""
	return b, nil
}

// Equal reports whether two records say the same.
func (b BIMI) Equal(o BIMI) bool {
	return b.Location == o.Location && b.Authority == o.Authority && b.Avatar == o.Avatar &&
		slices.Equal(set(b.Locals, same), set(o.Locals, same)) && slices.Equal(set(b.Other, same), set(o.Other, same))
}

// CheckBIMI finds why receivers show no logo for mail from a domain, as far as DMARC is why: they want a policy of quarantine or
// reject for the domain and all names of its organization, applied to all mail. Facts and questions are those of [Discover].
func CheckBIMI(domain string, facts map[string][]string) (findings []Finding, questions []string) {
	found, questions := Discover(domain, facts)
	if len(questions) > 0 {
		return nil, questions
	}
	if found.Owner == "" {
		return []Finding{notEnforced(fmt.Sprintf("%s has no DMARC record", clip(found.Domain)))}, nil
	}
	if top, ok := sole(facts["_dmarc."+found.Organization]); ok && found.Organization != found.Owner {
		findings = top.unenforced(found.Organization)
	}
	return append(findings, found.Record.unenforced(found.Owner)...), nil
}

func (r Record) unenforced(owner string) []Finding {
	switch n := r.percent(); {
	case r.P == None:
		return []Finding{notEnforced(fmt.Sprintf("the DMARC policy of %s is none", clip(owner)))}
	case r.SP == None:
		return []Finding{notEnforced(fmt.Sprintf("the DMARC policy for names below %s is none", clip(owner)))}
	case r.T && (r.P.weaker() == None || r.SP.weaker() == None):
		return []Finding{notEnforced(fmt.Sprintf("t=y makes the DMARC policy of %s a test", clip(owner)))}
	case r.P == Quarantine && n < 100:
		return []Finding{notEnforced(fmt.Sprintf("the DMARC policy of %s is for %d %% of the mail", clip(owner), n))}
	default:
		return nil
	}
}

func notEnforced(why string) Finding {
	return Finding{
		Code: CodeNotEnforced, Severity: SeverityWarning, Text: why + ": receivers show no BIMI logo until it is quarantine or reject for all mail",
		Advice: "make the DMARC policy quarantine or reject, for names below the domain too",
	}
}
