package verify

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/providers/zone"
)

// classify is nil for a reply that leads on: a referral downwards, or an
// answer with authority. Otherwise it says what is wrong with the server.
func classify(r reply, asked, at zone.Name) error {
	if r.rcode != "NOERROR" && r.rcode != "NXDOMAIN" {
		return errors.New(strings.TrimSpace(r.rcode + " " + r.why))
	}
	if _, ok := referral(r, asked, at); ok {
		return nil
	}
	if !r.aa {
		for _, ns := range r.authority {
			if ns.Type == "NS" {
				return fmt.Errorf("refers to %s instead of answering", ns.Name.FQDN())
			}
		}
		return errors.New("answers without authority")
	}
	for _, rec := range slices.Concat(r.answer, r.authority) {
		if rec.Type == "SOA" && asked.Within(rec.Name) && !rec.Name.Within(at) {
			return fmt.Errorf("answers from %s: it does not have %s", rec.Name.FQDN(), at.FQDN())
		}
	}
	return nil
}

// referral is the zone that r refers to, if it is on the way from at to asked.
func referral(r reply, asked, at zone.Name) (owner zone.Name, ok bool) {
	if r.rcode != "NOERROR" || len(r.answer) > 0 {
		return "", false
	}
	for _, rec := range r.authority {
		switch {
		case rec.Type == "SOA":
			return "", false
		case rec.Type == "NS" && asked.Within(rec.Name) && rec.Name.Below(at):
			owner, ok = rec.Name, true
		}
	}
	return owner, ok
}

// soaOwner is the owner of the SOA in an answer about asked.
func soaOwner(r reply, asked, at zone.Name) (zone.Name, bool) {
	for _, rec := range r.answer {
		if rec.Type == "SOA" && rec.Name == asked {
			return asked, true
		}
	}
	if len(r.answer) > 0 {
		return "", false // a CNAME: the SOA that follows is of its target
	}
	for _, rec := range r.authority {
		if rec.Type == "SOA" && asked.Within(rec.Name) && rec.Name.Within(at) {
			return rec.Name, true
		}
	}
	return "", false
}

func ofType(recs []zone.Record, owner zone.Name, typ string) []zone.Record {
	var out []zone.Record
	for _, r := range recs {
		if r.Name == owner && r.Type == typ {
			out = append(out, r)
		}
	}
	return out
}

func addresses(recs []zone.Record, host zone.Name) []netip.Addr {
	var out []netip.Addr
	for _, r := range recs {
		if a, ok := r.Addr(); ok && r.Name == host && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
