package entri

import (
	"fmt"
	"maps"
	"slices"
)

// Entered is the name to connect: the one that a person entered, or else the
// one name that the configuration holds. The error is an *[Error].
func (c Config) Entered(f Facts) (Domain, error) {
	d, e := c.entered(f)
	if e != nil {
		return Domain{}, e
	}
	return d, nil
}

func (c Config) entered(f Facts) (Domain, *Error) {
	name, path := f.Domain, "domain"
	switch {
	case name != "":
	case c.Domain != "" && c.Subdomain != "":
		name = c.Subdomain + "." + c.Domain
	case c.Domain != "":
		name = c.Domain
	case len(c.PrefilledDomain) == 1:
		name, path = c.PrefilledDomain[0], "prefilledDomain"
	default:
		return Domain{}, &Error{Code: Missing, Path: path, Reason: "missing; give the name that was entered in Facts.Domain"}
	}
	d, e := split(name)
	if e == nil {
		e = c.subdomainError(d, name, true)
	}
	if e != nil {
		e.Path = path
	}
	return d, e
}

// choose is the records for one name.
func (r Records) choose(d Domain, f Facts) (recordSet, *Error) {
	switch {
	case r.ByDomain != nil:
		return r.forDomain(d)
	case r.RootNS != nil && f.ApexNS && f.ApexNSDecided:
		return recordSet{"dnsRecords." + keyRootNS, r.RootNS}, nil
	case r.List != nil || r.IsZero():
		return recordSet{"dnsRecords", r.List}, nil
	case d.Subdomain != "" && r.SubDomain != nil:
		return recordSet{"dnsRecords." + keySubDomain, r.SubDomain}, nil
	case d.Subdomain == "" && r.Domain != nil:
		return recordSet{"dnsRecords." + keyDomain, r.Domain}, nil
	}
	// The other list would be written for a name that nobody entered.
	key, what := keyDomain, "no subdomain was entered"
	if d.Subdomain != "" {
		key, what = keySubDomain, "a subdomain was entered"
	}
	return recordSet{}, &Error{Code: Missing, Path: "dnsRecords." + key, Reason: fmt.Sprintf("missing, and %s (%s)", what, d.Name())}
}

// forDomain is the records under a domain's own key: the whole name, or else
// the registered domain.
func (r Records) forDomain(d Domain) (recordSet, *Error) {
	if r.ByDomain == nil {
		return recordSet{}, nil
	}
	var set recordSet
	for _, key := range slices.Sorted(maps.Keys(r.ByDomain)) {
		k, e := split(key)
		if e != nil {
			continue
		}
		found := recordSet{"dnsRecords[" + quote(key) + "]", r.ByDomain[key]}
		if k.Name() == d.Name() {
			return found, nil
		}
		if k.Name() == d.Domain {
			set = found
		}
	}
	if set.path == "" {
		return set, &Error{Code: Missing, Path: "dnsRecords[" + quote(string(d.Name())) + "]", Reason: "missing; the other keys are for other domains"}
	}
	return set, nil
}
