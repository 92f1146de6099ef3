package lawtest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/spf"
)

// Rates say what is drawn how often, as shares between 0 and 1.
type Rates struct {
	Exclusions float64 // of directives that do not pass: "-", "~" or "?"
	Redirects  float64 // of records of the zone and of the case that end in a redirect
	Dead       float64 // of directives that cannot be resolved: temperror, permerror, or no match

	// Wide draws what few records have too: ptr with names of the clients, macros
	// in capitals and of the client, prefix lengths of 0, host bits, final dots,
	// explanations, and directives that several records of a case share.
	Wide bool

	// Mapped draws ip6 networks of IPv4-mapped addresses, too. Evaluators differ:
	// to Go's net package such an address is one of IPv4, so that an ip6 matches
	// IPv4 clients.
	Mapped bool

	// Plain draws what every tool claims to merge: one record of the owner, one
	// requirement, and no options.
	Plain bool
}

// Case is a merge and the zone in which it takes place.
type Case struct {
	Zone    spf.Static // holds what the records name, but no record of Domain itself
	Request spf.MergeRequest
	Owners  []string // the SPF records among Request.Existing

	// Required are the requirements as records; Request may have runs of terms.
	Required []string
}

// Draw draws a case. The same source draws the same one.
func Draw(r *rand.Rand, rates Rates) Case {
	w := &world{Rand: r, Rates: rates, zone: spf.Static{}}
	w.fill()
	c := Case{Zone: w.zone, Request: spf.MergeRequest{Domain: Domain}, Required: []string{w.record(true)}}
	q := &c.Request
	if rates.Plain {
		c.Owners = []string{w.record(false)}
		q.Existing, q.Required, q.Subrecords = c.Owners, c.Required, true
		return c
	}
	for w.IntN(3) == 0 {
		c.Required = append(c.Required, w.record(true))
	}
	for _, text := range c.Required {
		if terms := strings.Trim(text[len("v=spf1"):], " "); terms != "" && w.IntN(4) == 0 {
			text = terms
		}
		q.Required = append(q.Required, text)
	}
	switch w.IntN(20) {
	case 0:
	case 1, 2:
		q.Repair = true
		c.Owners = []string{w.record(true), w.record(true)}
	default:
		c.Owners = []string{w.record(false)}
	}
	q.Existing = append([]string{"other=text"}, c.Owners...)
	q.Subrecords, q.Compact = true, w.IntN(3) == 0
	switch w.IntN(8) {
	case 0:
		q.All = spf.Keep
	case 1:
		q.All = spf.RequiredIfMissing
	case 2:
		// To ask for another all than the owner's "+all" is to ask for losses.
		if !slices.ContainsFunc(c.Owners, passesAll) {
			q.All, q.Explicit = spf.Explicit, w.pick("-all", "~all", "?all")
		}
	}
	return c
}

func passesAll(record string) bool {
	_, all := cut(record)
	return all == "+all" || all == "all"
}

// world draws records and the zone that they name.
type world struct {
	*rand.Rand
	Rates

	zone  spf.Static
	names []string // with an SPF record
	used  []string // directives, to be shared
	depth int      // 0 while records without includes are drawn
}

const net = ".example.net"

func (w *world) fill() {
	for i := range 3 {
		w.host(fmt.Sprint("h", i, net))
		w.mail(fmt.Sprint("m", i, net))
	}
	w.host(Domain)
	w.host("mail." + Domain)
	w.mail(Domain)
	for _, name := range []string{"cust.example.by" + net, "example.by" + net, "net.by" + net, "own." + Domain} {
		w.set(name, "TXT", w.record(true))
	}
	w.probes()
	for i := range 4 {
		name := fmt.Sprint("s", i, net)
		if w.IntN(2) == 0 {
			w.host(name)
			w.mail(name)
		}
		w.set(name, "TXT", w.record(true))
		w.names = append(w.names, name)
	}
	w.depth = 2
	if w.Wide {
		w.hostNames()
	}
	w.zone[spf.Question{Name: "down" + net, Type: "A"}] = spf.Answer{Status: spf.Failed}
	w.zone[spf.Question{Name: "down" + net, Type: "AAAA"}] = spf.Answer{Status: spf.Failed}
}

func (w *world) set(name, kind string, values ...string) {
	w.zone[spf.Question{Name: name, Type: kind}] = spf.Answer{Status: spf.Found, Values: values}
}

func (w *world) host(name string) {
	if w.IntN(4) > 0 {
		w.set(name, "A", v4(w.IntN(v4Count)).String())
	}
	if w.IntN(2) == 0 {
		w.set(name, "AAAA", v6(w.IntN(v6Count)).String())
	}
}

func (w *world) mail(name string) {
	hosts := []string{fmt.Sprint("h", w.IntN(3), net), fmt.Sprint("h", w.IntN(3), net)}
	w.set(name, "MX", hosts[:1+w.IntN(2)]...)
}

// probes answers what the macros of directive ask, for some messages.
func (w *world) probes() {
	const yes = "127.0.0.2"
	for _, m := range Messages() {
		name, family := dotted(m.IP, false), "in-addr"
		if m.IP.Is6() {
			family = "ip6"
		}
		if w.IntN(4) == 0 {
			w.set(name+"._ip"+net, "A", yes)
		}
		if w.IntN(4) == 0 {
			w.set(dotted(m.IP, true)+"."+family+"._rev"+net, "A", yes)
		}
		local, _, _ := strings.Cut(m.Sender, "@")
		if domain := w.pick(Domain, "s0"+net, "s1"+net, "s2"+net); w.IntN(8) == 0 {
			w.set(local+".ok."+domain, "A", yes)
		}
		if w.IntN(16) == 0 {
			w.set(m.Helo+"._helo"+net, "A", yes)
		}
	}
}

// hostNames gives some clients a name, which leads back to some of them.
func (w *world) hostNames() {
	for _, m := range Messages() {
		family := ".in-addr.arpa"
		if m.IP.Is6() {
			family = ".ip6.arpa"
		}
		if w.IntN(2) == 0 {
			w.set(dotted(m.IP, true)+family, "PTR", w.pick("h0"+net, "h1"+net, "mail."+Domain, Domain, "x.by"+net))
		}
	}
}

// dotted writes ip as the macro "i" does, or "ir" in reverse.
func dotted(ip netip.Addr, reverse bool) string {
	var parts []string
	for _, b := range ip.AsSlice() {
		if ip.Is4() {
			parts = append(parts, fmt.Sprint(b))
		} else {
			parts = append(parts, fmt.Sprintf("%x", b>>4), fmt.Sprintf("%x", b&15))
		}
	}
	if reverse {
		slices.Reverse(parts)
	}
	return strings.Join(parts, ".")
}

func (w *world) pick(of ...string) string { return of[w.IntN(len(of))] }
