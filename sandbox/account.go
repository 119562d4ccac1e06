package sandbox

import (
	"cmp"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/input"
	"github.com/go-hoster/hoster/sandbox/internal/object"
)

func getProfile(c *call) *answer {
	return c.tagged(ok(c.st.Profile), tagOf(c.st.Profile))
}

// updateProfile passes over the id and the email, which are read-only.
func updateProfile(c *call) *answer {
	old := c.st.Profile
	if changed := c.ifMatch(tagOf(old)); changed != nil {
		return changed
	}
	profile := old
	c.fields.needed("name", &profile.Name)
	c.fields.optional("company", &profile.Company)
	c.fields.optional("phone", &profile.Phone)
	c.fields.address("address", &profile.Address, false)
	c.fields.optional("tax_id", &profile.TaxID)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if tagOf(profile) != tagOf(old) {
		c.st.Profile = profile
		c.wroteTo(profile.ID)
	}
	return c.tagged(ok(profile), tagOf(profile))
}

// Contact is somebody to whom domains refer.
type Contact struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Phone     string    `json:"phone"`
	Company   *string   `json:"company"`
	Address   *Address  `json:"address"`
	CreatedAt time.Time `json:"created_at"`
}

func (p Profile) clone() Profile {
	p.Company, p.Phone, p.TaxID = object.Copied(p.Company), object.Copied(p.Phone), object.Copied(p.TaxID)
	p.Address = object.Copied(p.Address)
	return p
}

func (contact *Contact) clone() *Contact {
	again := *contact
	again.Company, again.Address = object.Copied(contact.Company), object.Copied(contact.Address)
	return &again
}

// Contact returns the contact with that id, or nil.
func (st *State) Contact(id string) *Contact {
	if i := slices.IndexFunc(st.Contacts, func(contact *Contact) bool { return contact.ID == id }); i >= 0 {
		return st.Contacts[i]
	}
	return nil
}

// replaceContact leaves the old contact as it is, for a state that still shows
// it.
func (st *State) replaceContact(old, changed *Contact) {
	if i := slices.Index(st.Contacts, old); i >= 0 {
		st.Contacts[i] = changed
	}
}

// settleContacts also gives a domain that names no contact the oldest one.
func (st *State) settleContacts(now time.Time) {
	st.Contacts = slices.DeleteFunc(st.Contacts, func(contact *Contact) bool { return contact == nil })
	for i, contact := range st.Contacts {
		if contact.ID == "" {
			contact.ID = object.IDOf("con_", fmt.Sprint(contact.Email, "/", i))
		}
		if contact.CreatedAt.IsZero() {
			contact.CreatedAt = now
		}
		contact.CreatedAt = contact.CreatedAt.UTC()
	}
	slices.SortStableFunc(st.Contacts, func(a, b *Contact) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if len(st.Contacts) == 0 {
		return
	}
	for _, d := range st.Domains {
		d.Contacts.Registrant = cmp.Or(d.Contacts.Registrant, st.Contacts[0].ID)
	}
}

// roles are the contract's, in its order.
var roles = []struct {
	name string
	of   func(*DomainContacts) *string
}{
	{"registrant", func(c *DomainContacts) *string { return &c.Registrant }},
	{"admin", func(c *DomainContacts) *string { return &c.Admin }},
	{"tech", func(c *DomainContacts) *string { return &c.Tech }},
	{"billing", func(c *DomainContacts) *string { return &c.Billing }},
}

// refersTo reports whether the domain has the contact in any role.
func (d *Domain) refersTo(id string) bool {
	return id == d.Contacts.Registrant || id == d.Contacts.Admin || id == d.Contacts.Tech || id == d.Contacts.Billing
}

// contact finds the contact that the path names.
func (c *call) contact() (*Contact, *answer) {
	if contact := c.st.Contact(c.params["id"]); contact != nil {
		return contact, nil
	}
	return nil, notFound("contact")
}

func listContacts(c *call) *answer {
	return list(c, c.st.Contacts, func(contact *Contact) *Contact { return contact })
}

func getContact(c *call) *answer {
	contact, missing := c.contact()
	if missing != nil {
		return missing
	}
	return c.tagged(ok(contact), tagOf(contact))
}

func createContact(c *call) *answer {
	contact := readContact(c.fields, nil)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	contact.ID, contact.CreatedAt = object.RandomID("con_"), c.now
	c.st.Contacts = append(c.st.Contacts, contact)
	c.wroteTo(contact.ID)
	return c.tagged(created(contact, "account", "contacts", contact.ID), tagOf(contact))
}

func updateContact(c *call) *answer {
	old, missing := c.contact()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(tagOf(old)); changed != nil {
		return changed
	}
	contact := readContact(c.fields, old)
	if refused := c.fields.refused(); refused != nil {
		return refused
	}
	if tagOf(contact) != tagOf(old) {
		c.st.replaceContact(old, contact)
		c.wroteTo(contact.ID)
	}
	return c.tagged(ok(contact), tagOf(contact))
}

func deleteContact(c *call) *answer {
	contact, missing := c.contact()
	if missing != nil {
		return missing
	}
	if changed := c.ifMatch(tagOf(contact)); changed != nil {
		return changed
	}
	if i := slices.IndexFunc(c.st.Domains, func(d *Domain) bool { return d.refersTo(contact.ID) }); i >= 0 {
		return conflict("CONTACT_IN_USE", "The domain "+c.st.Domains[i].Name+" refers to this contact.")
	}
	c.st.Contacts = slices.DeleteFunc(c.st.Contacts, func(other *Contact) bool { return other == contact })
	c.wroteTo(contact.ID)
	return noContent()
}

// needed reads text that its object cannot be without. In a PATCH an absent one
// stays as it is.
func (f *fields) needed(name string, value *string) {
	sent, how := f.Text(name)
	switch {
	case how == input.Cleared || how == input.Absent && !f.Patch():
		f.Fail(name, "is required")
	case how == input.Given && strings.TrimSpace(sent) == "":
		f.Fail(name, "must not be empty")
	case how == input.Given:
		*value = sent
	}
}

// optional reads text that can be cleared.
func (f *fields) optional(name string, value **string) {
	sent, how := f.Text(name)
	switch {
	case how == input.Cleared:
		*value = nil
	case how == input.Given && strings.TrimSpace(sent) == "":
		f.Fail(name, "must not be empty: null clears it")
	case how == input.Given:
		*value = &sent
	}
}

func (f *fields) email(name string, value *string) {
	f.needed(name, value)
	if len(f.Wrong()[name]) == 0 && *value != "" && !isEmail(*value) {
		f.Fail(name, emailProblem)
	}
}

const emailProblem = "must be an email address"

// isEmail reports whether the text is an address and nothing but that.
func isEmail(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text
}

// addressParts are the members of an address. Some countries have no states and
// some no postal codes, so those may be empty.
var addressParts = []struct {
	name     string
	of       func(*Address) *string
	mayEmpty bool
}{
	{"street", func(a *Address) *string { return &a.Street }, false},
	{"city", func(a *Address) *string { return &a.City }, false},
	{"state", func(a *Address) *string { return &a.State }, true},
	{"postal_code", func(a *Address) *string { return &a.PostalCode }, true},
	{"country", func(a *Address) *string { return &a.Country }, false},
}

const countryProblem = "must be two upper-case letters (ISO 3166)"

func isCountry(text string) bool {
	return len(text) == 2 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// address reads an address, which is replaced whole: no part of the old one
// stays, in a PATCH either.
func (f *fields) address(name string, value **Address, required bool) {
	parts, how := f.Object(name)
	switch {
	case required && (how == input.Cleared || how == input.Absent && !f.Patch()):
		f.Fail(name, "is required")
	case how == input.Cleared:
		*value = nil
	}
	if how != input.Given {
		return
	}
	whole := new(Address)
	for _, part := range addressParts {
		sent, how := parts.Text(part.name)
		switch {
		case how == input.Cleared || how == input.Absent:
			parts.Fail(part.name, "is required: an address is replaced whole")
		case how == input.Given && !part.mayEmpty && strings.TrimSpace(sent) == "":
			parts.Fail(part.name, "must not be empty")
		case how == input.Given && part.name == "country" && !isCountry(sent):
			parts.Fail(part.name, countryProblem)
		}
		*part.of(whole) = sent
	}
	*value = whole
}

// readContact reads and checks the members of a contact. For an update, old is
// what it changes, and what is not sent stays. Its id and time are not the
// client's to set and are passed over, as unknown members are.
func readContact(f *fields, old *Contact) *Contact {
	contact := new(Contact)
	if old != nil {
		*contact = *old
	}
	f.needed("name", &contact.Name)
	f.email("email", &contact.Email)
	f.needed("phone", &contact.Phone)
	f.optional("company", &contact.Company)
	f.address("address", &contact.Address, true)
	return contact
}
