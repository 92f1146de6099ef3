package dmarc

import (
	"slices"
	"strings"
)

// TLSRPT is the TXT record at _smtp._tls.DOMAIN (RFC 8460 3), which says where senders report to that could not deliver over TLS.
type TLSRPT struct {
	RUA   []string // mailto: and https: addresses, as written
	Other []string // name=value of fields that RFC 8460 does not know, in their order
}

func tlsrpt() format {
	return format{name: "TLS-RPT", version: "v=TLSRPTv1", not: CodeNotTLSRPT, own: []string{"rua"}}
}

// IsTLSRPT reports whether senders take a TXT value for a TLS-RPT record. Of several at one name none counts.
func IsTLSRPT(text string) bool { return tlsrpt().is(text) }

// ParseTLSRPT reads a TLS-RPT record. A record with a fault is none to senders, so there are no warnings. Each error is an
// [*Error]: [CodeNotTLSRPT], [CodeNeeded] without rua, [CodeNotURI] for an address that is neither mailto: nor https:,
// [CodeSeparator] for white space between addresses, [CodeNotTag], [CodeEmptyTag], [CodeDuplicate] and [CodeBadText].
func ParseTLSRPT(text string) (TLSRPT, error) {
	f := tlsrpt()
	fields, err := f.fields(text)
	if err != nil {
		return TLSRPT{}, err
	}
	r := TLSRPT{Other: f.others(fields)}
	for _, t := range fields {
		if t.Name != "rua" {
			continue
		}
		off := t.ValueOff
		for a := range strings.SplitSeq(t.Value, ",") {
			at := t
			at.ValueOff, off = off+len(a)-len(strings.TrimLeft(a, space)), off+len(a)+1
			at.Value = strings.Trim(a, space)
			switch {
			case strings.ContainsAny(at.Value, space):
				return TLSRPT{}, f.invalid(CodeSeparator, at, "rua needs a comma between addresses: %q", clip(at.Value))
			case !isURI(at.Value) || !isMailto(at.Value) && !isHTTPS(at.Value):
				return TLSRPT{}, f.invalid(CodeNotURI, at, "rua holds %q, which is no address such as mailto:reports@example.com or https://example.com/reports", clip(at.Value))
			}
			r.RUA = append(r.RUA, at.Value)
		}
		return r, nil
	}
	return TLSRPT{}, f.needed("rua", "nobody knows where to report to")
}

// isHTTPS reports whether an address begins with https:// and a host.
func isHTTPS(uri string) bool {
	const scheme = "https://"
	if !hasScheme(uri, scheme) {
		return false
	}
	rest := uri[len(scheme):]
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	name, port, _ := strings.Cut(rest[strings.LastIndexByte(rest, '@')+1:], ":")
	return isHost(name) && strings.Trim(port, "0123456789") == ""
}

// Equal reports whether two records say the same, in whatever order the addresses are.
func (r TLSRPT) Equal(o TLSRPT) bool {
	return slices.Equal(set(r.RUA, fold), set(o.RUA, fold)) && slices.Equal(set(r.Other, same), set(o.Other, same))
}
