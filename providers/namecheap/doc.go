// Package namecheap is the driver for zones at Namecheap.
//
//	acct, err := providers.Open(namecheap.Driver{}, providers.Credentials{
//		"api_user": "…", "api_key": "…", "client_ip": "192.0.2.1",
//	}, providers.Options{})
//
// The API knows no change of one record: setHosts replaces the whole zone, and
// what is not in the request is gone. So a write sends every record back as it
// was read, reads the zone once more just before, and answers Conflict where
// somebody has changed it meanwhile. An edit that reaches the host between that reading
// and the write is lost, and nobody can know: Caps say so (grain zone, no CAS).
// The turn that the host's rate limit asks for is waited for before the reading,
// so that the time between the two is that of one request.
//
// Who gets the mail of a zone is a setting beside its records, EmailType, which
// each setHosts sets anew. It is kept. With e-mail forwarding and the host's
// mail services, the MX and SPF records that Namecheap serves are not in its
// list of records; they are shown as records with Meta "injected=FWD", so that a
// plan that would break that mail meets them. They can be replaced as a whole by
// other MX records, and be put back.
//
// Not everything that the web console sets can be sent back. A write is refused,
// with the record named, where it would end the dynamic DNS of a record or
// switch on one that is switched off. SRV records stand in a list of their own,
// behind commands that Namecheap does not document: they are shown, cannot be
// changed here, and are looked at after each write, and put back if the host
// dropped them. Labels that the console gives to records (FriendlyName,
// AssociatedAppTitle) are the host's own and may change.
//
// The credentials are a user name, a key, and the IPv4 address that requests
// come from, which the customer has to allow. The driver never asks a web
// service for that address.
package namecheap
