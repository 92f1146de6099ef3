package dkim_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/dkim"
)

type vector struct {
	Name    string `json:"name"`
	TXT     string `json:"txt"`
	Status  string `json:"status"`
	KeyType string `json:"key_type"`
	Bits    int    `json:"bits"`
	SPKI    string `json:"spki_sha256"`
	H, S, T string
	Ref     string `json:"ref"`
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/dkim-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) != 56 {
		t.Fatalf("%d vectors, want 56", len(file.Vectors))
	}
	return file.Vectors
}

// record returns the text of the named vector.
func record(t testing.TB, name string) string {
	t.Helper()
	for _, v := range vectors(t) {
		if v.Name == name {
			return v.TXT
		}
	}
	t.Fatalf("no vector %s", name)
	return ""
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			k, err := dkim.ParseKey(v.TXT)
			if v.Status == "invalid" {
				if err == nil {
					t.Errorf("ParseKey(%q) = %+v, want an error (%s)", v.TXT, k, v.Ref)
				}
				return
			}
			if err != nil {
				t.Fatalf("ParseKey(%q): %v (%s)", v.TXT, err, v.Ref)
			}
			if got := k.Status(); string(got) != v.Status {
				t.Errorf("status %s, want %s (%s)", got, v.Status, v.Ref)
			}
			if v.KeyType != "" && k.Type != v.KeyType {
				t.Errorf("type %q, want %q", k.Type, v.KeyType)
			}
			if k.Bits != v.Bits {
				t.Errorf("%d bits, want %d", k.Bits, v.Bits)
			}
			if got := k.Fingerprint(); v.SPKI != "" && got != v.SPKI {
				t.Errorf("fingerprint %s, want %s", got, v.SPKI)
			}
			for _, l := range []struct {
				tag, want string
				got       []string
			}{{"h", v.H, k.Hashes}, {"s", v.S, k.Services}, {"t", v.T, k.Flags}} {
				if got := strings.Join(l.got, ":"); l.want != "" && got != l.want {
					t.Errorf("tag %s = %q, want %q", l.tag, got, l.want)
				}
			}
			if !dkim.IsKey(v.TXT) {
				t.Errorf("IsKey(%q) = false of a text that parses", v.TXT)
			}
		})
	}
}

// The code tells what a panel or a person did to a record, so that the remedy can be named.
func TestVectorCodes(t *testing.T) {
	codes := map[string]dkim.Code{
		"ed25519-spki":             dkim.CodeBadKey,
		"ed25519-short":            dkim.CodeBadKey,
		"rsa-key-labelled-ed25519": dkim.CodeBadKey,
		"ed25519-labelled-rsa":     dkim.CodeBadKey,
		"no-p":                     dkim.CodeMissingKey,
		"v-not-first":              dkim.CodeVersion,
		"v-lowercase":              dkim.CodeVersion,
		"v-dkim2":                  dkim.CodeVersion,
		"v-dkim1-prefix":           dkim.CodeVersion,
		"duplicate-tag":            dkim.CodeDuplicate,
		"duplicate-p":              dkim.CodeDuplicate,
		"truncated-255":            dkim.CodeTruncated,
		"truncated-254":            dkim.CodeTruncated,
		"pem-pasted":               dkim.CodeBadKey,
		"quotes-inside":            dkim.CodeQuoted,
		"inner-quotes-split":       dkim.CodeQuoted,
		"escaped-semicolons":       dkim.CodeEscaped,
		"base64url":                dkim.CodeBadKey,
		"empty":                    dkim.CodeNotKey,
		"not-dkim":                 dkim.CodeNotKey,
		"missing-separator":        dkim.CodeSyntax,
		"adsp-like":                dkim.CodeNotKey,
		"policy-o-tilde":           dkim.CodeNotKey,
	}
	for _, v := range vectors(t) {
		_, err := dkim.ParseKey(v.TXT)
		want, isBad := codes[v.Name]
		if isBad != (v.Status == "invalid") {
			t.Errorf("%s: no code expected of an invalid record", v.Name)
		}
		if err == nil {
			continue
		}
		e, ok := errors.AsType[*dkim.Error](err)
		if !ok {
			t.Errorf("%s: error %T, want *dkim.Error", v.Name, err)
			continue
		}
		if e.Code != want {
			t.Errorf("%s: code %s (%v), want %s", v.Name, e.Code, err, want)
		}
		if isKey := dkim.IsKey(v.TXT); isKey != (e.Code != dkim.CodeNotKey) {
			t.Errorf("%s: IsKey = %v beside code %s", v.Name, isKey, e.Code)
		}
		if e.Offset < 0 || e.Offset > len(v.TXT) {
			t.Errorf("%s: offset %d of %d octets", v.Name, e.Offset, len(v.TXT))
		}
		t.Logf("%s: %v", v.Name, err)
	}
}
