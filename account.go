package hoster

import (
	"context"
	"iter"
	"time"
)

// AccountService reads and changes the profile of the customer's account. Its
// contacts and invoices are services of their own: [ContactsService] and
// [InvoicesService].
type AccountService struct{ service }

// Profile returns the account's profile. It needs [ScopeAccountRead].
func (s *AccountService) Profile(ctx context.Context, opts ...CallOption) (Profile, error) {
	return do[Profile](ctx, s.client, opAccountProfile, request{}, opts)
}

// UpdateProfile changes what is set; null clears. An address is replaced whole,
// and the email cannot be changed. It needs [ScopeAccountWrite].
func (s *AccountService) UpdateProfile(ctx context.Context, change ProfileUpdate, opts ...CallOption) (Profile, error) {
	return do[Profile](ctx, s.client, opAccountUpdateProfile, request{body: change}, opts)
}

// Profile is the account behind the token.
type Profile struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	Company string   `json:"company"`
	Phone   string   `json:"phone"`
	Address *Address `json:"address"`
	TaxID   string   `json:"tax_id"`
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

// ContactsService reads and changes the contacts of the account: the people and
// companies that domains refer to.
type ContactsService struct{ service }

// List returns all contacts, over all pages, oldest first. It needs
// [ScopeAccountRead]. Errors of the walk itself match [ErrPagination].
func (s *ContactsService) List(ctx context.Context, options *ContactListOptions, opts ...CallOption) ([]Contact, error) {
	return list[Contact](ctx, s.client, opContactsList, request{query: options}, opts)
}

// All walks the contacts page by page. It needs [ScopeAccountRead].
// An error ends the walk and comes as the second variable; what came before it is
// good.
func (s *ContactsService) All(ctx context.Context, options *ContactListOptions, opts ...CallOption) iter.Seq2[Contact, error] {
	return listAll[Contact](ctx, s.client, opContactsList, request{query: options}, opts)
}

// ListPage returns one page. It needs [ScopeAccountRead].
func (s *ContactsService) ListPage(ctx context.Context, options *ContactListOptions, opts ...CallOption) (Page[Contact], error) {
	return listPage[Contact](ctx, s.client, opContactsList, request{query: options}, opts)
}

// Get returns one contact. It needs [ScopeAccountRead]. A contact that is not in
// the account matches [ErrNotFound].
func (s *ContactsService) Get(ctx context.Context, id ContactID, opts ...CallOption) (Contact, error) {
	return do[Contact](ctx, s.client, opContactsGet, request{path: []string{string(id)}}, opts)
}

// Create adds a contact. It needs [ScopeAccountWrite].
func (s *ContactsService) Create(ctx context.Context, contact ContactCreate, opts ...CallOption) (Contact, error) {
	return do[Contact](ctx, s.client, opContactsCreate, request{body: contact}, opts)
}

// Update changes what is set; an address is replaced whole. It needs
// [ScopeAccountWrite].
func (s *ContactsService) Update(ctx context.Context, id ContactID, change ContactUpdate, opts ...CallOption) (Contact, error) {
	return do[Contact](ctx, s.client, opContactsUpdate, request{path: []string{string(id)}, body: change}, opts)
}

// Delete removes a contact. It needs [ScopeAccountWrite]. One that a
// domain refers to is in use: [ErrConflict] with [ErrorCodeContactInUse].
func (s *ContactsService) Delete(ctx context.Context, id ContactID, opts ...CallOption) error {
	return discard(do[noData](ctx, s.client, opContactsDelete, request{path: []string{string(id)}}, opts))
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
	Page    int `url:"page,omitempty"`     // from 1; for ListPage only
	PerPage int `url:"per_page,omitempty"` // 1 to 100; List and All ask for 100 without it
}
