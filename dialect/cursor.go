package dialect

import (
	"hash/maphash"
	"sync"

	"github.com/go-hoster/hoster/internal/jsonread"
)

// cursors are where the pages of lists begin, for brands whose pages have no
// numbers. They are told by the page before.
type cursors struct {
	mu   sync.Mutex
	seed maphash.Seed
	made bool
	at   map[cursorPlace]string
}

// cursorPlace is a page of one account's list.
type cursorPlace struct {
	list   uint64
	number int
}

// maxCursors bounds what is kept. Lists are walked from their start.
const maxCursors = 10_000

func (c *cursors) get(list string, number int) (cursor string, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cursor, known = c.at[c.place(list, number)]
	return cursor, known
}

func (c *cursors) set(list string, number int, cursor string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil || len(c.at) >= maxCursors {
		c.at = map[cursorPlace]string{}
	}
	c.at[c.place(list, number)] = cursor
}

func (c *cursors) place(list string, number int) cursorPlace {
	if !c.made {
		c.seed, c.made = maphash.MakeSeed(), true
	}
	return cursorPlace{maphash.String(c.seed, list), number}
}

// cursorKey tells lists of different accounts, filters and page sizes apart.
func (c *call) cursorKey() string {
	query := c.query
	number := query.Get("page")
	query.Del("page")
	key := c.req.Header.Get("Authorization") + "\n" + c.operation.info.Path + "\n" + c.domain() + "\n" + query.Encode()
	if number != "" {
		query.Set("page", number)
	}
	return key
}

// learnCursor keeps where the next page begins; "" where there is none.
func (c *call) learnCursor(root jsonread.Value) {
	if p := c.operation.paging; p != nil && p.cursor != "" {
		c.transport.cursors.set(c.cursorKey(), c.page.number+1, p.next.find(root).Text(maxText))
	}
}
