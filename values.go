package hoster

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/canon"
)

// Opt is a field of a request that may be absent, null or a value. The zero
// Opt is absent and not sent at all; [Null] clears what is stored; [Set] sends
// the value, be it false, 0 or "".
type Opt[T any] struct {
	value T
	state optState
}

type optState uint8

const (
	optAbsent optState = iota
	optNull
	optValue
)

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: optValue} }

// Null returns an Opt that sends null, which clears the field.
func Null[T any]() Opt[T] { return Opt[T]{state: optNull} }

// FromPtr returns an Opt that holds what p points to, and an absent one for nil.
func FromPtr[T any](p *T) Opt[T] {
	if p == nil {
		return Opt[T]{}
	}
	return Set(*p)
}

// Ptr returns a pointer to a copy of the value, nil where there is none.
func (o Opt[T]) Ptr() *T {
	if o.state != optValue {
		return nil
	}
	return &o.value
}

// Get returns the value, and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == optValue }

// IsZero reports whether o is absent; encoding/json's omitzero asks it.
func (o Opt[T]) IsZero() bool { return o.state == optAbsent }

// IsNull reports whether o clears its field.
func (o Opt[T]) IsNull() bool { return o.state == optNull }

// content is the value, nil if there is none.
func (o Opt[T]) content() any {
	if o.state != optValue {
		return nil
	}
	return o.value
}

// place is where the value stands.
func (o *Opt[T]) place() any { return &o.value }

// String shows the value, "null" or "absent".
func (o Opt[T]) String() string {
	switch o.state {
	case optValue:
		return fmt.Sprint(o.value)
	case optNull:
		return "null"
	default:
		return "absent"
	}
}

// MarshalJSON writes the value or null. Times go out in UTC, a list that is set
// but nil as an empty one.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != optValue {
		return []byte("null"), nil
	}
	if t, ok := any(o.value).(time.Time); ok {
		return json.Marshal(t.UTC())
	}
	if v := reflect.ValueOf(o.value); v.Kind() == reflect.Slice && v.IsNil() {
		return []byte("[]"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Set(v)
	return nil
}

// EncodeValues writes the value into a query; a null has no meaning there.
func (o Opt[T]) EncodeValues(key string, values *url.Values) error {
	switch o.state {
	case optNull:
		return &ArgumentError{Field: key, Expected: "a value, or absent: null means nothing in a filter"}
	case optValue:
		if t, ok := any(o.value).(time.Time); ok {
			values.Set(key, t.UTC().Format(time.RFC3339))
			return nil
		}
		values.Set(key, fmt.Sprint(o.value))
	}
	return nil
}

var errNotAmount = errors.New("hoster: not an amount: expected a decimal number such as 12.99")

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

// MarshalJSON writes the number as a string of decimal digits.
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

const redacted = "[redacted]"

// Secret holds what must never reach a log, an error or a dump: a token, an
// auth code, a password, a login URL. It prints as "[redacted]" under every
// verb of fmt, in JSON, as text and in slog; [Secret.Reveal] is the one way
// out. The zero value holds nothing and prints as nothing.
type Secret struct {
	// A closure, because fmt prints the unexported fields of a struct around a
	// Secret without asking its methods, and prints a func as an address.
	reveal func() string
}

// NewSecret wraps s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return s }}
}

// Reveal returns what the secret holds.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether the secret holds nothing.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Equal compares two secrets in time that does not depend on their contents.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns "[redacted]", or nothing for the zero value.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format prints String under every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText is String, for JSON, slog and other encoders: a dump of a request or a
// response shows that a secret was there, and nothing of it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the secret itself, also from JSON, and refuses "[redacted]": a dump that
// is read back must not be mistaken for the real thing.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return errors.New(`hoster: "[redacted]" is the print of a secret, not a secret`)
	}
	*s = NewSecret(string(text))
	return nil
}

// canonicalForm writes requests and answers in canonical form: texts with a tag
// canon, and words of enumerations that are known in lower case. Records have a
// zone, and settle by themselves.
var canonicalForm = canon.New(canon.Rules{
	Forms: map[string]func(string) string{
		"domain": func(s string) string {
			if domain, err := dnszone.ParseDomain(s); err == nil {
				return domain
			}
			return s
		},
		"host": func(s string) string {
			if host, err := dnszone.ParseHost(s); err == nil {
				return host
			}
			return s
		},
		"search": func(s string) string { // a part of a domain's name
			if domain, err := dnszone.ParseDomain(s); err == nil {
				return domain
			}
			return canon.Lower(s)
		},
		"currency": func(s string) string {
			if len(s) == 3 {
				return canon.Upper(s)
			}
			return s
		},
	},
	Inside: func(v any) any {
		if o, ok := v.(interface{ place() any }); ok {
			return o.place()
		}
		return nil
	},
	Words: knownWords,
	Skip:  []reflect.Type{reflect.TypeFor[Record]()},
})

// knownWords are the known values of the enumerations that answers and requests
// hold.
var knownWords = []any{
	DomainStatusActive, DomainStatusPending, DomainStatusPendingTransfer, DomainStatusExpired,
	DomainStatusRedemption, DomainStatusPendingDelete, DomainStatusTransferredAway, DomainStatusCancelled,
	TransferStatusPendingPayment, TransferStatusPendingApproval, TransferStatusInProgress,
	TransferStatusCompleted, TransferStatusFailed, TransferStatusCancelled,
	ChangeStatusCompleted, ChangeStatusPending,
	CodeDeliveryInline, CodeDeliveryEmail,
	HostingStatusPending, HostingStatusActive, HostingStatusSuspended, HostingStatusCancelled,
	BillingCycleMonthly, BillingCycleQuarterly, BillingCycleSemiAnnual,
	BillingCycleAnnual, BillingCycleBiennial, BillingCycleTriennial,
	ControlPanelCPanel, ControlPanelDirectAdmin, ControlPanelPlesk,
	CancelWhenImmediate, CancelWhenEndOfTerm,
	InvoiceTypeProforma, InvoiceTypeTax,
	InvoiceStatusUnpaid, InvoiceStatusPaymentPending, InvoiceStatusPaid,
	InvoiceStatusOverdue, InvoiceStatusCancelled, InvoiceStatusRefunded,
	OrderStatusPending, OrderStatusActive, OrderStatusFraud, OrderStatusCancelled,
	OrderItemTypeDomainRegistration, OrderItemTypeDomainRenewal, OrderItemTypeDomainTransfer, OrderItemTypeHosting, OrderItemTypeHostingRenewal, OrderItemTypeHostingUpgrade,
	TokenStatusActive, TokenStatusExpired, TokenStatusRevoked,
	ScopeAccountRead, ScopeAccountWrite, ScopeDomainsRead, ScopeDomainsWrite,
	ScopeDNSRead, ScopeDNSWrite, ScopeHostingRead, ScopeHostingWrite,
}

// canonicalType is a record type in upper case.
func canonicalType(t RecordType) RecordType { return RecordType(canon.Upper(string(t))) }
