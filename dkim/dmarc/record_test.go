package dmarc_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

func TestIsRecord(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"alone", "v=DMARC1", true},
		{"with white space", "V =\tDMARC1 ; p=none", true},
		{"a longer version", "v=DMARC10; p=none", false},
		{"no semicolon", "v=DMARC1 p=none", false},
		{"small letters", "v=dmarc1; p=none", false},
		{"space in front", " v=DMARC1; p=none", false},
		{"empty", "", false},
		{"only the version", "DMARC1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := dmarc.IsRecord(tt.text); got != tt.want {
				t.Errorf("IsRecord(%q) = %v, want %v", tt.text, got, tt.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		name, text string
		want       dmarc.Record // Tags apart
	}{
		{
			"defaults", "v=DMARC1; p=quarantine",
			dmarc.Record{
				P: dmarc.Quarantine, SP: dmarc.Quarantine, NP: dmarc.Quarantine, Effective: true,
				PSD: "u", ADKIM: "r", ASPF: "r", FO: []string{"0"},
			},
		},
		{
			"everything", "v=DMARC1;p=REJECT;sp=quarantine;np=none;psd=Y;t=Y;adkim=S;aspf=s;fo=d:S;" +
				"rua=mailto:a@b.example, https://c.example/d;ruf=mailto:f@xn--bcher-kva.example.?subject=x",
			dmarc.Record{
				P: dmarc.Reject, SP: dmarc.Quarantine, NP: dmarc.None, Effective: true,
				PSD: "y", T: true, ADKIM: "s", ASPF: "s", FO: []string{"d", "s"},
				RUA: []string{"mailto:a@b.example", "https://c.example/d"}, RUF: []string{"mailto:f@xn--bcher-kva.example.?subject=x"},
			},
		},
		{
			"np falls back to sp", "v=DMARC1; p=reject; sp=none",
			dmarc.Record{
				P: dmarc.Reject, SP: dmarc.None, NP: dmarc.None, Effective: true,
				PSD: "u", ADKIM: "r", ASPF: "r", FO: []string{"0"},
			},
		},
		{
			"wrong addresses", "v=DMARC1; p=none; rua=mailto:@b.example,mailto:a@,mailto:a@b..example,mailto:a!b@c.example," +
				"mailto:a@b.example!10x,1:a,,https://ok.example!7",
			dmarc.Record{
				P: dmarc.None, SP: dmarc.None, NP: dmarc.None, Effective: true,
				PSD: "u", ADKIM: "r", ASPF: "r", FO: []string{"0"}, RUA: []string{"https://ok.example"},
				Warnings: []dmarc.Warning{
					{dmarc.CodeNotURI, "rua", `rua holds "mailto:@b.example", which is no address such as mailto:reports@example.com`},
					{dmarc.CodeNotURI, "rua", `rua holds "mailto:a@", which is no address such as mailto:reports@example.com`},
					{dmarc.CodeNotURI, "rua", `rua holds "mailto:a@b..example", which is no address such as mailto:reports@example.com`},
					{dmarc.CodeNotURI, "rua", `rua holds "mailto:a!b@c.example", which is no address such as mailto:reports@example.com`},
					{dmarc.CodeNotURI, "rua", `rua holds "mailto:a@b.example!10x", which is no address such as mailto:reports@example.com`},
					{dmarc.CodeNotURI, "rua", `rua holds "1:a", which is no address such as mailto:reports@example.com`},
					{dmarc.CodeNotURI, "rua", `rua holds "", which is no address such as mailto:reports@example.com`},
					{dmarc.CodeSize, "rua", `RFC 9989 has no size at the end of an address any more: "https://ok.example!7"`},
				},
			},
		},
		{
			"wrong values", "v=DMARC1; psd=x; t=yes; aspf=; fo=2; p=none",
			dmarc.Record{
				P: dmarc.None, SP: dmarc.None, NP: dmarc.None, Effective: true,
				PSD: "u", ADKIM: "r", ASPF: "r", FO: []string{"0"},
				Warnings: []dmarc.Warning{
					{dmarc.CodeInvalid, "psd", `psd has to be one letter of "uyn", not "x": receivers take u`},
					{dmarc.CodeInvalid, "t", `t has to be one letter of "ny", not "yes": receivers take n`},
					{dmarc.CodeInvalid, "aspf", `aspf has to be one letter of "rs", not "": receivers take r`},
					{dmarc.CodeInvalid, "fo", `fo has to be of 0, 1, d and s, not "2": receivers take 0`},
					{dmarc.CodeLateP, "p", "p does not follow v at once: receivers by RFC 7489 refuse the record"},
				},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dmarc.Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != tt.text {
				t.Errorf("String = %q, want %q", got, tt.text)
			}
			got.Tags = nil
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("Parse, got before want:\n%s", diff)
			}
		})
	}
}

// The reading by RFC 7489, where it has more than that of RFC 9989 or refuses more.
func TestParseAs(t *testing.T) {
	r, err := dmarc.ParseAs("v=DMARC1; p=reject; pct=5; ri=3600; rf=AFRF:x-y; rua=mailto:a@b.example!10m,mailto:c@b.example; ruf=mailto:d@b.example!7,mailto:e@b.example!99999999T; np=none; t=y", dmarc.RFC7489)
	if err != nil {
		t.Fatal(err)
	}
	want := dmarc.Record{
		By: dmarc.RFC7489, P: dmarc.Reject, SP: dmarc.Reject, NP: dmarc.Reject, Effective: true, PSD: "u", ADKIM: "r", ASPF: "r", FO: []string{"0"},
		RUA: []string{"mailto:a@b.example", "mailto:c@b.example"}, RUF: []string{"mailto:d@b.example", "mailto:e@b.example"},
		Older: &dmarc.Older{Percent: 5, Formats: []string{"afrf", "x-y"}, Interval: 3600, RUASizes: []uint64{10 << 20, 0}, RUFSizes: []uint64{7, 0}},
		Warnings: []dmarc.Warning{
			{dmarc.CodeUnknown, "np", "receivers do not know the tag np and ignore it"},
			{dmarc.CodeUnknown, "t", "receivers do not know the tag t and ignore it"},
		},
	}
	r.Tags = nil
	if diff := cmp.Diff(r, want); diff != "" {
		t.Errorf("ParseAs, got before want:\n%s", diff)
	}
	for text, code := range map[string]dmarc.Code{
		"v=DMARC1; p=none; pct=-1":                       dmarc.CodeInvalid,
		"v=DMARC1; p=none; pct=":                         dmarc.CodeInvalid,
		"v=DMARC1; p=none; ri=+5":                        dmarc.CodeInvalid,
		"v=DMARC1; p=none; rf=":                          dmarc.CodeInvalid,
		"v=DMARC1; p=none; fo=2":                         dmarc.CodeInvalid,
		"v=DMARC1; p=none; foo":                          dmarc.CodeNotTag,
		"v=DMARC1; p=none; sp=x":                         dmarc.CodeInvalid,
		"v=DMARC1; sp=none; p=none":                      dmarc.CodeLateP,
		"v=DMARC1; p=none; ruf=mailto:a@b.example!5x":    dmarc.CodeNotURI,
		"v=DMARC1; p=none; rua=mailto:a@b.example c@d.e": dmarc.CodeSeparator,
	} {
		_, err := dmarc.ParseAs(text, dmarc.RFC7489)
		if e, ok := errors.AsType[*dmarc.Error](err); !ok || e.Code != code {
			t.Errorf("ParseAs(%q): %v, want code %s", text, err, code)
		}
	}
}

func TestDiffer(t *testing.T) {
	tests := []struct {
		name, have, want string
		tags             []string
	}{
		{"spelling", "v = DMARC1;P=None;adkim=r;fo=s:d", "v=DMARC1; p=none; sp=none; fo=d:s", nil},
		{"p alone", "v=DMARC1; p=reject", "v=DMARC1; p=none", []string{"p"}},
		{"sp that keeps what p was", "v=DMARC1; p=reject", "v=DMARC1; p=none; sp=reject", []string{"p"}},
		{"sp in one", "v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none", []string{"sp"}},
		{"np", "v=DMARC1; p=reject; np=none", "v=DMARC1; p=reject", []string{"np"}},
		{"addresses in another order", "v=DMARC1; p=none; rua=mailto:a@B.example,mailto:c@d.example", "v=DMARC1; p=none; rua=mailto:c@d.example,MAILTO:a@b.example", nil},
		{"an address more", "v=DMARC1; p=none; rua=mailto:a@b.example", "v=DMARC1; p=none; rua=mailto:a@b.example,mailto:A@b.example", []string{"rua"}},
		{
			"everything", "v=DMARC1; p=none", "v=DMARC1; p=none; psd=n; t=y; adkim=s; aspf=s; ruf=mailto:a@b.example; fo=1; pct=5; x=y",
			[]string{"psd", "t", "adkim", "aspf", "ruf", "fo", "pct", "x"},
		},
		{"unknown tags by their text", "v=DMARC1; p=none; x=1; y=1", "v=DMARC1; p=none; x=2; y=1", []string{"x"}},
		{"no record", "v=spf1 -all", "v=DMARC1; p=none", []string{"v"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, pair := range [][2]string{{tt.have, tt.want}, {tt.want, tt.have}} {
				if diff := cmp.Diff(dmarc.Differ(pair[0], pair[1]), tt.tags); diff != "" {
					t.Errorf("Differ(%q, %q), got before want:\n%s", pair[0], pair[1], diff)
				}
			}
		})
	}
}

func TestAuthorisers(t *testing.T) {
	tests := []struct {
		name, domain, record string
		want                 []string
	}{
		{"at home", "customer.example", "v=DMARC1; p=none; rua=mailto:a@customer.example,mailto:a@Mail.Customer.Example.", nil},
		{"above", "mail.customer.example", "v=DMARC1; p=none; rua=mailto:a@customer.example", nil},
		{"above and parted by psd=n", "dept.example.com", "v=DMARC1; p=none; psd=n; rua=mailto:a@example.com", []string{"dept.example.com._report._dmarc.example.com"}},
		{"below psd=n", "dept.example.com", "v=DMARC1; p=none; psd=n; rua=mailto:a@r.dept.example.com,mailto:a@dept.example.com", nil},
		{"below psd=y", "bank.example", "v=DMARC1; p=none; psd=y; rua=mailto:a@a.bank.example,mailto:a@bank.example", []string{"bank.example._report._dmarc.a.bank.example"}},
		{"beside", "www.customer.example", "v=DMARC1; p=none; rua=mailto:a@r.customer.example", []string{"www.customer.example._report._dmarc.r.customer.example"}},
		{"only alike", "customer.example", "v=DMARC1; p=none; rua=mailto:a@notcustomer.example", []string{"customer.example._report._dmarc.notcustomer.example"}},
		{
			"each once, in order", "Customer.Example.", "v=DMARC1; p=none; ruf=mailto:f@b.example,mailto:f@c.example; rua=mailto:a@B.example!5m,MAILTO:x@b.example?a=b",
			[]string{"customer.example._report._dmarc.b.example", "customer.example._report._dmarc.c.example"},
		},
		{"nothing by mail", "customer.example", "v=DMARC1; p=none; rua=https://r.example/x,a@b.example", nil},
		{"no record", "customer.example", "rua=mailto:a@b.example", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(dmarc.Authorisers(tt.domain, tt.record), tt.want); diff != "" {
				t.Errorf("Authorisers(%q, %q), got before want:\n%s", tt.domain, tt.record, diff)
			}
		})
	}
}

func TestDiscover(t *testing.T) {
	tests := []struct {
		name, domain, organization, owner string
		facts                             map[string][]string
	}{
		{
			"a public suffix itself", "Bank.Example.", "bank.example", "bank.example",
			map[string][]string{"_dmarc.bank.example": {"v=DMARC1; p=reject; psd=y"}},
		},
		{
			"a public suffix below a domain with a record", "bank.example", "bank.example", "bank.example",
			map[string][]string{"_dmarc.bank.example": {"v=DMARC1; p=reject; psd=y"}, "_dmarc.example": {"v=DMARC1; p=none"}},
		},
		{
			"a void record on the way", "a.bank.example", "a.bank.example", "bank.example",
			map[string][]string{
				"_dmarc.a.bank.example": {"v=DMARC1; p=none; p=none"}, "_dmarc.bank.example": {"token", "v=DMARC1; p=reject; psd=y"},
			},
		},
		{"no domain", "", "", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, questions := dmarc.Discover(tt.domain, tt.facts)
			if got.Organization != tt.organization || got.Owner != tt.owner || questions != nil {
				t.Errorf("Discover = %q, %q, questions %q; want %q, %q", got.Organization, got.Owner, questions, tt.organization, tt.owner)
			}
		})
	}
}

// What does reading one record cost, short and long?
func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"short": "v=DMARC1; p=none;",
		"long":  "v=DMARC1; p=reject; sp=none; adkim=s; aspf=s; fo=1; rua=mailto:a@b.example,mailto:c@d.example; ruf=mailto:e@f.example",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := dmarc.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
