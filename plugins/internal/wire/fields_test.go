package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// fill gives every exported field of a value one that no other field has, so
// that a field which is lost or changes places is seen.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), n)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(fmt.Appendf(nil, "octets %d \xff", *n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint32:
		v.SetUint(uint64(*n))
	default:
		panic(fmt.Sprintf("fill knows no %s", v.Type()))
	}
}

// unset is the fields of a message, and of those below it, that have no value.
func unset(m protoreflect.Message, path string) (names []string) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		name := path + "." + string(f.Name())
		switch {
		case !m.Has(f):
			names = append(names, name)
		case f.Kind() == protoreflect.MessageKind && f.IsList():
			for j := range m.Get(f).List().Len() {
				names = append(names, unset(m.Get(f).List().Get(j).Message(), name)...)
			}
		case f.Kind() == protoreflect.MessageKind && !f.IsMap() && f.Message().FullName().Parent() != "google.protobuf":
			names = append(names, unset(m.Get(f).Message(), name)...)
		}
	}
	return names
}

func filled[T any]() T {
	var v T
	n := 0
	fill(reflect.ValueOf(&v).Elem(), &n)
	return v
}

// there and back is a value over the wire, octets and all.
func carried[T any, M proto.Message](t *testing.T, v T, to func(T) M, from func(M) T) (T, M) {
	t.Helper()
	data, err := proto.Marshal(to(v))
	if err != nil {
		t.Fatal(err)
	}
	m := to(v).ProtoReflect().New().Interface().(M)
	if err := proto.Unmarshal(data, m); err != nil {
		t.Fatal(err)
	}
	return from(m), m
}

func allFields[T any, M proto.Message](to func(T) M, from func(M) T) func(*testing.T) {
	return func(t *testing.T) {
		v := filled[T]()
		got, m := carried(t, v, to, from)
		if diff := cmp.Diff(v, got); diff != "" {
			t.Errorf("a field is lost or changed (-sent +came):\n%s", diff)
		}
		if names := unset(m.ProtoReflect(), ""); len(names) > 0 {
			t.Errorf("no field of ours fills %s", strings.Join(names, ", "))
		}
	}
}

// Every field of every type that crosses the wire comes out as it went in, and
// every field of a message is used.
func TestAllFields(t *testing.T) {
	t.Run("Record", allFields(recordTo, recordFrom))
	t.Run("Edit", allFields(editTo, editFrom))
	t.Run("Zone", allFields(zoneTo, zoneFrom))
	t.Run("Description", allFields(descriptionTo, descriptionFrom))
	t.Run("Error", func(t *testing.T) {
		for _, wrote := range []providers.Wrote{providers.WroteNo, providers.WroteYes, providers.WroteUnknown} {
			sent := &providers.Error{
				Code: providers.Challenge, Reason: providers.ReasonScope, RetryAfter: 7 * time.Second, Wrote: wrote,
				Prompt: "the code", State: providers.Sealed("\x00state\xff"), Err: fmt.Errorf("wait: %w", errTurn),
			}
			got, m := carried(t, sent, errorTo, func(m *Error) *providers.Error { return errorFrom(m, false) })
			if names := unset(m.ProtoReflect(), ""); len(names) > 0 {
				t.Errorf("no field of ours fills %s", strings.Join(names, ", "))
			}
			if got.Code != sent.Code || got.Reason != sent.Reason || got.RetryAfter != sent.RetryAfter || got.Wrote != sent.Wrote ||
				got.Prompt != sent.Prompt || string(got.State) != string(sent.State) || got.Err.Error() != sent.Err.Error() {
				t.Errorf("got %+v (%v), want %+v", got, got.Wrote, sent)
			}
		}
		if n := reflect.TypeFor[providers.Error]().NumField(); n != 7 {
			t.Errorf("providers.Error has %d fields, and 7 cross the wire", n)
		}
	})
	t.Run("Snapshot", func(t *testing.T) {
		if n := reflect.TypeFor[zone.Snapshot]().NumField(); n != 6 {
			t.Errorf("zone.Snapshot has %d fields, and 6 cross the wire", n)
		}
	})
}

// The test above must be able to fail.
func TestAllFieldsBites(t *testing.T) {
	lossy := func(r zone.Record) *Record {
		m := recordTo(r)
		m.Meta = nil
		return m
	}
	got, m := carried(t, filled[zone.Record](), lossy, recordFrom)
	if cmp.Equal(filled[zone.Record](), got) {
		t.Error("a lost field is not seen")
	}
	if names := unset(m.ProtoReflect(), ""); len(names) != 1 {
		t.Errorf("got unset fields %v, want one", names)
	}
}

// Each code of the contract crosses as itself, and one that nobody knows becomes
// Internal, in words.
func TestCodes(t *testing.T) {
	for _, c := range []providers.Code{
		providers.InvalidCredentials, providers.TooManyAttempts, providers.EmailNotVerified, providers.NoSuchZone, providers.Ambiguous,
		providers.AccessDenied, providers.Challenge, providers.InvalidCode, providers.SessionExpired, providers.Timeout, providers.RateLimited,
		providers.Unavailable, providers.Unsupported, providers.Conflict, providers.Invalid, providers.Internal,
	} {
		got := failure(t.Context(), statusOf(&providers.Error{Code: c, Wrote: providers.WroteYes, Err: errors.New("why")}, true), true)
		if got.Code != c || got.Wrote != providers.WroteYes || got.Err.Error() != "why" {
			t.Errorf("%s: got %v, wrote %d", c, got, got.Wrote)
		}
	}
	got := failure(t.Context(), statusOf(&providers.Error{Code: "Novel", RetryAfter: -1}, true), true)
	if got.Code != providers.Internal || !strings.Contains(got.Error(), `"Novel"`) || got.RetryAfter != 0 {
		t.Errorf("a code that nobody knows: got %v", got)
	}
}
