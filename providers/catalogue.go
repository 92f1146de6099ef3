package providers

import "slices"

// Where the facts of the catalogue are from, and when they were read.
const (
	fromDNSControl = "dnscontrol 7a079bc, audit rules and provider notes"
	fromLego       = "lego, provider defaults"
	fromMicrosoft  = "https://github.com/MicrosoftDocs/microsoft-365-docs/tree/public/microsoft-365/admin/dns/"
	fromResend     = "https://resend.com/docs/knowledge-base/"
	fromSeen       = "name servers seen in the zones of public repositories"
	readOn         = "2026-11-22"
)

// Catalogue is the well-known DNS hosts and DNS software, with or without a
// driver, in the order of their IDs: how their name servers are called, where
// and how records are typed there by hand, and what they store. The IDs are
// those of the drivers. Some hosts share their servers: then Serves says so of
// each. Software has no servers of its own: it knows none. Every call gives
// fresh values. What no source says is left zero, but for Panel: where no document
// is named for it, it is where the host's customers log in.
func Catalogue() []Info {
	return slices.Concat(hostsAToD(), hostsEToM(), hostsNToR(), hostsSToZ())
}

// Known is the catalogue's entry of this ID; the zero Info where there is none.
func Known(id string) Info {
	for _, h := range Catalogue() {
		if h.ID == id {
			return h
		}
	}
	return Info{}
}
