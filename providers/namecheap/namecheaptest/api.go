package namecheaptest

import (
	"crypto/subtle"
	"encoding/xml"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
)

// command is the Command of a request, "" where there is none.
func command(r *http.Request) string {
	if r.ParseForm() != nil {
		return ""
	}
	return r.Form.Get("Command")
}

// refusal is an error number with its text.
type refusal struct {
	XMLName xml.Name `xml:"Error"`
	Number  string   `xml:"Number,attr"`
	Text    string   `xml:",chardata"`
}

func refuse(number, text string) *refusal { return &refusal{Number: number, Text: text} }

// serve answers one request, by GET or POST, as
// https://www.namecheap.com/support/api/global-parameters/ has it. Errors come
// with status 200. Parameters that no command knows are ignored.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/xml.response" {
		http.NotFound(w, r)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	acc, bad := f.caller(r.Form)
	if bad == nil && !f.inTime(acc) {
		http.Error(w, "<html><body>405 - HTTP verb used to access this page is not allowed.</body></html>", http.StatusMethodNotAllowed)
		return
	}
	var result any
	name := r.Form.Get("Command")
	if bad == nil {
		result, bad = f.run(acc, name, r.Form)
	}
	write(w, name, result, bad)
}

// caller is the account that asks. An address that is not allowed is told it.
func (f *Fake) caller(q url.Values) (*account, *refusal) {
	for _, p := range []struct{ name, number string }{{"ApiUser", "1010101"}, {"ApiKey", "1010102"}, {"UserName", "1010103"}, {"Command", "1010104"}, {"ClientIp", "1010105"}} {
		if q.Get(p.name) == "" {
			return nil, refuse(p.number, "Parameter "+p.name+" is missing")
		}
	}
	if a, err := netip.ParseAddr(q.Get("ClientIp")); err != nil || !a.Is4() {
		return nil, refuse("1011105", "Parameter ClientIP is invalid")
	}
	for _, a := range f.accounts {
		if a.User != q.Get("ApiUser") || subtle.ConstantTimeCompare([]byte(a.Key), []byte(q.Get("ApiKey"))) == 0 {
			continue
		}
		switch {
		case a.Off:
			return nil, refuse("1011102", "API Key is invalid or API access has not been enabled")
		case !slices.Contains(a.Allowed, q.Get("ClientIp")):
			return nil, refuse("1011150", "Invalid request IP: "+q.Get("ClientIp"))
		case !slices.ContainsFunc(f.accounts, func(o *account) bool { return o.User == q.Get("UserName") }):
			return nil, refuse("1019103", "Parameter UserName is not available")
		case q.Get("UserName") != a.User:
			return nil, refuse("1016103", "Parameter UserName is unauthorized")
		}
		return a, nil
	}
	return nil, refuse("1011102", "API Key is invalid or API access has not been enabled")
}

// inTime counts a request against the limit.
func (f *Fake) inTime(a *account) bool {
	if f.opts.PerMinute == 0 {
		return true
	}
	now := time.Now()
	a.calls = slices.DeleteFunc(a.calls, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	if len(a.calls) >= f.opts.PerMinute {
		return false
	}
	a.calls = append(a.calls, now)
	return true
}

func (f *Fake) run(acc *account, name string, q url.Values) (any, *refusal) {
	switch name {
	case "namecheap.domains.getList":
		return acc.list(q)
	case "namecheap.domains.getTldList":
		return f.tlds(), nil
	}
	commands := map[string]func(*domain, url.Values) (any, *refusal){
		"namecheap.domains.dns.getList":       f.servers,
		"namecheap.domains.dns.getHosts":      f.getHosts,
		"namecheap.domains.dns.setHosts":      f.setHosts,
		"namecheap.domains.dns.getsrvrecords": f.getSRV,
		"namecheap.domains.dns.setsrvrecords": f.setSRV,
	}
	do := commands[name]
	if do == nil || f.opts.NoSRV && strings.HasSuffix(name, "srvrecords") {
		return nil, refuse("1011104", "Parameter Command is invalid")
	}
	// https://www.namecheap.com/support/api/methods/domains-dns/get-hosts/: SLD of
	// at most 70 characters and TLD of at most 10, though longer TLDs are sold.
	if q.Get("SLD") == "" || q.Get("TLD") == "" || len(q.Get("SLD")) > 70 {
		return nil, refuse("2030166", "Domain is invalid")
	}
	apex := zone.Name(strings.ToLower(q.Get("SLD") + "." + q.Get("TLD")))
	d := acc.zones[apex]
	if d == nil {
		if owner, _ := f.find(apex); owner != nil {
			return nil, refuse("2016166", "Domain is not associated with your account")
		}
		return nil, refuse("2019166", "Domain name not found")
	}
	// Whether the API finds a domain that is cut elsewhere than before its TLD is
	// not documented, so that nobody may rely on it.
	if !f.cutsAt(string(apex), strings.ToLower(q.Get("TLD"))) {
		return nil, refuse("2030166", "Domain is invalid")
	}
	if d.elsewhere && name != "namecheap.domains.dns.getList" {
		return nil, refuse("2030288", "Cannot complete this command as this domain is not using proper DNS servers")
	}
	return do(d, q)
}

// write sends the answer in its envelope.
func write(w http.ResponseWriter, name string, result any, bad *refusal) {
	type commandResponse struct {
		Type   string `xml:"Type,attr"`
		Result any
	}
	e := struct {
		XMLName         xml.Name         `xml:"ApiResponse"`
		Space           string           `xml:"xmlns,attr"`
		Status          string           `xml:"Status,attr"`
		Errors          []*refusal       `xml:"Errors>Error"`
		Warnings        string           `xml:"Warnings"`
		Command         string           `xml:"RequestedCommand"`
		CommandResponse *commandResponse `xml:"CommandResponse"`
		Server          string           `xml:"Server"`
		Difference      string           `xml:"GMTTimeDifference"`
		Time            string           `xml:"ExecutionTime"`
	}{Space: "http://api.namecheap.com/xml.response", Status: "OK", Command: name, Server: "FAKE01", Difference: "--5:00", Time: "0.01"}
	if bad != nil {
		e.Status, e.Errors = "ERROR", []*refusal{bad}
	} else {
		e.CommandResponse = &commandResponse{Type: name, Result: result}
	}
	body, err := xml.Marshal(e)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(append([]byte(xml.Header), body...))
}
