package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// certified is the name that certificates for the owner are about: without the
// labels of records that only prove or describe something, and without the
// asterisk of a wildcard.
func certified(owner zone.Name) (name zone.Name, wildcard bool) {
	for name = owner; strings.HasPrefix(string(name), "_"); name = name.Parent() {
	}
	if name.Label() == "*" {
		return name.Parent(), true
	}
	return name, false
}

// caaFindings says whether the CAA records in force for the name, those of the
// nearest name upwards that has some (RFC 8659 section 3), refuse the issuer.
func (ev evidence) caaFindings() []Finding {
	if ev.expect.Issuer == "" || ev.expect.Gone {
		return nil
	}
	heard := ev.heard(ForCAA)
	name, wildcard := certified(ev.expect.Record.Name)
	for n := name; n != zone.Root; n = n.Parent() {
		i := slices.IndexFunc(heard, func(h Heard) bool { return h.Name == n })
		if i < 0 || heard[i].Status == Failed {
			return nil
		}
		set := slices.DeleteFunc(slices.Clone(heard[i].Records), func(r zone.Record) bool { return r.Type != "CAA" })
		if len(set) == 0 {
			continue
		}
		if !allowsIssuer(set, ev.expect.Issuer, wildcard) {
			return []Finding{finding(CodeCAABlocks, Error, "", fmt.Sprintf("%s: %s may not issue by the CAA records of %s: %s", name.FQDN(), ev.expect.Issuer, n.FQDN(), strings.Join(shown(set), ", ")))}
		}
		return nil
	}
	return nil
}

// allowsIssuer is RFC 8659 section 4: issue properties count, for wildcards the
// issuewild properties where there are some; a critical property that nobody
// knows forbids; no property about issuing allows.
func allowsIssuer(set []zone.Record, issuer string, wildcard bool) bool {
	of := make(map[string][]string)
	for _, r := range set {
		const critical = 128
		f := strings.SplitN(r.Data, " ", 3)
		if len(f) < 3 {
			return false
		}
		flags, _ := strconv.Atoi(f[0])
		tag := strings.ToLower(f[1])
		switch tag {
		case "issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone":
		default:
			if flags&critical != 0 {
				return false
			}
		}
		strs, err := zone.ParseStrings(f[2])
		if err != nil {
			return false
		}
		value, _, _ := strings.Cut(strings.Join(strs, ""), ";")
		of[tag] = append(of[tag], strings.ToLower(strings.TrimSpace(value)))
	}
	names := of["issue"]
	if wildcard && len(of["issuewild"]) > 0 {
		names = of["issuewild"]
	}
	return len(names) == 0 || slices.Contains(names, strings.TrimSuffix(issuer, "."))
}
