package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/providers/zone"
)

// dkim meets the wants of one DKIM selector: they all ask for one key.
func (b *builder) dkim(ws []want) {
	rec, ok := b.storable(ws)
	if !ok {
		return
	}
	owner := ws[0].owner
	others := b.all(owner, "TXT")
	if i := slices.IndexFunc(others, func(r zone.Record) bool { return !r.Opaque && dkim.SameKey(r.Text(), rec.Text()) }); i >= 0 {
		b.dkimAlone(ws, others[i], slices.Concat(others[:i], others[i+1:]))
		return
	}
	if b.answered(ws, func(text string) bool { return dkim.SameKey(text, rec.Text()) }, dkim.IsKey) {
		return
	}
	alias, state, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	if len(others) > 0 && !b.ours(others) {
		state, ok = b.accepts(ws, Conflict{
			Code: DKIMSelector, Owner: owner, Existing: others, Wanted: []zone.Record{rec},
			Options: []Option{
				{"replace", "publish the service's key; mail signed with the other key stops verifying"},
				{"keep", "leave the selector as it is"},
			},
			Text: fmt.Sprintf("Another record stands at the DKIM selector %s, and a selector holds one key.", owner.FQDN()),
		}, "replace", others)
		if !ok {
			return
		}
	}
	rec = b.joinTTL([]zone.Record{rec})[0]
	why := "lets receivers verify the service's signatures"
	if fp := b.plan.Results[ws[0].index].Fingerprint; fp != "" {
		why += "; the key's SHA-256 is " + fp
	}
	b.beside(alias, owner, others, []zone.Record{rec}, why)
	b.result(ws, state, rec)
}

// dkimAlone meets the wants of a key that is there already. With another
// record beside it verifiers take any one or none (RFC 6376 section 3.6.2.2),
// so the key is only of use once the rest is gone; what is wanted itself stays.
func (b *builder) dkimAlone(ws []want, key zone.Record, beside []zone.Record) {
	owner := ws[0].owner
	asked := wantsAt(b.wants, owner)
	beside = only(beside, func(r zone.Record) bool {
		return !slices.ContainsFunc(asked, func(w want) bool { return w.kind == KindTXT && w.rec.SameData(r) })
	})
	if len(beside) > 0 && !b.ours(beside) {
		_, ok := b.accepts(ws, Conflict{
			Code: DKIMSelector, Owner: owner, Existing: beside, Wanted: []zone.Record{key},
			Options: []Option{
				{"replace", "leave the service's key alone there; mail signed with another one stops verifying"},
				{"keep", "leave the selector as it is; receivers may find no key there"},
			},
			Text: fmt.Sprintf("Another record stands beside the service's key at the DKIM selector %s, and a selector holds one key.", owner.FQDN()),
		}, "replace", beside)
		if !ok {
			return
		}
	}
	b.change(owner, beside, nil, "leaves the service's key alone at its selector")
	b.result(ws, Present, key)
}

// txt meets the wants of one text: it joins what is there.
func (b *builder) txt(ws []want) {
	w := ws[0]
	rec, ok := b.storable(ws)
	if !ok {
		return
	}
	have := b.all(w.owner, "TXT")
	if i := slices.IndexFunc(have, rec.SameData); i >= 0 {
		b.result(ws, Present, have[i])
		return
	}
	if b.answered(ws, func(text string) bool { return text == rec.Text() }, nil) {
		return
	}
	alias, state, ok := b.underCNAME(ws)
	if !ok {
		return
	}
	remove := only(have, func(r zone.Record) bool { return b.earlier(r, rec) })
	rec = b.joinTTL([]zone.Record{rec})[0]
	b.beside(alias, w.owner, remove, []zone.Record{rec}, "adds a text that the service looks for")
	b.result(ws, state, rec)
}

// earlier reports whether old is an earlier value of ours that takes the same
// place as the new one: it has the same key before "=", and nobody asks for it
// still. A version (v=spf1, v=DKIM1) is part of the key, or an SPF record would
// make way for any other text that has one.
func (b *builder) earlier(old, rec zone.Record) bool {
	key := func(r zone.Record) string {
		k, v, ok := strings.Cut(r.Text(), "=")
		if !ok {
			return ""
		}
		if strings.EqualFold(strings.TrimSpace(k), "v") {
			version, _, _ := strings.Cut(strings.TrimSpace(v), ";")
			version, _, _ = strings.Cut(version, " ")
			k = "v=" + strings.ToLower(version)
		}
		return k
	}
	if old.Opaque || !b.mine.has(old) || key(old) == "" || key(old) != key(rec) {
		return false
	}
	asks := func(w want) bool {
		return w.rec.Type == "TXT" && (w.rec.Text() == old.Text() || w.alt != "" && w.alt == old.Text())
	}
	return !slices.ContainsFunc(wantsAt(b.wants, old.Name), asks) && !slices.ContainsFunc(b.throughAliases()[old.Name], asks)
}

// throughAliases is the wants of texts at aliases, by the names that these lead
// to.
func (b *builder) throughAliases() map[zone.Name][]want {
	if b.led == nil {
		b.led = map[zone.Name][]want{}
		for _, w := range b.wants {
			if w.rec.Type != "TXT" {
				continue
			}
			for _, r := range b.stands(w.owner) {
				if target, ok := r.Target(); ok && r.Type == "CNAME" {
					b.led[target] = append(b.led[target], w)
				}
			}
		}
	}
	return b.led
}

// storable chooses between value and fallback by what the host can store, and
// asks where it can store neither.
func (b *builder) storable(ws []want) (zone.Record, bool) {
	w := ws[0]
	choice, err := dkim.Choose(
		dkim.Want{Name: string(w.owner), Value: w.rec.Text(), FallbackValue: w.alt},
		dkim.Limits{MaxTXT: b.req.Caps.MaxTXT, Refused: b.req.Caps.RefusedText})
	var e *dkim.Error
	switch {
	case errors.As(err, &e) && (e.Code == dkim.CodeValueTooLong || e.Code == dkim.CodeValueRefused):
		b.unsupported(ws, e.Error())
		return zone.Record{}, false
	case errors.As(err, &e) && (e.Code == dkim.CodeFallbackInvalid || e.Code == dkim.CodeFallbackWeak):
		b.fail(&InputError{Intent: w.index, Field: "fallback", Reason: err.Error()})
		return zone.Record{}, false
	case err != nil:
		b.fail(&InputError{Intent: w.index, Field: "value", Reason: err.Error()}) // without the value: it may hold a private key
		return zone.Record{}, false
	}
	if why := b.refusesText(choice.Value); why != "" {
		b.unsupported(ws, why)
		return zone.Record{}, false
	}
	for _, x := range ws {
		r := &b.plan.Results[x.index]
		r.UsedFallback, r.Fingerprint, r.Text = choice.UsedFallback, choice.Fingerprint, choice.Reason
	}
	for _, warning := range choice.Warnings {
		b.warn("dkim-"+string(warning.Code), w.owner, "%s: %s", w.owner.FQDN(), warning.Text)
	}
	if choice.UsedFallback {
		text := w.owner.FQDN() + ": the fallback value is used, because " + choice.Reason
		if choice.Fingerprint != "" {
			text += "; sign with the key whose fingerprint is " + choice.Fingerprint
		}
		b.warn("fallback-used", w.owner, "%s", text)
	}
	return zone.NewTXT(w.owner, w.rec.TTL, choice.Value), true
}
