// Package dkim reads DKIM key records, says what is wrong with a published one, and decides which of two a DNS host can store.
//
// A long key does not fit everywhere: some hosts store only 255 octets in a TXT record. [Choose] goes by what is known of the host:
//
//	c, err := dkim.Choose(dkim.Want{Name: name, Value: long, FallbackValue: short}, dkim.Limits{MaxTXT: 255})
//	// c.Value is what to publish, c.Fingerprint the key to sign with, c.Reason why
//
// What stands in DNS in the end is another matter: panels cut, quote and escape. [Diagnose] says in one word what happened:
//
//	r := dkim.Diagnose(dkim.Seen{Name: name, Texts: texts}, dkim.Want{Value: long, FallbackValue: short})
//	// r.State is match, truncated, quotes-stored, …; r.Works tells whether signatures verify; r.Findings says what to do
//
// [Generate] makes a new pair and [Rotate] the steps to it. [DetectMailbox] tells who hosts a domain's mailboxes.
//
// What it promises:
//
//   - Keys are compared as keys. [Key.Fingerprint] and [SameKey] do not see spacing, tag order or encoding, so a record that a
//     host has cut into other strings is no change.
//   - Reading follows RFC 6376 3.6.1 with erratum 3017, RFC 8301 and RFC 8463, takes linear time, and needs no network.
//   - A choice is a function of its input. The fallback is another key, and the choice says so.
//   - No error and no finding repeats key data, and a private key prints as [redacted].
//
// What it does not do: sign or verify mail, look anything up, or write to a zone.
package dkim
