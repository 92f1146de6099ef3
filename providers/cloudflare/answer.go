package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
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
		Page  int  `json:"page"`
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
		return envelope{}, s.clean(err)
	}
	var e envelope
	bad := a.JSON(&e)
	switch {
	case bad == nil && len(e.Errors) > 0 && !(a.OK() && e.Success):
		return envelope{}, s.clean(refusal(a, e.Errors))
	case !a.OK():
		return envelope{}, a.Refused()
	case bad != nil:
		return envelope{}, s.clean(bad)
	case !e.Success:
		return envelope{}, a.Fail(providers.Unavailable, "the answer says neither success nor what is wrong")
	}
	return e, nil
}

// clean takes the token out of an error: the text may be the host's.
func (s *session) clean(err error) error {
	e, ok := errors.AsType[*providers.Error](err)
	if !ok {
		e = &providers.Error{Code: providers.Internal, Wrote: providers.WroteUnknown, Err: err}
	}
	if e.Err != nil && strings.Contains(e.Err.Error(), s.token) {
		c := *e
		c.Err = errors.New(strings.ReplaceAll(e.Err.Error(), s.token, "[redacted]"))
		e = &c
	}
	return e
}

// refusal is the error for what the host says is wrong.
func refusal(a httpapi.Answer, errs []apiError) *providers.Error {
	flat := flatten(errs)
	m := meaning(a, flat)
	var text []string
	for _, e := range flat {
		text = append(text, fmt.Sprintf("%s (code %d)", strings.TrimSuffix(printable(e.Message), "."), e.Code))
	}
	e := a.Fail(m.code, "status %d: %s%s", a.Status, strings.Join(text, ", "), m.hint)
	e.Reason = m.reason
	return e
}

// flatten is the errors with what they are explained by: the outer one of such
// a pair says "DNS Validation Error" only.
func flatten(errs []apiError) []apiError {
	var out []apiError
	for _, e := range errs {
		if len(out) < 8 { // of a batch, any may be wrong
			out = append(out, e)
			out = append(out, flatten(e.Chain)...)
		}
	}
	return out
}

// printable is a host's text on one line, of bounded length.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}

const needs = ": the token needs the permissions Zone Read and DNS Edit for this zone"

// sense is what a refusal comes to.
type sense struct {
	code   providers.Code
	reason providers.Reason
	hint   string // advice, to stand behind the host's own words
}

// meaning reads the host's own codes. There is no list of them in the
// documentation; where each was seen is said beside it.
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
		case 83011: // cisagov/manage.get.gov#5244
			return sense{code: providers.Invalid}
		}
		if e.Code >= 9000 && e.Code < 10000 || e.Code == 1004 { // validation: timothymiller/cloudflare-ddns#179
			return sense{code: providers.Invalid}
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
