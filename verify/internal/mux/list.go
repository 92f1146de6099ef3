package mux

// list is questions in order, linked through themselves: putting one in or
// taking one out allocates nothing, wherever in the list it is.
type list struct {
	head, tail *Question
	n          int
}

func (l *list) push(q *Question) {
	q.prev, q.next = l.tail, nil
	if l.tail == nil {
		l.head = q
	} else {
		l.tail.next = q
	}
	l.tail = q
	l.n++
}

func (l *list) remove(q *Question) {
	if q.prev == nil {
		l.head = q.next
	} else {
		q.prev.next = q.next
	}
	if q.next == nil {
		l.tail = q.prev
	} else {
		q.next.prev = q.prev
	}
	q.prev, q.next = nil, nil
	l.n--
}

// waitedSince is the first one, if it waits since before a question that was
// asked in vain, and nothing was heard since it came; nil otherwise.
func (l *list) waitedSince(asked, heard int64) *Question {
	if q := l.head; q != nil && heard < q.first && q.first <= asked {
		return q
	}
	return nil
}

// pop is the first one, nil where there is none.
func (l *list) pop() *Question {
	q := l.head
	if q != nil {
		l.remove(q)
	}
	return q
}
