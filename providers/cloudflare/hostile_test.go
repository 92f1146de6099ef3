package cloudflare_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/cloudflare/cloudflaretest"
	"github.com/mooring-dns/mooring/providers/zone"
)

// TestHostile: nothing that a host answers is believed further than it can be
// checked. Each answer is given to every request of the methods named.
func TestHostile(t *testing.T) {
	mine := cloudflaretest.DefaultAccount
	x := "x." + string(apex)
	for _, tc := range []struct {
		name    string
		methods string
		status  int
		body    string
		want    providers.Code
		text    string
	}{
		{"the zone of another name", "Find", 200, whole(zoneJSON(idA, string(second), mine, "full")), providers.NoSuchZone, ""},
		{"the zone of another account", "Find", 200, whole(zoneJSON(idA, string(apex), otherAccount, "full")), providers.NoSuchZone, ""},
		{"an identifier that leads elsewhere", "Find List Check", 200, whole(zoneJSON("../"+idA[3:], string(apex), mine, "full")), providers.Unavailable, "a zone cannot be read"},
		{"two zones of one name and account", "Find", 200, whole(zoneJSON(idA, string(apex), mine, "full"), zoneJSON(idB, string(apex), mine, "full")), providers.Ambiguous, "2 zones"},
		{"an internal zone", "Find", 200, whole(zoneJSON(idA, string(apex), mine, "internal")), providers.NoSuchZone, ""},
		{"a partial zone", "Find", 200, whole(zoneJSON(idA, string(apex), mine, "partial")), providers.Unsupported, "another host answers"},
		{"a secondary zone", "Find", 200, whole(zoneJSON(idA, string(apex), mine, "secondary")), providers.Unsupported, "transferred"},
		{"a zone of a type to come", "Find", 200, whole(zoneJSON(idA, string(apex), mine, "quantum")), providers.Unsupported, "not known"},
		{"a zone of no type", "Find", 200, whole(zoneJSON(idA, string(apex), mine, "")), providers.Unsupported, "not known"},
		{"no zone that is edited here", "Check", 200, whole(zoneJSON(idA, string(apex), mine, "secondary")), providers.AccessDenied, "no zone"},
		{"a record of another zone", "Read Write", 200, whole(recordJSON(idB, "x."+string(second), address)), providers.Unavailable, "not of the zone"},
		{"a record twice", "Read Write", 200, whole(recordJSON(idB, x, address), recordJSON(idB, x, address)), providers.Unavailable, "changed"},
		{"a record without an identifier", "Read Write", 200, whole(recordJSON("", x, address)), providers.Unavailable, "no id"},
		{"a record whose identifier leads elsewhere", "Read Write", 200, whole(recordJSON("../"+idA[3:], x, address)), providers.Unavailable, "id that can be read"},
		{"a record without a type", "Read Write", 200, whole(recordJSON(idB, x, `"content":"192.0.2.1","ttl":60`)), providers.Unavailable, "type"},
		{"a record whose type is the token", "Read Write", 200, whole(recordJSON(idB, x, `"type":"`+cloudflaretest.AnyToken+`","content":"x","ttl":60`)), providers.Unavailable, "type"},
		{"a record without a name", "Read Write", 200, whole(recordJSON(idB, "", address)), providers.Unavailable, "name"},
		{"a record that is none", "Read Write", 200, whole("5"), providers.Unavailable, "no id"},
		{"fewer than it counts", "Read Write Find List", 200, paged(1, 2), providers.Unavailable, "changed"},
		{"more than it counts", "Read Write", 200, paged(1, 0, recordJSON(idB, x, address)), providers.Unavailable, "changed"},
		{"another page than was asked for", "Read Write Find List", 200, paged(2, 0), providers.Unavailable, "changed"},
		{"a list without its length", "Read Write Find List", 200, `{"success":true,"errors":[],"result":[],"result_info":{"page":1}}`, providers.Unavailable, "how long"},
		{"a list without its page", "Read Write Find List", 200, `{"success":true,"errors":[],"result":[],"result_info":{"total_count":0}}`, providers.Unavailable, "which page"},
		{"no list", "Read Write Find List", 200, `{"success":true,"errors":[],"result":null,"result_info":{"page":1,"total_count":0}}`, providers.Unavailable, "no list"},
		{"success and errors", "Read Write Find List Check", 200, strings.Replace(whole(), `"errors":[]`, `"errors":[{"code":10001,"message":"partial"}]`, 1), providers.Unavailable, "partial"},
		{"success and an error that has a meaning", "Read Find", 200, strings.Replace(whole(), `"errors":[]`, `"errors":[{"code":7003,"message":"no zone"}]`, 1), providers.Unavailable, "no zone"},
		{"neither success nor errors", "Read Write Find List Check", 200, `{"result":[]}`, providers.Unavailable, "neither"},
		{"null", "Read Write Find List Check", 200, `null`, providers.Unavailable, "neither"},
		{"an array", "Read Write Find List Check", 200, `[]`, providers.Unavailable, ""},
		{"two values", "Read Write Find List Check", 200, whole() + whole(), providers.Unavailable, ""},
		{"a token of which it says nothing", "Check", 200, ok(`null`), providers.Unavailable, "token"},
		{"a token of no state", "Check", 200, ok(`{}`), providers.Unavailable, "token"},
		{"a token of a state that is none", "Check", 200, ok(`{"status":5}`), providers.Unavailable, "token"},
		{"a token of another state", "Check", 200, ok(`{"status":"asleep"}`), providers.InvalidCredentials, "the token is asleep"},
		{"a token of the future", "Check", 200, ok(`{"status":"active","not_before":"2999-01-02T03:04:05Z"}`), providers.InvalidCredentials, "not in force before 2999-01-02"},
		{"403 and a code of values", "Read Write", 403, `{"success":false,"errors":[{"code":9103,"message":"Unknown X-Auth-Key or X-Auth-Email"}]}`, providers.AccessDenied, "9103"},
		{"401 and a code of values", "Read Write", 401, `{"success":false,"errors":[{"code":9999,"message":"x"}]}`, providers.InvalidCredentials, "9999"},
		{"403 and the general code", "Read Write", 403, `{"success":false,"errors":[{"code":1004,"message":"x"}]}`, providers.AccessDenied, "1004"},
		{"a code as text", "Read Write", 403, `{"success":false,"errors":[{"code":"9109","message":"x"}]}`, providers.AccessDenied, ""},
		{"an explained conflict", "Read Write", 400, explained(81058), providers.Conflict, "inner (code 81058), DNS Validation Error (code 1004)"},
		{"an explained loss", "Read Write", 400, explained(81044), providers.Conflict, "somebody else"},
		{"an explained quota", "Read Write", 400, explained(81045), providers.Unsupported, "plan"},
		{"an explained value", "Read Write", 400, explained(9005), providers.Invalid, "9005"},
	} {
		for method := range strings.FieldsSeq(tc.methods) {
			t.Run(tc.name+" "+method, func(t *testing.T) {
				l := lies(t, func(r *http.Request) (int, string) {
					if strings.HasSuffix(r.URL.Path, "/tokens/verify") && strings.Contains(tc.body, `"result":[`) && !strings.Contains(tc.body, `"message"`) {
						return 200, ""
					}
					return tc.status, tc.body
				})
				err := l.call(t, method)
				if bad := code(err, tc.want); bad != nil || !strings.Contains(err.Error(), tc.text) {
					t.Errorf("got %v, want %s and %q", err, tc.want, tc.text)
				}
			})
		}
	}
}

// explained is the answer to a value with the reason in the chain.
func explained(code int) string {
	return fmt.Sprintf(`{"success":false,"errors":[{"code":1004,"message":"DNS Validation Error","error_chain":[{"code":%d,"message":"inner"}]}]}`, code)
}

// TestHostileBatch: a batch is written where the answer shows it, at the names
// that it is about, and the answer lost otherwise.
func TestHostileBatch(t *testing.T) {
	for _, tc := range []struct{ name, body string }{
		{"no result", `{"success":true,"errors":[]}`},
		{"null", ok(`null`)},
		{"a list", ok(`[]`)},
		{"success and errors", strings.Replace(ok(`{"posts":[{"name":"b.customer.example"}]}`), `"errors":[]`, `"errors":[{"code":10001,"message":"partial"}]`, 1)},
		{"nothing of it", ok(`{"posts":[]}`)},
		{"something else", ok(`{"patches":[{"name":"b.customer.example"}]}`)},
		{"more than it", ok(`{"posts":[{"name":"b.customer.example"}],"deletes":[{"id":"x"}]}`)},
		{"at another name", ok(`{"posts":[{"name":"b.customer.example.second.example"}]}`)},
		{"at no name", ok(`{"posts":[{}]}`)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := lies(t, func(r *http.Request) (int, string) {
				if r.Method == http.MethodGet {
					return 200, whole()
				}
				return 200, tc.body
			})
			e, is := errors.AsType[*providers.Error](l.call(t, "Write"))
			if !is || e.Code != providers.Unavailable || e.Wrote != providers.WroteUnknown {
				t.Errorf("got %+v, want Unavailable and WroteUnknown", e)
			}
		})
	}
}

// TestOtherZone: a Zone whose identifier is that of another is no success.
func TestOtherZone(t *testing.T) {
	p := newPlace(t)
	z := p.find()
	z.ID = p.fake.ID(second)
	err := session(t, p).Write(t.Context(), z, adds(rec("b", "A", "192.0.2.1")))
	if e, is := errors.AsType[*providers.Error](err); !is || e.Wrote != providers.WroteUnknown || !strings.Contains(err.Error(), "b.customer.example.second.example") {
		t.Errorf("got %v; the other zone holds %v", err, p.fake.Zone(second).Records)
	}
}

// TestHostileZone: the identifier of a Zone goes into no path unless it is one.
func TestHostileZone(t *testing.T) {
	l := lies(t, always(200, whole()))
	for _, id := range []string{"", "../" + idA, idA + "/../" + idB, strings.ToUpper(idA), idA + "?x"} {
		z := its()
		z.ID = id
		_, read := l.Read(t.Context(), z)
		for _, err := range []error{read, l.Write(t.Context(), z, adds(rec("b", "A", "192.0.2.1")))} {
			if err := code(err, providers.NoSuchZone); err != nil || l.came.Load() != 0 {
				t.Errorf("%q: %d requests, %v", id, l.came.Load(), err)
			}
		}
	}
}

// TestCountChanges: a list whose length changes from page to page is read again.
func TestCountChanges(t *testing.T) {
	one, two := recordJSON(idA, "x."+string(apex), address), recordJSON(idB, "y."+string(apex), address)
	l := lies(t, func(r *http.Request) (int, string) {
		if r.URL.Query().Get("page") == "1" {
			return 200, paged(1, 2, one)
		}
		return 200, paged(2, 3, two)
	})
	if err := code(l.call(t, "Read"), providers.Unavailable); err != nil || l.came.Load() != 10 {
		t.Errorf("%d requests, want both pages five times: %v", l.came.Load(), err)
	}
}

// TestAsked: what is asked for says whose zones, and brings them in one answer.
func TestAsked(t *testing.T) {
	var asked []url.Values
	var paths []string
	l := lies(t, func(r *http.Request) (int, string) {
		asked, paths = append(asked, r.URL.Query()), append(paths, r.URL.Path)
		return 200, whole()
	})
	for _, method := range []string{"Find", "Read"} {
		_ = l.call(t, method)
	}
	if len(asked) != 2 || asked[0].Get("account.id") != cloudflaretest.DefaultAccount || asked[0].Get("name") != string(apex) || asked[0].Get("per_page") != "50" {
		t.Errorf("Find asked %v", asked)
	}
	if len(asked) != 2 || paths[1] != "/zones/"+idA+"/dns_records" || asked[1].Get("per_page") != "5000" {
		t.Errorf("Read asked %v %v", paths, asked)
	}
}

// TestListed: List names what Find finds, in order, whatever else there is.
func TestListed(t *testing.T) {
	mine := cloudflaretest.DefaultAccount
	id := func(c string) string { return strings.Repeat(c, 32) }
	l := lies(t, always(200, whole(
		zoneJSON(id("1"), "z.example", mine, "full"), zoneJSON(id("2"), "a.example", mine, "full"), zoneJSON(id("3"), "xn--zz.example", mine, "full"),
		zoneJSON(id("4"), "m.example", mine, "secondary"), zoneJSON(id("5"), "n.example", mine, "partial"), zoneJSON(id("6"), "a.example", mine, "internal"),
	)))
	zones, err := l.Session.(providers.Lister).List(t.Context())
	var got []zone.Name
	for _, z := range zones {
		got = append(got, z.Apex)
	}
	if fmt.Sprint(got) != "[a.example z.example]" || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}
