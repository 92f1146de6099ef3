package spf

import "context"

// Question is one thing to ask DNS.
type Question struct {
	Name string `json:"name"` // lower-case, no final dot
	Type string `json:"type"` // "TXT", "A", "AAAA", "MX" or "PTR"
}

// String returns type and name, as in "TXT _spf.example.com".
func (q Question) String() string { return q.Type + " " + q.Name }

// Status is how DNS answered.
type Status uint8

// The zero Status is Failed, so that an answer left empty is never taken for
// a statement about the name.
const (
	Failed   Status = iota // no usable answer; temporary (RFC 7208 section 2.6.6)
	Found                  // Values has at least one
	NoData                 // the name exists, the type does not
	NXDomain               // the name does not exist
)

// String returns the status in a word.
func (s Status) String() string {
	switch s {
	case Found:
		return "found"
	case NoData:
		return "no data"
	case NXDomain:
		return "no such name"
	case Failed:
	}
	return "no answer"
}

// Answer is what DNS said. Values are joined strings for TXT, addresses for A
// and AAAA, host names for MX and PTR.
type Answer struct {
	Status Status
	Values []string
	TTL    uint32 // seconds; 0 where it is not known
}

// Answers is what is known of DNS, as a value, so that counting stays pure.
type Answers map[Question]Answer

// Resolver asks DNS. Trouble is an Answer with status Failed; CNAMEs are
// followed on the way.
type Resolver interface {
	Lookup(ctx context.Context, q Question) Answer
}

// Static is a Resolver that knows all of a small DNS: what is not in it does
// not exist.
type Static map[Question]Answer

// Lookup returns the answer, or NXDomain.
func (s Static) Lookup(_ context.Context, q Question) Answer {
	if a, ok := s[q]; ok {
		return a
	}
	return Answer{Status: NXDomain}
}

// Walk counts rec, which stands or will stand at domain, and asks r for what
// [Count] needs. The answers it got are returned beside the cost. It asks each
// question once and at most 200; the error is that of ctx only.
func Walk(ctx context.Context, r Resolver, domain string, rec Record) (Cost, Answers, error) {
	known := Answers{}
	for {
		cost, questions := Count(domain, rec, known)
		if len(questions) == 0 {
			return cost, known, nil
		}
		for _, q := range questions {
			answer := r.Lookup(ctx, q)
			if err := ctx.Err(); err != nil {
				return cost, known, err
			}
			known[q] = answer
		}
	}
}
