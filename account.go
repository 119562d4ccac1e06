package hoster

import "context"

// AccountService reads and changes the customer's account.
type AccountService struct{ service }

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

// Profile returns the account's profile. It needs [ScopeAccountRead].
func (s *AccountService) Profile(ctx context.Context, opts ...CallOption) (Profile, error) {
	return do[Profile](ctx, s.client, "Account.Profile", request{}, opts)
}
