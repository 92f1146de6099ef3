package dkim

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// IsKey reports whether the joined text of a TXT record is meant as a DKIM key, broken ones included: this is the text a new key
// at the same selector has to replace. Where there is a v tag it decides; otherwise there must be a p tag with a k tag beside it,
// or one that is empty or begins like an RSA key. It is true of every text that [ParseKey] accepts.
func IsKey(txt string) bool {
	txt = strings.TrimLeft(txt, fws+`"`) // some panels store the quotation marks
	var p, k, looksRSA bool
	for len(txt) > 0 {
		var spec string
		spec, txt, _ = strings.Cut(txt, ";")
		name, value, ok := strings.Cut(spec, "=")
		if !ok {
			continue
		}
		value = strings.TrimLeft(value, fws)
		switch strings.Trim(name, fws) {
		case "v":
			return len(value) >= 4 && strings.EqualFold(value[:4], "DKIM")
		case "k":
			k = true
		case "p":
			p, looksRSA = true, isRSAStart(value)
		}
	}
	return p && (k || looksRSA)
}

// isRSAStart reports whether p is empty (a revoked key) or begins with a DER SEQUENCE in base64, which keeps "p=none" and its
// like out.
func isRSAStart(p string) bool {
	if p == "" {
		return true
	}
	rest, ok := strings.CutPrefix(p, "M")
	rest = strings.TrimLeft(rest, fws)
	return ok && rest != "" && 'A' <= rest[0] && rest[0] <= 'I'
}

// SameKey reports whether two record texts publish the same key with the same meaning: equal key data in whatever spelling, order
// and spacing, and equal h, s and t. Notes and unknown tags do not count. Two revoked keys are the same. Texts that do not parse
// are the same only if they are identical.
func SameKey(a, b string) bool {
	if a == b {
		return true
	}
	x, err := ParseKey(a)
	if err != nil {
		return false
	}
	y, err := ParseKey(b)
	if err != nil {
		return false
	}
	if x.Revoked || y.Revoked {
		return x.Revoked == y.Revoked
	}
	return x.Type == y.Type && bytes.Equal(x.Public, y.Public) &&
		sameSet(x.Hashes, y.Hashes) && sameSet(x.Flags, y.Flags) && sameSet(services(x), services(y))
}

// services returns the s tag, empty where it serves all in either spelling.
func services(k Key) []string {
	if slices.Contains(k.Services, "*") {
		return nil
	}
	return k.Services
}

func sameSet(a, b []string) bool {
	set := func(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }
	return slices.Equal(a, b) || slices.Equal(set(a), set(b))
}

// Record returns the key as the text of a TXT record: tags in the order v k h s t n p, RSA as SubjectPublicKeyInfo, unknown tags
// left out. Parsing it gives the same key again.
func (k Key) Record() string {
	var b strings.Builder
	write := func(name, value string) {
		if value != "" {
			b.WriteString(name + "=" + value + "; ")
		}
	}
	write("v", k.Version)
	write("k", k.Type)
	write("h", strings.Join(k.Hashes, ":"))
	write("s", strings.Join(k.Services, ":"))
	write("t", strings.Join(k.Flags, ":"))
	write("n", quote(k.Notes))
	p := k.Public
	if k.Type == typeEd25519 {
		p = bytes.TrimPrefix(p, []byte(ed25519Header))
	}
	b.WriteString("p=" + base64.StdEncoding.EncodeToString(p))
	return b.String()
}

// quote writes notes as qp-section (RFC 6376 3.6.1, RFC 2045 6.7).
func quote(notes string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(notes))
	for i := range len(notes) {
		if c := notes[i]; '!' <= c && c <= '~' && c != '=' && c != ';' {
			b = append(b, c)
		} else {
			b = append(b, '=', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

// unquote is the reverse of quote. What is no proper escape stays as it is: notes must never cost a key.
func unquote(notes string) string {
	if !strings.Contains(notes, "=") {
		return notes
	}
	b := make([]byte, 0, len(notes))
	for i := 0; i < len(notes); i++ {
		if notes[i] == '=' && i+2 < len(notes) {
			if c, err := hex.DecodeString(notes[i+1 : i+3]); err == nil {
				b = append(b, c[0])
				i += 2
				continue
			}
		}
		b = append(b, notes[i])
	}
	return string(b)
}
