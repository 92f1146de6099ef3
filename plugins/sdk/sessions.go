package sdk

import (
	"container/list"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mooring-dns/mooring/plugins/internal/wire"
	"github.com/mooring-dns/mooring/providers"
)

const (
	maxSessions = 1024             // kept beside those that a call is using
	sessionTime = 10 * time.Minute // without a call, then a session is forgotten
	maxCalls    = 512              // under way at once
	maxOwn      = 128              // of them of one customer: a host gives up calls that a driver does not end
	maxStuck    = 256              // of them that have gone on for overtime, then the process is of no use
	overtime    = time.Minute      // for a call to end, or put back what it has harmed, when its caller has given up
)

// digest is credentials as the cache knows them, hashed behind a key of this
// process's own, so that a digest tells nothing elsewhere.
type digest [sha256.Size]byte

// sessions keeps one session for one customer's credentials. No two different
// ones ever share theirs.
type sessions struct {
	driver providers.Driver
	info   providers.Info
	key    []byte
	slots  chan struct{} // holds one for each call under way
	late   time.Duration // overtime, but for tests
	stuck  atomic.Int64  // calls whose callers have given up, and that have gone on for that long
	choked func()        // called when they are maxStuck; nil: nobody is told

	mu    sync.Mutex
	kept  map[digest]*entry
	order *list.List          // of *entry, the one used last in front
	gone  []*entry            // dropped a while ago: what was printed in their calls may be under way yet
	live  map[*entry]struct{} // kept, gone, or used by a call
	sweep *time.Timer         // nil: nothing is kept

	change uint64   // counts what was put into live and taken out
	known  gathered // the secrets of live
}

func newSessions(d providers.Driver, info providers.Info) *sessions {
	return &sessions{
		driver: d, info: info, key: []byte(rand.Text()), slots: make(chan struct{}, maxCalls), late: overtime,
		kept: map[digest]*entry{}, order: list.New(), live: map[*entry]struct{}{},
	}
}

// entry is one customer's session. The fields below mu of sessions are guarded
// by it.
type entry struct {
	id      digest
	creds   providers.Credentials
	secrets func() providers.Redactor // of creds, worked out when first asked for

	once    sync.Once
	session providers.Session
	err     error

	at   *list.Element // nil: not kept any more
	gone bool
	used time.Time // when the last call began or ended
	refs int       // calls under way
}

// Format prints no credentials.
func (e *entry) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "session of a plugin") }

// Format prints no credentials.
func (s *sessions) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sessions of a plugin") }

// open is what wire.Service asks for: the session of these credentials for one
// call, and what to do when it is over.
func (s *sessions) open(ctx context.Context, c providers.Credentials) (providers.Session, func(error), error) {
	select {
	case s.slots <- struct{}{}:
	default:
		select {
		case s.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, nil, &providers.Error{Code: providers.Timeout, Err: fmt.Errorf("the plugin has %d calls under way, and none has ended in time: %w", maxCalls, context.Cause(ctx))}
		}
	}
	e, ok := s.take(c)
	if !ok {
		<-s.slots
		return nil, nil, &providers.Error{Code: providers.Unavailable, Err: fmt.Errorf("%d calls with this credential have not ended in the plugin", maxOwn)}
	}
	ended := s.watch(ctx)
	done := func(err error) {
		ended()
		s.release(e, err)
		<-s.slots
	}
	e.once.Do(func() { e.open(s.driver) })
	if e.err != nil {
		s.drop(e)
		done(nil)
		return nil, nil, e.err
	}
	return guard{s, e}.session(), done, nil
}

// watch counts a call that goes on long after its caller has given up, until it
// has ended.
func (s *sessions) watch(ctx context.Context) (ended func()) {
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-over:
			return
		case <-time.After(s.late):
		}
		if s.stuck.Add(1) == maxStuck && s.choked != nil {
			s.choked()
		}
		<-over
		s.stuck.Add(-1)
	})
	return func() {
		stop()
		close(over)
	}
}

// open makes the session. Whatever becomes of it, session or err is set.
func (e *entry) open(d providers.Driver) {
	defer func() {
		if v := recover(); v != nil {
			e.err = &providers.Error{Code: providers.Internal, Err: errors.New(clean("the driver panicked in Open: "+wire.PanicText(v), e.secrets()))}
		}
	}()
	s, err := d.Open(maps.Clone(e.creds))
	switch {
	case err != nil:
		e.err = cleanError(err, providers.WroteNo, e.secrets())
	case s == nil:
		e.err = &providers.Error{Code: providers.Internal, Err: errors.New("the driver gave neither a session nor an error: this is a fault of the driver")}
	default:
		e.session = s
	}
}

// take is the entry of these credentials, in use by one more call, unless too many
// are using it.
func (s *sessions) take(c providers.Credentials) (e *entry, ok bool) {
	id := s.digest(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	e = s.kept[id]
	if e != nil && e.refs >= maxOwn {
		return nil, false
	}
	if e == nil {
		e = &entry{id: id, creds: c, secrets: sync.OnceValue(func() providers.Redactor { return redactor(c, s.info.Fields) })}
		s.kept[id], s.live[e] = e, struct{}{}
		s.change++
		e.at = s.order.PushFront(e)
		if s.sweep == nil {
			s.sweep = time.AfterFunc(sessionTime, s.expire)
		}
	}
	e.refs++
	e.used = time.Now()
	s.order.MoveToFront(e.at)
	s.shrink()
	return e, true
}

// release ends a call's use of an entry. A session whose credentials the host
// no longer takes is not used again.
func (s *sessions) release(e *entry, err error) {
	switch providers.CodeOf(err) {
	case providers.InvalidCredentials, providers.SessionExpired, providers.AccessDenied:
		s.drop(e)
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.refs--
	e.used = time.Now()
	s.forget(e)
}

// drop lets the next call of these credentials make a session anew. What is
// secret in them stays known for a while.
func (s *sessions) drop(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.at == nil {
		return
	}
	e.gone = true
	s.gone = append(s.gone, e)
	s.unlink(e)
	if len(s.gone) > maxSessions {
		s.leave(1)
	}
}

// leave lets go of the first n of those that are gone.
func (s *sessions) leave(n int) {
	for _, e := range s.gone[:n] {
		e.gone = false
		s.forget(e)
	}
	s.gone = slices.Delete(s.gone, 0, n)
}

// unlink keeps an entry no longer. Calls that use it go on.
func (s *sessions) unlink(e *entry) {
	if e.at == nil {
		return
	}
	s.order.Remove(e.at)
	delete(s.kept, e.id)
	e.at = nil
	s.forget(e)
}

// forget lets go of an entry that is neither kept nor gone nor used.
func (s *sessions) forget(e *entry) {
	if e.at == nil && e.refs == 0 && !e.gone {
		delete(s.live, e)
		s.change++
	}
}

// shrink unlinks those that were not used for longest, and passes over those in
// use.
func (s *sessions) shrink() {
	for at := s.order.Back(); at != nil && s.order.Len() > maxSessions; {
		e := at.Value.(*entry)
		at = at.Prev()
		if e.refs == 0 {
			s.unlink(e)
		}
	}
}

// expire unlinks what was not used for sessionTime, and comes again when the
// next one will not have been.
func (s *sessions) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := sessionTime
	for at := s.order.Back(); at != nil; {
		e := at.Value.(*entry)
		at = at.Prev()
		if e.refs > 0 {
			continue
		}
		if rest := sessionTime - time.Since(e.used); rest > 0 {
			next = min(next, rest)
			continue
		}
		s.unlink(e)
	}
	old := slices.IndexFunc(s.gone, func(e *entry) bool { return time.Since(e.used) < sessionTime })
	if old < 0 {
		old = len(s.gone)
	}
	s.leave(old)
	if len(s.live) == 0 {
		s.sweep = nil
		return
	}
	s.sweep.Reset(next)
}

// count is how many sessions are kept.
func (s *sessions) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.order.Len()
}

func (s *sessions) digest(c providers.Credentials) digest {
	text := slices.Clone(s.key)
	for _, name := range slices.Sorted(maps.Keys(c)) {
		for _, part := range []string{name, c[name]} { // with its length, so that no two maps are spelled alike
			text = append(binary.AppendUvarint(text, uint64(len(part))), part...)
		}
	}
	return digest(sha256.Sum256(text))
}
