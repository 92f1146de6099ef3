package cloudflare

import (
	"context"
	"net/url"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// recordPage is how many records are asked for at once. The API allows
// 5,000,000 (its schema, dns-records_per_page) and a zone holds 3,500 unless
// Cloudflare raised that (.../dns/manage-dns-records/faq/), so that a zone comes
// on one page and no edit can fall between two.
const recordPage = 5000

// Read is every record of the zone. The API shows neither its SOA record nor
// Cloudflare's own NS records at the apex.
func (s *session) Read(ctx context.Context, z providers.Zone) (snap zone.Snapshot, err error) {
	defer s.clean(&err)
	all, err := s.records(ctx, z, "")
	if err != nil {
		return zone.Snapshot{}, err
	}
	recs := make([]zone.Record, len(all))
	for i, r := range all {
		recs[i] = r.Record
	}
	return zone.NewSnapshot(z.Apex, recs), nil
}

// records is the records at one name, or all where name is empty. Which name it
// is that the host has looked for, is the caller's to judge.
func (s *session) records(ctx context.Context, z providers.Zone, name zone.Name) ([]stored, error) {
	path, err := recordsPath(z)
	if err != nil {
		return nil, err
	}
	q := url.Values{}
	if name != "" {
		q.Set("name.exact", string(name))
	}
	raw, err := s.pages(ctx, path, q, recordPage)
	if err != nil {
		return nil, err
	}
	var out []stored
	for _, r := range raw {
		rec, err := read(r)
		if err != nil {
			return nil, err
		}
		if !rec.Name.Within(z.Apex) {
			return nil, odd("a record is not of the zone")
		}
		out = append(out, rec)
	}
	return out, nil
}

// recordsPath is the resource of a zone's records.
func recordsPath(z providers.Zone) (string, error) {
	if !identifier.MatchString(z.ID) {
		return "", fail(providers.NoSuchZone, "the identifier of %s is none of Cloudflare's: find the zone again", z.Apex.FQDN())
	}
	return "/zones/" + z.ID + "/dns_records", nil
}
