package entri

import (
	"errors"
	"fmt"
	"net/netip"
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
	MailboxHost string // who hosts the mailboxes, an ID in dkim.Mailboxes; "" unknown
	MailboxSPF  string // SPF terms in place of what MailboxHost stands for: "include:spf.example"

	// MailboxTaken is selectors of MailboxHost where a record stands that is
	// not that host's, or works, or may: enableDkim leaves them alone.
	MailboxTaken []string

	// Name servers at the apex are written only with both.
	ApexNS        bool // the DNS host can
	ApexNSDecided bool // a person wants it
}

// Lowered is an intent and the part of the configuration it comes from.
type Lowered struct {
	Intent plan.Intent
	Path   string // "dnsRecords[3]", "secureRootDomain", "wwwRedirect" or "enableDkim"
}

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
// disableConnect it is nothing. With enableDkim the key records of the
// mailbox host come last, where they can be computed. The error is [Errors].
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
	list, more := c.atRoot(all, v)
	all, errs = append(all, list...), append(errs, more...)
	all = append(all, c.mailboxKeys(all, v.domain, f)...)
	if len(errs) > 0 {
		return nil, errs
	}
	return once(all), nil
}

func (c Config) lowerRecord(v values, r Record, path string, f Facts) (out []Lowered, errs Errors) {
	if errs = append(r.fieldProblems(path), r.dmarcProblems(path)...); len(errs) > 0 {
		return nil, errs
	}
	intents, bad := v.intents(r)
	if bad != nil {
		return nil, Errors{r.located(path, bad)}
	}
	for _, in := range intents {
		if in.Kind == plan.KindNS && in.Host == "@" && (!f.ApexNS || !f.ApexNSDecided) {
			errs.add(Unsupported, path+".host", r.Host, "name servers of the domain itself are written only where the DNS host can and a person decided it; delegate a name below it, or give them as rootNS")
		}
		in.Optional, in.Override = r.Optional, c.OverrideSPF && in.Kind == plan.KindSPF
		out = append(out, Lowered{Intent: in, Path: path})
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
	if k := lowered[in.Intent].Intent.Kind; (k == plan.KindDKIM || k == plan.KindTXT) && (in.Field == "value" || in.Field == "fallback") {
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
// ask for one thing; the first one's TTL stays, and it is optional if both are.
func once(all []Lowered) []Lowered {
	out := make([]Lowered, 0, len(all))
	place := make(map[asked]int, len(all))
	for _, l := range all {
		key := ask(l.Intent)
		if i, twice := place[key]; twice {
			out[i].Intent.Optional = out[i].Intent.Optional && l.Intent.Optional
			continue
		}
		place[key] = len(out)
		out = append(out, l)
	}
	return out
}

// asked is what an intent asks for, comparable.
type asked struct {
	plan.Intent
	dmarc string
}

func ask(in plan.Intent) asked {
	key := asked{Intent: in}
	if in.DMARC != nil {
		key.dmarc = fmt.Sprintf("%+v", *in.DMARC) // prints maps in the order of their keys
	}
	key.TTL, key.Optional, key.DMARC = 0, false, nil
	return key
}
