package spf

import (
	"errors"
	"fmt"
	"strings"
)

// Limits a record must keep. The zero value has those of RFC 7208 section 4.6.4
// and none for the size.
type Limits struct {
	Lookups int // 0 means LookupLimit
	Voids   int // 0 means VoidLimit
	Octets  int // that the DNS host can store in one TXT record; 0 means any number
}

func (l Limits) lookups() int {
	if l.Lookups > 0 {
		return l.Lookups
	}
	return LookupLimit
}

func (l Limits) voids() int {
	if l.Voids > 0 {
		return l.Voids
	}
	return VoidLimit
}

// over reports whether receivers would give up on what takes f.
func (l Limits) over(f Figures) bool { return f.Lookups > l.lookups() || f.Voids > l.voids() }

// LimitError says that receivers would give up on a record with permerror. It
// is ErrLimit to errors.Is.
type LimitError struct {
	Domain   string
	Lookups  int
	Voids    int
	Limits   Limits     // with the numbers that count in place of 0
	Loop     string     // the name of a record that leads back to itself, for which no limit is enough; else empty
	AtLeast  bool       // the figures are lower bounds, see [Cost.AtLeast], or an answer is missing
	Terms    []TermCost // one for each term of the record, in its order
	Remedies []Remedy   // that would help, the gentlest first
}

// Error names the figures and the terms that cost most.
func (e *LimitError) Error() string {
	least := ""
	if e.AtLeast && e.Loop == "" {
		least = "at least "
	}
	var over []string
	switch {
	case e.Loop != "":
		over = append(over, fmt.Sprintf("DNS lookups without end, since the record at %s leads back to itself, and receivers make at most %d", e.Loop, e.Limits.Lookups))
	case e.Lookups > e.Limits.Lookups:
		over = append(over, fmt.Sprintf("%s, and receivers make at most %d", plural(e.Lookups, "DNS lookup"), e.Limits.Lookups))
	}
	if e.Voids > e.Limits.Voids {
		over = append(over, fmt.Sprintf("%s that find nothing, and receivers accept at most %d", plural(e.Voids, "lookup"), e.Limits.Voids))
	}
	return fmt.Sprintf("spf: the record at %s needs %s%s: %s%s", e.Domain, least, strings.Join(over, "; "), costs(e.Terms), advice(e.Remedies))
}

// Unwrap returns the code, for errors.Is.
func (e *LimitError) Unwrap() error { return ErrLimit }

// LengthError says that the DNS host cannot store a record. It is ErrLength to
// errors.Is.
type LengthError struct {
	Domain   string
	Octets   int // of the record
	Limit    int
	Remedies []Remedy // that would help, the gentlest first
}

// Error names the figures.
func (e *LengthError) Error() string {
	return fmt.Sprintf("spf: the record at %s has %d octets, and this DNS host stores at most %d%s", e.Domain, e.Octets, e.Limit, advice(e.Remedies))
}

// Unwrap returns the code, for errors.Is.
func (e *LengthError) Unwrap() error { return ErrLength }

// Fits reports whether a record that will stand at domain, beside the other
// TXT values there, keeps the limits, as far as is known. The error is a
// *[LimitError], a *[LengthError], or both joined.
func Fits(domain string, rec Record, others []string, known Answers, limits Limits) error {
	q := ShrinkRequest{Domain: domain, Record: rec, Others: others, Known: known, Limits: limits}
	before, cost, _ := q.measure(rec, known)
	over := limits.over(before)
	slow := over || cost.loop() != ""
	long := limits.Octets > 0 && before.Octets > limits.Octets
	if !slow && !long {
		return nil
	}
	remedies := Remedies(q)
	var errs []error
	if slow {
		e := &LimitError{
			Domain: foldName(domain), Lookups: before.Lookups, Voids: before.Voids, Loop: cost.loop(), AtLeast: before.AtLeast, Terms: cost.Terms,
			Limits: Limits{Lookups: limits.lookups(), Voids: limits.voids(), Octets: limits.Octets},
		}
		for _, r := range remedies {
			if r.Code == RemedyDropDead || over && (r.Code == RemedySubdomain || r.Open() || r.After.Lookups < r.Before.Lookups || r.After.Voids < r.Before.Voids) {
				e.Remedies = append(e.Remedies, r)
			}
		}
		errs = append(errs, e)
	}
	if long {
		e := &LengthError{Domain: foldName(domain), Octets: before.Octets, Limit: limits.Octets}
		for _, r := range remedies {
			if r.Code == RemedySubdomain || !r.Open() && r.After.Octets < r.Before.Octets {
				e.Remedies = append(e.Remedies, r)
			}
		}
		errs = append(errs, e)
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// costs lists what the terms cost, as in "include:a.example 4, mx 1".
func costs(terms []TermCost) string {
	var parts []string
	for _, t := range terms {
		if t.Lookups == 0 {
			continue
		}
		part := fmt.Sprintf("%s %d", t.Text, t.Lookups)
		if t.Voids > 0 {
			part += fmt.Sprintf(" (%d finding nothing)", t.Voids)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func advice(remedies []Remedy) string {
	if len(remedies) == 0 {
		return ""
	}
	texts := make([]string, len(remedies))
	for i, r := range remedies {
		texts[i] = r.Text
	}
	return ". What would help: " + strings.Join(texts, "; ")
}
