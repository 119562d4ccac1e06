package exchange

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// TestReadAll gathers whatever the sizes of the pieces are.
func TestReadAll(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", maxPiece/2)
	for _, size := range []int{0, 1, 511, 512, 513, maxPiece - 1, maxPiece, maxPiece + 1, 3 * maxPiece, len(text)} {
		for limit, want := range map[int]int{len(text) + 1: size, size: size, size/2 + 1: min(size, size/2+1)} {
			for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.DataErrReader, iotest.HalfReader} {
				for _, buf := range [][]byte{nil, make([]byte, 0, 7), make([]byte, 0, maxPiece)} {
					got, err := readAll(wrap(strings.NewReader(text[:size])), buf, limit)
					if err != nil || string(got) != text[:want] {
						t.Fatalf("%d octets of %d, limit %d: %v", len(got), size, limit, err)
					}
				}
			}
		}
	}
	if got, err := readAll(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("abc"))), nil, 9); err == nil || string(got) != "a" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestMemoryOfAnswers: a buffer is used again unless it is large or somebody keeps
// it.
func TestMemoryOfAnswers(t *testing.T) {
	bodies := Bodies{Success: 1 << 20, Error: 1 << 20, Kept: 1 << 10}
	for _, size := range []int{10, 1 << 9, 1 << 11} {
		for _, keep := range []bool{false, true} {
			d := new(driver)
			a := d.read(&http.Response{StatusCode: 200, ContentLength: int64(size), Body: io.NopCloser(bytes.NewReader(make([]byte, size)))}, bodies, keep)
			if len(a.Body) != size || a.Broken != nil || a.Cut {
				t.Errorf("%d octets of %d: %v", len(a.Body), size, a.Broken)
			}
			if kept := cap(d.buffer); kept > 2<<10 || (kept == 0) != (keep || size > 1<<10) {
				t.Errorf("%d octets are kept of %d", kept, size)
			}
		}
	}
}
