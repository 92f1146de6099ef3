package spf

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func ownZone() *zone {
	z := newZone(map[string][]string{
		"_spf1.cust.example":        {"v=spf1 ip4:192.0.2.1 include:_spf.google.com -all"},
		"amx.cust.example":          {"v=spf1 a MX/24 ptr exists:%{i}.%{d} a:%{d2} ~all"},
		"negative.cust.example":     {"v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all"},
		"tail.cust.example":         {"v=spf1 ip4:192.0.2.0/24 ~ip4:198.51.100.0/24"},
		"open.cust.example":         {"v=spf1 ip4:192.0.2.1 +all"},
		"no-all.cust.example":       {"v=spf1 ip4:192.0.2.1 ip4:192.0.2.9"},
		"redirect.cust.example":     {"v=spf1 ip4:192.0.2.1 redirect=no-all.cust.example"},
		"away.cust.example":         {"v=spf1 redirect=_spf.google.com exp=why.cust.example"},
		"barred.cust.example":       {"v=spf1 -ip4:192.0.2.7 redirect=no-all.cust.example"},
		"onward.cust.example":       {"v=spf1 ~include:_spf1.cust.example redirect=_spf.google.com"},
		"validated.cust.example":    {"v=spf1 exists:%{p}.x.example -all"},
		"loop.cust.example":         {"v=spf1 ip4:192.0.2.1 include:pool.cust.example -all"},
		"pool.cust.example":         {"v=spf1 include:loop.cust.example -all"},
		"two.cust.example":          {"v=spf1 -all", "v=spf1 mx -all"},
		"dc-1._spfm.cust.example":   {"v=spf1 include:_spf.google.com ~all"},
		"hosted.cust.example":       {"v=spf1 ip4:192.0.2.66 -all"},
		"sub.hosted.cust.example":   {"v=spf1 ip4:192.0.2.67 -all"},
		"_spf.google.com":           {"v=spf1 ip4:74.125.0.0/16 ~all"},
		"_spf.notcust.example":      {"v=spf1 ip4:192.0.2.99 -all"},
		"expensive.example":         {"v=spf1 a:a.x.example a:b.x.example a:c.x.example a:d.x.example a:e.x.example a:f.x.example -all"},
		"cheap.example":             {"v=spf1 ip4:203.0.113.1 -all"},
		"macro-only.cust.example":   {"v=spf1 include:%{i}.x.example -all"},
		"neutral-in.cust.example":   {"v=spf1 ?include:cheap.example include:_spf.google.com -all"},
		"percent%name.cust.example": {"v=spf1 a -all"},
		"escaped.cust.example":      {"v=spf1 a:%%{p.example -all"},
	})
	for _, host := range []string{"a", "b", "c", "d", "e", "f"} {
		z.answers[Question{Name: host + ".x.example", Type: "A"}] = Answer{Status: Found, Values: []string{"203.0.113.9"}}
	}
	return z
}

// shrunk answers what Shrink asks.
func shrunk(t testing.TB, r Resolver, q ShrinkRequest) (Shrunk, error) {
	t.Helper()
	q.Known = Answers{}
	for range countBudget + 1 {
		s, err := Shrink(q)
		if err != nil || len(s.Questions) == 0 {
			return s, err
		}
		for _, ask := range s.Questions {
			q.Known[ask] = r.Lookup(t.Context(), ask)
		}
	}
	t.Fatal("questions without end")
	return Shrunk{}, nil
}

func TestShrink(t *testing.T) {
	for _, c := range []struct {
		name, record, choices, want string
		refused                     string
	}{
		{name: "nothing chosen", record: "mx mx -all", want: "mx mx -all"},
		{name: "duplicates", record: "mx MX:Cust.Example ~mx include:cheap.example Include:CHEAP.example. -all", choices: RemedyTidy, want: "mx include:cheap.example -all"},
		{name: "an earlier exclusion covers", record: "-ip4:192.0.2.0/24 ip4:192.0.2.7 -all", choices: RemedyTidy, want: "-ip4:192.0.2.0/24 -all"},
		{name: "a later wider network comes forward", record: "ip4:192.0.2.7 include:cheap.example +ip4:192.0.2.0/24 ip4:192.0.2.9 -all", choices: RemedyTidy, want: "+ip4:192.0.2.0/24 include:cheap.example -all"},
		{name: "not across an exclusion", record: "ip4:192.0.2.7 ~ip4:192.0.2.8 ip4:192.0.2.0/24 -all", choices: RemedyTidy, want: "ip4:192.0.2.7 ~ip4:192.0.2.8 ip4:192.0.2.0/24 -all"},
		{name: "dead terms, and modifiers stay", record: "mx -all a moo=cow redirect=x.example exp=why.example MS=ms123", choices: RemedyTidy, want: "mx -all moo=cow exp=why.example MS=ms123"},
		{name: "spaces stay where nothing changes", record: " mx   -all", choices: RemedyTidy, want: " mx   -all"},
		{name: "neighbours", record: "IP4:192.0.2.0/25 mx ip4:192.0.2.128/25 ip4:192.0.3.0/24 -all", choices: RemedyCollapse, want: "ip4:192.0.2.0/23 mx -all"},
		{name: "neighbours of another qualifier", record: "ip4:192.0.2.0/25 ~ip4:192.0.2.128/25 -all", choices: RemedyCollapse, want: "ip4:192.0.2.0/25 ~ip4:192.0.2.128/25 -all"},
		{name: "neighbours that exclude", record: "~ip6:2001:db8::/33 ~ip6:2001:db8:8000::/33 mx -all", choices: RemedyCollapse, want: "~ip6:2001:db8::/32 mx -all"},
		{name: "not neighbours", record: "ip4:192.0.3.0/24 ip4:192.0.4.0/24 -all", choices: RemedyCollapse, want: "ip4:192.0.3.0/24 ip4:192.0.4.0/24 -all"},

		{name: "own subrecord", record: "mx include:_spf1.cust.example ~all", choices: RemedyInline, want: "mx ip4:192.0.2.1 include:_spf.google.com ~all"},
		{name: "as some panels write them", record: "include:dc-1._spfm.cust.example ~all", choices: RemedyInline, want: "include:_spf.google.com ~all"},
		{name: "a child's a and mx stay the child's", record: "include:amx.cust.example -all", choices: RemedyInline, want: "a:amx.cust.example MX:amx.cust.example/24 ptr:amx.cust.example exists:%{i}.amx.cust.example a:cust.example -all"},
		{name: "a neutral include stays neutral", record: "?include:_spf1.cust.example a -all", choices: RemedyInline, want: "?ip4:192.0.2.1 ?include:_spf.google.com a -all"},
		{name: "a failing include stays failing", record: "-include:_spf1.cust.example a -all", choices: RemedyInline, want: "-ip4:192.0.2.1 -include:_spf.google.com a -all"},
		{name: "a child that excludes first is refused", record: "include:negative.cust.example -all", choices: RemedyInline, want: "include:negative.cust.example -all", refused: "takes senders away"},
		{name: "a child's neutral include is an exclusion", record: "include:neutral-in.cust.example -all", choices: RemedyInline, want: "include:neutral-in.cust.example -all", refused: "takes senders away"},
		{name: "a child that excludes last has its pass set", record: "include:tail.cust.example -all", choices: RemedyInline, want: "ip4:192.0.2.0/24 -all"},
		{name: "a child that passes all is refused", record: "include:open.cust.example -all", choices: RemedyInline, want: "include:open.cust.example -all", refused: "lets everybody send"},
		{name: "a child without all keeps its last term", record: "include:no-all.cust.example -all", choices: RemedyInline, want: "ip4:192.0.2.1 ip4:192.0.2.9 -all"},
		{name: "a child's redirect is resolved", record: "include:redirect.cust.example -all", choices: RemedyInline, want: "ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.9 -all"},
		{name: "and tidied once more", record: "include:redirect.cust.example -all", choices: "inline tidy collapse", want: "ip4:192.0.2.1 ip4:192.0.2.9 -all"},
		{name: "a child's redirect behind an exclusion", record: "include:barred.cust.example -all", choices: RemedyInline, want: "include:barred.cust.example -all", refused: "takes senders away from redirect=no-all.cust.example"},
		{name: "a child's redirect elsewhere", record: "include:away.cust.example -all", choices: RemedyInline, want: "include:_spf.google.com -all"},
		{name: "a macro that looks for the name", record: "include:validated.cust.example -all", choices: RemedyInline, want: "include:validated.cust.example -all", refused: "fits the record's own"},
		{name: "an escape that looks like it", record: "include:escaped.cust.example -all", choices: RemedyInline, want: "a:%%{p.example -all"},
		{name: "a macro that does not", record: "include:macro-only.cust.example -all", choices: RemedyInline, want: "include:%{i}.x.example -all"},
		{name: "a loop", record: "include:loop.cust.example -all", choices: RemedyInline, want: "include:loop.cust.example -all", refused: "leads back to itself"},
		{name: "itself", record: "include:cust.example -all", choices: RemedyInline, want: "include:cust.example -all", refused: "leads back to itself"},
		{name: "a broken child", record: "include:two.cust.example -all", choices: RemedyInline, want: "include:two.cust.example -all", refused: "2 records"},
		{name: "a name that is not a host's", record: "include:percent%%name.cust.example -all", choices: RemedyInline, want: "include:percent%%name.cust.example -all", refused: "not the name of a host"},
		{name: "somebody else's", record: "include:_spf.notcust.example include:cheap.example -all", choices: RemedyInline, want: "include:_spf.notcust.example include:cheap.example -all"},
		{name: "delegated", record: "include:hosted.cust.example include:sub.hosted.cust.example -all", choices: RemedyInline, want: "include:hosted.cust.example include:sub.hosted.cust.example -all"},
		{name: "a redirect", record: "redirect=amx.cust.example mx moo=cow", choices: RemedyInline, want: "mx a:amx.cust.example MX:amx.cust.example/24 ptr:amx.cust.example exists:%{i}.amx.cust.example a:cust.example ~all moo=cow"},
		{name: "a redirect to exclusions", record: "mx redirect=negative.cust.example", choices: RemedyInline, want: "mx -ip4:192.0.2.7 ip4:192.0.2.0/24 -all"},
		{name: "a redirect to a redirect", record: "redirect=redirect.cust.example", choices: RemedyInline, want: "ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.9"},
		{name: "a redirect to an include of the own zone", record: "redirect=onward.cust.example", choices: RemedyInline, want: "~ip4:192.0.2.1 ~include:_spf.google.com redirect=_spf.google.com"},
		{name: "a redirect with another explanation", record: "redirect=away.cust.example", choices: RemedyInline, want: "redirect=away.cust.example", refused: "explanation"},
		{name: "a redirect elsewhere", record: "redirect=cheap.example", choices: RemedyInline, want: "redirect=cheap.example"},
		{name: "a redirect to itself", record: "mx redirect=loop.cust.example", choices: RemedyInline, want: "mx redirect=loop.cust.example", refused: "leads back"},
		{name: "a redirect to nothing", record: "mx redirect=gone.cust.example", choices: RemedyInline, want: "mx redirect=gone.cust.example", refused: "no such name"},
		{name: "behind all", record: "-all include:_spf1.cust.example", choices: RemedyInline, want: "-all include:_spf1.cust.example"},

		{name: "ptr", record: "ptr mx -ptr:x.example -all ptr", choices: RemedyDropPTR, want: "mx -all ptr"},
		{name: "dead includes", record: "include:gone.example mx include:two.cust.example include:cust.example -all", choices: RemedyDropDead, want: "mx include:two.cust.example -all"},
		{name: "what finds nothing", record: "mx a:a.x.example exists:nx.example include:gone.example -all", choices: RemedyDropVoid, want: "a:a.x.example include:gone.example -all"},
	} {
		t.Run(c.name, func(t *testing.T) {
			record := "v=spf1 " + c.record
			q := ShrinkRequest{Domain: "Cust.example", Record: mustParse(t, record), Foreign: []string{"Hosted.cust.example."}}
			for code := range strings.FieldsSeq(c.choices) {
				q.Choices = append(q.Choices, Choice{Code: code})
			}
			s, err := shrunk(t, ownZone(), q)
			if err != nil {
				t.Fatal(err)
			}
			want := "v=spf1 " + c.want
			if s.Record != want || s.Changed != (want != record) {
				t.Errorf("got  %q (changed %v)\nwant %q", s.Record, s.Changed, want)
			}
			var reasons []string
			for _, e := range s.Refused {
				reasons = append(reasons, e.Error())
			}
			if got := strings.Join(reasons, "; "); !strings.Contains(got, c.refused) || (got == "") != (c.refused == "") {
				t.Errorf("refused %q, want %q", got, c.refused)
			}
		})
	}
}

// A record stored with its quotes is no record: it is never read as one.
func TestIncludeInsideQuotesIsNotRead(t *testing.T) {
	z := ownZone()
	z.answers[Question{Name: "quoted.cust.example", Type: "TXT"}] = Answer{Status: Found, Values: []string{`"v=spf1 include:cheap.example -all"`}}
	q := ShrinkRequest{Domain: "cust.example", Record: mustParse(t, "v=spf1 include:quoted.cust.example -all"), Choices: []Choice{{Code: RemedyInline}}}
	s, err := shrunk(t, z, q)
	if err != nil || s.Changed || len(s.Refused) != 1 || !strings.Contains(s.Refused[0].Reason, "no record") {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := Parse(`v=spf1 "include:cheap.example" -all`); !errors.Is(err, ErrSyntax) {
		t.Errorf("%v, want a syntax error", err)
	}
}

func TestSplitKeepsWhatStands(t *testing.T) {
	for _, c := range []struct {
		name, record string
		octets       int
		want         string
		extra        []string
	}{
		{"fits", "ip4:192.0.2.1 -all", 40, "ip4:192.0.2.1 -all", nil},
		{
			"a redirect stays", "mx ip4:192.0.2.1 ip4:192.0.2.3 ip4:192.0.2.5 ip4:192.0.2.7 ip4:192.0.2.9 redirect=x.example", 75,
			"mx ip4:192.0.2.1 include:1.cust.example redirect=x.example",
			[]string{"v=spf1 ip4:192.0.2.3 ip4:192.0.2.5 ip4:192.0.2.7 ip4:192.0.2.9 -all"},
		},
		{
			"qualifiers stay", "mx ~ip4:192.0.2.1 ~ip4:192.0.2.3 ~ip4:192.0.2.5 ~ip4:192.0.2.7 a -all", 70,
			"mx ~ip4:192.0.2.1 ~include:1.cust.example a -all",
			[]string{"v=spf1 ip4:192.0.2.3 ip4:192.0.2.5 ip4:192.0.2.7 -all"},
		},
		{
			"names are spelt out", "a mx exists:%{i}.%{d} a:very-long-name.example.org a:another-long-name.example.org -all", 80,
			"a mx exists:%{i}.%{d} include:1.cust.example -all",
			[]string{"v=spf1 a:very-long-name.example.org a:another-long-name.example.org -all"},
		},
		{
			"several", strings.TrimSpace(strings.Repeat("ip4:192.0.2.100 ip4:198.51.100.200 ", 6)) + " -all", 110,
			"ip4:192.0.2.100 include:3.cust.example include:2.cust.example include:1.cust.example -all", nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := 0
			q := ShrinkRequest{
				Domain: "cust.example", Record: mustParse(t, "v=spf1 "+c.record), Limits: Limits{Octets: c.octets},
				Label:   func(string) string { n++; return fmt.Sprint(n) },
				Choices: []Choice{{Code: RemedySplit}},
			}
			s, err := shrunk(t, ownZone(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Record) > c.octets {
				t.Errorf("%d octets, want %d at most: %q", len(s.Record), c.octets, s.Record)
			}
			var extra []string
			for _, x := range s.Extra {
				extra = append(extra, x.Text)
				if len(x.Text) > c.octets || !strings.Contains(s.Record, "include:"+x.Name) {
					t.Errorf("%q is too long or not included in %q", x, s.Record)
				}
			}
			if c.extra == nil && c.name == "several" {
				return
			}
			if s.Record != "v=spf1 "+c.want {
				t.Errorf("got  %q\nwant %q", s.Record, "v=spf1 "+c.want)
			}
			if diff := cmp.Diff(c.extra, extra, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("extra (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShrinkRefusesBadChoices(t *testing.T) {
	for _, c := range []struct {
		choice Choice
		want   Code
	}{
		{Choice{Code: "no such"}, ErrBadChoice},
		{Choice{Code: RemedySubdomain}, ErrBadChoice},
		{Choice{Code: RemedyFlatten}, ErrBadChoice},
		{Choice{Code: RemedyTidy, Terms: []string{"mx"}}, ErrBadChoice},
		{Choice{Code: RemedyDropPTR, Terms: []string{"mx"}}, ErrBadChoice},
		{Choice{Code: RemedyDropDead, Terms: []string{"include:cheap.example"}}, ErrBadChoice},
		{Choice{Code: RemedyInline, Terms: []string{"include:cheap.example"}}, ErrBadChoice},
		{Choice{Code: RemedyInline, Terms: []string{"include:open.cust.example"}}, ErrCannotInline},
		{Choice{Code: RemedyFlatten, Terms: []string{"ptr"}}, ErrCannotFlatten},
	} {
		q := ShrinkRequest{
			Domain: "cust.example", Record: mustParse(t, "v=spf1 mx ptr include:cheap.example include:open.cust.example -all"), Choices: []Choice{c.choice},
		}
		_, err := shrunk(t, ownZone(), q)
		if e, ok := errors.AsType[*Error](err); !ok || !errors.Is(err, c.want) || e.Reason == "" {
			t.Errorf("%+v: %v, want %s", c.choice, err, c.want)
		}
	}
}

func TestShrinkTakesTheTermsNamed(t *testing.T) {
	q := ShrinkRequest{
		Domain: "cust.example", Record: mustParse(t, "v=spf1 ptr ptr:a.example include:_spf1.cust.example include:tail.cust.example include:expensive.example -all"),
		Choices: []Choice{
			{Code: RemedyFlatten, Terms: []string{"include:expensive.example"}},
			{Code: RemedyDropPTR, Terms: []string{"ptr:A.example"}},
			{Code: RemedyInline, Terms: []string{"include:tail.cust.example"}},
		},
	}
	s, err := shrunk(t, ownZone(), q)
	if err != nil {
		t.Fatal(err)
	}
	if want := "v=spf1 ptr include:_spf1.cust.example ip4:192.0.2.0/24 ip4:203.0.113.9 -all"; s.Record != want {
		t.Errorf("got  %q\nwant %q", s.Record, want)
	}
	if diff := cmp.Diff([]string{RemedyInline, RemedyDropPTR, RemedyFlatten}, s.Applied); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"tail.cust.example"}, s.Unused); diff != "" {
		t.Errorf("unused (-want +got):\n%s", diff)
	}
	if len(s.Snapshots) != 1 || s.Before.Lookups != 12 || s.After.Lookups != 3 {
		t.Errorf("%+v", s)
	}
}

func TestRemedies(t *testing.T) {
	z := ownZone()
	record := "v=spf1 mx mx ip4:192.0.2.0/25 ip4:192.0.2.128/25 ptr include:_spf1.cust.example include:expensive.example " +
		"include:gone.example a:nx.example include:%{i}.x.example -all a"
	_, known := know(t, z, "cust.example", record)
	q := ShrinkRequest{Domain: "cust.example", Record: mustParse(t, record), Others: []string{strings.Repeat("x", 300)}, Known: known}
	remedies := Remedies(q)
	type line struct {
		Code    string
		Lookups int
		Consent bool
		Open    bool
	}
	var got []line
	for _, r := range remedies {
		got = append(got, line{r.Code, r.After.Lookups, r.Consent, r.Open()})
		if r.Text == "" || r.Before.Lookups != 15 || r.Before.Voids != 4 || len(r.Terms) == 0 {
			t.Errorf("%+v", r)
		}
		if (r.Record == "") != (r.Code == RemedySubdomain || r.Open()) {
			t.Errorf("%s gives %q", r.Code, r.Record)
		}
	}
	want := []line{
		{RemedyTidy, 14, false, false},
		{RemedyCollapse, 15, false, false},
		{RemedyInline, 14, false, false},
		{RemedySubdomain, 15, true, false},
		{RemedyDropPTR, 14, true, false},
		{RemedyDropDead, 14, true, false},
		{RemedyDropVoid, 12, true, false},
		{RemedyFlatten, 15, true, true},
		{RemedyFlatten, 13, true, false},
		{RemedySplit, 16, true, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, r := range remedies {
		if r.Code == RemedyFlatten && r.Open() {
			for _, ask := range r.Questions {
				known[ask] = z.Lookup(t.Context(), ask)
			}
			again := Remedies(q)[i]
			if again.Open() || again.After.Lookups != 8 || !strings.Contains(again.Text, "lookups 15 to 8") {
				t.Errorf("%+v", again)
			}
		}
	}
	if got := Remedies(ShrinkRequest{Domain: "cust.example", Record: mustParse(t, "v=spf1 include:cheap.example -all"), Known: known}); got != nil {
		t.Errorf("a record that needs nothing: %+v", got)
	}
}

// What is done without asking does not undo a split, and splitting is offered
// only where it is enough.
func TestRemediesKeepTheSize(t *testing.T) {
	sub := "v=spf1"
	for i := range 20 {
		sub += fmt.Sprintf(" ip4:203.0.113.%d", 2*i)
	}
	z := ownZone()
	z.answers[Question{Name: "_spf2.cust.example", Type: "TXT"}] = Answer{Status: Found, Values: []string{sub + " -all"}}
	record := "v=spf1 include:_spf2.cust.example -all"
	for _, c := range []struct {
		name, record string
		others       int
		code         string
		want         bool
	}{
		{"inlined it fits", record, 0, RemedyInline, true},
		{"inlined it does not", record, 100, RemedyInline, false},
		{"it was too long before", record, 430, RemedyInline, true},
		{"split it fits", sub + " -all", 300, RemedySplit, true},
		{"split it does not", sub + " -all", 420, RemedySplit, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, known := know(t, z, "cust.example", c.record)
			remedies := Remedies(ShrinkRequest{Domain: "cust.example", Record: mustParse(t, c.record), Known: known, Others: []string{strings.Repeat("x", c.others)}})
			if got := slices.ContainsFunc(remedies, func(r Remedy) bool { return r.Code == c.code }); got != c.want {
				t.Errorf("%s offered: %v, want %v: %+v", c.code, got, c.want, remedies)
			}
		})
	}
}

func TestFits(t *testing.T) {
	z := ownZone()
	for _, c := range []struct {
		name, record  string
		limits        Limits
		slow, long    bool
		text          []string
		firstRemedies []string
		noRemedy      bool
	}{
		{name: "fits", record: "include:expensive.example mx:a.x.example -all"},
		{name: "exactly ten", record: "include:expensive.example include:cheap.example include:cheap.example include:_spf.google.com -all"},
		{
			name: "lookups", record: "include:expensive.example include:cheap.example include:cheap.example include:_spf.google.com include:_spf1.cust.example -all",
			slow:          true,
			text:          []string{"needs 12 DNS lookups, and receivers make at most 10", "include:expensive.example 7", "lookups 12 to 11", "subdomain"},
			firstRemedies: []string{RemedyTidy, RemedyInline, RemedySubdomain},
		},
		{
			name: "voids", record: "a:n1.example a:n2.example exists:n3.example -all", slow: true,
			text:          []string{"needs 3 lookups that find nothing, and receivers accept at most 2", "a:n1.example 1 (1 finding nothing)"},
			firstRemedies: []string{RemedyDropVoid},
		},
		{name: "a stricter limit", record: "mx:a.x.example include:cheap.example -all", limits: Limits{Lookups: 1}, slow: true, text: []string{"at most 1:"}, firstRemedies: []string{RemedySubdomain}},
		{
			name: "octets", record: "ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all", limits: Limits{Octets: 40}, long: true,
			text: []string{"has 47 octets, and this DNS host stores at most 40", "octets 47 to 28"}, firstRemedies: []string{RemedyCollapse},
		},
		{
			name: "a loop", record: "mx:a.x.example mx:a.x.example include:Cust.Example -all", slow: true,
			text:          []string{"needs DNS lookups without end, since the record at cust.example leads back to itself, and receivers make at most 10: mx:a.x.example 1", "include:Cust.Example 1", "drop include:Cust.Example"},
			firstRemedies: []string{RemedyDropDead},
		},
		{
			name: "a loop below, for which fewer lookups are no help", record: "mx:a.x.example mx:a.x.example include:loop.cust.example -all", slow: true,
			text:     []string{"the record at loop.cust.example leads back to itself", "include:loop.cust.example 3"},
			noRemedy: true,
		},
		{
			name: "a loop and voids", record: "a:n1.example a:n2.example a:n3.example include:cust.example -all", slow: true,
			text:          []string{"at most 10; 3 lookups that find nothing", "drop include:cust.example"},
			firstRemedies: []string{RemedySubdomain, RemedyDropDead, RemedyDropVoid},
		},
		{name: "both", record: "a:n1.example a:n2.example a:n3.example -all", limits: Limits{Octets: 20}, slow: true, long: true, text: []string{"3 lookups that find nothing", "stores at most 20"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, known := know(t, z, "cust.example", "v=spf1 "+c.record)
			err := Fits("cust.example", mustParse(t, "v=spf1 "+c.record), nil, known, c.limits)
			if slow, long := errors.Is(err, ErrLimit), errors.Is(err, ErrLength); slow != c.slow || long != c.long {
				t.Fatalf("%v", err)
			}
			var codes []string
			if e, ok := errors.AsType[*LimitError](err); ok {
				for _, r := range e.Remedies {
					codes = append(codes, r.Code)
				}
				if e.AtLeast != (e.Loop != "") || e.Limits.Lookups == 0 || e.Limits.Voids == 0 || len(e.Terms) == 0 {
					t.Errorf("%+v", e)
				}
			} else if e, ok := errors.AsType[*LengthError](err); ok {
				for _, r := range e.Remedies {
					codes = append(codes, r.Code)
				}
			}
			if !slices.Equal(codes[:min(len(codes), len(c.firstRemedies))], c.firstRemedies) {
				t.Errorf("remedies %v, want %v first", codes, c.firstRemedies)
			}
			if c.noRemedy && len(codes) > 0 {
				t.Errorf("remedies %v, want none", codes)
			}
			for _, want := range c.text {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
	// Splitting costs the lookup that a record of ten has no room for.
	full := "v=spf1"
	for i := range 12 {
		full += fmt.Sprintf(" ip4:203.0.113.%d", 2*i)
	}
	for _, mx := range []int{9, 10} {
		err := Fits("cust.example", mustParse(t, full+strings.Repeat(" exists:%{i}.x.example", mx)+" -all"), nil, nil, Limits{Octets: 300})
		e, ok := errors.AsType[*LengthError](err)
		if !ok {
			t.Fatal(err)
		}
		named := slices.ContainsFunc(e.Remedies, func(r Remedy) bool { return r.Code == RemedySplit })
		if named != (mx < LookupLimit) {
			t.Errorf("%d lookups: splitting named %v", mx, named)
		}
	}
	open := Fits("cust.example", mustParse(t, "v=spf1 a mx a:x.example mx:x.example exists:x.example a mx a mx a mx -all"), nil, nil, Limits{})
	if e, ok := errors.AsType[*LimitError](open); !ok || !e.AtLeast || !strings.Contains(e.Error(), "at least 11") {
		t.Errorf("%v", open)
	}
}

// A record longer than DNS carries and a DNS that never ends are dealt with in
// the time that reading them takes.
func TestShrinkIsBounded(t *testing.T) {
	every := []Choice{{Code: RemedyTidy}, {Code: RemedyCollapse}, {Code: RemedyInline}, {Code: RemedyDropPTR}, {Code: RemedyDropDead}, {Code: RemedyDropVoid}, {Code: RemedySplit}}
	var terms []string
	for i := range 3_000 {
		terms = append(terms, fmt.Sprintf("ip4:10.%d.%d.%d", i>>12&255, i>>4&255, i&15*16), fmt.Sprintf("a:h%d.example", i), "?mx")
	}
	for _, c := range []struct {
		record string
		dns    Resolver
	}{
		{"v=spf1 " + strings.Join(terms, " ") + " -all", &zone{answers: Answers{}}},
		{"v=spf1 include:a.example include:b.cust.example -all", &bush{}},
		{"v=spf1 include:a.cust.example include:b.cust.example -all", lookup(func(q Question) Answer {
			return Answer{Status: Found, Values: []string{"v=spf1 include:a." + q.Name + " include:b." + q.Name + " a -all"}}
		})},
	} {
		_, known := know(t, c.dns, "cust.example", c.record)
		q := ShrinkRequest{Domain: "cust.example", Record: mustParse(t, c.record), Known: known, Choices: every}
		s, err := Shrink(q)
		if err != nil || len(s.Record) > len(c.record)+termBudget*300 {
			t.Errorf("%d octets became %d, %v", len(c.record), len(s.Record), err)
		}
		if err := Fits("cust.example", q.Record, nil, known, Limits{Octets: 100}); err == nil {
			t.Error("a record that never fits fits")
		}
	}
}

// Whatever the record and its subrecord are, what Shrink returns parses, stays
// what it was where nothing was chosen, and costs no more.
func FuzzShrink(f *testing.F) {
	for _, s := range []string{
		"v=spf1 mx mx ip4:192.0.2.1 ip4:192.0.2.0/24 include:s.cust.example -all a",
		"v=spf1 ?include:s.cust.example -ip6:2001:db8::/33 -ip6:2001:db8:8000::/33 redirect=s.cust.example",
		"V=SPF1 a:%{d}  ptr exists:%{ir}.%{v}.x.example include:s.%{d2} moo=cow +all",
	} {
		f.Add(s, "v=spf1 a mx/24 include:%{d} ~all")
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, record, child string) {
		rec, err := Parse(record)
		if err != nil {
			return
		}
		if len(record) > 4096 || len(child) > 4096 {
			return // longer ones cost time and say nothing more
		}
		dns := Static{{Name: "s.cust.example", Type: "TXT"}: {Status: Found, Values: []string{child}}}
		_, known := know(t, dns, "cust.example", record)
		q := ShrinkRequest{Domain: "cust.example", Record: rec, Known: known, Limits: Limits{Octets: 60}}
		if s, err := Shrink(q); err != nil || s.Record != record || s.Changed {
			t.Fatalf("nothing chosen: %+v, %v", s, err)
		}
		q.Choices = []Choice{{Code: RemedyTidy}, {Code: RemedyCollapse}, {Code: RemedyInline}}
		s, err := shrunk(t, dns, q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(s.Record); err != nil {
			t.Fatalf("%q became %q: %v", record, s.Record, err)
		}
		if s.After.Lookups > s.Before.Lookups {
			t.Fatalf("%q costs %d, %q costs %d", record, s.Before.Lookups, s.Record, s.After.Lookups)
		}
		q.Choices = append(q.Choices, Choice{Code: RemedySplit})
		s, err = shrunk(t, dns, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range append(s.Extra, NamedTXT{Text: s.Record}) {
			if _, err := Parse(x.Text); err != nil {
				t.Fatalf("%q gives %q: %v", record, x.Text, err)
			}
		}
		Remedies(q)
		Diagnose("cust.example", []string{record, child}, known)
	})
}
