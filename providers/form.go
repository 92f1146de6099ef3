package providers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Form is how the web form of a host wants a record typed, for the people who
// do it by hand. The zero value is the usual: fields called Name and Value, "@"
// for the apex and other owners relative to it, targets without a final dot,
// texts without quotes, and a priority in a field of its own.
type Form struct {
	Name   string `json:"name,omitempty"`   // label of the owner's field; "": Name
	Value  string `json:"value,omitempty"`  // label of the value's field; "": Value
	Blank  bool   `json:"blank,omitempty"`  // the apex is an empty field
	Full   bool   `json:"full,omitempty"`   // owners are typed whole, with their final dot
	Dot    bool   `json:"dot,omitempty"`    // targets need their final dot, or the zone is appended to them
	Quotes bool   `json:"quotes,omitempty"` // texts are typed as quoted strings of at most 255 octets
	Inline bool   `json:"inline,omitempty"` // priority, weight, port, flags and tag are part of the value, as in zone text
	Sets   bool   `json:"sets,omitempty"`   // one entry holds all values of an owner and type: who deletes it deletes them all
}

// Owner is what is typed for an owner in the zone of apex.
func (f Form) Owner(n, apex zone.Name) string {
	switch {
	case f.Full:
		return n.FQDN()
	case f.Blank && n == apex:
		return ""
	}
	return n.Rel(apex)
}

// Spell is what is typed for a record's data, whole however long it is. The
// priority of an MX or SRV record is apart where the form has a field for it.
// Text that holds what nobody can type is given as quoted strings.
//
//	MX  10 mx.mail.example.     mx.mail.example, priority 10
//	TXT "v=spf1 mx" " -all"     v=spf1 mx -all
func (f Form) Spell(r zone.Record) (value, priority string) {
	value = r.Data
	if r.Opaque {
		return value, ""
	}
	if r.Type == "TXT" || r.Type == "SPF" {
		if text := r.Text(); !f.Quotes && typeable(text) {
			return text, ""
		}
		return value, ""
	}
	if t, ok := r.Target(); ok && t != zone.Root && !f.Dot {
		value = strings.TrimSuffix(value, ".")
	}
	if (r.Type == "MX" || r.Type == "SRV") && !f.Inline {
		priority, value, _ = strings.Cut(value, " ")
	}
	return value, priority
}

func typeable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
