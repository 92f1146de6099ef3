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

// response is what the commands in use answer. A part that is missing is nil.
type response struct {
	Hosts *hostList `xml:"DomainDNSGetHostsResult"`
	Set   *struct {
		Domain    string `xml:"Domain,attr"`
		IsSuccess string `xml:"IsSuccess,attr"`
	} `xml:"DomainDNSSetHostsResult"`
	Servers *serverList `xml:"DomainDNSGetListResult"`
	Domains *struct {
		Domain []struct {
			Name     string `xml:"Name,attr"`
			IsOurDNS string `xml:"IsOurDNS,attr"`
		} `xml:"Domain"`
	} `xml:"DomainGetListResult"`
	Paging struct {
		TotalItems *int `xml:"TotalItems"`
	} `xml:"Paging"`
	Inner []byte `xml:",innerxml"`
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
		return response{}, a, s.refusal(a, e.Errors)
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

// incomplete is an answer of success that lacks what was asked for.
func incomplete(a httpapi.Answer, what string) error {
	return a.Fail(providers.Unavailable, "the answer holds no %s", what)
}
