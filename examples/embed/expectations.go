package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
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
	file   *os.File
	name   string
	count  int // requests
	end    func() error
	spoilt error // why the second reading found another list
}

// openExpectations checks the whole list. "-" is in, which is copied first, as
// is what can be read only once, such as a pipe. It ends with ctx, also where
// nobody ever writes to that pipe. The caller must call end.
func openExpectations(ctx context.Context, name string, in io.Reader) (*expectations, error) {
	l := &expectations{name: name}
	if name == "-" {
		l.name = "standard input"
	}
	if err := l.open(ctx, name, in); err != nil {
		return nil, fmt.Errorf("embed: -verify: %w", err)
	}
	if err := l.check(ctx); err != nil {
		_ = l.end() // it was only read
		return nil, err
	}
	return l, nil
}

// open finds a file that can be read twice, or makes one. Neither opening a
// pipe nor reading from it can be called off: where ctx ends first, somebody is
// left waiting until the program ends.
func (l *expectations) open(ctx context.Context, name string, in io.Reader) error {
	type opened struct {
		file *os.File
		end  func() error
		err  error
	}
	c := make(chan opened, 1)
	go func() {
		var o opened
		if name == "-" {
			o.file, o.end, o.err = spool(ctx, in)
		} else {
			o.file, o.end, o.err = rewindable(ctx, name)
		}
		c <- o
	}()
	select {
	case o := <-c:
		l.file, l.end = o.file, o.end
		return o.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// check reads the list for the first time, and returns all that is wrong.
func (l *expectations) check(ctx context.Context) error {
	var faults []error
	wrong := 0
	for _, err := range l.lines() {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
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
	return errors.Join(faults...)
}

// rewindable is the named file, or a copy of what cannot be read from its
// beginning again.
func rewindable(ctx context.Context, name string) (*os.File, func() error, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if _, err := f.Seek(0, io.SeekCurrent); err != nil {
		defer func() { _ = f.Close() }() // it was only read
		return spool(ctx, f)
	}
	return f, f.Close, nil
}

// spool copies what can be read only once to a file that goes with end, and
// where the system allows it also with the program, however that ends: whoever
// closes the pipe on standard output kills it.
func spool(ctx context.Context, in io.Reader) (*os.File, func() error, error) {
	f, err := os.CreateTemp("", "mooring-")
	if err != nil {
		return nil, nil, err
	}
	end := f.Close
	if os.Remove(f.Name()) != nil { // the system removes no file that is open
		end = func() error { return errors.Join(f.Close(), os.Remove(f.Name())) }
	}
	if _, err := io.Copy(f, until{ctx, in}); err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return f, end, nil
}

// until is a reader whose next read fails once ctx has ended.
type until struct {
	ctx context.Context
	io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

// requests is the list once more, for those who ask. Where somebody changes it
// meanwhile, it ends at what cannot be read, or after as many requests as there
// were at first, and spoilt says so.
func (l *expectations) requests() iter.Seq[verify.Request] {
	return func(yield func(verify.Request) bool) {
		n := 0
		for req, err := range l.lines() {
			switch {
			case err != nil:
				l.spoilt = fmt.Errorf("%w: %w", errChanged, err)
				return
			case n == l.count:
				l.spoilt = errChanged
				return
			case !yield(req):
				return
			}
			n++
		}
		if n < l.count {
			l.spoilt = errChanged
		}
	}
}

var errChanged = errors.New("the list was changed while it was read, and only a part of it was looked at")

// lines reads the list from its beginning: a request or what is wrong, for each
// line that is neither blank nor a comment.
func (l *expectations) lines() iter.Seq2[verify.Request, error] {
	return func(yield func(verify.Request, error) bool) {
		if _, err := l.file.Seek(0, io.SeekStart); err != nil {
			yield(verify.Request{}, err)
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
			yield(verify.Request{}, err)
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
	if _, err := strconv.Atoi(typ); err == nil || strings.EqualFold(typ, "IN") {
		return verify.Request{}, fmt.Errorf("%q stands where the type should; leave out TTL and class: NAME TYPE VALUE", typ)
	}
	if value == "" {
		return verify.Request{}, errors.New("want NAME TYPE VALUE, such as: www.customer.example CNAME edge.app.example, or a JSON object in one line")
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
		return verify.Request{}, fmt.Errorf(`want {"domain": …, "records": [{"type": …, "host": …, "value": …}]} in one line: %w`, err)
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
