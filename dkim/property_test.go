package dkim_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim"
)

// Time must grow with the length, not with its square: hostile records are as long as a TXT can be.
func TestParseKeyHostile(t *testing.T) {
	const size = 65000
	var names strings.Builder
	for i := 0; names.Len() < size; i++ {
		fmt.Fprintf(&names, "t%d=;", i)
	}
	for name, txt := range map[string]string{
		"tags":   "v=DKIM1;" + names.String() + "p=",
		"flags":  "v=DKIM1;t=" + strings.Repeat("a:", size/2) + ";p=",
		"spaces": "v=DKIM1;p=" + strings.Repeat(" ", size),
		"notes":  "v=DKIM1;n=" + strings.Repeat("=", size) + ";p=",
		"empty":  "v=DKIM1;" + strings.Repeat(";", size),
		"open":   strings.Repeat("a", size),
	} {
		t.Run(name, func(t *testing.T) {
			k, err := dkim.ParseKey(txt)
			dkim.SameKey(txt, txt+" ")
			if err == nil && k.Status() != dkim.Revoked {
				t.Errorf("status %s, want revoked", k.Status())
			}
			if err != nil && len(err.Error()) > 200 {
				t.Errorf("an error of %d octets", len(err.Error()))
			}
		})
	}
}

// Whatever is read prints as a record that reads the same, and an RSA or Ed25519 key is one to the standard library too.
func checkKey(t testing.TB, txt string) {
	t.Helper()
	k, err := dkim.ParseKey(txt)
	if err != nil {
		if _, ok := errors.AsType[*dkim.Error](err); !ok {
			t.Fatalf("ParseKey(%q): error %T, want *dkim.Error", txt, err)
		}
		return
	}
	if !dkim.IsKey(txt) {
		t.Fatalf("IsKey(%q) = false of a text that parses", txt)
	}
	printed := k.Record()
	again, err := dkim.ParseKey(printed)
	if err != nil {
		t.Fatalf("ParseKey(%q), printed from %q: %v", printed, txt, err)
	}
	k.Unpadded = false
	if diff := cmp.Diff(again, k); diff != "" {
		t.Fatalf("%q printed as %q, got before want:\n%s", txt, printed, diff)
	}
	if !dkim.SameKey(txt, printed) {
		t.Fatalf("SameKey(%q, %q) = false", txt, printed)
	}
	if k.Fingerprint() == "" {
		return
	}
	pub, err := x509.ParsePKIXPublicKey(k.Public)
	if err != nil {
		t.Fatalf("%q: crypto/x509 refuses the key: %v", txt, err)
	}
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		if k.Type != "rsa" || pub.N.BitLen() != k.Bits {
			t.Fatalf("%q: %s of %d bits, crypto/x509 has rsa of %d", txt, k.Type, k.Bits, pub.N.BitLen())
		}
	case ed25519.PublicKey:
		if k.Type != "ed25519" {
			t.Fatalf("%q: %s, crypto/x509 has ed25519", txt, k.Type)
		}
	default:
		t.Fatalf("%q: crypto/x509 has %T", txt, pub)
	}
}

func FuzzParseKey(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.TXT)
	}
	f.Fuzz(func(t *testing.T, txt string) { checkKey(t, txt) })
}

// Any RSA key that the standard library writes is read, in both encodings, with one fingerprint.
func TestRSAProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 1, 1100).Draw(t, "modulus"))
		n.SetBit(n, 0, 1).SetBit(n, 2, 1) // a modulus of 1 would be the version of a private key
		e := rapid.IntRange(1, 1<<30-1).Draw(t, "exponent")*2 + 1
		pub := &rsa.PublicKey{N: n, E: e}
		spki, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			t.Fatal(err)
		}
		long := "p=" + base64.StdEncoding.EncodeToString(spki)
		bare := "p=" + base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(pub))
		k, err := dkim.ParseKey(long)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(k.Public, spki) || k.Bits != n.BitLen() {
			t.Fatalf("%d bits, public %x; want %d, %x", k.Bits, k.Public, n.BitLen(), spki)
		}
		if !dkim.SameKey(long, bare) {
			t.Fatalf("SameKey(%q, %q) = false", long, bare)
		}
	})
}

// What does reading one key cost, by type, length and encoding? The mark is 1.2 µs and 10 allocations for RSA-2048.
func BenchmarkParseKey(b *testing.B) {
	for _, name := range []string{"rsa1024-spki", "rsa2048-spki", "rsa2048-pkcs1", "p-with-spaces", "rsa4096-spki", "ed25519"} {
		txt := record(b, name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := dkim.ParseKey(txt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Is the check for "no change" cheap enough for every TXT of a zone?
func BenchmarkSameKey(b *testing.B) {
	one, two := record(b, "rsa2048-spki"), record(b, "p-with-spaces")
	b.ReportAllocs()
	for b.Loop() {
		if !dkim.SameKey(one, two) {
			b.Fatal("not the same")
		}
	}
}
