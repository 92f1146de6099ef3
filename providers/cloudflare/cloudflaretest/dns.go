package cloudflaretest

import (
	"net/netip"
	"slices"

	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Bridge serves the zones over DNS, from now on and through every change. It is
// closed with the fake.
func (f *Fake) Bridge() (*httpapitest.Bridge, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.bridge != nil {
		return f.bridge, nil
	}
	var zones []zone.Snapshot
	for _, h := range f.zones {
		if !h.internal() {
			zones = append(zones, f.served(h))
		}
	}
	b, err := httpapitest.StartBridge(NameServers(), zones...)
	f.bridge = b
	return b, err
}

// serve tells the Bridge of a zone that has changed. The caller holds the lock.
func (f *Fake) serve(apex zone.Name) {
	if h := f.find(apex); h != nil && f.bridge != nil {
		f.bridge.Set(f.served(h))
	}
}

// proxies is what a proxied name is answered with: addresses of Cloudflare's
// (https://www.cloudflare.com/ips/), whichever type the record is.
func proxies(n zone.Name) []zone.Record {
	var out []zone.Record
	for _, a := range []string{"104.16.0.1", "172.64.0.1", "2606:4700::6810:1", "2606:4700::ac40:1"} {
		out = append(out, zone.NewAddress(n, autoTTL, netip.MustParseAddr(a)))
	}
	return out
}

// served is a zone as it is answered. One proxied address makes all at its name
// so (.../content/partials/dns/mix-proxied-and-unproxied in cloudflare-docs), a
// CNAME at the apex is flattened (.../dns/cname-flattening/), and an empty TXT is
// not answered (octodns/octodns-cloudflare#73).
func (f *Fake) served(h *hosted) zone.Snapshot {
	proxied := map[zone.Name]bool{}
	for _, r := range h.records {
		if r.Proxied {
			proxied[r.zone().Name] = true
		}
	}
	var out []zone.Record
	done := map[zone.Name]bool{}
	for _, r := range h.records {
		z := r.zone()
		z.Meta = ""
		switch {
		case proxied[z.Name] && (r.Type == "A" || r.Type == "AAAA" || r.Type == "CNAME"):
			if !done[z.Name] {
				done[z.Name] = true
				out = append(out, proxies(z.Name)...)
			}
		case r.Type == "CNAME" && z.Name == h.apex:
			if target, ok := z.Target(); ok {
				out = append(out, f.flatten(z, target, 8)...)
			}
		case r.Type == "TXT" && z.Text() == "", r.Type == "NS" && z.Name == h.apex:
		default:
			out = append(out, z)
		}
	}
	return zone.NewSnapshot(h.apex, out)
}

// flatten is the addresses that a name leads to, as records of the CNAME's owner.
func (f *Fake) flatten(cname zone.Record, target zone.Name, deep int) []zone.Record {
	var out []zone.Record
	for _, a := range f.opts.Addresses[target] {
		out = append(out, zone.NewAddress(cname.Name, cname.TTL, a))
	}
	for _, h := range f.zones {
		for _, r := range h.snapshot().At(target) {
			if a, ok := r.Addr(); ok {
				out = append(out, zone.NewAddress(cname.Name, cname.TTL, a))
			}
			if next, ok := r.Target(); ok && r.Type == "CNAME" && deep > 0 {
				out = append(out, f.flatten(cname, next, deep-1)...)
			}
		}
	}
	return slices.Compact(out)
}
