package entri

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// What [Parse] reads at most. A thousand records with the longest DKIM keys in
// use fit into MaxSize.
const (
	MaxSize    = 1 << 20 // bytes
	MaxRecords = 1000    // in one list
)

// Config is what entri.showEntri, entri.checkDomain and entri.purchaseDomain
// take, and the bodies of POST /sharing/connect and POST /connect/async. Names
// and defaults are those of Entri's API reference; fields that only its npm
// client knows say so. It prints as JSON of the same shape.
//
// Two flags and the locale do not default to their zero value: start from
// [Default] when you write one by hand.
type Config struct {
	ApplicationID string  `json:"applicationId,omitzero"`
	Token         Token   `json:"token,omitzero"` // the session's JSON web token; see Parse
	Records       Records `json:"dnsRecords,omitzero"`

	PrefilledDomain          Names  `json:"prefilledDomain,omitzero"`          // several only in the npm client
	Domain                   string `json:"domain,omitzero"`                   // REST bodies: the name to connect
	Subdomain                string `json:"subdomain,omitzero"`                // POST /connect/async: what stands before Domain
	DefaultSubdomain         string `json:"defaultSubdomain,omitzero"`         // what the field for it starts with; the person's entry counts
	SupportForSubdomains     bool   `json:"supportForSubdomains"`              // default true
	ForceSubdomain           bool   `json:"forceSubdomain,omitzero"`           // one must be entered
	HostRequired             bool   `json:"hostRequired"`                      // default true: an empty {SUBDOMAIN} is "www", else the apex
	UserID                   string `json:"userId,omitzero"`                   // comes back in events and webhooks
	Locale                   string `json:"locale,omitzero"`                   // default "en"; one of Locales
	ApplicationName          string `json:"applicationName,omitzero"`          // in the welcome text; npm client
	ForceManualSetup         bool   `json:"forceManualSetup,omitzero"`         // ends in instructions and verification
	ManualSetupDocumentation string `json:"manualSetupDocumentation,omitzero"` // http or https URL
	EnableDKIM               bool   `json:"enableDkim,omitzero"`               // lead the person through DKIM at their mailbox host

	WWWRedirect      bool   `json:"wwwRedirect,omitzero"`      // site.com to www.site.com, by whatever the DNS host offers
	SecureRootDomain bool   `json:"secureRootDomain,omitzero"` // certificate for the apex, and its addresses become {ENTRI_SERVERS}
	Power            bool   `json:"power,omitzero"`            // proxy the domain to ApplicationURL
	ApplicationURL   string `json:"applicationUrl,omitzero"`   // origin: a host name or an http or https URL
	Monitor          *bool  `json:"monitor,omitzero"`          // nil: not said, which showUnify reads as true; npm client

	OverrideSPF      bool `json:"overrideSPF,omitzero"`      // replace the SPF record instead of merging; npm client
	ValidateDMARC    bool `json:"validateDmarc,omitzero"`    // npm client
	ConflictingDMARC bool `json:"conflictingDmarc,omitzero"` // npm client
	ValidateCAA      bool `json:"validateCAA,omitzero"`      // npm client
	CheckConflicts   bool `json:"checkConflicts,omitzero"`   // checkDomain compares the records with the zone; npm client

	FreeDomain     bool `json:"freeDomain,omitzero"`     // purchaseDomain: the first domain costs nothing
	DisableConnect bool `json:"disableConnect,omitzero"` // purchaseDomain: buy only, configure no records
	DebugMode      bool `json:"debugMode,omitzero"`      // purchaseDomain: skip the purchase

	WhiteLabel    WhiteLabel `json:"whiteLabel,omitzero"`
	UseNewUI      bool       `json:"useNewUI,omitzero"` // npm client, as the next two
	IframeSandbox bool       `json:"iframeSandbox,omitzero"`
	SearchType    string     `json:"searchType,omitzero"`
}

// Default is a configuration of which nothing was said.
func Default() Config {
	return Config{SupportForSubdomains: true, HostRequired: true, Locale: "en"}
}

// Locales is the languages that a configuration may ask for. "pt" is "pt-br".
// Danish and Swedish are only in today's documentation of the npm client.
func Locales() []string {
	return []string{"en", "es", "pt", "pt-br", "pt-pt", "fr", "it", "de", "nl", "pl", "tr", "ja", "da", "sv"}
}

// Parse reads a configuration and checks everything that can be checked
// without knowing the domain. An error is [Errors], all problems together.
//
// It is lenient where Entri's callers are: types in any case, numbers as
// strings, one record where a list belongs, null for nothing, unknown keys.
// applicationId and dnsRecords are required. token is not: REST bodies carry
// it in a header, a program that connects domains itself has none, and whoever
// verifies it notices that it is missing.
func Parse(data []byte) (Config, error) {
	c, r := Default(), &reader{}
	if e := readable(data); e != nil {
		return Config{}, Errors{e}
	}
	r.config(value{raw: bytes.TrimSpace(bytes.TrimPrefix(data, []byte(bom)))}, &c)
	read := len(r.errs)
	for _, e := range c.problems() {
		// A field that could not be read is not missing as well.
		known := func(o *Error) bool {
			return covers(o.Path, e.Path) || e.Code == Missing && covers(e.Path, o.Path)
		}
		if !slices.ContainsFunc(r.errs[:read], known) {
			r.errs = append(r.errs, e)
		}
	}
	if len(r.errs) > 0 {
		return Config{}, r.errs
	}
	return c, nil
}

// bom is the byte order mark that some editors put before UTF-8.
const bom = "\ufeff"

// readable refuses what is no JSON. Bytes count from 1.
func readable(data []byte) *Error {
	if len(data) > MaxSize {
		return &Error{Code: Unreadable, Reason: "the configuration is longer than 1 MiB; send the records that one domain needs"}
	}
	if !utf8.Valid(data) {
		at := 0
		for at < len(data) {
			r, n := utf8.DecodeRune(data[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		var e Errors
		e.add(Unreadable, "", "", "not UTF-8 at byte %d; JSON is always UTF-8", at+1)
		return e[0]
	}
	var raw json.RawMessage
	body := bytes.TrimPrefix(data, []byte(bom))
	if err := json.Unmarshal(body, &raw); err != nil {
		at := int64(len(data))
		if s, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = s.Offset + int64(len(data)-len(body))
		}
		var e Errors
		e.add(Unreadable, "", "", "not JSON: %v, at byte %d", err, at)
		return e[0]
	}
	return nil
}

// covers reports whether a problem at path leaves nothing to say of one at
// below, which is path itself or a part of it.
func covers(path, below string) bool {
	rest, ok := strings.CutPrefix(below, path)
	return ok && (rest == "" || path == "" || rest[0] == '.' || rest[0] == '[')
}

// UnmarshalJSON reads c with the defaults for what is not said, and checks
// nothing but types. Use [Parse] for what comes from outside.
func (c *Config) UnmarshalJSON(data []byte) error {
	r := &reader{}
	*c = Default()
	r.config(value{raw: bytes.TrimSpace(data)}, c)
	return r.errs.err()
}

func (r *reader) config(v value, c *Config) {
	r.object(v, map[string]func(value){
		"applicationId":            r.text(&c.ApplicationID),
		"token":                    func(v value) { s, _ := r.string(v); c.Token = Token(s) },
		"dnsRecords":               func(v value) { c.Records = r.records(v) },
		"prefilledDomain":          r.list((*[]string)(&c.PrefilledDomain)),
		"domain":                   r.text(&c.Domain),
		"subdomain":                r.text(&c.Subdomain),
		"defaultSubdomain":         r.text(&c.DefaultSubdomain),
		"supportForSubdomains":     r.flag(&c.SupportForSubdomains),
		"forceSubdomain":           r.flag(&c.ForceSubdomain),
		"hostRequired":             r.flag(&c.HostRequired),
		"userId":                   r.text(&c.UserID),
		"locale":                   r.text(&c.Locale),
		"applicationName":          r.text(&c.ApplicationName),
		"forceManualSetup":         r.flag(&c.ForceManualSetup),
		"manualSetupDocumentation": r.text(&c.ManualSetupDocumentation),
		"enableDkim":               r.flag(&c.EnableDKIM),
		"wwwRedirect":              r.flag(&c.WWWRedirect),
		"secureRootDomain":         r.flag(&c.SecureRootDomain),
		"power":                    r.flag(&c.Power),
		"applicationUrl":           r.text(&c.ApplicationURL),
		"monitor":                  r.choice(&c.Monitor),
		"overrideSPF":              r.flag(&c.OverrideSPF),
		"validateDmarc":            r.flag(&c.ValidateDMARC),
		"conflictingDmarc":         r.flag(&c.ConflictingDMARC),
		"validateCAA":              r.flag(&c.ValidateCAA),
		"checkConflicts":           r.flag(&c.CheckConflicts),
		"freeDomain":               r.flag(&c.FreeDomain),
		"disableConnect":           r.flag(&c.DisableConnect),
		"debugMode":                r.flag(&c.DebugMode),
		"whiteLabel":               func(v value) { r.whiteLabel(v, &c.WhiteLabel) },
		"useNewUI":                 r.flag(&c.UseNewUI),
		"iframeSandbox":            r.flag(&c.IframeSandbox),
		"searchType":               r.text(&c.SearchType),
	})
}

// Names is one domain or several; one prints as a string, as Entri has it.
type Names []string

func (n Names) MarshalJSON() ([]byte, error) {
	if len(n) == 1 {
		return json.Marshal(n[0])
	}
	return json.Marshal([]string(n))
}

// Token is a JSON web token. It prints as [redacted] and marshals as it is.
type Token string

const redacted = "[redacted]"

func (t Token) String() string {
	if t == "" {
		return ""
	}
	return redacted
}

func (t Token) GoString() string { return `entri.Token("` + t.String() + `")` }
