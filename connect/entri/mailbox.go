package entri

import "strings"

// MailboxSPF is the SPF terms that let a mailbox host send, by the host's id,
// for {emailProviderSPF}; "" for a host it does not know. Google, Microsoft and
// Zoho are as Entri's documentation has them, the rest as the hosts say.
func MailboxSPF(host string) string {
	includes := map[string][]string{
		"google-workspace": {"_spf.google.com"},
		"microsoft365":     {"spf.protection.outlook.com"},
		"zoho":             {"zoho.com"},
		"proton":           {"_spf.protonmail.ch"},
		"fastmail":         {"spf.messagingengine.com"},
		"icloud":           {"icloud.com"},
		"godaddy-pro":      {"secureserver.net"},
		"yandex360":        {"_spf.yandex.net"},
		"titan":            {"spf.titan.email"},
		"privateemail":     {"spf.privateemail.com"},
		"rackspace":        {"emailsrvr.com"},
		"ionos":            {"_spf-eu.ionos.com", "_spf-us.ionos.com"}, // which of the two serves a customer does not show in DNS
		"ovh":              {"mx.ovh.com"},
		"migadu":           {"spf.migadu.com"},
		"tuta":             {"spf.tutanota.de"},
		"workmail":         {"amazonses.com"},
	}[host]
	if len(includes) == 0 {
		return ""
	}
	return "include:" + strings.Join(includes, " include:")
}
