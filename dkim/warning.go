package dkim

import (
	"fmt"
	"slices"
)

// Warning is something about a key that works, or is meant as it is, and that its owner should know.
type Warning struct {
	Code Code
	Text string // for a person
}

// What [Key.Warnings] reports.
const (
	CodeRevokedKey     Code = "revoked-key"
	CodeUnsupportedKey Code = "unsupported-key"
	CodeWeakKey        Code = "weak-key"     // below 1024 bits
	CodeShortKey       Code = "short-key"    // 1024 bits and more, below 2048
	CodeLongKey        Code = "long-key"     // above 4096 bits
	CodeNoSHA256       Code = "no-sha256"    // h allows only hashes that must not be used
	CodeNotForMail     Code = "not-for-mail" // s leaves e-mail out
	CodeTesting        Code = "testing"      // t=y
	CodeUnpadded       Code = "unpadded"     // base64 without its padding
	CodeNoSPKI         Code = "no-spki"      // an RSA key without its SubjectPublicKeyInfo
	CodeCapitals       Code = "capitals"     // a word of k, h or s in capitals
	CodeNonASCII       Code = "non-ascii"    // octets that no tag may have
)

// Warnings returns what the owner of the key should know.
func (k Key) Warnings() []Warning {
	var out []Warning
	add := func(c Code, format string, args ...any) { out = append(out, Warning{c, fmt.Sprintf(format, args...)}) }

	switch s := k.Status(); {
	case s == Revoked:
		return []Warning{{CodeRevokedKey, "the key is revoked: mail signed with it fails DKIM"}}
	case s == Unsupported:
		add(CodeUnsupportedKey, "verifiers do not know the key type %s and ignore the key", clip(k.Type))
	case s == Weak:
		add(CodeWeakKey, "the key has %d bits, and verifiers refuse less than %d", k.Bits, minBits)
	case k.Type == typeRSA && k.Bits < goodBits:
		add(CodeShortKey, "the key has %d bits; it is accepted, but %d are advised", k.Bits, goodBits)
	case k.Type == typeRSA && k.Bits > maxBits: // RFC 8301 3.2
		add(CodeLongKey, "the key has %d bits; verifiers need not take more than %d, and some do not", k.Bits, maxBits)
	}
	// RFC 8301 3.1 and RFC 8463 3 leave SHA-256 as the only hash.
	if len(k.Hashes) > 0 && !slices.Contains(k.Hashes, "sha256") {
		add(CodeNoSHA256, "the key allows no hash that is still in use: its h tag lacks sha256")
	}
	if s := services(k); len(s) > 0 && !slices.Contains(s, "email") {
		add(CodeNotForMail, "the key is not for e-mail: its s tag lacks email")
	}
	if slices.Contains(k.Flags, "y") {
		add(CodeTesting, "the key says it is being tested (t=y): verifiers may treat mail whose signature fails as if it were not signed")
	}
	if k.Unpadded {
		add(CodeUnpadded, "the key's base64 lacks the = at its end: some verifiers refuse it")
	}
	if k.NoSPKI {
		add(CodeNoSPKI, "the key is an RSAPublicKey without the SubjectPublicKeyInfo around it: many verifiers refuse it")
	}
	if k.Capitals {
		add(CodeCapitals, "the k, h or s tag is in capitals: many verifiers do not know it then")
	}
	if k.NonASCII {
		add(CodeNonASCII, "the record has letters that are no ASCII: some verifiers refuse it")
	}
	return out
}
