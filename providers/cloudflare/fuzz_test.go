package cloudflare

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/mooring-dns/mooring/providers/zone"
)

// FuzzRead: whatever the API shows for a record is read without a panic, as a
// record of some name, or is an error.
func FuzzRead(f *testing.F) {
	const id = `"id":"0123456789abcdef0123456789abcdef","name":"a.example"`
	for _, s := range []string{
		`{` + id + `,"type":"TXT","content":"\"a\" \"b","ttl":1}`,
		`{` + id + `,"type":"SRV","content":"1 2 x","data":{"port":"3"},"ttl":300}`,
		`{` + id + `,"type":"MX","content":".","priority":-1}`,
		`{` + id + `,"type":"CAA","data":{"flags":0,"tag":"issue","value":"\\"},"tags":["a:b",""],"comment":null}`,
		`{` + id + `,"type":"URI","priority":1,"data":{"weight":1,"target":"\u0000\""}}`,
		`{` + id + `,"type":"HTTPS","content":"1 . k=\\25","ttl":"soon"}`,
		`{"id":"","name":"","type":""}`,
		`[]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := read(json.RawMessage(raw))
		if err != nil {
			return
		}
		if r.Name == "" || r.Type == "" || r.id == "" {
			t.Errorf("a record without a name, a type or an id: %+v", r)
		}
		snap := zone.NewSnapshot(r.Name, []zone.Record{r.Record})
		if len(snap.Records) != 1 || snap.Records[0] != r.Record {
			t.Errorf("it is not canonical:\n%+v\n%+v", r.Record, snap.Records)
		}
		if !r.Opaque {
			if _, err := contents(r.Record); err == nil {
				return
			}
			if err := writable(caps("enterprise"), r.Record); err == nil {
				t.Errorf("it may be written, and there is no body for it: %+v", r.Record)
			}
		}
	})
}

// FuzzMeta: pairs come back as they went in.
func FuzzMeta(f *testing.F) {
	f.Add("comment", "a b=c\n", "x:y z", "")
	f.Fuzz(func(t *testing.T, key, value, tag, other string) {
		m := meta{}
		m.set(metaComment, value)
		m.setTags([]string{tag, other})
		m.flag(metaProxied, key == metaProxied)
		if got := parseMeta(m.String()); !maps.Equal(got, m) {
			t.Errorf("got %q, want %q", got, m)
		}
	})
}
