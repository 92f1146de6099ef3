package zone_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers/zone"
)

// TestRecordJSON: a record comes back from JSON as it was, whatever its host
// wrote into it.
func TestRecordJSON(t *testing.T) {
	for _, r := range []zone.Record{
		{Name: "a.example", Type: "TXT", TTL: 60, Data: `"text"`},
		{Name: "a.example", Type: "REDIRECT", TTL: 60, Data: "grüße", Opaque: true, Meta: "code=301"},
		{Name: "a.example", Type: "WEB", Data: "latin1 \xfc \xff\x00", Opaque: true},
		{Name: "a.example", Type: "WEB", Opaque: true},
	} {
		data, err := json.Marshal([]zone.Record{r})
		if err != nil {
			t.Fatal(err)
		}
		var back []zone.Record
		if err := json.Unmarshal(data, &back); err != nil || len(back) != 1 || back[0] != r {
			t.Errorf("%s: got %+v, %v; want %+v", data, back, err, r)
		}
	}
	data, err := json.Marshal(zone.NewTXT("a.example", 60, "x"))
	if want := `{"name":"a.example","type":"TXT","ttl":60,"data":"\"x\""}`; err != nil || string(data) != want {
		t.Errorf("got %s, %v; want %s", data, err, want)
	}
	var r zone.Record
	if err := json.Unmarshal([]byte(`{"name":7}`), &r); err == nil || !strings.Contains(err.Error(), "name") {
		t.Errorf("a name that is a number: got %v", err)
	}
}
