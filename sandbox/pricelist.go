package sandbox

import (
	"slices"
	"strings"
	"time"
)

// transferStatuses are the contract's, in its order.
var transferStatuses = []string{"pending_payment", "pending_approval", "in_progress", "completed", "failed", "cancelled"}

// Transfer is a domain's move into the account.
type Transfer struct {
	Domain    string    `json:"domain"`
	Status    string    `json:"status"`
	Reason    *string   `json:"reason"`
	UpdatedAt time.Time `json:"updated_at"` // when it came into its status

	// OrderID is the order that pays for it. WrongCode makes it fail where it
	// would otherwise leave pending_approval. The API shows neither.
	OrderID   string `json:"order_id,omitempty"`
	WrongCode bool   `json:"wrong_code,omitempty"`
}

// open reports whether the transfer still runs.
func (t *Transfer) open() bool {
	return t.Status == "pending_payment" || t.Status == "pending_approval" || t.Status == "in_progress"
}

// shown is the transfer as the API shows it.
func (t *Transfer) shown() Transfer {
	return Transfer{Domain: t.Domain, Status: t.Status, Reason: t.Reason, UpdatedAt: t.UpdatedAt}
}

// Transfer returns the last transfer of that domain, or nil.
func (st *State) Transfer(domain string) *Transfer {
	for _, t := range slices.Backward(st.Transfers) {
		if t.Domain == domain {
			return t
		}
	}
	return nil
}

// TLDPrice is what names below a top-level domain cost for one year.
type TLDPrice struct {
	TLD      string `json:"tld"`
	Register Money  `json:"register"`
	Renew    Money  `json:"renew"`
	Transfer Money  `json:"transfer"`
	Currency string `json:"currency"`
}

// premiumFactor is how many times as much a premium name costs.
const premiumFactor = 20

// defaultPrices is the price list of a seed without one.
func defaultPrices() []TLDPrice {
	return []TLDPrice{
		{"com", 1299, 1499, 1099, usualCurrency},
		{"net", 1499, 1699, 1299, usualCurrency},
		{"org", 1199, 1399, 1199, usualCurrency},
		{"example", 999, 999, 899, usualCurrency},
	}
}

const usualCurrency = "USD"

// isPremium reports whether the registry asks more for the name.
func isPremium(name string) bool {
	label, _, _ := strings.Cut(name, ".")
	return label == "premium" || strings.HasPrefix(label, "premium-")
}

// offer returns the prices of the name, or nil where its top-level domain is
// not sold, or where it is not a name directly below one.
func (st *State) offer(name string) *TLDPrice {
	_, tld, _ := strings.Cut(name, ".")
	i := slices.IndexFunc(st.Prices, func(p TLDPrice) bool { return p.TLD == tld })
	if i < 0 {
		return nil
	}
	price := st.Prices[i]
	if isPremium(name) {
		price.Register *= premiumFactor
		price.Renew *= premiumFactor
		price.Transfer *= premiumFactor
	}
	return &price
}

// elsewhere reports whether the name is registered outside the account: it is
// one of the state's taken names, left the account by a transfer, or its first
// label begins with "taken" or "moving".
func (st *State) elsewhere(name string) bool {
	if d := st.Domain(name); d != nil && d.Status == "transferred_away" {
		return true
	}
	return strings.HasPrefix(name, "taken") || strings.HasPrefix(name, "moving") || slices.Contains(st.Taken, name)
}

// held reports whether the name is in the account's hands, or on its way there.
func (st *State) held(name string) bool {
	d := st.Domain(name)
	return d != nil && d.Status != "cancelled" && d.Status != "transferred_away"
}
