package shop

import (
	"slices"
	"strings"
)

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

// IsPremium reports whether the registry asks more for the name.
func IsPremium(name string) bool {
	label, _, _ := strings.Cut(name, ".")
	return label == "premium" || strings.HasPrefix(label, "premium-")
}

// Offer returns the prices of the name, or nil where its top-level domain is
// not sold, or where it is not a name directly below one.
func (s *Shop) Offer(name string) *TLDPrice {
	_, tld, _ := strings.Cut(name, ".")
	i := slices.IndexFunc(s.Prices, func(p TLDPrice) bool { return p.TLD == tld })
	if i < 0 {
		return nil
	}
	price := s.Prices[i]
	if IsPremium(name) {
		price.Register *= premiumFactor
		price.Renew *= premiumFactor
		price.Transfer *= premiumFactor
	}
	return &price
}
