// Package godaddy is the driver for GoDaddy's Domains API, version 1, of which
// it uses the DNS records and, to list and find, the domains.
//
//	acct, err := providers.Open(godaddy.Driver{}, providers.Credentials{
//		"api_key":    key,
//		"api_secret": secret,
//	}, providers.Options{Journal: providers.JournalDir(dir)})
//
// A zone of more than one page is read until two readings in a row agree.
//
// A write replaces one RRset. The API has no compare-and-set, so the driver
// reads that RRset right before it writes, and answers Conflict where it is not
// as the edit expects. What somebody else does between that read and the write
// is lost; TestWindowWidth measures how long that is.
//
// Values that an edit does not touch are sent back in the very spelling the
// host gave them, that of their name included. Four things of the host shape the
// rest:
//
//   - The path of a write of SRV records names neither service nor protocol. No
//     source says what it replaces, and the driver takes it to be all SRV records
//     below one name: those of other services are read and sent along.
//   - It lists an address that it calls Parked or Forwarded, which is no DNS
//     record. It is read as an opaque one and never written.
//   - It lists CAA records and refuses to have them written. Its SOA record it
//     lists without data, so that is not read.
//   - A name that is none in DNS, such as "www.", is read as an opaque record of
//     the name that comes nearest, and what stands at that name and type is not
//     written before somebody has removed it at the host.
//
// The API has been closed to customers with few domains, since May 2024 to those
// with fewer than ten, and reports of 2026 say that it opens again, the records
// before the domains. Where it is closed, that is AccessDenied with the reason
// "noaccess", and such a customer has to set records by hand or through Domain
// Connect, which GoDaddy speaks.
//
// The libdns module for this host is not used: it replaces an RRset where it is
// to add to one, and ends no request when its context ends. Its defects are
// proven in the tests, side by side with this driver.
package godaddy
