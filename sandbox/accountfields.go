package sandbox

import (
	"net/mail"
	"strings"

	"github.com/go-hoster/hoster/sandbox/internal/input"
)

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
