package godaddy_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libdns/libdns"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/godaddy"
	"github.com/mooring-dns/mooring/providers/godaddy/godaddytest"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestDefects shows each defect of the upstream module, and that this driver
// does not have it.
func TestDefects(t *testing.T) {
	for _, d := range defects() {
		t.Run(d.id, func(t *testing.T) {
			half := func(kind string, run func(world) string) (wrong string) {
				t.Run(kind, func(t *testing.T) {
					fake := start(t, godaddytest.Options{Zones: []zone.Snapshot{site()}})
					module, out := bare(t, fake)
					wrong = run(world{t, fake, module, out})
				})
				return wrong
			}
			verdict := func(wrong string) string {
				if wrong == "" {
					return "PASS"
				}
				return "FAIL"
			}
			b, g := half("bare", d.bare), half("guarded", d.guarded)
			fmt.Printf("%-4s %s: bare %s  guarded %s\n", d.id, d.words, verdict(b), verdict(g))
			if b == "" {
				t.Error("the bare module does not show the defect any more")
			} else {
				t.Logf("bare: %s", b)
			}
			if g != "" {
				t.Errorf("guarded: %s", g)
			}
		})
	}
}

// defect is one of the upstream module. Each half is what went wrong, "" for
// nothing.
type defect struct {
	id, words     string
	bare, guarded func(w world) string
}

func defects() []defect {
	return []defect{
		{
			"G1", "adding one value replaces the RRset",
			func(w world) string {
				_, _ = w.module.AppendRecords(w.Context(), apex.FQDN(), plain(txt("@", "mine")))
				return w.lost()
			},
			func(w world) string { return w.applied(zone.Change{Owner: apex, Add: []zone.Record{txt("@", "mine")}}) },
		},
		{
			"G2", "of two values of one call the last remains, and both are reported",
			func(w world) string {
				got, err := w.module.SetRecords(w.Context(), apex.FQDN(), plain(txt("new", "one"), txt("new", "two")))
				if set := w.fake.Zone(apex).Set(name("new"), "TXT"); len(got) == 2 && err == nil && len(set) != 2 {
					return fmt.Sprintf("2 reported, %d stand", len(set))
				}
				return ""
			},
			func(w world) string {
				return w.applied(zone.Change{Owner: name("new"), Add: []zone.Record{txt("new", "one"), txt("new", "two")}})
			},
		},
		{
			"G3", "the zone's own name becomes no name, and the write is one of the whole type, which the host's schema alone refuses",
			func(w world) string {
				var paths []string
				w.fake.SetHook(func(r *http.Request) { paths = append(paths, r.Method+" "+r.URL.Path) })
				_, err := w.module.AppendRecords(w.Context(), apex.FQDN(), []libdns.Record{libdns.RR{Name: apex.FQDN(), Type: "TXT", Data: "mine", TTL: time.Hour}})
				if err != nil && slices.Equal(paths, []string{"PUT /v1/domains/customer.example/records/TXT/"}) {
					return paths[0]
				}
				return ""
			},
			func(w world) string {
				owner, err := zone.Abs(apex.FQDN(), apex)
				if err != nil {
					return err.Error()
				}
				return w.applied(zone.Change{Owner: owner, Add: []zone.Record{zone.NewTXT(owner, 3600, "mine")}})
			},
		},
		{
			"G4", "deleting a value that is not there deletes the RRset",
			func(w world) string {
				_, _ = w.module.DeleteRecords(w.Context(), apex.FQDN(), plain(rec("www", "A", "192.0.2.99")))
				return w.lost()
			},
			func(w world) string {
				c := zone.Change{Owner: name("www"), Remove: []zone.Record{rec("www", "A", "192.0.2.1")}}
				if wrong := w.applied(c); wrong != "" {
					return wrong
				}
				before := w.fake.Zone(apex)
				o := w.account().Apply(w.Context(), providers.Zone{Apex: apex, Caps: godaddy.Driver{}.Info().Caps}, []zone.Change{c}, &providers.Run{})
				if o[0].State != providers.Unchanged {
					return fmt.Sprintf("the second time it is %s", o[0].State)
				}
				return differ(w.fake.Zone(apex), before)
			},
		},
		{
			"G5", "deleting two values of one RRset deletes it twice, and the second fails",
			func(w world) string {
				_, err := w.module.DeleteRecords(w.Context(), apex.FQDN(), plain(rec("www", "A", "192.0.2.1"), rec("www", "A", "192.0.2.2")))
				if err != nil && len(w.fake.Zone(apex).Set(name("www"), "A")) == 0 {
					return "an error, and both are gone"
				}
				return ""
			},
			func(w world) string {
				return w.applied(zone.Change{Owner: name("www"), Remove: []zone.Record{rec("www", "A", "192.0.2.1"), rec("www", "A", "192.0.2.2")}})
			},
		},
		{
			"G6", "MX records have no priority, neither written nor read",
			func(w world) string {
				_, err := w.module.AppendRecords(w.Context(), apex.FQDN(), []libdns.Record{libdns.MX{Name: "m", TTL: time.Hour, Preference: 5, Target: "mx.mail.example"}})
				recs, _ := w.module.GetRecords(w.Context(), apex.FQDN())
				for _, r := range recs {
					if _, bad := r.RR().Parse(); r.RR().Type == "MX" && bad != nil && err != nil {
						return "not written: " + err.Error()[:40] + "…; not read: " + bad.Error()
					}
				}
				return ""
			},
			func(w world) string {
				got, err := w.account().Read(w.Context(), providers.Zone{Apex: apex})
				if err != nil || !slices.Equal(got.Set(apex, "MX"), site().Set(apex, "MX")) {
					return fmt.Sprintf("%v %v", got.Set(apex, "MX"), err)
				}
				return w.applied(zone.Change{Owner: name("m"), Add: []zone.Record{rec("m", "MX", "0 mx.mail.example"), rec("m", "MX", "5 mx.mail.example")}})
			},
		},
		{
			"G7", "records are read untyped",
			func(w world) string {
				recs, _ := w.module.GetRecords(w.Context(), apex.FQDN())
				for _, r := range recs {
					if _, untyped := r.(libdns.RR); !untyped {
						return ""
					}
				}
				return fmt.Sprintf("%d records, each a libdns.RR", len(recs))
			},
			func(w world) string {
				got, err := w.account().Read(w.Context(), providers.Zone{Apex: apex})
				if err != nil {
					return err.Error()
				}
				for _, r := range got.Records {
					if _, err := r.RR(); err != nil {
						return err.Error()
					}
				}
				return differ(got, w.fake.Zone(apex))
			},
		},
		{
			"G8", "the context is ignored, and the write lands after its end",
			func(w world) string {
				w.fake.FailWrite(1, httpapitest.Fault{Delay: 200 * time.Millisecond})
				ctx, cancel := context.WithTimeout(w.Context(), time.Millisecond)
				defer cancel()
				_, err := w.module.AppendRecords(ctx, apex.FQDN(), plain(txt("late", "mine")))
				if err == nil && ctx.Err() != nil && len(w.fake.Zone(apex).At(name("late"))) > 0 {
					return "no error, and it stands"
				}
				return ""
			},
			func(w world) string {
				s, err := godaddy.Driver{Endpoint: w.fake.URL()}.Open(w.fake.Credentials())
				if err != nil {
					return err.Error()
				}
				ctx, cancel := context.WithCancel(w.Context())
				defer cancel()
				w.fake.FailWrite(1, httpapitest.Fault{Delay: time.Hour})
				requests := w.fake.Requests()
				time.AfterFunc(time.Millisecond, func() {
					for w.fake.Requests() < requests+2 { // until the write is there
						time.Sleep(time.Millisecond)
					}
					cancel()
				})
				err = s.Write(ctx, providers.Zone{Apex: apex}, zone.Edit{After: []zone.Record{txt("late", "mine")}})
				e, ok := errors.AsType[*providers.Error](err)
				if !ok || e.Code != providers.Timeout || e.Wrote != providers.WroteUnknown || len(w.fake.Zone(apex).At(name("late"))) > 0 {
					return fmt.Sprintf("%v", err)
				}
				return ""
			},
		},
		{
			"G9", "a TTL below 600 is raised without a word",
			func(w world) string {
				r := txt("ttl", "mine")
				r.TTL = 300
				_, err := w.module.AppendRecords(w.Context(), apex.FQDN(), plain(r))
				if set := w.fake.Zone(apex).At(r.Name); err == nil && len(set) == 1 && set[0].TTL != 300 {
					return fmt.Sprintf("300 became %d", set[0].TTL)
				}
				return ""
			},
			func(w world) string {
				r := txt("ttl", "mine")
				r.TTL = 300
				return w.refused(providers.Invalid, zone.Change{Owner: r.Name, Add: []zone.Record{r}})
			},
		},
		{
			"G10", "pages are numbered where the API may count records: some are missing and most come twice",
			func(w world) string {
				fake := long(w.T, true)
				module, _ := bare(w, fake)
				recs, err := module.GetRecords(w.Context(), apex.FQDN())
				first := slices.ContainsFunc(recs, func(r libdns.Record) bool { return r.RR().Type == "SOA" })
				if err == nil && !first && len(recs) > len(fake.Lines(apex)) {
					return fmt.Sprintf("%d records of %d, and the first is not there", len(recs), len(fake.Lines(apex)))
				}
				return ""
			},
			func(w world) string {
				for _, byRow := range []bool{false, true} {
					fake := long(w.T, byRow)
					got, err := open(w, fake, fake.Credentials(), providers.Options{}).Read(w.Context(), providers.Zone{Apex: apex})
					if err != nil {
						return err.Error()
					}
					if wrong := differ(got, fake.Zone(apex)); wrong != "" {
						return wrong
					}
				}
				return ""
			},
		},
		{
			"G11", "names are not escaped, and lead to other records",
			func(w world) string {
				_, _ = w.module.AppendRecords(w.Context(), apex.FQDN(), []libdns.Record{libdns.RR{Name: "a?b", Type: "TXT", Data: "mine", TTL: time.Hour}})
				return w.lost()
			},
			func(w world) string {
				for _, odd := range []zone.Name{"a?b", "a/b", "a%2fb", "a b", `a\.b`} {
					owner := odd + "." + apex
					if wrong := w.refused(providers.Invalid, zone.Change{Owner: owner, Add: []zone.Record{zone.NewTXT(owner, 3600, "mine")}}); wrong != "" {
						return fmt.Sprintf("%s: %s", odd, wrong)
					}
				}
				return ""
			},
		},
		{
			"G12", "zone and values are logged",
			func(w world) string {
				_, _ = w.module.AppendRecords(w.Context(), apex.FQDN(), plain(txt("log", "a-token-nobody-may-see")))
				if out := w.log.String(); strings.Contains(out, "a-token-nobody-may-see") {
					return "logged: " + strings.TrimSpace(out)
				}
				return ""
			},
			func(w world) string {
				wrong := w.applied(zone.Change{Owner: name("log"), Add: []zone.Record{txt("log", "a-token-nobody-may-see")}})
				return wrong + w.log.String()
			},
		},
		{
			"G13", "names are compared by case",
			func(w world) string {
				got, err := w.module.DeleteRecords(w.Context(), apex.FQDN(), []libdns.Record{libdns.RR{Name: "WWW", Type: "TXT", Data: "somebody's"}})
				if err == nil && len(got) == 0 && w.lost() == "" {
					return "nothing deleted, no error"
				}
				return ""
			},
			func(w world) string {
				owner, err := zone.Abs("WWW", apex)
				if err != nil {
					return err.Error()
				}
				return w.applied(zone.Change{Owner: owner, Remove: []zone.Record{zone.NewTXT(owner, 3600, "somebody's")}})
			},
		},
		{
			"G14", "an account without access is a text like any other error, and no limit is known",
			func(w world) string {
				fake := start(w, godaddytest.Options{Zones: []zone.Snapshot{site()}, Accounts: []godaddytest.Account{{Key: "small", Secret: "customer", Access: godaddytest.Closed}}})
				module, _ := bare(w, fake)
				_, err := module.GetRecords(w.Context(), apex.FQDN())
				if _, typed := errors.AsType[*providers.Error](err); err != nil && !typed && errors.Unwrap(err) == nil {
					return "a plain error: " + err.Error()
				}
				return ""
			},
			func(w world) string {
				fake := start(w, godaddytest.Options{Zones: []zone.Snapshot{site()}, Accounts: []godaddytest.Account{{Key: "small", Secret: "customer", Access: godaddytest.Closed}}})
				_, err := open(w, fake, fake.Credentials(), providers.Options{}).Find(w.Context(), apex)
				e, ok := errors.AsType[*providers.Error](err)
				rates := godaddy.Driver{}.Info().Caps.Rates
				if !ok || e.Code != providers.AccessDenied || e.Reason != providers.ReasonNoAccess || !strings.Contains(e.Error(), "Domain Connect") || len(rates) != 1 || rates[0].Requests != 60 {
					return fmt.Sprintf("%v, rates %v", err, rates)
				}
				return ""
			},
		},
	}
}
