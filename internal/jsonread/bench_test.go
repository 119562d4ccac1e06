package jsonread

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

type benchRecord struct {
	ID        named     `json:"id"`
	Type      named     `json:"type" read:"required"`
	Name      string    `json:"name" read:"required,empty"`
	Value     string    `json:"value" read:"required,empty"`
	TTL       int       `json:"ttl"`
	Priority  *uint16   `json:"priority"`
	Weight    *uint16   `json:"weight"`
	Port      *uint16   `json:"port"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

type benchInvoice struct {
	ID       named       `json:"id" read:"required"`
	Number   string      `json:"number"`
	Status   named       `json:"status"`
	IssuedAt time.Time   `json:"issued_at"`
	PaidAt   *time.Time  `json:"paid_at"`
	Items    []benchItem `json:"items"`
	Total    json.Number `json:"total"`
	OrderID  named       `json:"order_id"`
}

type benchItem struct {
	Description string      `json:"description"`
	PeriodStart *time.Time  `json:"period_start"`
	Amount      json.Number `json:"amount"`
}

const (
	benchRecords  = `{"id":"rec_0123456789abcdef","type":"TXT","name":"host-1","value":"v=key; p=MIGfMA0GCSqGSIb3MIGfMA0GCSqGSIb3MIGfMA0GCSqGSIb3MIGfMA0GCSqGSIb3MIGfMA0GCSqGSIb3","ttl":3600,"priority":null,"weight":null,"port":null,"created_at":"2026-01-02T03:04:05Z","updated_at":"2026-02-03T04:05:06Z"}`
	benchInvoices = `{"id":"inv_0123456789abcdef","number":"INV-2026-000017","type":"tax","status":"paid","issued_at":"2026-01-02T03:04:05Z","paid_at":"2026-01-02T03:04:05Z","currency":"EUR",` +
		`"items":[{"description":"example.com, one year","period_start":"2026-01-02T03:04:05Z","amount":"12.99"},{"description":"a second line","period_start":null,"amount":"1.00"}],"total":"13.99","order_id":null}`
)

// BenchmarkPage reads a page of 100 items, beside encoding/json.
func BenchmarkPage(b *testing.B) {
	benchPage[benchRecord](b, "records", benchRecords)
	benchPage[benchInvoice](b, "invoices", benchInvoices)
}

func benchPage[T any](b *testing.B, name, item string) {
	text := []byte("[" + strings.Repeat(item+",", 99) + item + "]")
	b.Run(name+"/jsonread", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		var r Reader
		for b.Loop() {
			var items []T
			r.Reset(context.Background(), text, limits)
			if _, err := r.Into(&items, "data"); err != nil || len(items) != 100 {
				b.Fatal(len(items), err)
			}
		}
	})
	b.Run(name+"/encoding", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var items []T
			if err := json.Unmarshal(text, &items); err != nil || len(items) != 100 {
				b.Fatal(len(items), err)
			}
		}
	})
}

// BenchmarkPlaces sets the fields of a record through places and through
// reflect.Value: what package unsafe is worth.
func BenchmarkPlaces(b *testing.B) {
	var record benchRecord
	now := time.Now().UTC()
	kinds := reflect.TypeFor[benchRecord]()
	offsets := make([]uintptr, kinds.NumField())
	for i := range offsets {
		offsets[i] = kinds.Field(i).Offset
	}
	b.Run("places", func(b *testing.B) {
		base := place(&record)
		for b.Loop() {
			for i, offset := range offsets {
				switch to := beside(base, offset); i {
				case 0, 1, 2, 3:
					*at[string](to) = "text"
				case 4:
					*at[int](to) = 3600
				case 8, 9:
					*at[time.Time](to) = now
				}
			}
		}
	})
	b.Run("reflect", func(b *testing.B) {
		v := reflect.ValueOf(&record).Elem()
		for b.Loop() {
			for i := range offsets {
				switch to := v.Field(i); i {
				case 0, 1, 2, 3:
					to.SetString("text")
				case 4:
					to.SetInt(3600)
				case 8, 9:
					to.Set(reflect.ValueOf(now))
				}
			}
		}
	})
}
