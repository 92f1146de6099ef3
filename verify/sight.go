package verify

import (
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/zone"
)

// sight is one answer of one server to one question; see Heard.
type sight struct {
	status    Status
	recs      []zone.Record // at the owner: of the type asked for, or what stands in its place
	ttl       uint32        // of recs, or of the negative answer
	denial    uint32        // of the signed proof of a negative answer
	state     State         // where status is Failed
	err       string
	rcode     string
	extended  []uint16
	authority bool
	round     int
	at        float64
	// vague: a referral to servers below, which say themselves what is there,
	// or an answer that contradicts itself. Nothing is proven to be there by
	// it, nor to be gone.
	vague bool
}

// witness is one server and all it answered to one question in one look.
type witness struct {
	server string
	addr   netip.Addr
	port   uint16 // of a resolver
	sights []sight
	told   bool // the delegation says already what is wrong with it
}

// any reports whether one of the answers has that status.
func (w witness) any(status Status) bool {
	return slices.ContainsFunc(w.sights, func(s sight) bool { return s.status == status })
}

// settle is the state of a server that said all this, in that order. One that
// was both right and not right must agree with itself three times again.
func settle(said []State) State {
	const rounds = 3
	right := func(s State) bool { return s == Right }
	wrong := func(s State) bool { return s != Right }
	last := said[max(0, len(said)-rounds):]
	flapped := slices.ContainsFunc(said, right) && slices.ContainsFunc(said, wrong)
	if flapped && (len(last) < rounds || slices.ContainsFunc(last, right) && slices.ContainsFunc(last, wrong)) {
		return Flapping
	}
	return last[len(last)-1]
}

// shown is records as people write them, without owner and TTL.
func shown(recs []zone.Record) []string {
	out := make([]string, len(recs))
	for i, r := range recs {
		out[i] = r.Type + " " + r.Data
	}
	slices.Sort(out)
	return out
}
