package providertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mooring-dns/mooring/providers"
	"github.com/mooring-dns/mooring/providers/memory"
	"github.com/mooring-dns/mooring/providers/zone"
)

// broken is a driver with a fault that real ones had: each field spoils one
// method.
type broken struct {
	providers.Driver
	info  func(providers.Info) providers.Info
	open  func(d providers.Driver, c providers.Credentials) (providers.Session, error)
	find  func(s providers.Session, ctx context.Context, apex zone.Name) (providers.Zone, error)
	read  func(zone.Snapshot) zone.Snapshot
	write func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error
	list  func([]providers.Zone) []providers.Zone
	check func(providers.Session, context.Context) error
}

func (b broken) Info() providers.Info {
	if b.info != nil {
		return b.info(b.Driver.Info())
	}
	return b.Driver.Info()
}

func (b broken) Open(c providers.Credentials) (providers.Session, error) {
	open := b.open
	if open == nil {
		open = providers.Driver.Open
	}
	s, err := open(b.Driver, c)
	if err != nil {
		return nil, err
	}
	return brokenSession{s, b}, nil
}

type brokenSession struct {
	providers.Session
	b broken
}

func (s brokenSession) Find(ctx context.Context, apex zone.Name) (providers.Zone, error) {
	if s.b.find != nil {
		return s.b.find(s.Session, ctx, apex)
	}
	return s.Session.Find(ctx, apex)
}

func (s brokenSession) Read(ctx context.Context, z providers.Zone) (zone.Snapshot, error) {
	snap, err := s.Session.Read(ctx, z)
	if err == nil && s.b.read != nil {
		snap = s.b.read(snap)
	}
	return snap, err
}

func (s brokenSession) Write(ctx context.Context, z providers.Zone, e zone.Edit) error {
	if s.b.write != nil {
		return s.b.write(s.Session, ctx, z, e)
	}
	return s.Session.Write(ctx, z, e)
}

func (s brokenSession) List(ctx context.Context) ([]providers.Zone, error) {
	all, err := s.Session.(providers.Lister).List(ctx)
	if err == nil && s.b.list != nil {
		all = s.b.list(all)
	}
	return all, err
}

func (s brokenSession) Check(ctx context.Context) error {
	if s.b.check != nil {
		return s.b.check(s.Session, ctx)
	}
	return s.Session.(providers.Checker).Check(ctx)
}

// rewrite spoils every record that an edit brings.
func rewrite(f func(zone.Record) (zone.Record, bool)) func(providers.Session, context.Context, providers.Zone, zone.Edit) error {
	return func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
		var after []zone.Record
		for _, r := range e.After {
			if r, ok := f(r); ok {
				after = append(after, r)
			}
		}
		e.After = after
		return s.Write(ctx, z, e)
	}
}

func text(f func(string) string) func(providers.Session, context.Context, providers.Zone, zone.Edit) error {
	return rewrite(func(r zone.Record) (zone.Record, bool) {
		if r.Type == "TXT" {
			r.Data = zone.QuoteText(f(r.Text()))
		}
		return r, true
	})
}

// named renames the owners that an edit brings.
func named(f func(string) string) func(providers.Session, context.Context, providers.Zone, zone.Edit) error {
	return rewrite(func(r zone.Record) (zone.Record, bool) {
		if r.Name.Below(apex) {
			r.Name = zone.Name(f(r.Name.Rel(apex)) + "." + string(apex))
		}
		return r, true
	})
}

// data replaces rdata of one type.
func data(typ, old, repl string) func(providers.Session, context.Context, providers.Zone, zone.Edit) error {
	return rewrite(func(r zone.Record) (zone.Record, bool) {
		if r.Type == typ {
			r.Data = strings.Replace(r.Data, old, repl, 1)
		}
		return r, true
	})
}

func without(kind func(zone.Record) bool) func(zone.Snapshot) zone.Snapshot {
	return func(s zone.Snapshot) zone.Snapshot {
		s.Records = slices.DeleteFunc(slices.Clone(s.Records), kind)
		return s
	}
}

var errPlain = errors.New("it went wrong")

// fault is a driver that must fail the named cases, and may fail others.
type fault struct {
	name  string
	b     broken
	opts  memory.Options
	fails string
}

var faults = []fault{
	{
		// libdns/godaddy v1.1.0: AppendRecords replaces the RRset.
		name: "adding a value replaces the RRset",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if added := zone.Subtract(e.After, e.Before); len(added) > 0 {
				e.After = added
			}
			return s.Write(ctx, z, e)
		}},
		fails: "owner-apex-many add-beside replace-one apex several concurrent replay write-replay text-255 text-empty text-borders type-mx-preference",
	},
	{
		// libdns/cloudflare v0.2.2: SetRecords of two values leaves one.
		name: "the last value wins",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			e.After = e.After[max(0, len(e.After)-1):]
			return s.Write(ctx, z, e)
		}},
		fails: "set-2 set-10 set-new add-beside remove-one replace-one type-mx type-srv type-aaaa type-delegation swap-cname-a ttl-change ttl-joined",
	},
	{
		// libdns/namecheap v1.0.0 loses the priority of an MX given by value.
		name:  "the preference of an MX is lost",
		b:     broken{write: data("MX", "0 ", "10 ")},
		fails: "type-mx type-mx-null type-mx-zero",
	},
	{
		name:  "the preference of an MX is kept from before",
		b:     broken{write: data("MX", "5 ", "10 ")},
		fails: "type-mx-preference",
	},
	{
		name:  "success is answered and nothing is written",
		b:     broken{write: func(providers.Session, context.Context, providers.Zone, zone.Edit) error { return nil }},
		opts:  memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, CAS: true}},
		fails: "set-1 set-2 set-10 set-new set-gone add-beside remove-one wildcard underscore type-cname ttl cas-changed cas-appeared refuse-type refuse-opaque refuse-outside context-ended",
	},
	{
		name:  "the borders of a TXT are dropped",
		b:     broken{write: text(func(s string) string { return s })},
		fails: "text-borders",
	},
	{name: "text is cut at 255", b: broken{write: text(func(s string) string { return s[:min(255, len(s))] })}, fails: "text-256 text-509 text-510 text-511 text-764 text-766 text-2048 text-dkim-4096"},
	{name: "text is cut at 250", b: broken{write: text(func(s string) string { return s[:min(250, len(s))] })}, fails: "text-254 text-255"},
	{name: "text is trimmed", b: broken{write: text(strings.TrimSpace)}, fails: "text-spaces text-only-spaces"},
	{name: "text is made lower case", b: broken{write: text(strings.ToLower)}, fails: "text-case"},
	{name: "quotes are dropped", b: broken{write: text(func(s string) string { return strings.ReplaceAll(s, `"`, "") })}, fails: "text-quotes text-quote-first text-quoted-whole text-quote-space"},
	{name: "backslashes are doubled", b: broken{write: text(func(s string) string { return strings.ReplaceAll(s, `\`, `\\`) })}, fails: "text-backslash text-backslash-runs"},
	{name: "a semicolon ends a text", b: broken{write: text(func(s string) string { return strings.SplitN(s, ";", 2)[0] })}, fails: "text-semicolon"},
	{name: "text must be UTF-8", b: broken{write: text(func(s string) string { return strings.ToValidUTF8(s, "?") })}, fails: "text-binary"},
	{
		// libdns/rfc2136 v1.0.1 shows \195\169 for é.
		name:  "octets above 127 are shown as escapes",
		b:     broken{write: text(func(s string) string { return strings.Trim(fmt.Sprintf("%+q", s), `"`) })},
		fails: "text-utf8",
	},
	{
		name:  "an empty text is nothing",
		b:     broken{write: rewrite(func(r zone.Record) (zone.Record, bool) { return r, r.Data != `""` })},
		fails: "text-empty",
	},
	{name: "the zone's name is appended to a target inside", b: broken{write: data("CNAME", ".customer.example.", ".customer.example.customer.example.")}, fails: "type-cname-inside"},
	{name: "a CNAME's target is made relative", b: broken{write: data("CNAME", ".other.example.", ".other.example.customer.example.")}, fails: "type-cname swap-a-cname owner-underscore-cname"},
	{name: "the port of an SRV is lost", b: broken{write: data("SRV", " 443 ", " 0 ")}, fails: "type-srv"},
	{name: "the flags of a CAA are lost", b: broken{write: data("CAA", "128 ", "0 ")}, fails: "type-caa"},
	{name: "the parameters of a CAA are lost", b: broken{write: data("CAA", "; account=1; validationmethods=dns-01", "")}, fails: "type-caa-parameters"},
	{name: "the parameters of an SVCB record are lost", b: broken{write: data("SVCB", ` port="853"`, "")}, fails: "type-svcb"},
	{name: "the usage of a TLSA record is lost", b: broken{write: data("TLSA", "3 1 1", "0 1 1")}, fails: "type-tlsa"},
	{name: "the parameters of an HTTPS record are lost", b: broken{write: data("HTTPS", ` port="8443"`, "")}, fails: "type-https"},
	{name: "a target is compared by case", b: broken{write: data("MX", "mx.mail.example.", "MX.Mail.Example.x.")}, fails: "type-case"},
	{
		name:  "every TTL is 300",
		b:     broken{write: rewrite(func(r zone.Record) (zone.Record, bool) { r.TTL = 300; return r, true })},
		fails: "ttl ttl-change ttl-joined ttl-floor ttl-ceiling set-new",
	},
	{
		name: "underscores become hyphens",
		b: broken{write: rewrite(func(r zone.Record) (zone.Record, bool) {
			r.Name = zone.Name(strings.ReplaceAll(string(r.Name), "_", "-"))
			return r, true
		})},
		fails: "underscore owner-underscore-cname",
	},
	{
		name: "removing one value removes the RRset",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if len(e.After) < len(e.Before) {
				e.After = nil
			}
			return s.Write(ctx, z, e)
		}},
		fails: "remove-one several one-mx one-srv one-https one-caa one-ns one-aaaa one-text-case one-text-prefix one-text-long",
	},
	{
		name:  "a new CNAME is not written over what stands there",
		b:     broken{write: rewrite(func(r zone.Record) (zone.Record, bool) { return r, r.Type != "CNAME" })},
		fails: "swap-a-cname type-cname type-cname-inside",
	},
	{
		name:  "reading shows the first hundred records",
		b:     broken{read: func(s zone.Snapshot) zone.Snapshot { s.Records = s.Records[:min(100, len(s.Records))]; return s }},
		fails: "read-many read-100 read-101 read-700 read-1200",
	},
	{name: "reading leaves the wildcard out", b: broken{read: without(func(r zone.Record) bool { return r.Name.Label() == "*" })}, fails: "read-complete"},
	{name: "reading leaves the apex out", b: broken{read: without(func(r zone.Record) bool { return r.Name == apex })}, fails: "read-complete"},
	{
		name: "reading is not sorted",
		b: broken{read: func(s zone.Snapshot) zone.Snapshot {
			s.Records = slices.Clone(s.Records)
			slices.Reverse(s.Records)
			return s
		}},
		fails: "read-canonical",
	},
	{
		name: "reading gives a new tag every time",
		b: broken{read: func() func(s zone.Snapshot) zone.Snapshot {
			n := 0
			return func(s zone.Snapshot) zone.Snapshot { n++; s.Tag = fmt.Sprint(n); return s }
		}()},
		fails: "read-stable",
	},
	{
		name: "compare-and-set is claimed and not done",
		b: broken{find: func(s providers.Session, ctx context.Context, apex zone.Name) (providers.Zone, error) {
			z, err := s.Find(ctx, apex)
			z.Caps.CAS = true
			return z, err
		}},
		opts:  memory.Options{Caps: providers.Caps{Grain: providers.GrainBatch}},
		fails: "cas-changed cas-appeared cas-absent cas-whole",
	},
	{
		name: "a conflict does not say that nothing was written",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			err := s.Write(ctx, z, e)
			if pe, ok := errors.AsType[*providers.Error](err); ok {
				pe.Wrote = providers.WroteUnknown
			}
			return err
		}},
		opts:  memory.Options{Caps: providers.Caps{Grain: providers.GrainRRset, CAS: true}},
		fails: "cas-changed cas-appeared cas-absent refuse-type refuse-opaque refuse-outside context-ended",
	},
	{
		name: "a write is made twice",
		b: broken{write: func() func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			n := 0
			return func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
				if n++; n > 1 { // the second one brings the value once more, under another TTL
					for i := range e.After {
						e.After[i].TTL++
					}
				}
				return s.Write(ctx, z, e)
			}
		}()},
		fails: "write-replay",
	},
	{
		name: "a refused record is written as text",
		b: broken{write: rewrite(func(r zone.Record) (zone.Record, bool) {
			if r.Opaque || r.Type == zone.TypeRedirect || r.Type == zone.TypeAlias {
				return zone.NewTXT(r.Name, r.TTL, r.Data), true
			}
			return r, true
		})},
		fails: "refuse-type refuse-opaque",
	},
	{
		name: "a name outside is put inside",
		b: broken{write: rewrite(func(r zone.Record) (zone.Record, bool) {
			if !r.Name.Within(apex) {
				r.Name = "x." + apex
			}
			return r, true
		})},
		fails: "refuse-outside",
	},
	{
		name: "a CNAME takes the place of what stands there",
		b: broken{write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
			if len(e.After) == 1 && e.After[0].Type == "CNAME" {
				for _, typ := range []string{"A", "TXT"} {
					old, _ := s.Read(ctx, z)
					_ = s.Write(ctx, z, zone.Edit{Before: old.Set(e.After[0].Name, typ)})
				}
			}
			return s.Write(ctx, z, e)
		}},
		fails: "refuse-cname",
	},
	{
		name: "the zone around a name is found",
		b: broken{find: func(s providers.Session, ctx context.Context, name zone.Name) (providers.Zone, error) {
			if name.Within(apex) {
				name = apex
			}
			return s.Find(ctx, name)
		}},
		fails: "find-inside",
	},
	{
		name: "every zone is found",
		b: broken{find: func(s providers.Session, ctx context.Context, _ zone.Name) (providers.Zone, error) {
			return s.Find(ctx, apex)
		}},
		fails: "find-unknown",
	},
	{
		name: "a zone has no id",
		b: broken{find: func(s providers.Session, ctx context.Context, apex zone.Name) (providers.Zone, error) {
			z, err := s.Find(ctx, apex)
			z.ID = ""
			return z, err
		}},
		fails: "find",
	},
	{name: "no zone is listed", b: broken{list: func([]providers.Zone) []providers.Zone { return nil }}, fails: "list"},
	{
		name: "the context is ignored",
		b: broken{
			find: func(s providers.Session, ctx context.Context, apex zone.Name) (providers.Zone, error) {
				return s.Find(context.WithoutCancel(ctx), apex)
			},
			write: func(s providers.Session, ctx context.Context, z providers.Zone, e zone.Edit) error {
				return s.Write(context.WithoutCancel(ctx), z, e)
			},
		},
		fails: "context-ended",
	},
	{
		name: "an ended context is a plain error",
		b: broken{find: func(s providers.Session, ctx context.Context, apex zone.Name) (providers.Zone, error) {
			z, err := s.Find(ctx, apex)
			if ctx.Err() != nil {
				return z, ctx.Err()
			}
			return z, err
		}},
		fails: "context-ended context-ends",
	},
	{
		name: "errors are plain",
		b: broken{find: func(s providers.Session, ctx context.Context, apex zone.Name) (providers.Zone, error) {
			z, err := s.Find(ctx, apex)
			if err != nil {
				return z, errPlain
			}
			return z, nil
		}},
		fails: "find-unknown find-inside credential-wrong context-ended context-ends fault-read-rate-limited fault-read-unavailable fault-read-html fault-read-denied fault-read-half fault-read-lost",
	},
	{
		name: "a wrong secret is shown",
		b: broken{
			open: func(d providers.Driver, c providers.Credentials) (providers.Session, error) {
				if c["token"] == canary {
					return nil, &providers.Error{Code: providers.InvalidCredentials, Err: errors.New("bad token " + c["token"])}
				}
				return d.Open(c)
			},
		},
		fails: "credential-secret",
	},
	{
		name: "a missing credential is taken",
		b: broken{open: func(d providers.Driver, c providers.Credentials) (providers.Session, error) {
			if c["token"] == "" {
				c = providers.Credentials{"token": "none"}
			}
			return d.Open(c)
		}},
		fails: "credential-missing",
	},
	{name: "the info has no name", b: broken{info: func(i providers.Info) providers.Info { i.Name = ""; return i }}, fails: "info"},
}

const apex zone.Name = "customer.example"

func TestCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		if seen[c.Name] || c.Name == "" || !strings.HasSuffix(c.Rule, ".") && !strings.HasSuffix(c.Rule, ").") {
			t.Errorf("case %q: want a name of its own and a sentence, got %q", c.Name, c.Rule)
		}
		seen[c.Name] = true
	}
}
