package godaddytest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/mooring-dns/mooring/providers/zone"
)

// summary is what the API shows of a domain, as far as it concerns DNS.
type summary struct {
	Domain      string      `json:"domain"`
	DomainID    int         `json:"domainId"`
	NameServers []zone.Name `json:"nameServers"`
	Status      string      `json:"status"`
}

func (f *Fake) summary(apex zone.Name) summary {
	return summary{Domain: string(apex), DomainID: len(apex), NameServers: f.opts.NameServers, Status: f.domains[apex].status}
}

// list is GET /v1/domains: in the order of names, at most limit, after marker
// ("Marker Domain to use as the offset in results", "Maximum number of domains
// to return", 1 to 1000: https://developer.godaddy.com/doc/endpoint/domains).
// The name servers are left null.
func (f *Fake) list(w http.ResponseWriter, r *http.Request, a Account) {
	limit, err := between(r, "limit", 1, 1000, 100)
	if err != nil {
		err.send(w)
		return
	}
	var names []zone.Name
	for apex := range f.domains {
		if _, d := f.held(a, string(apex)); d != nil && string(apex) > r.URL.Query().Get("marker") {
			names = append(names, apex)
		}
	}
	slices.Sort(names)
	out := []summary{}
	for _, n := range names[:min(limit, len(names))] {
		s := f.summary(n)
		s.NameServers = nil
		out = append(out, s)
	}
	send(w, 200, out)
}

func (f *Fake) details(w http.ResponseWriter, a Account, name string) {
	apex, d := f.held(a, name)
	if d == nil {
		noResource().send(w)
		return
	}
	send(w, 200, f.summary(apex))
}

// between is a number of the query.
func between(r *http.Request, name string, least, most, usual int) (int, *reply) {
	s := r.URL.Query().Get(name)
	if s == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, invalid(field{Code: "INVALID_VALUE", Message: "is not a number between " + strconv.Itoa(least) + " and " + strconv.Itoa(most), Path: name})
	}
	return n, nil
}
