package dkim_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mooring-dns/mooring/dkim"
)

func TestIsKey(t *testing.T) {
	p, long := shortKey(t), longKey(t)
	tests := []struct {
		name, txt string
		want      bool
	}{
		{"plain", "v=DKIM1; k=rsa; p=" + p, true},
		{"only p", "p=" + p, true},
		{"revoked", "p=", true},
		{"cut", "v=DKIM1; k=rsa; p=" + long[:200], true},
		{"cut without v and k", "p=" + long[:200], true},
		{"no separators", "v=DKIM1 k=rsa p=" + p, true},
		{"quotes stored", `"v=DKIM1; k=rsa; p=` + p + `"`, true},
		{"quotes stored, only p", `"p=` + p + `"`, true},
		{"escapes stored", `v=DKIM1\; k=rsa\; p=` + p, true},
		{"v in lower case", "v=dkim1; p=" + p, true},
		{"v not first", "k=rsa; v=DKIM1; p=" + p, true},
		{"unknown key type", "k=dsa; p=AAAA", true},
		{"version 2", "v=DKIM2; p=" + p, true},
		{"empty", "", false},
		{"SPF", "v=spf1 -all", false},
		{"DMARC", "v=DMARC1; p=none; sp=reject", false},
		{"DMARC without v", "p=none; rua=mailto:a@example.com", false},
		{"BIMI", "v=BIMI1; l=https://example.com/logo.svg", false},
		{"TLS-RPT", "v=TLSRPTv1; rua=mailto:a@example.com", false},
		{"ADSP", "dkim=all", false},
		{"DomainKeys policy", "t=y; o=~;", false},
		{"site token", "google-site-verification=MIGfMA0GCSqGSIb3", false},
		{"host name", "k1.dkim.example.com", false},
		{"v of a letter", "v=D", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := dkim.IsKey(tt.txt); got != tt.want {
				t.Errorf("IsKey(%q) = %v, want %v", tt.txt, got, tt.want)
			}
		})
	}
}

func TestSameKey(t *testing.T) {
	p := shortKey(t)
	plain := "v=DKIM1; k=rsa; p=" + p
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"identical", plain, plain, true},
		{"other spacing", plain, "v=DKIM1;k=rsa;p=" + p[:99] + " " + p[99:] + ";", true},
		{"other order and defaults", plain, "t=; p=" + p, true},
		{"other notes and unknown tags", plain, plain + "; n=hello; g=*", true},
		{"PKCS #1", record(t, "rsa2048-spki"), record(t, "rsa2048-pkcs1"), true},
		{"padding", record(t, "rsa4096-spki"), record(t, "base64-unpadded"), true},
		{"s for all", plain, "v=DKIM1; s=*; p=" + p, true},
		{"flags in another order", "t=y:s; p=" + p, "t=s : Y:y; p=" + p, true},
		{"revoked in two spellings", "v=DKIM1; p=", "k=ed25519; p=;", true},
		{"broken but identical", "v=DKIM1; p=!", "v=DKIM1; p=!", true},
		{"unsupported", "k=dsa; p=AAAA", "v=DKIM1; k=DSA; p=AA AA", true},

		{"other key", plain, record(t, "rsa2048-spki"), false},
		{"testing", plain, plain + "; t=y", false},
		{"no subdomains", plain, plain + "; t=s", false},
		{"hash", plain, plain + "; h=sha256", false},
		{"service", plain, plain + "; s=tlsrpt", false},
		{"revoked and not", plain, "v=DKIM1; p=", false},
		{"other unsupported", "k=dsa; p=AAAA", "k=dsa; p=AAAB", false},
		{"other unsupported type", "k=dsa; p=AAAA", "k=dsb; p=AAAA", false},
		{"one is broken", plain, plain + "!", false},
		{"one is no key", plain, "v=spf1 -all", false},
		{"broken in two spellings", "v=DKIM1; p=!", "v=DKIM1;p=!", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := dkim.SameKey(tt.a, tt.b); got != tt.want {
				t.Errorf("SameKey(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
			if got := dkim.SameKey(tt.b, tt.a); got != tt.want {
				t.Errorf("SameKey(%q, %q) = %v, want %v", tt.b, tt.a, got, tt.want)
			}
		})
	}
}

// However white space falls into the base64, it is the same key.
func TestSameKeySpacing(t *testing.T) {
	p := longKey(t)
	plain := "v=DKIM1; k=rsa; p=" + p
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		b.WriteString("k=rsa;p=")
		rest := p
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 60)).Draw(t, "cuts") {
			n = min(n, len(rest))
			b.WriteString(rest[:n] + rapid.SampledFrom([]string{" ", "\t", "\r\n ", "  "}).Draw(t, "space"))
			rest = rest[n:]
		}
		b.WriteString(rest)
		if !dkim.SameKey(plain, b.String()) {
			t.Fatalf("SameKey(plain, %q) = false", b.String())
		}
	})
}

func FuzzIsKey(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.TXT)
	}
	f.Fuzz(func(t *testing.T, txt string) {
		if dkim.IsKey(txt) {
			return
		}
		if k, err := dkim.ParseKey(txt); err == nil {
			t.Fatalf("IsKey(%q) = false, yet it parses as %+v", txt, k)
		}
	})
}
