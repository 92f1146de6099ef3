package dkim

import (
	"fmt"
	"strings"
	"time"
)

// Rotation is a change from one key to another. Two keys stand beside each other for a while, so each needs its own selector.
type Rotation struct {
	Domain      string        // whose mail is signed, such as example.com
	Old         string        // selector of the key in use; empty where there is none yet
	OldTarget   string        // of the CNAME at Old; empty where a TXT is there
	New         string        // selector of the new key
	Record      string        // text of the new TXT; empty where Target is given
	Target      string        // of the new CNAME
	TTL         time.Duration // of the old record, where there is one; 0 is not known and counts as a day
	NegativeTTL time.Duration // of the answer that a name is not there: the least of the SOA's minimum and its TTL (RFC 2308 5); 0 is not known and counts as 3 hours
	Keep        time.Duration // how long the old key stays after the change; less than 7 days, and 0, count as 7 days
}

// StepKind names a step of a rotation for programs.
type StepKind string

// The steps in their order.
const (
	StepPublish StepKind = "publish" // write the new record
	StepSeen    StepKind = "seen"    // every authoritative server has it
	StepSwitch  StepKind = "switch"  // the signer takes the new key
	StepRevoke  StepKind = "revoke"  // the old record becomes an empty p
	StepDelete  StepKind = "delete"  // the old record goes
	StepVendor  StepKind = "vendor"  // somebody else does it
)

// Step is one thing to do.
type Step struct {
	Kind  StepKind
	Do    string        // for a person
	Name  string        // owner name of the record; empty where there is none
	Type  string        // of the record: "TXT" or "CNAME"
	Value string        // what stands there after the step; empty when it is deleted
	After time.Duration // earliest, from the end of the step before
	Until string        // what has to be true before the next step; empty for nothing
}

// What counts where a time is not known: a day is the TTL that was recommended for long (RFC 1912 2.2), and one to three hours are
// sensible for a negative answer (RFC 2308 5).
const (
	unknownTTL      = 24 * time.Hour
	unknownNegative = 3 * time.Hour
)

// keepOld is how long mail may be under way or wait to be looked at: five days of delivery attempts (RFC 5321 4.5.4.1) and a weekend.
const keepOld = 7 * 24 * time.Hour

// Rotate returns the steps from the old key to the new one, so that every message can be verified at any time. Where the old
// selector is a CNAME and stays the selector, the vendor behind it changes the key, and one step says so. An error is an [*Error] with
// [CodeBadRequest], or with [CodeValueInvalid] where the new record is no key that verifiers accept.
func Rotate(r Rotation) ([]Step, error) {
	r.Domain, _ = hostName(r.Domain) // "" for what is none, which check refuses
	if err := r.check(); err != nil {
		return nil, err
	}
	switch {
	case r.Old == "":
		r.TTL = 0
	case r.TTL == 0:
		r.TTL = unknownTTL
	}
	if r.NegativeTTL == 0 {
		r.NegativeTTL = unknownNegative
	}
	old, name := selectorName(r.Old, r.Domain), selectorName(r.New, r.Domain)
	if r.isVendors() {
		return []Step{{
			Kind: StepVendor, Name: old, Type: "CNAME", Value: r.OldTarget, Until: "the vendor signs with the new key",
			Do: "leave the CNAME where it is: the vendor that owns " + shown(r.OldTarget) + " changes the key behind it",
		}}, nil
	}
	typ, value := "TXT", r.Record
	if r.Target != "" {
		typ, value = "CNAME", r.Target
	}
	seen := "every one of them answers with it"
	if typ == "CNAME" { // the vendor may publish its key later than we the way to it
		seen += ", and a usable key stands where it leads"
	}
	sign := "let the signer use the new key, with the selector " + r.New
	if k, err := ParseKey(r.Record); err == nil && k.Type == typeEd25519 {
		sign += "; many receivers do not verify Ed25519 yet: " + besideEd25519
	}
	steps := []Step{
		{
			Kind: StepPublish, Name: name, Type: typ, Value: value, Until: "the provider has stored the record",
			Do: "publish the new record and leave the old one where it is",
		},
		{
			Kind: StepSeen, Name: name, Type: typ, Value: value, Until: seen,
			Do: "ask every authoritative server for the new record",
		},
		{
			// Verifiers may still hold what the new name answered before: that it is not there, or a wildcard's or an earlier record, for
			// whose TTL that of the old record is the best guess.
			Kind: StepSwitch, After: max(r.TTL, r.NegativeTTL), Until: "no message is signed with the old key any more",
			Do: sign,
		},
	}
	keep := max(r.Keep, keepOld)
	switch {
	case r.Old == "":
		return steps, nil
	case r.OldTarget != "": // a revocation would have to stand at the vendor's name
		return append(steps, Step{Kind: StepDelete, Name: old, Type: "CNAME", After: keep, Do: "delete the old CNAME"}), nil
	}
	return append(
		steps,
		Step{
			Kind: StepRevoke, Name: old, Type: "TXT", Value: "v=DKIM1; p=", After: keep, Until: "every authoritative server answers with it",
			Do: "revoke the old key: leave its record with an empty p",
		},
		Step{Kind: StepDelete, Name: old, Type: "TXT", After: max(r.TTL, keepOld), Do: "delete the old record"},
	), nil
}

// isVendors reports whether the change is none of ours: the selector stays a CNAME to the same name.
func (r Rotation) isVendors() bool {
	return r.OldTarget != "" && strings.EqualFold(r.Old, r.New) && r.Record == "" && (r.Target == "" || sameHost(r.Target, r.OldTarget))
}

func (r Rotation) check() error {
	refuse := func(format string, args ...any) error {
		return &Error{Code: CodeBadRequest, Detail: "rotate: " + fmt.Sprintf(format, args...)}
	}
	switch {
	case !isSelector(r.New) || r.Old != "" && !isSelector(r.Old):
		return refuse("a selector is one or more labels of letters, digits, - and _, such as s2")
	case r.Domain == "":
		return refuse("the domain is no host name")
	case len(selectorName("", r.Domain))+max(len(r.Old), len(r.New)) > maxName:
		return refuse("the selector and the domain are too long together: a name has at most %d characters", maxName)
	case r.TTL < 0 || r.NegativeTTL < 0 || r.Keep < 0:
		return refuse("a time is below zero")
	case r.isVendors():
		return nil
	case strings.EqualFold(r.Old, r.New):
		return refuse("the new key needs another selector than %s: mail under way is still to be verified with the old key", clip(r.Old))
	case (r.Target == "") == (r.Record == ""):
		return refuse("the new record is either a TXT or a CNAME: give Record or Target")
	case r.Target != "":
		if host, ok := pastedHost(r.Target); !ok || !sameHost(host, r.Target) { // the word CNAME may have been pasted with it
			return refuse("the target of the new CNAME is no host name")
		}
		return nil
	}
	name := selectorName(r.New, r.Domain)
	k, err := ParseKey(r.Record)
	if err != nil {
		return &Error{Code: CodeValueInvalid, Name: name, Detail: "the new record is no usable DKIM key", Err: err}
	}
	if why := k.useless(); why != "" {
		return &Error{Code: CodeValueInvalid, Name: name, Detail: "the new record is of no use: " + why}
	}
	return nil
}

// isSelector reports whether s is a sub-domain as RFC 6376 3.1 has it, with underscores, which exist.
func isSelector(s string) bool {
	name, ok := hostName(s)
	return ok && len(name) == len(s)
}

func selectorName(selector, domain string) string { return selector + "._domainkey." + domain }
