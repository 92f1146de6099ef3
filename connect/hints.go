package connect

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// hint is what tells a host whose name servers bear its customer's names.
type hint struct {
	host     string         // ID in providers.Catalogue
	mailbox  zone.Name      // the RNAME that it writes into the SOA records of its zones
	prefixes []netip.Prefix // that it publishes, and answers DNS from
	source   string
}

// hints is the hosts that let customers name the servers, as far as they say
// what their zones look like.
func hints() []hint {
	return []hint{
		{
			host: "azure", mailbox: "azuredns-hostmaster.microsoft.com",
			source: "https://learn.microsoft.com/en-us/azure/dns/dns-getstarted-powershell, read 2026-11-22",
		},
		{
			// The addresses are those of its proxy, too, so they tell that somebody is a
			// customer, and little of what for.
			host: "cloudflare", mailbox: "dns.cloudflare.com",
			prefixes: prefixes(
				"173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18", "108.162.192.0/18",
				"190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17", "162.158.0.0/15", "104.16.0.0/13",
				"104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22",
				"2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32", "2a06:98c0::/29", "2c0f:f248::/32",
			),
			source: "https://www.cloudflare.com/ips/, as public configurations have it, read 2026-11-22",
		},
		{
			host: "route53", mailbox: "awsdns-hostmaster.amazon.com",
			prefixes: prefixes("205.251.192.0/21", "2600:9000:5300::/45"),
			source:   "https://ip-ranges.amazonaws.com/ip-ranges.json, service ROUTE53, as of 2026-06-25; https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html",
		},
	}
}

func prefixes(text ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(text))
	for i, t := range text {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// bySOA is the host that a zone's SOA record tells: by the primary server's name,
// which few customers change, else by the mailbox. It is "" where neither does,
// or where the name is that of several hosts.
func bySOA(soa verify.SOA, hosts []providers.Info) (host string, why []string) {
	if soa.MName != "" {
		var ids []string
		var name string
		for _, i := range closest(hosts, soa.MName) {
			if !slices.Contains(ids, hosts[i].ID) {
				ids = append(ids, hosts[i].ID)
				name = hosts[i].Name
			}
		}
		if len(ids) == 1 {
			return ids[0], []string{fmt.Sprintf("the zone's primary server is one of %s's", name)}
		}
	}
	for _, h := range hints() {
		if soa.RName != "" && soa.RName == h.mailbox {
			return h.host, []string{fmt.Sprintf("the SOA record names the mailbox of %s", providers.Known(h.host).Name)}
		}
	}
	return "", nil
}

// byAddress is the host that has published the addresses of most name servers.
func byAddress(servers []verify.Server) (host string, why []string) {
	with := map[zone.Name][]netip.Addr{}
	for _, s := range servers {
		if s.Addr.IsValid() {
			with[s.Name] = append(with[s.Name], s.Addr.Unmap())
		}
	}
	for _, h := range hints() {
		n := 0
		for _, addrs := range with {
			if slices.ContainsFunc(addrs, func(a netip.Addr) bool {
				return slices.ContainsFunc(h.prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
			}) {
				n++
			}
		}
		if n > len(with)/2 {
			return h.host, []string{fmt.Sprintf("%d of %d name servers have addresses that %s has published", n, len(with), providers.Known(h.host).Name)}
		}
	}
	return "", nil
}
