package dmarc_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

// Every MTA-STS and TLS-RPT record of several hundred real zones is read.
func TestNeighbourCorpus(t *testing.T) {
	sts := corpus(t, "_mta-sts", "v=STSv1")
	if len(sts) != 29 {
		t.Errorf("%d MTA-STS records, want 29", len(sts))
	}
	for _, text := range sts {
		if m, err := dmarc.ParseMTASTS(text); err != nil || text != "v=STSv1; id="+m.ID {
			t.Errorf("ParseMTASTS(%q) = %+v, %v", text, m, err)
		}
	}
	rpt := corpus(t, "_smtp._tls", "v=TLSRPTv1")
	if len(rpt) != 43 {
		t.Errorf("%d TLS-RPT records, want 43", len(rpt))
	}
	for _, text := range rpt {
		r, err := dmarc.ParseTLSRPT(text)
		if err != nil || text != "v=TLSRPTv1;rua="+strings.Join(r.RUA, ",") {
			t.Errorf("ParseTLSRPT(%q) = %+v, %v", text, r, err)
		}
	}
}

func TestParseMTASTS(t *testing.T) {
	const longest = "0123456789abcdefABCDEF0123456789"
	tests := []struct {
		name, text string
		want       dmarc.MTASTS
	}{
		{"closed", "v=STSv1 ; id=" + longest + " ;", dmarc.MTASTS{ID: longest}},
		{"extended", "v=STSv1;0-x.y=a;id=1;z=2", dmarc.MTASTS{ID: "1", Other: []string{"0-x.y=a", "z=2"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dmarc.ParseMTASTS(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("ParseMTASTS(%q), got before want:\n%s", tt.text, diff)
			}
		})
	}
}

func TestParseTLSRPT(t *testing.T) {
	got, err := dmarc.ParseTLSRPT("v=TLSRPTv1; rua=mailto:a@b.example , HTTPS://r.example:8443/x?y=1; ext=1;")
	want := dmarc.TLSRPT{RUA: []string{"mailto:a@b.example", "HTTPS://r.example:8443/x?y=1"}, Other: []string{"ext=1"}}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("ParseTLSRPT, got before want:\n%s", diff)
	}
}

func TestParseBIMI(t *testing.T) {
	tests := []struct {
		name, text string
		want       dmarc.BIMI
	}{
		{
			"everything", "V = BIMI1 ; L = https://b.example/l.svg; a=https://b.example/l.pem; avp=Personal; lps=News, sales,; s=x;",
			dmarc.BIMI{
				Location: "https://b.example/l.svg", Authority: "https://b.example/l.pem", Avatar: "personal",
				Locals: []string{"news", "sales"}, Other: []string{"s=x"},
			},
		},
		{"declined", "v=BIMI1; l=; a=;", dmarc.BIMI{Avatar: "brand", Declined: true}},
		{"without certificate", "v=BIMI1;l=https://b.example/l.svg", dmarc.BIMI{Location: "https://b.example/l.svg", Avatar: "brand"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dmarc.ParseBIMI(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("ParseBIMI(%q), got before want:\n%s", tt.text, diff)
			}
		})
	}
}

func TestNeighbourErrors(t *testing.T) {
	sts := func(s string) error { _, err := dmarc.ParseMTASTS(s); return err }
	rpt := func(s string) error { _, err := dmarc.ParseTLSRPT(s); return err }
	logo := func(s string) error { _, err := dmarc.ParseBIMI(s); return err }
	tests := []struct {
		name  string
		parse func(string) error
		text  string
		code  dmarc.Code
		tag   string
		off   int
	}{
		{"another version", sts, "v=STSv2; id=1", dmarc.CodeNotMTASTS, "", 0},
		{"small letters", sts, "v=stsv1; id=1", dmarc.CodeNotMTASTS, "", 0},
		{"version alone", sts, "v=STSv1", dmarc.CodeNotMTASTS, "", 0},
		{"space in front", sts, " v=STSv1; id=1", dmarc.CodeNotMTASTS, "", 0},
		{"no id", sts, "v=STSv1;", dmarc.CodeNeeded, "id", 0},
		{"ID", sts, "v=STSv1; ID=1", dmarc.CodeNeeded, "id", 0},
		{"empty id", sts, "v=STSv1; id=", dmarc.CodeInvalid, "id", 12},
		{"a date with hyphens", sts, "v=STSv1; id=2026-08-01", dmarc.CodeInvalid, "id", 12},
		{"33 characters", sts, "v=STSv1; id=" + strings.Repeat("a", 33), dmarc.CodeInvalid, "id", 12},
		{"spaces around =", sts, "v=STSv1; id = 1", dmarc.CodeNotTag, "", 8},
		{"id twice", sts, "v=STSv1; id=1; id=1", dmarc.CodeDuplicate, "id", 14},
		{"version twice", sts, "v=STSv1; v=STSv1; id=1", dmarc.CodeDuplicate, "v", 8},
		{"two semicolons", sts, "v=STSv1;; id=1", dmarc.CodeEmptyTag, "", 8},
		{"no field", sts, "v=STSv1; x; id=1", dmarc.CodeNotTag, "", 8},
		{"an extension without a value", sts, "v=STSv1; id=1; x=;", dmarc.CodeNotTag, "x", 17},
		{"an extension with a space", sts, "v=STSv1; id=1; y=a b", dmarc.CodeNotTag, "y", 17},
		{"an extension with an =", sts, "v=STSv1; id=1; y=a=c", dmarc.CodeNotTag, "y", 17},
		{"a line end", sts, "v=STSv1; id=1\n", dmarc.CodeBadText, "", 13},
		{"not ASCII", sts, "v=STSv1; id=ü", dmarc.CodeBadText, "", 12},

		{"another record", rpt, "v=STSv1; id=1", dmarc.CodeNotTLSRPT, "", 0},
		{"an extension without a value in a report", rpt, "v=TLSRPTv1; rua=mailto:a@b.example; x=", dmarc.CodeNotTag, "x", 38},
		{"no rua", rpt, "v=TLSRPTv1; x=1", dmarc.CodeNeeded, "rua", 0},
		{"no mailto", rpt, "v=TLSRPTv1; rua=a@b.example", dmarc.CodeNotURI, "rua", 16},
		{"http", rpt, "v=TLSRPTv1; rua=mailto:a@b.example, http://b.example", dmarc.CodeNotURI, "rua", 36},
		{"https without host", rpt, "v=TLSRPTv1; rua=https:///x", dmarc.CodeNotURI, "rua", 16},
		{"a space for a comma", rpt, "v=TLSRPTv1; rua=mailto:a@b.example mailto:c@b.example", dmarc.CodeSeparator, "rua", 16},
		{"a comma too many", rpt, "v=TLSRPTv1; rua=mailto:a@b.example,", dmarc.CodeNotURI, "rua", 35},

		{"no record", logo, "BIMI1", dmarc.CodeNotBIMI, "", 0},
		{"no l", logo, "v=BIMI1; a=https://b.example/l.pem", dmarc.CodeNeeded, "l", 0},
		{"l over http", logo, "v=BIMI1; l=http://b.example/l.svg", dmarc.CodeNotURI, "l", 11},
		{"a over http", logo, "v=BIMI1; l=https://b.example/l.svg; a=b.example", dmarc.CodeNotURI, "a", 38},
		{"avp", logo, "v=BIMI1; l=; avp=both", dmarc.CodeInvalid, "avp", 17},
		{"l twice", logo, "v=BIMI1; l=; L=", dmarc.CodeDuplicate, "l", 12},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.parse(tt.text)
			e, ok := errors.AsType[*dmarc.Error](err)
			if !ok {
				t.Fatalf("%q: %v, want code %s", tt.text, err, tt.code)
			}
			if e.Code != tt.code || e.Tag != tt.tag || e.Offset != tt.off {
				t.Errorf("%q: %v: code %s, tag %q, offset %d; want %s, %q, %d", tt.text, err, e.Code, e.Tag, e.Offset, tt.code, tt.tag, tt.off)
			}
		})
	}
}

// Records that are equal are so in both directions, and only where nothing of meaning differs.
func TestNeighbourEqual(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"MTA-STS in other words", "v=STSv1;x=1;id=1", "v=STSv1; id=1; x=1;", true},
		{"MTA-STS of other case", "v=STSv1; id=a", "v=STSv1; id=A", false},
		{"MTA-STS extended", "v=STSv1; id=a", "v=STSv1; id=a; x=1", false},
		{"TLS-RPT turned round", "v=TLSRPTv1;rua=mailto:%61@B.example,https://R.example./X", "v=TLSRPTv1; rua=https://r.example/X,MAILTO:a@b.example", true},
		{"TLS-RPT to another", "v=TLSRPTv1;rua=mailto:a@b.example", "v=TLSRPTv1;rua=mailto:A@b.example", false},
		{"BIMI with defaults", "v=BIMI1;l=https://b.example/l.svg", "v=BIMI1; l=https://b.example/l.svg; a=; avp=brand;", true},
		{"BIMI of another logo", "v=BIMI1;l=https://b.example/l.svg", "v=BIMI1;l=https://b.example/m.svg", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
				if got := equal(pair[0], pair[1]); got != tt.want {
					t.Errorf("%q and %q equal: %v, want %v", pair[0], pair[1], got, tt.want)
				}
			}
		})
	}
}

func equal(a, b string) bool {
	if x, err := dmarc.ParseMTASTS(a); err == nil {
		y, err := dmarc.ParseMTASTS(b)
		return err == nil && x.Equal(y)
	}
	if x, err := dmarc.ParseTLSRPT(a); err == nil {
		y, err := dmarc.ParseTLSRPT(b)
		return err == nil && x.Equal(y)
	}
	x, errX := dmarc.ParseBIMI(a)
	y, errY := dmarc.ParseBIMI(b)
	return errX == nil && errY == nil && x.Equal(y)
}

// checkNeighbours holds the three parsers to what they promise of any text.
func checkNeighbours(t rapid.TB, text string) {
	t.Helper()
	for _, p := range []struct {
		name  string
		is    bool
		parse func() error
	}{
		{"MTA-STS", dmarc.IsMTASTS(text), func() error { _, err := dmarc.ParseMTASTS(text); return err }},
		{"TLS-RPT", dmarc.IsTLSRPT(text), func() error { _, err := dmarc.ParseTLSRPT(text); return err }},
		{"BIMI", dmarc.IsBIMI(text), func() error { _, err := dmarc.ParseBIMI(text); return err }},
	} {
		err := p.parse()
		if err == nil {
			if !p.is || !equal(text, text) {
				t.Fatalf("%s %q is read, but counts as one: %v, and equals itself: %v", p.name, text, p.is, equal(text, text))
			}
			continue
		}
		e, ok := errors.AsType[*dmarc.Error](err)
		if !ok || e.Offset < 0 || e.Offset > len(text) || len(err.Error()) > 1000 {
			t.Fatalf("%s %q: %v", p.name, text, err)
		}
	}
}

func FuzzNeighbours(f *testing.F) {
	for _, text := range []string{
		"v=STSv1; id=1;", "v=STSv1;0-x.y=a;id=1", "v=TLSRPTv1;rua=mailto:a@b.example , https://c.example/x%41", "v=BIMI1; l=; a=;",
		"V = BIMI1 ; L = https://b.example/l.svg; avp=Personal; lps=News, sales,; s=x;",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkNeighbours(t, text) })
}

func TestNeighbourHostile(t *testing.T) {
	const size = 65000
	for _, version := range []string{"v=STSv1;", "v=TLSRPTv1;", "v=BIMI1;"} {
		checkNeighbours(t, version+strings.Repeat(";", size))
		checkNeighbours(t, version+"id="+strings.Repeat("a", size)+";rua="+strings.Repeat("mailto:a@b.example,", size/20)+";l="+strings.Repeat("%", size))
		checkNeighbours(t, version+strings.Repeat("x =", size/3))
	}
}

func TestCheckBIMI(t *testing.T) {
	tests := []struct {
		name, domain string
		facts        map[string][]string
		want         []string
	}{
		{"enforced", "customer.example", map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=quarantine"}}, nil},
		{"below an enforced one", "mail.customer.example", map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=reject; np=none"}}, nil},
		{"none there", "customer.example", nil, []string{"customer.example has no DMARC record"}},
		{"policy none", "customer.example", map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=none"}}, []string{"the DMARC policy of customer.example is none"}},
		{"sp none", "customer.example", map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=reject; sp=none"}}, []string{"the DMARC policy for names below customer.example is none"}},
		{"a test", "customer.example", map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=quarantine; t=y"}}, []string{"t=y makes the DMARC policy of customer.example a test"}},
		{"a part of the mail", "customer.example", map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=quarantine; pct=50"}}, []string{"the DMARC policy of customer.example is for 50 % of the mail"}},
		{
			"the organization's", "mail.customer.example",
			map[string][]string{"_dmarc.mail.customer.example": {"v=DMARC1; p=reject"}, "_dmarc.customer.example": {"v=DMARC1; p=none"}},
			[]string{"the DMARC policy of customer.example is none"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range answered(t, tt.facts, func(facts map[string][]string) ([]dmarc.Finding, []string) { return dmarc.CheckBIMI(tt.domain, facts) }) {
				if f.Code != dmarc.CodeNotEnforced || f.Severity != dmarc.SeverityWarning {
					t.Errorf("finding %+v", f)
				}
				text, _, _ := strings.Cut(f.Text, ":")
				got = append(got, text)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("got before want:\n%s", diff)
			}
		})
	}
}

// answered asks with what dns has until there are no questions.
func answered(t testing.TB, dns map[string][]string, check func(map[string][]string) ([]dmarc.Finding, []string)) []dmarc.Finding {
	t.Helper()
	facts := map[string][]string{}
	for range 100 {
		findings, questions := check(facts)
		if len(questions) == 0 {
			return findings
		}
		for _, q := range questions {
			if _, twice := facts[q]; twice {
				t.Fatalf("%s is asked for twice", q)
			}
			facts[q] = dns[q]
		}
	}
	t.Fatal("the questions have no end")
	return nil
}
