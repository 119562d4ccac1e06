package hoster

import (
	"context"
	"io"
	"iter"
	"time"
)

// AccountService reads and changes the customer's account: the profile, the
// contacts that domains refer to, and the invoices.
type AccountService struct{ service }

// Profile returns the account's profile. It needs [ScopeAccountRead].
func (s *AccountService) Profile(ctx context.Context, opts ...CallOption) (Profile, error) {
	return do[Profile](ctx, s.client, "Account.Profile", request{}, opts)
}

// UpdateProfile changes what is set; null clears. An address is replaced whole,
// and the email cannot be changed. It needs [ScopeAccountWrite].
func (s *AccountService) UpdateProfile(ctx context.Context, change ProfileUpdate, opts ...CallOption) (Profile, error) {
	return do[Profile](ctx, s.client, "Account.UpdateProfile", request{body: change}, opts)
}

// Contacts returns all contacts, oldest first. It needs [ScopeAccountRead].
func (s *AccountService) Contacts(ctx context.Context, options *ContactListOptions, opts ...CallOption) ([]Contact, error) {
	return list[Contact](ctx, s.client, "Account.Contacts", request{query: options}, opts)
}

// AllContacts walks the contacts page by page. It needs [ScopeAccountRead].
func (s *AccountService) AllContacts(ctx context.Context, options *ContactListOptions, opts ...CallOption) iter.Seq2[Contact, error] {
	return listAll[Contact](ctx, s.client, "Account.Contacts", request{query: options}, opts)
}

// ContactsPage returns one page of contacts. It needs [ScopeAccountRead].
func (s *AccountService) ContactsPage(ctx context.Context, options *ContactListOptions, opts ...CallOption) (Page[Contact], error) {
	return listPage[Contact](ctx, s.client, "Account.Contacts", request{query: options}, opts)
}

// Contact returns one contact. It needs [ScopeAccountRead].
func (s *AccountService) Contact(ctx context.Context, id ContactID, opts ...CallOption) (Contact, error) {
	return do[Contact](ctx, s.client, "Account.Contact", request{path: []string{string(id)}}, opts)
}

// CreateContact adds a contact. It needs [ScopeAccountWrite].
func (s *AccountService) CreateContact(ctx context.Context, contact ContactCreate, opts ...CallOption) (Contact, error) {
	return do[Contact](ctx, s.client, "Account.CreateContact", request{body: contact}, opts)
}

// UpdateContact changes what is set; an address is replaced whole. It needs
// [ScopeAccountWrite].
func (s *AccountService) UpdateContact(ctx context.Context, id ContactID, change ContactUpdate, opts ...CallOption) (Contact, error) {
	return do[Contact](ctx, s.client, "Account.UpdateContact", request{path: []string{string(id)}, body: change}, opts)
}

// DeleteContact removes a contact. It needs [ScopeAccountWrite]. One that a
// domain refers to is in use: [ErrConflict] with [ErrorCodeContactInUse].
func (s *AccountService) DeleteContact(ctx context.Context, id ContactID, opts ...CallOption) error {
	return discard(do[noData](ctx, s.client, "Account.DeleteContact", request{path: []string{string(id)}}, opts))
}

// Invoices returns all invoices that match, oldest first. It needs
// [ScopeAccountRead]. No call pays an invoice: that is done by hand in the
// provider's portal.
func (s *AccountService) Invoices(ctx context.Context, options *InvoiceListOptions, opts ...CallOption) ([]Invoice, error) {
	return list[Invoice](ctx, s.client, "Account.Invoices", request{query: options}, opts)
}

// AllInvoices walks the invoices page by page. It needs [ScopeAccountRead].
func (s *AccountService) AllInvoices(ctx context.Context, options *InvoiceListOptions, opts ...CallOption) iter.Seq2[Invoice, error] {
	return listAll[Invoice](ctx, s.client, "Account.Invoices", request{query: options}, opts)
}

// InvoicesPage returns one page of invoices. It needs [ScopeAccountRead].
func (s *AccountService) InvoicesPage(ctx context.Context, options *InvoiceListOptions, opts ...CallOption) (Page[Invoice], error) {
	return listPage[Invoice](ctx, s.client, "Account.Invoices", request{query: options}, opts)
}

// Invoice returns one invoice. It needs [ScopeAccountRead].
func (s *AccountService) Invoice(ctx context.Context, id InvoiceID, opts ...CallOption) (Invoice, error) {
	return do[Invoice](ctx, s.client, "Account.Invoice", request{path: []string{string(id)}}, opts)
}

// InvoicePDF streams the invoice as a PDF document. It needs
// [ScopeAccountRead]. The caller closes it. The attempt time-out counts for
// each pause between bytes, and a document that breaks off ends in an error of
// Read, never in a quiet end.
func (s *AccountService) InvoicePDF(ctx context.Context, id InvoiceID, opts ...CallOption) (io.ReadCloser, error) {
	return doStream(ctx, s.client, byName()["Account.InvoicePDF"], request{path: []string{string(id)}}, pdf, opts)
}

// CustomerID names an account.
type CustomerID string

// Profile is the account behind the token.
type Profile struct {
	ID      CustomerID `json:"id"`
	Name    string     `json:"name"`
	Email   string     `json:"email"`
	Company string     `json:"company"`
	Phone   string     `json:"phone"`
	Address *Address   `json:"address"`
	TaxID   string     `json:"tax_id"`
}

// Address is a postal address. Country is an ISO 3166 code of two letters.
type Address struct {
	Street     string `json:"street"`
	City       string `json:"city"`
	State      string `json:"state"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// ProfileUpdate changes what is set and leaves the rest.
type ProfileUpdate struct {
	Name    Opt[string]  `json:"name,omitzero"`
	Company Opt[string]  `json:"company,omitzero"`
	Phone   Opt[string]  `json:"phone,omitzero"`
	Address Opt[Address] `json:"address,omitzero"`
	TaxID   Opt[string]  `json:"tax_id,omitzero"`
}

// ContactID names a contact of the account.
type ContactID string

// Contact is a person or company that domains refer to.
type Contact struct {
	ID        ContactID `json:"id" read:"required"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Phone     string    `json:"phone"`
	Company   string    `json:"company"`
	Address   *Address  `json:"address"`
	CreatedAt time.Time `json:"created_at"`
}

func (c Contact) key() string { return string(c.ID) }

// ContactCreate describes a new contact.
type ContactCreate struct {
	Name    string      `json:"name"`
	Email   string      `json:"email"`
	Phone   string      `json:"phone"`
	Company Opt[string] `json:"company,omitzero"`
	Address Address     `json:"address"`
}

// ContactUpdate changes what is set and leaves the rest.
type ContactUpdate struct {
	Name    Opt[string]  `json:"name,omitzero"`
	Email   Opt[string]  `json:"email,omitzero"`
	Phone   Opt[string]  `json:"phone,omitzero"`
	Company Opt[string]  `json:"company,omitzero"`
	Address Opt[Address] `json:"address,omitzero"`
}

// ContactListOptions page through contacts.
type ContactListOptions struct {
	Page    int `url:"page,omitempty"`     // from 1; for ContactsPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; the walks ask for 100 without it
}
