package entri

import (
	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers"
)

// Result is how a flow ended, by the name that pages and backends know.
type Result string

// The results of Entri's API reference.
const (
	Success                 Result = "Success"
	EmailNotVerifiedError   Result = "EmailNotVerifiedError"
	InvalidCredentialsError Result = "InvalidCredentialsError"
	InvalidDomainError      Result = "InvalidDomainError"
	UserInputTimeoutError   Result = "UserInputTimeoutError"
	TimeoutError            Result = "TimeoutError"
	AccessDeniedError       Result = "AccessDeniedError"
	AuthCodeError           Result = "AuthCodeError"
	SessionError            Result = "SessionError"
	GenericError            Result = "GenericError"
	SpfRecordsLimitError    Result = "SpfRecordsLimitError"
	SpfRecordsLengthError   Result = "SpfRecordsLengthError"
)

// resultText is the English texts of a result. Other languages come from
// catalogues by its name.
type resultText struct {
	result             Result
	title, description string
}

// resultTable is every result with the reference's texts, in its order. The
// bytes are the reference's own, typographic apostrophes and plain ones.
func resultTable() []resultText {
	const (
		failed = "An error occurred when trying to set up your domain"
		sorry  = "We’re sorry an error occurred when trying to set up your domain. Please try again."
	)
	return []resultText{
		{Success, "Success", "The flow ended successfully."},
		{EmailNotVerifiedError, "Unverified email", "You need to complete the email verification process in your provider account."},
		{InvalidCredentialsError, "You’ve exceeded the maximum number of login attempts", "Please reset your password or set up your domain manually."},
		{InvalidDomainError, "Domain not found", "We couldn’t find the domain you entered in your provider account."},
		{UserInputTimeoutError, "Your session has timed out", "For your security, your session has timed out. Please start over."},
		{TimeoutError, failed, "We're sorry, the process took more time than expected to complete. Please try again."},
		{AccessDeniedError, "Invalid Permissions", sorry},
		{AuthCodeError, "2FA code invalid.", "Invalid code"},
		{SessionError, "Session Error", "Your session has timed out. Please refresh the page and try again."},
		{GenericError, failed, sorry},
		{SpfRecordsLimitError, failed, "SPF record cannot have more than 10 domains"},
		{SpfRecordsLengthError, failed, "SPF record cannot be longer than 255 characters"},
	}
}

// Results is every result, in the order of the reference.
func Results() []Result {
	table := resultTable()
	out := make([]Result, len(table))
	for i, t := range table {
		out[i] = t.result
	}
	return out
}

// Title is the heading that a person sees; "" for a result not in [Results].
func (r Result) Title() string { return r.text().title }

// Description is the sentence below the heading.
func (r Result) Description() string { return r.text().description }

func (r Result) text() resultText {
	for _, t := range resultTable() {
		if t.result == r {
			return t
		}
	}
	return resultText{}
}

// ResultOf is the result that a provider's code ends a flow with; "" is
// [Success]. UserInputTimeoutError also comes from a person who never came
// back, and the two SPF results come from the plan: no provider knows them.
func ResultOf(code providers.Code) Result {
	switch code {
	case "":
		return Success
	case providers.EmailNotVerified:
		return EmailNotVerifiedError
	case providers.InvalidCredentials, providers.TooManyAttempts:
		// Its name is for the first, its title for the second, and its advice
		// helps with both.
		return InvalidCredentialsError
	case providers.NoSuchZone, providers.Ambiguous:
		// An account with two zones of one name has none that is the domain.
		return InvalidDomainError
	case providers.AccessDenied:
		return AccessDeniedError
	case providers.Challenge:
		// A flow that ends here asked for a code and never got one.
		return UserInputTimeoutError
	case providers.InvalidCode:
		return AuthCodeError
	case providers.SessionExpired:
		return SessionError
	case providers.Timeout, providers.RateLimited, providers.Unavailable:
		// Time passed while the host did not answer, or told us to wait; trying
		// again later is what helps.
		return TimeoutError
	case providers.Unsupported, providers.Conflict, providers.Invalid, providers.Internal:
		// What went wrong stands in the outcome; the reference has no name for it.
		return GenericError
	default:
		return GenericError
	}
}

// ResultOfPlan is the result that a flow ends with where its plan cannot be
// carried out because of an SPF record that is too costly or too long, and the
// sentence that says why: with the figures, what each include costs, and what
// would help. Elsewhere both are "": other conflicts have no result of their
// own, and neither has an SPF record that cannot be stored for another reason
// than its length.
//
// A conflict counts while nobody has decided it, or where only a policy left
// the record out. The fixed description of the result speaks of 10 domains and
// 255 characters; the sentence has the numbers that count.
func ResultOfPlan(p plan.Plan) (result Result, detail string) {
	for _, c := range p.Conflicts {
		if c.Answer != "" && (c.Answer != "skip" || c.By != "policy") {
			continue
		}
		switch c.Code {
		case plan.SPFLookups:
			return SpfRecordsLimitError, c.Text
		case plan.SPFLength:
			if c.Params["limit"] != "" { // or the host cannot store it for another reason
				return SpfRecordsLengthError, c.Text
			}
		default:
		}
	}
	return "", ""
}
