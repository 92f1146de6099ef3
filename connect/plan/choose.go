package plan

import (
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Policy is what a host application wants done about conflicts of one class
// that nobody decided.
type Policy string

// The policies.
const (
	Ask     Policy = "ask"     // a person decides, or TakeDefaults; as if nothing were said
	Fail    Policy = "fail"    // only a decision that names the conflict answers it, TakeDefaults does not
	Replace Policy = "replace" // what is wanted goes in place of what is there
	Keep    Policy = "keep"    // what is there stays
)

// Policies says what is done about the conflicts of each class. It decides
// nothing about the plan as a whole: the safety gate is there for what no
// person looked at.
type Policies map[Class]Policy

// Classes is every class that a policy can be for.
func Classes() []Class {
	var out []Class
	for _, d := range descriptions {
		if d.class != ClassPlan && !slices.Contains(out, d.class) {
			out = append(out, d.class)
		}
	}
	return out
}

// check refuses a policy that nothing would heed.
func (p Policies) check() error {
	for class, policy := range p {
		if !slices.Contains(Classes(), class) {
			return &InputError{Intent: -1, Field: "policy", Value: string(class), Reason: "no conflict has this class, or none that a policy may decide"}
		}
		if !slices.Contains([]Policy{Ask, Fail, Replace, Keep}, policy) {
			return &InputError{Intent: -1, Field: "policy " + string(class), Value: string(policy), Reason: "want ask, fail, replace or keep"}
		}
	}
	return nil
}

// takes reports whether an option does what a policy asks for. Writing what
// does not work, such as an SPF record over its limit, takes a decision.
func (p Policy) takes(class Class, option string) bool {
	switch option {
	case "replace", "remove", "merge", "delegate", "change":
		return p == Replace
	case "copy": // of what a wildcard answers: that keeps the answers
		return p == Keep && class == ClassWildcard || p == Replace && class != ClassWildcard
	case "keep", "skip":
		return p == Keep
	case "leave":
		return p == Replace
	}
	return false
}

// choose is the option that stands for c: the decision for its owner, else the
// decision for its code, else the policy for its class, else its default. given
// is false when that is only the proposal of an open conflict. ws is the wants
// that the conflict stands in the way of: if all of them are optional, they
// give way.
func (b *builder) choose(c Conflict, ws ...want) (option string, given bool) {
	c.Class = c.Code.Class()
	c.Answer, c.By = b.answer(&c, ws)
	b.plan.Conflicts = append(b.plan.Conflicts, c)
	if c.Answer == "" {
		return c.Default, false
	}
	return c.Answer, true
}

func (b *builder) answer(c *Conflict, ws []want) (option, by string) {
	for _, byOwner := range []bool{true, false} {
		for _, d := range b.req.Decisions {
			if d.Code != c.Code || (d.Owner != "") != byOwner || (byOwner && d.Owner != c.Owner) {
				continue
			}
			if slices.ContainsFunc(c.Options, func(o Option) bool { return o.ID == d.Option }) {
				return d.Option, "decision"
			}
			b.fail(&InputError{
				Intent: -1, Field: "decision " + string(c.Code) + " for " + c.Owner.FQDN(), Value: d.Option,
				Reason: "no such option; there is " + joinOptions(c.Options),
			})
		}
	}
	policy := b.req.Policies[c.Class]
	if policy == Fail {
		c.Default = ""
	}
	for _, o := range c.Options {
		if policy.takes(c.Class, o.ID) {
			return o.ID, "policy"
		}
	}
	optional := len(ws) > 0 && !slices.ContainsFunc(ws, func(w want) bool { return !w.optional })
	if optional && c.Default == "" {
		for _, o := range c.Options {
			if Keep.takes(c.Class, o.ID) {
				return o.ID, "optional"
			}
		}
	}
	if c.Default != "" && slices.Contains(b.req.Decisions, TakeDefaults()) {
		return c.Default, "default"
	}
	return "", ""
}

// decided reports whether the last conflict was answered by a decision: its
// removals do not count for the safety gate.
func (b *builder) decided() bool {
	return b.plan.Conflicts[len(b.plan.Conflicts)-1].By == "decision"
}

// accepts asks whether to go on with option, which costs the records of gone.
// Where that is not the way taken, the wants are done with. state is what
// going on makes of them.
func (b *builder) accepts(ws []want, c Conflict, option string, gone []zone.Record) (state State, ok bool) {
	taken, given := b.choose(c, ws...)
	if taken != option {
		b.result(ws, outcome(given, Skipped))
		return Undecided, false
	}
	if b.decided() {
		b.excused.add(gone)
	}
	return outcome(given, Added), true
}
