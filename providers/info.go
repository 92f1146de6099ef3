package providers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// Info describes a driver and the host it speaks to.
type Info struct {
	ID          string   `json:"id"`                     // lower case, stable: "rfc2136"
	Name        string   `json:"name"`                   // for people: "RFC 2136 dynamic update"
	Fields      []Field  `json:"fields"`                 // the credentials Open wants
	NameServers []string `json:"name_servers,omitempty"` // patterns of the host's name servers, without final dot: "*.ns.host.example"
	Panel       string   `json:"panel,omitempty"`        // https URL where a customer edits DNS by hand
	Form        Form     `json:"form,omitzero"`          // how that page wants records typed
	Caps        Caps     `json:"caps"`                   // before the zone's plan tier is known
}

// Field is one credential a person is asked for.
type Field struct {
	Name     string `json:"name"`  // key in Credentials
	Label    string `json:"label"` // for people
	Help     string `json:"help,omitempty"`
	URL      string `json:"url,omitempty"` // where a user makes the token
	Secret   bool   `json:"secret,omitempty"`
	Optional bool   `json:"optional,omitempty"`
}

// Serves reports whether a name server's name fits one of the patterns of i.
func (i Info) Serves(ns zone.Name) bool {
	return slices.ContainsFunc(i.NameServers, func(pattern string) bool {
		ok, err := path.Match(pattern, string(ns))
		return ok && err == nil
	})
}

// Credentials is what a customer gave for one account, by Field name. It
// prints as [redacted] however it is printed, logged or marshalled; only in an
// unexported field of a struct that is printed whole, fmt cannot see that.
type Credentials map[string]string

const redacted = "[redacted]"

func (Credentials) String() string               { return redacted }
func (Credentials) GoString() string             { return redacted }
func (Credentials) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Credentials) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Format keeps every verb from printing the values.
func (Credentials) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// Missing checks the fields that are not optional; its error names them all.
func (c Credentials) Missing(fields []Field) error {
	var names []string
	for _, f := range fields {
		if !f.Optional && strings.TrimSpace(c[f.Name]) == "" {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &Error{Code: InvalidCredentials, Err: errors.New("missing credentials: " + strings.Join(names, ", "))}
}

// Grain is how much of a zone one write of a host covers.
type Grain string

// The four grains.
const (
	GrainRecord Grain = "record" // one record, made, replaced in place or removed
	GrainRRset  Grain = "rrset"  // all values of one owner and type
	GrainBatch  Grain = "batch"  // any RRsets in one transaction
	GrainZone   Grain = "zone"   // the whole zone
)

// Caps is what a host can store and do. The zero value of each field means
// the usual: no limit known, or not supported where it names an extra.
type Caps struct {
	Grain       Grain    `json:"grain"`
	CAS         bool     `json:"cas,omitempty"`          // Write compares before it sets
	Types       []string `json:"types,omitempty"`        // record types it stores; empty: all but NoTypes
	NoTypes     []string `json:"no_types,omitempty"`     // record types it does not store
	MinTTL      uint32   `json:"min_ttl,omitempty"`      // seconds
	MaxTTL      uint32   `json:"max_ttl,omitempty"`      // seconds; 0: none
	TTLs        []uint32 `json:"ttls,omitempty"`         // the only values allowed, ascending; empty: any
	MaxTXT      int      `json:"max_txt,omitempty"`      // longest TXT, joined octets; 0: none
	RefusedText string   `json:"refused_text,omitempty"` // characters a TXT cannot hold
	ASCIIText   bool     `json:"ascii_text,omitempty"`   // a TXT holds printable ASCII only
	TrimsTXT    bool     `json:"trims_txt,omitempty"`    // spaces at the ends of a TXT are lost or refused
	ApexAlias   string   `json:"apex_alias,omitempty"`   // "ALIAS" or "CNAME" where the apex can stand for another name
	NoWildcard  bool     `json:"no_wildcard,omitempty"`
	ApexNS      bool     `json:"apex_ns,omitempty"` // NS records at the apex can be written

	NoDelegation    bool `json:"no_delegation,omitempty"`     // no NS below the apex
	UniqueMX        bool `json:"unique_mx,omitempty"`         // no two MX records of a name for the same mail server
	NoNullMX        bool `json:"no_null_mx,omitempty"`        // no MX with the target "." (RFC 7505)
	NoCAAParameters bool `json:"no_caa_parameters,omitempty"` // no CAA value with a semicolon and parameters (RFC 8659 section 4.2)

	// MaxBatch is the most records that one write of grain batch may change,
	// removed and added ones counted each; 0: no limit known.
	MaxBatch int `json:"max_batch,omitempty"`
	// Rates is what one credential may send, all at once. Those of Info count,
	// since a credential is used before any zone is known.
	Rates []Rate `json:"rates,omitempty"`

	Redirects bool          `json:"redirects,omitempty"`
	Settle    time.Duration `json:"settle,omitempty"` // nanoseconds until a write is sure to show in a read
	Source    string        `json:"source,omitempty"` // where these facts are from
	Date      string        `json:"date,omitempty"`   // when they were read, YYYY-MM-DD
}

// RefusesText says what keeps the host from storing a TXT of this text, as the
// end of a sentence that begins with the host: "stores no text that holds '"'".
// It is "" where the host stores it.
func (c Caps) RefusesText(text string) string {
	if c.MaxTXT > 0 && len(text) > c.MaxTXT {
		return fmt.Sprintf("stores texts of at most %d octets, and this one has %d", c.MaxTXT, len(text))
	}
	if c.TrimsTXT && strings.Trim(text, " ") != text {
		return "stores no text that begins or ends with a space"
	}
	for _, r := range text {
		if strings.ContainsRune(c.RefusedText, r) || c.ASCIIText && (r < ' ' || r > '~') {
			return fmt.Sprintf("stores no text that holds %q", r)
		}
	}
	return ""
}

// Stores reports whether the host stores records of this type.
func (c Caps) Stores(typ string) bool {
	return (len(c.Types) == 0 || slices.Contains(c.Types, typ)) && !slices.Contains(c.NoTypes, typ)
}

// ClampTTL is the TTL nearest to ttl that the host stores: an allowed value not
// below ttl where there is one, else the largest.
func (c Caps) ClampTTL(ttl uint32) uint32 {
	ttl = max(ttl, c.MinTTL)
	if c.MaxTTL > 0 {
		ttl = min(ttl, c.MaxTTL)
	}
	if len(c.TTLs) == 0 {
		return ttl
	}
	for _, t := range c.TTLs {
		if t >= ttl {
			return t
		}
	}
	return c.TTLs[len(c.TTLs)-1]
}
