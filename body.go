package hoster

import (
	"io"
	"net/http"
	"slices"
)

// workspace is the memory that reading an answer needs, and that the next one
// can have again. Nothing that a caller gets points into it.
type workspace struct {
	frame frame
	body  []byte // as it came
}

// take reads the answer into the memory of an earlier one. A body that the
// caller can ask for later has memory of its own.
func (c *call) take(resp *http.Response) answer {
	w, _ := c.client.workspaces.Get().(*workspace)
	if w == nil {
		w = new(workspace)
	}
	var buf []byte
	if c.settings.response == nil {
		buf = w.body
	}
	a := readAnswer(resp, buf[:0])
	a.work = w
	return a
}

// give hands the answer's memory on. After that the answer has no body.
func (c *call) give(a *answer) {
	w := a.work
	a.work = nil
	if c.settings.response == nil {
		w.body, a.body = a.body[:0], nil
	}
	if cap(w.body) > maxKept {
		w.body = nil
	}
	c.client.workspaces.Put(w)
}

// readAnswer takes the body up to its bound, and closes it. What is left of a
// body that ends soon is drained, so that its connection can be used again.
func readAnswer(resp *http.Response, buf []byte) answer {
	limit := maxErrorBody
	if resp.StatusCode < 300 {
		limit = maxSuccessBody
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	if n := resp.ContentLength; n > 0 && n <= int64(limit) {
		// One octet more finds the end without growing. What a server merely
		// announces is not believed beyond a large page.
		buf = slices.Grow(buf, min(int(n), maxKept)+1)
	}
	a.body, a.broken = readAll(resp.Body, buf, limit+1)
	if len(a.body) > limit {
		a.body, a.cut = a.body[:limit], true
		_, _ = io.CopyN(io.Discard, resp.Body, maxErrorBody)
	}
	_ = resp.Body.Close()
	return a
}

// maxPiece is how large a buffer becomes by doubling.
const maxPiece = 64 << 10

// readAll reads to the end, or to the limit, behind what is in buf. A long body
// is gathered in pieces, so that it is copied once and not each time it grows.
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
