package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// diagnose is what is broken or doubtful in the delegation. It is a pure
// function of the other fields.
func (d Delegation) diagnose() []Finding {
	var out []Finding
	for _, h := range d.Hosts {
		out = append(out, d.deaths(h)...)
		out = append(out, h.diagnose()...)
	}
	for _, s := range d.Servers {
		out = append(out, s.diagnose()...)
		out = append(out, s.mannered()...)
	}
	if d.Apex != "" && d.Err != "" && len(d.Hosts) == 0 {
		out = append(out, Finding{
			Code: CodeUnknown, Severity: Error, Detail: d.Err + "; nobody who was asked names its name servers",
			Hint: "look again; if it stays, mend the servers that said where the zone begins: they gave no NS records for it",
		})
	}
	return append(out, d.sets()...)
}

// lameHint says what to do about a server that does not answer for the zone,
// by the way in which it does not.
func lameHint(code Code) string {
	switch code {
	case CodeLameRefused:
		return "the server does not have the zone: add the zone there, or take the server out of the delegation at the registrar and out of the zone's NS records"
	case CodeLameServfail:
		return "the server should have the zone and cannot load it or transfer it: its operator must look at its log, or the server must leave the delegation"
	case CodeLameUpward:
		return "the server never heard of the zone: add the zone there, or take the server out of the delegation at the registrar"
	case CodeLameAA0:
		return "the server answers from a cache or an expired copy: its operator must make it authoritative for the zone, or the server must leave the delegation"
	default:
		return "the server is named for the zone and does not answer for it: its operator or the delegation at the registrar must be corrected"
	}
}

// diagnose is what is wrong with one address, but for its being dead.
func (s Server) diagnose() []Finding {
	if s.State == Sound && !s.Private {
		return nil // nearly all of them: no text is made for nothing
	}
	f := Finding{Code: s.Trouble, Severity: Warning, Server: s.who(), Detail: s.Err}
	switch {
	case s.Private:
		f.Code, f.Detail = CodeNSPrivate, fmt.Sprintf("%s is none of the Internet's addresses: the world cannot reach the server", s.Addr)
		f.Hint = "give the name server a public address where its zone is hosted, or name another server"
	case s.State == Lame:
		f.Hint = lameHint(s.Trouble)
	case s.Trouble == CodeNoRoute:
		f.Severity, f.Hint = Info, "this machine cannot reach the address; others may: look from a machine that has both IPv4 and IPv6"
	case s.State == Unknown:
		f.Code, f.Hint = CodeUnknown, "it counts as a server that lags until a look learns what it serves; look again"
	default:
		return nil
	}
	return []Finding{f}
}

// deaths is one finding for all addresses of a host that do not answer, so
// that it says whether the host is dead, or only by one way.
func (d Delegation) deaths(h Host) []Finding {
	var dead, alive, details []string
	var last Server
	for _, s := range d.Servers {
		if s.Name != h.Name || !s.Addr.IsValid() {
			continue
		}
		way := "IPv6"
		if s.Addr.Unmap().Is4() {
			way = "IPv4"
		}
		switch {
		case s.State == Dead && s.Trouble == CodeDead && !s.Private:
			last = s
			dead = append(dead, way)
			if !slices.Contains(details, s.Err) {
				details = append(details, s.Err)
			}
		case s.State != Dead:
			alive = append(alive, way)
		}
	}
	if len(dead) == 0 {
		return nil
	}
	f := Finding{Code: CodeDead, Severity: Warning, Server: last.who()}
	if len(dead) > 1 {
		f.Server = string(h.Name)
	}
	dead, alive = slices.Compact(dead), slices.Compact(alive)
	f.Detail = "no answer over " + strings.Join(dead, " or ") + ": " + strings.Join(details, ", ")
	f.Hint = "resolvers lose time on the server: its operator must mend it, or it must leave the delegation"
	if len(alive) > 0 {
		f.Detail += "; it answers over " + strings.Join(alive, " and ")
		f.Hint = "resolvers lose time on this address: the operator must mend it, or its address record and glue must go"
	}
	return []Finding{f}
}

// diagnose is what is wrong with the name and its addresses.
func (h Host) diagnose() []Finding {
	if h.Unasked {
		return nil
	}
	var out []Finding
	add := func(code Code, detail, hint string) {
		out = append(out, Finding{Code: code, Severity: Warning, Server: string(h.Name), Detail: detail, Hint: hint})
	}
	if h.Alias {
		add(CodeNSAlias, "the name server's name is a CNAME", "name the server that the alias leads to: RFC 2181 section 10.3 wants an address record there")
	}
	switch {
	case h.Gone:
		add(CodeNSNoName, "the name server's name does not exist", "correct the name at the registrar and in the zone's NS records: whoever registers the name it lies in could answer for the zone")
	case len(h.Glue) == 0 && len(h.Addrs) == 0 && h.Failed:
		add(CodeNSNoAddress, h.Err, "the name server's address could not be learned: look again; if it stays, mend the servers of the zone that its name lies in, or name another server")
	case len(h.Glue) == 0 && len(h.Addrs) == 0:
		add(CodeNSNoAddress, h.Err, "the name server is named for the zone and has no address: add its address record, or name another server")
	case len(h.Glue) > 0 && !h.Failed && len(missing(h.Glue, h.Addrs)) > 0:
		// Glue that lacks an address is harmless; glue of its own is not.
		add(CodeGlue, fmt.Sprintf("the parent zone gives %s, the zone itself %s", list(h.Glue), list(h.Addrs)), "correct the glue records at the registrar")
	}
	return out
}

func list(addrs []netip.Addr) string {
	if len(addrs) == 0 {
		return "none"
	}
	var out []string
	for _, a := range addrs {
		out = append(out, a.String())
	}
	return strings.Join(out, ", ")
}

// mannered is what is unusual about the server's messages.
func (s Server) mannered() []Finding {
	m := s.Manner
	if m == (Manner{}) {
		return nil
	}
	var out []Finding
	for _, f := range []struct {
		there        bool
		code         Code
		severity     Severity
		detail, hint string
	}{
		{m.NoEDNS, CodeEDNSFormErr, Info, "a question with EDNS is answered as broken", "the server is old, or a firewall before it is: update it; resolvers ask it twice"},
		{m.DropsEDNS, CodeEDNSDrop, Info, "a question with EDNS is not answered, the same without it is", "a firewall drops EDNS: resolvers wait in vain before they ask without it, and some give up"},
		{m.NoTCP, CodeNoTCP, Warning, "an answer does not fit into UDP, and TCP brings none", "let port 53 over TCP reach the server: RFC 7766 wants it, and resolvers cannot see this answer"},
		{m.OverTCP, CodeTCPNeeded, Info, "an answer does not fit into UDP, and comes over TCP", "nothing is broken; fewer or shorter values of the same name would save resolvers a connection"},
		{m.RateLimited, CodeRateLimited, Info, "a small answer is truncated, as by a server that limits its rate", "nothing is broken; the server is asked more slowly, so a look may take longer"},
		{m.CaseMangled, CodeCaseMangled, Info, "the question is repeated in another case", "the server or a box before it rewrites names: resolvers that guard themselves by the case ask it again over TCP"},
		{m.Spoofed > 0, CodeSpoofed, Warning, fmt.Sprintf("%d messages in the server's name were no answers to what was asked", m.Spoofed), "they were dropped; somebody may be trying to forge answers, or a box on the way repeats old ones"},
		{m.Garbage > 0, CodeGarbage, Warning, fmt.Sprintf("%d messages in the server's name were no DNS messages", m.Garbage), "they were dropped; the server or a box before it is broken"},
	} {
		if f.there {
			out = append(out, Finding{Code: f.code, Severity: f.severity, Server: s.who(), Detail: f.detail, Hint: f.hint})
		}
	}
	return out
}

// sets compares what parent and zone say of the name servers.
func (d Delegation) sets() []Finding {
	var out []Finding
	add := func(code Code, severity Severity, server, detail, hint string) {
		out = append(out, Finding{Code: code, Severity: severity, Server: server, Detail: detail, Hint: hint})
	}
	above, own := missing(d.Parent, d.Child), missing(d.Child, d.Parent)
	switch {
	case len(d.Parent) == 0 || len(d.Child) == 0:
	case len(above) == len(d.Parent):
		add(CodeDisjoint, Warning, join(slices.Concat(above, own), " "),
			fmt.Sprintf("the parent zone delegates to %s, the zone names %s", join(above, ", "), join(own, ", ")),
			"two hosts have the zone, or it was moved in one place only: name the same servers at the registrar and in the zone's NS records")
	default:
		if len(above) > 0 {
			add(CodeParentExtra, Warning, join(above, " "),
				"the parent zone delegates to it, the zone does not name it", "take it out at the registrar, or add it to the zone's NS records if it has the zone")
		}
		if len(own) > 0 {
			add(CodeChildExtra, Warning, join(own, " "),
				"the zone names it, the parent zone does not delegate to it", "take it out of the NS records at the apex, or add it at the registrar if it has the zone")
		}
	}
	for _, r := range d.Referrals {
		if lacks := missing(d.Parent, r.NS); len(lacks) > 0 {
			add(CodeParentExtra, Info, r.Server.Addr().String(),
				"this server of the parent zone does not name "+join(lacks, ", ")+", another one does",
				"a change of the delegation is still under way at the registry; look again in some minutes")
		}
	}
	for _, s := range d.Servers {
		if s.State == Sound && s.Serial != d.SOA.Serial {
			add(CodeSerial, Info, s.who(), fmt.Sprintf("serial %d, another server has %d", s.Serial, d.SOA.Serial),
				fmt.Sprintf("one of them has not yet taken the zone over; the zone asks for that at least every %d s", d.SOA.Refresh))
		}
	}
	return out
}

// missing is what a has and b has not.
func missing[T comparable](a, b []T) []T {
	var out []T
	for _, v := range a {
		if !slices.Contains(b, v) {
			out = append(out, v)
		}
	}
	return out
}

func join(names []zone.Name, between string) string {
	var out []string
	for _, n := range names {
		out = append(out, string(n))
	}
	return strings.Join(out, between)
}
