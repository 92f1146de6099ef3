//go:build unix

package verify_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/verify"
)

// lab is real servers: NSD has the zone lab, which delegates each zone below
// it to Knot, the primary, and to another NSD, which takes the zones over from
// Knot. Unbound resolves them: once as everybody runs it, and once serving what
// has expired. Every row of the table has a zone of its own.
type lab struct {
	bin     map[string]string
	parent  *daemon
	primary *daemon
	second  *daemon
	unbound *daemon
	stale   *daemon
	silent  netip.AddrPort
	relays  map[string]*relay // by the name of a zone that both Unbounds ask for through it
}

func (l *lab) reach(a netip.Addr) netip.AddrPort {
	switch a.String() {
	case labAddrs["a.nic"]:
		return l.parent.at
	case labAddrs["ns1"]:
		return l.primary.at
	case labAddrs["ns2"]:
		return l.second.at
	case labAddrs["dead"]:
		return l.silent
	}
	return netip.AddrPort{}
}

// startLab starts all of it and waits until every server answers.
func startLab(t *testing.T, zones []labZone) *lab {
	t.Helper()
	l := &lab{bin: labBinaries(t, "knotd", "nsd", "unbound"), silent: silence(t)}
	for _, d := range []struct {
		name string
		to   **daemon
	}{{"parent", &l.parent}, {"primary", &l.primary}, {"second", &l.second}, {"unbound", &l.unbound}, {"stale", &l.stale}} {
		*d.to = &daemon{name: d.name, dir: t.TempDir(), at: freePort(t)}
	}
	l.relays = make(map[string]*relay)
	for _, z := range zones {
		if z.relayed {
			l.relays[z.name] = newRelay(t, l.primary.at)
		}
	}
	l.startKnot(t, zones)
	l.startNSD(t, zones)
	l.startUnbound(t, zones)
	return l
}

func labFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (l *lab) startKnot(t *testing.T, zones []labZone) {
	t.Helper()
	d := l.primary
	if err := os.Mkdir(filepath.Join(d.dir, "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "server:\n  rundir: %s\n  udp-workers: 1\n  tcp-workers: 2\n  background-workers: 1\n  listen: 127.0.0.1@%d\n", d.dir, d.at.Port())
	fmt.Fprintf(&b, "log:\n  - target: stderr\n    any: warning\ndatabase:\n  storage: %s/db\n", d.dir)
	fmt.Fprintf(&b, "remote:\n  - id: second\n    address: 127.0.0.1@%d\n", l.second.at.Port())
	b.WriteString("acl:\n  - id: all\n    address: 127.0.0.0/8\n    action: [update, transfer]\nzone:\n")
	for _, z := range zones {
		file := labFile(t, d.dir, z.name+".zone", z.String())
		fmt.Fprintf(&b, "  - domain: %s\n    file: %s\n    acl: all\n    zonefile-sync: -1\n    zonefile-load: whole\n", z.apex(), file)
		if z.second == "" {
			b.WriteString("    notify: second\n")
		}
		if z.signed {
			b.WriteString("    dnssec-signing: on\n")
		}
	}
	d.run(t, b.String(), l.bin["knotd"], "-c")
	l.ready(t, d, zones, func(labZone) bool { return true })
}

func (l *lab) startNSD(t *testing.T, zones []labZone) {
	t.Helper()
	conf := func(d *daemon) string {
		return fmt.Sprintf("server:\n  ip-address: 127.0.0.1@%d\n  server-count: 1\n  ip4-only: yes\n  username: \"\"\n  chroot: \"\"\n"+
			"  zonesdir: %[2]q\n  database: \"\"\n  pidfile: \"%[2]s/pid\"\n  xfrdfile: \"%[2]s/xfrd\"\n  zonelistfile: \"%[2]s/list\"\n  xfrdir: %[2]q\n"+
			"  xfrd-reload-timeout: 0\n  rrl-ratelimit: 0\nremote-control:\n  control-enable: no\n", d.at.Port(), d.dir)
	}
	top := "$ORIGIN lab.\n$TTL 300\n@ SOA a.nic hostmaster 1 3600 600 86400 60\n@ NS a.nic\na.nic A " + labAddrs["a.nic"] + "\n"
	second := conf(l.second)
	for _, z := range zones {
		for _, h := range z.servers() {
			top += fmt.Sprintf("%[1]s NS %[2]s.%[1]s\n%[2]s.%[1]s A %[3]s\n", z.name, h, labAddrs[h])
		}
		from := l.primary.at.Port()
		switch z.second {
		case labNothing:
			continue
		case labNoCopy:
			from = l.silent.Port()
		}
		second += fmt.Sprintf("zone:\n  name: %s\n  request-xfr: 127.0.0.1@%d NOKEY\n  allow-notify: 127.0.0.1 NOKEY\n", z.apex(), from)
	}
	l.parent.run(t, conf(l.parent)+"zone:\n  name: lab\n  zonefile: "+labFile(t, l.parent.dir, "lab.zone", top)+"\n", l.bin["nsd"], "-d", "-c")
	l.second.run(t, second, l.bin["nsd"], "-d", "-c")
	l.ready(t, l.parent, []labZone{{name: "nic"}}, func(labZone) bool { return true })
	l.ready(t, l.second, zones, func(z labZone) bool { return z.second == "" || z.second == labUntold })
}

// ready waits until the server answers with authority for its zones.
func (l *lab) ready(t *testing.T, d *daemon, zones []labZone, has func(labZone) bool) {
	t.Helper()
	for _, z := range zones {
		if !has(z) {
			continue
		}
		if err := d.until(string(z.apex()), dns.TypeSOA, func(m *dns.Msg) bool { return m.Authoritative }); err != nil {
			t.Fatal(err)
		}
	}
}

func (l *lab) startUnbound(t *testing.T, zones []labZone) {
	t.Helper()
	conf := func(d *daemon, more string) string {
		return fmt.Sprintf("server:\n  directory: %[2]q\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"%[2]s/pid\"\n  use-syslog: no\n  logfile: \"\"\n"+
			"  interface: 127.0.0.1@%[1]d\n  do-not-query-localhost: no\n  do-ip6: no\n  do-daemonize: no\n  module-config: \"validator iterator\"\n"+
			"  ede: yes\n  aggressive-nsec: yes\n  verbosity: 0\n%[3]s", d.at.Port(), d.dir, more)
	}
	var local, stubs strings.Builder
	// Whatever else it may want to know stays on this machine.
	fmt.Fprintf(&stubs, "stub-zone:\n  name: \".\"\n  stub-addr: 127.0.0.1@%d\n", l.silent.Port())
	for _, z := range zones {
		if z.anchored != "" {
			fmt.Fprintf(&local, "  trust-anchor: %q\n", l.anchor(t, z))
		}
		if z.local != "" {
			fmt.Fprintf(&local, "  local-zone: %q static\n  local-data: %s\n", z.apex().FQDN(), z.local)
			continue
		}
		fmt.Fprintf(&stubs, "stub-zone:\n  name: %q\n", z.apex().FQDN())
		switch {
		case z.relayed:
			fmt.Fprintf(&stubs, "  stub-addr: 127.0.0.1@%d\n", l.relays[z.name].at.Port())
		default:
			fmt.Fprintf(&stubs, "  stub-addr: 127.0.0.1@%d\n", l.primary.at.Port())
		}
	}
	rest := local.String() + "remote-control:\n  control-enable: no\n" + stubs.String()
	l.unbound.run(t, conf(l.unbound, rest), l.bin["unbound"], "-d", "-c")
	l.stale.run(t, conf(l.stale, "  serve-expired: yes\n  ede-serve-expired: yes\n"+rest), l.bin["unbound"], "-d", "-c")
	for _, d := range []*daemon{l.unbound, l.stale} {
		if err := d.until("localhost", dns.TypeA, func(*dns.Msg) bool { return true }); err != nil {
			t.Fatal(err)
		}
	}
}

// anchor is the DS record of the key that Knot made for the zone, or one that
// no key has.
func (l *lab) anchor(t *testing.T, z labZone) string {
	t.Helper()
	m, err := labAsk(l.primary.at, string(z.apex()), dns.TypeDNSKEY)
	if err != nil {
		t.Fatal(err)
	}
	for _, rr := range m.Answer {
		key, ok := rr.(*dns.DNSKEY)
		if !ok || key.Flags&dns.SEP == 0 {
			continue
		}
		ds := key.ToDS(dns.SHA256)
		if z.anchored == "bad" {
			ds.Digest = strings.Repeat("0", len(ds.Digest))
		}
		return fmt.Sprintf("%s DS %d %d %d %s", z.apex().FQDN(), ds.KeyTag, ds.Algorithm, ds.DigestType, ds.Digest)
	}
	t.Fatalf("%s has no key:\n%v\n%s", z.apex(), m, l.primary.log.String())
	return ""
}

// verifier walks from the zone lab.
func (l *lab) verifier(resolvers ...netip.AddrPort) *verify.Verifier {
	return verify.New(verify.Options{Start: []netip.AddrPort{l.parent.at}, Map: l.reach, Resolvers: resolvers})
}
