package godaddy

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// refusal is the API's error body. Bodies as these are quoted at the codes
// below.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Fields  []struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Path    string `json:"path"`
	} `json:"fields"`
	RetryAfterSec float64 `json:"retryAfterSec"`
}

const (
	// noAccess is said of customers that the host closes the API to. Who they are
	// has changed: "limited to accounts with 10 or more domains and/or an active
	// Discount Domain Club - Premier Membership plan"
	// (https://developer.godaddy.com/getstarted, since May 2024,
	// https://github.com/rmbolger/Posh-ACME/pull/547); "a single domain purchased"
	// (the host's support in April 2026, as told in
	// https://github.com/rmbolger/Posh-ACME/pull/660); the domains refused to
	// accounts with fewer than ten, and the records open to them (July 2026,
	// https://github.com/acmesh-official/acme.sh/issues/6849).
	noAccess = "godaddy gives this account no access here, though the key is right: it has asked for ten domains or a Discount Domain Club Premier membership since 2024, " +
		"and for one domain bought there since 2026; ask its support, or set the records by hand, or through Domain Connect, which GoDaddy speaks"
	readOnly = "the records can be read with this key and not written: make a new one at " + keysURL
	noScope  = "the key or token is right and lacks the permission: make a token with the scope domains.dns:update at " + keysURL
	unknown  = "godaddy does not know this key: copy key and secret again, and note that keys of its test environment (OTE) and of production differ; make one at " + keysURL
	inactive = "godaddy lets nobody edit this domain's records, for the domain is not active"
)

// said is the error body of an answer. Another body says nothing more than the
// status.
func said(a httpapi.Answer) (r refusal) {
	if !a.HTML() {
		_ = json.Unmarshal(a.Body, &r)
	}
	return r
}

// refused is nil for an answer of success, and else what the answer says, by its
// body where it is the API's own.
func (s *session) refused(a httpapi.Answer) *providers.Error {
	e, ok := errors.AsType[*providers.Error](a.Refused())
	if !ok {
		return nil
	}
	r := said(a)
	if a.Status < 500 {
		e.Code, e.Reason = r.judge(e.Code)
	}
	// A write comes after a read that was answered, so the account has access.
	closed := a.Write && e.Reason == providers.ReasonNoAccess
	if closed {
		e.Reason = ""
		if s.token {
			e.Reason = providers.ReasonScope
		}
	}
	if sec := r.RetryAfterSec; sec > 0 && sec < 1e6 {
		e.RetryAfter = max(e.RetryAfter, time.Duration(sec*float64(time.Second)))
	}
	text := e.Err.Error()
	if words := s.words(r); words != "" {
		text += ": " + words
	}
	why := explain(e, r)
	if closed && !s.token { // a pair of key and secret has no scopes
		why = readOnly
	}
	if why != "" {
		text += " (" + why + ")"
	}
	e.Err = errors.New(text)
	return s.clean(e)
}

// judge is what the code of the body says, and otherwise what the status said.
func (r refusal) judge(status providers.Code) (providers.Code, providers.Reason) {
	words := strings.ToLower(r.Code + " " + r.Message)
	switch {
	case r.Code == "DUPLICATE_RECORD": // 422, https://github.com/kubernetes-sigs/external-dns/issues/2467
		return providers.Conflict, ""
	case r.Code == "UNKNOWN_DOMAIN" || r.Code == "INVALID_DOMAIN": // 404, https://github.com/traefik/traefik/issues/6482
		return providers.NoSuchZone, ""
	case r.Code == "INACTIVE_DOMAIN": // https://github.com/rmbolger/Posh-ACME/issues/53
		return providers.AccessDenied, ""
	case status == providers.InvalidCredentials && (strings.Contains(words, "expired") || strings.Contains(words, "revoked")):
		return status, providers.ReasonExpired
	case status == providers.AccessDenied && strings.Contains(words, "scope"):
		return status, providers.ReasonScope
	case status == providers.AccessDenied && r.Code == "ACCESS_DENIED": // 403, https://github.com/jeessy2/ddns-go/issues/1105
		return status, providers.ReasonNoAccess
	}
	return status, ""
}

// explain is what a person can do about it.
func explain(e *providers.Error, r refusal) string {
	switch {
	case r.Code == "INACTIVE_DOMAIN":
		return inactive
	case e.Code == providers.InvalidCredentials:
		return unknown
	case e.Reason == providers.ReasonNoAccess:
		return noAccess
	case e.Reason == providers.ReasonScope:
		return noScope
	}
	return ""
}

// maxWords is how much of the host's words goes into an error, in octets.
const maxWords = 500

// words is what the host said, without the secrets, on one line and not endless.
// It is cut last, lest half a secret be left.
func (s *session) words(r refusal) string {
	parts := []string{r.Code, r.Message}
	for _, f := range r.Fields {
		parts = append(parts, strings.TrimSpace(f.Path+" "+f.Message))
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	text := strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, s.scrub(strings.Join(parts, ": ")))
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}

// header is that of every request.
func (s *session) header() http.Header {
	return http.Header{"Authorization": {s.auth}, "Accept": {"application/json"}}
}
