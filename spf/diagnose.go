package spf

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Bounds of a diagnosis of hostile values.
const (
	diagnosedRecords = 5
	syntaxErrors     = 20
	quotedOctets     = 80
)

// diagnosis collects findings.
type diagnosis struct {
	domain   string
	size     Size // of all TXT values at the name
	findings []Finding
	have     map[Finding]bool
}

// Diagnose says all that is wrong or noteworthy about the SPF policy of a name,
// gravest first, from the TXT values there, strings joined, and what is known
// of the rest of DNS. It returns the questions that must be answered before
// the findings are complete, as [Trace] does.
func Diagnose(domain string, txts []string, known Answers) ([]Finding, []Question) {
	d := &diagnosis{domain: foldName(domain), size: SizeOf(foldName(domain), txts...), have: map[Finding]bool{}}
	var records []string
	for _, v := range txts {
		if IsRecord(v) {
			records = append(records, v)
		}
	}
	d.values(txts, len(records))
	if len(records) > 1 {
		d.several(records, txts)
	}
	var questions []Question
	for _, text := range records[:min(len(records), diagnosedRecords)] {
		rec := d.syntax(text)
		d.terms(rec)
		d.ending(rec)
		d.redundant(rec)
		if len(records) == 1 {
			questions = d.tree(rec, known)
		}
	}
	if len(records) > 0 {
		d.sizes(records)
	}
	grave := map[Severity]int{SeverityBroken: 0, SeverityWarning: 1, SeverityHint: 2}
	slices.SortStableFunc(d.findings, func(a, b Finding) int { return grave[a.Severity] - grave[b.Severity] })
	return d.findings, questions
}

func (d *diagnosis) add(s Severity, code, term, text, advice string) {
	f := Finding{Code: code, Severity: s, Term: term, Text: text, Advice: advice}
	if !d.have[f] {
		d.have[f] = true
		d.findings = append(d.findings, f)
	}
}

// values looks at what receivers do not take for a record.
func (d *diagnosis) values(txts []string, records int) {
	hidden := false
	for _, v := range txts {
		bare := strings.ToLower(strings.Trim(v, " \t\""))
		e := &Error{Code: ErrNotSPF}
		if !IsRecord(v) {
			e = notRecord(v)
		}
		switch {
		case IsRecord(v):
		case strings.HasPrefix(bare, "spf2.0/"):
			d.add(SeverityHint, FindingSenderID, "", "a Sender ID record ("+clip(v)+") stands beside SPF; hardly anybody asks for it", "leave it, or drop it with whoever wrote it")
		case e.Code != ErrNotSPF && records > 0:
			d.add(SeverityWarning, WarnHiddenRecord, "", clip(v)+" is not an SPF record: "+e.Reason, "remove it once its terms are in the record that receivers see")
		case e.Code != ErrNotSPF:
			hidden = true
			d.add(SeverityBroken, string(e.Code), "", clip(v)+" is not an SPF record: "+e.Reason, "write it as "+clip(cmp.Or(e.Suggestion, strings.Trim(v, " \t\""))))
		case nearRecord(bare):
			d.add(SeverityWarning, FindingNearRecord, "", clip(v)+` looks like SPF, but a record begins with "v=spf1" and a space`, "correct the beginning, or remove the value")
		}
	}
	if records == 0 && !hidden {
		d.add(SeverityWarning, string(ErrNoRecord), "", "there is no SPF record: receivers cannot tell who may send for "+d.domain,
			`publish one; "v=spf1 -all" if the domain sends no mail`)
	}
}

func nearRecord(bare string) bool {
	bare = strings.NewReplacer(" ", "", "\t", "", `"`, "", "\\", "").Replace(bare)
	for _, start := range []string{"v=spf", "v:spf", "v-spf", "vspf", "v=sfp", "spf1", "spf=", "spf:"} {
		if strings.HasPrefix(bare, start) {
			return true
		}
	}
	return false
}

// clip quotes a value, cut if it is long.
func clip(v string) string {
	if len(v) > quotedOctets {
		return fmt.Sprintf("%q…", v[:quotedOctets])
	}
	return fmt.Sprintf("%q", v)
}

func (d *diagnosis) several(records, txts []string) {
	advice := "make them one"
	if m, err := Merge(MergeRequest{Domain: d.domain, Existing: txts, Repair: true, Subrecords: true}); err == nil {
		advice = "make them one: " + m.Record
		for _, x := range m.Extra {
			advice += fmt.Sprintf(", with %s at %s", x.Text, x.Name)
		}
	}
	d.add(SeverityBroken, string(ErrMultipleRecords), "", plural(len(records), "SPF record")+" at one name: every receiver answers permerror", advice)
}

// syntax reports each term that is none, and returns the record without them.
func (d *diagnosis) syntax(text string) Record {
	for range syntaxErrors {
		rec, err := Parse(text)
		if err == nil {
			return rec
		}
		e := asError(err)
		advice := "correct or remove the term"
		if e.Suggestion != "" {
			advice = "perhaps " + clip(e.Suggestion) + " is meant"
		}
		d.add(SeverityBroken, string(ErrSyntax), e.Term, clip(e.Term)+": "+e.Reason+"; every receiver answers permerror", advice)
		if e.Term == "" || e.Offset+len(e.Term) > len(text) {
			break
		}
		text = text[:e.Offset] + text[e.Offset+len(e.Term):]
	}
	return Record{}
}

// terms looks at each term by itself.
func (d *diagnosis) terms(rec Record) {
	for _, t := range rec.Terms {
		_, static := expandDomain(t.Domain, "d.example", true)
		switch {
		case t.Kind == Modifier && mechanism(t.Name) != 0:
			d.add(SeverityWarning, WarnSuspiciousModifier, t.Text, t.Text+" is a modifier that receivers ignore", "write a colon in place of the equals sign, if the mechanism is meant")
		case t.Kind != Modifier && !hostLike(t.Domain):
			d.add(SeverityWarning, WarnSuspiciousDomain, t.Text, t.Text+" is valid, but does not name a host", "correct the name")
		case t.Kind == PTR:
			d.add(SeverityWarning, WarnPTR, t.Text, t.Text+" is slow, unreliable and discouraged (RFC 7208 section 5.5)", "drop it, or name the addresses")
		case !static && (t.Kind == Include || t.Kind == Redirect):
			d.add(SeverityHint, WarnDynamic, t.Text, t.Text+" depends on the message, so its cost cannot be known", "")
		case isNetwork(t):
			d.network(t)
		}
	}
}

// Networks of fewer bits are wider than any one sender has: the largest
// assignments of the past were a /8, of IPv6 a /19.
const (
	widestIP4 = 8
	widestIP6 = 19
)

func (d *diagnosis) network(t Term) {
	least := widestIP6
	if t.Kind == IP4 {
		least = widestIP4
	}
	switch {
	case unseen(t.Prefix):
		d.add(SeverityHint, FindingPrivateNetwork, t.Text, t.Text+" is a network that receivers on the Internet never see", "drop it")
	case t.Prefix.Bits() < least && t.Qualifier == '+':
		d.add(SeverityBroken, FindingWideNetwork, t.Text, t.Text+" lets a large part of all addresses send", "name the networks of the senders")
	}
}

// unseen reports whether all of n is private, loopback, link-local or multicast
// by the IANA registries of special-purpose and multicast addresses.
func unseen(n netip.Prefix) bool {
	for _, whole := range []string{
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4",
		"::1/128", "fc00::/7", "fe80::/10", "ff00::/8",
	} {
		if contains(netip.MustParsePrefix(whole), n) {
			return true
		}
	}
	return false
}

// ending looks at what the record says about everybody else.
func (d *diagnosis) ending(rec Record) {
	if rec.Raw == "" {
		return
	}
	directives, redirect := rec.live()
	end := rec.firstAll()
	switch {
	case end < 0 && redirect == nil:
		d.add(SeverityWarning, WarnNoDefault, "", "the record has neither all nor redirect, which means ?all: it says nothing about other senders", "end it in ~all, or in -all once DMARC reports show no stranger")
	case end < 0:
	case rec.Terms[end].Qualifier == '+':
		d.add(SeverityBroken, WarnPassAll, rec.Terms[end].Text, rec.Terms[end].Text+" lets everybody send", "end the record in ~all or -all")
	case rec.Terms[end].Qualifier == '?':
		d.add(SeverityHint, FindingNeutralAll, rec.Terms[end].Text, rec.Terms[end].Text+" says nothing about other senders", "end the record in ~all, or in -all once DMARC reports show no stranger")
	case rec.Terms[end].Qualifier == '-' && len(directives) == 0:
		d.add(SeverityHint, WarnNullSender, rec.Terms[end].Text, "the record says that the domain sends no mail", "")
	}
	for i, t := range rec.Terms {
		switch {
		case end < 0:
		case t.Kind == Redirect:
			d.add(SeverityWarning, WarnRedirectIgnored, t.Text, t.Text+" has no effect beside all", "drop it, or the all")
		case i > end && t.Kind.Directive():
			d.add(SeverityWarning, WarnTermsAfterAll, t.Text, t.Text+" stands after all and is never reached", "move it in front, or drop it")
		}
	}
}

// redundant names what tidy would take out and is not reported as dead.
func (d *diagnosis) redundant(rec Record) {
	end := rec.firstAll()
	if end < 0 {
		end = len(rec.Terms)
	}
	reached := rebuild(rec, rec.Terms[:end])
	_, gone := tidy(d.domain, reached)
	for _, text := range gone {
		d.add(SeverityHint, FindingRedundant, text, text+" is covered by another term and decides about no sender", "drop it")
	}
}

func (d *diagnosis) sizes(records []string) {
	for _, r := range records {
		if len(r) > StringLimit {
			d.add(SeverityHint, WarnMultiString, "", fmt.Sprintf("the record has %d octets and needs %s in one TXT record", len(r), plural(SizeOf("", r).Strings, "string")), "")
		}
	}
	if d.size.Octets > SizeWarning {
		d.add(SeverityWarning, WarnSize, "", fmt.Sprintf("name and TXT values have %d octets together, the reply %d; above %d it may not fit a UDP packet", d.size.Octets, d.size.UDP, SizeWarning),
			"drop TXT values that nobody needs any more")
	}
}
