package connect

import (
	"context"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/connect/plan"
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
// {emailProviderSPF}. A host that is not recognised is left empty.
func (e *Engine) Facts(ctx context.Context, site Site) entri.Facts {
	f := entri.Facts{Domain: string(site.Name)}
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
