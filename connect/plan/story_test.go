package plan_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

var update = flag.Bool("update", false, "rewrite the wanted part of testdata/plan")

// TestStories tells each case of testdata/plan. The first line of a file says
// why it is there; its sections are
//
//	zone           zone text of customer.example; "! NAME TYPE TTL DATA" is a record as a host may have it, "~ NAME TYPE TTL DATA" one behind its proxy
//	zone NAME      another zone that DNS serves
//	caps           of the host, JSON
//	ns             the servers that the host assigned, and what DNS says ("dns: …")
//	policies       CLASS=POLICY
//	intents        KIND HOST DATA, "| FALLBACK", "ttl=N" and other fields as {JSON} at the end
//	decisions      CODE=OPTION or CODE@OWNER=OPTION, or "defaults"
//	edit           what somebody does then: "+ NAME TYPE TTL DATA", "- NAME TYPE TTL DATA"
//	copied         what of the run's records a wildcard had answered: NAME TYPE TTL DATA
//	intents 2      a second run, with "decisions 2", "edit 2" and "copied 2"
//	undo           which runs are taken back: "1", "2", "1 2"
//	want           what comes of it
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/plan/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 45 {
		t.Errorf("%d stories, want at least 45", len(files))
	}
	index := []string{storyIndex}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Comment) == 0 {
				t.Error("no first line that says why this story is told")
			}
			why, _, _ := strings.Cut(string(a.Comment), "\n")
			index = append(index, fmt.Sprintf("- [%s](%s): %s", strings.TrimSuffix(filepath.Base(file), ".txtar"), filepath.Base(file), why))
			s := story{t: t, sections: map[string]string{}}
			for _, f := range a.Files {
				s.sections[f.Name] = string(f.Data)
			}
			got := s.tell()
			if *update {
				i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
				if i < 0 {
					i = len(a.Files)
					a.Files = append(a.Files, txtar.File{Name: "want"})
				}
				a.Files[i].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(got, s.sections["want"]); d != "" {
				t.Errorf("(-got +want):\n%s", d)
			}
		})
	}
	checkIndex(t, strings.Join(index, "\n")+"\n")
}

const storyIndex = `# What the planner does, case by case

Each file is a zone, what somebody asks for, and what comes of it. This page is made of their first lines:
` + "`go test ./connect/plan -run Stories -update`" + ` writes it and the wanted part of each story again.
`

// checkIndex compares the page that lists the stories.
func checkIndex(t *testing.T, got string) {
	const file = "testdata/plan/README.md"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, string(want)); d != "" {
		t.Errorf("%s (-got +want):\n%s", file, d)
	}
}

type story struct {
	t        *testing.T
	sections map[string]string
	out      strings.Builder
}

func (s *story) tell() string {
	req := plan.Request{Domain: domain, Snapshot: s.zone()}
	start := req.Snapshot
	if text := s.sections["caps"]; text != "" {
		if err := json.Unmarshal([]byte(text), &req.Caps); err != nil {
			s.t.Fatalf("caps: %v", err)
		}
	}
	outside := s.outside()
	s.delegation(&req)
	req.Policies = s.policies()
	var runs []plan.Applied
	for _, run := range []string{"", " 2"} {
		if _, ok := s.sections["intents"+run]; !ok {
			break
		}
		if run != "" {
			s.out.WriteString("\n# second run\n")
		}
		req.Intents, req.Decisions = s.intents("intents"+run), s.decisions("decisions"+run)
		req.Facts = slices.DeleteFunc(req.Facts, func(f plan.Fact) bool { return f.Type != "NS" })
		p, err := again(&req, outside)
		if err != nil {
			fmt.Fprintf(&s.out, "error: %v\n", err)
			return s.out.String()
		}
		s.plan(p)
		if p.Status == plan.NeedsDecision {
			break
		}
		did := plan.Applied{Changes: p.ZoneChanges(), SPF: p.SPF}
		for line := range strings.Lines(s.sections["copied"+run]) {
			did.Copied = append(did.Copied, s.record(line))
		}
		runs = append(runs, did)
		req.Snapshot = s.edit(req.Snapshot.With(p.ZoneChanges()...), "edit"+run)
		req.Ours = plan.Ours(runs)
	}
	if which, ok := s.sections["undo"]; ok {
		s.undo(req, start, runs, which)
	}
	return s.out.String()
}

func (s *story) plan(p plan.Plan) {
	s.out.WriteString(p.Text())
	fmt.Fprintf(&s.out, "\nstatus: %s\n", p.Status)
	for _, r := range p.Results {
		fmt.Fprintf(&s.out, "%d %s %s: %s", r.Intent, r.Kind, r.Owner, r.State)
		if r.UsedFallback {
			s.out.WriteString(", fallback")
		}
		if r.Lookups != nil {
			fmt.Fprintf(&s.out, ", lookups %d to %d", r.Lookups.Before, r.Lookups.After)
			if r.Lookups.AtLeast {
				s.out.WriteString(" at least")
			}
		}
		s.out.WriteByte('\n')
	}
}

func (s *story) undo(req plan.Request, start zone.Snapshot, runs []plan.Applied, which string) {
	var back []plan.Applied
	for n := range strings.FieldsSeq(which) {
		i, err := strconv.Atoi(n)
		if err != nil {
			s.t.Fatalf("undo: %v", err)
		}
		back = append(back, runs[i-1])
	}
	u, err := plan.Undo(plan.UndoRequest{Domain: domain, Snapshot: req.Snapshot, Runs: back, Caps: req.Caps, Decisions: s.decisions("decisions undo")})
	if err != nil {
		s.t.Fatal(err)
	}
	s.out.WriteString("\n# undo\n")
	s.plan(u)
	s.out.WriteString("\n# the zone then, beside the one at the start\n")
	for _, c := range zone.Diff(start, req.Snapshot.With(u.ZoneChanges()...)) {
		for _, r := range c.Remove {
			fmt.Fprintf(&s.out, "- %s\n", r)
		}
		for _, r := range c.Add {
			fmt.Fprintf(&s.out, "+ %s\n", r)
		}
	}
}

func (s *story) zone() zone.Snapshot {
	var text, raw, proxied []string
	for line := range strings.Lines(s.sections["zone"]) {
		if rest, ok := strings.CutPrefix(line, "! "); ok {
			raw = append(raw, rest)
		} else if rest, ok := strings.CutPrefix(line, "~ "); ok {
			proxied = append(proxied, rest)
		} else {
			text = append(text, line)
		}
	}
	const head = "$ORIGIN customer.example.\n$TTL 3600\n@ SOA ns1.host.example. hostmaster 1 3600 600 86400 300\n@ NS ns1.host.example.\n"
	snap := zoneOf(s.t, head+strings.Join(text, ""), string(domain))
	recs := snap.Records
	for _, line := range raw {
		recs = append(recs, s.record(line))
	}
	for _, line := range proxied {
		r := s.record(line)
		r.Meta = "proxied=true"
		recs = append(recs, r)
	}
	return zone.NewSnapshot(domain, recs)
}

// record reads NAME TYPE TTL DATA, with DATA as a host gives it.
func (s *story) record(line string) zone.Record {
	f := strings.SplitN(strings.TrimSpace(line), " ", 4)
	if len(f) < 4 {
		s.t.Fatalf("%q: want NAME TYPE TTL DATA", line)
	}
	ttl, err := strconv.ParseUint(f[2], 10, 32)
	if err != nil {
		s.t.Fatal(err)
	}
	return zone.NewSnapshot(domain, []zone.Record{{Name: at(s.t, f[0]), Type: f[1], TTL: uint32(ttl), Data: f[3]}}).Records[0]
}

func (s *story) outside() world {
	var w world
	for name, text := range s.sections {
		if origin, ok := strings.CutPrefix(name, "zone "); ok {
			w = append(w, zoneOf(s.t, "$ORIGIN "+origin+".\n$TTL 60\n@ SOA ns host 1 1 1 1 1\n"+text, origin))
		}
	}
	return w
}

func (s *story) delegation(req *plan.Request) {
	for line := range strings.Lines(s.sections["ns"]) {
		name, dns := strings.CutPrefix(strings.TrimSpace(line), "dns: ")
		if !dns {
			req.NameServers = append(req.NameServers, at(s.t, name))
			continue
		}
		f := plan.Fact{Question: plan.Question{Name: domain, Type: "NS"}, Status: plan.Found}
		for host := range strings.FieldsSeq(name) {
			if host == "fails" {
				f.Status = plan.Failed
				continue
			}
			f.Records = append(f.Records, zone.Record{Name: domain, Type: "NS", TTL: 60, Data: host})
		}
		req.Facts = append(req.Facts, f)
	}
}

func (s *story) intents(section string) []plan.Intent {
	var out []plan.Intent
	for line := range strings.Lines(s.sections[section]) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(f) < 3 {
			s.t.Fatalf("%s: %q: want KIND HOST DATA", section, line)
		}
		in := plan.Intent{Kind: plan.Kind(f[0]), Host: f[1], Value: f[2]}
		if value, fields, ok := strings.Cut(in.Value, " {"); ok {
			if err := json.Unmarshal([]byte("{"+fields), &in); err != nil {
				s.t.Fatalf("%s: {%s: %v", section, fields, err)
			}
			in.Value = value
		}
		if value, ttl, ok := strings.Cut(in.Value, " ttl="); ok {
			n, err := strconv.ParseUint(ttl, 10, 32)
			if err != nil {
				s.t.Fatal(err)
			}
			in.Value, in.TTL = value, uint32(n)
		}
		switch in.Kind {
		case plan.KindMX:
			pref, target, _ := strings.Cut(in.Value, " ")
			n, err := strconv.ParseUint(pref, 10, 16)
			if err != nil {
				s.t.Fatal(err)
			}
			in.Priority, in.Value = uint16(n), target
		case plan.KindCAA:
			in.Tag, in.Value, _ = strings.Cut(in.Value, " ")
		case plan.KindSRV:
			if _, err := fmt.Sscanf(in.Value, "%d %d %d %s", &in.Priority, &in.Weight, &in.Port, &in.Value); err != nil {
				s.t.Fatalf("%s: %q: %v", section, line, err)
			}
		case plan.KindTXT, plan.KindDKIM, plan.KindCNAME, plan.KindRedirect:
			in.Value, in.Fallback, _ = strings.Cut(in.Value, " | ")
		default:
		}
		out = append(out, in)
	}
	return out
}

func (s *story) policies() plan.Policies {
	out := plan.Policies{}
	for line := range strings.Lines(s.sections["policies"]) {
		class, policy, _ := strings.Cut(strings.TrimSpace(line), "=")
		out[plan.Class(class)] = plan.Policy(policy)
	}
	return out
}

func (s *story) decisions(section string) []plan.Decision {
	var out []plan.Decision
	for line := range strings.Lines(s.sections[section]) {
		if line = strings.TrimSpace(line); line == "defaults" {
			out = append(out, plan.TakeDefaults())
			continue
		}
		d, err := plan.ParseDecision(line)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

func (s *story) edit(snap zone.Snapshot, section string) zone.Snapshot {
	for line := range strings.Lines(s.sections[section]) {
		r := s.record(line[2:])
		c := zone.Change{Owner: r.Name, Add: []zone.Record{r}}
		if line[0] == '-' {
			if !zone.Contains(snap.Records, r) {
				s.t.Fatalf("%s: no %v in the zone", section, r)
			}
			c = zone.Change{Owner: r.Name, Remove: []zone.Record{r}}
		}
		snap = snap.With(c)
	}
	return snap
}
