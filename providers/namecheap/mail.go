package namecheap

import (
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// EmailType is a setting of the zone beside its records: who gets its mail. Two
// values let the owner's records stand (MX, MXE); with three others the host
// serves records of its own; NONE serves none. setHosts sets it anew each time,
// and without it, or with another one than MX, MX records are not stored
// (https://github.com/billputer/go-namecheap/pull/7).
const (
	mailNone = "NONE"
	mailMX   = "MX"
	mailMXE  = "MXE"
)

// metaEmail is the pair of Snapshot.Meta.
const metaEmail = "email_type="

// injectedTTL is shown for the records that the host serves of its own, in
// seconds. No document says what they have; it is the default of setHosts.
const injectedTTL = 1800

// served is what the host answers at the apex for an EmailType, beside the
// records in its list.
//
// FWD: no document of Namecheap's that could be had lists these; they are what
// public inventories of zones with e-mail forwarding show. They are shown to
// plans and never sent: where the host serves others, EmailType alone counts.
// OX: https://www.namecheap.com/support/knowledgebase/article.aspx/1262/2176/.
// GMAIL: https://support.google.com/a/answer/174125.
func served(emailType string) (mx []string, spf string) {
	switch emailType {
	case "FWD":
		return []string{
			"10 eforward1.registrar-servers.com.", "10 eforward2.registrar-servers.com.", "10 eforward3.registrar-servers.com.",
			"15 eforward4.registrar-servers.com.", "20 eforward5.registrar-servers.com.",
		}, "v=spf1 include:spf.efwd.registrar-servers.com ~all"
	case "OX":
		return []string{"10 mx1.privateemail.com.", "10 mx2.privateemail.com."}, "v=spf1 include:spf.privateemail.com ~all"
	case "GMAIL":
		return []string{
			"1 aspmx.l.google.com.", "5 alt1.aspmx.l.google.com.", "5 alt2.aspmx.l.google.com.",
			"10 alt3.aspmx.l.google.com.", "10 alt4.aspmx.l.google.com.",
		}, ""
	}
	return nil, ""
}

// injected is the records that the host serves at the apex and does not list.
// Zones with OX and GMAIL may list their MX records
// (https://github.com/namecheap/go-namecheap-sdk/issues/162): then nothing is
// hidden. An SPF record in the list takes the place of the host's own.
func injected(apex zone.Name, emailType string, listed []zone.Record) []zone.Record {
	at := func(yes func(zone.Record) bool) bool {
		return slices.ContainsFunc(listed, func(r zone.Record) bool { return r.Name == apex && yes(r) })
	}
	if at(func(r zone.Record) bool { return r.Type == "MX" }) {
		return nil
	}
	mx, spf := served(emailType)
	var out []zone.Record
	for _, data := range mx {
		out = append(out, zone.Record{Name: apex, Type: "MX", TTL: injectedTTL, Data: data, Meta: metaInjected + emailType})
	}
	if spf != "" && !at(isSPF) {
		r := zone.NewTXT(apex, injectedTTL, spf)
		r.Meta = metaInjected + emailType
		out = append(out, r)
	}
	return out
}

func isSPF(r zone.Record) bool {
	text := strings.ToLower(r.Text())
	return r.Type == "TXT" && (text == "v=spf1" || strings.HasPrefix(text, "v=spf1 "))
}

// isService reports whether an EmailType is a mail service of the host, known
// here or not.
func isService(emailType string) bool {
	return emailType != mailNone && emailType != mailMX && emailType != mailMXE && emailType != ""
}

// settled refuses a zone whose list holds records that its mail setting does not
// stand for. The host may drop them with this setting, another one would change
// the mail of the zone, and nobody knows which of the two is meant. Zones with OX
// and GMAIL list MX records (https://github.com/namecheap/go-namecheap-sdk/issues/162),
// and so may those with settings that are not known here.
func settled(now string, recs []zone.Record) error {
	if now == "" {
		return refuse(providers.Unavailable, "the host does not say what its mail setting is, and a write would change it")
	}
	for _, r := range recs {
		_, hidden := meta(r.Meta, metaInjected)
		odd := r.Type == "MXE" && now != mailMXE || r.Type == "MX" && !hidden && (now == mailNone || now == mailMXE || now == "FWD")
		if odd {
			return kept(r, "is not what the mail setting "+now+" stands for, and writing the zone may drop it")
		}
	}
	return nil
}

// setting is the EmailType that a zone must have to hold the records.
//
//	before         after                       EmailType
//	FWD            the host's MX as they were  FWD
//	FWD            own MX instead              MX
//	FWD            no MX                       NONE
//	FWD            some of the host's, or more Unsupported
//	MX, NONE       own MX                      MX
//	MX             none                        NONE
//	OX, MX listed  all of them still there     OX
func setting(before zone.Snapshot, after []zone.Record) (string, error) {
	now, _ := meta(before.Meta, metaEmail)
	if err := settled(now, before.Records); err != nil {
		return "", err
	}
	var hidden, listed, own, mxe []zone.Record
	service := "" // whose MX records the zone is to have
	for _, r := range after {
		by, isHidden := meta(r.Meta, metaInjected)
		of, isListed := meta(r.Meta, metaService)
		switch {
		case r.Type == "MXE":
			mxe = append(mxe, r)
		case r.Type != "MX":
		case isHidden:
			service, hidden = by, append(hidden, r)
		case isListed:
			service, listed = of, append(listed, r)
		default:
			own = append(own, r)
		}
	}
	theirs := slices.Concat(hidden, listed)
	stood := ofType(before.Records, "MX")
	whole := stood // what the service's MX records are, and those listed beside below the apex
	if now != service {
		whole = listed // put back: they were listed once
		if len(hidden) > 0 {
			whole = slices.Concat(listed, ofType(injected(before.Zone, service, nil), "MX"))
		}
	}
	switch {
	case len(theirs) > 0 && (len(own)+len(mxe) > 0 || !same(theirs, whole)):
		return "", refuse(providers.Unsupported, "the mail setting of the zone is %s, a service of Namecheap: its MX records stay as they are, or others take the place of all of them", service)
	case len(theirs) > 0:
		return service, nil
	case len(mxe) > 0 && len(own) > 0:
		return "", refuse(providers.Unsupported, "the zone has an MXE record, beside which Namecheap stores no MX records")
	case len(mxe) > 0:
		return mailMXE, nil
	case isService(now) && len(stood) == 0 && len(own) > 0:
		return "", refuse(providers.Unsupported, "the mail setting of the zone is %s, and what Namecheap serves for it is not known here: no MX records can be added", now)
	case len(own) > 0:
		return mailMX, nil
	case len(stood)+len(ofType(before.Records, "MXE")) == 0: // none before, none after
		return now, nil
	}
	return mailNone, nil
}

// mail is the EmailType for the records, and those of them that stand in the
// zone's list.
func mail(before zone.Snapshot, after []zone.Record) (emailType string, list []zone.Record, err error) {
	if emailType, err = setting(before, after); err != nil {
		return "", nil, err
	}
	for _, r := range after {
		by, isInjected := meta(r.Meta, metaInjected)
		switch {
		case !isInjected:
		case r.Type == "MX" || by == emailType: // served by the host
			continue
		default: // what the host no longer serves stands as a record of the zone's own
			r.Meta = ""
		}
		list = append(list, r)
	}
	return emailType, list, shown(before.Zone, emailType, list, after)
}

// shown wants the zone to show just the records of after, with this EmailType
// and this list: the host's own SPF record comes and goes with the zone's.
func shown(apex zone.Name, emailType string, list, after []zone.Record) error {
	plain := func(recs []zone.Record) []zone.Record {
		recs = slices.Clone(recs)
		for i := range recs {
			recs[i].Meta = ""
		}
		return recs
	}
	will, want := plain(slices.Concat(list, injected(apex, emailType, list))), plain(after)
	advice := func(r zone.Record, words string) string {
		if isSPF(r) {
			return words
		}
		return ""
	}
	if more := without(will, want); len(more) > 0 {
		return refuse(providers.Unsupported, "with the mail setting %s, Namecheap would serve %s as well%s", emailType, more[0], advice(more[0], ": put another SPF record in its place"))
	}
	if gone := without(want, will); len(gone) > 0 {
		return refuse(providers.Unsupported, "with the mail setting %s, Namecheap serves %s no longer%s", emailType, gone[0], advice(gone[0], " when the zone has an SPF record of its own: put one in its place"))
	}
	return nil
}

func ofType(recs []zone.Record, typ string) []zone.Record {
	return slices.DeleteFunc(slices.Clone(recs), func(r zone.Record) bool { return r.Type != typ })
}

// without is what a holds more often than b.
func without[T comparable](a, b []T) (more []T) {
	left := map[T]int{}
	for _, v := range b {
		left[v]++
	}
	for _, v := range a {
		if left[v]--; left[v] < 0 {
			more = append(more, v)
		}
	}
	return more
}

// same reports whether the lists hold the same, in whatever order.
func same[T comparable](a, b []T) bool { return len(a) == len(b) && len(without(a, b)) == 0 }
