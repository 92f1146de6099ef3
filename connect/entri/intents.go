package entri

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
)

// HostOptions is what the host application is set up with.
type HostOptions struct {
	CNAMETarget string       // {CNAME_TARGET}; "" where there is none
	Servers     []netip.Addr // {ENTRI_SERVERS}
}

// Facts is what is known of one customer.
type Facts struct {
	Domain      string // the name that was entered, as [Split] reads it; "" for the one that the configuration names
	MailboxHost string // who hosts the mailboxes, by the ids of [MailboxSPF]; "" unknown
	MailboxSPF  string // SPF terms in place of what MailboxHost stands for: "include:spf.example"

	// Name servers at the apex are written only with both.
	ApexNS        bool // the DNS host can
	ApexNSDecided bool // a person wants it
}

// Lowered is an intent and the part of the configuration it comes from.
type Lowered struct {
	Intent   plan.Intent
	Path     string // "dnsRecords[3]", or "secureRootDomain"
	Optional bool   // the flow succeeds without it
}

// secureTTL is the time to live of the addresses that secureRootDomain adds,
// in seconds: that of the reference's sample.
const secureTTL = 300

// Intents is what the configuration asks of DNS for one customer. The error
// is [Errors]. Use [Config.Lower] to know which field asked for which.
func (c Config) Intents(h HostOptions, f Facts) ([]plan.Intent, error) {
	lowered, err := c.Lower(h, f)
	if err != nil {
		return nil, err
	}
	return Bare(lowered), nil
}

// Bare is the intents alone, in the same order.
func Bare(lowered []Lowered) []plan.Intent {
	out := make([]plan.Intent, len(lowered))
	for i, l := range lowered {
		out[i] = l.Intent
	}
	return out
}

// Lower is what the configuration asks of DNS for one customer, in the order
// of its records, each with its place. What two records ask alike stands once.
// Hosts are relative to the Domain of [Split] of the name entered. With
// disableConnect it is nothing.
//
// What would change DNS and cannot be expressed yet is an error: overrideSPF,
// dmarcOverride and advancedDmarcOptions. The error is [Errors].
func (c Config) Lower(h HostOptions, f Facts) ([]Lowered, error) {
	if c.DisableConnect {
		return nil, nil
	}
	v, errs := c.values(h, f)
	if errs != nil {
		return nil, errs
	}
	set, e := c.Records.choose(v.domain, f)
	if e != nil {
		return nil, Errors{e}
	}
	var all []Lowered
	for i, r := range set.records {
		list, more := c.lowerRecord(v, r, index(set.path, i), f)
		all, errs = append(all, list...), append(errs, more...)
	}
	if c.SecureRootDomain {
		list, more := secureRoot(all, v)
		all, errs = append(all, list...), append(errs, more...)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return once(all), nil
}

func (c Config) lowerRecord(v values, r Record, path string, f Facts) (out []Lowered, errs Errors) {
	if errs = append(r.fieldProblems(path), r.dmarcUnsupported(path)...); len(errs) > 0 {
		return nil, errs
	}
	intents, bad := v.intents(r)
	if bad != nil {
		return nil, Errors{r.located(path, bad)}
	}
	for _, in := range intents {
		switch {
		case in.Kind == plan.KindNS && in.Host == "@" && (!f.ApexNS || !f.ApexNSDecided):
			errs.add(Unsupported, path+".host", r.Host, "name servers of the domain itself are written only where the DNS host can and a person decided it; delegate a name below it, or give them as rootNS")
		case in.Kind == plan.KindSPF && c.OverrideSPF:
			errs.add(Unsupported, "overrideSPF", "true", "replacing the customer's SPF record would stop their other senders; leave it out to have %s merged", path)
		}
		out = append(out, Lowered{Intent: in, Path: path, Optional: r.Optional})
	}
	return out, errs
}

// Locate turns the planner's complaint about an intent into one about the
// field that it comes from. Any other error stays as it is.
func Locate(lowered []Lowered, err error) error {
	in, ok := errors.AsType[*plan.InputError](err)
	if !ok || in.Intent < 0 || in.Intent >= len(lowered) {
		return err
	}
	e := &Error{Code: Invalid, Path: lowered[in.Intent].Path, Value: in.Value, Reason: in.Reason}
	if lowered[in.Intent].Intent.Kind == plan.KindDKIM {
		e.Value = "" // an error repeats no key: it may be a private one
	}
	if strings.HasPrefix(e.Path, "dnsRecords") {
		field := in.Field
		if field == "fallback" {
			field = "fallbackValue"
		}
		e.Path += "." + field
	}
	return Errors{e}
}

// once leaves out what was asked before. Two records that differ in TTL alone
// ask for one thing; the first one's TTL stays.
func once(all []Lowered) []Lowered {
	place := make(map[plan.Intent]int, len(all))
	out := make([]Lowered, 0, len(all))
	for _, l := range all {
		key := l.Intent
		key.TTL = 0
		if i, twice := place[key]; twice {
			out[i].Optional = out[i].Optional && l.Optional
			continue
		}
		place[key] = len(out)
		out = append(out, l)
	}
	return out
}

// secureRoot points the apex at the servers, which hold its certificate. The
// records in list can point it at nothing else then.
func secureRoot(list []Lowered, v values) ([]Lowered, Errors) {
	intents, f := v.intents(Record{Type: "A", Host: "@", Value: "{ENTRI_SERVERS}", TTL: secureTTL})
	if f != nil {
		return nil, Errors{{Code: f.code, Path: "secureRootDomain", Value: f.value, Reason: f.reason}}
	}
	var errs Errors
	for _, l := range list {
		address := l.Intent.Kind == plan.KindA || l.Intent.Kind == plan.KindAAAA || l.Intent.Kind == plan.KindCNAME
		ours := func(in plan.Intent) bool { return in.Kind == l.Intent.Kind && in.Value == l.Intent.Value }
		if l.Intent.Host == "@" && address && !slices.ContainsFunc(intents, ours) {
			errs.add(Contradiction, l.Path, "", "points the domain itself at %s, and secureRootDomain points it at {ENTRI_SERVERS}; drop one of the two", l.Intent.Value)
		}
	}
	out := make([]Lowered, len(intents))
	for i, in := range intents {
		out[i] = Lowered{Intent: in, Path: "secureRootDomain"}
	}
	return out, errs
}
