package dkim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Key is a DKIM key record, read.
type Key struct {
	Version  string   // "DKIM1", or empty where the record leaves it out, which means the same
	Type     string   // the k tag in lower case; "rsa" where the record leaves it out
	Bits     int      // of an RSA modulus; 256 for Ed25519; 0 when revoked or unsupported
	Hashes   []string // the h tag in lower case; empty allows all
	Services []string // the s tag in lower case; empty serves all
	Flags    []string // the t tag in lower case: "y" is testing, "s" forbids subdomains in i=
	Notes    string   // the n tag, decoded; for people
	Public   []byte   // SubjectPublicKeyInfo in DER; of an unsupported type, the octets of p; nil when revoked
	Revoked  bool     // p is there and empty
	Unpadded bool     // the base64 of p lacks its padding: RFC 6376 allows that, verifiers built on OpenSSL refuse it
	NoSPKI   bool     // p is an RSAPublicKey without the SubjectPublicKeyInfo: erratum 3017 allows that, many verifiers refuse it
	Capitals bool     // a word of k, h or s is in capitals: the grammar allows that, many verifiers do not know it then
	NonASCII bool     // a tag holds octets that are no ASCII: RFC 6376 3.2 forbids that, some verifiers refuse the record
}

// Status says what a verifier will do with a key.
type Status string

// What a key can be. A text that is no key at all is an error of [ParseKey] instead.
const (
	Valid       Status = "valid"
	Weak        Status = "weak"        // RSA below 1024 bits: signatures count as failed (RFC 8301 3.2)
	Revoked     Status = "revoked"     // signatures count as failed (RFC 6376 3.6.1)
	Unsupported Status = "unsupported" // a key type that no RFC up to 8463 defines: verifiers ignore the key
)

// minBits is the shortest RSA key verifiers may accept, goodBits the shortest signers should use (RFC 8301 3.2).
const (
	minBits  = 1024
	goodBits = 2048
)

const (
	typeRSA     = "rsa"
	typeEd25519 = "ed25519"
)

// ParseKey reads the joined text of a TXT record as a DKIM key (RFC 6376 3.6.1, RFC 8301, RFC 8463). RSA keys may be
// SubjectPublicKeyInfo or, by erratum 3017, bare RSAPublicKey. An error is always an [*Error].
func ParseKey(txt string) (Key, error) {
	k, err := parseKey(txt)
	if err != nil {
		return Key{}, blame(txt, err)
	}
	return k, nil
}

func parseKey(txt string) (Key, error) {
	k := Key{Type: typeRSA}
	var p Tag
	var found, pSpaced bool
	s := scanner{text: txt}
	for first := true; ; first = false {
		t, spaced, ok, err := s.next()
		if err != nil {
			return k, err
		}
		if !ok {
			break
		}
		switch t.Name {
		case "v":
			k.Version, err = t.Value, checkVersion(t, first)
		case "k":
			// Key types and hashes are literals of the grammar, which ABNF compares without case.
			k.Type = strings.ToLower(t.Value)
			k.Capitals = k.Capitals || k.Type != t.Value
			if n := wordLen(t.Value); n < len(t.Value) || n == 0 {
				err = syntaxError("k", t.ValueOff+n, "the key type is no word")
			}
		case "h":
			k.Hashes, err = needWords(t)
			k.Capitals = k.Capitals || inCapitals(t.Value, "sha256")
		case "s":
			k.Services, err = needWords(t)
			k.Capitals = k.Capitals || inCapitals(t.Value, "email")
		case "t":
			k.Flags = words(t.Value)
		case "n":
			k.Notes = unquote(t.Value)
		case "p":
			p, pSpaced, found = t, spaced, true
		}
		if err != nil {
			return k, err
		}
	}
	if !found {
		return k, &Error{Code: CodeMissingKey, Tag: "p", Offset: len(txt), Detail: "tag p, the key itself, is missing"}
	}
	k.NonASCII = s.high
	return k, k.decode(p, pSpaced, len(txt))
}

// inCapitals reports whether a list has word, which is in small letters, with capitals and nowhere as it is.
func inCapitals(list, word string) bool {
	there := false
	for w := range strings.SplitSeq(list, ":") {
		w = strings.Trim(w, fws)
		if w == word {
			return false
		}
		there = there || strings.ToLower(w) == word
	}
	return there
}

// checkVersion enforces that v, if present, is the first tag and exactly DKIM1 (RFC 6376 3.6.1).
func checkVersion(t Tag, first bool) error {
	const want = "DKIM1"
	rest, isPrefix := strings.CutPrefix(t.Value, want)
	switch {
	case !first:
		return &Error{Code: CodeVersion, Tag: "v", Offset: t.ValueOff, Detail: "tag v must be the first one"}
	case !isPrefix:
		return &Error{Code: CodeVersion, Tag: "v", Offset: t.ValueOff, Detail: "tag v must be exactly DKIM1"}
	case rest == "":
		return nil
	case isSpace(rest[0]):
		return syntaxError("v", t.ValueOff+len(want), "a semicolon is missing")
	}
	return &Error{Code: CodeVersion, Tag: "v", Offset: t.ValueOff + len(want), Detail: "tag v must be exactly DKIM1"}
}

// needWords refuses a list without items: an h or s tag that allows nothing makes the key useless.
func needWords(t Tag) ([]string, error) {
	w := words(t.Value)
	if w == nil {
		return nil, syntaxError(t.Name, t.ValueOff, "a list is empty")
	}
	return w, nil
}

// blame turns the first fault into the more telling one behind it: a text that is something else, or a panel that stored the
// spelling of a zone file.
func blame(txt string, err error) error {
	if !IsKey(txt) {
		return &Error{Code: CodeNotKey, Detail: "the text is no DKIM key record"}
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Offset >= len(txt) {
		return err
	}
	switch txt[e.Offset] {
	case '"':
		return &Error{
			Code: CodeQuoted, Tag: e.Tag, Offset: e.Offset,
			Detail: fmt.Sprintf("quotation marks are part of the text, at octet %d", e.Offset),
		}
	case '\\':
		return &Error{
			Code: CodeEscaped, Tag: e.Tag, Offset: e.Offset,
			Detail: fmt.Sprintf("backslashes are part of the text, at octet %d", e.Offset),
		}
	}
	return err
}

// Status returns what a verifier will do with the key.
func (k Key) Status() Status {
	switch {
	case k.Revoked:
		return Revoked
	case k.Type == typeEd25519, k.Type == typeRSA && k.Bits >= minBits:
		return Valid
	case k.Type == typeRSA:
		return Weak
	}
	return Unsupported
}

// Fingerprint returns the SHA-256 over the SubjectPublicKeyInfo in lower-case hex, the same for every spelling of one key. It is
// empty when the key is revoked or unsupported.
func (k Key) Fingerprint() string {
	if s := k.Status(); s != Valid && s != Weak {
		return ""
	}
	sum := sha256.Sum256(k.Public)
	return hex.EncodeToString(sum[:])
}
