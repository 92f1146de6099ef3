package godaddy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/zone"
)

// respell is the host's own form of a record for a write, with this TTL. All
// that stays goes back as it came.
func (e entry) respell(ttl uint32) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if err := json.Unmarshal(e.raw, &out); err != nil {
		return nil, fail(providers.Internal, "%w", err)
	}
	delete(out, "type") // they stand in the path
	delete(out, "name")
	if ttl != e.rec.TTL {
		out["ttl"] = json.RawMessage(strconv.FormatUint(uint64(ttl), 10))
	}
	return out, nil
}

// value is a new record in the form of a write, without type and name.
type value struct {
	Data     string `json:"data"`
	TTL      uint32 `json:"ttl"`
	Priority *int   `json:"priority,omitempty"`
	Service  string `json:"service,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	Port     *int   `json:"port,omitempty"`
	Weight   *int   `json:"weight,omitempty"`
}

// spell is a new record for the host.
func (p place) spell(apex zone.Name, r zone.Record) (value, error) {
	v := value{TTL: r.TTL, Data: r.Data}
	numbers := []**int{}
	switch r.Type {
	case "TXT":
		if r.Meta != metaQuoted {
			v.Data = r.Text()
		}
		return v, nil
	case "MX":
		numbers = append(numbers, &v.Priority)
	case "SRV":
		v.Service, v.Protocol = p.service, p.protocol
		numbers = append(numbers, &v.Priority, &v.Weight, &v.Port)
	case "CNAME", "NS":
	default:
		return v, nil
	}
	words := strings.Fields(r.Data)
	if len(words) != len(numbers)+1 {
		return v, fail(providers.Invalid, "%s: the data is not that of its type", r)
	}
	for i, n := range numbers {
		*n = new(int)
		if _, err := fmt.Sscan(words[i], *n); err != nil {
			return v, fail(providers.Invalid, "%s: %q is no number", r, words[i])
		}
	}
	v.Data = strings.TrimSuffix(words[len(words)-1], ".")
	if zone.Name(v.Data) == apex {
		v.Data = "@"
	}
	return v, nil
}
