package spf

// Split cuts a TXT value into strings of at most n octets, which receivers
// join with nothing between (RFC 7208 section 3.3). n below 1 means
// [StringLimit]. An empty value is one empty string, since a TXT record has at
// least one.
func Split(value string, n int) []string {
	if n < 1 {
		n = StringLimit
	}
	var out []string
	for len(value) > n {
		out = append(out, value[:n])
		value = value[n:]
	}
	return append(out, value)
}
