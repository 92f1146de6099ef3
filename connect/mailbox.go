package connect

import (
	"context"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// mailHosts is the mail servers of the mailbox hosts that Entri's documentation
// names, by the end of their MX targets.
var mailHosts = [...]struct{ suffix, id string }{
	{".google.com", "google-workspace"},
	{".googlemail.com", "google-workspace"},
	{".mail.protection.outlook.com", "microsoft365"},
	{".mx.microsoft", "microsoft365"},
	{".zoho.com", "zoho"},
	{".zoho.eu", "zoho"},
	{".zoho.in", "zoho"},
	{".zohomail.com", "zoho"},
}

// Facts is what a configuration must know of the site's customer beside the
// name: who hosts the domain's mailboxes, by its MX records, for
// {emailProviderSPF}; and for rootNS whether the site's driver can write name
// servers at the apex and one of the decisions is to replace them. A mailbox
// host that is not recognised is left empty.
func (e *Engine) Facts(ctx context.Context, site Site, decisions ...plan.Decision) entri.Facts {
	f := entri.Facts{Domain: string(site.Name), ApexNSDecided: slices.ContainsFunc(decisions, site.movesApex)}
	if d, err := e.driver(site.Provider); err == nil && site.SetupType == Automatic {
		f.ApexNS = d.Info().Caps.ApexNS
	}
	mx := e.answer(ctx, plan.Question{Name: site.Domain, Type: "MX"})
	for _, r := range mx.Records {
		target, _ := r.Target()
		for _, m := range mailHosts {
			if strings.HasSuffix("."+string(target), m.suffix) {
				f.MailboxHost = m.id
				return f
			}
		}
	}
	return f
}

// movesApex reports whether a decision gives the domain other name servers.
func (s Site) movesApex(d plan.Decision) bool {
	owner, err := zone.Abs(string(d.Owner), s.Domain)
	here := d.Owner == "" || d.Owner == s.Domain || err == nil && owner == s.Domain
	return d.Code == plan.NSApex && d.Option == "replace" && here
}
