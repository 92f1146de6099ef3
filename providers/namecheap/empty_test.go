package namecheap_test

import (
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestEmptyTwice: the API answers a list without hosts as success, twice, to the
// plan and to the write. No record is lost.
func TestEmptyTwice(t *testing.T) {
	bare := inMail("NONE", rec("www", "A", "192.0.2.1"))
	for _, c := range []struct {
		setting string
		zone    zone.Snapshot
	}{
		{"MX", zone.NewSnapshot(apex, mailZone())},
		{"MXE", inMail("MXE", zone.Record{Name: apex, Type: "MXE", TTL: 1800, Data: "192.0.2.25", Opaque: true})},
		{"NONE", bare},
		{"FWD", inMail("FWD", rec("www", "A", "192.0.2.1"))},
		{"OX", inMail("OX", rec("www", "A", "192.0.2.1"))},
	} {
		t.Run(c.setting, func(t *testing.T) {
			f := start(t, namecheaptest.Options{})
			f.Set(c.zone)
			before := f.Zone(apex)
			nothing := hostsAnswer(hostsOf(c.setting, ""))
			f.FailNext(2, nothing)
			f.FailNext(4, nothing)
			o := apply(t, account(t, f, providers.Options{}), challengeChange())[0]
			if lost := missing(before, f.Zone(apex)); lost != "" {
				t.Errorf("%s %s, and lost: %s", o.State, o.Detail, lost)
			}
			if (c.setting == "NONE" || c.setting == "FWD" || c.setting == "OX") && (o.State != providers.Conflicts || !strings.Contains(o.Detail, "empty")) {
				t.Errorf("%s %s", o.State, o.Detail)
			}
		})
	}
	t.Run("another mail setting, the third time", func(t *testing.T) {
		f := start(t, namecheaptest.Options{})
		f.Set(bare)
		for n, setting := range map[int]string{2: "NONE", 4: "NONE", 5: "FWD"} {
			f.FailNext(n, hostsAnswer(hostsOf(setting, "")))
		}
		if err := refused(t, f, account(t, f, providers.Options{}), providers.Conflicts, providers.Conflict, challengeChange()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a zone that is empty", func(t *testing.T) {
		f := start(t, namecheaptest.Options{})
		if err := becomes(t, f, account(t, f, providers.Options{}), challengeChange()); err != nil {
			t.Error(err)
		}
	})
}

// TestMailSettingChanged: a mail setting that somebody has changed since the plan
// was made is a conflict, though the records are as they were.
func TestMailSettingChanged(t *testing.T) {
	f := start(t, namecheaptest.Options{})
	one := rec("www", "A", "192.0.2.1")
	f.Set(inMail("NONE", one))
	reads := 0
	onCommand(f, getHosts, func() {
		if reads++; reads == 2 {
			f.Set(inMail("BRANDNEW", one))
		}
	})
	o := apply(t, account(t, f, providers.Options{}), challengeChange())[0]
	if o.State != providers.Conflicts || f.Writes() != 0 || f.Zone(apex).Meta != "email_type=BRANDNEW" {
		t.Errorf("%s %s, %s", o.State, o.Detail, f.Zone(apex).Meta)
	}
}
