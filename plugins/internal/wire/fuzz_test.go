package wire

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
)

// Whatever a plugin answers, what comes of it is a zone of its own records or an
// error.
func FuzzRead(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "v1", "ReadResponse.binpb"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	whole, err := proto.Marshal(&ReadResponse{Apex: string(apex), Records: []*Record{{Name: string(apex), Type: "TXT", Data: []byte(`"a" "b"`)}}, Last: true, Count: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		part := &ReadResponse{}
		if proto.Unmarshal(data, part) != nil {
			return
		}
		sent := false
		snap, err := assemble(func() (*ReadResponse, error) {
			if sent {
				return nil, io.EOF
			}
			sent = true
			return part, nil
		}, apex)
		if err != nil {
			return
		}
		if len(snap.Records) != len(part.GetRecords()) {
			t.Errorf("%d records came, and %d are in the zone", len(part.GetRecords()), len(snap.Records))
		}
		for _, r := range snap.Records {
			if !r.Name.Within(apex) {
				t.Errorf("%s is outside the zone", r.Name)
			}
		}
	})
}
