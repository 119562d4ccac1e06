package hoster

import "time"

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
	s := &scanner{data: trimBOM(a.body), work: w}
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

// quickPage reads a page of a list, into the memory of p.Items if there is any.
func quickPage[T any](s *scanner, p *Page[T], read func(*scanner, *T) bool) bool {
	spare, meta := p.Items, pagination{}
	ok := s.envelope(func() bool {
		return quickList(s, &p.Items, read)
	}, func() bool {
		return s.meta(&meta)
	})
	if ok {
		p.count(meta)
		ok = p.haveKeys()
	}
	if !ok {
		*p = Page[T]{Items: spare[:0]}
	}
	return ok
}

// maxPage is the largest page that the contract knows.
const maxPage = 1000

// quickList reads a list. How many items there are is guessed from the length of
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
		from := s.at
		var fresh T
		items = append(items, fresh)
		if !quickItem(s, &items[len(items)-1], read) {
			return false
		}
		if len(items) == cap(items) && len(items) == 1 {
			grown := make([]T, 1, 1+min((len(s.data)-s.at)/(s.at-from)+1, maxPage))
			grown[0] = items[0]
			items = grown
		}
		return true
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

func (s *scanner) record(r *Record) bool {
	return s.object(func(name []byte) bool {
		switch string(name) {
		case "id":
			return s.text((*string)(&r.ID))
		case "type":
			return s.known((*string)(&r.Type), recordTypeOf)
		case "name":
			return s.text(&r.Name)
		case "value":
			return s.text(&r.Value)
		case "ttl":
			return s.integer(&r.TTL)
		case "priority":
			return s.short(&r.Priority)
		case "weight":
			return s.short(&r.Weight)
		case "port":
			return s.short(&r.Port)
		case "created_at":
			return s.time(&r.CreatedAt)
		case "updated_at":
			return s.time(&r.UpdatedAt)
		}
		_, ok := s.value()
		return ok
	})
}

func (s *scanner) domain(d *Domain) bool {
	var registered, expires time.Time
	ok := s.object(func(name []byte) bool {
		switch string(name) {
		case "id":
			return s.text((*string)(&d.ID))
		case "name":
			return s.text(&d.Name)
		case "status":
			return s.known((*string)(&d.Status), domainStatusOf)
		case "registered_at":
			return s.time(&registered)
		case "expires_at":
			return s.time(&expires)
		case "auto_renew":
			return s.truth(&d.AutoRenew)
		case "locked":
			return s.truth(&d.Locked)
		case "nameservers":
			return s.strings(&d.Nameservers)
		case "whois_privacy":
			return s.truth(&d.WhoisPrivacy)
		case "uses_provider_dns":
			return s.truth(&d.UsesProviderDNS)
		case "contacts":
			return s.contacts(&d.Contacts)
		case "created_at":
			return s.time(&d.CreatedAt)
		case "updated_at":
			return s.time(&d.UpdatedAt)
		}
		_, ok := s.value()
		return ok
	})
	if registered.IsZero() && expires.IsZero() {
		return ok
	}
	both := &[2]time.Time{registered, expires}
	if !registered.IsZero() {
		d.RegisteredAt = &both[0]
	}
	if !expires.IsZero() {
		d.ExpiresAt = &both[1]
	}
	return ok
}

func (s *scanner) contacts(to **DomainContacts) bool {
	if *to = nil; s.null() {
		return true
	}
	from, c := s.at, new(DomainContacts)
	*to = c
	if s.object(func(role []byte) bool {
		switch string(role) {
		case "registrant":
			return s.text((*string)(&c.Registrant))
		case "admin":
			return s.text((*string)(&c.Admin))
		case "tech":
			return s.text((*string)(&c.Tech))
		case "billing":
			return s.text((*string)(&c.Billing))
		}
		_, ok := s.value()
		return ok
	}) {
		return true
	}
	s.at, *to = from, nil
	return s.tolerant(to)
}

// batch reads what a batch did.
func (s *scanner) batch(r *BatchResult) bool {
	return s.object(func(name []byte) bool {
		switch string(name) {
		case "created":
			return quickList(s, &r.Created, (*scanner).record)
		case "updated":
			return quickList(s, &r.Updated, (*scanner).record)
		case "deleted":
			r.Deleted = nil
			return s.tolerant(&r.Deleted)
		}
		_, ok := s.value()
		return ok
	})
}

func recordTypeOf(said []byte) string {
	switch string(said) {
	case string(RecordA):
		return string(RecordA)
	case string(RecordAAAA):
		return string(RecordAAAA)
	case string(RecordCNAME):
		return string(RecordCNAME)
	case string(RecordMX):
		return string(RecordMX)
	case string(RecordTXT):
		return string(RecordTXT)
	case string(RecordNS):
		return string(RecordNS)
	case string(RecordSRV):
		return string(RecordSRV)
	case string(RecordCAA):
		return string(RecordCAA)
	}
	return ""
}

func domainStatusOf(said []byte) string {
	switch string(said) {
	case string(DomainActive):
		return string(DomainActive)
	case string(DomainPending):
		return string(DomainPending)
	case string(DomainPendingTransfer):
		return string(DomainPendingTransfer)
	case string(DomainExpired):
		return string(DomainExpired)
	case string(DomainRedemption):
		return string(DomainRedemption)
	case string(DomainPendingDelete):
		return string(DomainPendingDelete)
	case string(DomainTransferredAway):
		return string(DomainTransferredAway)
	case string(DomainCancelled):
		return string(DomainCancelled)
	}
	return ""
}
