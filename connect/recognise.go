package connect

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// Confidence is how sure it is that a site's provider was recognised rightly.
type Confidence string

// The confidences.
const (
	High   Confidence = "high"   // every name server is of that host
	Medium Confidence = "medium" // most are, or they may be another host's as well; or none is by its name, and both SOA record and addresses tell the host
	Low    Confidence = "low"    // only the SOA record or the addresses of the name servers tell
)

// recognise names the provider by what the walk through DNS has shown anyway:
// the names of the name servers, the parent zone's word first; where those are
// nobody's, the SOA record and the addresses. A loaded driver comes first,
// whatever the catalogue calls its host; without one a person does what the
// driver would.
func (e *Engine) recognise(site *Site, d verify.Delegation) {
	for _, ns := range slices.Concat(d.Parent, d.Child) {
		if !slices.Contains(site.NameServers, ns) {
			site.NameServers = append(site.NameServers, ns)
		}
	}
	catalogue := providers.Catalogue()
	known, loaded := poll(catalogue, d), poll(e.infos(), d)
	if known.nobody() && loaded.nobody() {
		e.byHints(site, d, catalogue)
	} else {
		e.byNames(site, known, loaded)
	}
	if d.SOA.MName != "" {
		site.Evidence = append(site.Evidence, fmt.Sprintf("the zone's primary server is %s", d.SOA.MName.FQDN()))
	}
}

// byNames is for name servers that are known by their names.
func (e *Engine) byNames(site *Site, known, loaded ballot) {
	hosts, n := known.winners()
	if len(hosts) == 1 {
		site.Host, site.ProviderName = hosts[0].ID, hosts[0].Name
	}
	drivers, byDriver := loaded.winners()
	won, of := hosts, known
	switch driver, err := e.driver(site.Host); {
	case len(drivers) > 0:
		e.assign(site, drivers[0])
		won, of = drivers[:1], loaded
		site.Evidence = []string{of.sentence(drivers, byDriver)}
		if len(hosts) > len(drivers) {
			site.Evidence = append(site.Evidence, "hosts share them: "+known.sentence(hosts, n))
		}
	case err == nil:
		e.assign(site, driver.Info())
		site.Evidence = []string{of.sentence(won, n)}
	case len(hosts) > 0:
		site.Evidence = []string{of.sentence(won, n), "no such driver is loaded"}
	}
	e.split(site, won, known, loaded)
	switch {
	case len(won) == 0 || site.Host == "" && site.Provider == "":
	case len(hosts) <= 1 && len(drivers) <= 1 && of.all(won[0]): // and nobody shares them
		site.Confidence = High
	default:
		site.Confidence = Medium
	}
}

// split tells of servers that belong to other hosts than the one recognised:
// resolvers ask those as well, so what is set at one host is half set.
func (e *Engine) split(site *Site, won []providers.Info, known, loaded ballot) {
	var said []string
	for _, b := range []ballot{loaded, known} {
		for _, v := range b.votes {
			if slices.Contains(site.Others, v.host.Name) || slices.ContainsFunc(v.servers, func(ns zone.Name) bool { return served(won, ns) }) {
				continue
			}
			site.Others = append(site.Others, v.host.Name)
			said = append(said, b.told(v))
		}
	}
	if len(won) > 0 || len(said) > 1 {
		for i := range said {
			said[i] = "split between providers: " + said[i]
		}
	}
	site.Evidence = append(site.Evidence, said...)
	if len(won) == 0 {
		site.Evidence = append(site.Evidence, fmt.Sprintf("no provider has most of the %d name servers", len(known.asked)))
	}
}

// told is a sentence on the servers of one host.
func (b ballot) told(v vote) string {
	verb, by := "are", "the zone"
	if len(v.servers) == 1 {
		verb = "is"
	}
	switch {
	case b.parent && v.n > 0:
		by = "the parent zone"
	case b.parent:
		by = "the zone alone"
	}
	return fmt.Sprintf("%s %s %s's, named by %s", list(v.servers), verb, v.host.Name, by)
}

// byHints is for name servers whose names are their owner's own. What is told by
// SOA record and addresses is not told by anybody who must be right about it.
func (e *Engine) byHints(site *Site, d verify.Delegation, catalogue []providers.Info) {
	soa, why := bySOA(d.SOA, append(e.infos(), catalogue...))
	addr, whyAddr := byAddress(d.Servers)
	host := soa
	if host == "" {
		host, why = addr, whyAddr
	} else if addr != "" {
		why = append(why, whyAddr...)
	}
	if host == "" {
		site.Evidence = []string{fmt.Sprintf("no loaded driver knows the name servers of %s", d.Apex.FQDN())}
		return
	}
	site.Confidence, site.Evidence = Low, why
	if soa == addr {
		site.Confidence = Medium
	}
	if h := providers.Known(host); h.ID != "" {
		site.Host, site.ProviderName = h.ID, h.Name
	}
	if driver, err := e.driver(host); err == nil {
		e.assign(site, driver.Info())
	} else {
		site.Evidence = append(site.Evidence, "no such driver is loaded")
	}
}

// ballot is which hosts the name servers of a zone belong to.
type ballot struct {
	asked  []zone.Name // that count: the parent's, or the zone's own where no parent was seen
	every  []zone.Name // those of parent and zone
	parent bool        // the parent has named those asked
	votes  []vote
}

// vote is the servers of one host.
type vote struct {
	host    providers.Info
	servers []zone.Name
	n       int // of them, those that count
}

// poll gives each server to the hosts that know it by the longest end of its
// name. Some hosts share servers: those have it both.
func poll(hosts []providers.Info, d verify.Delegation) ballot {
	b := ballot{asked: d.Parent, parent: len(d.Parent) > 0, every: slices.Clone(d.Parent)}
	if !b.parent {
		b.asked = d.Child
	}
	for _, ns := range d.Child {
		if !slices.Contains(b.every, ns) {
			b.every = append(b.every, ns)
		}
	}
	votes := make([]vote, len(hosts))
	for _, ns := range b.every {
		for _, i := range closest(hosts, ns) {
			votes[i].servers = append(votes[i].servers, ns)
			if slices.Contains(b.asked, ns) {
				votes[i].n++
			}
		}
	}
	for i, v := range votes {
		if v.host = hosts[i]; len(v.servers) > 0 {
			b.votes = append(b.votes, v)
		}
	}
	return b
}

// closest is which of the hosts know a server by the longest end of its name.
func closest(hosts []providers.Info, ns zone.Name) []int {
	var out []int
	longest := 0
	for i, h := range hosts {
		for _, pattern := range h.NameServers {
			if ok, err := path.Match(pattern, string(ns)); !ok || err != nil {
				continue
			}
			end := len(pattern) - 1 - strings.LastIndexAny(pattern, "*?[]")
			if end > longest {
				out, longest = nil, end
			}
			if end == longest && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

func (b ballot) nobody() bool { return len(b.votes) == 0 }

// winners is the hosts that most of the servers belong to, and how many servers
// that is. More than one share them.
func (b ballot) winners() (best []providers.Info, n int) {
	n = len(b.asked)/2 + 1
	for _, v := range b.votes {
		switch {
		case v.n > n:
			best, n = []providers.Info{v.host}, v.n
		case v.n == n:
			best = append(best, v.host)
		}
	}
	return best, n
}

// all reports whether a host has every server that parent or zone name.
func (b ballot) all(host providers.Info) bool {
	return slices.ContainsFunc(b.votes, func(v vote) bool { return v.host.ID == host.ID && len(v.servers) == len(b.every) })
}

func (b ballot) sentence(hosts []providers.Info, n int) string {
	names := make([]string, len(hosts))
	for i, h := range hosts {
		names[i] = h.Name + "'s"
	}
	return fmt.Sprintf("%d of %d name servers are %s", n, len(b.asked), strings.Join(names, " or "))
}

func served(hosts []providers.Info, ns zone.Name) bool {
	return slices.ContainsFunc(hosts, func(h providers.Info) bool { return h.Serves(ns) })
}

func list(names []zone.Name) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.FQDN()
	}
	return strings.Join(out, ", ")
}
