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
