// Package httpapi sends one request to a host's HTTP API and says what became of
// it: a whole answer, or one [providers.Error] with its code, how long to wait,
// and whether a write may have landed. It is for authors of drivers.
//
//	c := httpapi.Client{Endpoint: "https://api.host.example/v1"}
//	a, err := c.Send(ctx, httpapi.Request{Method: "GET", Path: "/zones", Header: auth})
//	if err != nil {
//		return err
//	}
//	if err := a.Refused(); err != nil {
//		return err
//	}
//	var zones []zone
//	if err := a.JSON(&zones); err != nil {
//		return err
//	}
//
// It takes its turn at the account's rate limit ([providers.Wait]), bounds the
// time and the size of an answer, follows no redirect (credentials would travel
// along), keeps no cookie and logs nothing, though net/http prints what a host
// sends without having been asked. A write is sent once; a read may be sent again
// where the host closed a connection that it had kept. No URL stands in an error,
// since hosts take credentials in them.
package httpapi
