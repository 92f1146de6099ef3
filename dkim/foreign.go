package dkim

import "strings"

// foreign says what a text at a selector is that is no key. ok is false where it is meant as one.
func foreign(name, txt string) (s State, f Finding, ok bool) {
	tags := map[string]string{}
	first := Tag{}
	for t := range ScanTags(txt) {
		if first.Name == "" && t.Off == 0 {
			first = t
		}
		if len(t.Name) == 1 || t.Name == "dkim" {
			tags[t.Name] = t.Value
		}
	}
	_, hasKey := tags["p"]
	policy := tags["o"]
	switch {
	case first.Name == "dkim" && !hasKey:
		return StateADSP, hint(CodeADSP, "remove it; a DMARC record has taken its place",
			"this is a policy of ADSP (RFC 5617), which is historic and read by nobody"), true
	case !hasKey && (policy == "~" || policy == "-" || isPolicyName(name) && isPolicy(tags)):
		return StateDomainKeysPolicy, hint(CodeDomainKeysPolicy, "remove it; a DMARC record has taken its place",
			"this is a policy of DomainKeys (RFC 4870), which is historic and read by nobody"), true
	case first.Name != "" && strings.EqualFold(first.Name, "v") && strings.EqualFold(first.Value, "DMARC1"):
		return StateDMARCRecord, broken(CodeDMARCRecord, "publish it at _dmarc below the domain, and the key here",
			"this is a DMARC record, which nobody looks for at a selector"), true
	case len(txt) >= 6 && strings.EqualFold(txt[:6], "v=spf1"):
		return StateSPFRecord, broken(CodeSPFRecord, "publish it at the domain that sends mail, and the key here",
			"this is an SPF record, which nobody looks for at a selector"), true
	}
	if host, isHost := pastedHost(txt); isHost {
		return StateTargetInTXT, targetFinding(host), true
	}
	return "", Finding{}, false
}

// isPolicyName reports whether a name is _domainkey itself, where RFC 4870 3.6 put the policy of a domain.
func isPolicyName(name string) bool {
	label, _, _ := strings.Cut(name, ".")
	return strings.EqualFold(label, "_domainkey")
}

// isPolicy reports whether there are only tags that a policy of RFC 4870 3.6 may have.
func isPolicy(tags map[string]string) bool {
	for name := range tags {
		if !strings.Contains("nort", name) {
			return false
		}
	}
	return len(tags) > 0
}

// pastedHost returns a text that is a single host name of two labels or more, in lower case and without its final dot. The word
// CNAME before it, pasted with it from a table, is left out.
func pastedHost(txt string) (string, bool) {
	s := strings.ToLower(strings.Trim(txt, fws))
	if rest, ok := strings.CutPrefix(s, "cname"); ok && rest != "" && isSpace(rest[0]) {
		s = strings.TrimLeft(rest, fws)
	}
	host, ok := hostName(s)
	letters := 0
	for _, c := range []byte(host[strings.LastIndexByte(host, '.')+1:]) {
		if isAlpha(c) {
			letters++
		}
	}
	return host, ok && strings.Contains(host, ".") && letters >= 2
}

// targetFinding names whose target a host name is. The forms are those of
// https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html and
// https://learn.microsoft.com/en-us/defender-office-365/email-authentication-dkim-configure.
func targetFinding(host string) Finding {
	const advice = "remove this TXT and publish a CNAME with the same value in its place"
	padded := "." + host
	switch {
	case strings.HasSuffix(host, ".amazonses.com") && strings.Contains(padded, ".dkim."):
		return broken(CodeSESTarget, advice, "this is the CNAME target of a key of Amazon SES, stored as text: there is no key behind it")
	case strings.HasSuffix(host, ".onmicrosoft.com"), strings.HasSuffix(host, ".dkim.mail.microsoft"):
		return broken(CodeMicrosoftTarget, advice, "this is the CNAME target of a key of Microsoft 365, stored as text: there is no key behind it")
	}
	return broken(CodeTargetInTXT, advice, "this is a host name, as the target of a CNAME, stored as text: there is no key behind it")
}
