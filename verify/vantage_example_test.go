package verify_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

// overJSON is a Verifier in another place: what goes there and comes back is
// JSON.
type overJSON struct{ *verify.Verifier }

func (overJSON) Name() string { return "Singapore" }

func (e overJSON) Observe(ctx context.Context, req verify.Request) (verify.Observations, error) {
	var there verify.Request
	if err := carry(req, &there); err != nil {
		return verify.Observations{}, err
	}
	seen, err := e.Verifier.Observe(ctx, there)
	if err != nil {
		return verify.Observations{}, err
	}
	var here verify.Observations
	err = carry(seen, &here)
	return here, err
}

func carry(from, to any) error {
	message, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(message, to)
}

func ExampleVantage() {
	there, w := exampleVerifier()
	defer w.Close()
	v := verify.New(verify.Options{Start: w.Start(), Map: w.Map, Vantages: []verify.Vantage{overJSON{there}}})
	www, err := zone.New("www.shop.example", "CNAME", 300, "edge.app.example.")
	if err != nil {
		panic(err)
	}
	r, err := v.Check(context.Background(), verify.Request{Expect: []verify.Expect{{Record: www}}})
	for _, f := range r.Findings {
		if f.Code == verify.CodeQuorum {
			fmt.Println(f.Detail)
		}
	}
	fmt.Println(r.Verdict, err)
	// Output:
	// www.shop.example. CNAME: seen from 1/1 vantage points
	// propagated <nil>
}
