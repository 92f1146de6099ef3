package dkim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/dkim"
)

// kind is a text to publish and what is known of it from where it was made.
type kind struct {
	name, txt string
	isKey     bool
	isBroken  bool // it is meant as a key and does not parse
	isGood    bool // verifiers accept the key
	isWeak    bool
	print     string
}

func kinds(t *testing.T) []kind {
	known := map[string]vector{}
	for _, v := range vectors(t) {
		known[v.Name] = v
	}
	key := func(name string) kind {
		v := known[name]
		return kind{
			name: name, txt: v.TXT, isKey: true, isBroken: v.Status == "invalid", isGood: v.Status == "valid", isWeak: v.Status == "weak", print: v.SPKI,
		}
	}
	return []kind{
		key("rsa2048-spki"), key("rsa1024-spki"), key("rsa4096-spki"), key("rsa2048-pkcs1"), key("ed25519"), key("rsa768-spki"), key("revoked"),
		key("unknown-k"), key("truncated-255"), key("escaped-semicolons"),
		{name: "token", txt: "token=1"},
		{name: "long token", txt: strings.Repeat("x", 300)},
		{name: "quoted token", txt: `say "hi"`},
	}
}

// choiceOracle says by the rules alone what is right: the texts are known by where they come from, so nothing is parsed.
func choiceOracle(value, fallback kind, l dkim.Limits) (txt, fingerprint string, code dkim.Code, ok bool) {
	why := func(txt string) dkim.Code {
		switch {
		case l.MaxTXT > 0 && len(txt) > l.MaxTXT, l.OneString && len(txt) > 255:
			return dkim.CodeValueTooLong
		case strings.ContainsAny(txt, l.Refused):
			return dkim.CodeValueRefused
		}
		return ""
	}
	no := why(value.txt)
	switch {
	case value.isBroken:
		return "", "", dkim.CodeValueInvalid, false
	case no == "":
		return value.txt, value.print, "", true
	case fallback.txt == "":
		return "", "", no, false
	case fallback.isWeak:
		return "", "", dkim.CodeFallbackWeak, false
	case fallback.isKey && !fallback.isGood, value.isKey && !fallback.isKey:
		return "", "", dkim.CodeFallbackInvalid, false
	case why(fallback.txt) != "":
		return "", "", no, false
	}
	return fallback.txt, fallback.print, no, true
}

// Every host with every value and every fallback: the right one, its fingerprint, and why.
func TestChooseMatrix(t *testing.T) {
	hosts := map[string]dkim.Limits{
		"no limits": {}, "255": {MaxTXT: 255}, "450": {MaxTXT: 450}, "511": {MaxTXT: 511}, "1024": {MaxTXT: 1024}, "one string": {OneString: true},
		"one string of 1024": {OneString: true, MaxTXT: 1024}, "no quotes": {Refused: `"`}, "no quotes, no backslashes, 255": {Refused: `"\`, MaxTXT: 255},
		"no semicolons": {Refused: ";"}, "87": {MaxTXT: 87},
	}
	values, cases, fallbacks := kinds(t), 0, 0
	for host, l := range hosts {
		for _, value := range values {
			for _, fallback := range append([]kind{{name: "none"}}, values...) {
				cases++
				got, err := dkim.Choose(dkim.Want{Value: value.txt, FallbackValue: fallback.txt}, l)
				txt, fingerprint, code, ok := choiceOracle(value, fallback, l)
				at := host + ": " + value.name + ", fallback " + fallback.name
				if !ok {
					if e, isError := errors.AsType[*dkim.Error](err); !isError || e.Code != code {
						t.Errorf("%s: %+v, %v; want code %s", at, got, err, code)
					}
					continue
				}
				used := code != ""
				if used {
					fallbacks++
				}
				if err != nil || got.Type != "TXT" || got.Value != txt || got.Fingerprint != fingerprint || got.UsedFallback != used || got.Code != code ||
					(got.Reason != "") != used {
					t.Errorf("%s: %+v, %v; want fingerprint %q, code %q", at, got, err, fingerprint, code)
				}
			}
		}
	}
	if cases != len(hosts)*13*14 || fallbacks == 0 {
		t.Errorf("%d cases, %d fallbacks", cases, fallbacks)
	}
	t.Logf("%d cases, %d of them take the fallback", cases, fallbacks)
}

// A CNAME is replaced only where the host refuses it and the caller allows the copy.
func TestChooseCNAME(t *testing.T) {
	refuses := dkim.Limits{NoCNAME: true}
	small := dkim.Limits{NoCNAME: true, MaxTXT: 255}
	const why = "the host refuses a CNAME at a name with an underscore"
	tests := []struct {
		name   string
		want   dkim.Want
		limits dkim.Limits
		typ    string
		value  string
		code   dkim.Code
		reason string // or the text of the error
		print  string
	}{
		{"the CNAME", dkim.Want{Target: vendor, Value: long, MayCopy: true}, dkim.Limits{MaxTXT: 1}, "CNAME", vendor, "", "", ""},
		{
			"a copy is not allowed",
			dkim.Want{Target: vendor, Value: long},
			refuses, "", "", dkim.CodeCNAMERefused,
			"dkim: " + why + ", and a copy of the key at its target is not allowed", "",
		},
		{
			"nothing to copy",
			dkim.Want{Target: vendor, MayCopy: true},
			refuses, "", "", dkim.CodeCNAMERefused,
			"dkim: " + why + ", and no key is known at its target that could be copied", "",
		},
		{"the copy", dkim.Want{Target: vendor, Value: long, MayCopy: true}, refuses, "TXT", long, dkim.CodeCNAMERefused, why, printLong},
		{
			"the copy is too long, and the vendor does not sign with the fallback",
			dkim.Want{Target: vendor, Value: long, FallbackValue: short, MayCopy: true},
			small, "", "", dkim.CodeValueTooLong,
			"dkim: " + why + ", and the key at its target does not fit in its place: the host stores at most 255 octets in a TXT; the copy has 410", "",
		},
		{
			"the copy has a character that the host refuses",
			dkim.Want{Target: vendor, Value: long, MayCopy: true},
			dkim.Limits{NoCNAME: true, Refused: ";"},
			"", "", dkim.CodeValueRefused,
			"dkim: " + why + ", and the key at its target does not fit in its place: the host cannot store the character ; in a TXT; the copy has one", "",
		},
		{
			"the copy would be of a revoked key",
			dkim.Want{Target: vendor, Value: "v=DKIM1; p=", MayCopy: true},
			refuses, "", "", dkim.CodeCNAMERefused,
			"dkim: " + why + ", and the key at its target is of no use: the key is revoked: mail signed with it fails DKIM", "",
		},
		{
			"the copy would be of a weak key",
			dkim.Want{Target: vendor, Value: record(t, "rsa768-spki"), MayCopy: true},
			refuses, "", "", dkim.CodeCNAMERefused,
			"dkim: " + why + ", and the key at its target is of no use: the key has 768 bits, and verifiers refuse less than 1024", "",
		},
		{
			"the copy is broken",
			dkim.Want{Target: vendor, Value: long[:255], MayCopy: true},
			refuses, "", "", dkim.CodeValueInvalid,
			"dkim: the value is no usable DKIM key: tag p holds 177 of 294 octets: the record, 255 octets long, is cut off", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dkim.Choose(tt.want, tt.limits)
			if tt.typ == "" {
				if e, ok := errors.AsType[*dkim.Error](err); !ok || e.Code != tt.code || err.Error() != tt.reason {
					t.Errorf("got %+v, %v; want code %s and\n%s", got, err, tt.code, tt.reason)
				}
				return
			}
			if err != nil || got.Type != tt.typ || got.Value != tt.value || got.Code != tt.code || got.Reason != tt.reason || got.Fingerprint != tt.print {
				t.Errorf("got %+v, %v; want %s, code %s, reason %s, fingerprint %s", got, err, tt.typ, tt.code, tt.reason, tt.print)
			}
			isCopy := tt.typ == "TXT"
			if warned := len(got.Warnings) > 0 && got.Warnings[0].Code == dkim.CodeCopiedKey; warned != isCopy || got.UsedFallback != isCopy {
				t.Errorf("warnings %v, fallback %v; want both %v", got.Warnings, got.UsedFallback, isCopy)
			}
		})
	}
}
