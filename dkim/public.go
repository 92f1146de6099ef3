package dkim

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// The DER of the algorithm in front of an RSA key (RFC 3279 2.3.1), and all of a SubjectPublicKeyInfo for Ed25519 but the key
// itself (RFC 8410 4).
const (
	rsaAlgorithm  = "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
	ed25519Header = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
)

const notRSA = "this is not an RSA key"

// decode fills in what the p tag says. size is that of the whole record, for the error text.
func (k *Key) decode(p Tag, spaced bool, size int) error {
	raw, unpadded, err := decodeBase64(p, spaced)
	if isPrivate(raw) { // first of all: nobody may be told to store the rest of one
		return &Error{
			Code: CodePrivateKey, Tag: "p", Offset: p.ValueOff,
			Detail: "tag p holds a private key: if it was ever published, make a new pair",
		}
	}
	if k.Type == typeRSA {
		// Before err: a record cut by its host may end inside a base64 quantum.
		if _, total, ok := derHead(raw); ok && raw[0] == derSequence && total > len(raw) {
			return &Error{
				Code: CodeTruncated, Tag: "p", Offset: size,
				Detail: fmt.Sprintf("tag p holds %d of %d octets: the record, %d octets long, is cut off", len(raw), total, size),
			}
		}
	}
	if err != nil {
		err.Offset += p.ValueOff
		return err
	}
	if k.Revoked = len(raw) == 0; k.Revoked {
		return nil
	}
	k.Unpadded = unpadded

	why := ""
	switch k.Type {
	case typeRSA:
		k.Public, k.Bits, why = rsaPublic(raw)
		k.NoSPKI = len(k.Public) > len(raw)
	case typeEd25519:
		k.Public, k.Bits, why = ed25519Public(raw)
	default:
		k.Public = raw
	}
	if why != "" {
		return &Error{Code: CodeBadKey, Tag: "p", Offset: p.ValueOff, Detail: "tag p: " + why}
	}
	return nil
}

// decodeBase64 reads a base64string (RFC 6376 2.10), which may hold white space and leave out the padding. Beside an error it
// returns what comes before a broken end.
func decodeBase64(p Tag, spaced bool) (raw []byte, unpadded bool, err *Error) {
	clean := p.Value
	if spaced {
		clean = withoutSpace(clean)
	}
	data := strings.TrimRight(clean, "=")
	pads, over := len(clean)-len(data), len(data)%4
	end := len(data)
	if over == 1 {
		end--
	}
	raw, bad := base64.RawStdEncoding.DecodeString(data[:end])
	switch {
	case bad != nil, over == 1 && !isBase64(data[end]):
		return nil, false, alphabetError(p.Value)
	case over == 1, pads > 0 && (len(data)+pads)%4 != 0, pads > 2:
		return raw, false, &Error{
			Code: CodeBadKey, Tag: "p", Offset: len(p.Value),
			Detail: "tag p: the base64 ends in the wrong place, or its padding is wrong",
		}
	}
	return raw, over != 0 && pads == 0, nil
}

func withoutSpace(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if !isSpace(s[i]) {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func isBase64(c byte) bool { return isAlpha(c) || isDigit(c) || c == '+' || c == '/' }

// alphabetError says which character of s is not base64.
func alphabetError(s string) *Error {
	i := 0
	for i < len(s)-1 && (isBase64(s[i]) || isSpace(s[i])) {
		i++
	}
	e := &Error{Code: CodeBadKey, Tag: "p", Offset: i}
	switch {
	case strings.Contains(s, "PRIVATE KEY--"):
		e.Code, e.Detail = CodePrivateKey, "tag p holds a private key: if it was ever published, make a new pair"
	case strings.HasPrefix(s, "-----BEGIN"):
		e.Detail = "tag p: the frame of a PEM file (BEGIN, END) does not belong into the record"
	case s[i] == '-' || s[i] == '_':
		e.Detail = "tag p: this is base64 in its URL alphabet; - should be + and _ should be /"
	default:
		e.Detail = fmt.Sprintf("tag p: character %d has no place in base64", i+1)
	}
	return e
}

// rsaPublic returns the SubjectPublicKeyInfo and the bits of the modulus, or why der is no RSA key.
func rsaPublic(der []byte) (spki []byte, length int, why string) {
	body, rest, ok := derValue(der, derSequence)
	if !ok || len(rest) > 0 {
		return nil, 0, notRSA
	}
	if key, ok := bytes.CutPrefix(body, []byte(rsaAlgorithm)); ok {
		key, rest, ok = derValue(key, derBitString)
		if !ok || len(rest) > 0 || len(key) == 0 || key[0] != 0 {
			return nil, 0, notRSA
		}
		length, why = rsaBits(key[1:])
		return der, length, why
	}
	// Erratum 3017: RFC 6376 asks for RSAPublicKey and its examples, like everybody, publish SubjectPublicKeyInfo.
	if length, why = rsaBits(der); why != "" {
		return nil, 0, why
	}
	key := derWrap(derBitString, append([]byte{0}, der...))
	return derWrap(derSequence, append([]byte(rsaAlgorithm), key...)), length, ""
}

// rsaBits returns the bits of the modulus of an RSAPublicKey (RFC 8017 A.1.1).
func rsaBits(der []byte) (length int, why string) {
	body, rest, ok := derValue(der, derSequence)
	if !ok || len(rest) > 0 {
		return 0, notRSA
	}
	n, body, okN := derUint(body)
	e, body, okE := derUint(body)
	switch {
	case !okN, !okE, len(body) > 0:
		return 0, notRSA
	case n[len(n)-1]&1 == 0, e[len(e)-1]&1 == 0, len(e) == 1 && e[0] == 1:
		return 0, "the modulus or the exponent is impossible in an RSA key"
	case len(e) > 4, len(e) == 4 && e[0] > 0x7f:
		return 0, "the exponent is above 31 bits, which verifiers refuse"
	}
	return (len(n)-1)*8 + bits.Len8(n[0]), ""
}

// ed25519Public returns the SubjectPublicKeyInfo around a raw key of 32 octets (RFC 8463 4.2).
func ed25519Public(raw []byte) (spki []byte, length int, why string) {
	switch {
	case len(raw) == 32:
		return append([]byte(ed25519Header), raw...), 256, ""
	case len(raw) == 44 && bytes.HasPrefix(raw, []byte(ed25519Header)):
		return nil, 0, "this is a SubjectPublicKeyInfo of 44 octets; of an Ed25519 key only the last 32 are published"
	}
	return nil, 0, fmt.Sprintf("an Ed25519 key has 32 octets, this has %d", len(raw))
}

// isPrivate recognises PKCS #1, PKCS #8 and SEC 1 private keys, cut off or whole: a sequence that begins with a version number.
func isPrivate(der []byte) bool {
	head, _, ok := derHead(der)
	if !ok || der[0] != derSequence {
		return false
	}
	body := der[head:]
	return len(body) > 3 && body[0] == derInteger && body[1] == 1 && body[2] <= 1
}

// leaksPrivate returns an error for a text that holds a private key: in a record, also one that was stored with quotation marks, or
// without the tags of one, as a PEM file or its inside.
func leaksPrivate(txt string) error {
	clean, _ := Clean(txt)
	found := strings.Contains(txt, "PRIVATE KEY--")
	for _, s := range []string{clean, "p=" + clean} {
		_, err := ParseKey(s)
		e, ok := errors.AsType[*Error](err)
		found = found || ok && e.Code == CodePrivateKey
	}
	if !found {
		return nil
	}
	return &Error{Code: CodePrivateKey, Detail: "this is a private key: if it was ever published, make a new pair"}
}
