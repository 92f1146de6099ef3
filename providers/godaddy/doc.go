// Package godaddy is the driver for GoDaddy's Domains API, version 1, of which
// it uses the DNS records and, to list and find, the domains.
//
//	acct, err := providers.Open(godaddy.Driver{}, providers.Credentials{
//		"api_key":    key,
//		"api_secret": secret,
//	}, providers.Options{Journal: providers.JournalDir(dir)})
//
// A write replaces one RRset. The API has no compare-and-set, so the driver
// reads that RRset right before it writes, and answers Conflict where it is not
// as the edit expects. What somebody else does between that read and the write
// is lost; TestWindowWidth measures how long that is.
//
// Values that an edit does not touch are sent back in the very spelling the
// host gave them. Three things of the host shape the rest:
//
//   - It keeps all SRV records below one name as one RRset, whatever their
//     service: those of other services are read and sent along.
//   - It lists an address that it calls Parked or Forwarded, which is no DNS
//     record. It is read as an opaque one and never written.
//   - It lists CAA records and refuses to have them written. Its SOA record it
//     lists without data, so that is not read.
//
// Since May 2024 the API is closed to customers with few domains. That is
// AccessDenied with the reason "noaccess", and such a customer has to set records
// by hand or through Domain Connect, which GoDaddy speaks.
//
// The libdns module for this host is not used: it replaces an RRset where it is
// to add to one, and ends no request when its context ends. Its defects are
// proven in the tests, side by side with this driver.
package godaddy
