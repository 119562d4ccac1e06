package hoster

import "time"

// record reads a record, as its tags name the members.
func (s *scanner) record(r *Record) bool {
	var numbers []uint16
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
			return s.short(&r.Priority, &numbers)
		case "weight":
			return s.short(&r.Weight, &numbers)
		case "port":
			return s.short(&r.Port, &numbers)
		case "created_at":
			return s.time(&r.CreatedAt)
		case "updated_at":
			return s.time(&r.UpdatedAt)
		}
		_, ok := s.value()
		return ok
	})
}

// domain reads a domain. Its two times that may be missing lie side by side.
func (s *scanner) domain(d *Domain) bool {
	times := new([2]time.Time)
	ok := s.object(func(name []byte) bool {
		switch string(name) {
		case "id":
			return s.text((*string)(&d.ID))
		case "name":
			return s.text(&d.Name)
		case "status":
			return s.known((*string)(&d.Status), domainStatusOf)
		case "registered_at":
			return s.time(&times[0])
		case "expires_at":
			return s.time(&times[1])
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
	if !times[0].IsZero() {
		d.RegisteredAt = &times[0]
	}
	if !times[1].IsZero() {
		d.ExpiresAt = &times[1]
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
			r.Created = nil // the last one wins
			return quickList(s, &r.Created, (*scanner).record)
		case "updated":
			r.Updated = nil
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
