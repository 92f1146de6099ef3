package dkim_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/gob"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim"
)

// What is published verifies what the private key signs, and both say so after a way through PEM and a TXT record.
func TestGenerate(t *testing.T) {
	tests := []struct {
		name, keyType string
		bits          int
		wantType      string
		wantBits      int
		warnings      []dkim.Code
	}{
		{"the default", "", 0, "rsa", 2048, nil},
		{"rsa", "rsa", 0, "rsa", 2048, nil},
		{"short", "rsa", 1024, "rsa", 1024, []dkim.Code{dkim.CodeShortKey}},
		{"just below 2048", "rsa", 2040, "rsa", 2040, []dkim.Code{dkim.CodeShortKey}},
		{"ed25519", "ed25519", 0, "ed25519", 256, nil},
		{"ed25519 with its length", "ed25519", 256, "ed25519", 256, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pair, err := dkim.Generate(tt.keyType, tt.bits)
			if err != nil {
				t.Fatal(err)
			}
			k, err := dkim.ParseKey(pair.Record)
			if err != nil {
				t.Fatal(err)
			}
			if k.Version != "DKIM1" || k.Type != tt.wantType || k.Bits != tt.wantBits || k.Fingerprint() != pair.Fingerprint {
				t.Errorf("published %s %s of %d bits, fingerprint %s; want %s of %d, %s",
					k.Version, k.Type, k.Bits, k.Fingerprint(), tt.wantType, tt.wantBits, pair.Fingerprint)
			}
			var warnings []dkim.Code
			for _, w := range pair.Warnings {
				warnings = append(warnings, w.Code)
			}
			if diff := cmp.Diff(warnings, tt.warnings); diff != "" {
				t.Errorf("warnings, got before want:\n%s", diff)
			}
			checkSigns(t, pair, k)
		})
	}
}

func checkSigns(t *testing.T, pair dkim.Pair, k dkim.Key) {
	t.Helper()
	block, rest := pem.Decode(pair.Private.PEM())
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
		t.Fatal("the private key is no single PEM block of PKCS #8")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.ParsePKIXPublicKey(k.Public)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("message"))
	switch private := private.(type) {
	case *rsa.PrivateKey:
		sig, err := private.Sign(nil, sum[:], crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if err := rsa.VerifyPKCS1v15(public.(*rsa.PublicKey), crypto.SHA256, sum[:], sig); err != nil {
			t.Error(err)
		}
	case ed25519.PrivateKey:
		if !ed25519.Verify(public.(ed25519.PublicKey), sum[:], ed25519.Sign(private, sum[:])) {
			t.Error("the signature does not verify")
		}
	default:
		t.Errorf("a private key of type %T", private)
	}
	if equal, ok := pair.Private.Signer().Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !equal.Equal(public) {
		t.Error("the signer has another key than the record")
	}
}

func TestGenerateErrors(t *testing.T) {
	tests := []struct {
		name, keyType string
		bits          int
		text          string
	}{
		{"weak", "rsa", 768, "dkim: generate: an RSA key has 1024 to 4096 bits in steps of 8, not 768"},
		{"one bit short", "rsa", 1023, "dkim: generate: an RSA key has 1024 to 4096 bits in steps of 8, not 1023"},
		{"too long", "rsa", 4104, "dkim: generate: an RSA key has 1024 to 4096 bits in steps of 8, not 4104"},
		{"an odd length", "rsa", 2047, "dkim: generate: an RSA key has 1024 to 4096 bits in steps of 8, not 2047"},
		{"below zero", "rsa", -2048, "dkim: generate: an RSA key has 1024 to 4096 bits in steps of 8, not -2048"},
		{"a length of ed25519", "ed25519", 2048, "dkim: generate: an Ed25519 key has 256 bits, not 2048"},
		{"another type", "dsa", 0, `dkim: generate: the key type is rsa or ed25519, not "dsa"`},
		{"another spelling", "RSA", 0, `dkim: generate: the key type is rsa or ed25519, not "RSA"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pair, err := dkim.Generate(tt.keyType, tt.bits)
			e, ok := errors.AsType[*dkim.Error](err)
			if !ok || e.Code != dkim.CodeBadRequest || err.Error() != tt.text || pair.Record != "" {
				t.Errorf("got %q, %v; want %s", pair.Record, err, tt.text)
			}
		})
	}
}

// No way to print, log or store a pair gives its private key away.
func TestPrivateKeyStaysPrivate(t *testing.T) {
	pair, err := dkim.Generate("ed25519", 0)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := pair.Private.Signer().(ed25519.PrivateKey)
	if !ok {
		t.Fatalf("a signer of type %T", pair.Private.Signer())
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
		fmt.Fprintf(&out, verb+"\n", pair.Private)
		fmt.Fprintf(&out, verb+"\n", &pair.Private)
		fmt.Fprintf(&out, verb+"\n", pair)
		fmt.Fprintf(&out, verb+"\n", []any{pair})
		fmt.Fprintf(&out, verb+"\n", struct{ hidden dkim.Pair }{pair})
	}
	if got := strings.Count(out.String(), "[redacted]"); got != 36 { // of four places and nine verbs; %p and the hidden field give addresses
		t.Errorf("%d places say [redacted], want 36:\n%s", got, &out)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("made", "pair", pair, "key", pair.Private)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("made", "pair", pair, "key", pair.Private)
	fmt.Fprintln(&out, pair.Private.String())
	for what, seed := range map[string]string{
		"octets": string(key[:8]), "hex": fmt.Sprintf("%x", []byte(key[:8])), "HEX": fmt.Sprintf("%X", []byte(key[:8])),
		"decimals": strings.Trim(fmt.Sprint([]byte(key[:8])), "[]"), "go": strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(key[:8])), "[]byte{"), "}"),
	} {
		if strings.Contains(out.String(), seed) {
			t.Errorf("the private key shows as %s", what)
		}
	}
	if _, err := json.Marshal(pair); err == nil {
		t.Error("JSON took the private key")
	}
	if err := gob.NewEncoder(&out).Encode(pair); err == nil {
		t.Error("gob took the private key")
	}
	if none := (dkim.PrivateKey{}); none.PEM() != nil || none.Signer() != nil {
		t.Errorf("no key has the PEM %q", none.PEM())
	}
}
