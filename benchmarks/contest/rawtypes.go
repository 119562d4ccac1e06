package contest

import "time"

// What raw reads: structs of the same shape as the SDK's, with strings for money
// and enumerations.

type rawDomain struct {
	ID              string       `json:"id"`
	Name            string       `json:"name"`
	Status          string       `json:"status"`
	RegisteredAt    *time.Time   `json:"registered_at"`
	ExpiresAt       *time.Time   `json:"expires_at"`
	AutoRenew       bool         `json:"auto_renew"`
	Locked          bool         `json:"locked"`
	Nameservers     []string     `json:"nameservers"`
	WhoisPrivacy    bool         `json:"whois_privacy"`
	UsesProviderDNS bool         `json:"uses_provider_dns"`
	Contacts        *rawContacts `json:"contacts"`
	CreatedAt       time.Time    `json:"created_at"`
	UpdatedAt       time.Time    `json:"updated_at"`
}

type rawContacts struct {
	Registrant string `json:"registrant"`
	Admin      string `json:"admin"`
	Tech       string `json:"tech"`
	Billing    string `json:"billing"`
}

type rawRecord struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Name      string    `json:"name"`
	Value     string    `json:"value"`
	TTL       int       `json:"ttl"`
	Priority  *uint16   `json:"priority"`
	Weight    *uint16   `json:"weight"`
	Port      *uint16   `json:"port"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// rawOddRecord is the record of wire.OddRecords, whose id is a number.
type rawOddRecord struct {
	ID        int64     `json:"id"`
	Type      string    `json:"type"`
	Name      string    `json:"name"`
	Value     string    `json:"value"`
	TTL       int       `json:"ttl"`
	Priority  *uint16   `json:"priority"`
	Weight    *uint16   `json:"weight"`
	Port      *uint16   `json:"port"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

type rawAddress struct {
	Street     string `json:"street"`
	City       string `json:"city"`
	State      string `json:"state"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

type rawProfile struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Email   string      `json:"email"`
	Company string      `json:"company"`
	Phone   string      `json:"phone"`
	Address *rawAddress `json:"address"`
	TaxID   string      `json:"tax_id"`
}

type rawContact struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Email     string      `json:"email"`
	Phone     string      `json:"phone"`
	Company   string      `json:"company"`
	Address   *rawAddress `json:"address"`
	CreatedAt time.Time   `json:"created_at"`
}

type rawInvoice struct {
	ID         string           `json:"id"`
	Number     string           `json:"number"`
	Type       string           `json:"type"`
	Status     string           `json:"status"`
	IssuedAt   time.Time        `json:"issued_at"`
	DueAt      time.Time        `json:"due_at"`
	PaidAt     *time.Time       `json:"paid_at"`
	Currency   string           `json:"currency"`
	Items      []rawInvoiceItem `json:"items"`
	Subtotal   string           `json:"subtotal"`
	Taxes      []rawTax         `json:"taxes"`
	TaxTotal   string           `json:"tax_total"`
	Total      string           `json:"total"`
	AmountPaid string           `json:"amount_paid"`
	BalanceDue string           `json:"balance_due"`
	OrderID    string           `json:"order_id"`
	PaymentURL string           `json:"payment_url"`
}

type rawInvoiceItem struct {
	Description string     `json:"description"`
	PeriodStart *time.Time `json:"period_start"`
	PeriodEnd   *time.Time `json:"period_end"`
	Amount      string     `json:"amount"`
}

type rawTax struct {
	Name   string `json:"name"`
	Rate   string `json:"rate"`
	Amount string `json:"amount"`
}

type rawOrder struct {
	ID         string         `json:"id"`
	Number     string         `json:"number"`
	Status     string         `json:"status"`
	CreatedAt  time.Time      `json:"created_at"`
	Items      []rawOrderItem `json:"items"`
	Total      string         `json:"total"`
	Currency   string         `json:"currency"`
	InvoiceIDs []string       `json:"invoice_ids"`
}

type rawOrderItem struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Domain      string `json:"domain"`
	ServiceID   string `json:"service_id"`
	PlanID      string `json:"plan_id"`
	Years       int    `json:"years"`
	Amount      string `json:"amount"`
}

type rawService struct {
	ID               string     `json:"id"`
	Name             string     `json:"name"`
	Plan             rawPlanRef `json:"plan"`
	Domain           string     `json:"domain"`
	Status           string     `json:"status"`
	BillingCycle     string     `json:"billing_cycle"`
	NextDueAt        *time.Time `json:"next_due_at"`
	Amount           string     `json:"amount"`
	Currency         string     `json:"currency"`
	CreatedAt        time.Time  `json:"created_at"`
	ControlPanel     string     `json:"control_panel"`
	Username         string     `json:"username"`
	Server           *rawServer `json:"server"`
	SuspensionReason string     `json:"suspension_reason"`
	CancelsAt        *time.Time `json:"cancels_at"`
}

type rawPlanRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type rawServer struct {
	Hostname    string   `json:"hostname"`
	IPAddress   string   `json:"ip_address"`
	Nameservers []string `json:"nameservers"`
}

type rawPlan struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Prices      []rawPrice `json:"prices"`
}

type rawPrice struct {
	BillingCycle string `json:"billing_cycle"`
	Amount       string `json:"amount"`
	Currency     string `json:"currency"`
}

type rawUsage struct {
	Disk       rawQuota  `json:"disk"`
	Bandwidth  rawQuota  `json:"bandwidth"`
	MeasuredAt time.Time `json:"measured_at"`
}

type rawQuota struct {
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit"`
}

type rawToken struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Scopes      []string   `json:"scopes"`
	Status      string     `json:"status"`
	CreatedAt   time.Time  `json:"created_at"`
	LastUsedAt  *time.Time `json:"last_used_at"`
	ExpiresAt   *time.Time `json:"expires_at"`
	IPAllowlist []string   `json:"ip_allowlist"`
	Prefix      string     `json:"prefix"`
}

type rawTransfer struct {
	Domain    string    `json:"domain"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	UpdatedAt time.Time `json:"updated_at"`
}

type rawNameservers struct {
	Nameservers  []string `json:"nameservers"`
	ChangeStatus string   `json:"change_status"`
}

type rawAvailability struct {
	Domain    string           `json:"domain"`
	Available bool             `json:"available"`
	Premium   bool             `json:"premium"`
	Prices    *rawDomainPrices `json:"prices"`
	Currency  string           `json:"currency"`
	Reason    string           `json:"reason"`
}

type rawDomainPrices struct {
	Register string `json:"register"`
	Renew    string `json:"renew"`
	Transfer string `json:"transfer"`
}

// rawAnswer is the envelope of all.
type rawAnswer[T any] struct {
	Status string  `json:"status"`
	Data   T       `json:"data"`
	Meta   rawMeta `json:"meta"`
}

type rawMeta struct {
	Pagination struct {
		Total       int `json:"total"`
		CurrentPage int `json:"current_page"`
		PerPage     int `json:"per_page"`
		TotalPages  int `json:"total_pages"`
	} `json:"pagination"`
}

// rawOddAnswer is the envelope of wire.OddRecords.
type rawOddAnswer struct {
	Status string         `json:"status"`
	Data   []rawOddRecord `json:"data"`
	Meta   struct {
		Total       int `json:"total"`
		CurrentPage int `json:"current_page"`
		PerPage     int `json:"per_page"`
	} `json:"meta"`
}
