// Package cloudflare is the driver for DNS at Cloudflare, by its API v4.
//
//	acct, err := providers.Open(cloudflare.Driver{}, providers.Credentials{"api_token": token}, providers.Options{})
//
// An edit is one call of the batch operation: all of it is stored or none, and its
// parts reach the name servers one after the other
// (https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/).
// Just before, the driver reads the name concerned, or the zone where there are
// several, and answers Conflict where it is not as the edit expects. The API
// itself cannot compare and set, so that somebody else's edit between that read
// and the batch can be lost; the time between the two is one request, unless the
// zone holds more than 5000 records. A value that takes another's place is put
// into its record, so that comment, tags and settings stay; text takes the place
// of text of its kind, "v=spf1" of "v=spf1". Records that do not change are not
// sent.
//
// libdns/cloudflare v0.2.2 is not used but in the tests, which show what it does
// in each situation: it has no operation that keeps its promise for an RRset of
// several values, no error with a code, and no word on whether a write landed.
//
// # Proxied records
//
// An A, AAAA or CNAME record with proxied=true in its Meta is not answered with
// what it says. Asked for the name, Cloudflare answers with addresses of its own
// and a TTL of 300 seconds, for A and for AAAA whichever of the two the record
// is, and sends HTTP and HTTPS on to what the record says; no CNAME shows. One
// proxied address makes all addresses at its name so. Who compares the zone with
// DNS must heed that. Records that the driver makes are not proxied, and one that
// replaces a proxied value is not, unless its own Meta says proxied=true: mail
// servers, verification by CNAME and anything but HTTP do not work through the
// proxy.
//
// # Meta
//
// What Cloudflare keeps beside a record is in its Meta, as pairs of a key and a
// value that is escaped as in a URL's query: comment, tags, proxied=true,
// ttl=auto (the TTL "Auto", which answers with 300 seconds), the settings
// flatten_cname, ipv4_only and ipv6_only, and read_only and email_routing of what
// Cloudflare keeps itself. A record that is written gets what its Meta says, and
// one whose Meta says anything else is refused as Invalid.
//
// # Records of Cloudflare's own
//
// The zone's SOA record and its NS records at the apex are not in the API. What
// Email Routing has put into the zone is read, with read_only or email_routing in
// its Meta, and an edit that would change it is refused as Unsupported before
// anything is sent. Certificates' _acme-challenge records that Cloudflare answers
// for its own certificates are not in the API either.
//
// # What is not done
//
// Internal zones, which private networks alone see, are not looked at. Partial and
// secondary zones, which are edited elsewhere, are Unsupported and not listed.
//
// No zone is made, none is switched on, and no redirect rules, page rules or
// other settings are touched. CERT, DNSKEY, LOC and OPENPGPKEY records are read
// and can be removed, not written. Empty text is refused, since Cloudflare stores
// it and does not serve it.
package cloudflare
