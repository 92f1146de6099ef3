package cloudflaretest

import (
	"fmt"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// ID is the identifier of a public zone, "" where there is none.
func (f *Fake) ID(apex zone.Name) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.find(apex); h != nil {
		return h.id
	}
	return ""
}

// Identifier is that of a record, "" where there is none.
func (f *Fake) Identifier(apex zone.Name, r zone.Record) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.find(apex); h != nil {
		for _, o := range h.records {
			if o.zone() == r {
				return o.ID
			}
		}
	}
	return ""
}

// Set replaces the records of a zone behind everybody's back, or adds a zone in
// the DefaultAccount. Rules on single records do not hold for it: the host may
// hold what it would not take any more.
func (f *Fake) Set(s zone.Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.find(s.Zone); h != nil {
		f.fill(h, s)
	} else {
		f.put(Zone{Snapshot: s})
	}
	f.serve(s.Zone)
}

// Change edits a zone behind everybody's back, as somebody on the host's own web
// page would. Records that stay keep their identifiers. There must be such a
// zone.
func (f *Fake) Change(apex zone.Name, changes ...zone.Change) {
	f.Set(f.Zone(apex).With(changes...))
}

// Edit changes one record where it stands, under its identifier, as somebody on
// the host's own web page would. The error says that there is no such record.
func (f *Fake) Edit(apex zone.Name, before, after zone.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.find(apex); h != nil {
		for i, r := range h.records {
			if r.zone() == before {
				rec := fromZone(after)
				rec.ID, rec.Created, rec.Modified = r.ID, r.Created, now()
				h.records[i] = rec
				f.serve(apex)
				return nil
			}
		}
	}
	return fmt.Errorf("cloudflaretest: no record %s", before)
}

// Raw puts a record into a zone as the API would show it, a JSON object, for
// what no Snapshot can say: content that no zone text has, or odd spellings. Its
// id is the fake's.
func (f *Fake) Raw(apex zone.Name, object string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.find(apex)
	if h == nil {
		return fmt.Errorf("cloudflaretest: no zone %s", apex.FQDN())
	}
	rec, err := fromJSON(object)
	if err != nil {
		return err
	}
	rec.ID, rec.Created, rec.Modified = f.identifier(), now(), now()
	h.records = append(h.records, rec)
	f.serve(apex)
	return nil
}

// Add adds a zone, or replaces the one of this name in its account.
func (f *Fake) Add(z Zone) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(z)
	f.serve(z.Snapshot.Zone)
}

// Allow replaces the tokens.
func (f *Fake) Allow(tokens ...Token) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opts.Tokens = tokens
}

// Drop removes a zone, as its owner would before adding it anew: then it has
// another identifier.
func (f *Fake) Drop(apex zone.Name) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.zones = slices.DeleteFunc(f.zones, func(h *hosted) bool { return h.apex == apex })
}
