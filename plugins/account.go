package plugins

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/mooring-dns/mooring/providers"
)

// account tells one customer's credentials from all others and says nothing
// about them.
type account [sha256.Size]byte

// accountKey is what accounts are told apart with; each host has its own.
type accountKey []byte

func newAccountKey() accountKey {
	key := make(accountKey, sha256.Size)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return key
}

func (k accountKey) of(c providers.Credentials) account {
	h := hmac.New(sha256.New, k)
	add := func(s string) { // with its length, lest two lists run together into one
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	for _, field := range slices.Sorted(maps.Keys(c)) {
		add(field)
		add(c[field])
	}
	return account(h.Sum(nil))
}
