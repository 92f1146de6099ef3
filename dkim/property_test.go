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

// hostile are texts of about size octets that make a careless reader take the square of their length. At a quarter of a megabyte
// that would be minutes for all of them.
func hostile(size int) map[string]string {
	var names strings.Builder
	for i := 0; names.Len() < size; i++ {
		fmt.Fprintf(&names, "t%d=;", i)
	}
	return map[string]string{
		"tags":          "v=DKIM1;" + names.String() + "p=",
		"flags":         "v=DKIM1;t=" + strings.Repeat("a:", size/2) + ";p=",
		"spaces":        "v=DKIM1;p=" + strings.Repeat(" ", size),
		"spaced key":    "v=DKIM1;p=" + strings.Repeat("M ", size/2),
		"notes":         "v=DKIM1;n=" + strings.Repeat("=", size) + ";p=",
		"empty":         "v=DKIM1;" + strings.Repeat(";", size),
		"open":          strings.Repeat("a", size),
		"quotes":        "v=DKIM1;p=" + strings.Repeat(`"`, size) + "x",
		"quoted spaces": `"v=DKIM1;` + strings.Repeat(`" `, size/2) + "p=",
		"spaced quotes": "a" + strings.Repeat(` "`, size/2) + strings.Repeat(" ", size),
		"closing":       `p="` + strings.Repeat(`a"`, size/2) + strings.Repeat(`"`, size),
		"backslashes":   "v=DKIM1;p=" + strings.Repeat(`\`, size),
		"figures":       "v=DKIM1;p=" + strings.Repeat(`\034`, size/4),
		"versions":      strings.Repeat("v=DKIM1", size/7),
		"labels":        strings.Repeat("a.", size/2) + "example",
		"typos":         strings.Repeat("kk=rsa;", size/7),
		"base64":        strings.Repeat("MIGf", size/4),
	}
}

// Time must grow with the length, not with its square.
func TestHostile(t *testing.T) {
	small := hostile(1 << 12)
	for name, txt := range hostile(1 << 18) {
		t.Run(name, func(t *testing.T) {
			k, err := dkim.ParseKey(txt)
			dkim.SameKey(txt, txt+" ")
			if err == nil && k.Status() != dkim.Revoked {
				t.Errorf("status %s, want revoked", k.Status())
			}
			if err != nil && len(err.Error()) > 200 {
				t.Errorf("an error of %d octets", len(err.Error()))
			}
			dkim.Clean(txt)
			dkim.Diagnose(dkim.Seen{Texts: []string{txt}}, dkim.Want{Value: txt + " ", FallbackValue: txt + "x"})
			checkDiagnosis(t, small[name], dkim.Want{Value: small[name] + " ", FallbackValue: small[name] + "x"})
			checkDiagnosis(t, small[name], dkim.Want{})
		})
	}
}

// checkDiagnosis holds whatever is seen and wanted: few findings, no key data in them, one verdict, and a clean text is clean.
func checkDiagnosis(t rapid.TB, txt string, w dkim.Want) {
	t.Helper()
	clean, done := dkim.Clean(txt)
	if again, more := dkim.Clean(clean); again != clean || len(more) > 0 {
		t.Fatalf("Clean(%.200q) = %.200q, and again %.200q with %v", txt, clean, again, more)
	}
	if (clean == txt) != (len(done) == 0) {
		t.Fatalf("Clean(%.200q) = %.200q with findings %v", txt, clean, done)
	}
	for _, s := range []dkim.Seen{
		{Texts: []string{txt}},
		{Texts: []string{txt}, Wildcard: true},
		{Texts: []string{txt}, Target: vendor},
		{Texts: []string{txt, txt, txt, txt, txt, txt}},
	} {
		r := dkim.Diagnose(s, w)
		if r.State == "" || len(r.Findings) > 50 {
			t.Fatalf("%.200q: state %q, %d findings", txt, r.State, len(r.Findings))
		}
		worst := dkim.SeverityHint
		for _, f := range r.Findings {
			if f.Code == "" || f.Text == "" || len(f.Text) > 300 || len(f.Advice) > 200 {
				t.Fatalf("%.200q: finding %+v", txt, f)
			}
			if shows := keyData(txt, f.Text+"\x00"+f.Advice); shows != "" {
				t.Fatalf("%.200q: finding %+v shows %q", txt, f, shows)
			}
			if f.Severity == dkim.SeverityBroken {
				worst = f.Severity
			}
		}
		if r.Works == (worst == dkim.SeverityBroken) && (r.Works || r.State == dkim.StateValid) {
			t.Fatalf("%.200q: works %v in state %s beside findings %v", txt, r.Works, r.State, r.Findings)
		}
		switch status := r.Status(); status {
		case "success", "pending", "failure", "exempt":
			if (status == "success") != r.Works {
				t.Fatalf("%.200q: status %s, works %v", txt, status, r.Works)
			}
		default:
			t.Fatalf("%.200q: status %q", txt, status)
		}
	}
}

// keyData returns a run of octets of the key in txt that is shown in a message, long enough to be no accident: words and figures of
// our own messages are looked for first.
func keyData(txt, message string) string {
	const run = 12
	for _, known := range []string{printLong, printShort, vendor} {
		message = strings.ReplaceAll(message, known, "")
	}
	isData := func(c byte) bool {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '='
	}
	for i := 0; i+run <= len(message); i++ {
		part := message[i : i+run]
		if strings.ContainsFunc(part, func(c rune) bool { return c > 0x7f || !isData(byte(c)) }) {
			continue
		}
		if strings.Contains(txt, part) {
			return part
		}
	}
	return ""
}

func FuzzDiagnose(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.TXT, long, short)
	}
	f.Add(long[:255], long, short)
	f.Add(`"`+long[:255]+`" "`+long[255:]+`"`, long, "")
	f.Add("abc.dkim.amazonses.com", "", "")
	f.Fuzz(func(t *testing.T, txt, value, fallback string) {
		checkDiagnosis(t, txt, dkim.Want{Value: value, FallbackValue: fallback})
		checkDiagnosis(t, txt, dkim.Want{Value: value, Target: vendor, MayCopy: true})
		checkDiagnosis(t, txt, dkim.Want{})
	})
}

// The same holds of what becomes of records in careless hands: cut, joined, quoted, escaped, in any order.
func TestDiagnoseMutants(t *testing.T) {
	var texts []string
	for _, v := range vectors(t) {
		texts = append(texts, v.TXT)
	}
	texts = append(texts, "abc.dkim.amazonses.com", "v=DMARC1; p=none", "t=y; o=~", "dkim=all", "v=DKIM1", "p=", "n=")
	junk := []string{`"`, `\`, `" "`, ";", "=", " ", "\n", `\034`, `\092`, `\"`, "v=DKIM1", "p=", "k=", "\x00", "é", ":", "-----BEGIN RSA PRIVATE KEY-----", "."}
	rapid.Check(t, func(t *rapid.T) {
		mutant := func(label string) string {
			txt := rapid.SampledFrom(texts).Draw(t, label)
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				at := rapid.IntRange(0, len(txt)).Draw(t, "at")
				switch rapid.IntRange(0, 3).Draw(t, "how") {
				case 0:
					txt = txt[:at]
				case 1:
					txt = txt[at:] + txt[:at]
				case 2:
					txt = txt[:at] + rapid.SampledFrom(texts).Draw(t, "other")
				default:
					txt = txt[:at] + rapid.SampledFrom(junk).Draw(t, "junk") + txt[at:]
				}
			}
			return txt
		}
		txt := mutant("txt")
		checkKey(t, txt)
		checkDiagnosis(t, txt, dkim.Want{})
		checkDiagnosis(t, txt, dkim.Want{Value: mutant("value"), FallbackValue: mutant("fallback")})
		checkDiagnosis(t, txt, dkim.Want{Value: mutant("copy"), Target: mutant("target"), MayCopy: true})
	})
}

// However a wanted key is spoilt on its way, the diagnosis still knows it, or that it was cut, and calls nothing right that is not.
func TestDiagnoseProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(19, len(long)-1).Draw(t, "at") // at 18, an empty p is a revocation
		txt := long
		switch rapid.IntRange(0, 5).Draw(t, "how") {
		case 0:
			txt = long[:at] + " " + long[at:]
		case 1:
			txt = long[:at] + `""` + long[at:]
		case 2:
			txt = `"` + long[:at] + `" "` + long[at:] + `"`
		case 3:
			txt = long[:at] + `\` + long[at:at+1] + long[at+1:]
			if c := long[at]; '0' <= c && c <= '9' { // which begins an escape in figures
				txt = strings.ReplaceAll(long, ";", `\;`)
			}
		case 4:
			txt = long[at:] + long[:at]
		case 5:
			txt = long[:at]
		}
		r := dkim.Diagnose(dkim.Seen{Texts: []string{txt}}, dkim.Want{Value: long})
		if txt == long[:at] {
			if r.State != dkim.StateTruncated || r.Works {
				t.Fatalf("%q: %+v, want truncated", txt, r)
			}
			return
		}
		if r.Fingerprint != printLong {
			t.Fatalf("%q: %+v, want the fingerprint %s", txt, r, printLong)
		}
		if _, err := dkim.ParseKey(txt); r.Works != (err == nil) {
			t.Fatalf("%q: works %v, and a verifier says %v", txt, r.Works, err)
		}
	})
}

// Whatever is read prints as a record that reads the same, and an RSA or Ed25519 key is one to the standard library too.
func checkKey(t rapid.TB, txt string) {
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
	k.Unpadded, k.NoSPKI, k.Capitals, k.NonASCII = false, false, false, false
	again.NonASCII = false // flags are printed as they are
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

// What does a diagnosis cost where all is well, and where a key was spoilt?
func BenchmarkDiagnose(b *testing.B) {
	for name, txt := range map[string]string{"match": record(b, "p-with-spaces"), "quotes": record(b, "inner-quotes-split")} {
		b.Run(name, func(b *testing.B) {
			w := dkim.Want{Value: record(b, "rsa2048-spki"), FallbackValue: record(b, "rsa1024-spki")}
			s := dkim.Seen{Name: "s1._domainkey.example.com", Texts: []string{txt}}
			b.ReportAllocs()
			for b.Loop() {
				if r := dkim.Diagnose(s, w); r.State == "" {
					b.Fatal("no state")
				}
			}
		})
	}
}
