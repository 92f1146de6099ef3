package dmarc

import "slices"

// MTASTS is the TXT record at _mta-sts.DOMAIN (RFC 8461 3.1). It says that there is a policy, which
// https://mta-sts.DOMAIN/.well-known/mta-sts.txt holds, and when it changed: by another ID.
type MTASTS struct {
	ID    string   // 1 to 32 letters and digits; they have case
	Other []string // name=value of fields that RFC 8461 does not know, in their order
}

func mtasts() format {
	return format{name: "MTA-STS", version: "v=STSv1", not: CodeNotMTASTS, own: []string{"id"}}
}

// IsMTASTS reports whether senders take a TXT value for an MTA-STS record. Of several at one name none counts.
func IsMTASTS(text string) bool { return mtasts().is(text) }

// ParseMTASTS reads an MTA-STS record. A record with a fault is none to senders, so there are no warnings. Each error is an
// [*Error]: [CodeNotMTASTS], [CodeNeeded] without id, [CodeInvalid] for one that is no 1 to 32 letters and digits, [CodeNotTag],
// [CodeEmptyTag], [CodeDuplicate] and [CodeBadText].
func ParseMTASTS(text string) (MTASTS, error) {
	f := mtasts()
	fields, err := f.fields(text)
	if err != nil {
		return MTASTS{}, err
	}
	m := MTASTS{Other: f.others(fields)}
	for _, t := range fields {
		if t.Name != "id" {
			continue
		}
		m.ID = t.Value
		if len(m.ID) == 0 || len(m.ID) > 32 || slices.ContainsFunc([]byte(m.ID), func(c byte) bool { return !isLetterOrDigit(c) }) {
			return MTASTS{}, f.invalid(CodeInvalid, t, "id has to be 1 to 32 letters and digits, not %q", clip(t.Value))
		}
		return m, nil
	}
	return MTASTS{}, f.needed("id", "senders tell by it whether the policy is a new one")
}

// Equal reports whether two records say the same.
func (m MTASTS) Equal(o MTASTS) bool {
	return m.ID == o.ID && slices.Equal(set(m.Other, same), set(o.Other, same))
}

// same is for comparing texts as they are.
func same(s string) string { return s }
