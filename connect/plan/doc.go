// Package plan works out the smallest safe change that gives a domain the
// records somebody asks for, in a zone that belongs to somebody else.
//
//	req := plan.Request{Snapshot: zone, Intents: want} // and caps, facts, decisions
//	p, err := plan.New(req)
//	for err == nil && len(p.Questions) > 0 {
//		req.Facts = append(req.Facts, ask(p.Questions)...)
//		p, err = plan.New(req)
//	}
//	fmt.Println(p.Text())
//
// It is a pure function: the same request gives the same plan, byte for byte,
// on any machine. What it must know from DNS it says in Questions, and a
// failure to learn it is an answer too, so asking ends. What a person must
// decide it says in Conflicts.
//
// It promises that a record which no intent needs and no decision names is in
// no change; that nothing is removed which the plan does not show; and that
// planning again after the plan was applied gives an empty plan.
//
// It reads no zone, asks no DNS and writes nothing: package connect does.
package plan
