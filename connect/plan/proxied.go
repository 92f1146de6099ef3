package plan

import "github.com/mooring-dns/mooring/providers/zone"

// proxied says of records that their host answers with addresses of its own:
// of those that are wanted and stand so already, since DNS will not show them;
// and of those that give way, since what takes their place leads straight to
// its target.
func (b *builder) proxied() {
	for _, res := range b.plan.Results {
		for _, r := range res.Records {
			if res.State == Present && r.Proxied() {
				b.warn("proxied", r.Name, "%s %s stands already, behind the proxy of its host: DNS shows the addresses of the proxy and cannot prove the record; switch the proxy off if the name must lead straight to the service",
					r.Name.FQDN(), r.Type)
			}
		}
	}
	for _, c := range b.plan.Changes {
		for _, r := range c.Remove {
			if r.Proxied() && !zone.Contains(c.Add, r) {
				b.warn("proxy-ends", c.Owner, "%s %s goes, and with it the proxy of its host: what the proxy did for the name (certificate, cache, filter) ends", c.Owner.FQDN(), r.Type)
			}
		}
	}
}
