package zone

import (
	"encoding/json"
	"unicode/utf8"
)

// plain is a Record without its methods.
type plain Record

// raw is a Record whose data is no UTF-8: only the host's own text can be so.
// JSON would replace what it cannot spell, and the host's record would be lost.
type raw struct {
	*plain
	Base64 []byte `json:"data_base64,omitempty"`
}

// MarshalJSON keeps every octet of Data: what is no UTF-8 goes into data_base64.
func (r Record) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(r.Data) {
		return json.Marshal(plain(r))
	}
	octets := []byte(r.Data)
	r.Data = ""
	return json.Marshal(raw{(*plain)(&r), octets})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Record) UnmarshalJSON(data []byte) error {
	in := raw{plain: (*plain)(r)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	if in.Base64 != nil {
		r.Data = string(in.Base64)
	}
	return nil
}
