package contest

// Found is what an operation came back with, so that none can skip its work.
type Found struct {
	Items int
	First string // a text of the first item: its name
	Last  string // a text of the last item: its value; a domain's own name
}

// ends reads the two texts of an item that Found wants.
type ends[T any] func(item *T) (first, last string)

// foundIn is what was found in a list.
func foundIn[T any](items []T, e ends[T]) Found {
	if len(items) == 0 {
		return Found{}
	}
	first, _ := e(&items[0])
	_, last := e(&items[len(items)-1])
	return Found{len(items), first, last}
}

// foundOne is what was found in a single resource.
func foundOne[T any](item *T, e ends[T]) Found {
	first, last := e(item)
	return Found{1, first, last}
}
