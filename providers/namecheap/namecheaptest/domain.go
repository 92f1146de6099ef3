package namecheaptest

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// domain is a zone as the host stores it.
type domain struct {
	apex      zone.Name
	hosts     []host
	services  []service
	emailType string
	elsewhere bool
}

// host is one record. Type and Address are the API's: "URL301".
type host struct {
	ID      int
	Name    string // relative, lower case, "@" for the apex
	Type    string
	Address string
	MXPref  string
	TTL     string
	Active  bool
	Dynamic bool
}

// service is one SRV record, in a list of its own.
type service struct {
	Service, Protocol, Priority, Weight, Port, Target string
	Off                                               bool
}

// metaOf is the value of one pair of a Meta.
func metaOf(meta, key string) string {
	for pair := range strings.FieldsSeq(meta) {
		if k, v, _ := strings.Cut(pair, "="); k == key {
			return v
		}
	}
	return ""
}

// store is a snapshot as the host stores it. The caller holds the lock, or is
// the only one.
func (f *Fake) store(s zone.Snapshot) *domain {
	d := &domain{apex: s.Zone, emailType: metaOf(s.Meta, "email_type")}
	mx, mxe, service := false, false, ""
	for _, r := range zone.NewSnapshot(s.Zone, s.Records).Records {
		switch by := metaOf(r.Meta, "injected"); {
		case r.Type == "SOA" && r.Name == s.Zone, r.Type == "NS" && r.Name == s.Zone:
		case by != "":
			service = by
		case r.Type == "MX" && metaOf(r.Meta, "mail") != "" && d.emailType == "":
			d.emailType = metaOf(r.Meta, "mail")
			d.hosts = append(d.hosts, asHost(r, s.Zone))
		case r.Type == "SRV":
			d.services = append(d.services, asService(r, s.Zone))
		default:
			mx, mxe = mx || r.Type == "MX", mxe || r.Type == "MXE"
			f.hostID++
			h := asHost(r, s.Zone)
			h.ID = f.hostID
			d.hosts = append(d.hosts, h)
		}
	}
	switch {
	case d.emailType == "" && service != "":
		d.emailType = service
	case mxe:
		d.emailType = "MXE"
	case (d.emailType == "" || d.emailType == "NONE") && mx:
		d.emailType = "MX"
	case d.emailType == "":
		d.emailType = "NONE"
	}
	return d
}

func asHost(r zone.Record, apex zone.Name) host {
	h := host{
		Name: r.Name.Rel(apex), Type: r.Type, Address: r.Data, MXPref: "10", TTL: strconv.FormatUint(uint64(r.TTL), 10),
		Active: metaOf(r.Meta, "active") != "false", Dynamic: metaOf(r.Meta, "ddns") == "true",
	}
	switch {
	case r.Type == "MX":
		h.MXPref, h.Address, _ = strings.Cut(r.Data, " ")
	case r.Type == "TXT" && !r.Opaque:
		h.Address = r.Text()
	case r.Type == zone.TypeRedirect:
		kind, target, _ := strings.Cut(r.Data, " ")
		h.Type, h.Address = map[string]string{"301": "URL301", "302": "URL", "frame": "FRAME"}[kind], target
	}
	return h
}

func asService(r zone.Record, apex zone.Name) service {
	f := append(strings.Fields(r.Data), "", "", "", "")
	v := service{Priority: f[0], Weight: f[1], Port: f[2], Target: f[3], Off: metaOf(r.Meta, "active") == "false"}
	v.Service, v.Protocol, _ = strings.Cut(r.Name.Rel(apex), ".")
	return v
}

// snapshot is the zone as it is held and served.
func (d *domain) snapshot() zone.Snapshot {
	var recs []zone.Record
	spf, mx := false, false
	for _, h := range d.hosts {
		r := h.record(d.apex)
		if r.Type == "MX" && slices.Contains([]string{"FWD", "OX", "GMAIL"}, d.emailType) {
			r.Meta = strings.TrimSpace(r.Meta + " mail=" + d.emailType)
		}
		recs = append(recs, r)
		spf = spf || h.Name == "@" && h.Type == "TXT" && strings.HasPrefix(strings.ToLower(h.Address)+" ", "v=spf1 ") // RFC 7208 section 4.5
		mx = mx || h.Name == "@" && h.Type == "MX"
	}
	for _, v := range d.services {
		marks := "list=srv"
		if v.Off {
			marks = "active=false list=srv"
		}
		recs = append(recs, zone.Record{
			Name: zone.Name(v.Service + "." + v.Protocol + "." + string(d.apex)), Type: "SRV", TTL: 1799,
			Data: strings.Join([]string{v.Priority, v.Weight, v.Port, v.Target}, " "), Meta: marks,
		})
	}
	if !mx {
		recs = append(recs, d.mail(!spf)...)
	}
	s := zone.NewSnapshot(d.apex, recs)
	s.Meta = "email_type=" + d.emailType
	return s
}

// record is one host as a record.
func (h host) record(apex zone.Name) zone.Record {
	ttl, _ := strconv.ParseUint(h.TTL, 10, 32)
	name := apex
	if h.Name != "@" {
		name = zone.Name(strings.ToLower(h.Name) + "." + string(apex))
	}
	r := zone.Record{Name: name, Type: h.Type, TTL: uint32(ttl), Data: h.Address}
	switch h.Type {
	case "MX":
		r.Data = h.MXPref + " " + h.Address
	case "TXT":
		r.Data = zone.QuoteText(h.Address)
	case "URL301":
		r.Type, r.Data = zone.TypeRedirect, "301 "+h.Address
	case "URL":
		r.Type, r.Data = zone.TypeRedirect, "302 "+h.Address
	case "FRAME":
		r.Type, r.Data = zone.TypeRedirect, "frame "+h.Address
	case "A", "AAAA", "CNAME", "NS", "CAA", "ALIAS":
	default:
		r.Opaque = true
	}
	switch {
	case !h.Active && h.Dynamic:
		r.Meta = "active=false ddns=true"
	case !h.Active:
		r.Meta = "active=false"
	case h.Dynamic:
		r.Meta = "ddns=true"
	}
	return r
}

// mail is what the host serves for a mail setting and does not list, with the
// values that zones with each setting show in DNS. TTLs are 1800 seconds.
func (d *domain) mail(withSPF bool) []zone.Record {
	var mx []string
	spf := ""
	switch d.emailType {
	case "FWD":
		for i, pref := range []string{"10", "10", "10", "15", "20"} {
			mx = append(mx, pref+" eforward"+strconv.Itoa(i+1)+".registrar-servers.com.")
		}
		spf = "v=spf1 include:spf.efwd.registrar-servers.com ~all"
	case "OX": // https://www.namecheap.com/support/knowledgebase/article.aspx/1262/2176/
		mx = []string{"10 mx1.privateemail.com.", "10 mx2.privateemail.com."}
		spf = "v=spf1 include:spf.privateemail.com ~all"
	case "GMAIL": // https://support.google.com/a/answer/174125
		mx = []string{
			"1 aspmx.l.google.com.", "5 alt1.aspmx.l.google.com.", "5 alt2.aspmx.l.google.com.",
			"10 alt3.aspmx.l.google.com.", "10 alt4.aspmx.l.google.com.",
		}
	}
	var out []zone.Record
	for _, data := range mx {
		out = append(out, zone.Record{Name: d.apex, Type: "MX", TTL: 1800, Data: data, Meta: "injected=" + d.emailType})
	}
	if spf != "" && withSPF {
		r := zone.NewTXT(d.apex, 1800, spf)
		r.Meta = "injected=" + d.emailType
		out = append(out, r)
	}
	return out
}

// redirector stands for the host's web servers that answer for redirects, in a
// network for documentation (RFC 5737).
const redirector = "192.0.2.80"

// served is the zone as the name servers answer it: no records that are switched
// off, and an address where the host redirects.
func (d *domain) served() zone.Snapshot {
	s := d.snapshot()
	var recs []zone.Record
	for _, r := range s.Records {
		switch {
		case metaOf(r.Meta, "active") == "false":
			continue
		case r.Type == zone.TypeRedirect:
			r = zone.NewAddress(r.Name, r.TTL, netip.MustParseAddr(redirector))
		}
		recs = append(recs, r)
	}
	s.Records = zone.NewSnapshot(d.apex, recs).Records
	return s
}
