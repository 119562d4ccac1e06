package exchange

import (
	"io"
	"net/http"
	"slices"
)

// Answer is what came of an attempt: a response whose body has been read, or the
// error of the transport.
type Answer struct {
	Err    error // there is no answer
	Status int
	Header http.Header
	Body   []byte
	Broken error // the body ended before its end
	Cut    bool  // the body is longer than its bound
	Abroad bool  // another host than the API's gave it
}

// Bodies bounds what is read of an answer, in octets.
type Bodies struct {
	Success int // of a status below 300
	Error   int // of any other
	Kept    int // of a buffer that waits for the next answer
}

// read reads the answer into the memory of an earlier one, unless somebody keeps it.
func (d *driver) read(resp *http.Response, bodies Bodies, keep bool) Answer {
	if keep {
		return bodies.read(resp, nil)
	}
	a := bodies.read(resp, d.buffer[:0])
	if d.buffer = a.Body[:0]; cap(d.buffer) > bodies.Kept {
		d.buffer = nil
	}
	return a
}

// read takes the body up to its bound, behind what is in buf, and closes it. What
// is left of a body that ends soon is drained, so that its connection can be used
// again.
func (b Bodies) read(resp *http.Response, buf []byte) Answer {
	limit := b.Error
	if resp.StatusCode < 300 {
		limit = b.Success
	}
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	if n := resp.ContentLength; n > 0 && n <= int64(limit) {
		// One octet more finds the end without growing. What a server merely
		// announces is not believed beyond a large page.
		buf = slices.Grow(buf, min(int(n), b.Kept)+1)
	}
	a.Body, a.Broken = readAll(resp.Body, buf, limit+1)
	if len(a.Body) > limit {
		a.Body, a.Cut = a.Body[:limit], true
		_, _ = io.CopyN(io.Discard, resp.Body, int64(b.Error))
	}
	_ = resp.Body.Close()
	return a
}

// maxPiece is how large a buffer becomes by doubling.
const maxPiece = 64 << 10

// readAll reads to the end, or to the limit. A long body is gathered in pieces, so
// that it is copied once and not each time it grows.
func readAll(r io.Reader, buf []byte, limit int) (all []byte, err error) {
	var pieces [][]byte
	for total := 0; total+len(buf) < limit; {
		if len(buf) == cap(buf) {
			if total+cap(buf) < maxPiece {
				buf = slices.Grow(buf, max(cap(buf), 512))
			} else {
				pieces, total = append(pieces, buf), total+len(buf)
				buf = make([]byte, 0, total/4)
			}
		}
		var n int
		n, err = r.Read(buf[len(buf):min(cap(buf), limit-total)])
		buf = buf[:len(buf)+n]
		if err != nil {
			break
		}
	}
	if err == io.EOF {
		err = nil
	}
	if pieces == nil {
		return buf, err
	}
	return slices.Concat(append(pieces, buf)...), err
}
