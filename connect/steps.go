package connect

import (
	"fmt"
	"strings"

	"github.com/mooring-dns/mooring/connect/plan"
	"github.com/mooring-dns/mooring/providers/zone"
)

// Step is one thing a person does at the DNS host.
type Step struct {
	Action string `json:"action"` // "add" or "remove"
	Host   string `json:"host"`   // relative to the zone, "@" for its apex
	Type   string `json:"type"`
	Value  string `json:"value"` // as forms want it: texts unquoted, targets without their final dot
	TTL    uint32 `json:"ttl,omitempty"`
	// Priority of an MX record, which most forms ask for by itself.
	Priority string `json:"priority,omitempty"`
	Text     string `json:"text"` // the whole step, for people
}

// steps is the plan as things to do: at each owner what goes first, since a
// form refuses what cannot stand beside it.
func steps(p plan.Plan) []Step {
	var out []Step
	for _, c := range p.Changes {
		for _, r := range c.Remove {
			out = append(out, step("remove", r, p.Zone))
		}
		for _, r := range c.Add {
			out = append(out, step("add", r, p.Zone))
		}
	}
	return out
}

func step(action string, r zone.Record, apex zone.Name) Step {
	s := Step{Action: action, Host: r.Name.Rel(apex), Type: r.Type, Value: r.Text(), TTL: r.TTL}
	if t, ok := r.Target(); ok {
		s.Value = strings.TrimSuffix(t.FQDN(), ".")
		if r.Type == "MX" {
			s.Priority, _, _ = strings.Cut(r.Data, " ")
		}
	}
	verb := map[string]string{"add": "Add", "remove": "Remove"}[action]
	s.Text = fmt.Sprintf("%s the %s record of %s: %s", verb, s.Type, s.Host, s.Value)
	if s.Priority != "" {
		s.Text += ", priority " + s.Priority
	}
	if action == "add" {
		s.Text += fmt.Sprintf(", TTL %d", s.TTL)
	}
	return s
}
