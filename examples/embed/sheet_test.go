package main

import (
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect"
	"github.com/mooring-dns/mooring/connect/plan"
)

// TestSheet: nothing that DNS says can draw on a terminal.
func TestSheet(t *testing.T) {
	t.Parallel()
	d := connect.Diagnosis{Name: "customer.example", Status: plan.Found}
	d.SPF = connect.SPFReport{Status: plan.Found, Record: "v=spf1 \x1b[31mx\r\n -all", Terms: []connect.SPFTerm{{Term: "include:\x1b]0;x\a", Lookups: 1}}}
	d.Findings = []connect.MailFinding{{Severity: connect.Broken, Text: "a\nb\u009b", Advice: "c\u202ed\u2028e\u2066f\u200bg"}}
	out := sheet(d)
	if strings.ContainsAny(out, "\u202e\u2028\u2066\u200b") || !strings.Contains(out, `c\u{202e}d\u{2028}e\u{2066}f\u{200b}g`) {
		t.Errorf("marks that reorder or break a line, or hide in it, are drawn:\n%q", out)
	}
	for i, r := range out {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			t.Errorf("a control character %U at octet %d of\n%q", r, i, out)
		}
	}
	if !strings.Contains(out, `\027[31mx\013\010`) {
		t.Errorf("the record is not shown:\n%q", out)
	}
}

// TestSheetSays: what the lines say of the records is true.
func TestSheetSays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		d    connect.Diagnosis
		want []string
	}{
		{
			"several records of a kind",
			connect.Diagnosis{SPF: connect.SPFReport{Status: plan.Found}, DMARC: connect.DMARCReport{Status: plan.Found}},
			[]string{"SPF       none that counts", "DMARC     none that counts"},
		},
		{
			"no records",
			connect.Diagnosis{SPF: connect.SPFReport{Status: plan.NoData}, DMARC: connect.DMARCReport{Status: plan.NoData}},
			[]string{"SPF       none\n", "DMARC     none\n"},
		},
		{
			"no answers",
			connect.Diagnosis{SPF: connect.SPFReport{Status: plan.Failed}, DMARC: connect.DMARCReport{Status: plan.Failed}},
			[]string{"SPF       could not be asked for\n", "DMARC     could not be asked for\n"},
		},
		{
			"a selector without an answer",
			connect.Diagnosis{DKIM: connect.DKIMReport{Status: plan.NoData, Asked: []string{"a", "b", "c"}, Failed: []string{"c"}}},
			[]string{"no key at 2 of 3 selectors; the others could not be asked for\n"},
		},
		{
			"a policy",
			connect.Diagnosis{DMARC: connect.DMARCReport{Status: plan.Found, Owner: "_dmarc.customer.example", Record: "v=DMARC1; p=reject; sp=none", Policy: "reject", Subdomains: "none"}},
			[]string{"is treated as: reject, from names below it: none\n"},
		},
		{
			"a policy that is a test",
			connect.Diagnosis{DMARC: connect.DMARCReport{Status: plan.Found, Owner: "_dmarc.customer.example", Record: "v=DMARC1; p=reject; sp=quarantine; t=y", Policy: "reject", Subdomains: "quarantine", Testing: true}},
			[]string{"is treated as: quarantine (reject, made milder by t=y), from names below it: none (quarantine, made milder by t=y)\n"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.d.Status = plan.Found
			out := sheet(tt.d)
			for _, w := range tt.want {
				if !strings.Contains(out, w) {
					t.Errorf("it does not say %q:\n%s", w, out)
				}
			}
		})
	}
}
