package dkim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mooring-dns/mooring/dkim"
)

type step struct {
	Kind              dkim.StepKind
	Name, Type, Value string
	After             time.Duration
}

func TestRotate(t *testing.T) {
	const (
		day = 24 * time.Hour
		s1  = "s1._domainkey.example.com"
		s2  = "s2._domainkey.example.com"
	)
	tests := []struct {
		name string
		in   dkim.Rotation
		want []step
	}{
		{
			"one key to another",
			dkim.Rotation{Domain: "example.com", Old: "s1", New: "s2", Record: long, TTL: 2 * time.Hour, NegativeTTL: time.Hour},
			[]step{
				{dkim.StepPublish, s2, "TXT", long, 0},
				{dkim.StepSeen, s2, "TXT", long, 0},
				{dkim.StepSwitch, "", "", "", 2 * time.Hour},
				{dkim.StepRevoke, s1, "TXT", "v=DKIM1; p=", 7 * day},
				{dkim.StepDelete, s1, "TXT", "", 7 * day},
			},
		},
		{
			"a long negative TTL, kept longer",
			dkim.Rotation{Domain: "example.com", Old: "s1", New: "s2", Record: long, TTL: time.Hour, NegativeTTL: 3 * time.Hour, Keep: 30 * day},
			[]step{
				{dkim.StepPublish, s2, "TXT", long, 0},
				{dkim.StepSeen, s2, "TXT", long, 0},
				{dkim.StepSwitch, "", "", "", 3 * time.Hour},
				{dkim.StepRevoke, s1, "TXT", "v=DKIM1; p=", 30 * day},
				{dkim.StepDelete, s1, "TXT", "", 7 * day},
			},
		},
		{
			"kept too briefly, and no time is known",
			dkim.Rotation{Domain: "example.com", Old: "s1", New: "s2", Record: long, Keep: time.Hour},
			[]step{
				{dkim.StepPublish, s2, "TXT", long, 0},
				{dkim.StepSeen, s2, "TXT", long, 0},
				{dkim.StepSwitch, "", "", "", day},
				{dkim.StepRevoke, s1, "TXT", "v=DKIM1; p=", 7 * day},
				{dkim.StepDelete, s1, "TXT", "", 7 * day},
			},
		},
		{
			"the first key",
			dkim.Rotation{Domain: "example.com", New: "s2", Record: long, NegativeTTL: time.Hour},
			[]step{{dkim.StepPublish, s2, "TXT", long, 0}, {dkim.StepSeen, s2, "TXT", long, 0}, {dkim.StepSwitch, "", "", "", time.Hour}},
		},
		{
			"the first key, and no time is known",
			dkim.Rotation{Domain: "example.com", New: "s2", Record: long},
			[]step{{dkim.StepPublish, s2, "TXT", long, 0}, {dkim.StepSeen, s2, "TXT", long, 0}, {dkim.StepSwitch, "", "", "", 3 * time.Hour}},
		},
		{
			"only the negative TTL is known",
			dkim.Rotation{Domain: "example.com", Old: "s1", OldTarget: vendor, New: "s2", Record: long, NegativeTTL: time.Hour},
			[]step{
				{dkim.StepPublish, s2, "TXT", long, 0},
				{dkim.StepSeen, s2, "TXT", long, 0},
				{dkim.StepSwitch, "", "", "", day},
				{dkim.StepDelete, s1, "CNAME", "", 7 * day},
			},
		},
		{
			"from a key to a vendor",
			dkim.Rotation{Domain: "example.com", Old: "s1", New: "s2", Target: vendor, TTL: time.Hour},
			[]step{
				{dkim.StepPublish, s2, "CNAME", vendor, 0},
				{dkim.StepSeen, s2, "CNAME", vendor, 0},
				{dkim.StepSwitch, "", "", "", 3 * time.Hour},
				{dkim.StepRevoke, s1, "TXT", "v=DKIM1; p=", 7 * day},
				{dkim.StepDelete, s1, "TXT", "", 7 * day},
			},
		},
		{
			"from a vendor to a key",
			dkim.Rotation{Domain: "example.com", Old: "s1", OldTarget: vendor, New: "s2", Record: long, TTL: time.Hour},
			[]step{
				{dkim.StepPublish, s2, "TXT", long, 0},
				{dkim.StepSeen, s2, "TXT", long, 0},
				{dkim.StepSwitch, "", "", "", 3 * time.Hour},
				{dkim.StepDelete, s1, "CNAME", "", 7 * day},
			},
		},
		{
			"the first key, and a TTL of nothing",
			dkim.Rotation{Domain: "Example.com.", New: "s2", Record: long, TTL: 2 * day, NegativeTTL: time.Hour},
			[]step{{dkim.StepPublish, s2, "TXT", long, 0}, {dkim.StepSeen, s2, "TXT", long, 0}, {dkim.StepSwitch, "", "", "", time.Hour}},
		},
		{
			"a vendor's own change",
			dkim.Rotation{Domain: "example.com", Old: "s1", OldTarget: vendor, New: "S1"},
			[]step{{dkim.StepVendor, s1, "CNAME", vendor, 0}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			steps, err := dkim.Rotate(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []step
			for i, s := range steps {
				got = append(got, step{s.Kind, s.Name, s.Type, s.Value, s.After})
				if s.Do == "" || (s.Until == "") != (s.Kind == dkim.StepDelete) {
					t.Errorf("step %d, %s: do %q, until %q", i+1, s.Kind, s.Do, s.Until)
				}
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("steps, got before want:\n%s", diff)
			}
		})
	}
}

// A step says what else there is to wait for, and to sign with.
func TestRotateTexts(t *testing.T) {
	base := dkim.Rotation{Domain: "example.com", Old: "s1", New: "s2"}
	for _, tt := range []struct {
		name           string
		record, target string
		kind           dkim.StepKind
		want           string
		said           bool
	}{
		{"a key behind a CNAME has to be there", "", vendor, dkim.StepSeen, "a usable key stands where it leads", true},
		{"a TXT is the key", long, "", dkim.StepSeen, "where it leads", false},
		{"Ed25519 is not enough", record(t, "ed25519"), "", dkim.StepSwitch, "publish an RSA key beside it", true},
		{"RSA is", long, "", dkim.StepSwitch, "Ed25519", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := base
			r.Record, r.Target = tt.record, tt.target
			steps, err := dkim.Rotate(r)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(steps, func(s dkim.Step) bool { return s.Kind == tt.kind })
			if i < 0 || strings.Contains(steps[i].Do+" "+steps[i].Until, tt.want) != tt.said {
				t.Errorf("got %+v, want %q said: %v", steps, tt.want, tt.said)
			}
		})
	}
}

func TestRotateErrors(t *testing.T) {
	base := dkim.Rotation{Domain: "example.com", Old: "s1", New: "s2", Record: long}
	tests := []struct {
		name   string
		change func(*dkim.Rotation)
		code   dkim.Code
	}{
		{"the same selector", func(r *dkim.Rotation) { r.New = "s1" }, dkim.CodeBadRequest},
		{"the same selector in capitals", func(r *dkim.Rotation) { r.New = "S1" }, dkim.CodeBadRequest},
		{"a key in the place of a CNAME", func(r *dkim.Rotation) { r.New, r.OldTarget = "s1", vendor }, dkim.CodeBadRequest},
		{"another target at the same selector", func(r *dkim.Rotation) { r.New, r.OldTarget, r.Record, r.Target = "s1", vendor, "", "other.example" }, dkim.CodeBadRequest},
		{"no selector", func(r *dkim.Rotation) { r.New = "" }, dkim.CodeBadRequest},
		{"a selector with a space", func(r *dkim.Rotation) { r.New = "s 2" }, dkim.CodeBadRequest},
		{"an old selector with an empty label", func(r *dkim.Rotation) { r.Old = "s1." }, dkim.CodeBadRequest},
		{"no domain", func(r *dkim.Rotation) { r.Domain = "" }, dkim.CodeBadRequest},
		{"nothing to publish", func(r *dkim.Rotation) { r.Record = "" }, dkim.CodeBadRequest},
		{"two things to publish", func(r *dkim.Rotation) { r.Target = vendor }, dkim.CodeBadRequest},
		{"a target that is no name", func(r *dkim.Rotation) { r.Record, r.Target = "", "-----BEGIN" }, dkim.CodeBadRequest},
		{"a target with its type", func(r *dkim.Rotation) { r.Record, r.Target = "", "CNAME s2.vendor.example" }, dkim.CodeBadRequest},
		{"a name too long", func(r *dkim.Rotation) { r.Domain = strings.Repeat(strings.Repeat("a", 59)+".", 4) + "example" }, dkim.CodeBadRequest},
		{"an old name too long", func(r *dkim.Rotation) { r.Old = strings.Repeat("a.", 115) + "a" }, dkim.CodeBadRequest},
		{"a time below zero", func(r *dkim.Rotation) { r.TTL = -1 }, dkim.CodeBadRequest},
		{"a broken key", func(r *dkim.Rotation) { r.Record = long[:255] }, dkim.CodeValueInvalid},
		{"a weak key", func(r *dkim.Rotation) { r.Record = record(t, "rsa768-spki") }, dkim.CodeValueInvalid},
		{"a revoked key", func(r *dkim.Rotation) { r.Record = "v=DKIM1; p=" }, dkim.CodeValueInvalid},
		{"a key that is not for mail", func(r *dkim.Rotation) { r.Record = long + "; s=tlsrpt" }, dkim.CodeValueInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := base
			tt.change(&r)
			steps, err := dkim.Rotate(r)
			if e, ok := errors.AsType[*dkim.Error](err); !ok || e.Code != tt.code || steps != nil {
				t.Errorf("got %v, %v; want code %s", steps, err, tt.code)
			}
		})
	}
}
