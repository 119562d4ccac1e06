package sandbox

import (
	"bytes"
	"io"
)

// file is the body of an answer that is no JSON: a head, filling, and a tail.
// The filling is never held in memory.
type file struct {
	head    string
	filling int64
	tail    string
}

func (f *file) size() int64 { return int64(len(f.head)) + f.filling + int64(len(f.tail)) }

// fillingLine is a line of a PDF comment.
var fillingLine = append(append([]byte{'%'}, bytes.Repeat([]byte{'.'}, 1022)...), '\n')

// writeTo writes the file, or its first bytes only where limit is not 0.
func (f *file) writeTo(w io.Writer, limit int64) {
	if limit <= 0 || limit > f.size() {
		limit = f.size()
	}
	out := &limited{w: w, left: limit}
	out.write([]byte(f.head))
	for left := f.filling; left > 0 && out.left > 0; left -= int64(len(fillingLine)) {
		if left < int64(len(fillingLine)) {
			out.write(append(bytes.Repeat([]byte{'%'}, int(left-1)), '\n'))
			break
		}
		out.write(fillingLine)
	}
	out.write([]byte(f.tail))
}

// limited writes no more than what is left, and nothing after an error: a
// client that has gone away is its own affair.
type limited struct {
	w    io.Writer
	left int64
}

func (l *limited) write(p []byte) {
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	if len(p) == 0 {
		return
	}
	if _, err := l.w.Write(p); err != nil {
		l.left = 0
		return
	}
	l.left -= int64(len(p))
}
