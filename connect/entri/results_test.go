package entri_test

import (
	"os"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/providers"
)

// TestResults compares the table with the reference's own lines, in which
// name, title and description stand without a space between them.
func TestResults(t *testing.T) {
	data, err := os.ReadFile("testdata/results.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, r := range entri.Results() {
		got.WriteString(string(r) + r.Title() + r.Description() + "\n")
	}
	if got.String() != string(data) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), data)
	}
	if r := entri.Result("NoSuchError"); r.Title() != "" || r.Description() != "" {
		t.Errorf("an unknown result has the texts %q and %q", r.Title(), r.Description())
	}
}

func TestResultOf(t *testing.T) {
	for code, want := range map[providers.Code]entri.Result{
		"":                           entri.Success,
		providers.InvalidCredentials: entri.InvalidCredentialsError,
		providers.TooManyAttempts:    entri.InvalidCredentialsError,
		providers.EmailNotVerified:   entri.EmailNotVerifiedError,
		providers.NoSuchZone:         entri.InvalidDomainError,
		providers.Ambiguous:          entri.InvalidDomainError,
		providers.AccessDenied:       entri.AccessDeniedError,
		providers.Challenge:          entri.UserInputTimeoutError,
		providers.InvalidCode:        entri.AuthCodeError,
		providers.SessionExpired:     entri.SessionError,
		providers.Timeout:            entri.TimeoutError,
		providers.RateLimited:        entri.TimeoutError,
		providers.Unavailable:        entri.TimeoutError,
		providers.Unsupported:        entri.GenericError,
		providers.Conflict:           entri.GenericError,
		providers.Invalid:            entri.GenericError,
		providers.Internal:           entri.GenericError,
		"SomethingNew":               entri.GenericError,
	} {
		if got := entri.ResultOf(code); got != want || got.Title() == "" {
			t.Errorf("ResultOf(%q) = %q, want %q", code, got, want)
		}
	}
}
