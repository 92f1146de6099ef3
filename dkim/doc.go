// Package dkim reads DKIM key records and decides which of two a DNS host can store.
//
// A long key does not fit everywhere: some hosts store only 255 octets in a TXT record. [Choose] goes by what is known of the host:
//
//	c, err := dkim.Choose(dkim.Want{Name: name, Value: long, FallbackValue: short}, dkim.Limits{MaxTXT: 255})
//	// c.Value is what to publish, c.Fingerprint the key to sign with, c.Reason why
//
// What it promises:
//
//   - Keys are compared as keys. [Key.Fingerprint] and [SameKey] do not see spacing, tag order or encoding, so a record that a
//     host has cut into other strings is no change.
//   - Reading follows RFC 6376 3.6.1 with erratum 3017, RFC 8301 and RFC 8463, takes linear time, and needs no network.
//   - A choice is a function of its input. The fallback is another key, and the choice says so.
//   - No error text repeats key data.
//
// What it does not do: sign or verify mail, look anything up, or write to a zone.
package dkim
