package godaddytest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// reply is an error of the API: {"code": …, "message": …}, and with it fields or
// retryAfterSec.
type reply struct {
	status int

	Code          string  `json:"code"`
	Fields        []field `json:"fields,omitempty"`
	Message       string  `json:"message"`
	RetryAfterSec int     `json:"retryAfterSec,omitempty"`
}

type field struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Path    string `json:"path"`
}

func (e *reply) send(w http.ResponseWriter) { send(w, e.status, e) }

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // into memory
}

// denied is https://github.com/jeessy2/ddns-go/issues/1105.
func denied() *reply {
	return &reply{status: 403, Code: "ACCESS_DENIED", Message: "Authenticated user is not allowed access"}
}

func noResource() *reply {
	return &reply{status: 404, Code: "NOT_FOUND", Message: "Resource not found"}
}

// noDomain is https://github.com/traefik/traefik/issues/6482.
func noDomain() *reply {
	return &reply{status: 404, Code: "UNKNOWN_DOMAIN", Message: "The given domain is not registered, or does not have a zone file"}
}

// inactive is said of name servers in https://github.com/rmbolger/Posh-ACME/issues/53.
func inactive() *reply {
	return &reply{status: 409, Code: "INACTIVE_DOMAIN", Message: "The given domain is not eligible to have its records changed"}
}

// serve is the API. Everything but the reading of the body is done under the
// lock, so a write lands whole or not at all.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	var path []string
	for p := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/") {
		if s, err := url.PathUnescape(p); err == nil {
			path = append(path, s)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	acct, err := f.authenticate(r)
	if err == nil {
		err = f.throttle(acct, r, path)
	}
	if err != nil {
		err.send(w)
		return
	}
	if len(path) < 2 || path[0] != "v1" || path[1] != "domains" {
		noResource().send(w)
		return
	}
	path = path[2:]
	if acct.Access == Closed || acct.Access == RecordsOnly && len(path) < 2 || acct.Access == ReadOnly && r.Method != http.MethodGet {
		denied().send(w)
		return
	}
	switch {
	case len(path) == 0 && r.Method == http.MethodGet:
		f.list(w, r, acct)
	case len(path) == 1 && r.Method == http.MethodGet:
		f.details(w, acct, path[0])
	case len(path) >= 2 && len(path) <= 4 && path[1] == "records":
		f.records(w, r, acct, path[0], path[2:])
	default:
		noResource().send(w)
	}
}

// authenticate tells who asks. The words are those of clients' reports:
// https://github.com/acmesh-official/acme.sh/issues/1514 and the like.
func (f *Fake) authenticate(r *http.Request) (Account, *reply) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	key, secret, pair := strings.Cut(token, ":")
	switch {
	case scheme == "":
		return Account{}, &reply{status: 401, Code: "MISSING_CREDENTIALS", Message: "Unauthorized : Credentials must be specified"}
	case scheme == "sso-key" && !pair || scheme != "sso-key" && scheme != "Bearer" || token == "":
		return Account{}, &reply{status: 401, Code: "MALFORMED_CREDENTIALS", Message: "Unauthorized : Malformed credentials"}
	}
	for _, a := range f.opts.Accounts {
		if scheme == "sso-key" && a.Key != "" && a.Key == key && a.Secret == secret || scheme == "Bearer" && a.Token != "" && a.Token == token {
			return a, nil
		}
	}
	return Account{}, &reply{status: 401, Code: "UNABLE_TO_AUTHENTICATE", Message: "Unauthorized : Could not authenticate API key/secret"}
}

// throttle allows so many requests a minute for each endpoint, "60 requests per
// minute" of https://developer.godaddy.com/getstarted, and says in the body when
// to come again.
func (f *Fake) throttle(a Account, r *http.Request, path []string) *reply {
	limit := f.opts.Rate
	if limit < 0 {
		return nil
	}
	if limit == 0 {
		limit = 60
	}
	shape := slices.Clone(path)
	for i := range shape {
		if i == 2 || i > 3 { // the domain, type and name are parameters
			shape[i] = "{}"
		}
	}
	endpoint := a.Key + a.Token + " " + r.Method + " " + strings.Join(shape, "/")
	now := time.Now()
	recent := slices.DeleteFunc(f.sent[endpoint], func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	if len(recent) >= limit {
		f.sent[endpoint] = recent
		wait := recent[0].Add(time.Minute).Sub(now)
		return &reply{
			status: 429, Code: "TOO_MANY_REQUESTS", Message: "Too many requests received within interval",
			RetryAfterSec: int((wait + time.Second - 1) / time.Second),
		}
	}
	f.sent[endpoint] = append(recent, now)
	return nil
}

// held is the domain, where the account has it.
func (f *Fake) held(a Account, name string) (zone.Name, *domain) {
	apex := zone.Name(strings.ToLower(name))
	d := f.domains[apex]
	if d == nil || a.Zones != nil && !slices.Contains(a.Zones, apex) {
		return apex, nil
	}
	return apex, d
}
