package namecheap_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/namecheap/namecheaptest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// inMail is a zone with this mail setting.
func inMail(setting string, records ...zone.Record) zone.Snapshot {
	s := zone.NewSnapshot(apex, append(records, rec("@", "A", "192.0.2.10")))
	s.Meta = "email_type=" + setting
	return s
}

// theirs is records that are listed in a zone with this mail service.
func theirs(setting string, recs ...zone.Record) []zone.Record {
	recs = slices.Clone(recs)
	for i := range recs {
		recs[i].Meta = "mail=" + setting
	}
	return recs
}

func remove(recs ...zone.Record) zone.Change { return zone.Change{Owner: recs[0].Name, Remove: recs} }

// TestMail: what the host serves for its mail services is in the zone that is
// read, and a plan keeps it, replaces it as a whole, or is refused.
func TestMail(t *testing.T) {
	own := []zone.Record{rec("@", "MX", "10 mx1.mail.example"), rec("@", "MX", "20 mx2.mail.example")}
	listed := []zone.Record{rec("@", "MX", "10 mx1.privateemail.com"), rec("@", "MX", "10 mx2.privateemail.com")}
	mx := func(s zone.Snapshot) []zone.Record { return s.Set(apex, "MX") }
	spf := func(s zone.Snapshot) []zone.Record {
		return slices.DeleteFunc(slices.Clone(s.Set(apex, "TXT")), func(r zone.Record) bool { return !strings.HasPrefix(r.Text(), "v=spf1") })
	}
	merged := rec("@", "TXT", "v=spf1 include:spf.efwd.registrar-servers.com include:app.example ~all")
	sub := rec("send", "MX", "10 feedback.mail.example")
	mxe := zone.Record{Name: apex, Type: "MXE", TTL: 1800, Data: "192.0.2.25", Opaque: true}
	for _, c := range []struct {
		name    string
		start   zone.Snapshot
		change  func(zone.Snapshot) []zone.Change
		setting string // afterwards; "" where the plan is refused
		mx      int    // MX records at the apex afterwards
	}{
		{"forwarding, and a text elsewhere", inMail("FWD"), func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "FWD", 5},
		{"private e-mail, and a text elsewhere", inMail("OX"), func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "OX", 2},
		{"private e-mail whose MX are listed, and a text elsewhere", inMail("OX", listed...), func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "OX", 2},
		{"Google's mail, and a text elsewhere", inMail("GMAIL"), func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "GMAIL", 5},
		{"no mail, and the first MX", inMail("NONE"), func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: apex, Add: own}} }, "MX", 2},
		{"no mail, and an MX below the apex", inMail("NONE"), func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: sub.Name, Add: []zone.Record{sub}}} }, "MX", 0},
		{"own mail, and the last MX goes", inMail("MX", own...), func(zone.Snapshot) []zone.Change { return []zone.Change{remove(own...)} }, "NONE", 0},
		{"own mail, and one MX goes", inMail("MX", own...), func(zone.Snapshot) []zone.Change { return []zone.Change{remove(own[0])} }, "MX", 1},
		{"forwarding, replaced by own MX", inMail("FWD"), func(s zone.Snapshot) []zone.Change {
			return []zone.Change{{Owner: apex, Remove: append(slices.Clone(mx(s)), spf(s)...), Add: own}}
		}, "MX", 2},
		{"forwarding, replaced by own MX, its SPF record kept", inMail("FWD"), func(s zone.Snapshot) []zone.Change {
			return []zone.Change{{Owner: apex, Remove: mx(s), Add: own}}
		}, "MX", 2},
		{"forwarding ends", inMail("FWD"), func(s zone.Snapshot) []zone.Change {
			return []zone.Change{remove(append(slices.Clone(mx(s)), spf(s)...)...)}
		}, "NONE", 0},
		{"forwarding, its SPF record merged", inMail("FWD"), func(s zone.Snapshot) []zone.Change {
			return []zone.Change{{Owner: apex, Remove: spf(s), Add: []zone.Record{merged}}}
		}, "FWD", 5},
		{"listed private e-mail, replaced", inMail("OX", listed...), func(zone.Snapshot) []zone.Change {
			return []zone.Change{{Owner: apex, Remove: listed, Add: own}}
		}, "MX", 2},
		{"private e-mail, an MX below the apex, and a text elsewhere", inMail("OX", theirs("OX", sub)...), func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "OX", 2},
		{"listed private e-mail, an MX below the apex, and a text elsewhere", inMail("OX", theirs("OX", append(slices.Clone(listed), sub)...)...), func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "OX", 2},
		{"Google's mail, an MX below the apex, and a text elsewhere", inMail("GMAIL", theirs("GMAIL", sub)...), func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "GMAIL", 5},
		{"the MXE record goes", inMail("MXE", mxe), func(zone.Snapshot) []zone.Change { return []zone.Change{remove(mxe)} }, "NONE", 0},
		{"own MX in the place of an MXE record", inMail("MXE", mxe), func(zone.Snapshot) []zone.Change {
			return []zone.Change{{Owner: apex, Remove: []zone.Record{mxe}, Add: own}}
		}, "MX", 2},
		{"forwarding, and a text that begins like an SPF record", inMail("FWD"), func(zone.Snapshot) []zone.Change {
			return []zone.Change{{Owner: apex, Add: []zone.Record{rec("@", "TXT", "v=spf10 of something else")}}}
		}, "FWD", 5},
		{"a mail service that is not known here, and own MX", inMail("BRANDNEW"), func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: apex, Add: own}} }, "", 0},
		{"listed private e-mail, and the MX below the apex goes", inMail("OX", theirs("OX", append(slices.Clone(listed), sub)...)...), func(zone.Snapshot) []zone.Change {
			return []zone.Change{remove(theirs("OX", sub)...)}
		}, "", 2},
		{"forwarding, and own MX beside", inMail("FWD"), func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: apex, Add: own}} }, "", 5},
		{"forwarding, and an MX below the apex", inMail("FWD"), func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: sub.Name, Add: []zone.Record{sub}}} }, "", 5},
		{"forwarding, and one of its MX goes", inMail("FWD"), func(s zone.Snapshot) []zone.Change { return []zone.Change{remove(mx(s)[0])} }, "", 5},
		{"forwarding, and a second SPF record", inMail("FWD"), func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: apex, Add: []zone.Record{merged}}} }, "", 5},
		{"forwarding, and the zone's own SPF record goes", inMail("FWD", merged), func(zone.Snapshot) []zone.Change { return []zone.Change{remove(merged)} }, "", 5},
		{"listed private e-mail, and one MX beside", inMail("OX", listed...), func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: apex, Add: own}} }, "", 2},
		{
			"an MXE record, and own MX beside", inMail("MXE", mxe),
			func(zone.Snapshot) []zone.Change { return []zone.Change{{Owner: apex, Add: own}} }, "", 0,
		},
		{
			"an MXE record, and a text elsewhere", inMail("MXE", mxe),
			func(zone.Snapshot) []zone.Change { return []zone.Change{challengeChange()} }, "MXE", 0,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, namecheaptest.Options{})
			f.Set(c.start)
			acct := account(t, f, providers.Options{})
			before, err := acct.Read(t.Context(), providers.Zone{Apex: apex})
			if err != nil {
				t.Fatal(err)
			}
			if err := same(before, f.Zone(apex)); err != nil {
				t.Fatalf("what is read is not what is served: %v", err)
			}
			changes := c.change(before)
			o := apply(t, acct, changes...)[0]
			got := f.Zone(apex)
			if n := len(mx(got)); n != c.mx {
				t.Errorf("%d MX records, want %d", n, c.mx)
			}
			if c.setting == "" {
				if o.State != providers.Rejected || o.Code != providers.Unsupported || same(got, before) != nil {
					t.Errorf("%s %s %s, %v", o.State, o.Code, o.Detail, same(got, before))
				}
				return
			}
			want := before.With(changes...)
			want.Meta = "email_type=" + c.setting
			if err := same(unmarked(got), unmarked(want)); o.State != providers.Applied || err != nil {
				t.Errorf("%s %s %s: %v", o.State, o.Code, o.Detail, err)
			}
			undo(t, f, acct, before, changes)
		})
	}
}

// undo takes the changes back, and wants the mail to be as it was.
func undo(t *testing.T, f *namecheaptest.Fake, acct *providers.Account, before zone.Snapshot, changes []zone.Change) {
	t.Helper()
	back := zone.Diff(f.Zone(apex), before)
	if o := apply(t, acct, back...); !providers.Done(o) {
		t.Fatalf("taking it back: %+v", o)
	}
	if err := same(f.Zone(apex), before); err != nil {
		t.Errorf("taken back: %v", err)
	}
}

// unmarked is a zone without Meta at its records: an SPF record that the host
// no longer serves is the zone's own.
func unmarked(s zone.Snapshot) zone.Snapshot {
	s.Records = slices.Clone(s.Records)
	for i := range s.Records {
		s.Records[i].Meta = ""
	}
	return s
}
