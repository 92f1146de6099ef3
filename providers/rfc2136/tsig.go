package rfc2136

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 8945 section 6 still has hmac-sha1, and some hosts offer nothing better
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// fudge is how far apart the clocks may be, in seconds: the value that RFC
// 8945 section 10 recommends.
const fudge = 300

var hashes = map[string]func() hash.Hash{
	dns.HmacSHA1:   sha1.New,
	dns.HmacSHA224: sha256.New224,
	dns.HmacSHA256: sha256.New,
	dns.HmacSHA384: sha512.New384,
	dns.HmacSHA512: sha512.New,
}

// algorithm reads an algorithm's name, in any case, with or without final dot.
func algorithm(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return dns.HmacSHA256, nil
	}
	a := dns.CanonicalName(s)
	if hashes[a] == nil {
		return "", fmt.Errorf("unknown algorithm %q: want hmac-sha256, hmac-sha1, hmac-sha224, hmac-sha384 or hmac-sha512", s)
	}
	return a, nil
}

// key is a TSIG key. It prints without its secret, and so does what holds it: fmt
// asks no method of an unexported field, and prints a function as an address.
type key struct {
	name      string // with final dot
	algorithm string // the same
	secret    func() []byte
}

// Format prints the key's name whatever the verb.
func (k key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, k.name) }

// Generate implements dns.TsigProvider.
func (k key) Generate(msg []byte, t *dns.TSIG) ([]byte, error) {
	if dns.CanonicalName(t.Hdr.Name) != k.name {
		return nil, dns.ErrSecret
	}
	if dns.CanonicalName(t.Algorithm) != k.algorithm {
		return nil, dns.ErrKeyAlg
	}
	h := hmac.New(hashes[k.algorithm], k.secret())
	h.Write(msg)
	return h.Sum(nil), nil
}

// Verify implements dns.TsigProvider.
func (k key) Verify(msg []byte, t *dns.TSIG) error {
	want, err := k.Generate(msg, t)
	if err != nil {
		return err
	}
	got, err := hex.DecodeString(t.MAC)
	if err != nil || !hmac.Equal(got, want) {
		return dns.ErrSig
	}
	return nil
}

// sign is the message on the wire, and its MAC.
func (k key) sign(m *dns.Msg) (wire []byte, mac string, err error) {
	m.SetTsig(k.name, k.algorithm, fudge, time.Now().Unix())
	return dns.TsigGenerateWithProvider(m, k, "", false)
}

// verifier checks the answers to one signed message. miekg/dns would let an
// answer without a signature pass, and cannot check a transfer that signs only
// some of its messages (RFC 8945 section 5.3.1).
type verifier struct {
	key     key
	mac     string // of the last signed message; at first, of the question
	more    bool   // the first answer is behind us
	pending []byte // messages since then that had no signature
	count   int    // how many
}

// maxUnsigned is how many messages of a transfer may come between two signed
// ones.
const maxUnsigned = 99

// check verifies one message. An unsigned one is only taken for the moment: see
// done.
func (v *verifier) check(wire []byte, m *dns.Msg) error {
	t := m.IsTsig()
	if t == nil {
		if v.count++; !v.more || v.count > maxUnsigned {
			return dns.ErrNoSig
		}
		v.pending = append(v.pending, wire...)
		return nil
	}
	// The provider sees the digest's input, which starts with the last MAC
	// and its length; the unsigned messages go between that and this message.
	wire = bytes.Clone(wire) // the check writes into it
	p := withPending{key: v.key, after: 2 + len(v.mac)/2, pending: v.pending}
	if err := dns.TsigVerifyWithProvider(wire, p, v.mac, v.more); err != nil {
		return err
	}
	v.mac, v.more, v.pending, v.count = t.MAC, true, nil, 0
	return nil
}

// done reports whether everything so far is signed.
func (v *verifier) done() bool { return v.more && v.count == 0 }

type withPending struct {
	key
	after   int
	pending []byte
}

func (p withPending) Verify(msg []byte, t *dns.TSIG) error {
	if len(p.pending) > 0 && p.after <= len(msg) {
		msg = slices.Concat(msg[:p.after], p.pending, msg[p.after:])
	}
	return p.key.Verify(msg, t)
}
