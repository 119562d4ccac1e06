package hoster

import (
	"reflect"

	"github.com/go-hoster/hoster/dnszone"
	"github.com/go-hoster/hoster/internal/canon"
)

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
