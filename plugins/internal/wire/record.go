package wire

import (
	"fmt"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

func recordTo(r zone.Record) *Record {
	return &Record{Name: string(r.Name), Type: r.Type, Ttl: r.TTL, Data: []byte(r.Data), Opaque: r.Opaque, Meta: []byte(r.Meta)}
}

func recordFrom(r *Record) zone.Record {
	return zone.Record{
		Name: zone.Name(r.GetName()), Type: r.GetType(), TTL: r.GetTtl(),
		Data: string(r.GetData()), Opaque: r.GetOpaque(), Meta: string(r.GetMeta()),
	}
}

func editTo(e zone.Edit) *Edit {
	return &Edit{
		Before: each(e.Before, recordTo), After: each(e.After, recordTo), Absent: each(e.Absent, keyTo),
		Meta: []byte(e.Meta), Tag: []byte(e.Tag),
	}
}

func editFrom(e *Edit) zone.Edit {
	return zone.Edit{
		Before: each(e.GetBefore(), recordFrom), After: each(e.GetAfter(), recordFrom), Absent: each(e.GetAbsent(), keyFrom),
		Meta: string(e.GetMeta()), Tag: string(e.GetTag()),
	}
}

func keyTo(k zone.Key) *Key   { return &Key{Name: string(k.Name), Type: k.Type} }
func keyFrom(k *Key) zone.Key { return zone.Key{Name: zone.Name(k.GetName()), Type: k.GetType()} }

func zoneTo(z providers.Zone) *Zone {
	return &Zone{Id: []byte(z.ID), Apex: string(z.Apex), NameServers: each(z.NameServers, nameTo), Caps: capsTo(z.Caps)}
}

func zoneFrom(z *Zone) providers.Zone {
	return providers.Zone{ID: string(z.GetId()), Apex: zone.Name(z.GetApex()), NameServers: each(z.GetNameServers(), nameFrom), Caps: capsFrom(z.GetCaps())}
}

func nameTo(n zone.Name) string   { return string(n) }
func nameFrom(n string) zone.Name { return zone.Name(n) }

// each translates a list; one without elements is nil on either side.
func each[A, B any](list []A, f func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}

// checkZone says what is wrong with a zone that a plugin names.
func checkZone(z providers.Zone) error {
	if n, err := zone.ParseName(string(z.Apex)); err != nil || n != z.Apex {
		return fmt.Errorf("the plugin names a zone %.80q, which is no canonical name", string(z.Apex))
	}
	for _, ns := range z.NameServers {
		if n, err := zone.ParseName(string(ns)); err != nil || n != ns {
			return fmt.Errorf("the plugin names a name server %.80q, which is no canonical name", string(ns))
		}
	}
	return checkCaps(z.Caps)
}

// checkRecord says what is wrong with a record that a plugin shows of a zone.
// Data that is not canonical is made so, or opaque, by the snapshot.
func checkRecord(r zone.Record, apex zone.Name) error {
	n, err := zone.ParseName(string(r.Name))
	switch {
	case err != nil || n != r.Name:
		return fmt.Errorf("the plugin shows a record at %.80q, which is no canonical name", string(r.Name))
	case !r.Name.Within(apex):
		return fmt.Errorf("the plugin shows a record at %s, which is outside the zone %s", r.Name, apex)
	case r.Type == "" || zone.CanonicalType(r.Type) != r.Type:
		return fmt.Errorf("the plugin shows a record at %s of the type %.40q, which is none", r.Name, r.Type)
	}
	return nil
}
