package relay

import (
	"errors"
	"runtime"
	"testing"
)

func TestGo(t *testing.T) {
	mistake := errors.New("a mistake")
	for what, test := range map[string]struct {
		f     func()
		err   error
		panic any
	}{
		"a return": {func() {}, nil, nil},
		"a panic":  {func() { panic(mistake) }, nil, mistake},
		"Goexit":   {runtime.Goexit, ErrAborted, nil},
	} {
		ended := make(chan End, 1)
		Go(test.f, func(end End) { ended <- end })
		end := <-ended
		if end.Returned() != (what == "a return") {
			t.Errorf("%s: returned is %v", what, end.Returned())
		}
		for range 2 { // there can be several who wait
			func() {
				defer func() {
					if got := recover(); got != test.panic {
						t.Errorf("%s: recovered %v", what, got)
					}
				}()
				if err := end.Resume(); err != test.err {
					t.Errorf("%s: got %v", what, err)
				}
			}()
		}
	}
}
