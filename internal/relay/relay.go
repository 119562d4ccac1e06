// Package relay runs functions in goroutines of their own, and hands a panic to
// whoever waits for them.
package relay

import "errors"

// ErrAborted is the end of a function whose goroutine was ended from within, by
// runtime.Goexit.
var ErrAborted = errors.New("hoster: the goroutine was ended by runtime.Goexit")

// End is how a function ended. The zero End is a return.
type End struct {
	panicked any
	aborted  bool
}

// Go runs f in a goroutine and then calls done, in the same goroutine, however f
// ends. done must not panic.
func Go(f func(), done func(End)) {
	go func() {
		end := End{aborted: true}
		defer func() {
			if p := recover(); p != nil {
				end = End{panicked: p}
			}
			done(end)
		}()
		f()
		end = End{}
	}()
}

// Returned reports that f came to its end.
func (e End) Returned() bool { return e.panicked == nil && !e.aborted }

// Resume is called by whoever waited: it panics with what f panicked with, and
// returns [ErrAborted] where its goroutine was ended.
func (e End) Resume() error {
	switch {
	case e.panicked != nil:
		panic(e.panicked)
	case e.aborted:
		return ErrAborted
	}
	return nil
}
