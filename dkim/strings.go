package dkim

// maxString is the longest DNS character-string, in octets (RFC 1035 3.3).
const maxString = 255

// Split cuts a TXT value into DNS character-strings of at most 255 octets. Readers join them with nothing between (RFC 6376
// 3.6.2.2), so the cut may fall anywhere and no space is added. An empty value is one empty string, since a TXT record holds at
// least one.
func Split(value string) []string {
	out := make([]string, 0, len(value)/maxString+1)
	for len(value) > maxString {
		out = append(out, value[:maxString])
		value = value[maxString:]
	}
	return append(out, value)
}
