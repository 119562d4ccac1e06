package hoster

import (
	"io"
	"net/http"
	"slices"
)

// maxKept is the largest buffer that waits for the next answer: a large answer
// now and then must not hold its memory for good.
const maxKept = 1 << 20

// workspace is the memory that reading an answer needs, and that the next one
// can have again. Nothing that a caller gets points into it.
type workspace struct {
	scan  scanner
	body  []byte // as it came
	text  []byte // the strings of the item that is being read, one after the other
	texts []text // where they go
}

// text is a string on its way to its field: a piece of the workspace's text, or
// one that is there already.
type text struct {
	to        *string
	from, end int
	ready     string
}

// finish gives the strings of one item to their fields. They share one piece of
// memory, which lives as long as the item does and holds no other item.
func (w *workspace) finish() {
	all := string(w.text)
	for _, t := range w.texts {
		if t.from == t.end {
			*t.to = t.ready
		} else {
			*t.to = all[t.from:t.end]
		}
	}
	w.drop()
}

// drop forgets the strings of an item.
func (w *workspace) drop() {
	clear(w.texts)
	w.text, w.texts = w.text[:0], w.texts[:0]
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
	if cap(w.text) > maxKept/16 || cap(w.texts) > maxKept/1024 {
		w.text, w.texts = nil, nil
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

// readAll reads to the end, or to the limit, behind what is in buf.
func readAll(r io.Reader, buf []byte, limit int) ([]byte, error) {
	for len(buf) < limit {
		buf = slices.Grow(buf, 1)
		n, err := r.Read(buf[len(buf):min(cap(buf), limit)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}
