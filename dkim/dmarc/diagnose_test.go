package dmarc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

func TestDiagnose(t *testing.T) {
	const good = "v=DMARC1; p=reject; rua=mailto:a@customer.example"
	one := func(text ...string) map[string][]string {
		return map[string][]string{"_dmarc.customer.example": text}
	}
	tests := []struct {
		name  string
		facts map[string][]string
		owner string
		want  []string // code, severity and tag
	}{
		{"all is well", one("token", good), "customer.example", nil},
		{"no record", nil, "", []string{"missing warning"}},
		{"several", one(good, "v=DMARC1; p=none"), "", []string{"multiple-records broken"}},
		{"void by itself", one("v=DMARC1; p=none; p=none"), "", []string{"duplicate-tag broken"}},
		{"hidden", one(`"` + good + `"`), "", []string{"hidden-record broken"}},
		{"hidden beside one", one(" v=DMARC1; p=none", good), "customer.example", []string{"hidden-record broken"}},
		{"none without reports", one("v=DMARC1; p=none"), "customer.example", []string{"no-reports warning rua"}},
		{"none for good", one("v=DMARC1; p=none; rua=mailto:a@customer.example"), "customer.example", []string{"policy-none hint p"}},
		{"no reports", one("v=DMARC1; p=reject"), "customer.example", []string{"no-reports hint rua"}},
		{"sp weaker", one(good + "; sp=none"), "customer.example", []string{"weak-below warning sp"}},
		{"np weaker", one(good + "; np=quarantine"), "customer.example", []string{"weak-below warning np"}},
		{"a test", one(good + "; t=y"), "customer.example", []string{"testing warning t"}},
		{"a test for names below", one("v=DMARC1; p=none; sp=reject; t=y"), "customer.example", []string{"testing warning t", "no-reports hint rua"}},
		{"none but below, without reports", one("v=DMARC1; p=none; np=reject"), "customer.example", []string{"no-reports hint rua"}},
		{"pct of a part", one(good + "; pct=20"), "customer.example", []string{"percent warning pct"}},
		{"pct of all", one(good + "; pct=100"), "customer.example", []string{"removed-tag hint pct"}},
		{"pct of more than all", one(good + "; pct=101"), "customer.example", []string{"invalid warning pct", "removed-tag hint pct"}},
		{"ri in words", one(good + "; ri=1d"), "customer.example", []string{"invalid warning ri", "removed-tag hint ri"}},
		{"rf of nothing", one(good + "; rf="), "customer.example", []string{"invalid warning rf", "removed-tag hint rf"}},
		{"a registry", one(good + "; psd=y"), "customer.example", []string{"public-suffix warning psd"}},
		{"three addresses", one(good + ",mailto:b@customer.example,mailto:c@customer.example"), "customer.example", []string{"many-reports hint rua"}},
		{"no effect", one("v=DMARC1; p=rejcet"), "customer.example", []string{"invalid broken p", "no-effect broken"}},
		{"a wrong policy", one("v=DMARC1; p=reject; sp=non; rua=mailto:a@customer.example"), "customer.example", []string{"invalid broken sp", "policy-none hint p"}},
		{"no p", one("v=DMARC1; rua=mailto:a@customer.example"), "customer.example", []string{"no-policy warning p", "policy-none hint p"}},
		{"late p", one("v=DMARC1; rua=mailto:a@customer.example; p=reject"), "customer.example", []string{"late-p warning p"}},
		{"no URI", one("v=DMARC1; p=reject; rua=a@customer.example"), "customer.example", []string{"not-uri broken rua", "no-reports hint rua"}},
		{"a comma missing", one("v=DMARC1; p=reject; rua=mailto:a@customer.example mailto:b@customer.example"), "customer.example", []string{"separator broken rua", "no-reports hint rua"}},
		{"no tag, empty tag", one("v=DMARC1; p=reject; x;;rua=mailto:a@customer.example"), "customer.example", []string{"not-a-tag warning", "empty-tag warning"}},
		{"unknown, size, mixed", one("v=DMARC1; p=reject; rua=mailto:a@customer.example!5m; fo=0:1; x=1"), "customer.example", []string{"obsolete-size hint rua", "mixed hint fo", "unknown-tag hint x"}},
		{"unauthorised", one("v=DMARC1; p=reject; rua=mailto:a@app.example"), "customer.example", []string{"unauthorised warning rua"}},
		{
			"void above the domain",
			map[string][]string{"_dmarc.example": {good, "v=DMARC1; p=none; p=none", " " + good}},
			"",
			[]string{"multiple-records broken", "duplicate-tag broken", "hidden-record broken"},
		},
		{
			"the organization's",
			map[string][]string{"_dmarc.example": {"v=DMARC1; p=reject; rua=mailto:a@app.example"}, "example._report._dmarc.app.example": {"v=DMARC1"}},
			"example", nil,
		},
		{
			"the organization's, with none for itself alone",
			map[string][]string{"_dmarc.example": {"v=DMARC1; p=none; sp=reject; rua=mailto:a@example"}},
			"example", nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var found dmarc.Found
			var got []string
			for _, f := range answered(t, tt.facts, func(facts map[string][]string) (findings []dmarc.Finding, questions []string) {
				found, findings, questions = dmarc.Diagnose("Customer.example.", facts)
				return findings, questions
			}) {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Code, f.Severity, f.Tag)))
				if f.Text == "" || f.Advice == "" && f.Severity != dmarc.SeverityHint {
					t.Errorf("%+v says nothing to a person", f)
				}
			}
			if found.Owner != tt.owner {
				t.Errorf("owner %q, want %q", found.Owner, tt.owner)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("findings, got before want:\n%s", diff)
			}
		})
	}
}

func TestCheckAuthorisers(t *testing.T) {
	const agreed = "v=DMARC1"
	tests := []struct {
		name, domain, record string
		dns                  map[string][]string
		want                 []string // receivers without consent
		asked                []string
	}{
		{"at home", "customer.example", "v=DMARC1; p=none; rua=mailto:a@r.customer.example", nil, nil, nil},
		{
			"agreed", "customer.example", "v=DMARC1; p=none; rua=mailto:a@app.example",
			map[string][]string{"customer.example._report._dmarc.app.example": {"token", agreed}},
			nil,
			[]string{"customer.example._report._dmarc.app.example"},
		},
		{
			"one of two", "customer.example", "v=DMARC1; p=none; rua=mailto:a@app.example; ruf=mailto:a@b.example",
			map[string][]string{"customer.example._report._dmarc.b.example": {"v=DMARC1;"}},
			[]string{"app.example"},
			[]string{"customer.example._report._dmarc.app.example", "customer.example._report._dmarc.b.example", "_dmarc.example", "_dmarc.app.example"},
		},
		{
			"a sibling", "www.customer.example", "v=DMARC1; p=none; rua=mailto:a@r.customer.example",
			map[string][]string{"_dmarc.customer.example": {"v=DMARC1; p=reject"}},
			nil,
			[]string{"www.customer.example._report._dmarc.r.customer.example", "_dmarc.customer.example", "_dmarc.r.customer.example", "_dmarc.example"},
		},
		{
			"strangers below one suffix", "a.bank.example", "v=DMARC1; p=none; rua=mailto:a@b.bank.example",
			map[string][]string{"_dmarc.bank.example": {"v=DMARC1; p=reject; psd=y"}},
			[]string{"b.bank.example"},
			[]string{"a.bank.example._report._dmarc.b.bank.example", "_dmarc.bank.example", "_dmarc.b.bank.example"},
		},
		{
			"a department that psd=n makes an organization", "dept.bank.example", "v=DMARC1; p=reject; psd=n; rua=mailto:a@bank.example",
			map[string][]string{"_dmarc.bank.example": {"v=DMARC1; p=none"}},
			[]string{"bank.example"},
			[]string{"dept.bank.example._report._dmarc.bank.example", "_dmarc.bank.example", "_dmarc.example"},
		},
		{"no record", "customer.example", "rua=mailto:a@app.example", nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got, asked []string
			for _, f := range answered(t, tt.dns, func(facts map[string][]string) ([]dmarc.Finding, []string) {
				findings, questions := dmarc.CheckAuthorisers(tt.domain, tt.record, facts)
				asked = append(asked, questions...)
				return findings, questions
			}) {
				_, receiver, _ := strings.Cut(f.Advice, "._report._dmarc.")
				receiver, _, _ = strings.Cut(receiver, ",")
				got = append(got, receiver)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("receivers, got before want:\n%s", diff)
			}
			if diff := cmp.Diff(asked, tt.asked); diff != "" {
				t.Errorf("questions, got before want:\n%s", diff)
			}
		})
	}
}

// A receiver that DNS does not tell about stays without a finding, and does not keep others from theirs.
func TestCheckAuthorisersUnknown(t *testing.T) {
	facts := map[string][]string{
		"customer.example._report._dmarc.b.example": nil, "_dmarc.b.example": nil, "_dmarc.example": nil,
	}
	findings, questions := dmarc.CheckAuthorisers("customer.example", "v=DMARC1; p=none; rua=mailto:a@app.example,mailto:a@b.example", facts)
	if len(findings) != 1 || !strings.Contains(findings[0].Text, "b.example") {
		t.Errorf("findings %+v, want one about b.example", findings)
	}
	if want := []string{"customer.example._report._dmarc.app.example"}; !slices.Equal(questions, want) {
		t.Errorf("questions %q, want %q", questions, want)
	}
}

// What t=y does is told with the policies that it lowers.
func TestDiagnoseTesting(t *testing.T) {
	tests := []struct{ name, tags, want string }{
		{"the domain", "p=reject", "receivers treat forged mail by quarantine instead of reject"},
		{"below", "p=none; sp=quarantine", "receivers treat forged mail from names below the domain by none instead of quarantine"},
		{"names that are not", "p=none; sp=none; np=reject", "receivers treat forged mail from names that do not exist by quarantine instead of reject"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, findings, _ := dmarc.Diagnose("a.example", map[string][]string{
				"_dmarc.a.example": {"v=DMARC1; t=y; rua=mailto:a@a.example; " + tt.tags}, "_dmarc.example": nil,
			})
			i := slices.IndexFunc(findings, func(f dmarc.Finding) bool { return f.Code == dmarc.CodeTesting })
			if i < 0 || !strings.HasSuffix(findings[i].Text, tt.want) {
				t.Errorf("findings %+v, want one that ends in %q", findings, tt.want)
			}
		})
	}
}

// A list of receivers without end costs a bounded number of look-ups, and what was not looked at is said.
func TestCheckAuthorisersMany(t *testing.T) {
	var record strings.Builder
	record.WriteString("v=DMARC1; p=none; rua=mailto:a@h0.r0.example")
	for i := range 2000 {
		fmt.Fprintf(&record, ",mailto:a@h%d.r%d.example", i+1, i+1)
	}
	asked := 0
	findings := answered(t, nil, func(facts map[string][]string) ([]dmarc.Finding, []string) {
		findings, questions := dmarc.CheckAuthorisers("customer.test", record.String(), facts)
		asked += len(questions)
		return findings, questions
	})
	// One for the consent of each of 20, their walks of two names and the one that they share, and the domain's of one.
	if asked != 20+2*20+1+1 {
		t.Errorf("%d look-ups, want %d", asked, 20+2*20+1+1)
	}
	if n := len(findings); n != 21 || findings[20].Code != dmarc.CodeUnchecked || !strings.Contains(findings[20].Text, "2001 foreign domains") {
		t.Errorf("%d findings, want 20 and one about the rest of 2001: %+v", n, findings[max(0, n-1):])
	}
}

// Somebody else writes the record, so no work on it may grow with the square of its length. Times are compared with each other,
// and the best of many attempts counts, so that a busy machine does not matter.
func TestTimeIsLinear(t *testing.T) {
	text := func(n int, head, part string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			fmt.Fprintf(&b, part, i)
		}
		return b.String()
	}
	facts := map[string][]string{}
	tests := []struct {
		name       string
		head, part string
		run        func(text string)
	}{
		{"Differ, unknown tags", "v=DMARC1;p=none", ";x%x=", func(text string) { dmarc.Differ(text, text+";z=1") }},
		{"Authorisers", "v=DMARC1;p=none;rua=mailto:a@b.example", ",mailto:a@h%x.example", func(text string) { dmarc.Authorisers("a.test", text) }},
		{"CheckAuthorisers", "v=DMARC1;p=none;rua=mailto:a@b.example", ",mailto:a@h%x.example", func(text string) { dmarc.CheckAuthorisers("a.test", text, facts) }},
		{"Diagnose", "v=DMARC1;p=none", ";x%x=", func(text string) {
			dmarc.Diagnose("a.test", map[string][]string{"_dmarc.a.test": {text}, "_dmarc.test": nil})
		}},
		{"Apply, merged", "v=DMARC1;p=none;rua=mailto:a@b.example", ",mailto:a@h%x.example", func(text string) {
			_, _ = dmarc.Apply(dmarc.Request{Existing: []string{text}, Value: value, Edit: dmarc.Edit{MergeReports: true}})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const few, times = 250, 16
			short, long := text(few, tt.head, tt.part), text(few*times, tt.head, tt.part)
			took := func(text string) time.Duration {
				start := time.Now()
				tt.run(text)
				return max(time.Since(start), time.Microsecond)
			}
			least := [2]time.Duration{time.Hour, time.Hour}
			for range 30 {
				least[0], least[1] = min(least[0], took(short)), min(least[1], took(long))
				if least[1] < least[0]*times*4 {
					return
				}
			}
			t.Errorf("%d times the length takes %v instead of %v", times, least[1], least[0])
		})
	}
}

// Whatever stands there, the walk ends after eight look-ups, and the report checks after a bounded number more.
func FuzzDiscover(f *testing.F) {
	v := load(f)
	for _, w := range v.TreeWalk {
		var dns strings.Builder
		for name, texts := range w.Records {
			for _, text := range texts {
				dns.WriteString(name + " " + text + "\n")
			}
		}
		f.Add(w.Domain, dns.String())
	}
	f.Add("a.b.c.d.e.f.g.h.i.j.example.", "example v=DMARC1; p=none; rua=mailto:a@x.example,mailto:b@y.example")
	f.Fuzz(func(t *testing.T, domain, records string) {
		dns := map[string][]string{}
		for line := range strings.Lines(records) {
			name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			dns["_dmarc."+name] = append(dns["_dmarc."+name], text)
		}
		facts := map[string][]string{}
		var found dmarc.Found
		for asked := 0; ; asked++ {
			var questions []string
			if found, questions = dmarc.Discover(domain, facts); len(questions) == 0 {
				break
			}
			if asked == 8 || len(questions) != 1 {
				t.Fatalf("Discover(%q) asks for %q after %d look-ups", domain, questions, asked)
			}
			facts[questions[0]] = dns[questions[0]]
		}
		if !strings.HasSuffix("."+found.Domain, "."+found.Organization) {
			t.Fatalf("Discover(%q): %q is not at or below its organization %q", domain, found.Domain, found.Organization)
		}
		if (found.Owner == "") != (found.Policy(true) == "") {
			t.Fatalf("Discover(%q): owner %q, policy %q", domain, found.Owner, found.Policy(true))
		}
		for asked := 0; ; {
			_, findings, questions := dmarc.Diagnose(domain, facts)
			if len(questions) == 0 {
				for _, x := range findings {
					if x.Text == "" || len(x.Text) > 1000 {
						t.Fatalf("Diagnose(%q): finding %+v", domain, x)
					}
				}
				return
			}
			if asked += len(questions); asked > 8+20*(1+strings.Count(records, ":")) {
				t.Fatalf("Diagnose(%q) asks for %d names and more", domain, asked)
			}
			for _, q := range questions {
				if _, twice := facts[q]; twice {
					t.Fatalf("Diagnose(%q) asks for %s again", domain, q)
				}
				facts[q] = dns[q]
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, v := range load(f).Parse {
		f.Add(v.Record)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := dmarc.Parse(text)
		old, errOld := dmarc.ParseAs(text, dmarc.RFC7489)
		if (err == nil || errOld == nil) && !dmarc.IsRecord(text) {
			t.Fatalf("%q is read and is no record", text)
		}
		if err != nil && errOld == nil {
			t.Fatalf("%q: RFC 7489 takes what RFC 9989 refuses: %v", text, err)
		}
		if err != nil {
			return
		}
		if r.String() != text {
			t.Fatalf("%q became %q", text, r)
		}
		if errOld == nil && (len(old.Older.RUASizes) != len(old.RUA) || len(old.Older.RUFSizes) != len(old.RUF)) {
			t.Fatalf("%q: %d and %d sizes for %d and %d addresses", text, len(old.Older.RUASizes), len(old.Older.RUFSizes), len(old.RUA), len(old.RUF))
		}
		if len(dmarc.Differ(text, text)) != 0 {
			t.Fatalf("%q differs from itself in %q", text, dmarc.Differ(text, text))
		}
	})
}
