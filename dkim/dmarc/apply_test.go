package dmarc_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim/dmarc"
)

const value = "v=DMARC1; p=none; rua=mailto:reports@app.example"

func TestApply(t *testing.T) {
	tests := []struct {
		name     string
		req      dmarc.Request
		want     dmarc.Applied // Warnings apart
		warnings []dmarc.Code
	}{
		{
			name: "none there",
			req:  dmarc.Request{Existing: []string{"v=spf1 -all", "token=1"}, Value: value},
			want: dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true},
		},
		{
			name: "one there",
			req:  dmarc.Request{Existing: []string{"v=DMARC1;p=reject"}, Value: value},
			want: dmarc.Applied{Record: "v=DMARC1;p=reject", Base: dmarc.BaseExisting},
		},
		{
			name: "one there without effect",
			req:  dmarc.Request{Existing: []string{"v=DMARC1"}, Value: value},
			want: dmarc.Applied{Record: "v=DMARC1", Base: dmarc.BaseExisting}, warnings: []dmarc.Code{dmarc.CodeNoPolicy, dmarc.CodeNoEffect},
		},
		{
			name: "spelling is kept",
			req: dmarc.Request{
				Existing: []string{"v = DMARC1 ;\tP = Reject ; rua=mailto:a@b.example ;foo; pct = 50 ; "},
				Edit:     dmarc.Edit{Override: map[string]string{"PCT": "10", "p": "reject", "Sp": " none "}},
			},
			want: dmarc.Applied{
				Record: "v = DMARC1 ;\tP = Reject ; rua=mailto:a@b.example ;foo; pct = 10 ; sp=none; ", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v = DMARC1 ;\tP = Reject ; rua=mailto:a@b.example ;foo; pct = 50 ; "},
			},
			warnings: []dmarc.Code{dmarc.CodeNotTag, dmarc.CodeRemoved},
		},
		{
			name: "no spaces where the owner has none",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1;p=none;"},
				Edit:     dmarc.Edit{AddIfMissing: map[string]string{"sp": "none", "adkim": "s", "p": "reject"}},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1;p=none;adkim=s;sp=none;", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1;p=none;"},
			},
		},
		{
			name: "a new p goes behind v",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; rua=mailto:a@b.example"},
				Edit:     dmarc.Edit{AddIfMissing: map[string]string{"p": "none"}},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none; rua=mailto:a@b.example", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; rua=mailto:a@b.example"},
			},
		},
		{
			name: "an empty tag gets a value",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=none; rua= ; fo=1"}, Value: value,
				Edit: dmarc.Edit{MergeReports: true},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none; rua= mailto:reports@app.example; fo=1", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=none; rua= ; fo=1"},
			},
		},
		{
			name: "removed and set again",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=none; rua=mailto:a@b.example; fo=1"},
				Edit: dmarc.Edit{
					Remove: []string{"RUA", "fo"}, Override: map[string]string{"fo": "0"},
					AddIfMissing: map[string]string{"rua": "mailto:c@d.example", "fo": "1"},
				},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none; rua=mailto:c@d.example; fo=0", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=none; rua=mailto:a@b.example; fo=1"},
			},
		},
		{
			name: "the value is edited too",
			req:  dmarc.Request{Value: value, Edit: dmarc.Edit{Override: map[string]string{"p": "quarantine"}}},
			want: dmarc.Applied{Record: "v=DMARC1; p=quarantine; rua=mailto:reports@app.example", Base: dmarc.BaseValue, Changed: true},
		},
		{
			name: "an edit of sp that wakes p up",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=reject; sp=nnoe; rua=mailto:a@b.example"},
				Edit:     dmarc.Edit{Override: map[string]string{"sp": "none"}},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=reject; sp=none; rua=mailto:a@b.example", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=reject; sp=nnoe; rua=mailto:a@b.example"},
			},
			warnings: []dmarc.Code{dmarc.CodePolicy},
		},
		{
			name: "a long s is no s",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=none; aspf=ſ"},
				Edit:     dmarc.Edit{Override: map[string]string{"aspf": "s"}},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none; aspf=s", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=none; aspf=ſ"},
			},
		},
		{
			name: "reports are merged",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=reject; rua=mailto:A@customer.example!10m , MAILTO:reports@APP.example"},
				Value:    "v=DMARC1; p=none; rua=mailto:reports@app.example,mailto:A@customer.example; ruf=mailto:f@app.example",
				Edit:     dmarc.Edit{MergeReports: true},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=reject; rua=mailto:A@customer.example!10m , MAILTO:reports@APP.example; ruf=mailto:f@app.example",
				Base:   dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=reject; rua=mailto:A@customer.example!10m , MAILTO:reports@APP.example"},
			},
			warnings: []dmarc.Code{dmarc.CodeSize},
		},
		{
			name: "an address with other percent-encoding is there",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=reject; rua=mailto:%72eports@App.example., "},
				Value:    "v=DMARC1; p=none; rua=mailto:reports@app.example,mailto:x%2cy@app.example", Edit: dmarc.Edit{MergeReports: true},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=reject; rua=mailto:%72eports@App.example.,mailto:x%2cy@app.example ",
				Base:   dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=reject; rua=mailto:%72eports@App.example., "},
			},
		},
		{
			name: "strict: no p makes room for the value as it is",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; rua=mailto:a@b.example"}, Root: []string{"v=DMARC1; p=reject"}, Value: value,
				Edit: dmarc.Edit{Strict7489: true, InheritRoot: true, Override: map[string]string{"p": "reject"}},
			},
			want:     dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true, Replaces: []string{"v=DMARC1; rua=mailto:a@b.example"}},
			warnings: []dmarc.Code{dmarc.CodeReplaced},
		},
		{
			name:     "strict: the value is there already",
			req:      dmarc.Request{Existing: []string{"v=DMARC1; rua=mailto:a@b.example"}, Value: "v=DMARC1; rua=mailto:a@b.example", Edit: dmarc.Edit{Strict7489: true}},
			want:     dmarc.Applied{Record: "v=DMARC1; rua=mailto:a@b.example", Base: dmarc.BaseValue},
			warnings: []dmarc.Code{dmarc.CodeNoPolicy},
		},
		{
			name: "strict: a sound one is edited",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=none; rua=mailto:a@b.example"}, Value: value,
				Edit: dmarc.Edit{Strict7489: true, Override: map[string]string{"p": "reject"}},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=reject; rua=mailto:a@b.example", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=none; rua=mailto:a@b.example"},
			},
			warnings: []dmarc.Code{dmarc.CodePolicy},
		},
		{
			name: "strict: errors behind p do not matter",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=reject; rua=mailto:a@b.example;; adkim=strict; foo"}, Value: value, Edit: dmarc.Edit{Strict7489: true},
			},
			want:     dmarc.Applied{Record: "v=DMARC1; p=reject; rua=mailto:a@b.example;; adkim=strict; foo", Base: dmarc.BaseExisting},
			warnings: []dmarc.Code{dmarc.CodeEmptyTag, dmarc.CodeInvalid, dmarc.CodeNotTag},
		},
		{
			name:     "strict: p has to follow v at once",
			req:      dmarc.Request{Existing: []string{"v=DMARC1; sp=none; p=reject"}, Value: value, Edit: dmarc.Edit{Strict7489: true}},
			want:     dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true, Replaces: []string{"v=DMARC1; sp=none; p=reject"}},
			warnings: []dmarc.Code{dmarc.CodeReplaced},
		},
		{
			name:     "strict: sp has to be right",
			req:      dmarc.Request{Existing: []string{"v=DMARC1; p=reject; sp=non; rua=mailto:a@b.example"}, Value: value, Edit: dmarc.Edit{Strict7489: true}},
			want:     dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true, Replaces: []string{"v=DMARC1; p=reject; sp=non; rua=mailto:a@b.example"}},
			warnings: []dmarc.Code{dmarc.CodeReplaced},
		},
		{
			name: "strict: a root without p gives nothing",
			req: dmarc.Request{
				Root: []string{"v=DMARC1; rua=mailto:a@b.example"}, Value: value, Edit: dmarc.Edit{Strict7489: true, InheritRoot: true},
			},
			want: dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true}, warnings: []dmarc.Code{dmarc.CodeRootVoid},
		},
		{
			name: "inherited with sp and psd",
			req: dmarc.Request{
				Root: []string{"v=DMARC1; p=reject; sp=quarantine; psd=n; rua=mailto:r@customer.example; t=y;"}, Value: value,
				Edit: dmarc.Edit{InheritRoot: true, MergeReports: true},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=quarantine; rua=mailto:r@customer.example,mailto:reports@app.example; t=y;",
				Base:   dmarc.BaseRoot, Changed: true,
			},
		},
		{
			name: "inherited with a wrong sp, which makes it p=none",
			req: dmarc.Request{
				Root: []string{"v=DMARC1; p=reject; sp=rejct; rua=mailto:r@customer.example"}, Value: value,
				Edit: dmarc.Edit{InheritRoot: true},
			},
			want: dmarc.Applied{Record: "v=DMARC1; p=none; rua=mailto:r@customer.example", Base: dmarc.BaseRoot, Changed: true},
		},
		{
			name: "a root of two records gives nothing",
			req: dmarc.Request{
				Root: []string{"v=DMARC1; p=reject", "v=DMARC1; p=none"}, Value: value,
				Edit: dmarc.Edit{InheritRoot: true},
			},
			want: dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true}, warnings: []dmarc.Code{dmarc.CodeRootVoid},
		},
		{
			name: "a root without effect gives nothing",
			req:  dmarc.Request{Root: []string{"v=DMARC1"}, Value: value, Edit: dmarc.Edit{InheritRoot: true}},
			want: dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true}, warnings: []dmarc.Code{dmarc.CodeRootVoid},
		},
		{
			name: "a void record makes room",
			req:  dmarc.Request{Existing: []string{"v=DMARC1; p=none; p=reject"}, Value: value},
			want: dmarc.Applied{
				Record: value, Base: dmarc.BaseValue, Changed: true, Replaces: []string{"v=DMARC1; p=none; p=reject"},
			},
			warnings: []dmarc.Code{dmarc.CodeReplaced},
		},
		{
			name: "what only looks like one is left alone",
			req:  dmarc.Request{Existing: []string{`"v=DMARC1; p=none"`}, Value: value},
			want: dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true}, warnings: []dmarc.Code{dmarc.CodeHidden},
		},
		{
			name: "two repaired: the weaker policy",
			req:  dmarc.Request{Existing: []string{"v=DMARC1; p=reject; t=y", "v=DMARC1; p=none"}, Value: value, Repair: true},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none", Base: dmarc.BaseExisting, Changed: true, Replaces: []string{"v=DMARC1; p=reject; t=y"},
			},
			warnings: []dmarc.Code{dmarc.CodeRepaired},
		},
		{
			name: "two repaired: all addresses",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=none; rua=mailto:b@b.example", "v=DMARC1; p=none; rua=mailto:a@a.example"},
				Value:    value, Repair: true, Edit: dmarc.Edit{MergeReports: true},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none; rua=mailto:a@a.example,mailto:b@b.example,mailto:reports@app.example",
				Base:   dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=none; rua=mailto:b@b.example", "v=DMARC1; p=none; rua=mailto:a@a.example"},
			},
			warnings: []dmarc.Code{dmarc.CodeRepaired, dmarc.CodeMany},
		},
		{
			name: "two repaired: the addresses of both, without MergeReports too",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; p=reject; rua=mailto:b@b.example", "v=DMARC1; p=none; ruf=mailto:a@a.example"}, Value: value, Repair: true,
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none; ruf=mailto:a@a.example; rua=mailto:b@b.example", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; p=reject; rua=mailto:b@b.example", "v=DMARC1; p=none; ruf=mailto:a@a.example"},
			},
			warnings: []dmarc.Code{dmarc.CodeRepaired},
		},
		{
			name: "two repaired: strict, the addresses of one without p too",
			req: dmarc.Request{
				Existing: []string{"v=DMARC1; rua=mailto:b@b.example", "v=DMARC1; p=reject"}, Value: value, Repair: true, Edit: dmarc.Edit{Strict7489: true},
			},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=reject; rua=mailto:b@b.example", Base: dmarc.BaseExisting, Changed: true,
				Replaces: []string{"v=DMARC1; rua=mailto:b@b.example", "v=DMARC1; p=reject"},
			},
			warnings: []dmarc.Code{dmarc.CodeRepaired},
		},
		{
			name:     "two repaired: one without effect is no base",
			req:      dmarc.Request{Existing: []string{"v=DMARC1", "v=DMARC1; p=reject"}, Repair: true},
			want:     dmarc.Applied{Record: "v=DMARC1; p=reject", Base: dmarc.BaseExisting, Changed: true, Replaces: []string{"v=DMARC1"}},
			warnings: []dmarc.Code{dmarc.CodeRepaired},
		},
		{
			name:     "two repaired: the value in the place of two without effect",
			req:      dmarc.Request{Existing: []string{"v=DMARC1", "v=DMARC1; sp=reject"}, Value: value, Repair: true},
			want:     dmarc.Applied{Record: value, Base: dmarc.BaseValue, Changed: true, Replaces: []string{"v=DMARC1", "v=DMARC1; sp=reject"}},
			warnings: []dmarc.Code{dmarc.CodeRepaired},
		},
		{
			name: "an edit wakes an inherited p up",
			req: dmarc.Request{
				Root: []string{"v=DMARC1; p=reject; np=rejct; rua=mailto:a@b.example"}, Value: value,
				Edit: dmarc.Edit{InheritRoot: true, Override: map[string]string{"np": "reject"}},
			},
			want:     dmarc.Applied{Record: "v=DMARC1; p=reject; np=reject; rua=mailto:a@b.example", Base: dmarc.BaseRoot, Changed: true},
			warnings: []dmarc.Code{dmarc.CodePolicy},
		},
		{
			name: "two of the same text",
			req:  dmarc.Request{Existing: []string{"v=DMARC1; p=none", "v=DMARC1; p=none"}, Repair: true},
			want: dmarc.Applied{
				Record: "v=DMARC1; p=none", Base: dmarc.BaseExisting, Changed: true, Replaces: []string{"v=DMARC1; p=none"},
			},
			warnings: []dmarc.Code{dmarc.CodeRepaired},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dmarc.Apply(tt.req)
			if err != nil {
				t.Fatal(err)
			}
			var warnings []dmarc.Code
			for _, w := range got.Warnings {
				warnings = append(warnings, w.Code)
			}
			got.Warnings = nil
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("Apply, got before want:\n%s", diff)
			}
			if diff := cmp.Diff(warnings, tt.warnings); diff != "" {
				t.Errorf("warnings, got before want:\n%s", diff)
			}
		})
	}
}

func TestApplyErrors(t *testing.T) {
	there := []string{"v=DMARC1; p=reject"}
	set := func(tag, value string) dmarc.Request {
		return dmarc.Request{Existing: there, Edit: dmarc.Edit{Override: map[string]string{tag: value}}}
	}
	tests := []struct {
		name string
		req  dmarc.Request
		code dmarc.Code
		tag  string
		text string
	}{
		{"nothing to start from", dmarc.Request{}, dmarc.CodeNoRecord, "", "dmarc: no record is there to start from, and no value is given"},
		{
			"two there",
			dmarc.Request{Existing: []string{"v=DMARC1; p=none", "v=DMARC1; x"}},
			dmarc.CodeMultiple, "", "dmarc: several records stand there, which makes all of them void",
		},
		{"value is no record", dmarc.Request{Value: "p=none"}, dmarc.CodeNotDMARC, "", "dmarc: the text does not begin with v=DMARC1"},
		{
			"value with a wrong policy",
			dmarc.Request{Existing: there, Value: "v=DMARC1; p=block"},
			dmarc.CodeInvalid, "p", `dmarc: p has to be none, quarantine or reject, not "block"`,
		},
		{
			"value in UTF-8",
			dmarc.Request{Value: "v=DMARC1; p=none; x=ä"},
			dmarc.CodeBadText, "", "dmarc: only printing ASCII can stand in a record",
		},
		{"remove v", dmarc.Request{Edit: dmarc.Edit{Remove: []string{"V"}}}, dmarc.CodeVersion, "v", "dmarc: tag v makes the text a record: no edit may touch it"},
		{"remove no name", dmarc.Request{Edit: dmarc.Edit{Remove: []string{"p="}}}, dmarc.CodeBadTag, "", `dmarc: "p=" is no name of a tag`},
		{"semicolon", set("x", "1; p=none"), dmarc.CodeBadText, "x", "dmarc: a semicolon would end tag x"},
		{"empty", set("rua", " "), dmarc.CodeBadText, "rua", "dmarc: tag rua would be empty"},
		{"line end", set("x", "1\n2"), dmarc.CodeBadText, "", "dmarc: only printing ASCII can stand in a record"},
		{"wrong letter", set("adkim", "strict"), dmarc.CodeInvalid, "adkim", `dmarc: adkim has to be one letter of "rs", not "strict": receivers take r`},
		{"pct above 100", set("pct", "101"), dmarc.CodeInvalid, "pct", `dmarc: pct has to be a number from 0 to 100, not "101": older receivers may pass over the whole record`},
		{"ri in words", set("ri", "1d"), dmarc.CodeInvalid, "ri", `dmarc: ri has to be a number of seconds, not "1d": older receivers may pass over the whole record`},
		{"rf with a space", set("rf", "a b"), dmarc.CodeInvalid, "rf", `dmarc: rf has to be names of formats, such as afrf, not "a b": older receivers may pass over the whole record`},
		{"long s", set("aspf", "ſ"), dmarc.CodeBadText, "", "dmarc: only printing ASCII can stand in a record"},
		{
			"address without mailto", set("rua", "reports@app.example"),
			dmarc.CodeNotURI, "rua", `dmarc: rua holds "reports@app.example", which is no address such as mailto:reports@example.com`,
		},
		{
			"addresses without a comma", set("ruf", "mailto:a@b.example mailto:c@d.example"),
			dmarc.CodeSeparator, "ruf", `dmarc: ruf needs a comma between addresses: "mailto:a@b.example mailto:c@d.example"`,
		},
		{
			"set twice",
			dmarc.Request{Edit: dmarc.Edit{AddIfMissing: map[string]string{"p": "none", "P": "reject"}}},
			dmarc.CodeBadTag, "p", "dmarc: tag p is set twice",
		},
		{
			"nothing left",
			dmarc.Request{Existing: there, Edit: dmarc.Edit{Remove: []string{"p"}}},
			dmarc.CodeNoEffect, "", "dmarc: the edit takes both the policy and the report addresses away",
		},
		{
			"a value without effect",
			dmarc.Request{Value: "v=DMARC1; sp=none"},
			dmarc.CodeNoEffect, "", "dmarc: the record would have neither a policy nor a report address, and receivers would pass it over",
		},
		{
			"strict: a value without effect in the place of a broken one",
			dmarc.Request{Existing: []string{"v=DMARC1; p=none; p=none"}, Value: "v=DMARC1; fo=1", Edit: dmarc.Edit{Strict7489: true}},
			dmarc.CodeNoEffect, "", "dmarc: the record would have neither a policy nor a report address, and receivers would pass it over",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dmarc.Apply(tt.req)
			e, ok := errors.AsType[*dmarc.Error](err)
			if !ok {
				t.Fatalf("Apply = %+v, %v; want code %s", got, err, tt.code)
			}
			if e.Code != tt.code || e.Tag != tt.tag || err.Error() != tt.text {
				t.Errorf("code %s, tag %q, text\n%q; want %s, %q and\n%q", e.Code, e.Tag, err, tt.code, tt.tag, tt.text)
			}
		})
	}
}
