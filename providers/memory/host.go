package memory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Options of a Host. The zero value is a host of grain RRset without zones.
type Options struct {
	ID          string          // of Info; empty: "memory"
	Name        string          // of Info; empty: "Memory"
	NameServers []string        // of Info: patterns of the host's name servers
	Caps        providers.Caps  // of every zone; Grain empty: RRset
	Token       string          // the credential "token" that sessions must hold; empty: none is asked for
	Zones       []zone.Snapshot // what the host holds at first
	ClampTTL    bool            // a TTL that Caps do not allow is changed to the nearest one, not refused
	// File keeps the zones as JSON, replaced as a whole at each write. A file
	// that is there already wins over Zones. One that cannot be read or
	// written fails every operation with Internal.
	File string
}

func (o Options) caps() providers.Caps {
	c := o.Caps
	c.Grain = cmp.Or(c.Grain, providers.GrainRRset)
	return c
}

func (o Options) info() providers.Info {
	i := providers.Info{
		ID:          cmp.Or(o.ID, "memory"),
		Name:        cmp.Or(o.Name, "Memory"),
		NameServers: o.NameServers,
		Caps:        o.caps(),
	}
	if o.Token != "" {
		i.Fields = []providers.Field{{Name: "token", Label: "Token", Secret: true}}
	}
	return i
}

// Host is the fake host. All methods may be called from any goroutine.
type Host struct {
	opts Options

	mu        sync.Mutex
	zones     map[zone.Name]*state
	broken    error // why File cannot be used
	writes    int
	fault     Fault
	readFault Fault
	script    map[int]Fault // by number of write
	hooks     Hooks
}

// state is one zone. A write shows in reads only after the settle time, so
// the versions before it are kept until then.
type state struct {
	now zone.Snapshot
	old []version // by time
}

type version struct {
	until time.Time
	snap  zone.Snapshot
}

// New makes a host.
func New(o Options) *Host {
	h := &Host{opts: o, zones: map[zone.Name]*state{}, script: map[int]Fault{}}
	for _, s := range o.Zones {
		h.put(s)
	}
	if o.File != "" {
		h.broken = h.load()
	}
	return h
}

// put keeps the zone in canonical form. The caller holds the lock.
func (h *Host) put(s zone.Snapshot) {
	tag := s.Tag
	if tag == "" {
		tag = "1"
	}
	meta := s.Meta
	s = zone.NewSnapshot(s.Zone, s.Records)
	s.Meta, s.Tag = meta, tag
	h.zones[s.Zone] = &state{now: s}
}

// Driver is the driver for this host.
func (h *Host) Driver() Driver { return Driver{Host: h} }

// Zone is the zone as the host holds it now, settled or not. The zero Snapshot
// says that there is no such zone.
func (h *Host) Zone(apex zone.Name) zone.Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	if z := h.zones[apex]; z != nil {
		return z.now
	}
	return zone.Snapshot{}
}

// Set replaces a zone, or adds one, behind everybody's back. It shows at once.
func (h *Host) Set(s zone.Snapshot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if z := h.zones[s.Zone]; z != nil {
		s.Tag = bump(z.now.Tag)
	}
	h.put(s)
	h.broken = cmp.Or(h.broken, h.save())
}

// Change edits a zone behind everybody's back, as somebody on the host's own
// web page would. It shows at once.
func (h *Host) Change(apex zone.Name, changes ...zone.Change) {
	h.Set(h.Zone(apex).With(changes...))
}

// Writes is how many writes have reached the host.
func (h *Host) Writes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.writes
}

// read is the zone as a reader sees it.
func (h *Host) read(apex zone.Name) (zone.Snapshot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	z, err := h.find(apex)
	if err != nil {
		return zone.Snapshot{}, err
	}
	now := time.Now()
	for _, v := range z.old {
		if now.Before(v.until) {
			return v.snap, nil
		}
	}
	return z.now, nil
}

// find is the zone for a session. The caller holds the lock.
func (h *Host) find(apex zone.Name) (*state, error) {
	if h.broken != nil {
		return nil, refuse(providers.Internal, "%w", h.broken)
	}
	z := h.zones[apex]
	if z == nil {
		return nil, refuse(providers.NoSuchZone, "no zone %s", apex.FQDN())
	}
	return z, nil
}

// land makes the edit, wholly or not at all.
func (h *Host) land(apex zone.Name, e zone.Edit) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	z, err := h.find(apex)
	if err != nil {
		return err
	}
	after, err := h.opts.edited(z.now, e)
	if err != nil {
		return err
	}
	if slices.Equal(after.Records, z.now.Records) && after.Meta == z.now.Meta {
		return nil
	}
	before := *z
	now := time.Now()
	z.old = slices.DeleteFunc(slices.Clone(z.old), func(v version) bool { return !now.Before(v.until) })
	if d := h.opts.Caps.Settle; d > 0 {
		z.old = append(z.old, version{until: now.Add(d), snap: z.now})
	}
	z.now = bumpSerial(after)
	z.now.Tag = bump(before.now.Tag)
	if err := h.save(); err != nil {
		*z = before
		return refuse(providers.Internal, "%w", err)
	}
	return nil
}

// bump is the next version of a zone.
func bump(tag string) string {
	n, _ := strconv.ParseUint(tag, 10, 64) // a foreign tag starts anew
	return strconv.FormatUint(n+1, 10)
}

// bumpSerial is the zone with the next serial, where it shows an SOA record:
// the host keeps that record itself.
func bumpSerial(s zone.Snapshot) zone.Snapshot {
	s.Records = slices.Clone(s.Records)
	for i, r := range s.Records {
		if f := strings.Fields(r.Data); r.Type == "SOA" && r.Name == s.Zone && len(f) == 7 {
			n, _ := strconv.ParseUint(f[2], 10, 32) // canonical, so a number
			f[2] = strconv.FormatUint(uint64(max(uint32(n)+1, 1)), 10)
			s.Records[i].Data = strings.Join(f, " ")
		}
	}
	return s
}
