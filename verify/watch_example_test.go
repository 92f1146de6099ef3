package verify_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/verify"
)

func ExampleVerifier_Watch() {
	v, w := exampleVerifier()
	defer w.Close()
	token := zone.NewTXT("_token.shop.example", 300, "token=1")
	for r, err := range v.Watch(context.Background(), verify.Request{Expect: []verify.Expect{{Record: token}}}) {
		fmt.Println(r.Verdict, err)
		if r.Verdict == verify.Absent {
			w.Change("shop.example", zone.Change{Owner: token.Name, Add: []zone.Record{token}})
		}
	}
	// Output:
	// absent <nil>
	// propagated <nil>
}

// The process that watched has ended; the next one goes on.
func ExampleReport_Digest() {
	v, w := exampleVerifier()
	defer w.Close()
	token := zone.NewTXT("_token.shop.example", 300, "token=1")
	req := verify.Request{Expect: []verify.Expect{{Record: token}}, Since: time.Now()}
	for r, err := range v.Watch(context.Background(), req) {
		fmt.Println("first process:", r.Verdict, err)
		req.Seen = r.Digest() // keep it with what was done about the report
		break
	}
	w.Change("shop.example", zone.Change{Owner: token.Name, Add: []zone.Record{token}})
	for r, err := range v.Watch(context.Background(), req) {
		fmt.Println("next process:", r.Verdict, err)
	}
	// Output:
	// first process: absent <nil>
	// next process: propagated <nil>
}

func ExampleVerifier_Batch() {
	v, w := exampleVerifier()
	defer w.Close()
	www, err := zone.New("www.shop.example", "CNAME", 300, "edge.app.example.")
	if err != nil {
		panic(err)
	}
	token := zone.NewTXT("_token.shop.example", 300, "token=1")
	reqs := []verify.Request{{Expect: []verify.Expect{{Record: www}}}, {Expect: []verify.Expect{{Record: token}}}}
	p, err := v.Batch(context.Background(), slices.Values(reqs), func(r verify.Report) {
		if r.Verdict != verify.Propagated {
			fmt.Println(r.Records[0].Expect.Record.Name, r.Verdict)
		}
	})
	fmt.Println(p.Right, "of", p.Done, err)
	// Output:
	// _token.shop.example absent
	// 1 of 2 <nil>
}

func ExampleProgress_Add() {
	var p verify.Progress
	p.Add(verify.Report{Verdict: verify.Propagated, Queries: 9})
	p.Add(verify.Report{Verdict: verify.Absent, Queries: 7})
	fmt.Println(p.Done, p.Right, p.Asked, p.Verdicts[verify.Absent])
	// Output: 2 1 16 1
}

func ExampleEntri() {
	o := verify.Options{Schedule: verify.Entri}
	at := time.Duration(0)
	for range 5 {
		at += o.Schedule(at)
		fmt.Print(at, " ")
	}
	// Output: 1m0s 3m0s 7m0s 15m0s 31m0s
}
