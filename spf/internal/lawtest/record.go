package lawtest

import (
	"fmt"
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

func (w *world) directive() string {
	q := w.pick("", "", "", "+")
	if w.Float64() < w.Exclusions {
		q = w.pick("-", "~", "?")
	}
	if w.Float64() < w.Dead {
		return q + w.pick("include:none"+net, "a:down"+net, "mx:none"+net, "exists:none"+net, "a:none"+net)
	}
	return q + w.mechanism()
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
