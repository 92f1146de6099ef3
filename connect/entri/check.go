package entri

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// field is one text of several that are checked alike.
type field struct{ name, value string }

// Validate checks everything that can be checked without knowing the domain,
// as [Parse] does. The error is [Errors].
func (c Config) Validate() error { return c.problems().err() }

func (c Config) problems() (errs Errors) {
	if c.ApplicationID == "" {
		errs.add(Missing, "applicationId", "", "missing; give the id of your application")
	}
	errs = append(errs, c.recordProblems()...)
	errs = append(errs, c.nameProblems()...)
	if !slices.Contains(Locales(), strings.ToLower(c.Locale)) {
		errs.add(Unsupported, "locale", c.Locale, "want one of %s", strings.Join(Locales(), ", "))
	}
	if u := c.ManualSetupDocumentation; u != "" && !webURL(u) {
		errs.add(Invalid, "manualSetupDocumentation", u, "no http or https URL")
	}
	if u := c.ApplicationURL; u != "" && !origin(u) {
		errs.add(Invalid, "applicationUrl", u, "no host name and no http or https URL")
	}
	if c.Power && c.ApplicationURL == "" && !c.Records.any(func(r Record) bool { return r.ApplicationURL != "" }) {
		errs.add(Missing, "applicationUrl", "", "missing; power needs the origin that it shows on the customer's domain")
	}
	return append(errs, c.WhiteLabel.problems()...)
}

func (c Config) nameProblems() (errs Errors) {
	check := func(path, name string) {
		d, e := split(name)
		if e == nil {
			e = c.subdomainError(d, name, false)
		}
		if e != nil {
			e.Path = path
			errs = append(errs, e)
			return
		}
		if _, e := c.Records.forDomain(d); e != nil {
			errs = append(errs, e)
		}
	}
	for i, name := range c.PrefilledDomain {
		path := "prefilledDomain"
		if len(c.PrefilledDomain) > 1 {
			path = index(path, i)
		}
		check(path, name)
	}
	if c.Domain != "" {
		check("domain", c.Domain)
	}
	for _, sub := range []field{{"subdomain", c.Subdomain}, {"defaultSubdomain", c.DefaultSubdomain}} {
		if _, err := ascii(sub.value); sub.value != "" && (err != nil || strings.Contains(sub.value, "*")) {
			errs.add(Invalid, sub.name, sub.value, `not what can stand before a domain, such as "www"`)
		}
	}
	if c.ForceManualSetup && len(c.PrefilledDomain) == 0 && c.Domain == "" {
		errs.add(Missing, "prefilledDomain", "", "missing; forceManualSetup needs to know the domain beforehand")
	}
	if c.ForceSubdomain && !c.SupportForSubdomains {
		errs.add(Contradiction, "forceSubdomain", "true", "supportForSubdomains is false; drop one of the two")
	}
	return errs
}

// subdomainError applies supportForSubdomains and, once a person has entered
// the name, forceSubdomain.
func (c Config) subdomainError(d Domain, name string, entered bool) *Error {
	switch {
	case d.Subdomain != "" && !c.SupportForSubdomains:
		return &Error{Code: HasSubdomain, Path: "domain", Value: name, Reason: "a name below a domain, and this application takes none (supportForSubdomains); enter " + quote(string(d.Domain))}
	case d.Subdomain == "" && c.ForceSubdomain && entered:
		return &Error{Code: NoSubdomain, Path: "domain", Value: name, Reason: "this application needs a name below the domain (forceSubdomain); enter one, such as " + quote("www."+string(d.Domain))}
	}
	return nil
}

func (c Config) recordProblems() (errs Errors) {
	sets := c.Records.sets()
	switch r := c.Records; {
	case c.DisableConnect:
	case len(sets) == 0:
		errs.add(Missing, "dnsRecords", "", "missing; give the records that your customers need")
	case r.ByDomain != nil && (r.RootNS != nil || r.SubDomain != nil || r.Domain != nil):
		errs.add(Contradiction, "dnsRecords", "", "holds names of domains beside rootNS, subDomain or domain; use one kind of key")
	}
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Records.ByDomain)) {
		path := "dnsRecords[" + quote(name) + "]"
		d, e := split(name)
		if e != nil {
			e.Path, e.Value = path, ""
			errs = append(errs, e)
			continue
		}
		if other, twice := seen[string(d.Name())]; twice {
			errs.add(Duplicate, path, "", "the same domain as %s; keep one", quote(other))
		}
		seen[string(d.Name())] = name
	}
	for _, s := range sets {
		if len(s.records) == 0 && !c.SecureRootDomain && !c.DisableConnect {
			errs.add(Missing, s.path, "", "no record in it; give at least one")
		}
		for i, r := range s.records {
			errs = append(errs, r.problems(index(s.path, i))...)
		}
	}
	return errs
}

// problems checks a record by lowering it for a made-up customer. One fault in
// what goes to DNS is reported at a time: the next may follow from it.
func (r Record) problems(path string) Errors {
	errs := r.fieldProblems(path)
	if bad := r.dmarcProblems(path); len(bad) > 0 {
		errs = append(errs, bad...)
		r.DMARCOverride, r.AdvancedDMARC = nil, nil
	}
	if r.Type != "" && r.Host != "" && r.Value != "" {
		if _, f := sample().intents(r); f != nil {
			errs = append(errs, r.located(path, f))
		}
	}
	return errs
}

// fieldProblems checks which fields a record has, and not what they say.
func (r Record) fieldProblems(path string) (errs Errors) {
	add := func(code Code, field, value, reason string) { errs.add(code, path+"."+field, value, "%s", reason) }
	known := slices.Contains(Types(), r.Type)
	if r.Type == "" {
		add(Missing, "type", "", "missing; want one of "+strings.Join(Types(), ", "))
	}
	if r.Host == "" {
		add(Missing, "host", "", `missing; "@" is the domain itself`)
	}
	if r.Value == "" {
		add(Missing, "value", "", "missing")
	}
	if r.TTL == 0 {
		add(Missing, "ttl", "", "missing; give seconds, such as 300")
	} else if r.TTL > MaxTTL {
		add(OutOfRange, "ttl", number(r.TTL), "want seconds from 1 to "+number(MaxTTL))
	}
	if known && r.Type != "MX" && r.Priority != nil && *r.Priority != 0 {
		add(Contradiction, "priority", number(uint32(*r.Priority)), "only MX records have one; leave it out")
	}
	if known && r.Type != "TXT" && r.FallbackValue != "" {
		add(Contradiction, "fallbackValue", r.FallbackValue, "only TXT records have one; leave it out")
	}
	if known && r.Type != "CAA" && (r.Tag != "" || r.Flag != 0) {
		add(Contradiction, "tag", r.Tag, "only CAA records have flag and tag; leave them out")
	}
	for _, u := range []field{{"applicationUrl", r.ApplicationURL}, {"redirectTo", r.RedirectTo}} {
		if u.value != "" && !origin(u.value) {
			add(Invalid, u.name, u.value, "no host name and no http or https URL")
		}
	}
	return errs
}

// sample is a customer for whom every variable has a value.
func sample() values {
	return values{
		domain:  Domain{Domain: "sample.invalid", Subdomain: "www", SLD: "sample", TLD: "invalid"},
		target:  "target.invalid",
		servers: []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, 1}), netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: 1})},
		mailSPF: "include:spf.invalid",
	}
}

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// any reports whether one of all records is as asked.
func (r Records) any(is func(Record) bool) bool {
	return slices.ContainsFunc(r.sets(), func(s recordSet) bool { return slices.ContainsFunc(s.records, is) })
}

func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// origin reports whether s is a URL, or a host name with or without a port
// and a path, as Entri's samples have it.
func origin(s string) bool {
	if !strings.Contains(s, "//") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || !webURL(s) {
		return false
	}
	_, err = ascii(u.Hostname())
	return err == nil || isAddress(u.Hostname())
}
