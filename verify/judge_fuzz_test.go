package verify_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/mooring-dns/mooring/verify"
)

// FuzzJudge reads observations that anybody may have written, as a vantage
// point's come: the judge has an answer to all of them, the same one in another
// order.
func FuzzJudge(f *testing.F) {
	f.Add([]byte(`{"expect":[{"record":{"name":"a.example","type":"CNAME","ttl":1,"data":"b.example."},"issuer":"x"}],
		"answers":[{"purpose":"target","name":"b.example","type":"A","status":"found","records":[{"name":"b.example","type":"CNAME","ttl":1,"data":"b.example."}]},
		{"purpose":"caa","name":"a.example","type":"CAA","status":"found","records":[{"name":"a.example","type":"CAA","ttl":1,"data":"0"}]}]}`))
	f.Add([]byte(`{"expect":[{"record":{"name":"","type":"","ttl":0,"data":""}}],"vantages":[{"name":"a","seen":{"expect":null}}]}`))
	f.Add([]byte(`{"expect":[{"record":{"name":"a.example","type":"TXT","ttl":1,"data":"\"b\""},"match":"new"}],"began":"9999-12-31T23:59:59Z","lasted":-1e300,
		"placements":[{"name":"a.example","type":"TXT","zone":"example"}],"views":["192.0.2.53:53"],
		"delegations":[{"apex":"example","servers":[{"name":"ns","addr":"192.0.2.1","state":"sound"}]}],
		"answers":[{"purpose":"record","server":"192.0.2.1","name":"a.example","type":"TXT","status":"found","records":[{"name":"a.example","type":"TXT","ttl":1,"data":"\"b\""}]},
		{"purpose":"view","view":"192.0.2.53:53","at":1e300,"name":"a.example","type":"TXT","status":"nxdomain","ttl":60}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var o verify.Observations
		if json.Unmarshal(data, &o) != nil {
			t.Skip()
		}
		want := dump(verify.Judge(o))
		slices.Reverse(o.Answers)
		slices.Reverse(o.Placements)
		slices.Reverse(o.Vantages)
		if got := dump(verify.Judge(o)); got != want {
			t.Errorf("another order, another report:\n%s\nand\n%s", want, got)
		}
	})
}
