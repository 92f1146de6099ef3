package entri_test

import (
	"encoding/json"
	"testing"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/providers/zone"
)

func TestEvent(t *testing.T) {
	for _, c := range []struct {
		owner     zone.Name
		typ, data string
		want      string
	}{
		{"smallbusiness.com", "A", "54.153.2.220", `{"type":"A","host":"smallbusiness.com","value":"54.153.2.220"}`},          // the reference's sample
		{"www.smallbusiness.com", "CNAME", "smallbusiness.com.", `{"type":"CNAME","host":"www","value":"smallbusiness.com"}`}, // as well
		{"a.b.smallbusiness.com", "AAAA", "2001:DB8::1", `{"type":"AAAA","host":"a.b","value":"2001:db8::1"}`},
		{"smallbusiness.com", "TXT", `"v=spf1 " "mx ~all"`, `{"type":"TXT","host":"smallbusiness.com","value":"v=spf1 mx ~all"}`},
		{"smallbusiness.com", "MX", "10 mx.app.example.", `{"type":"MX","host":"smallbusiness.com","value":"mx.app.example","priority":10}`},
		{"smallbusiness.com", "MX", "0 .", `{"type":"MX","host":"smallbusiness.com","value":".","priority":0}`},
		{"zone.smallbusiness.com", "NS", "ns1.app.example.", `{"type":"NS","host":"zone","value":"ns1.app.example"}`},
		{"smallbusiness.com", "CAA", `0 issue "pki.app.example"`, `{"type":"CAA","host":"smallbusiness.com","value":"0 issue \"pki.app.example\""}`},
		{"www.other.example", "A", "192.0.2.1", `{"type":"A","host":"www.other.example","value":"192.0.2.1"}`},
	} {
		r, err := zone.New(c.owner, c.typ, 300, c.data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(entri.Event(r, "smallbusiness.com"))
		if err != nil || string(got) != c.want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", r, got, err, c.want)
		}
	}
}
