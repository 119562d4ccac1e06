package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/go-hoster/hoster/sandbox/internal/object"
)

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
