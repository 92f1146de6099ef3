package entri

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
)

// rootTTL is the time to live of what options ask of the domain itself, in
// seconds: that of the reference's sample.
const rootTTL = 300

// atRoot is what options ask of the domain itself. The records in list can ask
// for nothing else there then. With secureRootDomain the servers answer for the
// domain and redirect by themselves.
func (c Config) atRoot(list []Lowered, v values) ([]Lowered, Errors) {
	entered := v.domain.Subdomain
	switch {
	case c.SecureRootDomain:
		return secureRoot(list, v)
	case c.WWWRedirect && (entered == "" || entered == "www"):
		return wwwRedirect(list, v)
	}
	return nil, nil
}

// secureRoot points the domain at the servers, which hold its certificate.
func secureRoot(list []Lowered, v values) ([]Lowered, Errors) {
	intents, f := v.intents(Record{Type: "A", Host: "@", Value: "{ENTRI_SERVERS}", TTL: rootTTL})
	if f != nil {
		return nil, Errors{{Code: f.code, Path: "secureRootDomain", Value: f.value, Reason: f.reason}}
	}
	var errs Errors
	for _, l := range pointers(list) {
		if !v.serves(l.Intent) {
			errs.add(Contradiction, l.Path, "", "points the domain itself at %s, and secureRootDomain points it at {ENTRI_SERVERS}; drop one of the two", l.Intent.Value)
		}
	}
	out := make([]Lowered, len(intents))
	for i, in := range intents {
		out[i] = Lowered{Intent: in, Path: "secureRootDomain"}
	}
	return out, errs
}

// wwwRedirect sends the visitors of the domain to its www: by the DNS host's
// own redirect, else by the servers where they are known. Servers that the
// records name already need no redirect, and other name servers are told by
// whoever runs them.
func wwwRedirect(list []Lowered, v values) ([]Lowered, Errors) {
	var errs Errors
	done := slices.ContainsFunc(list, func(l Lowered) bool { return l.Intent.Kind == plan.KindNS && l.Intent.Host == "@" })
	for _, l := range pointers(list) {
		if v.serves(l.Intent) {
			done = true
		} else {
			errs.add(Contradiction, l.Path, "", "points the domain itself at %s, and wwwRedirect sends its visitors to www; drop one of the two", l.Intent.Value)
		}
	}
	if done || len(errs) > 0 {
		return nil, errs
	}
	in := plan.Redirect("@", "https://www."+string(v.domain.Domain)+"/")
	in.TTL = rootTTL
	addrs := make([]string, len(v.servers))
	for i, a := range v.servers {
		addrs[i] = a.String()
	}
	in.Fallback = strings.Join(addrs, " ")
	return []Lowered{{Intent: in, Path: "wwwRedirect"}}, nil
}

// pointers is what points the domain itself somewhere.
func pointers(list []Lowered) []Lowered {
	return slices.DeleteFunc(slices.Clone(list), func(l Lowered) bool {
		return l.Intent.Host != "@" || !slices.Contains([]plan.Kind{plan.KindA, plan.KindAAAA, plan.KindCNAME}, l.Intent.Kind)
	})
}

// serves reports whether an intent points at one of the servers.
func (v values) serves(in plan.Intent) bool {
	for _, a := range v.servers {
		if in.Value == a.String() {
			return true
		}
	}
	return false
}
