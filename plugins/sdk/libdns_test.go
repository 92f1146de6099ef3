package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/libdns/cloudflare"
	"github.com/libdns/godaddy"
	"github.com/libdns/libdns"
	"github.com/libdns/namecheap"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/libdnsdriver"
	"github.com/mooring-dns/mooring/providers/zone"
)

// registrar is what authors of libdns modules write.
type registrar struct {
	Token    string `json:"api_token"`
	Account  string `json:"account_id,omitempty"`
	Untagged string
	Kind     kind   `json:"kind,omitzero"`
	Tries    int    `json:"tries"`
	Hidden   string `json:"-"`
	Embedded
	private string

	records []libdns.Record
}

type kind string

// Embedded is part of a module's credentials.
type Embedded struct {
	ServerURL string `json:"server-url"`
}

func (r *registrar) GetRecords(context.Context, string) ([]libdns.Record, error) {
	if r.Token == "bad" {
		return nil, errors.New("got status 401 for token " + r.Token + r.private)
	}
	return r.records, nil
}

func (r *registrar) AppendRecords(_ context.Context, _ string, recs []libdns.Record) ([]libdns.Record, error) {
	r.records = append(r.records, recs...)
	return recs, nil
}

func (r *registrar) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	return r.AppendRecords(ctx, zone, recs)
}

func (r *registrar) DeleteRecords(context.Context, string, []libdns.Record) ([]libdns.Record, error) {
	return nil, nil
}

// powers is what makes a module of the structs below.
type powers struct{ registrar *registrar }

func (p *powers) GetRecords(ctx context.Context, zone string) ([]libdns.Record, error) {
	return p.registrar.GetRecords(ctx, zone)
}

func (p *powers) AppendRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	return p.registrar.AppendRecords(ctx, zone, recs)
}

func (p *powers) SetRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	return p.registrar.SetRecords(ctx, zone, recs)
}

func (p *powers) DeleteRecords(ctx context.Context, zone string, recs []libdns.Record) ([]libdns.Record, error) {
	return p.registrar.DeleteRecords(ctx, zone, recs)
}

type (
	embeddedByName struct {
		powers
		Embedded `json:"auth"`
		User     string `json:"user"`
	}
	embeddedByPointer struct {
		powers
		*Embedded
		User string `json:"user"`
	}
	embeddedByHiddenPointer struct {
		powers
		*kinds
		User string `json:"user"`
	}
	kinds struct {
		Kind string `json:"kind"`
	}
	left struct {
		powers
		Embedded `json:"-"`
		User     string `json:"user"`
	}
	withoutStrings struct {
		powers
		Key    *string  `json:"key"`
		Port   int      // by its own name
		Nested Embedded `json:"nested"`
	}
	withoutSettings struct {
		powers
		Client *registrar
		Skip   int `json:"-"`
	}
)

// Every field that is asked for reaches the module.
func TestFieldsAreSet(t *testing.T) {
	tests := []struct {
		name string
		of   libdnsdriver.Driver
		want []string
	}{
		{"embedded by a name", Libdns[embeddedByName]("x"), []string{"user"}},
		{"embedded by a pointer", Libdns[embeddedByPointer]("x"), []string{"server-url", "user"}},
		{"embedded by a pointer that nobody can set", Libdns[embeddedByHiddenPointer]("x"), []string{"user"}},
		{"left out", Libdns[left]("x"), []string{"user"}},
		{"no settings", Libdns[withoutSettings]("x"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			creds := providers.Credentials{}
			var got []string
			for _, f := range tt.of.Info().Fields {
				creds[f.Name] = "value of " + f.Name
				got = append(got, f.Name)
			}
			slices.Sort(got)
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Error(diff)
			}
			module, err := tt.of.New(creds)
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(module)
			for _, name := range got {
				if err != nil || !strings.Contains(string(data), "value of "+name) {
					t.Errorf("%s is lost: %s, %v", name, data, err)
				}
			}
		})
	}
}

// A module that nobody can set up is refused, with what its settings are.
func TestUnsettable(t *testing.T) {
	_, err := Libdns[withoutStrings]("x").New(providers.Credentials{})
	if providers.CodeOf(err) != providers.Internal || !strings.Contains(err.Error(), "(key, Port, nested)") {
		t.Errorf("got %v, want the settings in it", err)
	}
}

func field(name, label string, optional bool) providers.Field {
	return providers.Field{Name: name, Label: label, Secret: true, Optional: optional}
}

func TestFields(t *testing.T) {
	tests := []struct {
		name string
		of   reflect.Type
		want []providers.Field
	}{
		{"tags that differ", reflect.TypeFor[registrar](), []providers.Field{
			field("api_token", "API token", false),
			field("account_id", "Account ID", true),
			field("Untagged", "Untagged", false),
			field("kind", "Kind", true),
			field("server-url", "Server URL", false),
		}},
		{"one, that is omitempty", reflect.TypeFor[godaddy.Provider](), []providers.Field{field("api_token", "API token", false)}},
		{"all omitempty", reflect.TypeFor[cloudflare.Provider](), []providers.Field{field("api_token", "API token", true), field("zone_token", "Zone token", true)}},
		{"all omitempty", reflect.TypeFor[namecheap.Provider](), []providers.Field{
			field("api_key", "API key", true),
			field("user", "User", true),
			field("api_endpoint", "API endpoint", true),
			field("client_ip", "Client IP", true),
		}},
		{"no struct", reflect.TypeFor[map[string]string](), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.of.String(), func(t *testing.T) {
			if diff := cmp.Diff(fieldsOf(tt.of), tt.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLibdnsInfo(t *testing.T) {
	known, unknown := Libdns[godaddy.Provider]("godaddy").Info(), Libdns[registrar]("registrar").Info()
	if known.Name != "GoDaddy" || len(known.NameServers) == 0 || known.Caps.Grain != providers.GrainRRset {
		t.Errorf("what the catalogue knows is lost: %+v", known)
	}
	if unknown.ID != "registrar" || unknown.Name != "registrar" {
		t.Errorf("got %q, %q", unknown.ID, unknown.Name)
	}
}

func TestLibdnsCredentials(t *testing.T) {
	fields := fieldsOf(reflect.TypeFor[registrar]())
	got, err := values(fields, providers.Credentials{"api_token": " t \n", "account_id": "", "Untagged": "<&>", "server-url": "u", "unknown": "x"})
	if err != nil {
		t.Fatal(err)
	}
	var r registrar
	if err := json.Unmarshal(got, &r); err != nil {
		t.Fatal(err)
	}
	if r.Token != "t" || r.Untagged != "<&>" || r.ServerURL != "u" || r.Account != "" {
		t.Errorf("got %+v", r)
	}
	tests := []struct {
		name  string
		creds providers.Credentials
		says  string
	}{
		{"none", providers.Credentials{}, "no credential is given"},
		{"only blanks", providers.Credentials{"api_token": " ", "unknown": "x"}, "no credential is given"},
		{"no text", providers.Credentials{"api_token": "\xff" + token}, "api_token: it is no UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Libdns[cloudflare.Provider]("x").Open(tt.creds)
			if providers.CodeOf(err) != providers.InvalidCredentials || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), token) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
	if _, err := Libdns[registrar]("x").Open(providers.Credentials{"api_token": "t"}); err == nil || !strings.Contains(err.Error(), "missing credentials: Untagged, server-url") {
		t.Errorf("got %v", err)
	}
}

// A module works over the wire as any driver does, each customer with his own value.
func TestLibdnsOverTheWire(t *testing.T) {
	client, _ := connect(t, Libdns[registrar]("registrar"))
	creds := func(token string) providers.Credentials {
		return providers.Credentials{"api_token": token, "Untagged": "x", "server-url": "x"}
	}
	z, err := client.Find(t.Context(), creds("one"), apex)
	if err != nil {
		t.Fatal(err)
	}
	record, err := zone.New("www."+apex, "A", 300, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Write(t.Context(), creds("one"), z, zone.Edit{After: []zone.Record{record}}); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, token := range []string{"one", "two"} {
		snap, err := client.Read(t.Context(), creds(token), z)
		if err != nil {
			t.Fatal(err)
		}
		got[token] = len(snap.Records)
	}
	if diff := cmp.Diff(got, map[string]int{"one": 1, "two": 0}); diff != "" {
		t.Error(diff)
	}
	if _, err := client.Read(t.Context(), creds("bad"), z); providers.CodeOf(err) != providers.InvalidCredentials {
		t.Errorf("got %v", err)
	}
}
