package entri

import (
	"strings"

	"github.com/mooring-dns/mooring/dkim"
)

// MailboxSPF is the SPF terms that let a mailbox host send, by the host's ID
// in dkim.Mailboxes, for {emailProviderSPF}; "" for a host it does not know.
// own is the domain's TXT values, where they are known: what its SPF record
// names of the host already comes before what Entri's documentation has, since
// a host's data centres differ.
func MailboxSPF(host string, own ...string) string {
	m, ok := dkim.KnownMailbox(host)
	if !ok {
		return ""
	}
	return "include:" + strings.Join(m.Includes(own...), " include:")
}
