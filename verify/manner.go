package verify

import "github.com/mooring-dns/mooring/verify/internal/mux"

// Manner is what is unusual about how a server exchanges messages, from all
// that one look asked it.
type Manner struct {
	OverTCP     bool `json:"over_tcp,omitempty"`     // an answer did not fit into UDP, and came over TCP
	NoTCP       bool `json:"no_tcp,omitempty"`       // an answer did not fit into UDP, and did not come over TCP
	RateLimited bool `json:"rate_limited,omitempty"` // it truncates what is small
	NoEDNS      bool `json:"no_edns,omitempty"`      // it takes a question with EDNS for broken
	DropsEDNS   bool `json:"drops_edns,omitempty"`   // it is silent to questions with EDNS
	CaseMangled bool `json:"case_mangled,omitempty"` // it does not repeat the case of the question
	Spoofed     int  `json:"spoofed,omitempty"`      // messages in its name that answer something else
	Garbage     int  `json:"garbage,omitempty"`      // messages in its name that are no DNS messages
}

// manner is a Manner that still grows.
type manner struct {
	Manner
	edns bool // a question with EDNS was answered: silence to another one was a lost packet
}

func (m *manner) note(a mux.Answer) {
	has := func(bit mux.How) bool { return a.How&bit != 0 }
	m.OverTCP = m.OverTCP || has(mux.OverTCP) && !has(mux.RateLimited) && !has(mux.CaseMangled)
	m.NoTCP = m.NoTCP || has(mux.NoTCP) && !has(mux.CaseMangled)
	m.RateLimited = m.RateLimited || has(mux.RateLimited)
	m.NoEDNS = m.NoEDNS || has(mux.WithoutEDNS)
	m.DropsEDNS = m.DropsEDNS || has(mux.EDNSDropped)
	m.CaseMangled = m.CaseMangled || has(mux.CaseMangled)
	m.Spoofed += int(a.Spoofed)
	m.Garbage += int(a.Garbage)
	m.edns = m.edns || a.Err == nil && !has(mux.WithoutEDNS) && !has(mux.EDNSDropped)
}

// told is the Manner as it stands.
func (m manner) told() Manner {
	out := m.Manner
	out.DropsEDNS = out.DropsEDNS && !m.edns
	return out
}
