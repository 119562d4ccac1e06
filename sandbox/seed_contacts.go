package sandbox

import (
	"fmt"
	"strings"
)

// contacts also checks that domains refer to contacts that are there. A seed
// without any contact is about other things and may refer to what it likes.
func (p *problems) contacts(s Seed) {
	ids := make(map[string]bool)
	for i, contact := range s.Contacts {
		at := fmt.Sprintf("contacts[%d]", i)
		p.unless(contact.ID == "" || !ids[contact.ID], at+".id", "is there twice")
		ids[contact.ID] = true
		p.contact(at, contact)
	}
	if len(s.Contacts) == 0 {
		return
	}
	for i, d := range s.Domains {
		for _, role := range roles {
			id := *role.of(&d.Contacts)
			p.unless(id == "" || ids[id], fmt.Sprintf("domains[%d].contacts.%s", i, role.name), "names no contact of the seed")
		}
	}
}

func (p *problems) contact(at string, contact Contact) {
	present := func(value, field string) {
		p.unless(strings.TrimSpace(value) != "", at+"."+field, "is required")
	}
	present(contact.Name, "name")
	present(contact.Phone, "phone")
	p.unless(isEmail(contact.Email), at+".email", emailProblem)
	p.unless(contact.Company == nil || strings.TrimSpace(*contact.Company) != "", at+".company", "must not be empty")
	if contact.Address == nil {
		p.unless(false, at+".address", "is required")
		return
	}
	for _, part := range addressParts {
		if !part.mayEmpty {
			present(*part.of(contact.Address), "address."+part.name)
		}
	}
	p.unless(isCountry(contact.Address.Country), at+".address.country", countryProblem)
}
