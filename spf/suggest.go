package spf

import (
	"net/netip"
	"strings"
)

// suggest guesses what the author of a broken term meant; rest is the record
// from that term on. Each guess answers to a mistake seen in published
// records, and only one that parses is returned.
func suggest(rest string) string {
	text, after, _ := strings.Cut(rest, " ")
	for _, guess := range guesses(text, strings.TrimLeft(after, " ")) {
		if guess != text && parses(guess) {
			return guess
		}
	}
	return ""
}

func parses(terms string) bool {
	some := false
	for term := range strings.SplitSeq(terms, " ") {
		if term == "" {
			continue
		}
		if _, reason := parseTerm(term); reason != "" {
			return false
		}
		some = true
	}
	return some
}

func guesses(text, after string) []string {
	next, _, _ := strings.Cut(after, " ")
	plain := strings.NewReplacer("–", "-", "—", "-", "−", "-").Replace(text)
	tidy := strings.Trim(plain, `;,."'`)
	all := []string{plain, tidy, strings.ReplaceAll(plain, ",", " "), strings.ReplaceAll(plain, ";", " ")}
	if strings.HasSuffix(text, ":") || strings.HasSuffix(text, "=") || strings.Trim(text, "+-~?") == "" {
		all = append(all, text+next) // "include: x.example", "~ all"
	}
	if n := len(tidy) - len("~all"); n > 0 && strings.IndexByte("+-~?", tidy[n]) >= 0 &&
		strings.EqualFold(tidy[n+1:], "all") {
		all = append(all, tidy[:n]+" "+tidy[n:]) // "ip4:192.0.2.1~all"
	}
	qualifier := tidy[:len(tidy)-len(strings.TrimLeft(tidy, "+-~?"))]
	name, value, cut := strings.Cut(tidy[len(qualifier):], ":")
	if !cut {
		name, value, cut = strings.Cut(tidy[len(qualifier):], "=")
	}
	if !cut {
		value = name
	}
	if kind := addressKind(value); kind != "" {
		all = append(all, qualifier+kind+":"+value) // "ip6:192.0.2.1", "a:192.0.2.1", "192.0.2.1"
	} else if mechanism(name) == IP4 || mechanism(name) == IP6 {
		all = append(all, qualifier+"a:"+value) // "ip4:mail.example.com"
	}
	return append(all, respelt(qualifier, name, value, cut)...)
}

// addressKind returns the mechanism for an address or network, or "".
func addressKind(s string) string {
	host, _, _ := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return ""
	case addr.Is4():
		return "ip4"
	}
	return "ip6"
}

// respelt returns the term with each name that the one written is close to.
func respelt(qualifier, name, value string, argument bool) []string {
	var all []string
	for k := All; k <= Exp; k++ {
		if want := k.String(); len(want) < 3 || distance(strings.ToLower(name), want) > len(want)/3 {
			continue
		}
		switch {
		case k == Redirect || k == Exp:
			all = append(all, k.String()+"="+value)
		case argument:
			all = append(all, qualifier+k.String()+":"+value)
		default:
			all = append(all, qualifier+k.String())
		}
	}
	return all
}

// distance is the number of octets to insert, delete or replace between a and
// b; two neighbours swapped count as one.
func distance(a, b string) int {
	if len(a) > 2*len(b) {
		return len(a)
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(change, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
