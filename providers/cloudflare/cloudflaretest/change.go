package cloudflaretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// wanted is what a request says of a record. Fields that the API does not know
// are ignored, as it does: libdns/cloudflare sends an empty CAA tag with every
// record.
type wanted struct {
	ID       string           `json:"id"`
	Name     *string          `json:"name"`
	Type     *string          `json:"type"`
	Content  *string          `json:"content"`
	Priority *int             `json:"priority"`
	Data     map[string]any   `json:"data"`
	TTL      *int             `json:"ttl"`
	Proxied  *bool            `json:"proxied"`
	Comment  *string          `json:"comment"`
	Tags     *[]string        `json:"tags"`
	Settings map[string]*bool `json:"settings"`
}

// parse reads a body. What the real API says to one that is no JSON, or has a
// field of another type, is not documented.
func parse(body []byte, into any) *refusal {
	if err := json.Unmarshal(body, into); err != nil {
		return refuse(http.StatusBadRequest, message(9207, "Request body is invalid."))
	}
	return nil
}

// tx is a zone while it is edited: all of it comes about, or none.
type tx struct {
	f       *Fake
	h       *hosted
	records []*record
}

func (f *Fake) begin(h *hosted) *tx { return &tx{f, h, slices.Clone(h.records)} }

func (t *tx) commit() {
	t.h.records = t.records
	t.f.serve(t.h.apex)
}

func (t *tx) index(id string) int {
	return slices.IndexFunc(t.records, func(r *record) bool { return r.ID == id })
}

// missing is the answer to an identifier of no record
// (zanjie1999/cloudflare-api-v4-ddns#5).
func missing() *refusal { return refuse(http.StatusNotFound, message(81044, "Record does not exist.")) }

func (t *tx) get(id string) (any, *refusal) {
	i := t.index(id)
	if i < 0 {
		return nil, missing()
	}
	return t.records[i], nil
}

func (t *tx) post(body []byte) (any, *refusal) {
	var w wanted
	if no := parse(body, &w); no != nil {
		return nil, no
	}
	return t.add(w)
}

// add makes a record. The answer shows text as it was sent; from then on it is
// shown quoted and cut into strings (cisagov/manage.get.gov#4860).
func (t *tx) add(w wanted) (any, *refusal) {
	if most, _, _, _ := t.h.limits(); len(t.records) >= most {
		return nil, refuse(http.StatusBadRequest, message(81045, "Record quota exceeded.")) // js-org/js.org#2873
	}
	r := blank()
	r.ID, r.Created, r.Modified = t.f.identifier(), now(), now()
	if no := t.overlay(r, w); no != nil {
		return nil, no
	}
	t.records = append(t.records, r)
	return echo(r, w), nil
}

func blank() *record {
	return &record{TTL: 1, Tags: []string{}, Settings: map[string]bool{}, Meta: map[string]bool{}}
}

func echo(r *record, w wanted) *record {
	shown := *r
	if r.Type == "TXT" && w.Content != nil {
		shown.Content = *w.Content
	}
	return &shown
}

func (t *tx) patch(id string, body []byte) (any, *refusal) {
	var w wanted
	if no := parse(body, &w); no != nil {
		return nil, no
	}
	return t.edit(id, w, false)
}

func (t *tx) put(id string, body []byte) (any, *refusal) {
	var w wanted
	if no := parse(body, &w); no != nil {
		return nil, no
	}
	return t.edit(id, w, true)
}

// edit changes a record. A patch leaves what it does not name; a put gives it its
// default (.../how-to/batch-record-changes/).
func (t *tx) edit(id string, w wanted, whole bool) (any, *refusal) {
	i := t.index(id)
	switch {
	case i < 0:
		return nil, missing()
	case t.records[i].kept():
		return nil, locked()
	case whole && (w.Name == nil || w.Type == nil || w.Content == nil && w.Data == nil):
		return nil, invalid(1004, "DNS Validation Error")
	}
	r := *t.records[i]
	if whole {
		r = *blank()
		r.ID, r.Created, r.Meta = id, t.records[i].Created, t.records[i].Meta
	}
	r.Modified = now()
	if no := t.overlay(&r, w); no != nil {
		return nil, no
	}
	t.records[i] = &r
	return echo(&r, w), nil
}

// locked is the answer to an edit of a record that Cloudflare keeps. Its real
// code and text are not documented (DNSControl/dnscontrol#3850 shows a picture).
func locked() *refusal {
	return refuse(http.StatusBadRequest, message(1004, "This record is read only."))
}

func (t *tx) delete(id string) (any, *refusal) {
	i := t.index(id)
	switch {
	case i < 0:
		return nil, missing()
	case t.records[i].kept():
		return nil, locked()
	}
	t.records = slices.Delete(t.records, i, i+1)
	return map[string]string{"id": id}, nil
}

// batch performs deletes, patches, puts and posts in this order and each list in
// its own; the first that fails undoes all
// (https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/).
func (t *tx) batch(body []byte) (any, *refusal) {
	var b struct {
		Deletes []wanted `json:"deletes"`
		Patches []wanted `json:"patches"`
		Puts    []wanted `json:"puts"`
		Posts   []wanted `json:"posts"`
	}
	if no := parse(body, &b); no != nil {
		return nil, no
	}
	size := len(b.Deletes) + len(b.Patches) + len(b.Puts) + len(b.Posts)
	if _, most, _, _ := t.h.limits(); size > most {
		// The limit is documented, what is said to one that passes it is not.
		return nil, refuse(http.StatusBadRequest, message(1004, fmt.Sprintf("A batch of this zone holds at most %d operations.", most)))
	}
	out := map[string][]any{"deletes": {}, "patches": {}, "puts": {}, "posts": {}}
	for _, l := range []struct {
		name string
		list []wanted
		do   func(wanted) (any, *refusal)
	}{
		{"deletes", b.Deletes, func(w wanted) (any, *refusal) { return t.delete(w.ID) }},
		{"patches", b.Patches, func(w wanted) (any, *refusal) { return t.edit(w.ID, w, false) }},
		{"puts", b.Puts, func(w wanted) (any, *refusal) { return t.edit(w.ID, w, true) }},
		{"posts", b.Posts, t.add},
	} {
		for _, w := range l.list {
			done, no := l.do(w)
			if no != nil {
				return nil, no
			}
			out[l.name] = append(out[l.name], done)
		}
	}
	return out, nil
}
