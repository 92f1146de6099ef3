// Package safehttp fetches URLs that strangers wrote: the target of a redirect,
// a webhook, a logo, the origin behind a proxy. Such a URL may lead to the
// machine itself, to the network that it stands in or to the metadata service of
// its cloud; this package does not go there (server-side request forgery).
//
//	c := safehttp.New(safehttp.Options{})
//	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
//	if err != nil {
//		return err
//	}
//	resp, err := c.Do(req)
//
// It promises that
//
//   - every connection is decided upon by the address that it is really made to,
//     in the moment before it is made, so that a name which has another address
//     the next time it is looked up gains nothing;
//   - only addresses that the Internet routes to a host are connected to: [Special]
//     has the rest, and an operator's own networks are added by Options.Deny and
//     opened by Options.Allow;
//   - only https is spoken unless http was asked for, and only ports 80 and 443
//     unless others were;
//   - no redirect is followed by [Client.Do], and each one that [Client.Follow]
//     follows is checked as the first URL was;
//   - no proxy of the environment is used, no cookie kept, no connection kept, and
//     no user name or password of a URL sent;
//   - time and the size of an answer, head and body, are bounded.
//
// It does not judge what comes back, and it cannot know an operator's own
// addresses that look public: those belong in Options.Deny.
package safehttp
