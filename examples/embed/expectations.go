package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/mooring-dns/mooring/connect/entri"
	"github.com/mooring-dns/mooring/dkim"
	"github.com/mooring-dns/mooring/dkim/dmarc"
	"github.com/mooring-dns/mooring/providers/zone"
	"github.com/mooring-dns/mooring/spf"
	"github.com/mooring-dns/mooring/verify"
)

const (
	maxLine  = 1 << 20 // octets of a line of the list
	maxFault = 10      // faults of a list that are told one by one
)

// expectations is a list of records to verify, in a file. It is read twice, so
// that every fault in it is told before anything is asked and no line stays in
// memory: once to check, once to ask.
type expectations struct {
	file  *os.File
	name  string
	count int // requests
	end   func() error
}

// openExpectations checks the whole list. "-" is in, which is copied first. The
// caller must call end.
func openExpectations(name string, in io.Reader) (*expectations, error) {
	l := &expectations{name: name}
	var err error
	if name == "-" {
		l.name = "standard input"
		l.file, l.end, err = spool(in)
	} else if l.file, err = os.Open(name); err == nil {
		l.end = l.file.Close
	}
	if err != nil {
		return nil, fmt.Errorf("embed: -verify: %w", err)
	}
	var faults []error
	wrong := 0
	for _, err := range l.lines() {
		switch {
		case err == nil:
			l.count++
		case wrong < maxFault:
			faults = append(faults, err)
			wrong++
		default:
			wrong++
		}
	}
	switch {
	case wrong > maxFault:
		faults = append(faults, fmt.Errorf("and %d more lines likewise", wrong-maxFault))
	case wrong == 0 && l.count == 0:
		faults = append(faults, fmt.Errorf("embed: -verify: %s holds no record; want lines such as: www.customer.example CNAME edge.app.example", l.name))
	}
	if len(faults) > 0 {
		_ = l.end()
		return nil, errors.Join(faults...)
	}
	return l, nil
}

// spool copies what can be read only once to a file that goes with end.
func spool(in io.Reader) (*os.File, func() error, error) {
	f, err := os.CreateTemp("", "mooring-")
	if err != nil {
		return nil, nil, err
	}
	end := func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	if _, err := io.Copy(f, in); err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return f, end, nil
}

// requests is the list once more, for those who ask. A list that somebody
// shortens or spoils meanwhile ends where it does.
func (l *expectations) requests() iter.Seq[verify.Request] {
	return func(yield func(verify.Request) bool) {
		for req, err := range l.lines() {
			if err != nil || !yield(req) {
				return
			}
		}
	}
}

// lines reads the list from its beginning: a request or what is wrong, for each
// line that is neither blank nor a comment.
func (l *expectations) lines() iter.Seq2[verify.Request, error] {
	return func(yield func(verify.Request, error) bool) {
		if _, err := l.file.Seek(0, io.SeekStart); err != nil {
			yield(verify.Request{}, fmt.Errorf("embed: -verify: %w", err))
			return
		}
		s := bufio.NewScanner(l.file)
		s.Buffer(nil, maxLine)
		n := 0
		for s.Scan() {
			n++
			line := bytes.TrimSpace(bytes.TrimPrefix(s.Bytes(), []byte("\ufeff")))
			if len(line) == 0 || line[0] == '#' || line[0] == ';' {
				continue
			}
			req, err := readLine(line)
			if err != nil {
				err = fmt.Errorf("%s:%d: %w", l.name, n, err)
			}
			if !yield(req, err) {
				return
			}
		}
		if errors.Is(s.Err(), bufio.ErrTooLong) {
			yield(verify.Request{}, fmt.Errorf("%s:%d: longer than %d octets", l.name, n+1, maxLine))
		} else if err := s.Err(); err != nil {
			yield(verify.Request{}, fmt.Errorf("embed: -verify: %w", err))
		}
	}
}

// readLine is one line: a JSON object with Entri's records, or NAME TYPE VALUE.
func readLine(line []byte) (verify.Request, error) {
	if line[0] == '{' {
		return readObject(line)
	}
	name, rest := word(string(line))
	typ, value := word(rest)
	if value == "" {
		return verify.Request{}, errors.New("want NAME TYPE VALUE, such as: www.customer.example CNAME edge.app.example")
	}
	owner, err := zone.ParseName(name)
	if err != nil {
		return verify.Request{}, err
	}
	e, err := expectation(owner, zone.CanonicalType(typ), value)
	return verify.Request{Expect: []verify.Expect{e}}, err
}

// word is the first word of s, and what follows it.
func word(s string) (first, rest string) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

func readObject(line []byte) (verify.Request, error) {
	var o struct {
		Domain  string         `json:"domain"`
		Records []entri.Record `json:"records"`
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return verify.Request{}, fmt.Errorf(`want {"domain": …, "records": [{"type": …, "host": …, "value": …}]}: %w`, err)
	}
	if d.More() {
		return verify.Request{}, errors.New("something follows the object; want one object in a line")
	}
	domain, err := entri.Split(o.Domain)
	if err != nil {
		return verify.Request{}, err
	}
	if len(o.Records) == 0 {
		return verify.Request{}, errors.New("no records")
	}
	var req verify.Request
	for i, r := range o.Records {
		e, err := fromEntri(r, domain.Domain)
		if err != nil {
			return verify.Request{}, fmt.Errorf("records[%d]: %w", i, err)
		}
		req.Expect = append(req.Expect, e)
	}
	return req, nil
}

// fromEntri is a record in Entri's spelling: its host and a target of one label
// are relative to the domain.
func fromEntri(r entri.Record, domain zone.Name) (verify.Expect, error) {
	if strings.ContainsAny(r.Host+r.Value, "{}") {
		return verify.Expect{}, errors.New("variables stand for nothing here; write out what DNS must show")
	}
	owner, err := zone.Abs(r.Host, domain)
	if err != nil {
		return verify.Expect{}, err
	}
	typ, value := zone.CanonicalType(r.Type), strings.TrimSpace(r.Value)
	switch typ {
	case "CNAME", "NS", "MX":
		target, err := zone.Abs(value, domain)
		if strings.Contains(value, ".") {
			target, err = zone.ParseName(value)
		}
		if err != nil {
			return verify.Expect{}, err
		}
		if value = target.FQDN(); typ == "MX" {
			if r.Priority == nil {
				return verify.Expect{}, errors.New("an MX record needs its priority")
			}
			value = fmt.Sprint(*r.Priority, " ", value)
		}
	case "CAA":
		if r.Tag != "" {
			value = fmt.Sprintf("%d %s %s", r.Flag, r.Tag, zone.QuoteStrings(value))
		}
	}
	e, err := expectation(owner, typ, value)
	if err == nil && r.FallbackValue != "" {
		e.Fallback = zone.QuoteText(r.FallbackValue)
	}
	return e, err
}

// expectation says how a record is recognised: mail policies and keys by what
// they mean, since customers have other terms in theirs.
func expectation(owner zone.Name, typ, value string) (verify.Expect, error) {
	if typ == "TXT" && !strings.HasPrefix(value, `"`) {
		value = zone.QuoteText(value)
	}
	rec, err := zone.New(owner, typ, 0, value)
	if err != nil {
		return verify.Expect{}, err
	}
	e := verify.Expect{Record: rec}
	if typ == "TXT" {
		switch text := rec.Text(); {
		case spf.IsRecord(text):
			e.Match = verify.MatchSPF
		case dkim.IsKey(text) && strings.Contains(string(owner), "._domainkey."):
			e.Match = verify.MatchDKIM
		case dmarc.IsRecord(text) && strings.HasPrefix(string(owner), "_dmarc."):
			e.Match = verify.MatchDMARC
		}
	}
	return e, verify.Request{Expect: []verify.Expect{e}}.Validate()
}
