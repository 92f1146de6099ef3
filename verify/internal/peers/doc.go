// Package peers holds no code of its own: its test lets the propagation checks
// of certmagic and lego and [github.com/mooring-dns/mooring/verify] look at the
// same zones on the same name servers, in one run, and nobody else should carry
// those two.
//
//	go test -v -run TestPeers .
//
// Both peers ask port 53 of the servers that DNS names, and the resolver of
// /etc/resolv.conf, so the test runs itself again in a network and a mount
// namespace of its own (Linux only), where 127.0.0.0/8 port 53 is free.
package peers
