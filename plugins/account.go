package plugins

import (
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
	text := slices.Clone(k)
	for _, field := range slices.Sorted(maps.Keys(c)) {
		for _, s := range []string{field, c[field]} { // with its length, lest two lists run together into one
			text = append(binary.AppendUvarint(text, uint64(len(s))), s...)
		}
	}
	return account(sha256.Sum256(text))
}
