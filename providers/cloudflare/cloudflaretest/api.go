package cloudflaretest

import (
	"encoding/json"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// envelope is what every answer is wrapped in.
type envelope struct {
	Success  bool       `json:"success"`
	Errors   []apiError `json:"errors"`
	Messages []any      `json:"messages"`
	Result   any        `json:"result"`
	Info     *pageInfo  `json:"result_info,omitempty"`
}

type apiError struct {
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Chain   []apiError `json:"error_chain,omitempty"`
}

type pageInfo struct {
	Page    int `json:"page"`
	PerPage int `json:"per_page"`
	Count   int `json:"count"`
	Total   int `json:"total_count"`
	Pages   int `json:"total_pages"`
}

// refusal is an answer that says no.
type refusal struct {
	status int
	err    apiError
}

func message(code int, text string) apiError { return apiError{Code: code, Message: text} }

func chained(code int, text string, inner int, why string) apiError {
	return apiError{Code: code, Message: text, Chain: []apiError{message(inner, why)}}
}

func refuse(status int, err apiError) *refusal { return &refusal{status, err} }

// invalid is a value that is not allowed. Such errors have come both ways, in a
// chain (timothymiller/cloudflare-ddns#179) and by themselves
// (yulewang/cloudflare-api-v4-ddns#16).
func invalid(code int, text string) *refusal {
	return refuse(http.StatusBadRequest, message(code, text))
}

// maxBody is the longest request, in octets. What the real one is, is not
// documented.
const maxBody = 8 << 20

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := envelope{Success: true, Errors: []apiError{}, Messages: []any{}}
	status := http.StatusOK
	t, no := f.authenticate(r)
	if no == nil {
		no = f.limited(w, t)
	}
	if no == nil {
		e.Result, e.Info, no = f.route(t, r)
	}
	if no != nil {
		e, status = envelope{Errors: []apiError{no.err}, Messages: []any{}}, no.status
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e)
}

// route leads a request to what it asks for.
func (f *Fake) route(t Token, r *http.Request) (any, *pageInfo, *refusal) {
	path, ours := strings.CutPrefix(r.URL.Path, prefix+"/")
	parts := strings.Split(path, "/")
	lost := refuse(http.StatusNotFound, message(7003, "Could not route to "+r.URL.Path+", perhaps your object identifier is invalid?"))
	get := r.Method == http.MethodGet
	switch {
	case !ours:
		return nil, nil, lost
	case get && path == "user/tokens/verify":
		out, no := f.verify(t, "")
		return out, nil, no
	case get && len(parts) == 4 && parts[0] == "accounts" && strings.HasSuffix(path, "/tokens/verify"):
		out, no := f.verify(t, parts[1])
		return out, nil, no
	case get && path == "zones":
		return f.listZones(t, r.URL.Query())
	case parts[0] != "zones" || len(parts) < 2:
		return nil, nil, lost
	}
	h := f.byID(parts[1])
	switch {
	case h == nil: // a well-formed identifier of no zone: gardener/external-dns-management#428
		return nil, nil, lost
	case !t.reaches(h):
		return nil, nil, refuse(http.StatusForbidden, message(10000, "Authentication error"))
	case get && len(parts) == 2:
		return f.describe(t, h), nil, nil
	case len(parts) > 2 && parts[2] == "dns_records":
		return f.recordRoute(t, h, parts[3:], r)
	}
	return nil, nil, lost
}

// recordRoute is the requests about records of a zone. One without the
// permission is told 10000 (cloudflare/cloudflare-docs dns/manage-dns-records/faq).
func (f *Fake) recordRoute(t Token, h *hosted, rest []string, r *http.Request) (any, *pageInfo, *refusal) {
	get := r.Method == http.MethodGet
	if t.NoDNS || !t.edits(h) && !get {
		return nil, nil, refuse(http.StatusForbidden, message(10000, "Authentication error"))
	}
	if get && len(rest) == 0 {
		return f.listRecords(h, r.URL.Query())
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, nil, refuse(http.StatusBadRequest, message(9207, "Request body is invalid."))
	}
	if typ, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); len(body) > 0 && typ != "application/json" {
		return nil, nil, refuse(http.StatusUnsupportedMediaType, message(9207, "Request body is invalid.")) // what the real one says is not documented
	}
	if !get && h.Type == "secondary" {
		return nil, nil, refuse(http.StatusForbidden, message(10000, "Authentication error")) // the real code is not documented
	}
	tx := f.begin(h)
	var out any
	var no *refusal
	switch {
	case r.Method == http.MethodPost && len(rest) == 0:
		out, no = tx.post(body)
	case r.Method == http.MethodPost && len(rest) == 1 && rest[0] == "batch":
		out, no = tx.batch(body)
	case len(rest) != 1:
		no = refuse(http.StatusNotFound, message(7003, "Could not route to "+r.URL.Path+", perhaps your object identifier is invalid?"))
	case get:
		out, no = tx.get(rest[0])
	case r.Method == http.MethodPatch:
		out, no = tx.patch(rest[0], body)
	case r.Method == http.MethodPut:
		out, no = tx.put(rest[0], body)
	case r.Method == http.MethodDelete:
		out, no = tx.delete(rest[0])
	default:
		no = refuse(http.StatusMethodNotAllowed, message(10405, "Method not allowed for this authentication scheme"))
	}
	if no == nil && !get {
		tx.commit()
	}
	return out, nil, no
}

// page cuts a list to the page that is asked for. least is the smallest page and
// most the largest; a number out of these is refused.
func page[T any](q url.Values, list []T, usual, least, most, limit int) ([]T, *pageInfo, *refusal) {
	number := func(key string, usual, least, most int) (int, bool) {
		if q.Get(key) == "" {
			return usual, true
		}
		n, err := strconv.Atoi(q.Get(key))
		return n, err == nil && n >= least && n <= most
	}
	n, ok := number("page", 1, 1, math.MaxInt32)
	size, fine := number("per_page", usual, least, most)
	if !ok || !fine {
		return nil, nil, refuse(http.StatusBadRequest, message(1004, "page or per_page is out of range")) // the real text is not documented
	}
	if limit > 0 {
		size = min(size, limit)
	}
	from := min((n-1)*size, len(list))
	cut := list[from:min(from+size, len(list))]
	return cut, &pageInfo{Page: n, PerPage: size, Count: len(cut), Total: len(list), Pages: (len(list) + size - 1) / size}, nil
}
