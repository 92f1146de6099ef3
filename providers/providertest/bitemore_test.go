package providertest

import (
	"context"
	"errors"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

func replaced(old, repl string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, old, repl) }
}

var textFaults = []fault{
	{name: "outer quotes are stripped", b: broken{write: text(func(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`) })}, fails: "text-quote-first text-quoted-whole"},
	{
		// A host that answers strings apart, joined by a reader that looks for
		// what stands between them.
		name:  "a quote, a space and a quote are taken for a border",
		b:     broken{write: text(replaced(`" "`, ""))},
		fails: "text-quote-space",
	},
	{name: "single quotes are dropped", b: broken{write: text(replaced("'", ""))}, fails: "text-single-quote"},
	{name: "backticks become quotes", b: broken{write: text(replaced("`", "'"))}, fails: "text-backtick"},
	{
		name: "a form is decoded once more",
		b: broken{write: text(func(s string) string {
			if d, err := url.QueryUnescape(strings.ReplaceAll(s, "%z", "%25z")); err == nil {
				return d
			}
			return s
		})},
		fails: "text-percent",
	},
	{name: "markup is escaped", b: broken{write: text(html.EscapeString)}, fails: "text-markup"},
	{name: "an at sign is the zone", b: broken{write: text(replaced("@", string(apex)))}, fails: "text-punctuation"},
	{name: "the end of a text is trimmed", b: broken{write: text(func(s string) string { return strings.TrimRight(s, " ") })}, fails: "text-space-last text-only-spaces"},
	{name: "escapes are undone twice", b: broken{write: text(replaced(`\\`, `\`))}, fails: "text-backslash text-backslash-runs"},
	{
		name:  "what the host refuses is left out of a text",
		b:     broken{write: text(func(s string) string { return strings.ReplaceAll(s[:min(1000, len(s))], "`", "") })},
		opts:  memory.Options{Caps: narrow},
		fails: "text-refused text-too-long",
	},
	{
		name:  "a TTL is clamped",
		opts:  memory.Options{Caps: narrow, ClampTTL: true},
		fails: "ttl-refused",
	},
}

var ownerFaults = []fault{
	{name: "a wildcard is a name", b: broken{write: named(replaced("*", "star"))}, fails: "wildcard owner-wildcard-text"},
	{name: "A-labels lose their prefix", b: broken{write: named(replaced("xn--", ""))}, fails: "owner-idn"},
	{
		name: "an owner has three labels at most",
		b: broken{write: named(func(s string) string {
			labels := strings.Split(s, ".")
			return strings.Join(labels[max(0, len(labels)-3):], ".")
		})},
		fails: "owner-deep",
	},
	{
		name: "a label has 60 octets at most",
		b: broken{write: named(func(s string) string {
			if label, rest, _ := strings.Cut(s, "."); len(label) > 60 {
				return strings.TrimSuffix(label[:60]+"."+rest, ".")
			}
			return s
		})},
		fails: "owner-63",
	},
	{
		// libdns v1.1.1: AbsoluteName and RelativeName take an owner that ends in
		// the zone's name for an absolute one.
		name:  "an owner that looks absolute is taken for it",
		b:     broken{write: named(func(s string) string { return strings.TrimSuffix(s, "."+string(apex)) + "x" })},
		fails: "owner-zone-name",
	},
	{
		// libdns/godaddy v1.1.0 puts names into a URL as they are.
		name: "an owner ends where a path does",
		b: broken{write: named(func(s string) string {
			if i := strings.IndexAny(s, "?#"); i > 0 {
				return s[:i]
			}
			return s
		})},
		fails: "owner-odd",
	},
	{
		name: "what is below a name goes with it",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if snap, err := s.Read(ctx, z); err == nil && len(e.After) == 0 {
				for _, r := range snap.Below(e.Before[0].Name) {
					_ = s.Write(ctx, z, zone.Edit{Before: []zone.Record{r}})
				}
			}
			return s.Write(ctx, z, e)
		}},
		fails: "owner-parent",
	},
	{
		name: "an empty zone is an error",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if snap, err := s.Read(ctx, z); err == nil && len(snap.Records) <= 2 {
				return &providers.Error{Code: providers.Internal, Err: errors.New("no records")}
			}
			return s.Write(ctx, z, e)
		}},
		fails: "read-empty",
	},
	{
		name:  "reading leaves the last record out",
		b:     broken{read: func(s zone.Snapshot) zone.Snapshot { s.Records = s.Records[:max(0, len(s.Records)-1)]; return s }},
		fails: "read-1 read-complete",
	},
	{
		name:  "a zone is written as it was read, in part",
		b:     broken{read: func(s zone.Snapshot) zone.Snapshot { s.Records = s.Records[:min(100, len(s.Records))]; return s }},
		opts:  memory.Options{Caps: providers.Caps{Grain: providers.GrainZone}},
		fails: "edit-large",
	},
	{
		name: "writes beyond forty are dropped",
		b: broken{write: func() func(providers.Session, context.Context, providers.Zone, zone.Edit) error {
			n := 0
			return func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
				if n++; n > 40 {
					return nil
				}
				return s.Write(ctx, z, e)
			}
		}()},
		fails: "plan-50",
	},
}

// leaving is a read that leaves types out.
func leaving(types ...string) func(zone.Snapshot) zone.Snapshot {
	return without(func(r zone.Record) bool { return slices.Contains(types, r.Type) })
}

// successFor answers success to edits that add such a record, and writes none.
func successFor(kind func(zone.Record) bool) func(providers.Session, context.Context, providers.Zone, zone.Edit) error {
	return func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
		if slices.ContainsFunc(zone.Subtract(e.After, e.Before), kind) {
			return nil
		}
		return s.Write(ctx, z, e)
	}
}

func ofType(typ string) func(zone.Record) bool {
	return func(r zone.Record) bool { return r.Type == typ }
}

var hostFaults = []fault{
	{
		// libdns/cloudflare v0.2.2: the proxied flag is not in its records.
		name: "what stands beside a record is dropped",
		b: broken{
			write: rewrite(func(r zone.Record) (zone.Record, bool) { r.Meta = ""; return r, true }),
		},
		fails: "meta-record",
	},
	{
		// libdns/namecheap v1.0.0: EmailType is not sent again.
		name: "the mail setting of the zone is dropped",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			e.Meta = ""
			return s.Write(ctx, z, e)
		}},
		opts:  memory.Options{Caps: providers.Caps{Grain: providers.GrainZone}},
		fails: "meta-zone",
	},
	{name: "reading leaves out what it does not know", b: broken{read: leaving("LOC", "TYPE65400", "NAPTR")}, fails: "rare-types"},
	{
		name: "a write makes the zone ours",
		b: func() broken {
			var wrote atomic.Bool
			return broken{
				write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
					wrote.Store(true)
					return s.Write(ctx, z, e)
				},
				read: func(s zone.Snapshot) zone.Snapshot {
					s.Records = slices.Clone(s.Records)
					for i, r := range s.Records {
						if r.Type == "SOA" && wrote.Load() {
							s.Records[i].Data = strings.Replace(r.Data, "ns1.memory.example.", "ns.mine.example.", 1)
						}
					}
					return s
				},
			}
		}(),
		fails: "soa-kept",
	},
	{name: "a SOA record that is not written is a success", b: broken{write: successFor(ofType("SOA"))}, fails: "soa-refused"},
	{name: "an NS record that is not written is a success", b: broken{write: successFor(ofType("NS"))}, fails: "apex-ns-refused"},
	{
		name:  "an NS record of the apex is not written",
		b:     broken{write: rewrite(func(r zone.Record) (zone.Record, bool) { return r, !strings.HasPrefix(r.Data, "ns.other.") })},
		opts:  memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, ApexNS: true}},
		fails: "apex-ns",
	},
	{
		name:  "an ALIAS is not written",
		b:     broken{write: rewrite(func(r zone.Record) (zone.Record, bool) { return r, r.Type != zone.TypeAlias })},
		opts:  memory.Options{Caps: providers.Caps{ApexAlias: zone.TypeAlias}},
		fails: "apex-alias",
	},
	{
		name: "a CNAME at the apex takes the mail away",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if snap, err := s.Read(ctx, z); err == nil && slices.ContainsFunc(e.After, ofType("CNAME")) {
				_ = s.Write(ctx, z, zone.Edit{Before: snap.Set(apex, "MX")})
			}
			return s.Write(ctx, z, e)
		}},
		opts:  memory.Options{Caps: providers.Caps{ApexAlias: "CNAME"}},
		fails: "apex-cname",
	},
	{
		name:  "every redirect is temporary",
		b:     broken{write: data(zone.TypeRedirect, "301", "302")},
		opts:  memory.Options{Caps: providers.Caps{Redirects: true}},
		fails: "redirect",
	},
	{
		// libdns/namecheap v1.0.0: setHosts is sent where nothing matches.
		name: "an edit of nothing is written",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if slices.Equal(e.Before, e.After) {
				longer := slices.Clone(e.After)
				for i := range longer {
					longer[i].TTL++
				}
				_ = s.Write(ctx, z, zone.Edit{Before: e.Before, After: longer})
				return s.Write(ctx, z, zone.Edit{Before: longer, After: e.After})
			}
			return s.Write(ctx, z, e)
		}},
		fails: "edit-nothing",
	},
	{
		name:  "what cannot be written of an edit is left out",
		b:     broken{write: rewrite(func(r zone.Record) (zone.Record, bool) { return r, !r.Opaque })},
		fails: "edit-whole",
	},
}

// answers spoils the errors of a write.
func answers(f func(*providers.Error) error) broken {
	return broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
		err := s.Write(ctx, z, e)
		if pe, ok := errors.AsType[*providers.Error](err); ok {
			return f(pe)
		}
		return err
	}}
}

func wrote(w providers.Wrote) broken {
	return answers(func(e *providers.Error) error { e.Wrote = w; return e })
}

var answerFaults = []fault{
	{name: "a write is never said to have landed", b: wrote(providers.WroteNo), fails: "fault-write-half fault-write-landed"},
	{name: "a write is always said to have landed", b: wrote(providers.WroteYes), fails: "fault-write-lost fault-write-unavailable fault-write-html fault-write-denied"},
	{name: "a refusal is said to be unknown", b: wrote(providers.WroteUnknown), fails: "fault-write-rate-limited fault-write-denied"},
	{
		name:  "the time to wait is dropped",
		b:     answers(func(e *providers.Error) error { e.RetryAfter = 0; return e }),
		fails: "fault-write-rate-limited",
	},
	{
		name:  "every failure is Internal",
		b:     answers(func(e *providers.Error) error { e.Code = providers.Internal; return e }),
		fails: "fault-write-unavailable fault-write-html fault-write-half fault-write-landed fault-write-lost fault-write-denied",
	},
	{
		name: "a write that failed is sent again",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if err := s.Write(ctx, z, e); err == nil {
				return nil
			}
			return s.Write(ctx, z, e)
		}},
		fails: "fault-write-unavailable fault-write-denied fault-write-rate-limited fault-write-landed",
	},
	{name: "every failure is a success", b: answers(func(*providers.Error) error { return nil }), fails: "fault-write-lost fault-write-landed fault-write-unavailable fault-write-html"},
	{
		name: "reading shows what was sent, landed or not",
		b: func() broken {
			var sent atomic.Pointer[zone.Edit]
			return broken{
				write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
					sent.Store(&e)
					return s.Write(ctx, z, e)
				},
				read: func(s zone.Snapshot) zone.Snapshot {
					if e := sent.Load(); e != nil {
						s = s.With(zone.Change{Owner: e.After[0].Name, Remove: e.Before, Add: e.After})
					}
					return s
				},
			}
		}(),
		fails: "fault-outcome",
	},
	{
		name:  "every credential is valid",
		b:     broken{check: func(providers.Session, context.Context) error { return nil }},
		fails: "credential-check",
	},
	{
		name: "finding a zone touches it",
		b: broken{find: func(s providers.Session, ctx context.Context, name zone.Name) (providers.Zone, error) {
			z, err := s.Find(ctx, name)
			if err == nil {
				mark := zone.NewTXT("mark."+name, 3600, "seen")
				_ = s.Write(ctx, z, zone.Edit{After: []zone.Record{mark}})
				_ = s.Write(ctx, z, zone.Edit{Before: []zone.Record{mark}})
			}
			return z, err
		}},
		fails: "reads-write-nothing",
	},
	{
		name: "every third reading is half",
		b: broken{read: func() func(zone.Snapshot) zone.Snapshot {
			var n atomic.Int64
			return func(s zone.Snapshot) zone.Snapshot {
				if n.Add(1)%3 == 0 {
					s.Records = s.Records[:len(s.Records)/2]
				}
				return s
			}
		}()},
		fails: "concurrent-reads",
	},
	{
		name: "one zone is taken for another",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if z.Apex == second {
				z.ID, z.Apex = "memory:"+string(apex), apex
				for _, recs := range [][]zone.Record{e.Before, e.After} {
					for i := range recs {
						recs[i].Name = zone.Name(strings.TrimSuffix(string(recs[i].Name), string(second)) + string(apex))
					}
				}
			}
			return s.Write(ctx, z, e)
		}},
		fails: "two-zones two-zones-at-once",
	},
	{
		name: "the session of one account serves another",
		b: broken{open: func(d providers.Driver, c providers.Credentials) (providers.Session, error) {
			return d.Open(providers.Credentials{"token": "token-of-the-customer"})
		}},
		fails: "two-accounts",
	},
}
