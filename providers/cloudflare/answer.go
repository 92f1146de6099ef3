package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// envelope is what every answer of the API is wrapped in.
type envelope struct {
	Success bool            `json:"success"`
	Errors  []apiError      `json:"errors"`
	Result  json.RawMessage `json:"result"`
	Info    *struct {
		Page  *int `json:"page"`
		Total *int `json:"total_count"`
	} `json:"result_info"`
}

type apiError struct {
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Chain   []apiError `json:"error_chain"`
}

// get asks for something.
func (s *session) get(ctx context.Context, path string, query url.Values) (envelope, error) {
	return s.send(ctx, httpapi.Request{Method: http.MethodGet, Path: path, Query: query})
}

// send sends a request and unwraps its answer.
func (s *session) send(ctx context.Context, r httpapi.Request) (envelope, error) {
	r.Header = http.Header{"Authorization": {"Bearer " + s.token}, "Accept": {"application/json"}}
	a, err := s.api.Send(ctx, r)
	if err != nil {
		return envelope{}, err
	}
	var e envelope
	bad := a.JSON(&e)
	switch {
	case bad == nil && len(e.Errors) > 0:
		return envelope{}, s.refusal(a, e)
	case !a.OK():
		return envelope{}, a.Refused()
	case bad != nil:
		return envelope{}, bad
	case !e.Success:
		return envelope{}, a.Fail(providers.Unavailable, "the answer says neither success nor what is wrong")
	}
	return e, nil
}

// refusal is the error for what the host says is wrong. An answer that says
// success and errors says nothing that can be relied on.
func (s *session) refusal(a httpapi.Answer, answer envelope) *providers.Error {
	flat := flatten(answer.Errors)
	m := meaning(a, flat)
	if a.OK() && answer.Success {
		m = sense{code: providers.Unavailable, hint: ": the answer says success all the same"}
	}
	var text []string
	for _, e := range flat {
		text = append(text, fmt.Sprintf("%s (code %d)", strings.TrimSuffix(s.quoted(e.Message), "."), e.Code))
	}
	e := a.Fail(m.code, "status %d: %s%s", a.Status, strings.Join(text, ", "), m.hint)
	e.Reason = m.reason
	return e
}

// maxErrors is how many errors of an answer are looked at: of a batch, any
// operation may be wrong.
const maxErrors = 8

// flatten is the errors, each behind what explains it: the outer one of such a
// pair says "DNS Validation Error" only.
func flatten(errs []apiError) []apiError {
	var out []apiError
	for _, e := range errs {
		if len(out) < maxErrors {
			out = append(append(out, flatten(e.Chain)...), e)
		}
	}
	return out[:min(len(out), maxErrors)]
}

const needs = ": the token needs the permissions Zone Read and DNS Edit for this zone"

// sense is what a refusal comes to.
type sense struct {
	code   providers.Code
	reason providers.Reason
	hint   string // advice, to stand behind the host's own words
}

// meaning reads the host's own codes. There is no list of them in the
// documentation; where each was seen is said beside it. Those of values that are
// not valid come with status 400, which says as much: 9005 and its like in a
// chain below 1004 (timothymiller/cloudflare-ddns#179) or alone, and 83011
// (cisagov/manage.get.gov#5244).
func meaning(a httpapi.Answer, errs []apiError) sense {
	byStatus := providers.CodeOf(a.Refused())
	if a.Status == http.StatusTooManyRequests || a.Status >= 500 {
		return sense{code: byStatus}
	}
	for _, e := range errs {
		switch e.Code {
		case 1000, 6003, 6103, 6111, 9106, 9107:
			// 1000: sendmebits/ghostmail-ios#2. 6003, 6111: libdns/cloudflare#12.
			return sense{code: providers.InvalidCredentials}
		case 9109:
			return access(strings.ToLower(e.Message))
		case 10000:
			// Both for a token that is none and for one without the permission:
			// cloudflare/terraform-provider-cloudflare#1533.
			if a.Status == http.StatusUnauthorized {
				return sense{code: providers.InvalidCredentials}
			}
			return sense{providers.AccessDenied, providers.ReasonScope, needs}
		case 1038: // cloudflare/node-cloudflare#99
			return sense{providers.AccessDenied, providers.ReasonNoAccess, ": Cloudflare lets this zone be edited on its own pages only"}
		case 1001, 7000, 7003: // K0p1-Git/cloudflare-ddns-updater#61, cloudflare/terraform-provider-cloudflare#192
			return sense{code: providers.NoSuchZone}
		case 81044: // the record is gone: zanjie1999/cloudflare-api-v4-ddns#5
			return sense{code: providers.Conflict, hint: ": somebody else has changed the zone"}
		case 81053, 81054, 81056, 81057, 81058:
			// Something stands there that cannot stand beside it:
			// favonia/cloudflare-ddns#990, acme-dns/acme-dns#258, jeessy2/ddns-go#1378.
			return sense{code: providers.Conflict}
		case 81045: // js-org/js.org#2873
			return sense{code: providers.Unsupported, hint: ": the zone's plan holds no more records"}
		}
	}
	if byStatus == "" { // a status of success that says it is none
		byStatus = providers.Unavailable
	}
	return sense{code: byStatus}
}

// access reads code 9109, which the API has for several refusals.
func access(text string) sense {
	switch {
	case strings.Contains(text, "location"): // jeessy2/ddns-go#1341
		return sense{providers.AccessDenied, providers.ReasonAddress, ": the token has a filter of client IP addresses that leaves this one out"}
	case strings.Contains(text, "auth failures"): // with the next in the test of Homebrew/homebrew-core's wrangler
		return sense{code: providers.TooManyAttempts}
	case strings.Contains(text, "access token"):
		return sense{code: providers.InvalidCredentials}
	}
	return sense{providers.AccessDenied, providers.ReasonScope, needs}
}
