// Package namecheap is the driver for zones at Namecheap.
//
//	acct, err := providers.Open(namecheap.Driver{}, providers.Credentials{
//		"api_user": "…", "api_key": "…", "client_ip": "192.0.2.1",
//	}, providers.Options{})
//
// The API knows no change of one record: setHosts replaces the whole zone, and
// what is not in the request is gone. So a write sends every record that it keeps
// back as the host spelled it, reads the zone once more just before, and answers
// Conflict where somebody has changed it meanwhile. An edit that reaches the host
// between that reading and the write is lost, and nobody can know: Caps say so
// (grain zone, no CAS). The turn that the host's rate limit asks for is waited for
// before the reading, so that for hosts the time between the two is that of one
// request; SRV records are read before the hosts, and have one request more. A
// list of hosts that is empty is asked for once more, and is not believed where
// the mail setting says otherwise.
//
// A record that is taken out of the zone and put back later stands there as DNS
// spells it: names in lower case, targets with their dot, the shortest form of an
// address.
//
// Who gets the mail of a zone is a setting beside its records, EmailType, which
// each setHosts sets anew. It is kept, in capitals. With e-mail forwarding and the
// host's mail services, the MX and SPF records that Namecheap serves are not in
// its list of records; they are shown as records with Meta "injected=FWD", so that
// a plan that would break that mail meets them. They can be replaced as a whole by
// other MX records, and be put back.
//
// Not everything that the web console sets can be sent back. A write is refused
// with Unsupported, whatever it is about, and the record named, where it would
//
//   - end the dynamic DNS of a record, or switch on one that is switched off,
//   - send a text with a quote or a control character, which the host may change,
//   - send two MX records of a name for one mail server, of which it may keep one,
//   - send MX or MXE records that the zone's mail setting does not stand for.
//
// SRV records stand in a list of their own, behind commands that Namecheap does
// not document: they are shown and cannot be changed here. What setHosts does to
// them is not known either, so they are looked at after each write, also after one
// whose answer was lost or whose caller has given up, and put back where they are
// all gone. Where they are others than before, somebody has changed them in the
// web console meanwhile: that stands, and the error says so, with Wrote yes.
// Somebody who takes the last of them away just then has them put back. Labels
// that the console gives to records (FriendlyName, AssociatedAppTitle) are the
// host's own and may change.
//
// The credentials are a user name, a key, and the IPv4 address that requests
// come from, which the customer has to allow. The driver never asks a web
// service for that address.
package namecheap
