package gate

import (
	"container/heap"
	"time"
)

// waiter stands in the queue.
type waiter struct {
	ready    chan struct{}
	deadline time.Time // of its context; zero without one
	pass     *Pass
	queued   bool
	ask      chan struct{} // it is its turn to ask the shared budget; nil without one

	// Set before ready is closed.
	err    error
	epoch  uint
	reason Reason

	before, behind *waiter
	index          int // in the heap of deadlines
}

// queue holds waiters in order, and finds those whose deadline comes first. What
// a waiter costs does not depend on how many others there are, but for the
// logarithm of their number.
type queue struct {
	first, last *waiter
	n           int
	deadlines   deadlines
}

// ahead is how many stand before a new waiter.
func (q *queue) ahead(again bool) int {
	if again {
		return 0
	}
	return q.n
}

// push adds a waiter at the end. One that was let in before and refused goes to
// the front: so it is not refused again and again, and others lose no more than
// its turn.
func (q *queue) push(w *waiter, again bool) {
	if again {
		w.behind, q.first = q.first, w
	} else {
		w.before, q.last = q.last, w
	}
	if w.before != nil {
		w.before.behind = w
	} else {
		q.first = w
	}
	if w.behind != nil {
		w.behind.before = w
	} else {
		q.last = w
	}
	w.queued = true
	q.n++
	if !w.deadline.IsZero() {
		heap.Push(&q.deadlines, w)
	}
}

func (q *queue) remove(w *waiter) {
	if w.before != nil {
		w.before.behind = w.behind
	} else {
		q.first = w.behind
	}
	if w.behind != nil {
		w.behind.before = w.before
	} else {
		q.last = w.before
	}
	w.queued, w.before, w.behind = false, nil, nil
	q.n--
	if !w.deadline.IsZero() {
		heap.Remove(&q.deadlines, w.index)
	}
}

// due returns a waiter whose deadline is before t, or nil.
func (q *queue) due(t time.Time) *waiter {
	if len(q.deadlines) > 0 && q.deadlines[0].deadline.Before(t) {
		return q.deadlines[0]
	}
	return nil
}

// deadlines is a heap for container/heap.
type deadlines []*waiter

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].deadline.Before(d[j].deadline) }
func (d deadlines) Swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].index, d[j].index = i, j
}

func (d *deadlines) Push(w any) {
	w.(*waiter).index = len(*d)
	*d = append(*d, w.(*waiter))
}

func (d *deadlines) Pop() any {
	last := len(*d) - 1
	w := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	return w
}
