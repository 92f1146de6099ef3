package entri

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Domain is a name as a person entered it, split where registration ends. For
// blog.example.co.uk the four are example.co.uk, blog, example and co.uk;
// SLD + "." + TLD is always Domain. All are lower-case A-labels.
type Domain struct {
	Domain    zone.Name // {DOMAIN}: what was registered
	Subdomain string    // {SUBDOMAIN}: what stands before it, "" for nothing
	SLD       string    // {SLD}
	TLD       string    // {TLD}: the public suffix, which may have several labels
}

// Name is the whole name again.
func (d Domain) Name() zone.Name {
	if d.Subdomain == "" {
		return d.Domain
	}
	return zone.Name(d.Subdomain) + "." + d.Domain
}

// Split reads a name as people enter it: in any case, with space around it, a
// final dot, a scheme, a port or a path, since the address bar of a browser is
// where many copy it from. Umlauts and the like become A-labels (UTS 46).
//
// The public suffix list decides what was registered, its private section
// included: under uk.com or github.io each customer has a domain of their own,
// and the name above belongs to somebody else. A top level that the list does
// not know counts as a suffix, so that private and test names work.
//
// The error is an *[Error] with Path "".
func Split(name string) (Domain, error) {
	d, e := split(name)
	if e != nil {
		return Domain{}, e
	}
	return d, nil
}

func split(entered string) (Domain, *Error) {
	bad := func(code Code, format string, args ...any) (Domain, *Error) {
		return Domain{}, &Error{Code: code, Value: entered, Reason: fmt.Sprintf(format, args...)}
	}
	host := bareHost(entered)
	_, email, isEmail := strings.Cut(host, "@")
	switch {
	case strings.TrimSpace(entered) == "":
		return bad(EmptyName, "empty; enter a domain, such as customer.example")
	case isAddress(host):
		return bad(AddressName, "an IP address; enter the domain that leads to it")
	case isEmail:
		return bad(EmailName, "an e-mail address; enter the domain after the @ (%s)", quote(email))
	}
	name, err := ascii(strings.TrimSuffix(host, "."))
	if err != nil {
		return bad(InvalidName, "%v; enter a domain, such as customer.example", err)
	}
	if strings.Contains(name, "*") {
		return bad(WildcardName, "a wildcard; enter the name without the *")
	}
	top := name[strings.LastIndexByte(name, '.')+1:]
	if strings.Trim(top, "0123456789") == "" {
		return bad(InvalidName, "no top-level domain is a number; enter a domain, such as customer.example")
	}
	suffix, _ := publicsuffix.PublicSuffix(name)
	switch {
	case name == suffix && !strings.Contains(name, "."):
		return bad(SuffixName, "no domain but a single word; enter it with its ending, such as %s", quote(name+".com"))
	case name == suffix:
		return bad(SuffixName, "an ending under which others register; enter the domain below it, such as %s", quote("customer."+name))
	}
	rest := strings.TrimSuffix(name, "."+suffix)
	cut := strings.LastIndexByte(rest, '.')
	d := Domain{SLD: rest[cut+1:], TLD: suffix}
	if cut >= 0 {
		d.Subdomain = rest[:cut]
	}
	if strings.Contains(d.SLD, "_") {
		return bad(InvalidName, "nobody can register a name with an underscore; enter the domain below which %s stands", quote(name))
	}
	d.Domain = zone.Name(d.SLD + "." + d.TLD)
	return d, nil
}

// bareHost takes from a pasted URL what is no name: scheme, path, port.
func bareHost(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.Index(s, "//"); i == 0 || i > 0 && s[i-1] == ':' {
		s = s[i+2:]
	}
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.Trim(s[i+1:], "0123456789") == "" && strings.Count(s, ":") == 1 {
		s = s[:i]
	}
	return s
}

// isAddress reports whether s is an IP address, with or without the brackets
// and the port that URLs put around one.
func isAddress(s string) bool {
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return true
	}
	_, err := netip.ParseAddrPort(s)
	return err == nil
}

const (
	maxName  = 253 // characters without the final dot, from RFC 1035 section 2.3.4
	maxLabel = 63  // octets, the same section
)

// ascii is name in lower-case A-labels. Its labels hold letters, digits,
// hyphens and underscores; "*" may be the first. There is no final dot.
func ascii(name string) (string, error) {
	tooLong := fmt.Errorf("longer than the %d characters that DNS allows", maxName)
	if len(name) > 4*maxName { // in UTF-8; encoding A-labels takes quadratic time
		return "", tooLong
	}
	s := strings.ToLower(name)
	if !isASCII(s) || strings.Contains(s, "xn--") {
		var err error
		// Hyphens in the third and fourth place are common below a domain, and
		// underscores are no host names but fine owners: labels checks those.
		p := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(false), idna.CheckHyphens(false))
		if s, err = p.ToASCII(name); err != nil {
			return "", errors.New("no domain name: " + strings.TrimPrefix(err.Error(), "idna: "))
		}
		// What cannot be read back was broken before: octets that are no UTF-8.
		if again, err := p.ToASCII(s); err != nil || again != s {
			return "", errors.New("no domain name: it holds what no name may")
		}
	}
	if len(s) > maxName {
		return "", tooLong
	}
	for i, label := range strings.Split(s, ".") {
		switch {
		case label == "":
			return "", errors.New("no domain name: nothing between two dots, or a dot at its start or end")
		case len(label) > maxLabel:
			return "", fmt.Errorf("no domain name: %q is longer than the %d characters that DNS allows between dots", label, maxLabel)
		case label == "*" && i == 0:
		case strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "":
			return "", fmt.Errorf("no domain name: %q holds what no name may", label)
		case label[0] == '-' || label[len(label)-1] == '-':
			return "", fmt.Errorf("no domain name: %q begins or ends with a hyphen", label)
		}
	}
	return s, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
