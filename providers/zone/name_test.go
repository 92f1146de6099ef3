package zone_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/providers/zone"
)

var (
	label63 = strings.Repeat("a", 63)
	name253 = strings.Repeat(label63+".", 3) + strings.Repeat("b", 61) // 255 octets on the wire
)

// nameCases are spellings of names; want is empty where there is none.
var nameCases = []struct{ name, in, want string }{
	{"plain", "www.customer.example", "www.customer.example"},
	{"final dot", "www.customer.example.", "www.customer.example"},
	{"upper case", "WWW.Customer.EXAMPLE", "www.customer.example"},
	{"root", ".", "."},
	{"wildcard", "*.customer.example", "*.customer.example"},
	{"service", "_sip._tcp.customer.example", "_sip._tcp.customer.example"},
	{"A-label", "xn--bcher-kva.example", "xn--bcher-kva.example"},
	{"U-label", "bücher.example", ""},
	{"empty", "", ""},
	{"the sign for an apex", "@", ""},
	{"that sign inside a name", "host@x.example", `host\064x.example`},
	{"empty label first", ".example", ""},
	{"empty label inside", "a..example", ""},
	{"two final dots", "a.example..", ""},
	{"two dots", "..", ""},
	{"escaped dot", `a\.b.example`, `a\046b.example`},
	{"escaped dot in digits", `a\046b.example`, `a\046b.example`},
	{"escaped dot at the end", `a.example\.`, `a.example\046`},
	{"escaped backslash before the final dot", `a\\.`, `a\092`},
	{"escaped letter", `\a\098c.example`, "abc.example"},
	{"escaped capital", `\065.example`, "a.example"},
	{"escaped octet", `\200.example`, `\200.example`},
	{"blank", "a b.example", `a\032b.example`},
	{"quote", `a"b.example`, `a\034b.example`},
	{"escape above 255", `\256.example`, ""},
	{"escape cut short", `a.\01`, ""},
	{"escape without digits", `\0x1.example`, ""},
	{"lone backslash", `a\`, ""},
	{"label of 63", label63 + ".example", label63 + ".example"},
	{"label of 64", label63 + "a.example", ""},
	{"label of 64 through an escape", label63 + `\097.example`, ""},
	{"name of 255", name253, name253},
	{"name of 255 with its dot", name253 + ".", name253},
	{"name of 256", name253 + "b", ""},
	{"name of 255 that is longer in print", strings.Repeat(`\200`, 63) + name253[63:], strings.Repeat(`\200`, 63) + name253[63:]},
}

func TestParseName(t *testing.T) {
	for _, c := range nameCases {
		t.Run(c.name, func(t *testing.T) {
			got, err := zone.ParseName(c.in)
			if string(got) != c.want || (err == nil) != (c.want != "") {
				t.Errorf("ParseName(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

func TestAbsRel(t *testing.T) {
	for _, c := range []struct {
		name, host string
		apex       zone.Name
		want       zone.Name
		rel        string
	}{
		{"apex", "@", "customer.example", "customer.example", "@"},
		{"apex as nothing", "", "customer.example", "customer.example", "@"},
		{"relative", "WWW", "customer.example", "www.customer.example", "www"},
		{"relative with dots", "a.b", "customer.example", "a.b.customer.example", "a.b"},
		{"the apex again", "customer.example", "customer.example", "customer.example.customer.example", "customer.example"},
		{"absolute", "customer.example.", "customer.example", "customer.example", "@"},
		{"absolute elsewhere", "other.example.", "customer.example", "other.example", "other.example."},
		{"escaped dot", `a\.`, "customer.example", `a\046.customer.example`, `a\046`},
		{"escaped backslash, absolute", `a\\.`, "customer.example", `a\092`, `a\092.`},
		{"suffix without its dot", "notcustomer.example.", "customer.example", "notcustomer.example", "notcustomer.example."},
		{"in the root", "www", zone.Root, "www", "www"},
		{"the root", ".", zone.Root, zone.Root, "@"},
		{"the root from below", ".", "customer.example", zone.Root, "."},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := zone.Abs(c.host, c.apex)
			if got != c.want || err != nil {
				t.Errorf("Abs(%q, %q) = %q, %v; want %q", c.host, c.apex, got, err, c.want)
			}
			if rel := got.Rel(c.apex); rel != c.rel {
				t.Errorf("%q.Rel(%q) = %q, want %q", got, c.apex, rel, c.rel)
			}
			if again, err := zone.Abs(c.rel, c.apex); again != c.want || err != nil {
				t.Errorf("Abs(%q, %q) = %q, %v; want %q again", c.rel, c.apex, again, err, c.want)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct {
		name          string
		n, apex       zone.Name
		within, below bool
	}{
		{"itself", "a.example", "a.example", true, false},
		{"child", "b.a.example", "a.example", true, true},
		{"grandchild", "c.b.a.example", "a.example", true, true},
		{"suffix of letters only", "ba.example", "a.example", false, false},
		{"parent", "example", "a.example", false, false},
		{"escaped dot is no border", `b\046a.example`, "a.example", false, false},
		{"in the root", "a", zone.Root, true, true},
		{"the root in itself", zone.Root, zone.Root, true, false},
		{"the root elsewhere", zone.Root, "a", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.n.Within(c.apex); got != c.within {
				t.Errorf("%q.Within(%q) = %t, want %t", c.n, c.apex, got, c.within)
			}
			if got := c.n.Below(c.apex); got != c.below {
				t.Errorf("%q.Below(%q) = %t, want %t", c.n, c.apex, got, c.below)
			}
		})
	}
}

func TestParent(t *testing.T) {
	for _, c := range []struct {
		n, parent zone.Name
		label     string
	}{
		{"a.b.example", "b.example", "a"},
		{"example", zone.Root, "example"},
		{zone.Root, zone.Root, ""},
		{`a\046b.example`, "example", `a\046b`},
	} {
		if got := c.n.Parent(); got != c.parent {
			t.Errorf("%q.Parent() = %q, want %q", c.n, got, c.parent)
		}
		if got := c.n.Label(); got != c.label {
			t.Errorf("%q.Label() = %q, want %q", c.n, got, c.label)
		}
	}
}

// RFC 4034 section 6.1 orders names so; its escaped ones are left out, since
// the order of octets below a label does not matter here.
func TestCompare(t *testing.T) {
	want := []zone.Name{
		zone.Root, "example", "a.example", "yljkjljk.a.example", "z.a.example", "zabc.a.example", "z.example", "*.z.example", "x", "b.x", "example.x", "ab.example.x",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, zone.Compare)
	if d := cmp.Diff(got, want); d != "" {
		t.Errorf("sorted (-got +want):\n%s", d)
	}
}
