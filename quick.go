package hoster

// quick reads a success that holds records or domains in one pass, straight into
// target. false says nothing but that the answer is not as the contract writes
// it, and leaves target as it was: the tolerant way decides then.
func (a *answer) quick(op *operation, zone string, target any) bool {
	if plainJSON || op.foreign || op.noData || a.status < 200 || a.status >= 300 || a.broken != nil || a.cut {
		return false
	}
	w := a.work
	if w == nil {
		w = new(workspace)
	}
	s := &w.scan
	*s = scanner{data: trimBOM(a.body), work: w}
	ok := false
	switch to := target.(type) {
	case *Page[Record]:
		ok = quickPage(s, to, (*scanner).record)
	case *Page[Domain]:
		ok = quickPage(s, to, (*scanner).domain)
	case *Record:
		ok = quickOne(s, to, (*scanner).record)
	case *Domain:
		ok = quickOne(s, to, (*scanner).domain)
	case *BatchResult:
		ok = quickOne(s, to, (*scanner).batch)
	}
	w.drop()
	w.scan = scanner{}
	if to, named := target.(settler); ok && named {
		to.settle(zone)
	}
	return ok
}

// envelope takes the frame around an answer and its end. data reads the member
// of that name, meta the other where a list has one.
func (s *scanner) envelope(data, meta func() bool) bool {
	read := false
	ok := s.object(func(name []byte) bool {
		switch string(name) {
		case "data":
			again := read
			read = true
			return !again && data()
		case "meta":
			if meta != nil {
				return meta()
			}
		}
		value, ok := s.value()
		return ok && !memberSaysError(string(name), value)
	})
	s.space()
	return ok && read && s.at == len(s.data)
}

// quickOne reads an answer whose data is one object, which is not empty.
func quickOne[T any](s *scanner, to *T, read func(*scanner, *T) bool) bool {
	ok := s.envelope(func() bool {
		from := s.at
		if !s.take('{') || s.take('}') {
			return false
		}
		s.at = from
		return quickItem(s, to, read)
	}, nil)
	if !ok {
		var fresh T
		*to = fresh
	}
	return ok
}

// quickPage reads a page of a list, into the memory of p.Items if there is any,
// which is zero.
func quickPage[T any](s *scanner, p *Page[T], read func(*scanner, *T) bool) bool {
	ok := s.envelope(func() bool {
		return quickList(s, &p.Items, read)
	}, func() bool {
		return s.meta(&s.counted)
	})
	if ok {
		p.count(s.counted)
		ok = p.haveKeys()
	}
	if !ok {
		*p = Page[T]{}
	}
	return ok
}

// maxPage is the largest page that the contract knows.
const maxPage = 1000

// quickList reads a list. How many items there are is guessed from the extent of
// the first, but never believed beyond a large page.
func quickList[T any](s *scanner, to *[]T, read func(*scanner, *T) bool) bool {
	items := (*to)[:0]
	if s.null() {
		return true
	}
	if items == nil {
		items = []T{}
	}
	ok := s.list(func() bool {
		if cap(items) == 0 {
			rest := s.data[s.at:]
			likely := len(rest) / (1 + extent(rest))
			items = make([]T, 0, min(1+likely+likely/8, maxPage))
		}
		if len(items) < cap(items) {
			items = items[:len(items)+1]
		} else {
			var fresh T
			items = append(items, fresh)
		}
		return quickItem(s, &items[len(items)-1], read)
	})
	*to = items
	return ok
}

// quickItem reads one object, or leaves it to the tolerant decoder.
func quickItem[T any](s *scanner, to *T, read func(*scanner, *T) bool) bool {
	from := s.at
	if read(s, to) {
		s.work.finish()
		return true
	}
	var fresh T
	s.work.drop()
	s.at, *to = from, fresh
	return s.tolerant(to)
}

// meta takes what a list says of itself, nested or flat.
func (s *scanner) meta(to *pagination) bool {
	from := s.at
	nested := func(name []byte) bool { return string(name) == "pagination" && s.counts(to) }
	if *to = (pagination{}); s.object(nested) {
		return true
	}
	if s.at = from; s.counts(to) {
		return true
	}
	s.at = from
	raw, ok := s.value()
	if !ok || memberSaysError("meta", raw) {
		return false
	}
	meta, err := readPagination(raw)
	*to = meta
	return err == nil
}

func (s *scanner) counts(to *pagination) bool {
	*to = pagination{}
	return s.object(func(name []byte) bool {
		n, ok := s.digits()
		switch string(name) {
		case "total":
			to.numbers[0], to.Total = n, &to.numbers[0]
		case "current_page":
			to.CurrentPage = n
		case "per_page":
			to.PerPage = n
		case "total_pages":
			to.numbers[1], to.TotalPages = n, &to.numbers[1]
		default:
			return false
		}
		return ok
	})
}
