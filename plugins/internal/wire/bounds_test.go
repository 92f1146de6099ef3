package wire

import (
	"errors"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestManyTinyParts: what an answer takes in this program is bounded, and not
// only its octets on the wire.
func TestManyTinyParts(t *testing.T) {
	const each = 4000
	z := &Zone{Apex: "a"}
	zones := &ListResponse{Zones: make([]*Zone, each)}
	records := &ReadResponse{Records: make([]*Record, each)}
	names := &ReadResponse{Names: make([]string, each)}
	for i := range each {
		zones.Zones[i], records.Records[i], names.Names[i] = z, &Record{}, "a"
	}
	cases := []struct {
		name string
		most int // entries that are taken
		run  func(take func() error) error
	}{
		{"zones", maxList / 500, func(take func() error) error {
			_, err := parted(func() (*ListResponse, error) { return zones, nil }, maxList, func(*ListResponse) (uint64, error) { return 0, take() })
			return err
		}},
		{"records", maxZone / 250, func(take func() error) error {
			_, err := parted(func() (*ReadResponse, error) { return records, nil }, maxZone, func(*ReadResponse) (uint64, error) { return 0, take() })
			return err
		}},
		{"names", maxZone / 60, func(take func() error) error {
			_, err := parted(func() (*ReadResponse, error) { return names, nil }, maxZone, func(*ReadResponse) (uint64, error) { return 0, take() })
			return err
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			enough, taken := errors.New("enough"), 0
			err := c.run(func() error {
				if taken += each; taken > c.most {
					return enough
				}
				return nil
			})
			if taken > c.most || !strings.Contains(err.Error(), "more than") {
				t.Errorf("%d entries were taken, want %d at most: %v", taken, c.most, err)
			}
		})
	}
}

// TestUnsendable: what cannot be written down was not sent.
func TestUnsendable(t *testing.T) {
	c := serving(t, fake{})
	edit := zone.Edit{After: []zone.Record{{Name: apex, Type: "\xff", TTL: 1, Data: "x"}}}
	err := c.Write(t.Context(), nil, someZone, edit)
	e, _ := errors.AsType[*providers.Error](err)
	if e == nil || e.Code != providers.Invalid || e.Wrote != providers.WroteNo {
		t.Errorf("got %+v, want Invalid, and Wrote no", e)
	}
}

// TestLongErrors: no text of a plugin is longer than anybody reads.
func TestLongErrors(t *testing.T) {
	long := strings.Repeat("e", 1<<20)
	for _, code := range []providers.Code{providers.Challenge, "Unheard"} {
		e := errorFrom(&Error{Code: string(code), Text: long, Reason: long, Prompt: long}, false)
		if n := len(e.Error()) + len(e.Prompt) + len(e.Reason); n > 4*maxText {
			t.Errorf("%s: its texts have %d octets", code, n)
		}
	}
}
