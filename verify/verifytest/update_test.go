package verifytest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify/verifytest"
)

// line reads one record relative to customer.example. Its rdata may be left
// out; then the class says what it means (RFC 2136 section 2.4).
func line(t *testing.T, class uint16, s string) dns.RR {
	t.Helper()
	name, rest, _ := strings.Cut(s, " ")
	typ, data, _ := strings.Cut(rest, " ")
	abs, err := zone.Abs(name, "customer.example")
	if err != nil {
		t.Fatal(err)
	}
	ttl := uint32(0)
	if class == dns.ClassINET {
		ttl = 60
	}
	if data == "" {
		return &dns.ANY{Hdr: dns.RR_Header{Name: abs.FQDN(), Rrtype: dns.StringToType[typ], Class: class}}
	}
	rec, err := zone.New(abs, typ, ttl, data)
	if err != nil {
		t.Fatal(err)
	}
	rr, err := rec.RR()
	if err != nil {
		t.Fatal(err)
	}
	rr.Header().Class = class
	return rr
}

// message is an UPDATE from lines such as "?any www A", "?none x ANY",
// "?in www A 192.0.2.1" (prerequisites), "+ www A 192.0.2.1", "-set www A",
// "-name www ANY", "- www A 192.0.2.1".
func message(t *testing.T, lines ...string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	m.SetUpdate("customer.example.")
	for _, l := range lines {
		verb, rest, _ := strings.Cut(l, " ")
		switch verb {
		case "?any":
			m.Answer = append(m.Answer, line(t, dns.ClassANY, rest))
		case "?none":
			m.Answer = append(m.Answer, line(t, dns.ClassNONE, rest))
		case "?in":
			rr := line(t, dns.ClassINET, rest)
			rr.Header().Ttl = 0
			m.Answer = append(m.Answer, rr)
		case "+":
			m.Ns = append(m.Ns, line(t, dns.ClassINET, rest))
		case "-set", "-name":
			m.Ns = append(m.Ns, line(t, dns.ClassANY, rest))
		case "-":
			m.Ns = append(m.Ns, line(t, dns.ClassNONE, rest))
		default:
			t.Fatalf("line %q", l)
		}
	}
	return m
}

// changed is what an UPDATE did, a line for each record, the SOA first and by
// its serial.
func changed(a, b zone.Snapshot) string {
	var first, rest string
	for _, c := range zone.Diff(a, b) {
		for sign, recs := range map[string][]zone.Record{"- ": c.Remove, "+ ": c.Add} {
			for _, r := range recs {
				if r.Type == "SOA" {
					first += sign + strings.Fields(r.Data)[2] + "\n"
					continue
				}
				rest += sign + r.Name.Rel(a.Zone) + " " + r.Type + " " + r.Data + "\n"
			}
		}
	}
	lines := strings.SplitAfter(first, "\n")
	slices.Sort(lines)
	slices.Reverse(lines) // "-" sorts after "+"
	return strings.Join(lines, "") + sorted(rest)
}

func sorted(s string) string {
	lines := strings.SplitAfter(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

const serialUp = "- 10\n+ 11\n"

func TestUpdate(t *testing.T) {
	for _, tc := range []struct {
		why   string
		lines []string
		rcode string
		want  string
	}{
		{"name in use", []string{"?any www ANY", "+ new A 192.0.2.7"}, "NOERROR", serialUp + "+ new A 192.0.2.7"},
		{"name in use, it is not", []string{"?any nope ANY", "+ new A 192.0.2.7"}, "NXDOMAIN", ""},
		{"name in use: an empty non-terminal is not", []string{"?any _tcp ANY"}, "NXDOMAIN", ""},
		{"name in use: a wildcard does not make it so", []string{"?any covered ANY"}, "NXDOMAIN", ""},
		{"name not in use", []string{"?none new ANY", "+ new A 192.0.2.7"}, "NOERROR", serialUp + "+ new A 192.0.2.7"},
		{"name not in use, it is", []string{"?none www ANY", "+ new A 192.0.2.7"}, "YXDOMAIN", ""},
		{"RRset exists", []string{"?any www A", "+ new A 192.0.2.7"}, "NOERROR", serialUp + "+ new A 192.0.2.7"},
		{"RRset exists, it does not", []string{"?any www AAAA", "+ new A 192.0.2.7"}, "NXRRSET", ""},
		{"RRset absent", []string{"?none www AAAA", "+ new A 192.0.2.7"}, "NOERROR", serialUp + "+ new A 192.0.2.7"},
		{"RRset absent, it is there", []string{"?none www A", "+ new A 192.0.2.7"}, "YXRRSET", ""},
		{"RRset with value", []string{"?in www A 192.0.2.10", "- www A 192.0.2.10"}, "NOERROR", serialUp + "- www A 192.0.2.10"},
		{"RRset with value, another", []string{"?in www A 192.0.2.11", "- www A 192.0.2.10"}, "NXRRSET", ""},
		{"RRset with value: part of it is not it", []string{`?in @ TXT "v=spf1 -all"`}, "NXRRSET", ""},
		{"RRset with value: more than it is not it", []string{"?in www A 192.0.2.10", "?in www A 192.0.2.11"}, "NXRRSET", ""},
		{"RRset with value: TXT borders count", []string{`?in @ TXT "v=spf1 -all"`, `?in @ TXT "two strings"`}, "NXRRSET", ""},
		{"RRset with value, in any order", []string{`?in @ TXT "v=spf1 -all"`, `?in @ TXT "two " "strings"`, `+ new A 192.0.2.7`}, "NOERROR", serialUp + "+ new A 192.0.2.7"},
		{"prerequisite out of the zone", []string{"?any app.example. ANY"}, "NOTZONE", ""},
		{"update out of the zone", []string{"+ new A 192.0.2.7", "+ app.example. A 192.0.2.7"}, "NOTZONE", ""},
		{"the last prerequisite fails, nothing happens", []string{"?any www A", "?any www AAAA", "+ new A 192.0.2.7"}, "NXRRSET", ""},
		{"prerequisite of class IN without data", []string{"?in www ANY"}, "FORMERR", ""},
		{"delete of a meta type", []string{"- www ANY"}, "FORMERR", ""},
		{"add twice is once", []string{"+ new A 192.0.2.7", "+ new A 192.0.2.7"}, "NOERROR", serialUp + "+ new A 192.0.2.7"},
		{"nothing to do, no new serial", []string{"- nope A 192.0.2.7", "-set nope A"}, "NOERROR", ""},
		{"a CNAME beside an A is ignored", []string{"+ www CNAME x.example."}, "NOERROR", ""},
		{"an A beside a CNAME is ignored", []string{"+ blog A 192.0.2.7"}, "NOERROR", ""},
		{"a CNAME replaces a CNAME", []string{"+ blog CNAME x.example."}, "NOERROR", serialUp + "+ blog CNAME x.example.\n- blog CNAME www.customer.example."},
		{"A to CNAME in one message", []string{"-set www A", "+ www CNAME x.example."}, "NOERROR", serialUp + "+ www CNAME x.example.\n- www A 192.0.2.10"},
		{"delete an RRset", []string{"-set @ TXT"}, "NOERROR", serialUp + "- @ TXT \"two \" \"strings\"\n- @ TXT \"v=spf1 -all\""},
		{"delete one value", []string{`- @ TXT "v=spf1 -all"`}, "NOERROR", serialUp + "- @ TXT \"v=spf1 -all\""},
		{"delete one value: TXT borders count", []string{`- @ TXT "two strings"`}, "NOERROR", ""},
		{"delete a name", []string{"-name blog ANY"}, "NOERROR", serialUp + "- blog CNAME www.customer.example."},
		{"delete the apex keeps SOA and NS", []string{"-name @ ANY"}, "NOERROR", serialUp + "- @ TXT \"two \" \"strings\"\n- @ TXT \"v=spf1 -all\""},
		{"delete the apex NS set is ignored", []string{"-set @ NS", "-set @ SOA"}, "NOERROR", ""},
		{"the last apex NS stays", []string{"- @ NS ns1.customer.example.", "- @ NS ns2.customer.example."}, "NOERROR", serialUp + "- @ NS ns1.customer.example."},
		{"a newer SOA is taken as it is", []string{"+ @ SOA ns1 h 77 1 1 1 1"}, "NOERROR", "- 10\n+ 77"},
		{"an older SOA is ignored", []string{"+ @ SOA ns1 h 9 1 1 1 1"}, "NOERROR", ""},
	} {
		t.Run(tc.why, func(t *testing.T) {
			w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
			before := w.Zone("customer.example")
			r, err := client{t: t, srv: w.Server("ns1"), net: "tcp"}.do(message(t, tc.lines...))
			if err != nil {
				t.Fatal(err)
			}
			if got := dns.RcodeToString[r.Rcode]; got != tc.rcode {
				t.Errorf("rcode %s, want %s", got, tc.rcode)
			}
			if diff := cmp.Diff(tc.want, strings.TrimSuffix(changed(before, w.Zone("customer.example")), "\n")); diff != "" {
				t.Errorf("what the UPDATE did (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpdateTTL(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	if _, err := (client{t: t, srv: w.Server("ns1")}).do(message(t, "+ www A 192.0.2.11")); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.Zone("customer.example").Set("www.customer.example", "A") {
		if r.TTL != 60 {
			t.Errorf("%v: want TTL 60 for the whole RRset (RFC 2181 section 5.2)", r)
		}
	}
}

func TestUpdateElsewhere(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	ask := func(srv string, m *dns.Msg) string {
		r, err := client{t: t, srv: w.Server(srv)}.do(m)
		if err != nil {
			t.Fatal(err)
		}
		return dns.RcodeToString[r.Rcode]
	}
	other := message(t, "+ new A 192.0.2.7")
	other.Question[0].Name = "app.example."
	if got := ask("ns1", other); got != "NOTAUTH" {
		t.Errorf("zone of somebody else: %s, want NOTAUTH", got)
	}
	if got := ask("ns2", message(t, "+ new A 192.0.2.7")); got != "REFUSED" {
		t.Errorf("at the secondary: %s, want REFUSED", got)
	}
	wrong := message(t)
	wrong.Question[0].Qtype = dns.TypeA
	if got := ask("ns1", wrong); got != "FORMERR" {
		t.Errorf("zone section of type A: %s, want FORMERR", got)
	}
}

var key = verifytest.Key{Name: "walk.", Secret: "c2VjcmV0IG9mIHRoZSB3YWxr"}

func TestTSIG(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}, Keys: []verifytest.Key{key}})
	srv := w.Server("ns1")
	for _, tc := range []struct {
		why   string
		key   *verifytest.Key
		algo  string
		at    time.Duration
		rcode int
		tsig  int
	}{
		{"right", &key, dns.HmacSHA256, 0, dns.RcodeSuccess, 0},
		{"name in another case", &verifytest.Key{Name: "WALK.", Secret: key.Secret}, dns.HmacSHA256, 0, dns.RcodeSuccess, 0},
		{"none", nil, "", 0, dns.RcodeRefused, 0},
		{"unknown name", &verifytest.Key{Name: "other.", Secret: key.Secret}, dns.HmacSHA256, 0, dns.RcodeNotAuth, dns.RcodeBadKey},
		{"another algorithm", &key, dns.HmacSHA512, 0, dns.RcodeNotAuth, dns.RcodeBadKey},
		{"wrong secret", &verifytest.Key{Name: key.Name, Secret: "d3Jvbmc="}, dns.HmacSHA256, 0, dns.RcodeNotAuth, dns.RcodeBadSig},
		{"wrong clock", &key, dns.HmacSHA256, -time.Hour, dns.RcodeNotAuth, dns.RcodeBadTime},
	} {
		t.Run(tc.why, func(t *testing.T) {
			before := w.Zone("customer.example")
			m := message(t, "+ tsig A 192.0.2.7")
			signed := time.Now().Add(tc.at).Unix()
			d := dns.Client{Net: "tcp", Timeout: 20 * time.Second}
			if tc.key != nil {
				d.TsigSecret = map[string]string{tc.key.Name: tc.key.Secret}
				m.SetTsig(tc.key.Name, tc.algo, 300, signed)
			}
			r, _, err := d.Exchange(m, srv.Addr().String())
			if r == nil || err != nil && !errors.Is(err, dns.ErrAuth) {
				t.Fatalf("no answer: %v", err)
			}
			if r.Rcode != tc.rcode {
				t.Errorf("rcode %s, want %s", dns.RcodeToString[r.Rcode], dns.RcodeToString[tc.rcode])
			}
			sig := r.IsTsig()
			switch {
			case tc.key != nil && sig == nil:
				t.Error("no TSIG in the answer")
			case sig != nil && int(sig.Error) != tc.tsig:
				t.Errorf("TSIG error %d, want %d", sig.Error, tc.tsig)
			case tc.tsig == dns.RcodeBadTime && int64(sig.TimeSigned) != signed:
				t.Errorf("signed at %d, want the client's time (RFC 8945 section 5.2.3)", sig.TimeSigned)
			case tc.rcode == dns.RcodeSuccess && err != nil:
				t.Errorf("the answer's signature: %v", err)
			}
			if tc.rcode != dns.RcodeSuccess && !cmp.Equal(before, w.Zone("customer.example")) {
				t.Error("the zone changed")
			}
		})
	}
}

func TestUpdateFaults(t *testing.T) {
	for _, tc := range []struct {
		why    string
		fault  verifytest.Fault
		landed bool
	}{
		{"swallowed before", verifytest.Fault{UpdateLost: true}, false},
		{"answer swallowed", verifytest.Fault{AnswerLost: true}, true},
	} {
		w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
		before := w.Zone("customer.example")
		w.Server("ns1").SetFault(tc.fault)
		_, _, err := (&dns.Client{Timeout: 200 * time.Millisecond}).Exchange(message(t, "+ new A 192.0.2.7"), w.Server("ns1").Addr().String())
		if err == nil {
			t.Errorf("%s: an answer came", tc.why)
		}
		if tc.landed {
			waitFor(t, func() bool { return !cmp.Equal(before, w.Zone("customer.example")) })
		} else if !cmp.Equal(before, w.Zone("customer.example")) {
			t.Errorf("%s: the zone changed", tc.why)
		}
	}
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
	w.Server("ns1").SetFault(verifytest.Fault{UpdateRcode: "SERVFAIL"})
	r, err := client{t: t, srv: w.Server("ns1")}.do(message(t, "+ new A 192.0.2.7"))
	if err != nil || r.Rcode != dns.RcodeServerFailure {
		t.Errorf("UpdateRcode: %v, %v, want SERVFAIL", r, err)
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("it did not happen in 20 s")
}

// TestTransferOfLongRecords: what does not fit into one message goes into the
// next.
func TestTransferOfLongRecords(t *testing.T) {
	for _, size := range []int{2000, 20000, 60000} {
		w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}})
		long := zone.Change{Owner: "long.customer.example"}
		for i := range 60 {
			long.Add = append(long.Add, zone.NewTXT(long.Owner, 60, fmt.Sprint(i)+strings.Repeat("x", size)))
		}
		w.Change("customer.example", long)
		m := new(dns.Msg)
		m.SetAxfr("customer.example.")
		ch, err := (&dns.Transfer{ReadTimeout: 20 * time.Second}).In(m, w.Server("ns1").Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		got := -1 // the SOA stands at both ends
		for env := range ch {
			if env.Error != nil {
				t.Errorf("records of %d octets: %v", size, env.Error)
			}
			got += len(env.RR)
		}
		if want := len(w.Zone("customer.example").Records); got != want {
			t.Errorf("%d records of %d octets, want %d", got, size, want)
		}
	}
}

func TestTransfer(t *testing.T) {
	w := verifytest.New(t, verifytest.Options{Text: []string{zoneText}, Keys: []verifytest.Key{key}})
	change := zone.Change{Owner: "many.customer.example"}
	for i := range 500 {
		change.Add = append(change.Add, zone.NewTXT(change.Owner, 60, strings.Repeat("y", i%200)+string(rune('a'+i%26))))
	}
	w.Change("customer.example", change)
	want := w.Zone("customer.example")
	for _, srv := range w.Servers() {
		m := new(dns.Msg)
		m.SetAxfr("customer.example.")
		m.SetTsig(key.Name, dns.HmacSHA256, 300, time.Now().Unix())
		tr := dns.Transfer{TsigSecret: map[string]string{key.Name: key.Secret}, ReadTimeout: 20 * time.Second}
		ch, err := tr.In(m, srv.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		var recs []zone.Record
		messages := 0
		for env := range ch {
			if env.Error != nil {
				t.Fatal(env.Error)
			}
			messages++
			for _, rr := range env.RR {
				rec, err := zone.FromRR(rr)
				if err != nil {
					t.Fatal(err)
				}
				recs = append(recs, rec)
			}
		}
		if messages < 2 {
			t.Errorf("%d messages, want several", messages)
		}
		got := zone.NewSnapshot("customer.example", recs[:len(recs)-1]) // the SOA ends it too
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", srv.Name(), diff)
		}
	}
	for _, tc := range []struct {
		why, net, name string
		key            *verifytest.Key
		want           int
	}{
		{"without a key", "tcp", "customer.example.", nil, dns.RcodeRefused},
		{"over UDP", "udp", "customer.example.", &key, dns.RcodeRefused},
		{"no apex", "tcp", "www.customer.example.", &key, dns.RcodeNotAuth},
	} {
		m := new(dns.Msg)
		m.SetAxfr(tc.name)
		r, err := client{t: t, srv: w.Server("ns1"), net: tc.net, key: tc.key}.do(m)
		if r == nil || err != nil && !errors.Is(err, dns.ErrAuth) {
			t.Fatalf("%s: %v", tc.why, err)
		}
		if r.Rcode != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, dns.RcodeToString[r.Rcode], dns.RcodeToString[tc.want])
		}
	}
}
