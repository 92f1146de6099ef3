package spf

import (
	"slices"
	"strings"
)

// AllPolicy says which all a merged record ends in.
type AllPolicy uint8

// Policies. None adds an all beside an owner's redirect, which it would switch
// off, and a requirement that states no all has no wish.
const (
	Weaker            AllPolicy = iota // the weaker of both: + before ? or none, before ~, before -
	Keep                               // the owner's, also if there is none
	RequiredIfMissing                  // the owner's, else the requirement's
	Explicit                           // MergeRequest.Explicit
)

// newAll ends a record that did not exist, if the requirement states no all.
const newAll = "~all"

func (q MergeRequest) checkPolicy() error {
	bad := &Error{Code: ErrBadPolicy, Record: q.Explicit, Reason: "needs -all, ~all or ?all"}
	switch {
	case q.All > Explicit:
		bad.Reason = "unknown policy"
		return bad
	case q.All != Explicit && q.Explicit != "":
		bad.Reason = "an explicit all needs the policy Explicit"
		return bad
	case q.All != Explicit:
		return nil
	}
	switch strings.ToLower(q.Explicit) {
	case "-all", "~all", "?all":
		return nil
	case "+all", "all":
		bad.Code, bad.Reason = ErrRequiredPassAll, "a requirement may not let everybody send"
	}
	return bad
}

// allChoice is what the sides say about all; texts, "" for none.
type allChoice struct {
	policy   AllPolicy
	explicit string
	created  bool
	before   string
	required string
	ignored  bool // no all could be written because of a redirect
	after    string
}

// rank orders all by how much it lets through; none is neutral (RFC 7208
// section 4.7).
func rank(all string) int {
	switch sign(all) {
	case "-all":
		return 0
	case "~all":
		return 1
	case "+all":
		return 3
	}
	return 2
}

// sign writes an all in lower case with its qualifier.
func sign(all string) string {
	if all = strings.ToLower(all); all == "all" {
		return "+all"
	}
	return all
}

// weaker returns the weaker of two wishes, of which "" is none.
func weaker(a, b string) string {
	if b == "" || a != "" && rank(a) >= rank(b) {
		return a
	}
	return b
}

// ownersAll returns the all that the owner's records amount to, which take the
// form of the first: without an all there, there is none. Of the others, one
// without all is neutral, and one with a redirect has no say.
func ownersAll(owners []Record) string {
	all := ""
	for i, r := range owners {
		_, redirect := r.live()
		switch end := r.firstAll(); {
		case end >= 0:
			all = weaker(all, r.Terms[end].Text)
		case i == 0:
			return ""
		case redirect == nil:
			all = weaker(all, "?all")
		}
	}
	return all
}

// nullSender reports whether the owner says that the domain sends no mail.
func nullSender(owners []Record) bool {
	if len(owners) != 1 {
		return false
	}
	directives, _ := owners[0].live()
	end := owners[0].firstAll()
	return end >= 0 && len(directives) == 0 && owners[0].Terms[end].Qualifier == '-'
}

func (c *allChoice) choose() string {
	switch {
	case c.policy == Explicit:
		return strings.ToLower(c.explicit)
	case c.created && c.required == "":
		return newAll
	case c.created || c.policy == RequiredIfMissing && c.before == "":
		return strings.ToLower(c.required)
	case c.policy == Weaker && c.required != "" && rank(c.required) > rank(c.before):
		return strings.ToLower(c.required)
	}
	return c.before
}

func (d *draft) all() string {
	if i := d.firstAll(); i >= 0 {
		return d.items[i].Text
	}
	return ""
}

// settle gives the record its all. Where strength does not change, the owner's
// bytes stay.
func (d *draft) settle(c *allChoice) {
	want := c.choose()
	if want != "" && d.redirect() != nil {
		c.ignored, want = c.policy == Explicit, ""
	}
	switch i := d.firstAll(); {
	case want == "" || i >= 0 && sign(d.items[i].Text) == sign(want):
	case i >= 0:
		d.setAll(i, want)
	default:
		d.insertAll(want)
	}
	c.after = d.all()
}

func (d *draft) setAll(i int, all string) {
	t, _ := parseTerm(all) // parsed or checked before
	d.items[i], d.known = d.item(t, false), nil
}

// insertAll puts all after the last directive, in front of trailing modifiers.
func (d *draft) insertAll(all string) {
	at := 0
	for i, t := range d.items {
		if t.Kind.Directive() {
			at = i + 1
		}
	}
	d.items = slices.Insert(d.items, at, nil)
	d.setAll(at, all)
}

func (c *allChoice) report(d *draft) {
	if sign(c.after) == "+all" {
		d.warn(WarnPassAll, c.after, "%s lets everybody send", c.after)
	}
	switch {
	case c.ignored:
		d.warn(WarnExplicitIgnored, c.explicit, "%s would switch the redirect off and is left out", c.explicit)
	case d.redirect() != nil || c.created:
	case c.after == "":
		d.warn(WarnNoDefault, "", "the record ends without all, which means ?all")
	case c.before == "":
		d.warn(WarnDefaultAdded, c.after, "%s ends the record, which had no all", c.after)
	case rank(c.after) > rank(c.before):
		d.warn(WarnAllWeakened, c.after, "%s becomes %s", c.before, c.after)
	case rank(c.after) < rank(c.before):
		d.warn(WarnAllStrengthened, c.after, "%s becomes %s", c.before, c.after)
	}
}
