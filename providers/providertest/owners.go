package providertest

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

var ownerCases = []Case{
	{"owner-apex-many", "SPF and five verifications at the apex survive one text more, and its going.", apexMany},
	{"owner-wildcard-text", "A text at a wildcard stands beside its addresses, and goes without them.", wildcardText},
	{"owner-underscore-cname", "A CNAME whose owner and target have underscores is written.", ownerCNAME},
	{"owner-idn", "An internationalised owner is its A-label, and stays it.", owned("xn--bcher-kva", "www.xn--bcher-kva")},
	{"owner-deep", "An owner of many labels is written where none of the names above it exists.", owned("one.two.three.four")},
	{"owner-63", "A label of 63 octets is written.", owned(strings.Repeat("abcdefg", 9))},
	{"owner-odd", "An owner with what means something in a URL or a form is written as it is, or is refused whole.", ownerOdd},
	{"owner-parent", "What goes at a name leaves what is below it, and what only ends alike.", ownerParent},
	{"owner-zone-name", "An owner that begins with the zone's own name is no other than it says.", zoneName},
}

// undone makes a change, takes it back, and wants the zone as it was.
func (e *env) undone(before zone.Snapshot, c zone.Change) error {
	if err := e.becomes(before, c); err != nil {
		return err
	}
	if err := e.apply(c.Inverse()); err != nil {
		return fmt.Errorf("taking it back: %w", err)
	}
	return e.holds(before)
}

func apexMany(e *env) error {
	var texts []zone.Record
	for _, s := range []string{
		"google-site-verification=AbCdEf", "MS=ms12345678", "facebook-domain-verification=abc", "atlassian-domain-verification=x+y/z==", "stripe-verification=0123",
	} {
		texts = append(texts, e.txt("@", s))
	}
	before, err := e.seed(texts...)
	if err != nil {
		return err
	}
	return e.undone(before, zone.Change{Owner: e.apex, Add: []zone.Record{e.txt("@", "app-verification=mine")}})
}

func wildcardText(e *env) error {
	if e.zone.Caps.NoWildcard {
		return notHere("the host has no wildcards")
	}
	before, err := e.seed()
	if err != nil {
		return err
	}
	return e.undone(before, zone.Change{Owner: e.name("*"), Add: []zone.Record{e.txt("*", "v=spf1 -all")}})
}

// ownerCNAME is how certificate authorities have a name validated.
func ownerCNAME(e *env) error {
	if err := e.stores("CNAME"); err != nil {
		return err
	}
	before, err := e.seed()
	if err != nil {
		return err
	}
	rel := "_3639ac514e785e898d2646601fa951d5.shop"
	return e.undone(before, zone.Change{Owner: e.name(rel), Add: []zone.Record{e.rec(rel, "CNAME", "_bb.validations.other.example")}})
}

// owned writes an address and a text at each owner, and takes them away.
func owned(rels ...string) func(*env) error {
	return func(e *env) error {
		before, err := e.seed()
		if err != nil {
			return err
		}
		for _, rel := range rels {
			c := zone.Change{Owner: e.name(rel), Add: []zone.Record{e.txt(rel, "text"), e.rec(rel, "A", "192.0.2.44")}}
			if err := e.undone(before, c); err != nil {
				return err
			}
		}
		return nil
	}
}

// orRefused adds a text, which the host may refuse for the reason why; the zone
// must say the same.
func orRefused(rel string, why notHere, value string) func(*env) error {
	return func(e *env) error {
		before, err := e.seed(e.txt("text", "beside"))
		if err != nil {
			return err
		}
		c := zone.Change{Owner: e.name(rel), Add: []zone.Record{e.txt(rel, value)}}
		o := e.acct.Apply(e.ctx(), e.zone, []zone.Change{c}, &providers.Run{})[0]
		if o.State != providers.Rejected {
			return e.undone(before, c)
		}
		if err := e.holds(before); err != nil {
			return err
		}
		return why
	}
}

func ownerOdd(e *env) error {
	var refused error
	for _, rel := range []string{"a/b", "a?b", "a#b", "a%2fb", "a&b=c", "a+b", "a:b"} {
		err := orRefused(rel, "the host refuses an owner such as "+notHere(rel), "odd")(e)
		if _, ok := errors.AsType[notHere](err); !ok && err != nil {
			return fmt.Errorf("%s: %w", rel, err)
		}
		refused = cmp.Or(refused, err)
	}
	return refused
}

func ownerParent(e *env) error {
	mine := e.rec("par", "A", "192.0.2.41")
	before, err := e.seed(
		mine, e.txt("par", "stays"),
		e.rec("child.par", "A", "192.0.2.41"), e.rec("notpar", "A", "192.0.2.41"), e.rec("par2", "A", "192.0.2.41"), e.rec("a.notpar", "A", "192.0.2.41"),
	)
	if err != nil {
		return err
	}
	return e.undone(before, zone.Change{Owner: e.name("par"), Remove: []zone.Record{mine}})
}

func zoneName(e *env) error {
	rel := string(e.apex)
	if len(rel)*2+1 > 240 {
		return notHere("the zone's name is too long to stand in it twice")
	}
	label, _, _ := strings.Cut(rel, ".")
	return owned(rel, label)(e)
}
