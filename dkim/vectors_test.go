package dkim_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
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

// The suites as they came: a changed file is another suite.
const (
	vectorsSHA256 = "181b1e07d1cdc7b6d24cfb058691edd5725b170004abeb399d9b0ab9fe093960"
	mojSHA256     = "2069050ee82a40a711631c371dcce96be6b7753e86f2902b6cab32571afe4b3a"
)

// suiteFile returns a file of test data if it is the one whose SHA-256 is given.
func suiteFile(t testing.TB, name, sum string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != sum {
		t.Fatalf("%s has the SHA-256 %s, want %s", name, got, sum)
	}
	return data
}

func vectors(t testing.TB) []vector {
	t.Helper()
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(suiteFile(t, "dkim-vectors.json", vectorsSHA256), &file); err != nil {
		t.Fatal(err)
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

// TestSuiteDKIM prints how many of the vectors hold: the status, and of a key its type, bits, fingerprint and lists.
func TestSuiteDKIM(t *testing.T) {
	all, passed := vectors(t), 0
	for _, v := range all {
		if t.Run(v.Name, func(t *testing.T) { checkVector(t, v) }) {
			passed++
		}
	}
	fmt.Printf("suite dkim: %d/%d\n", passed, len(all))
	if passed != 56 || len(all) != 56 {
		t.Errorf("%d of %d vectors hold, want 56 of 56", passed, len(all))
	}
}

func checkVector(t *testing.T, v vector) {
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
