package namecheap

import (
	"errors"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// refusal is the error for an answer with error numbers: of the first one, with
// the texts of all.
func (s *session) refusal(a httpapi.Answer, errs []apiError) *providers.Error {
	first := errs[0].Number
	code, certain, advice := meaning(first)
	var texts []string
	for _, e := range errs {
		text := strings.Join(strings.Fields(e.Text), " ")
		texts = append(texts, strings.ReplaceAll(text, s.key, "[redacted]")+" (error "+e.Number+")")
	}
	text := strings.Join(texts, "; ")
	if advice != "" {
		text += ": " + advice
	}
	e := a.Fail(code, "%w", &numbered{number: first, text: text})
	if certain {
		e.Wrote = providers.WroteNo
	}
	return e
}

// numbered is what the API says, with the number that it has for it.
type numbered struct{ number, text string }

func (n *numbered) Error() string { return n.text }

// unknownCommand reports whether the API says that it has no such command: the
// last three digits of a number name the parameter that it is about, and 104 is
// Command.
func unknownCommand(err error) bool {
	n, ok := errors.AsType[*numbered](err)
	return ok && strings.HasPrefix(n.number, "1") && strings.HasSuffix(n.number, "104")
}

// meaning is what an error number says: the code, whether it is certain that
// nothing was written, and what to do. The numbers are those of
// https://www.namecheap.com/support/api/global-parameters/ and of the pages of
// the domains.dns methods beside it. Their first digit is where the request was
// stopped: 1 the caller, 2 the request, 3 a registry behind the API, 4 and 5 the
// API itself. 500000 stands in no list
// (https://github.com/namecheap/terraform-provider-namecheap/issues/9).
func meaning(number string) (code providers.Code, certain bool, advice string) {
	switch number {
	case "1010101", "1010102", "1011101", "1011102", "1030408":
		return providers.InvalidCredentials, true,
			"the user name or the key is wrong, or the API is not switched on, for which Namecheap wants 20 domains, 50 US dollars on the account or as much spent in two years: see " + access
	case "1010105", "1011105":
		return providers.InvalidCredentials, true, "client_ip is not an address that the API takes"
	case "1019103":
		return providers.InvalidCredentials, true, "there is no such account"
	case "1011150", "1017150", "1017105":
		return providers.AccessDenied, true, "requests from this address are not allowed: add it to the allowed addresses at " + access
	case "1016103":
		return providers.AccessDenied, true, "the user may not work on that account"
	case "1017101", "1017103", "1017410":
		return providers.AccessDenied, true, "the account is locked: ask Namecheap's support"
	case "1017411":
		return providers.TooManyAttempts, true, ""
	case "2019166", "2016166":
		return providers.NoSuchZone, true, ""
	case "2030288":
		return providers.NoSuchZone, true, elsewhere
	case "2013166", "2030166", "4011103":
		return providers.AccessDenied, true, ""
	case "3013288", "4013288":
		return providers.Invalid, true, "the host holds at most 150 records in a zone"
	case "500000":
		return providers.RateLimited, true, ""
	case "1050900":
		return providers.Unavailable, true, ""
	}
	switch {
	case len(number) == 7 && number[0] == '1':
		return providers.AccessDenied, true, ""
	case len(number) == 7 && number[0] == '2':
		return providers.Invalid, true, ""
	}
	return providers.Unavailable, false, ""
}

// elsewhere is why a domain of the account is no zone of the host.
const elsewhere = "the domain is registered here, and its DNS is served by others"
