package dkim

import "strings"

// compareTarget reports on a selector that should be a CNAME.
func (r *Report) compareTarget(s Seen, w Want) {
	switch {
	case sameHost(s.Target, w.Target):
		r.atTarget(s)
	case s.Target != "":
		r.State = StateMismatch
		r.add(broken(CodeMismatch, "let the CNAME lead to the wanted name", "the CNAME leads to another name than the wanted one"))
	case len(s.Texts) == 0:
		r.absent(s)
	case len(s.Texts) > 1:
		r.add(wrongText())
		r.several(s, Want{})
		r.State = StateWrongType
	default:
		got := inspect(s.Name, s.Texts[0])
		if got.isKey {
			r.Fingerprint = got.key.Fingerprint()
		}
		host, isHost := pastedHost(got.text)
		switch {
		case isHost && sameHost(host, w.Target):
			r.State = StateTargetInTXT
			r.add(got.findings...)
		case w.MayCopy && w.Value != "" && got.parses && sameMeant(got, w.Value):
			r.State, r.Works = StateMatchFallback, got.works()
			r.add(copiedKey(w.Target))
			r.add(got.findings...)
		default:
			r.State = StateWrongType
			r.add(wrongText())
			if got.state != StateTargetInTXT { // its advice would be a CNAME to another name than the wanted one
				r.add(got.findings...)
			}
		}
	}
}

func wrongText() Finding {
	return broken(CodeWrongType, "remove the TXT and publish the CNAME in its place", "a TXT stands there, and a CNAME is wanted")
}

// atTarget reports on what the right CNAME leads to. The record itself is as wanted, whatever the vendor has there.
func (r *Report) atTarget(s Seen) {
	r.State = StateMatch
	const ask = "wait, or ask the vendor: the record itself is right"
	switch len(s.Texts) {
	case 0:
		r.add(warning(CodeTargetEmpty, ask, "the CNAME is right, and there is no key at its target yet"))
	case 1:
		got := inspect(s.Name, s.Texts[0])
		r.Works = got.works()
		if got.isKey {
			r.Fingerprint = got.key.Fingerprint()
		}
		for _, f := range got.findings {
			f.Text, f.Advice = "at the target of the CNAME: "+f.Text, ask
			r.add(f)
		}
		if r.Fingerprint != "" && r.Wanted != "" && r.Fingerprint != r.Wanted {
			r.add(hint(CodeVendorKey, "", "the vendor has another key now: %s", r.prints()))
		}
	default:
		r.add(broken(CodeMultiple, ask, "%d TXT records stand at the target of the CNAME", len(s.Texts)))
	}
}

// sameHost compares names as DNS does, with or without the final dot.
func sameHost(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}
