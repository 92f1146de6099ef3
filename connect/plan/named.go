package plan

import (
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// few is how many hosts are looked for one by one before an index is made.
const few = 8

// named is the records of the zone as it is that name a host of it as their
// target and break if it goes elsewhere: mail, name servers, services.
func (b *builder) named(host zone.Name) []zone.Record {
	if b.lookedFor++; b.lookedFor > few {
		b.indexTargets()
		if !b.targets[host] {
			return nil
		}
	}
	var out []zone.Record
	for i := range b.req.Snapshot.Records {
		if r := &b.req.Snapshot.Records[i]; needsHost(r) && lastName(r.Data) == host {
			out = append(out, *r)
		}
	}
	return out
}

func (b *builder) indexTargets() {
	if b.targets != nil {
		return
	}
	b.targets = map[zone.Name]bool{}
	for i := range b.req.Snapshot.Records {
		if r := &b.req.Snapshot.Records[i]; needsHost(r) {
			b.targets[lastName(r.Data)] = true
		}
	}
}

func needsHost(r *zone.Record) bool {
	return (r.Type == "MX" || r.Type == "NS" || r.Type == "SRV") && !r.Opaque
}

// lastName is the name that canonical data ends in.
func lastName(data string) zone.Name {
	return zone.Name(strings.TrimSuffix(data[strings.LastIndexByte(data, ' ')+1:], "."))
}

// checkSenders warns where an SPF record of the domain names a host that goes
// elsewhere.
func (b *builder) checkSenders(host zone.Name) {
	if b.senders == nil {
		b.senders = map[zone.Name]zone.Name{}
		for _, owner := range []zone.Name{b.req.Domain, b.req.Snapshot.Zone} {
			for _, r := range only(b.req.Snapshot.At(owner), looksSPF) {
				for term := range strings.FieldsSeq(strings.ToLower(r.Text())) {
					if name, ok := strings.CutPrefix(strings.TrimLeft(term, "+-~?"), "a:"); ok {
						b.senders[zone.Name(strings.TrimSuffix(name, "."))] = owner
					}
				}
			}
		}
	}
	if owner, ok := b.senders[host]; ok {
		b.warn("sender-moves", host, "the SPF record at %s lets %s send mail by its addresses, which change", owner.FQDN(), host.FQDN())
	}
}
