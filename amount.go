package hoster

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/url"
	"strconv"
	"strings"
)

// maxAmountDigits bounds what a hostile answer can make us compute.
const maxAmountDigits = 64

// Amount is an exact decimal amount of money: no binary fractions are ever
// involved. Its currency is a field of the object around it. The zero value is
// zero. On the wire an amount is a decimal string; a JSON number is understood
// too, digit by digit.
type Amount struct {
	text string // as given, plain decimal; "" is zero
}

// ParseAmount reads a decimal such as "12.99", "-3" or "0.00". Digits are kept
// as they are given, so that String returns the same text.
func ParseAmount(s string) (Amount, error) {
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, dot := strings.Cut(digits, ".")
	if whole == "" || (dot && fraction == "") || len(digits) > maxAmountDigits || !onlyDigits(whole) || !onlyDigits(fraction) {
		return Amount{}, errNotAmount
	}
	return Amount{text: s}, nil
}

func onlyDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// String returns the decimal text, "0" for the zero value.
func (a Amount) String() string {
	if a.text == "" {
		return "0"
	}
	return a.text
}

// IsZero reports whether the amount is zero, however it is written.
func (a Amount) IsZero() bool { return strings.Trim(a.text, "-0.") == "" }

// Cmp compares by value: -1 if a is less than b, 0 if equal, +1 if more.
func (a Amount) Cmp(b Amount) int { return a.rat().Cmp(b.rat()) }

// Add returns the exact sum, with as many decimals as the longer of the two.
func (a Amount) Add(b Amount) Amount {
	sum := new(big.Rat).Add(a.rat(), b.rat())
	return Amount{text: sum.FloatString(max(a.decimals(), b.decimals()))}
}

func (a Amount) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(a.String())
	if !ok { // cannot happen: the text was checked when it came in
		return new(big.Rat)
	}
	return r
}

func (a Amount) decimals() int {
	_, fraction, _ := strings.Cut(a.text, ".")
	return len(fraction)
}

// MarshalJSON writes the decimal string of the contract.
func (a Amount) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// UnmarshalJSON reads a decimal string or a JSON number; null and "" are zero.
func (a *Amount) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	text := string(data)
	if n := len(data); n > 1 && data[0] == '"' && bytes.IndexByte(data, '\\') < 0 {
		text = text[1 : n-1] // a decimal needs no escapes, and what has others is refused below
	} else if n > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	text = strings.TrimSpace(text)
	if text == "" || text == "null" {
		*a = Amount{}
		return nil
	}
	parsed, err := ParseAmount(plainDecimal(text))
	if err == nil {
		*a = parsed
	}
	return err
}

// plainDecimal writes out the exponent of a JSON number such as 1.299e1.
func plainDecimal(text string) string {
	mantissa, exponent, found := strings.Cut(strings.ToLower(text), "e")
	if !found {
		return text
	}
	shift, err := strconv.Atoi(exponent)
	digits, wrong := ParseAmount(mantissa) // big.Rat alone takes 0x1 and 1/3 too
	if err != nil || wrong != nil || shift < -maxAmountDigits || shift > maxAmountDigits {
		return text // which ParseAmount refuses
	}
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil))
	if shift < 0 {
		power.Inv(power)
	}
	return power.Mul(power, digits.rat()).FloatString(max(0, digits.decimals()-shift))
}

// EncodeValues writes the decimal text into a query.
func (a Amount) EncodeValues(key string, values *url.Values) error {
	if a.text != "" {
		values.Set(key, a.text)
	}
	return nil
}
