package shop

import "time"

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

// ShowTransfer returns the transfer as the API shows it.
func ShowTransfer(t *Transfer) Transfer {
	return Transfer{Domain: t.Domain, Status: t.Status, Reason: t.Reason, UpdatedAt: t.UpdatedAt}
}

const (
	// approvalTime is how long a paid transfer waits for its approval, and
	// transferTime how long it then takes.
	approvalTime = time.Hour
	transferTime = 5 * 24 * time.Hour
	// TransferYears is by how much a transfer extends a registration.
	TransferYears = 1
)

// BeginTransfer sells the transfer of a domain, which waits for its payment. With
// a wrong auth code it fails later.
func (s *Shop) BeginTransfer(by Buyer, name string, price *TLDPrice, wrongCode bool) (*Sale, *Transfer) {
	sale := s.SellDomain(by, "domain_transfer", name, TransferYears, price.Transfer, price.Currency, s.Now)
	t := &Transfer{
		Domain: name, Status: "pending_payment", Reason: new("waiting for payment"), UpdatedAt: s.Now,
		OrderID: sale.Order.ID, WrongCode: wrongCode,
	}
	s.Transfers = append(s.Transfers, t)
	return sale, t
}

// Transferring reports whether a transfer of the domain runs.
func (s *Shop) Transferring(name string) bool {
	t := s.Transfer(name)
	return t != nil && t.open()
}

func (s *Shop) transfersOf(o *Order) []*Transfer {
	var found []*Transfer
	for _, t := range s.Transfers {
		if t.OrderID == o.ID && t.open() {
			found = append(found, t)
		}
	}
	return found
}

func (s *Shop) moveTransfer(t *Transfer, status, reason string, at time.Time) *Transfer {
	return s.changeTransfer(t, func(t *Transfer) {
		t.Status, t.Reason, t.UpdatedAt = status, nil, at
		if reason != "" {
			t.Reason = &reason
		}
	})
}
