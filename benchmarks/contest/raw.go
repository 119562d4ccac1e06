package contest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-hoster/hoster/benchmarks/wire"
)

// raw is what a programmer writes without an SDK: net/http, io.ReadAll and
// encoding/json into structs of the same shape as the SDK's.
type raw struct {
	client *http.Client
	domain string
	list   string
}

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

type rawMeta struct {
	Pagination struct {
		Total       int `json:"total"`
		CurrentPage int `json:"current_page"`
		PerPage     int `json:"per_page"`
		TotalPages  int `json:"total_pages"`
	} `json:"pagination"`
}

// rawAnswer is the envelope of either.
type rawAnswer[T any] struct {
	Status string  `json:"status"`
	Data   T       `json:"data"`
	Meta   rawMeta `json:"meta"`
}

func newRaw(origin string, client *http.Client) (Client, error) {
	domain := origin + "/hoster/v1/domains/" + wire.Domain
	return &raw{client, domain, domain + "/dns/records"}, nil
}

func (r *raw) Domain(ctx context.Context) (Found, error) {
	var answer rawAnswer[rawDomain]
	if err := r.read(ctx, r.domain, &answer); err != nil {
		return Found{}, err
	}
	return Found{1, answer.Data.Name, answer.Data.Name}, nil
}

func (r *raw) Page(ctx context.Context, size int) (Found, error) {
	var answer rawAnswer[[]rawRecord]
	if err := r.read(ctx, r.list+"?per_page="+strconv.Itoa(size), &answer); err != nil {
		return Found{}, err
	}
	return rawFound(answer.Data), nil
}

func (r *raw) Zone(ctx context.Context) (Found, error) {
	var all []rawRecord
	for page, pages := 1, 1; page <= pages; page++ {
		var answer rawAnswer[[]rawRecord]
		if err := r.read(ctx, fmt.Sprintf("%s?page=%d&per_page=%d", r.list, page, ZonePage), &answer); err != nil {
			return Found{}, err
		}
		all = append(all, answer.Data...)
		pages = answer.Meta.Pagination.TotalPages
	}
	return rawFound(all), nil
}

func rawFound(records []rawRecord) Found {
	if len(records) == 0 {
		return Found{}
	}
	return Found{len(records), records[0].Name, records[len(records)-1].Value}
}

func (r *raw) read(ctx context.Context, url string, into any) error {
	req, err := newRequest(ctx, url)
	if err != nil {
		return err
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return json.Unmarshal(body, into)
}
