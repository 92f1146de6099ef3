package entri

import (
	"net/netip"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/spf"
)

// The variables that Host and Value of a record may hold, in braces.
const (
	varDomain      = "DOMAIN"
	varSubdomain   = "SUBDOMAIN"
	varSLD         = "SLD"
	varTLD         = "TLD"
	varCNAMETarget = "CNAME_TARGET"
	varServers     = "ENTRI_SERVERS"
	varMailSPF     = "emailProviderSPF"
)

// Variables is the names of the variables that a record may hold.
func Variables() []string {
	return []string{varDomain, varSubdomain, varSLD, varTLD, varCNAMETarget, varServers, varMailSPF}
}

func known() string { return "{" + strings.Join(Variables(), "}, {") + "}" }

// values is what variables stand for.
type values struct {
	domain       Domain
	hostRequired bool
	target       string
	servers      []netip.Addr
	mailSPF      string
}

func (v values) lookup(name string) (string, *fault) {
	switch name {
	case varDomain:
		return string(v.domain.Domain), nil
	case varSLD:
		return v.domain.SLD, nil
	case varTLD:
		return v.domain.TLD, nil
	case varSubdomain:
		if v.domain.Subdomain == "" && v.hostRequired {
			return "www", nil
		}
		return v.domain.Subdomain, nil
	case varCNAMETarget:
		if v.target == "" {
			return "", faultf(UnsetVariable, "{CNAME_TARGET}", "not set; give HostOptions.CNAMETarget, the name that customers' domains point to")
		}
		return v.target, nil
	case varMailSPF:
		return v.mailSPF, nil
	case varServers:
		return "", faultf(Invalid, "{ENTRI_SERVERS}", "it stands for addresses; write it alone, as the value of an A or AAAA record")
	}
	for _, k := range Variables() {
		if strings.EqualFold(k, name) {
			return "", faultf(UnknownVariable, "{"+name+"}", "unknown variable; upper and lower case count: {%s}", k)
		}
	}
	return "", faultf(UnknownVariable, "{"+name+"}", "unknown variable; known are %s", known())
}

// values is what the variables stand for, or what is wrong with the options
// and the facts.
func (c Config) values(h HostOptions, f Facts) (v values, errs Errors) {
	d, e := c.entered(f)
	if e != nil {
		errs = append(errs, e)
	}
	v = values{domain: d, hostRequired: c.HostRequired, mailSPF: strings.TrimSpace(f.MailboxSPF)}
	if h.CNAMETarget != "" {
		var bad *fault
		if v.target, bad = target(strings.TrimSpace(h.CNAMETarget)); bad != nil || !strings.Contains(v.target, ".") {
			errs.add(Invalid, "HostOptions.CNAMETarget", h.CNAMETarget, "not a host name, such as edge.app.example")
		}
	}
	for i, a := range h.Servers {
		if !a.IsValid() || a.Zone() != "" || a.IsUnspecified() {
			errs.add(Invalid, index("HostOptions.Servers", i), "", "%v is no address that customers can reach", a)
		}
		v.servers = append(v.servers, a.Unmap())
	}
	if v.mailSPF == "" {
		v.mailSPF = MailboxSPF(f.MailboxHost)
	} else if _, err := spf.Parse("v=spf1 " + v.mailSPF); err != nil {
		errs.add(Invalid, "Facts.MailboxSPF", f.MailboxSPF, "not SPF terms: %s", strings.TrimPrefix(err.Error(), "spf: "))
	}
	return v, errs
}

// intents replaces the variables of a record and says what it asks for:
// one intent, or one for each server.
func (v values) intents(r Record) ([]plan.Intent, *fault) {
	var f *fault
	if r.Host, f = v.expand(r.Host); f != nil {
		return nil, f.in("host")
	}
	if r.FallbackValue, f = v.expand(r.FallbackValue); f != nil {
		return nil, f.in("fallbackValue")
	}
	if f = v.expandDMARC(&r); f != nil {
		return nil, f
	}
	records := []Record{r}
	if (r.Type == "A" || r.Type == "AAAA") && strings.TrimSpace(r.Value) == "{"+varServers+"}" {
		if records, f = v.perServer(r); f != nil {
			return nil, f.in("value")
		}
	} else if records[0].Value, f = v.expand(r.Value); f != nil {
		return nil, f.in("value")
	}
	out := make([]plan.Intent, 0, len(records))
	for _, one := range records {
		in, f := one.intent()
		if f != nil {
			return nil, f
		}
		if in.Host, f = relative(in.Host, v.domain.Domain); f != nil {
			return nil, f.in("host")
		}
		out = append(out, in)
	}
	return out, nil
}

// perServer is one record for each server. An A record stands for all of
// them: the addresses of a name are replaced as one group, so leaving out the
// IPv6 servers would take the name off IPv6. An AAAA record stands for those
// with IPv6 alone.
func (v values) perServer(r Record) ([]Record, *fault) {
	var out []Record
	for _, a := range v.servers {
		one := r
		one.Value = a.String()
		switch {
		case a.Is6():
			one.Type = "AAAA"
		case r.Type == "AAAA":
			continue
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		what := "addresses"
		if r.Type == "AAAA" {
			what = "IPv6 addresses"
		}
		return nil, faultf(UnsetVariable, "{"+varServers+"}", "not set; give the %s of your servers in HostOptions.Servers", what)
	}
	return out, nil
}
