package lawtest

import (
	"fmt"
	"slices"
	"strings"
)

// unknown is a modifier that receivers ignore.
const unknown = "moo=cow"

// record draws a record, spelt as people spell them. A requirement never lets
// everybody send: that is refused.
func (w *world) record(required bool) string {
	parts := []string{w.pick("v=spf1", "v=spf1", "V=SPF1")}
	for range w.IntN(5) {
		parts = append(parts, w.directive())
	}
	if w.IntN(10) == 0 {
		parts = append(parts, unknown)
	}
	parts = append(parts, w.end(required)...)
	if w.Wide && w.IntN(8) == 0 {
		parts = slices.Insert(parts, 1+w.IntN(len(parts)), w.modifier())
	}
	text := strings.Join(parts, w.pick(" ", " ", "  "))
	return text + w.pick("", "", "", "", " ")
}

// end draws what comes after the directives.
func (w *world) end(required bool) []string {
	if len(w.names) > 0 && w.Float64() < w.Redirects {
		to := "redirect=" + w.pick(w.names...)
		if w.depth > 1 && w.IntN(5) == 0 {
			to = "redirect=" + w.pick("own.%{d}", "%{o}.by"+net)
		}
		switch w.IntN(8) {
		case 0: // the all switches it off
			return []string{to, w.pick("-all", "~all")}
		case 1:
			return []string{to, w.directive()}
		}
		return []string{to}
	}
	switch n := w.IntN(10); {
	case n == 0:
		return nil
	case n == 1 && !required:
		return []string{w.pick("+all", "all")}
	case n == 2:
		return []string{w.pick("-all", "?all"), w.directive()} // which nothing reaches
	}
	return []string{w.pick("-all", "~all", "~ALL", "?all")}
}

// modifier draws what receivers ignore, or ask for only when mail fails.
func (w *world) modifier() string {
	return w.pick("exp=why.%{d}", "Exp=none"+net, "x_1.-=%{c}%%/", "ip4=192.0.2.1", "all=", "mid-dle=x")
}

// directive draws one that the case has already, if there are shared ones, or
// another.
func (w *world) directive() string {
	if !w.Wide || w.depth < 2 {
		return w.newDirective()
	}
	if len(w.used) > 0 && w.IntN(5) < 2 {
		d := w.pick(w.used...)
		if w.IntN(6) == 0 {
			d = strings.ToUpper(d[:1]) + d[1:]
		}
		return d
	}
	d := w.newDirective()
	w.used = append(w.used, d)
	return d
}

func (w *world) newDirective() string {
	q := w.pick("", "", "", "+")
	if w.Float64() < w.Exclusions {
		q = w.pick("-", "~", "?")
	}
	if w.Float64() < w.Dead {
		return q + w.pick("include:none"+net, "a:down"+net, "mx:none"+net, "exists:none"+net, "a:none"+net)
	}
	if w.Wide && w.IntN(4) == 0 {
		return q + w.rare()
	}
	return q + w.mechanism()
}

// rare draws a mechanism that few records have.
func (w *world) rare() string {
	switch n := w.IntN(6); {
	case n == 0:
		return w.pick("ptr", "PTR:cust.example.", "ptr:by"+net, "ptr:h0"+net, "ptr:example.net", "ptr:%{d}")
	case n == 1:
		return w.pick("a:%{d2}", "a:%{D1r}.example", "exists:%{S}._s"+net, "a:mail.%{O}", "exists:%{d2}", "a:%{h}", "exists:%{H}", "a:h0"+net+".")
	case n == 2:
		return w.pick("a/0", "mx/0", "a//0", "mx//0", "a/0//128", "a/32//0") // of everybody whose family the name has
	case n == 3:
		return w.pick("a:h1"+net, "mx:m1"+net) + w.pick("/31//126", "/31//128", "//126", "/31", "/0//0")
	case n == 4 && w.Mapped && w.IntN(2) == 0:
		return w.pick("ip6:::ffff:192.0.2.1", "ip6:::ffff:192.0.2.0/120", "ip6:::ffff:0:0/96", "IP6:::FFFF:C000:203")
	case n == 4:
		return w.pick("ip4:192.0.2.7/29", "ip4:192.0.2.3/30", "ip4:192.0.2.1/31", "ip4:0.0.0.0/0", "IP4:192.0.2.9", "ip6:::/0", "ip6:2001:DB8::3/127", "ip6:2001:db8:0:0::1")
	case len(w.names) > 0:
		name := w.pick(w.names...)
		return "Include:" + w.pick(strings.ToUpper(name), name+".", strings.ToUpper(name)+".")
	}
	return w.pick("a:cust.example", "a:cust.example.", "mx:cust.example", "A", "a:%{D}", "mx:Cust.example")
}

func (w *world) mechanism() string {
	switch n := w.IntN(20); {
	case n < 3 && len(w.names) > 0:
		return "include:" + w.pick(w.names...)
	case n == 3 && w.depth > 1:
		return w.pick("include:own.%{d}", "include:%{o}.by"+net, "Include:%{D1}.by"+net, "include:own.cust.example.")
	case n < 6:
		return "a:" + fmt.Sprint("h", w.IntN(3), net) + w.cidr()
	case n == 6:
		return w.pick("a", "A:Cust.Example.", "a:mail.%{d}", "a:%{d}") + w.cidr()
	case n == 7:
		return w.pick("mx", "MX", "mx:%{d}", "mx:m0"+net, "mx:M1.Example.Net.", "mx:m2"+net) + w.cidr()
	case n < 10:
		return "exists:" + w.pick("%{i}._ip"+net, "%{ir}.%{v}._rev"+net, "%{l}.ok.%{d}", "%{L}.ok.s0"+net, "%{h}._helo"+net, "%{l1r-}.ok.%{d2}")
	case n < 13:
		return fmt.Sprint("ip6:", v6(w.IntN(v6Count)), w.pick("", "", "/128", "/127", "/126", "/125"))
	}
	return fmt.Sprint("ip4:", v4(w.IntN(v4Count)), w.pick("", "", "/32", "/31", "/30", "/29"))
}

func (w *world) cidr() string {
	return w.pick("", "", "", "/32", "/30", "//126", "/31//127", "/29//128")
}
