package dkim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Clues is what DNS says of a domain, for [DetectMailbox]. The order of its lists does not matter.
type Clues struct {
	MX     []string // targets of the domain's MX records; "." is the null MX (RFC 7505)
	SPF    []string // the domain's TXT values, strings joined; what is no SPF record among them is left aside
	Probes []Probe  // what stands at selectors that were looked up

	MXFailed  bool // DNS gave no answer about the MX records
	SPFFailed bool // the same of the TXT records
}

// Probe is what stands at SELECTOR._domainkey.DOMAIN.
type Probe struct {
	Selector string
	Texts    []string // TXT values there, strings joined, CNAMEs followed
	Target   string   // of the CNAME there
	Wildcard bool     // a name that nobody set answers the same, so this is no record of this selector
	Failed   bool     // DNS gave no answer
}

// Usable reports whether a key stands there that verifiers accept for mail. More than one text is undefined (RFC 6376 section 3.6.2.2)
// and not usable.
func (p Probe) Usable() bool {
	if len(p.Texts) != 1 {
		return false
	}
	k, err := ParseKey(p.Texts[0])
	return err == nil && k.usable()
}

// Confidence is how sure a detection is.
type Confidence string

// From sure to guessed.
const (
	High   Confidence = "high"   // the MX records name the host
	Medium Confidence = "medium" // they name a gateway or a forwarder, and the SPF record names the host
	Low    Confidence = "low"    // only the SPF record or a published key does, or records that mean other things as well
)

// Detection is who hosts a domain's mailboxes.
type Detection struct {
	Mailbox    string     `json:"mailbox,omitempty"` // ID in Mailboxes; "" for nobody known
	Name       string     `json:"name,omitempty"`    // the same for people
	Confidence Confidence `json:"confidence,omitempty"`
	Others     []string   `json:"others,omitempty"`    // IDs of further candidates, the likeliest first
	Gateway    string     `json:"gateway,omitempty"`   // name of a service before the mailboxes
	Forwarder  bool       `json:"forwarder,omitempty"` // that service forwards to addresses elsewhere
	NoMail     bool       `json:"no_mail,omitempty"`   // the domain says that it receives no mail (null MX)
	Failed     bool       `json:"failed,omitempty"`    // DNS left a question open whose answer may tell more than is said here
	Evidence   []string   `json:"evidence,omitempty"`  // sentences in English
	Probe      []string   `json:"probe,omitempty"`     // selectors that would tell more, to look up and give as Clues.Probes
}

// candidate is a mailbox host and what speaks for it.
type candidate struct {
	Mailbox
	mx       int // MX records that are its
	spf, key bool
	said     []string
}

// DetectMailbox tells who hosts a domain's mailboxes: by its MX records; where those are a gateway's or unknown, by its SPF
// record; and then by keys at the selectors of known hosts. It asks nothing itself: Detection.Probe is what to look up next, and
// is empty once everything was given.
func DetectMailbox(c Clues) Detection {
	var d Detection
	mx := d.servers(c)
	gateways := d.hidden(mx)
	named := spfNames(c.SPF)
	direct := false
	var found []candidate
	for _, m := range Mailboxes() {
		k := candidate{Mailbox: m}
		k.byMX(mx)
		k.bySPF(named)
		k.byKey(c.Probes)
		direct = direct || k.mx > 0
		if k.mx > 0 || k.spf || k.key {
			found = append(found, k)
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(-cmp.Compare(a.rank(), b.rank()), -cmp.Compare(a.mx, b.mx), order(b.spf, a.spf), order(b.key, a.key))
	})
	if len(mx) > 0 && !gateways && !direct {
		d.say("the mail server %s belongs to no mailbox host that is known", mx[0])
	}
	for i, k := range found {
		if i == 0 {
			d.Mailbox, d.Name, d.Confidence = k.ID, k.Name, k.confidence(gateways)
		} else {
			d.Others = append(d.Others, k.ID)
		}
		d.Evidence = append(d.Evidence, k.said...)
	}
	best := 0
	if len(found) > 0 {
		best = found[0].rank()
	}
	d.open(c, best)
	d.next(c, found)
	return d
}

// open says which questions DNS left open, where their answers would outweigh what speaks for the likeliest host: its rank.
func (d *Detection) open(c Clues, best int) {
	if c.MXFailed {
		d.Failed = true
		d.say("DNS gave no answer about the domain's MX records")
	}
	if c.SPFFailed && best < 3 && !d.NoMail {
		d.Failed = true
		d.say("DNS gave no answer about the domain's SPF record")
	}
	lost := slices.ContainsFunc(c.Probes, func(p Probe) bool { return p.Failed })
	if lost && best == 0 && !d.NoMail {
		d.Failed = true
		d.say("DNS gave no answer about some of the DKIM selectors of known hosts")
	}
}

func (d *Detection) say(format string, args ...any) {
	d.Evidence = append(d.Evidence, fmt.Sprintf(format, args...))
}

// order puts true after false.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// servers is the mail servers of the MX records, each once and sorted, and what is to be said where there are none.
func (d *Detection) servers(c Clues) []string {
	var mx []string
	null := false
	for _, s := range c.MX {
		if n, ok := hostName(s); ok {
			mx = append(mx, n)
		}
		null = null || s == "."
	}
	slices.Sort(mx)
	mx = slices.Compact(mx)
	switch {
	case c.MXFailed:
	case null && len(c.MX) > 1:
		d.say("a null MX stands beside other MX records, where it means nothing (RFC 7505 section 3)")
	case null:
		d.NoMail = true
		d.say("the domain receives no mail: it has a null MX record (RFC 7505)")
	case len(c.MX) == 0:
		d.say("the domain has no MX record, so its mail goes to the address of the domain itself, if it has one (RFC 5321 section 5.1)")
	case len(mx) == 0:
		d.say("none of the MX records names a mail server")
	}
	return mx
}

// hidden looks for gateways among the mail servers.
func (d *Detection) hidden(mx []string) bool {
	for _, g := range Gateways() {
		i := slices.IndexFunc(mx, func(s string) bool { return anyMatch(g.MX, s) })
		if i < 0 {
			continue
		}
		what := "a gateway, which does not show who hosts the mailboxes"
		if g.Forwarder {
			what = "a forwarder, which hands mail on to addresses elsewhere"
		}
		d.say("the mail server %s belongs to %s, %s", mx[i], g.Name, what)
		if d.Gateway == "" {
			d.Gateway, d.Forwarder = g.Name, g.Forwarder
		}
	}
	return d.Gateway != ""
}

func (k *candidate) byMX(mx []string) {
	for _, s := range mx {
		if anyMatch(k.MX, s) {
			if k.mx++; k.mx == 1 {
				k.says("the mail server %s belongs to %s%s", s, k.Name, k.doubt())
			}
		}
	}
}

// bySPF takes what the domain's own SPF record names; what others send through as well says nothing of mailboxes.
func (k *candidate) bySPF(named []string) {
	if k.Doubt != "" {
		return
	}
	if i := slices.IndexFunc(k.SPF, func(s string) bool { return slices.Contains(named, s) }); i >= 0 {
		k.spf = true
		k.says("the SPF record lets %s send, by %s", k.Name, k.SPF[i])
	}
}

// byKey takes a key at one of the host's selectors: one that its own servers hold, or at a selector that nobody else uses.
func (k *candidate) byKey(probes []Probe) {
	for _, s := range k.Probes() {
		i := slices.IndexFunc(probes, func(p Probe) bool { return strings.EqualFold(p.Selector, s) && !p.Wildcard })
		if i < 0 || k.key {
			continue
		}
		switch {
		case k.Leads(probes[i].Target):
			k.says("the DKIM selector %s leads to %s", s, k.Name)
		case k.Type == recordTXT && k.Holds(probes[i]) && !common(s):
			k.says("a key stands at the DKIM selector %s, as %s calls it", s, k.Name)
		default:
			continue
		}
		k.key = true
	}
}

func (k *candidate) says(format string, args ...any) {
	k.said = append(k.said, fmt.Sprintf(format, args...))
}

func (k *candidate) doubt() string {
	if k.Doubt == "" {
		return ""
	}
	return ", though " + k.Doubt
}

// rank is what speaks for a candidate: MX over SPF over a key, and a doubtful MX last.
func (k *candidate) rank() int {
	switch {
	case k.mx > 0 && k.Doubt == "":
		return 3
	case k.spf:
		return 2
	case k.key:
		return 1
	}
	return 0
}

func (k *candidate) confidence(gateway bool) Confidence {
	switch {
	case k.mx > 0 && k.Doubt == "":
		return High
	case k.spf && gateway:
		return Medium
	}
	return Low
}

// next is the selectors that are not looked up yet and would tell more: those of the host that was found, else those of all.
func (d *Detection) next(c Clues, found []candidate) {
	var want []string
	switch {
	case len(found) > 0:
		want = found[0].Probes()
	case !d.NoMail:
		for _, m := range Mailboxes() {
			want = append(want, m.Probes()...)
		}
	}
	for _, s := range want {
		asked := slices.ContainsFunc(c.Probes, func(p Probe) bool { return strings.EqualFold(p.Selector, s) })
		if !asked && !slices.Contains(d.Probe, s) {
			d.Probe = append(d.Probe, s)
		}
	}
}

// spfNames is the domains that SPF records among the texts include or redirect to with a pass, in lower case.
func spfNames(texts []string) []string {
	var out []string
	for _, t := range texts {
		const version = "v=spf1"
		if len(t) < len(version) || !strings.EqualFold(t[:len(version)], version) || len(t) > len(version) && t[len(version)] != ' ' {
			continue
		}
		for term := range strings.FieldsSeq(t[len(version):]) {
			term = strings.ToLower(strings.TrimPrefix(term, "+"))
			name, ok := strings.CutPrefix(term, "include:")
			if !ok {
				name, ok = strings.CutPrefix(term, "redirect=")
			}
			if ok {
				out = append(out, strings.TrimSuffix(name, "."))
			}
		}
	}
	return out
}
