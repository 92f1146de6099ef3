package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Nothing is planned that the host would refuse: what it cannot store is asked
// about before anything is written.
func TestRow15Caps(t *testing.T) {
	t.Run("audit", func(t *testing.T) {
		rows.hold(t, audited, forgetsClamp, exceedsMaxTXT, writesRefusedText, writesNullMX)
	})
	t.Run("texts", texts)
	t.Run("TTLs", ttls)
	t.Run("records", unsupported)
}

var (
	forgetsClamp      = misreads("forgets the TTL clamp", func(r *plan.Request) { r.Caps.MinTTL, r.Caps.MaxTTL, r.Caps.TTLs = 0, 0, nil })
	exceedsMaxTXT     = misreads("exceeds MaxTXT", func(r *plan.Request) { r.Caps.MaxTXT = 0 })
	writesRefusedText = misreads("writes characters that the host refuses", func(r *plan.Request) { r.Caps.RefusedText = "" })
	writesNullMX      = misreads("writes a null MX where there can be none", func(r *plan.Request) { r.Caps.NoNullMX = false })
)

// audited: a host takes every record that is added. What the zone holds
// already, at this name or at the wildcard that answered for it, it took.
func audited(tr trial) error {
	for _, c := range tr.plan.Changes {
		for _, r := range c.Add {
			copied := slices.ContainsFunc(tr.Zone.Records, func(o zone.Record) bool {
				return o.Name.Label() == "*" && o.Type == r.Type && o.Data == r.Data
			})
			if why := refused(tr.Caps, r); why != "" && !copied && (why == noTTL || !zone.Contains(tr.Zone.Records, r)) {
				return fmt.Errorf("audit: %v: %s", r, why)
			}
		}
	}
	return nil
}

const noTTL = "no such TTL"

// refused is why a host would not take a record, as its documentation says it.
func refused(caps providers.Caps, r zone.Record) string {
	field := strings.Fields(r.Data)
	switch {
	case len(caps.TTLs) > 0 && !slices.Contains(caps.TTLs, r.TTL), r.TTL < caps.MinTTL, caps.MaxTTL > 0 && r.TTL > caps.MaxTTL:
		return noTTL
	case len(caps.Types) > 0 && !slices.Contains(caps.Types, r.Type), slices.Contains(caps.NoTypes, r.Type):
		return "no such type"
	case r.Type == "ALIAS" && caps.ApexAlias != "ALIAS", r.Type == "REDIRECT" && !caps.Redirects:
		return "no such feature"
	case r.Type == "CNAME" && r.Name == domain && caps.ApexAlias != "CNAME":
		return "no CNAME at the apex"
	case caps.NoWildcard && strings.HasPrefix(string(r.Name), "*."):
		return "no wildcards"
	case caps.NoNullMX && r.Type == "MX" && field[len(field)-1] == ".":
		return "no null MX"
	case caps.NoDelegation && r.Type == "NS" && r.Name != domain, !caps.ApexNS && r.Type == "NS" && r.Name == domain:
		return "no NS records here"
	case caps.NoCAAParameters && r.Type == "CAA" && strings.Contains(r.Data, "; "):
		return "no CAA parameters"
	case r.Type != "TXT":
		return ""
	case caps.MaxTXT > 0 && len(r.Text()) > caps.MaxTXT:
		return "too long"
	case caps.RefusedText != "" && strings.ContainsAny(r.Text(), caps.RefusedText):
		return "a character that is refused"
	case caps.ASCIIText && strings.ContainsFunc(r.Text(), func(c rune) bool { return c > unicode.MaxASCII || unicode.IsControl(c) }):
		return "not ASCII"
	case caps.TrimsTXT && strings.TrimLeft(strings.TrimRight(r.Text(), " "), " ") != r.Text():
		return "a space at an end"
	}
	return ""
}

// Texts are stored to the octet, in strings of at most 255.
func texts(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		strs       []int // the lengths of its strings; nil: refused
	}{
		{"0 octets", "", nil},
		{"1 octet", "x", []int{1}},
		{"254 octets", strings.Repeat("x", 254), []int{254}},
		{"255 octets", strings.Repeat("x", 255), []int{255}},
		{"256 octets", strings.Repeat("x", 256), []int{255, 1}},
		{"509 octets", strings.Repeat("x", 509), []int{255, 254}},
		{"510 octets", strings.Repeat("x", 510), []int{255, 255}},
		{"511 octets", strings.Repeat("x", 511), []int{255, 255, 1}},
		{"764 octets", strings.Repeat("x", 764), []int{255, 255, 254}},
		{"765 octets", strings.Repeat("x", 765), []int{255, 255, 255}},
		{"766 octets", strings.Repeat("x", 766), []int{255, 255, 255, 1}},
		{"a quote", `say "this"`, []int{10}},
		{"only quotes", `""`, []int{2}},
		{"a backslash", `a\b`, []int{3}},
		{"2 backslashes", `a\\b`, []int{4}},
		{"3 backslashes", `a\\\b`, []int{5}},
		{"4 backslashes", `a\\\\b`, []int{6}},
		{"a backslash at the end", `a\`, []int{2}},
		{"what looks like an escape", `a\034b`, []int{6}},
		{"backticks", "a`b`", []int{4}},
		{"a space at the end", "a ", []int{2}},
		{"spaces around", "  a  ", []int{5}},
		{"only a space", " ", []int{1}},
		{"semicolons", "a; b;", []int{5}},
		{"a tab", "a\tb", []int{3}},
		{"no ASCII", "ä", []int{2}},
		{"a quote at the cut", strings.Repeat("x", 254) + `""`, []int{255, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := plan.Request{Domain: domain, Snapshot: zone.NewSnapshot(domain, nil), Intents: []plan.Intent{plan.TXT("t", tt.text)}}
			p, err := plan.New(req)
			if tt.strs == nil {
				if !isInput(err) {
					t.Errorf("got %v, want an *InputError", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r := p.Changes[0].Add[0]
			strs, err := zone.ParseStrings(r.Data)
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, s := range strs {
				got = append(got, len(s))
			}
			if d := cmp.Diff(got, tt.strs); d != "" || r.Text() != tt.text {
				t.Errorf("text %q (-got +want):\n%s", r.Text(), d)
			}
			req.Snapshot = req.Snapshot.With(p.ZoneChanges()...)
			if again := mustPlan(req); again.Status != plan.NoChange {
				t.Errorf("planning again is %s", again.Status)
			}
			for _, limit := range []int{len(tt.text), len(tt.text) - 1} {
				req.Snapshot, req.Caps.MaxTXT = zone.NewSnapshot(domain, nil), limit
				if got, want := mustPlan(req).Status, map[bool]plan.Status{true: plan.Ready, false: plan.NeedsDecision}[limit == len(tt.text) || limit == 0]; got != want {
					t.Errorf("where a text has at most %d octets: status %s, want %s", limit, got, want)
				}
			}
		})
	}
}

// A TTL is what the host makes of it before anything is compared, so planning
// after the host changed it is no change.
func ttls(t *testing.T) {
	for _, tt := range []struct {
		name        string
		caps        providers.Caps
		asked, want uint32
	}{
		{"any", providers.Caps{}, 77, 77},
		{"none asked for", providers.Caps{}, 0, 3600},
		{"the largest", providers.Caps{}, 1<<32 - 1, 1<<32 - 1},
		{"below the least", providers.Caps{MinTTL: 600}, 60, 600},
		{"the least", providers.Caps{MinTTL: 600}, 600, 600},
		{"above the most", providers.Caps{MaxTTL: 900}, 86400, 900},
		{"between two", providers.Caps{TTLs: []uint32{60, 300, 3600}}, 61, 300},
		{"one of them", providers.Caps{TTLs: []uint32{60, 300, 3600}}, 300, 300},
		{"above all", providers.Caps{TTLs: []uint32{60, 300, 3600}}, 86400, 3600},
		{"automatic", providers.Caps{TTLs: []uint32{1, 60, 300}}, 1, 1},
		{"not automatic", providers.Caps{TTLs: []uint32{1, 60, 300}}, 2, 60},
		{"not automatic below the least", providers.Caps{MinTTL: 60, TTLs: []uint32{1, 60, 300}}, 1, 60},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := plan.A("new", "198.51.100.7")
			in.TTL, in.EnforceTTL = tt.asked, true
			req := plan.Request{Domain: domain, Snapshot: zone.NewSnapshot(domain, nil), Caps: tt.caps, Intents: []plan.Intent{in}}
			p := mustPlan(req)
			if got := p.Changes[0].Add[0].TTL; got != tt.want {
				t.Errorf("got TTL %d, want %d", got, tt.want)
			}
			for range 2 {
				req.Snapshot = req.Snapshot.With(p.ZoneChanges()...)
				if p = mustPlan(req); p.Status != plan.NoChange {
					t.Errorf("planning again is %s:\n%s", p.Status, p.Text())
				}
			}
		})
	}
}

// What a host cannot store is a conflict, and nothing of it is in a change.
func unsupported(t *testing.T) {
	long := strings.Repeat("x", 61)
	for _, tt := range []struct {
		name string
		caps providers.Caps
		in   plan.Intent
		want plan.Code // "": it is written
	}{
		{"a type", providers.Caps{Types: []string{"A"}}, plan.AAAA("new", "2001:db8::7"), plan.Unsupported},
		{"CAA", providers.Caps{Types: []string{"A", "TXT"}}, plan.CAA("@", "iodef", "mailto:a@app.example"), plan.Unsupported},
		{"SRV", providers.Caps{Types: []string{"A", "TXT"}}, plan.SRV("_sip._tcp", 0, 0, 5060, "sip.app.example"), plan.Unsupported},
		{"a wildcard", providers.Caps{NoWildcard: true}, plan.A("*", "198.51.100.7"), plan.Unsupported},
		{"a wildcard below", providers.Caps{NoWildcard: true}, plan.TXT("*.shop", "x"), plan.Unsupported},
		{"no wildcard", providers.Caps{NoWildcard: true}, plan.A("star", "198.51.100.7"), ""},
		{"a null MX", providers.Caps{NoNullMX: true}, plan.MX("new", 0, "."), plan.Unsupported},
		{"an MX", providers.Caps{NoNullMX: true}, plan.MX("new", 10, "mx.app.example"), ""},
		{"a null MX where it is stored", providers.Caps{}, plan.MX("new", 0, "."), ""},
		{"a delegation", providers.Caps{NoDelegation: true}, plan.NS("new", "ns1.app.example"), plan.Unsupported},
		{"CAA parameters", providers.Caps{NoCAAParameters: true}, plan.CAA("@", "iodef", "mailto:a@app.example; x=y"), plan.Unsupported},
		{"a CAA that forbids all", providers.Caps{NoCAAParameters: true}, plan.CAA("@", "contactemail", ";"), ""},
		{"a long text", providers.Caps{MaxTXT: 60}, plan.TXT("new", long), plan.Unsupported},
		{"a long text with a fallback", providers.Caps{MaxTXT: 60}, plan.Intent{Kind: plan.KindTXT, Host: "new", Value: long, Fallback: "x"}, ""},
		{"a long SPF record", providers.Caps{MaxTXT: 20}, plan.SPF("new", "ip4:198.51.100.0/24 ip4:203.0.113.0/24"), plan.SPFLength},
		{"a long DMARC record", providers.Caps{MaxTXT: 20}, plan.DMARC("_dmarc", "v=DMARC1; p=none; adkim=s", nil), plan.Unsupported},
		{"a long key", providers.Caps{MaxTXT: 20}, plan.DKIM("s1._domainkey", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", ""), plan.Unsupported},
		{"a quote", providers.Caps{RefusedText: `"`}, plan.TXT("new", `a"b`), plan.Unsupported},
		{"a semicolon", providers.Caps{RefusedText: `;`}, plan.TXT("new", `a;b`), plan.Unsupported},
		{"a type that is named as missing", providers.Caps{NoTypes: []string{"SRV"}}, plan.SRV("_sip._tcp", 0, 0, 5060, "sip.app.example"), plan.Unsupported},
		{"another type than the missing one", providers.Caps{NoTypes: []string{"SRV"}}, plan.TXT("new", "x"), ""},
		{"beyond ASCII", providers.Caps{ASCIIText: true}, plan.TXT("new", "a✓"), plan.Unsupported},
		{"ASCII", providers.Caps{ASCIIText: true}, plan.TXT("new", "a ~!"), ""},
		{"a space that begins", providers.Caps{TrimsTXT: true}, plan.TXT("new", " x"), plan.Unsupported},
		{"a space that ends", providers.Caps{TrimsTXT: true}, plan.TXT("new", "x "), plan.Unsupported},
		{"a space that ends, with a fallback", providers.Caps{TrimsTXT: true}, plan.Intent{Kind: plan.KindTXT, Host: "new", Value: "x ", Fallback: "x"}, plan.Unsupported},
		{"a space within", providers.Caps{TrimsTXT: true}, plan.TXT("new", "x y"), ""},
		{"a redirect", providers.Caps{}, plan.Redirect("new", "https://app.example/"), ""},
		{"an alias at the apex", providers.Caps{}, plan.CNAME("@", "edge.app.example"), plan.ApexCNAME},
		{"an alias at the apex of a host that has one", providers.Caps{ApexAlias: "ALIAS"}, plan.CNAME("@", "edge.app.example"), ""},
		{"the zone's own servers", providers.Caps{}, plan.NS("@", "ns1.app.example"), plan.NSApex},
		{"the host's own record", providers.Caps{}, plan.TXT("_domainconnect", "x"), plan.Protected},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPlan(t, plan.Request{Caps: tt.caps, Intents: []plan.Intent{tt.in}})
			var got plan.Code
			if open := p.Open(); len(open) > 0 {
				got = open[0].Code
			}
			if got != tt.want {
				t.Errorf("got conflict %q, want %q:\n%s", got, tt.want, p.Text())
			}
			for _, c := range p.Changes {
				for _, r := range c.Add {
					if why := refused(tt.caps, r); why != "" {
						t.Errorf("%v is planned: %s", r, why)
					}
				}
			}
			if got != "" && p.Status != plan.NeedsDecision {
				t.Errorf("status %s, want needs-decision", p.Status)
			}
		})
	}
}
