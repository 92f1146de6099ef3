package dkim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim"
)

func TestChoose(t *testing.T) {
	var (
		long, short = record(t, "rsa2048-spki"), record(t, "rsa1024-spki")
		huge        = record(t, "rsa4096-spki")
		longPrint   = "0285436dc0630e26a884c6c58d9bfe915fe61232aab1733efe9907d91642222a"
		shortPrint  = "40ac1074a67189319f879182fd2b25dcb5e586fedc2bb8cf622104d83f52e4cf"
		only255     = dkim.Limits{MaxTXT: 255}
		noQuotes    = dkim.Limits{Refused: `"\`}
		token       = strings.Repeat("x", 300)
		tooLong     = "the host stores at most 255 octets in a TXT; the value has 410"
	)
	tests := []struct {
		name            string
		value, fallback string
		limits          dkim.Limits
		want            dkim.Choice // Warnings apart
		warnings        []dkim.Code
	}{
		{
			name: "no limits", value: long, fallback: short,
			want: dkim.Choice{Type: "TXT", Value: long, Fingerprint: longPrint},
		},
		{
			name: "just fits", value: long, fallback: short, limits: dkim.Limits{MaxTXT: 410},
			want: dkim.Choice{Type: "TXT", Value: long, Fingerprint: longPrint},
		},
		{
			name: "one octet too long", value: long, fallback: short, limits: dkim.Limits{MaxTXT: 409},
			want: dkim.Choice{
				Type: "TXT", Value: short, UsedFallback: true, Fingerprint: shortPrint, Code: dkim.CodeValueTooLong,
				Reason: "the host stores at most 409 octets in a TXT; the value has 410",
			},
			warnings: []dkim.Code{dkim.CodeShortKey},
		},
		{
			name: "a host of 255 octets", value: long, fallback: short, limits: only255,
			want: dkim.Choice{
				Type: "TXT", Value: short, UsedFallback: true, Fingerprint: shortPrint, Code: dkim.CodeValueTooLong, Reason: tooLong,
			},
			warnings: []dkim.Code{dkim.CodeShortKey},
		},
		{
			name: "a broken fallback nobody needs", value: long, fallback: "v=DKIM1; p=!",
			want: dkim.Choice{Type: "TXT", Value: long, Fingerprint: longPrint},
		},
		{
			name: "a 4096-bit value where 512 octets fit", value: huge, fallback: long, limits: dkim.Limits{MaxTXT: 512},
			want: dkim.Choice{
				Type: "TXT", Value: long, UsedFallback: true, Fingerprint: longPrint, Code: dkim.CodeValueTooLong,
				Reason: "the host stores at most 512 octets in a TXT; the value has 754",
			},
		},
		{
			name: "a weak value only warns", value: record(t, "rsa768-spki"), limits: only255,
			want:     dkim.Choice{Type: "TXT", Value: record(t, "rsa768-spki"), Fingerprint: "12b493df3463ba80986dd328ac80132f62485b3fb904b22fb752cfb91057bc1b"},
			warnings: []dkim.Code{dkim.CodeWeakKey},
		},
		{
			name: "a revoked value only warns", value: "v=DKIM1; p=",
			want:     dkim.Choice{Type: "TXT", Value: "v=DKIM1; p="},
			warnings: []dkim.Code{dkim.CodeRevokedKey},
		},
		{
			name: "no key, fits", value: "token=1", fallback: "token=2", limits: only255,
			want: dkim.Choice{Type: "TXT", Value: "token=1"},
		},
		{
			name: "no key, too long", value: token, fallback: "token=2", limits: only255,
			want: dkim.Choice{
				Type: "TXT", Value: "token=2", UsedFallback: true, Code: dkim.CodeValueTooLong,
				Reason: "the host stores at most 255 octets in a TXT; the value has 300",
			},
		},
		{
			name: "no key, a character refused", value: `say "hi"`, fallback: "say hi", limits: noQuotes,
			want: dkim.Choice{
				Type: "TXT", Value: "say hi", UsedFallback: true, Code: dkim.CodeValueRefused,
				Reason: `the host cannot store the character " in a TXT; the value has one`,
			},
		},
		{
			name: "no key, the fallback is one", value: token, fallback: short, limits: only255,
			want: dkim.Choice{
				Type: "TXT", Value: short, UsedFallback: true, Fingerprint: shortPrint, Code: dkim.CodeValueTooLong,
				Reason: "the host stores at most 255 octets in a TXT; the value has 300",
			},
			warnings: []dkim.Code{dkim.CodeShortKey},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := dkim.Want{Name: "s1._domainkey.example.com", Value: tt.value, FallbackValue: tt.fallback}
			got, err := dkim.Choose(want, tt.limits)
			if err != nil {
				t.Fatal(err)
			}
			var warnings []dkim.Code
			for _, w := range got.Warnings {
				warnings = append(warnings, w.Code)
			}
			got.Warnings = nil
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("Choose, got before want:\n%s", diff)
			}
			if diff := cmp.Diff(warnings, tt.warnings); diff != "" {
				t.Errorf("warnings, got before want:\n%s", diff)
			}
		})
	}
}

func TestChooseErrors(t *testing.T) {
	var (
		long, short = record(t, "rsa2048-spki"), record(t, "rsa1024-spki")
		only255     = dkim.Limits{MaxTXT: 255}
		start       = "dkim: s1._domainkey.example.com: "
		tooLong     = "the host stores at most 255 octets in a TXT; the value has 410"
	)
	tests := []struct {
		name            string
		value, fallback string
		limits          dkim.Limits
		code            dkim.Code
		text            string
	}{
		{
			"no fallback", long, "", only255, dkim.CodeValueTooLong,
			start + tooLong + ", and there is no fallback",
		},
		{
			"both too long", long, record(t, "rsa1536-spki"), only255, dkim.CodeValueTooLong,
			start + tooLong + "; nor can it take the fallback: the host stores at most 255 octets in a TXT; the fallback has 322",
		},
		{
			"a character refused", `a "b"`, "",
			dkim.Limits{Refused: `"`},
			dkim.CodeValueRefused,
			start + `the host cannot store the character " in a TXT; the value has one, and there is no fallback`,
		},
		{
			"fallback weak", long, record(t, "rsa768-spki"), only255, dkim.CodeFallbackWeak,
			start + "the fallback's key has 768 bits, and verifiers refuse less than 1024",
		},
		{
			"fallback broken", long, record(t, "truncated-254"), only255, dkim.CodeFallbackInvalid,
			start + "the fallback is no usable DKIM key: tag p holds 177 of 294 octets: the record, 254 octets long, is cut off",
		},
		{
			"fallback is no key", long, "token=1", only255, dkim.CodeFallbackInvalid,
			start + "the fallback is no usable DKIM key: the text is no DKIM key record",
		},
		{
			"fallback revoked", long, "v=DKIM1; p=", only255, dkim.CodeFallbackInvalid,
			start + "the fallback's key is revoked",
		},
		{
			"fallback unsupported", long, record(t, "unknown-k"), only255, dkim.CodeFallbackInvalid,
			start + "the fallback's key is unsupported",
		},
		{
			"value broken", record(t, "truncated-255"), short,
			dkim.Limits{},
			dkim.CodeValueInvalid,
			start + "the value is no usable DKIM key: tag p holds 177 of 294 octets: the record, 255 octets long, is cut off",
		},
		{
			"fallback for SHA-1 alone", long, short + "; h=sha1", only255, dkim.CodeFallbackInvalid,
			start + "the fallback is of no use: the key allows no hash that is still in use: its h tag lacks sha256",
		},
		{
			"fallback not for mail", long, short + "; s=tlsrpt", only255, dkim.CodeFallbackInvalid,
			start + "the fallback is of no use: the key is not for e-mail: its s tag lacks email",
		},
		{
			"no key, broken fallback", strings.Repeat("x", 300), "v=DKIM1; p=!", only255, dkim.CodeFallbackInvalid,
			start + "the fallback is no usable DKIM key: tag p: character 1 has no place in base64",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := dkim.Want{Name: "s1._domainkey.example.com", Value: tt.value, FallbackValue: tt.fallback}
			got, err := dkim.Choose(want, tt.limits)
			e, ok := errors.AsType[*dkim.Error](err)
			if !ok {
				t.Fatalf("Choose = %+v, %v; want code %s", got, err, tt.code)
			}
			if e.Code != tt.code || e.Name != want.Name || err.Error() != tt.text {
				t.Errorf("code %s, name %s, text\n%q, want %s and\n%q", e.Code, e.Name, err, tt.code, tt.text)
			}
		})
	}
}

// What is chosen always fits, is one of the two, and is a key that verifiers accept whenever the fallback stands in for a key.
func TestChooseProperty(t *testing.T) {
	var texts []string
	for _, v := range vectors(t) {
		texts = append(texts, v.TXT)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom(texts), rapid.StringN(0, 600, -1))
		w := dkim.Want{Value: text.Draw(t, "value"), FallbackValue: text.Draw(t, "fallback")}
		l := dkim.Limits{
			MaxTXT:  rapid.IntRange(0, 800).Draw(t, "max"),
			Refused: rapid.SampledFrom([]string{"", `"`, `"\`}).Draw(t, "refused"),
		}
		c, err := dkim.Choose(w, l)
		if err != nil {
			return
		}
		if l.MaxTXT > 0 && len(c.Value) > l.MaxTXT || strings.ContainsAny(c.Value, l.Refused) {
			t.Fatalf("chose %q for %+v", c.Value, l)
		}
		if c.UsedFallback != (c.Reason != "") || c.UsedFallback != (c.Code != "") {
			t.Fatalf("fallback %v, code %q, reason %q", c.UsedFallback, c.Code, c.Reason)
		}
		want := w.Value
		if c.UsedFallback {
			want = w.FallbackValue
		}
		if c.Value != want {
			t.Fatalf("chose %q, want %q", c.Value, want)
		}
		if k, err := dkim.ParseKey(c.Value); c.UsedFallback && dkim.IsKey(w.Value) && (err != nil || k.Status() != dkim.Valid) {
			t.Fatalf("fallback %q is %s for a key: %v", c.Value, k.Status(), err)
		}
	})
}

// What does a fallback cost: reading both keys, a fingerprint and the sentences?
func BenchmarkChoose(b *testing.B) {
	w := dkim.Want{Value: record(b, "rsa2048-spki"), FallbackValue: record(b, "rsa1024-spki")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dkim.Choose(w, dkim.Limits{MaxTXT: 255}); err != nil {
			b.Fatal(err)
		}
	}
}
