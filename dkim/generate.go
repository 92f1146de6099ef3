package dkim

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Lengths of RSA keys that [Generate] makes, in bits.
const (
	defaultBits = 2048
	maxBits     = 4096 // the longest that every verifier has to read (RFC 8301 3.2)
)

// Pair is a new key: what to publish, and what to sign with.
type Pair struct {
	Record      string     // text of the TXT record
	Fingerprint string     // of the public key, as [Key.Fingerprint] gives it
	Private     PrivateKey // give it to the signer and to nobody else
	Warnings    []Warning
}

// redacted stands for a private key wherever it would be printed.
const redacted = "[redacted]"

// PrivateKey holds a private key. It prints as [redacted] or as an address, with every verb and in every log, and refuses to be
// stored as JSON or text: only PEM and Signer give it away.
type PrivateKey struct {
	// A function, because fmt asks no method of a value in an unexported field, nor for %p, and prints what it finds by itself.
	reveal func() crypto.Signer
}

// errPrivate is what an encoder gets that meets a private key.
var errPrivate = errors.New("dkim: a private key is not stored this way; call PEM and keep the result sealed")

// String returns [redacted].
func (PrivateKey) String() string { return redacted }

// Format writes [redacted] for every verb that fmt asks for.
func (PrivateKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText refuses, and so does JSON, which asks it.
func (PrivateKey) MarshalText() ([]byte, error) { return nil, errPrivate }

// GobEncode refuses.
func (PrivateKey) GobEncode() ([]byte, error) { return nil, errPrivate }

// Signer returns the key for signing; nil of the zero value.
func (p PrivateKey) Signer() crypto.Signer {
	if p.reveal == nil {
		return nil
	}
	return p.reveal()
}

// PEM returns the key as PKCS #8 in a PEM block, the form that signers read; nil of the zero value.
func (p PrivateKey) PEM() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(p.Signer())
	if err != nil { // only of the zero value: Generate makes no other type than the encoder knows
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// Generate makes a pair from the system's random numbers. keyType is "rsa", "ed25519", or empty for rsa. bits is the length of an
// RSA key, from 1024 to 4096 in steps of 8, and 0 for 2048; below 2048 the pair carries a warning. An Ed25519 key has one length,
// which 0 and 256 mean. What cannot be asked for is an [*Error] with [CodeBadRequest].
//
// A verifier that knows no Ed25519 ignores such a key (RFC 8463 3), so publish one only beside an RSA key at another selector.
func Generate(keyType string, bits int) (Pair, error) {
	private, err := generate(keyType, bits)
	if err != nil {
		return Pair{}, err
	}
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		return Pair{}, fmt.Errorf("dkim: encode the public key: %w", err)
	}
	k := Key{Version: "DKIM1", Type: typeEd25519, Bits: 256, Public: spki}
	if public, ok := private.Public().(*rsa.PublicKey); ok {
		k.Type, k.Bits = typeRSA, public.N.BitLen()
	}
	return Pair{
		Record: k.Record(), Fingerprint: k.Fingerprint(), Warnings: k.Warnings(),
		Private: PrivateKey{func() crypto.Signer { return private }},
	}, nil
}

func generate(keyType string, bits int) (crypto.Signer, error) {
	refuse := func(format string, args ...any) error {
		return &Error{Code: CodeBadRequest, Detail: "generate: " + fmt.Sprintf(format, args...)}
	}
	switch keyType {
	case typeEd25519:
		if bits != 0 && bits != 256 {
			return nil, refuse("an Ed25519 key has 256 bits, not %d", bits)
		}
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	case typeRSA, "":
		if bits == 0 {
			bits = defaultBits
		}
		if bits < minBits || bits > maxBits || bits%8 != 0 {
			return nil, refuse("an RSA key has %d to %d bits in steps of 8, not %d", minBits, maxBits, bits)
		}
		return rsa.GenerateKey(rand.Reader, bits)
	}
	return nil, refuse("the key type is rsa or ed25519, not %q", clip(keyType))
}
