package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// fail is an error after which nothing was written.
func fail(code providers.Code, format string, args ...any) *providers.Error {
	return &providers.Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// refusal is the API's error: {"error": {"code", "message"}}.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// said is what the body of an answer says; nothing where it is not the API's.
func said(a httpapi.Answer) refusal {
	var body struct {
		Error refusal `json:"error"`
	}
	_ = json.Unmarshal(a.Body, &body) // a page of a proxy says nothing
	return body.Error
}

// refused is nil for an answer of success, and else why not. Refused of httpapi
// knows the statuses, Retry-After and what a write may have done; the API's own
// codes say more than 401 and 403 do.
func (s *session) refused(a httpapi.Answer) *providers.Error {
	e, ok := errors.AsType[*providers.Error](a.Refused())
	if !ok {
		return nil
	}
	r := said(a)
	advice := ""
	if a.Status < 500 {
		switch r.Code {
		case "token_missing", "token_unknown":
			advice = "copy the token again, or make one at " + tokensURL
		case "token_expired":
			e.Reason, advice = providers.ReasonExpired, "make another token at "+tokensURL
		case "scope_missing":
			e.Reason, advice = providers.ReasonScope, "make a token with the scopes dns:read and dns:write at "+tokensURL
		case "address_not_allowed":
			e.Reason, advice = providers.ReasonAddress, "allow this address at "+tokensURL
		case "plan_without_api":
			e.Reason, advice = providers.ReasonNoAccess, "set the records by hand"
		}
	}
	text := e.Err.Error()
	if words := s.words(r); words != "" {
		text += ": " + words
	}
	if advice != "" {
		text += " (" + advice + ")"
	}
	e.Err = errors.New(text)
	return e
}

// maxWords is how much of the host's words goes into an error, in octets.
const maxWords = 300

// words is what the host said, on one line, without the token, which hosts
// repeat. It is cut last: half a token is found nowhere.
func (s *session) words(r refusal) string {
	text := strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, s.creds.Redact(fields(), strings.Trim(r.Code+": "+r.Message, ": ")))
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "") + "…"
	}
	return text
}
