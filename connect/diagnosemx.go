package connect

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// receivers reports who receives mail for the name.
func (c *checkup) receivers() {
	mx, a, aaaa := c.get(c.name, "MX"), c.get(c.name, "A"), c.get(c.name, "AAAA")
	c.d.MX.Status = mx.status
	servers := servers(mx.records)
	for _, s := range servers {
		c.d.MX.Servers = append(c.d.MX.Servers, fmt.Sprintf("%d %s", s.preference, s.host))
	}
	say := func(code string, severity Severity, text, advice string) {
		c.d.add(MailFinding{Area: AreaMX, Code: code, Severity: severity, Owner: c.name, Text: text, Advice: advice})
	}
	null := slices.ContainsFunc(servers, func(s server) bool { return s.host == "." })
	switch {
	case mx.status == plan.Failed:
		c.d.add(failed(AreaMX, c.name, "the MX records", mx.trouble))
	case null && len(servers) > 1:
		say("null-mx-beside", Broken, fmt.Sprintf("%s has a null MX record, which says that it receives no mail, beside others (RFC 7505 section 3)", c.name.FQDN()),
			"remove the null MX record, or the others")
	case null:
		say("null-mx", Hint, fmt.Sprintf("%s says that it receives no mail (RFC 7505)", c.name.FQDN()), "")
	case len(servers) > 0:
	case a.status == plan.Found || aaaa.status == plan.Found:
		say("no-mx", Hint, fmt.Sprintf("%s has no MX record, so mail goes to its address (RFC 5321 section 5.1)", c.name.FQDN()),
			"publish MX records, or the null MX record \"0 .\" if the domain receives no mail")
	case a.status == plan.Failed || aaaa.status == plan.Failed:
		c.d.add(failed(AreaMX, c.name, "the address that mail goes to without MX records", cmp.Or(a.trouble, aaaa.trouble)))
	default:
		say("no-mx", Hint, fmt.Sprintf("%s has neither an MX record nor an address, so it receives no mail", c.name.FQDN()), "")
	}
}

// hosts looks for the addresses of the mail servers. Nobody can deliver to one
// that has none.
func (c *checkup) hosts(ctx context.Context) {
	var names []zone.Name
	var questions []plan.Question
	for _, s := range servers(c.get(c.name, "MX").records) {
		if s.host == "." {
			continue
		}
		name := zone.Name(s.host)
		if _, err := netip.ParseAddr(s.host); err == nil {
			c.d.add(MailFinding{
				Area: AreaMX, Code: "not-a-host", Severity: Broken, Owner: c.name,
				Text:   fmt.Sprintf("an MX record names the address %s where it has to name a host (RFC 5321 section 5.1), so nobody can deliver to it", s.host),
				Advice: "publish the address under a host name, and name that host in the MX record",
			})
			continue
		}
		names = append(names, name)
		questions = append(questions, plan.Question{Name: name, Type: "A"}, plan.Question{Name: name, Type: "AAAA"})
	}
	c.ask(ctx, questions...)
	for _, name := range names {
		a, aaaa := c.get(name, "A"), c.get(name, "AAAA")
		switch {
		case a.status == plan.Found || aaaa.status == plan.Found:
		case a.status == plan.Failed || aaaa.status == plan.Failed:
			c.d.add(failed(AreaMX, name, "the address of the mail server", cmp.Or(a.trouble, aaaa.trouble)))
			continue
		default:
			c.d.add(MailFinding{
				Area: AreaMX, Code: "no-address", Severity: Broken, Owner: name,
				Text:   fmt.Sprintf("the mail server %s has no address, so nobody can deliver to it", name.FQDN()),
				Advice: "remove the MX record, or publish the address of the server",
			})
		}
		if a.alias != "" {
			c.d.add(MailFinding{
				Area: AreaMX, Code: "alias", Severity: Warning, Owner: name,
				Text:   fmt.Sprintf("the mail server %s is an alias, which an MX record must not name (RFC 2181 section 10.3)", name.FQDN()),
				Advice: "name " + a.alias.FQDN() + " in the MX record",
			})
		}
	}
}

// server is one mail server of a name.
type server struct {
	preference int
	host       string
}

// servers is the targets of MX records, the preferred one first.
func servers(recs []zone.Record) []server {
	var out []server
	for _, r := range recs {
		preference, host, _ := strings.Cut(r.Data, " ")
		n, err := strconv.Atoi(preference)
		if err != nil {
			continue
		}
		if host != "." {
			host = strings.TrimSuffix(host, ".")
		}
		out = append(out, server{n, host})
	}
	slices.SortFunc(out, func(a, b server) int {
		return cmp.Or(cmp.Compare(a.preference, b.preference), cmp.Compare(a.host, b.host))
	})
	return out
}
