package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
	"github.com/mooring-dns/mooring/providers/httpapi/httpapitest"
)

func Example() {
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `["customer.example"]`) })
	s, err := httpapitest.Start(api, func(r *http.Request) bool { return r.Method != http.MethodGet })
	if err != nil {
		panic(err)
	}
	defer s.Close()

	zones := func() error {
		a, err := httpapi.Client{Endpoint: s.URL()}.Send(context.Background(), httpapi.Request{Method: http.MethodGet, Path: "/zones"})
		if err != nil {
			return err
		}
		if err := a.Refused(); err != nil {
			return err
		}
		var names []string
		if err := a.JSON(&names); err != nil {
			return err
		}
		fmt.Println(names)
		return nil
	}
	_ = zones()
	s.FailNext(1, httpapitest.Fault{Status: http.StatusTooManyRequests, RetryAfter: "30"})
	e, _ := errors.AsType[*providers.Error](zones())
	fmt.Println(e.Code, e.RetryAfter)
	// Output:
	// [customer.example]
	// RateLimited 30s
}
