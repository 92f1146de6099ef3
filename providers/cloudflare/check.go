package cloudflare

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mooring-dns/mooring/providers"
)

// Check implements providers.Checker: is the token one, is it in force, does it
// reach a zone, may it read and edit DNS in one of them. It writes nothing, so
// that a token may edit is taken from what the zones say of its permissions, which
// differ from zone to zone, where they say any.
func (s *session) Check(ctx context.Context) (err error) {
	defer s.clean(&err)
	if err := s.verify(ctx); err != nil {
		return err
	}
	all, err := s.zones(ctx, "")
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(z zoneEntry) bool { return z.Type != typeFull })
	if len(all) == 0 {
		return scope("the token is valid and reaches no zone that is edited at Cloudflare%s", strings.Replace(needs, "this zone", "the zones to be connected", 1))
	}
	i := slices.IndexFunc(all, func(z zoneEntry) bool { return slices.Contains(z.Permissions, mayEdit) })
	if i < 0 {
		i = slices.IndexFunc(all, func(z zoneEntry) bool { return !slices.Contains(z.Permissions, mayRead) })
	}
	if i < 0 {
		return scope("the token may read the DNS records of %d zones, %s among them, and not edit them%s", len(all), s.quoted(all[0].Name), needs)
	}
	_, err = s.get(ctx, "/zones/"+all[i].ID+"/dns_records", url.Values{"per_page": {"1"}})
	return err
}

// What a zone calls the permissions on its records.
const (
	mayEdit = "#dns_records:edit"
	mayRead = "#dns_records:read"
)

// verify asks what becomes of the token. Tokens of a user and of an account are
// asked about in two places
// (https://developers.cloudflare.com/fundamentals/api/get-started/account-owned-tokens/);
// since 2026 a prefix tells them apart, and before nothing does. Where the
// account is not known, or both places refuse, what it can reach tells.
func (s *session) verify(ctx context.Context) error {
	var places []string
	if !strings.HasPrefix(s.token, "cfat_") {
		places = append(places, "/user/tokens/verify")
	}
	if s.account != "" && !strings.HasPrefix(s.token, "cfut_") {
		places = append(places, "/accounts/"+s.account+"/tokens/verify")
	}
	for _, path := range places {
		e, err := s.get(ctx, path, nil)
		if err == nil {
			return s.inForce(e.Result, time.Now())
		}
		code := providers.CodeOf(err)
		if code != providers.InvalidCredentials && code != providers.AccessDenied || strings.HasPrefix(s.token, "cfut_") {
			return err
		}
	}
	return nil
}

// inForce reads what the host says of a token.
func (s *session) inForce(result json.RawMessage, now time.Time) error {
	var t struct {
		Status    string    `json:"status"`
		NotBefore time.Time `json:"not_before"`
		Expires   time.Time `json:"expires_on"`
	}
	if err := json.Unmarshal(result, &t); err != nil || t.Status == "" {
		return odd("what it says of the token cannot be read")
	}
	why, reason := "", providers.ReasonExpired
	switch {
	case t.Status == "disabled":
		why = "the token is switched off: switch it on, or make a new one"
	case t.Status == "expired", !t.Expires.IsZero() && now.After(t.Expires):
		why = "the token has expired: make a new one"
	case now.Before(t.NotBefore):
		reason = ""
		why = "the token is not in force before " + t.NotBefore.UTC().Format(time.RFC3339)
	case t.Status != "active":
		reason = ""
		why = "the token is " + s.quoted(t.Status)
	}
	if why == "" {
		return nil
	}
	e := fail(providers.InvalidCredentials, "%s", why)
	e.Reason = reason
	return e
}
