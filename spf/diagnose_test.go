package spf

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func diagnosed(t testing.TB, r Resolver, txts ...string) []Finding {
	t.Helper()
	known := Answers{}
	for range countBudget + 1 {
		findings, questions := Diagnose("Cust.Example.", txts, known)
		if len(questions) == 0 {
			return findings
		}
		for _, q := range questions {
			known[q] = r.Lookup(t.Context(), q)
		}
	}
	t.Fatal("questions without end")
	return nil
}

func TestDiagnose(t *testing.T) {
	z := ownZone()
	for name, txt := range map[string]string{
		"all.example": "v=spf1 +all", "nobody.example": "v=spf1 ?ip4:192.0.2.1 -all",
		"ptr.example": "v=spf1 ptr -all", "bad.example": "v=spf1 ip4:x -all", "void.example": "v=spf1 a:nx.example ~all",
	} {
		z.answers[Question{Name: name, Type: "TXT"}] = Answer{Status: Found, Values: []string{txt}}
	}
	z.answers[Question{Name: "cust.example", Type: "MX"}] = Answer{Status: Found, Values: []string{"mail.cust.example"}}
	z.answers[Question{Name: "down.example", Type: "TXT"}] = Answer{}
	many := make([]string, 11)
	z.answers[Question{Name: "many.example", Type: "MX"}] = Answer{Status: Found, Values: many}
	wide := "v=spf1 mx " + strings.Repeat("ip4:192.0.2.1 ", 20) + "-all"
	for _, c := range []struct {
		name string
		txts []string
		want []string // "severity code term"
		says string   // in the text or advice of the first
	}{
		{"sound", []string{"other", "v=spf1 mx include:cheap.example -all"}, nil, ""},
		{"none", []string{"other"}, []string{"warning no-record "}, "v=spf1 -all"},
		{"no value", nil, []string{"warning no-record "}, ""},
		{"two", []string{"v=spf1 mx -all", "v=spf1 include:cheap.example ~all"}, []string{"broken multiple-records "}, "make them one: v=spf1 mx include:cheap.example ~all"},
		{"quoted", []string{`"v=spf1 mx -all"`}, []string{"broken not-spf-quoted "}, `write it as "v=spf1 mx -all"`},
		{"space in front", []string{" v=spf1 mx -all"}, []string{"broken not-spf-leading-space "}, ""},
		{"hidden beside a record", []string{"v=spf1 mx -all", `"v=spf1 a -all"`}, []string{"warning hidden-record "}, ""},
		{"Sender ID", []string{"v=spf1 mx -all", "spf2.0/pra mx -all"}, []string{"hint sender-id "}, "leave it"},
		{"nearly", []string{"v=spf1 mx -all", "v=spf10 mx", "v= spf1 mx", "spf1 mx"}, []string{"warning near-record ", "warning near-record ", "warning near-record "}, ""},
		{"no such mechanism", []string{"v=spf1 nclude:cheap.example mx -all"}, []string{"broken syntax nclude:cheap.example"}, `perhaps "include:cheap.example" is meant`},
		{"each error", []string{"v=spf1 ip4:1 mx ip6:2 -all"}, []string{"broken syntax ip4:1", "broken syntax ip6:2"}, "permerror"},
		{"glued all", []string{"v=spf1 ip4:192.0.2.1~all"}, []string{"broken syntax ip4:192.0.2.1~all", "warning no-default "}, "perhaps"},
		{"lookups", []string{"v=spf1 include:expensive.example mx mx:cust.example a:a.x.example a:b.x.example -all"}, []string{"broken SpfRecordsLimitError ", "hint redundant mx:cust.example"}, "11 DNS lookups, and receivers make at most 10: include:expensive.example 7"},
		{"voids", []string{"v=spf1 a:n1.example include:void.example exists:n2.example -all"}, []string{
			"broken SpfRecordsLimitError ", "warning void a:n1.example", "warning void exists:n2.example", "warning void include:void.example",
		}, "3 lookups that find nothing"},
		{"no record behind an include", []string{"v=spf1 include:gone.example -all"}, []string{"broken no-record include:gone.example"}, "no such name"},
		{"broken behind an include", []string{"v=spf1 include:bad.example include:cust.example -all"}, []string{"broken syntax include:bad.example", "broken loop include:cust.example"}, ""},
		{"too many mx", []string{"v=spf1 mx:many.example -all"}, []string{"broken too-many-mx mx:many.example"}, "11 names"},
		{"no answer", []string{"v=spf1 include:down.example -all"}, []string{"warning unknown include:down.example"}, ""},
		{"ptr", []string{"v=spf1 ptr include:ptr.example -all"}, []string{"warning ptr-deprecated ptr", "hint ptr-deprecated include:ptr.example"}, ""},
		{"all pass", []string{"v=spf1 mx +all"}, []string{"broken pass-all +all"}, ""},
		{"all pass through", []string{"v=spf1 include:all.example -all"}, []string{"broken pass-all include:all.example"}, "all.example ends in +all"},
		{"neutral all", []string{"v=spf1 mx ?all"}, []string{"hint neutral-all ?all"}, ""},
		{"no all", []string{"v=spf1 mx"}, []string{"warning no-default "}, ""},
		{"no mail", []string{"v=spf1 -all"}, []string{"hint null-sender -all"}, ""},
		{"dead", []string{"v=spf1 mx -all a redirect=cheap.example"}, []string{"warning terms-after-all a", "warning redirect-ignored redirect=cheap.example"}, ""},
		{"duplicate", []string{"v=spf1 mx MX ip4:192.0.2.1 ip4:192.0.2.0/24 -all"}, []string{"hint redundant MX", "hint redundant ip4:192.0.2.1"}, ""},
		{"odd name", []string{"v=spf1 include:include:cheap.example mx -all"}, []string{"broken no-record include:include:cheap.example", "warning suspicious-domain include:include:cheap.example"}, ""},
		{"odd modifier", []string{"v=spf1 mx ip4=192.0.2.1 MS=ms1 -all"}, []string{"warning suspicious-modifier ip4=192.0.2.1"}, "colon"},
		{"dynamic", []string{"v=spf1 include:%{i}.x.example -all"}, []string{"hint dynamic include:%{i}.x.example"}, ""},
		{"private", []string{"v=spf1 ip4:10.0.0.0/8 ip4:192.168.1.1 ip6:fe80::1 mx -all"}, []string{"hint private-network ip4:10.0.0.0/8", "hint private-network ip4:192.168.1.1", "hint private-network ip6:fe80::1"}, ""},
		{"private as a whole", []string{"v=spf1 ip6:fc00::/7 ip6:fe80::/10 ip6:ff00::/8 mx -all"}, []string{"hint private-network ip6:fc00::/7", "hint private-network ip6:fe80::/10", "hint private-network ip6:ff00::/8"}, ""},
		{"private in part", []string{"v=spf1 ip4:192.168.0.0/15 ip6:fc00::/6 mx -all"}, []string{"broken wide-network ip6:fc00::/6"}, ""},
		{"wide", []string{"v=spf1 ip4:0.0.0.0/1 ip6::: -all"}, []string{"broken wide-network ip4:0.0.0.0/1"}, ""},
		{"passes nobody", []string{"v=spf1 include:nobody.example mx -all"}, []string{"hint passes-nobody include:nobody.example"}, ""},
		{"own subrecord", []string{"v=spf1 include:_spf1.cust.example -all"}, []string{"hint own-subrecord include:_spf1.cust.example"}, ""},
		{"own subrecord that does not fit", []string{"v=spf1 include:_spf1.cust.example -all", strings.Repeat("y", 390)}, nil, ""},
		{"size", []string{strings.ReplaceAll(wide, "ip4:192.0.2.1 ", "") + " moo=" + strings.Repeat("x", 300), strings.Repeat("y", 200)}, []string{"warning size ", "hint multi-string "}, "octets together"},
	} {
		t.Run(c.name, func(t *testing.T) {
			findings := diagnosed(t, z, c.txts...)
			var got []string
			for _, f := range findings {
				got = append(got, fmt.Sprintf("%s %s %s", f.Severity, f.Code, f.Term))
				if f.Text == "" || f.Advice == "" && f.Severity != SeverityHint {
					t.Errorf("says too little: %+v", f)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if c.says != "" && !strings.Contains(findings[0].Text+findings[0].Advice, c.says) {
				t.Errorf("%+v does not say %q", findings[0], c.says)
			}
		})
	}
}

// An include matches what the record there passes, whoever lets it.
func TestDiagnoseSeesThroughIncludes(t *testing.T) {
	z := newZone(map[string][]string{
		"more.example": {"v=spf1 include:all.example -all"}, "all.example": {"v=spf1 +all"}, "not.example": {"v=spf1 ?include:all.example -all"},
		"onward.example": {"v=spf1 redirect=all.example"}, "but.example": {"v=spf1 -ip4:192.0.2.7 include:all.example -all"},
		"none.example": {"v=spf1 -include:all.example include:all.example -all"}, "ends.example": {"v=spf1 -include:all.example +all"},
	})
	for record, want := range map[string]bool{
		"include:more.example -all": true, "include:onward.example -all": true, "redirect=more.example": true,
		"include:but.example -all": true, "include:none.example -all": false, "include:ends.example -all": false,
		"include:not.example -all": false, "?include:more.example -all": false,
	} {
		findings := diagnosed(t, z, "v=spf1 "+record)
		if got := slices.ContainsFunc(findings, func(f Finding) bool { return f.Code == WarnPassAll }); got != want {
			t.Errorf("%s: everybody passes %v, want %v: %+v", record, got, want, findings)
		}
	}
}

// What stands in published records has findings of the known kinds, and those
// that work have none that is an error.
func TestDiagnoseRealWorld(t *testing.T) {
	f := realWorld(t)
	records := newZone(f.zone())
	hosts := lookup(func(q Question) Answer { // the file has TXT only
		if q.Type == "TXT" {
			return records.Lookup(t.Context(), q)
		}
		return Answer{Status: Found, Values: []string{"192.0.2.1"}}
	})
	for name := range f.Lookups {
		for _, got := range diagnosed(t, hosts, f.zone()[name]...) {
			if got.Severity == SeverityBroken {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func TestDiagnoseIsBounded(t *testing.T) {
	var txts []string
	for i := range 1000 {
		txts = append(txts, fmt.Sprintf("v=spf1 %s -all", strings.Repeat(fmt.Sprintf("x:%d ", i), 100)))
	}
	if n := len(diagnosed(t, &bush{}, txts...)); n > 10*diagnosedRecords*syntaxErrors {
		t.Errorf("%d findings", n)
	}
	findings := diagnosed(t, &bush{}, "v=spf1 include:a.example include:b.example -all")
	if len(findings) == 0 || len(findings) > 3*countBudget {
		t.Errorf("%d findings", len(findings))
	}
}
