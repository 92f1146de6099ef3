package providers_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestVersion: a host that compares the version of the zone does not take the
// second write of a run for one that was made from an old reading, and takes the
// first for one where somebody has written since.
func TestVersion(t *testing.T) {
	for _, tt := range []struct {
		name string
		caps providers.Caps
	}{
		{"records", providers.Caps{Grain: providers.GrainRecord}},
		{"sets", providers.Caps{Grain: providers.GrainRRset}},
		{"one transaction", providers.Caps{Grain: providers.GrainBatch}},
		{"several batches", providers.Caps{Grain: providers.GrainBatch, MaxBatch: 2}},
		{"the whole zone", providers.Caps{Grain: providers.GrainZone}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := begin(t, tt.caps, startZone...)
			acct, err := providers.Open(versioned{w.host}, nil, providers.Options{Lost: 1})
			if err != nil {
				t.Fatal(err)
			}
			changes := threeChanges(t)
			if got := acct.Apply(t.Context(), w.zone, changes, &providers.Run{}); states(got) != "applied applied applied" {
				t.Errorf("got %+v", got)
			}
			w.holds(t, changes...)
			theirs := zone.Change{Owner: "their." + apex, Add: recs(t, `their TXT "x"`)}
			got, err := acct.Transact(t.Context(), w.zone, func(zone.Snapshot) ([]zone.Change, *providers.Run, error) {
				if got := w.acct.Apply(t.Context(), w.zone, []zone.Change{theirs}, &providers.Run{}); states(got) != "applied" {
					t.Errorf("theirs: got %+v", got)
				}
				return []zone.Change{{Owner: "late." + apex, Add: recs(t, `late TXT "x"`)}}, &providers.Run{}, nil
			})
			if err != nil || states(got) != "conflict/Conflict" {
				t.Errorf("on an old reading: got %+v, %v; want a conflict", got, err)
			}
			w.holds(t, append(changes, theirs)...)
		})
	}
}

// TestVersionPutBack: what takes a broken swap back is not refused for the
// version that the run itself has made.
func TestVersionPutBack(t *testing.T) {
	w := begin(t, providers.Caps{Grain: providers.GrainRRset}, swapZone...)
	w.host.FailWrite(3, memory.Refused(providers.Invalid))
	acct, err := providers.Open(versioned{w.host}, nil, providers.Options{Lost: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := acct.Apply(t.Context(), w.zone, []zone.Change{toCNAME(t)}, &providers.Run{}); states(got) != "rejected/Invalid" {
		t.Errorf("got %+v, want rejected", got)
	}
	w.holds(t)
}

// versioned is a host that refuses a write which was made from another version
// of the zone than it has, where it is told a version.
type versioned struct{ host *memory.Host }

func (v versioned) Info() providers.Info { return v.host.Driver().Info() }

func (v versioned) Open(c providers.Credentials) (providers.Session, error) {
	s, err := v.host.Driver().Open(c)
	return versionedSession{s, v.host}, err
}

type versionedSession struct {
	providers.Session
	host *memory.Host
}

func (s versionedSession) version() string { return "v" + strconv.Itoa(s.host.Writes()) }

func (s versionedSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	snap, err := s.Session.Read(ctx, z)
	snap.Tag = s.version()
	return snap, err
}

func (s versionedSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	if e.Tag != "" && e.Tag != s.version() {
		return &providers.Error{Code: providers.Conflict, Err: errors.New("412: the zone has version " + s.version() + ", not " + e.Tag)}
	}
	return s.Session.Write(ctx, z, e)
}
