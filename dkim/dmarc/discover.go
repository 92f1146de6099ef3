package dmarc

import "strings"

// Found is what a receiver goes by for mail from a domain.
type Found struct {
	Domain       string // as asked for, in lower case
	Organization string // the organizational domain: names below it are aligned with each other unless the record asks for more
	Owner        string // the domain whose record counts; empty when there is none
	Record       Record // at _dmarc below Owner
}

// Policy returns what is asked for mail from the domain, by whether the domain exists in DNS; it is empty without a record. A
// record that is not Effective, and one with T, is applied less than that.
func (f Found) Policy(exists bool) Policy {
	switch {
	case f.Owner == f.Domain:
		return f.Record.P
	case exists:
		return f.Record.SP
	default:
		return f.Record.NP
	}
}

// Discover walks from a domain towards the root as receivers by RFC 9989 do. The facts are TXT values by owner name, in lower case
// and without a final dot; an owner without TXT is there with none. The questions are the owners to look up next: add their
// answers to the facts and ask again, until there are none. It takes eight look-ups at most. What cannot be looked up should not
// be taken for empty: then nothing is known of the policy.
func Discover(domain string, facts map[string][]string) (found Found, questions []string) {
	domain = canonical(domain)
	found = Found{Domain: domain, Organization: domain}
	at := map[string]Record{}
	suffix := "" // the public suffix above the domain, if a record says so
	for name := domain; name != ""; name = parent(name) {
		texts, ok := facts["_dmarc."+name]
		if !ok {
			return Found{}, []string{"_dmarc." + name}
		}
		r, ok := sole(texts)
		if !ok {
			continue
		}
		at[name] = r
		found.Organization = name // without a psd, the last one found is
		if r.PSD == "y" && name != domain {
			suffix = name
			found.Organization = below(suffix, domain)
		}
		if r.PSD != "u" { // the walk stops, also where it began (RFC 9989 4.10)
			break
		}
	}
	for _, name := range []string{domain, found.Organization, suffix} {
		if r, ok := at[name]; ok {
			found.Owner, found.Record = name, r
			break
		}
	}
	return found, nil
}

// parent returns where the walk goes on: one label less, and seven at most.
func parent(name string) string {
	labels := strings.Split(name, ".")
	return strings.Join(labels[max(1, len(labels)-7):], ".")
}

// below returns the name one label below suffix on the way to domain.
func below(suffix, domain string) string {
	rest := strings.TrimSuffix(domain, "."+suffix)
	return rest[strings.LastIndexByte(rest, '.')+1:] + "." + suffix
}
