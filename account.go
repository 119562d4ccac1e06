package hoster

import "context"

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
