package dkim_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim"
)

// shortKey is the p of the vectors' 1024-bit key.
func shortKey(t testing.TB) string { return strings.TrimPrefix(record(t, "only-p"), "p=") }

// longKey is the p of the vectors' 2048-bit key.
func longKey(t testing.TB) string {
	return strings.TrimPrefix(record(t, "rsa2048-spki"), "v=DKIM1; k=rsa; p=")
}

func TestParseKeyErrors(t *testing.T) {
	p := shortKey(t)
	b64 := base64.StdEncoding.EncodeToString
	der, err := base64.StdEncoding.DecodeString(p)
	if err != nil {
		t.Fatal(err)
	}
	evenModulus := bytes.Clone(der)
	evenModulus[len(der)-6] &^= 1
	even := "v=DKIM1; p=" + b64(evenModulus)
	oneExponent := bytes.Clone(der)
	copy(oneExponent[len(der)-3:], []byte{0, 0, 1})

	tests := []struct {
		name, txt string
		code      dkim.Code
		text      string // part of the error
	}{
		{"empty tag in the middle", "v=DKIM1;; p=" + p, dkim.CodeSyntax, "a tag is empty, at octet 8"},
		{"tag without value", "v=DKIM1; p=" + p + "; s", dkim.CodeSyntax, "a tag has no value (tag s)"},
		{"space in a tag name", "v=DKIM1; a b=c; p=" + p, dkim.CodeSyntax, "at octet 11"},
		{"digit first in a tag name", "v=DKIM1; 1=c; p=" + p, dkim.CodeSyntax, "does not begin with a letter"},
		{"control character", "v=DKIM1; n=a\x00b; p=" + p, dkim.CodeSyntax, "control character"},
		{"unknown tag twice", "v=DKIM1; long=1; long=2; p=" + p, dkim.CodeDuplicate, "tag long stands twice"},
		{"empty k", "v=DKIM1; k=; p=" + p, dkim.CodeSyntax, "key type"},
		{"k with a slip", "v=DKIM1; k=rsa, p=" + p, dkim.CodeSyntax, "at octet 14"},
		{"empty h", "v=DKIM1; h=; p=" + p, dkim.CodeSyntax, "a list is empty (tag h)"},
		{"empty s", "v=DKIM1; s=:; p=" + p, dkim.CodeSyntax, "a list is empty (tag s)"},
		{"one = too few", "v=DKIM1; k=ed25519; p=AQ=", dkim.CodeBadKey, "padding"},
		{"one = too many", "v=DKIM1; p=" + p + "=", dkim.CodeBadKey, "padding"},
		{"only padding", "v=DKIM1; p====", dkim.CodeBadKey, "padding"},
		{"= in the middle", "v=DKIM1; p=MI=GM", dkim.CodeBadKey, "character 3"},
		{"octet after the key", "v=DKIM1; p=" + b64(append(bytes.Clone(der), 0)), dkim.CodeBadKey, "not an RSA key"},
		{"even modulus", even, dkim.CodeBadKey, "impossible"},
		{"exponent with leading zeros", "v=DKIM1; p=" + b64(oneExponent), dkim.CodeBadKey, "not an RSA key"},
		{"cut within a base64 group", "v=DKIM1; p=" + p[:101], dkim.CodeTruncated, "tag p holds 75 of 162 octets"},
		{"no key at all", "p=none", dkim.CodeNotKey, "no DKIM key record"},
		{"DMARC", "v=DMARC1; p=none", dkim.CodeNotKey, "no DKIM key record"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, err := dkim.ParseKey(tt.txt)
			e, ok := errors.AsType[*dkim.Error](err)
			if !ok {
				t.Fatalf("ParseKey(%q) = %+v, %v; want code %s", tt.txt, k, err, tt.code)
			}
			if e.Code != tt.code || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("ParseKey(%q): code %s, %q; want code %s, text with %q", tt.txt, e.Code, err, tt.code, tt.text)
			}
		})
	}
}

// cutPrivate is how the PKCS #8 form of an RSA key begins, and what a host keeps of it that cuts texts at 255 octets.
var cutPrivate = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQ" + strings.Repeat("C7vbqajDw4o6gJy8", 11)

// A private key pasted by mistake must be named as what it is and must not reach a log.
func TestParseKeyPrivate(t *testing.T) {
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edPair, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	b64 := base64.StdEncoding.EncodeToString
	for name, txt := range map[string]string{
		"PKCS #1 cut off": ("v=DKIM1; k=rsa; p=" + b64(x509.MarshalPKCS1PrivateKey(pair)))[:255],
		"PKCS #8 cut off": ("v=DKIM1; k=rsa; p=" + b64(pkcs8(pair)))[:254],
		"PKCS #1":         "v=DKIM1; k=rsa; p=" + b64(x509.MarshalPKCS1PrivateKey(pair)),
		"PKCS #8":         "v=DKIM1; p=" + b64(pkcs8(pair)),
		"PKCS #8 Ed25519": "v=DKIM1; k=ed25519; p=" + b64(pkcs8(edPair)),
		"no p=":           "v=DKIM1; " + b64(pkcs8(edPair)),
		"k for p":         "v=DKIM1; k=" + b64(pkcs8(edPair)) + "/; p=AAAA",
		"PEM":             "v=DKIM1; p=-----BEGIN PRIVATE KEY-----" + b64(pkcs8(pair)) + "-----END PRIVATE KEY-----",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dkim.ParseKey(txt)
			e, ok := errors.AsType[*dkim.Error](err)
			if !ok {
				t.Fatalf("error %v, want one", err)
			}
			if misplaced := name == "no p=" || name == "k for p"; !misplaced && e.Code != dkim.CodePrivateKey {
				t.Errorf("error %v, want code %s", err, dkim.CodePrivateKey)
			}
			if strings.Contains(fmt.Sprintf("%+v", *e), txt[40:60]) {
				t.Errorf("error %+v repeats the key", *e)
			}
			_, err = dkim.Choose(dkim.Want{Name: "s1._domainkey.example.com", Value: txt}, dkim.Limits{})
			if err == nil || strings.Contains(err.Error(), txt[40:60]) {
				t.Errorf("Choose: error %v, want one without key data", err)
			}
		})
	}
}

// A private key that nobody would take for a record is not published either, wherever it stands.
func TestChoosePrivate(t *testing.T) {
	for name, txt := range map[string]string{
		"bare":                  cutPrivate,
		"bare, with quotes":     `"` + cutPrivate[:100] + `" "` + cutPrivate[100:] + `"`,
		"bare, with spaces":     " " + cutPrivate[:100] + " " + cutPrivate[100:],
		"PEM":                   "-----BEGIN RSA PRIVATE KEY-----\n" + cutPrivate,
		"a record in quotes":    `"v=DKIM1; k=rsa; p=` + cutPrivate + `"`,
		"a record with escapes": `v=DKIM1\; k=rsa\; p=` + cutPrivate,
		"a record":              "v=DKIM1; k=rsa; p=" + cutPrivate,
	} {
		t.Run(name, func(t *testing.T) {
			for _, tt := range []struct {
				name string
				want dkim.Want
				code dkim.Code
			}{
				{"value", dkim.Want{Value: txt}, dkim.CodeValueInvalid},
				{"copy", dkim.Want{Value: txt, Target: vendor, MayCopy: true}, ""},
				{"fallback of a key", dkim.Want{Value: record(t, "rsa4096-spki"), FallbackValue: txt}, dkim.CodeFallbackInvalid},
				{"fallback of a text", dkim.Want{Value: strings.Repeat("x", 700), FallbackValue: txt}, dkim.CodeFallbackInvalid},
			} {
				got, err := dkim.Choose(tt.want, dkim.Limits{MaxTXT: 600, NoCNAME: true})
				e, ok := errors.AsType[*dkim.Error](err)
				if !ok || tt.code != "" && e.Code != tt.code || strings.Contains(err.Error(), cutPrivate[60:80]) {
					t.Errorf("%s: got %+v, %v; want code %s and no key data", tt.name, got, err, tt.code)
				}
			}
		})
	}
}

// What only looks like the beginning of one is published.
func TestChooseNoPrivate(t *testing.T) {
	for _, txt := range []string{"MIIB", "MS=ms12345678", "M", "google-site-verification=MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSk", longKey(t), ""} {
		if got, err := dkim.Choose(dkim.Want{Value: txt}, dkim.Limits{}); err != nil || got.Value != txt {
			t.Errorf("%q: got %+v, %v", txt, got, err)
		}
	}
}

func TestParseKeyForeign(t *testing.T) {
	pair, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(pair.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, err = dkim.ParseKey("v=DKIM1; p=" + base64.StdEncoding.EncodeToString(der))
	if e, ok := errors.AsType[*dkim.Error](err); !ok || e.Code != dkim.CodeBadKey {
		t.Errorf("an ECDSA key: %v, want code %s", err, dkim.CodeBadKey)
	}
}

func TestParseKeyFields(t *testing.T) {
	txt := "v=DKIM1; h=sha1 : SHA256 ;s=*:email; t=y:; n=to =3B=20us =zz=; later=\xc3\xa9; p=" + shortKey(t)
	got, err := dkim.ParseKey(txt)
	if err != nil {
		t.Fatal(err)
	}
	want := dkim.Key{
		Version: "DKIM1", Type: "rsa", Bits: 1024,
		Hashes: []string{"sha1", "sha256"}, Services: []string{"*", "email"}, Flags: []string{"y"},
		Notes: "to ; us =zz=", Public: got.Public, Capitals: true, NonASCII: true,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("ParseKey(%q), got before want:\n%s", txt, diff)
	}
	wantText := "v=DKIM1; k=rsa; h=sha1:sha256; s=*:email; t=y; n=to=20=3B=20us=20=3Dzz=3D; p=" + shortKey(t)
	if got.Record() != wantText {
		t.Errorf("Record() = %q, want %q", got.Record(), wantText)
	}
}

func TestWarnings(t *testing.T) {
	tests := []struct {
		vector string
		want   []dkim.Code
	}{
		{"rsa2048-spki", nil},
		{"ed25519", nil},
		{"rsa768-spki", []dkim.Code{dkim.CodeWeakKey}},
		{"h-two", []dkim.Code{dkim.CodeShortKey}},
		{"h-sha1-only", []dkim.Code{dkim.CodeShortKey, dkim.CodeNoSHA256}},
		{"s-other", []dkim.Code{dkim.CodeShortKey, dkim.CodeNotForMail}},
		{"s-email", []dkim.Code{dkim.CodeShortKey}},
		{"t-y-s", []dkim.Code{dkim.CodeShortKey, dkim.CodeTesting}},
		{"base64-unpadded", []dkim.Code{dkim.CodeUnpadded}},
		{"rsa2048-pkcs1", []dkim.Code{dkim.CodeNoSPKI}},
		{"revoked", []dkim.Code{dkim.CodeRevokedKey}},
		{"unknown-k", []dkim.Code{dkim.CodeUnsupportedKey}},
	}
	for _, tt := range tests {
		t.Run(tt.vector, func(t *testing.T) {
			k, err := dkim.ParseKey(record(t, tt.vector))
			if err != nil {
				t.Fatal(err)
			}
			var got []dkim.Code
			for _, w := range k.Warnings() {
				if w.Text == "" {
					t.Errorf("%s without a text", w.Code)
				}
				got = append(got, w.Code)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("codes, got before want:\n%s", diff)
			}
		})
	}
}
