package namecheap

import (
	"context"
	"encoding/xml"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// The commands of the API. The two for SRV records stand in no documentation:
// Namecheap's support gave them out, and dnscontrol uses them
// (https://github.com/DNSControl/dnscontrol/issues/3680 and pull request 4511).
// What they answer is on record in srv_test.txt of
// https://github.com/willpower232/go-namecheap, the library it uses for them.
const (
	getHosts   = "namecheap.domains.dns.getHosts"
	setHosts   = "namecheap.domains.dns.setHosts"
	getServers = "namecheap.domains.dns.getList"
	getDomains = "namecheap.domains.getList"
	getSRV     = "namecheap.domains.dns.getsrvrecords"
	setSRV     = "namecheap.domains.dns.setsrvrecords"
)

// envelope is every answer of the API. An error is told by Status and Errors,
// with HTTP status 200.
type envelope struct {
	XMLName xml.Name
	Status  string     `xml:"Status,attr"`
	Errors  []apiError `xml:"Errors>Error"`
	Command response   `xml:"CommandResponse"`
}

type apiError struct {
	Number string `xml:"Number,attr"`
	Text   string `xml:",chardata"`
}

// response is what the commands in use answer. Each part is a list, so that
// encoding/xml does not read two of them into one: see only.
type response struct {
	Type    string        `xml:"Type,attr"`
	Hosts   []hostList    `xml:"DomainDNSGetHostsResult"`
	Set     []setResult   `xml:"DomainDNSSetHostsResult"`
	Servers []serverList  `xml:"DomainDNSGetListResult"`
	Domains []domainList  `xml:"DomainGetListResult"`
	Paging  []paging      `xml:"Paging"`
	Results []serviceList `xml:"Result"`
}

// only is the one part of an answer that was asked for. Without it, or with
// several, an answer of success says nothing.
func only[T any](a httpapi.Answer, parts []T, name string) (T, error) {
	if len(parts) == 1 {
		return parts[0], nil
	}
	var none T
	return none, a.Fail(providers.Unavailable, "the answer holds %d times %s, where it must stand once", len(parts), name)
}

// call sends one command. A command that only reads is sent as a form too, so
// that the key stands in no URL.
func (s *session) call(ctx context.Context, command string, params url.Values, write bool) (response, httpapi.Answer, error) {
	form := url.Values{"ApiUser": {s.user}, "ApiKey": {s.key}, "UserName": {s.account}, "ClientIp": {s.ip}, "Command": {command}}
	maps.Copy(form, params)
	a, err := s.api.Send(ctx, httpapi.Request{
		Method: http.MethodPost, Type: "application/x-www-form-urlencoded", Body: []byte(form.Encode()), Write: write,
	})
	if err != nil {
		return response{}, a, err
	}
	var e envelope
	bad := xml.Unmarshal(a.Body, &e)
	if bad == nil && e.XMLName.Local != "ApiResponse" {
		bad = errors.New("no ApiResponse")
	}
	switch {
	case bad == nil && len(e.Errors) > 0:
		return response{}, a, refusal(a, e.Errors)
	case a.Status == http.StatusMethodNotAllowed: // https://github.com/namecheap/terraform-provider-namecheap/pull/310
		return response{}, a, a.Fail(providers.RateLimited, "too many requests (status 405)")
	case a.Status == http.StatusNotFound: // of the API itself: a domain that is not there has an error number
		return response{}, a, a.Fail(providers.Unavailable, "there is no API at this address (status 404)")
	case !a.OK():
		return response{}, a, a.Refused()
	case a.HTML():
		return response{}, a, a.Fail(providers.Unavailable, "the answer is a page of HTML")
	case bad != nil:
		return response{}, a, a.Fail(providers.Unavailable, "the answer is not the XML that was expected: %w", bad)
	case !strings.EqualFold(e.Status, "OK"):
		return response{}, a, a.Fail(providers.Unavailable, "the answer has the status %q and names no error", e.Status)
	}
	return e.Command, a, nil
}
