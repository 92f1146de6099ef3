package namecheap

import (
	"errors"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/httpapi"
)

// refusal is the error for an answer with error numbers, with the texts of all:
// of the first one that leaves open whether anything was written, and of the
// first of all where none does.
func refusal(a httpapi.Answer, errs []apiError) *providers.Error {
	var texts []string
	said := meaning(errs[0].Number)
	number := errs[0].Number
	for _, e := range errs {
		texts = append(texts, strings.Join(strings.Fields(e.Text), " ")+" (error "+e.Number+")")
		if m := meaning(e.Number); said.certain && !m.certain {
			said, number = m, e.Number
		}
	}
	text := strings.Join(texts, "; ")
	if said.advice != "" {
		text += ": " + said.advice
	}
	e := a.Fail(said.code, "%w", &numbered{number: number, text: text})
	e.Reason = said.reason
	if said.certain {
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

// said is what an error number says.
type said struct {
	code    providers.Code
	certain bool // that nothing was written
	reason  providers.Reason
	advice  string // what to do
}

// meaning is what an error number says. The numbers are those of
// https://www.namecheap.com/support/api/global-parameters/ and of the pages of
// the domains.dns methods beside it. Their first digit is where the request was
// stopped: 1 the caller, 2 the request, 3 a registry behind the API, 4 and 5 the
// API itself. 500000 stands in no list
// (https://github.com/namecheap/terraform-provider-namecheap/issues/9).
//
// 1011102 says that the key is wrong or that the API is not switched on, and not
// which of the two: it has no reason.
func meaning(number string) said {
	switch number {
	case "1010101", "1010102", "1011101", "1011102", "1030408":
		return said{
			code: providers.InvalidCredentials, certain: true,
			advice: "the user name or the key is wrong, or the API is not switched on, for which Namecheap wants 20 domains, 50 US dollars on the account or as much spent in two years: see " + access,
		}
	case "1010105", "1011105":
		return said{code: providers.InvalidCredentials, certain: true, advice: "client_ip is not an address that the API takes"}
	case "1019103":
		return said{code: providers.InvalidCredentials, certain: true, advice: "there is no such account"}
	case "1011150", "1017150", "1017105":
		return said{
			code: providers.AccessDenied, certain: true, reason: providers.ReasonAddress,
			advice: "requests from this address are not allowed: add it to the allowed addresses at " + access,
		}
	case "1016103":
		return said{code: providers.AccessDenied, certain: true, advice: "the user may not work on that account"}
	case "1017101", "1017103", "1017410": // of the user, and not of a key: another key does not help
		return said{code: providers.AccessDenied, certain: true, reason: providers.ReasonNoAccess, advice: "the account is locked: ask Namecheap's support"}
	case "1017411":
		return said{code: providers.TooManyAttempts, certain: true}
	case "2019166", "2016166":
		return said{code: providers.NoSuchZone, certain: true}
	case "2030288":
		return said{code: providers.NoSuchZone, certain: true, advice: elsewhere}
	case "2013166", "2030166", "4011103":
		return said{code: providers.AccessDenied, certain: true}
	case "3013288", "4013288":
		return said{code: providers.Invalid, certain: true, advice: "the host holds at most 150 records in a zone"}
	case "500000":
		return said{code: providers.RateLimited, certain: true}
	case "1050900":
		return said{code: providers.Unavailable, certain: true}
	}
	switch {
	case len(number) == 7 && number[0] == '1':
		return said{code: providers.AccessDenied, certain: true}
	case len(number) == 7 && number[0] == '2':
		return said{code: providers.Invalid, certain: true}
	}
	return said{code: providers.Unavailable}
}

// elsewhere is why a domain of the account is no zone of the host.
const elsewhere = "the domain is registered here, and its DNS is served by others"
