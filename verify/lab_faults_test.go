//go:build unix

package verify_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

func explained(m *dns.Msg, code uint16) bool {
	opt := m.IsEdns0()
	return opt != nil && slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool {
		e, ok := o.(*dns.EDNS0_EDE)
		return ok && e.InfoCode == code
	})
}

// runsOut follows the resolver until it has the token, which it must not have
// before the time that the look gave. Unbound counts in whole seconds, so it
// has it within one second after, and the time that the look itself took.
func runsOut(t *testing.T, l *lab, token zone.Record, took time.Duration, r verify.Report) {
	t.Helper()
	until := r.Records[0].Resolvers[0].Until
	for {
		asked := time.Now()
		has := labHas(hear(t, l.unbound.at, token), token)
		told := time.Now()
		switch {
		case has && told.Before(until):
			t.Errorf("the resolver has it %v before the predicted time", until.Sub(told))
		case !has && asked.After(until.Add(time.Second+took)):
			t.Errorf("the resolver has it not yet %v after the predicted time", asked.Sub(until))
		}
		if has || t.Failed() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// look runs the row until the machine was quick enough for it.
func (row labRow) look(t *testing.T, l *lab) {
	t.Helper()
	const tries = 5
	for try := 1; try <= tries; try++ {
		token := zone.NewTXT(zone.Name(fmt.Sprintf("_t%d.", try))+row.zone.apex(), 60, "new")
		if row.zone.text != "" && strings.HasPrefix(row.zone.text, "_t ") {
			token.Name = "_t." + row.zone.apex()
		}
		if row.first != "" {
			// As short as the look allows, so that it has run out soon.
			write(t, l, row.zone, zone.NewTXT(token.Name, 4, row.first))
		}
		planted := time.Now()
		if row.plant != nil {
			row.plant(t, l, row.zone, token)
		}
		e := verify.Expect{Record: token}
		if row.expect != nil {
			e = row.expect(token)
		}
		var views []netip.AddrPort
		if row.view != nil {
			views = append(views, row.view(l))
		}
		began := time.Now()
		r, err := l.verifier(views...).Check(t.Context(), verify.Request{Expect: []verify.Expect{e}})
		ended := time.Now()
		if err != nil {
			t.Fatal(err)
		}
		if row.within > 0 && ended.Sub(planted) >= row.within {
			continue
		}
		for _, trouble := range compare(r, row.want, row.codes, row.also) {
			t.Error(trouble)
		}
		if row.after != nil && !t.Failed() {
			row.after(t, l, token, ended.Sub(began), r)
		}
		if t.Failed() {
			t.Logf("report: %s", dump(r))
		}
		return
	}
	t.Skipf("no try of %d was quick enough on this machine", tries)
}

// TestLabFaults is the fault table against real servers: Knot, NSD and Unbound
// have no part in how we read the standards.
func TestLabFaults(t *testing.T) {
	t.Parallel()
	rows := labRows()
	zones := make([]labZone, len(rows))
	for i, row := range rows {
		zones[i] = row.zone
	}
	l := startLab(t, zones)
	right := make([]bool, len(rows)+1)
	var wg sync.WaitGroup
	for i, row := range rows {
		wg.Go(func() { // all at once: most of their time is waiting
			right[i] = t.Run(row.name, func(t *testing.T) { row.look(t, l) })
		})
	}
	wg.Wait()
	// Last, the secondary of all zones ends.
	right[len(rows)] = t.Run("NS_DEAD ended", func(t *testing.T) {
		l.second.end()
		row := rows[slices.IndexFunc(rows, func(r labRow) bool { return r.name == "healthy" })]
		row.want, row.codes = verify.Propagated, []verify.Code{verify.CodeDead}
		row.plant = func(t *testing.T, l *lab, z labZone, token zone.Record) { t.Helper(); l.put(t, z, token) }
		row.look(t, l)
	})
	n := 0
	for _, ok := range right {
		if ok {
			n++
		}
	}
	fmt.Printf("lab faults: %d/%d\n", n, len(right))
}
