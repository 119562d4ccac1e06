package shop

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in hundredths of its currency. In JSON it is a decimal
// string with two decimals.
type Money int64

// String returns the amount with two decimals.
func (m Money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Sprintf("%s%d.%02d", sign, m/100, m%100)
}

// MarshalText writes what String returns.
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

var errNotMoney = errors.New("must be a decimal string with at most two decimals")

// UnmarshalText reads a decimal number with at most two decimals.
func (m *Money) UnmarshalText(text []byte) error {
	amount, ok := AtMost(string(text))
	_, decimals, _ := strings.Cut(string(text), ".")
	if !ok || len(decimals) > 2 || amount == math.MaxInt64 {
		return errNotMoney
	}
	*m = amount
	return nil
}

// AtMost reads a decimal number that is not negative and drops what is beyond
// its second decimal: an amount is at most the number exactly when it is at
// most the result. What is too large for Money becomes the largest.
func AtMost(text string) (Money, bool) {
	whole, decimals, dot := strings.Cut(text, ".")
	if whole == "" || dot && decimals == "" || strings.Trim(whole+decimals, "0123456789") != "" {
		return 0, false
	}
	cents, err := strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	if err != nil {
		return math.MaxInt64, true // only its size can be wrong
	}
	return Money(cents), true
}

// The tax on everything that is sold.
const (
	taxName    = "VAT"
	taxPercent = 20
)

// tax is the tax on an amount, rounded half up.
func (m Money) tax() Money { return (m*taxPercent + 50) / 100 }
