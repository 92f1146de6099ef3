package verifytest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"time"

	"github.com/miekg/dns"
)

// Key is a TSIG key.
type Key struct {
	Name      string // a domain name in any case
	Algorithm string // "hmac-sha256"; empty is that
	Secret    string // base64
}

var hashes = map[string]func() hash.Hash{
	dns.HmacSHA1:   sha1.New,
	dns.HmacSHA224: sha256.New224,
	dns.HmacSHA256: sha256.New,
	dns.HmacSHA384: sha512.New384,
	dns.HmacSHA512: sha512.New,
}

// keyring signs and checks for the server. miekg/dns has one of its own, which
// compares key names by case and lets a key be used with any algorithm.
type keyring map[keyID][]byte

type keyID struct{ name, algorithm string }

func newKeyring(keys []Key) (keyring, error) {
	k := make(keyring, len(keys))
	for _, key := range keys {
		algo := key.Algorithm
		if algo == "" {
			algo = dns.HmacSHA256
		}
		algo = dns.CanonicalName(algo)
		if hashes[algo] == nil {
			return nil, fmt.Errorf("verifytest: key %q: unknown algorithm %q", key.Name, key.Algorithm)
		}
		secret, err := base64.StdEncoding.DecodeString(key.Secret)
		if err != nil {
			return nil, fmt.Errorf("verifytest: key %q: secret is no base64", key.Name)
		}
		k[keyID{dns.CanonicalName(key.Name), algo}] = secret
	}
	return k, nil
}

// Generate implements dns.TsigProvider.
func (k keyring) Generate(msg []byte, t *dns.TSIG) ([]byte, error) {
	id := keyID{dns.CanonicalName(t.Hdr.Name), dns.CanonicalName(t.Algorithm)}
	secret, ok := k[id]
	if !ok {
		return nil, dns.ErrSecret
	}
	h := hmac.New(hashes[id.algorithm], secret)
	h.Write(msg)
	return h.Sum(nil), nil
}

// Verify implements dns.TsigProvider.
func (k keyring) Verify(msg []byte, t *dns.TSIG) error {
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

const fudge = 300 // seconds, the value RFC 8945 section 10 recommends

// sign puts the TSIG of the answer in place; the server fills in the MAC.
// status is what checking the request's own TSIG gave.
func sign(m, req *dns.Msg, status error) {
	t := req.IsTsig()
	if t == nil {
		return
	}
	m.SetTsig(t.Hdr.Name, t.Algorithm, fudge, time.Now().Unix())
	own, _ := m.Extra[len(m.Extra)-1].(*dns.TSIG)
	switch {
	case status == nil:
		return
	case errors.Is(status, dns.ErrSecret):
		own.Error = dns.RcodeBadKey
	case errors.Is(status, dns.ErrTime):
		// RFC 8945 section 5.2.3: signed at the client's time, so that it can
		// check that, and beside it the server's clock in 48 bits.
		own.Error = dns.RcodeBadTime
		own.TimeSigned = t.TimeSigned
		own.OtherLen = 6
		own.OtherData = fmt.Sprintf("%012x", time.Now().Unix())
	default:
		own.Error = dns.RcodeBadSig
	}
	m.Rcode = dns.RcodeNotAuth
}
