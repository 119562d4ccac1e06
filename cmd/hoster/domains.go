package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dnszone"
)

func (a *app) addDomains(root *cobra.Command) {
	domains := child(root, "domains")
	domains.AddCommand(a.expiring())
	child(domains, "availability").Aliases = []string{"check"}
	child(domains, "nameservers").AddCommand(a.bulkNameservers())
}

// expiringDomain is a line of the report. Todo is empty where nothing is to do.
type expiringDomain struct {
	Name      string              `json:"name"`
	Status    hoster.DomainStatus `json:"status"`
	ExpiresAt time.Time           `json:"expires_at"`
	Days      int                 `json:"days"`
	AutoRenew bool                `json:"auto_renew"`
	Locked    bool                `json:"locked"`
	Invoices  []string            `json:"unpaid_invoices"`
	Todo      []string            `json:"todo"`
}

func (a *app) expiring() *cobra.Command {
	cmd := &cobra.Command{Use: "expiring", Short: "list domains that expire soon, and what is to do about them", Args: cobra.NoArgs}
	cmd.Long = capital(cmd.Short) + "\n\nTo do is: renew what has expired, pay an invoice of a renewal, turn automatic renewal on, lock against transfer.\nThe exit code is 1 where something is to do. Unpaid renewals are seen with the scope account:read."
	days := cmd.Flags().Int("days", 45, "how far to look ahead")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *days < 0 || *days > 36500 {
			return usagef("-days is 0 to 36500")
		}
		client, err := a.client()
		if err != nil {
			return err
		}
		rows, err := a.expiringRows(cmd.Context(), client, *days, time.Now())
		if err != nil {
			return err
		}
		if err := a.print(rows); err != nil {
			return err
		}
		if slices.ContainsFunc(rows, func(row expiringDomain) bool { return len(row.Todo) > 0 }) {
			return &exit{code: exitError}
		}
		return nil
	}
	return cmd
}

func (a *app) expiringRows(ctx context.Context, client *hoster.Client, days int, now time.Time) ([]expiringDomain, error) {
	end := now.AddDate(0, 0, days)
	unpaid, err := unpaidRenewals(ctx, client)
	if errors.Is(err, hoster.ErrForbidden) {
		fmt.Fprintln(a.err, "unpaid renewals are not shown: the token lacks account:read")
		err = nil
	}
	if err != nil {
		return nil, err
	}
	rows := []expiringDomain{}
	gone := []hoster.DomainStatus{hoster.DomainStatusTransferredAway, hoster.DomainStatusCancelled}
	for domain, err := range client.Domains.All(ctx, &hoster.DomainListOptions{ExpiresBefore: hoster.Set(end)}) {
		if err != nil {
			return nil, err
		}
		if domain.ExpiresAt == nil || domain.ExpiresAt.After(end) || slices.Contains(gone, domain.Status) {
			continue
		}
		row := expiringDomain{Name: domain.Name, Status: domain.Status, ExpiresAt: *domain.ExpiresAt, AutoRenew: domain.AutoRenew, Locked: domain.Locked,
			Days: int(math.Floor(domain.ExpiresAt.Sub(now).Hours() / 24)), Invoices: unpaid[domain.Name], Todo: []string{}}
		switch {
		case len(row.Invoices) > 0:
			row.Todo = append(row.Todo, "pay "+strings.Join(row.Invoices, ", "))
		case domain.Status == hoster.DomainStatusPendingDelete: // too late
		case domain.ExpiresAt.Before(now):
			row.Todo = append(row.Todo, "renew it")
		case !domain.AutoRenew:
			row.Todo = append(row.Todo, "renew it, or turn auto-renewal on")
		}
		if !domain.Locked && domain.Status == hoster.DomainStatusActive {
			row.Todo = append(row.Todo, "lock it")
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(x, y expiringDomain) int {
		return cmp.Or(x.ExpiresAt.Compare(y.ExpiresAt), cmp.Compare(x.Name, y.Name))
	})
	return rows, nil
}

// unpaidRenewals are the numbers of open invoices of renewals, by domain.
func unpaidRenewals(ctx context.Context, client *hoster.Client) (map[string][]string, error) {
	open := make(map[hoster.InvoiceID]string)
	for invoice, err := range client.Invoices.All(ctx, nil) {
		if err != nil {
			return nil, err
		}
		if invoice.Status == hoster.InvoiceStatusUnpaid || invoice.Status == hoster.InvoiceStatusOverdue {
			open[invoice.ID] = cmp.Or(invoice.Number, string(invoice.ID))
		}
	}
	unpaid := make(map[string][]string)
	for order, err := range client.Orders.All(ctx, &hoster.OrderListOptions{Status: hoster.OrderStatusPending}) {
		if err != nil {
			return nil, err
		}
		for _, item := range order.Items {
			if item.Type != hoster.OrderItemTypeDomainRenewal {
				continue
			}
			for _, id := range order.InvoiceIDs {
				if number := open[id]; number != "" {
					unpaid[item.Domain] = append(unpaid[item.Domain], number)
				}
			}
		}
	}
	return unpaid, nil
}

// nameserverChange is a line of the plan for many domains.
type nameserverChange struct {
	Domain string   `json:"domain"`
	From   []string `json:"from"`
	To     []string `json:"to"`
}

func (a *app) bulkNameservers() *cobra.Command {
	cmd := &cobra.Command{Use: "set", Short: "set the nameservers of many domains from a CSV file", Args: cobra.NoArgs}
	cmd.Long = capital(cmd.Short) + `

Each line of the file is a domain and its nameservers: example.com,ns1.example.net,ns2.example.net. A first line
that begins with "domain" is a heading. Domains that have their nameservers already are skipped, so that the
same command goes on after an interruption. Nothing is written if the file names a domain that is not there.`
	from := cmd.Flags().String("from", "", "CSV file; - is the standard input")
	dry := cmd.Flags().Bool("dry-run", false, "only show what would change; the exit code is 2 where something would")
	_ = cmd.MarkFlagRequired("from")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		text, err := a.readFile(*from)
		if err != nil {
			return err
		}
		wanted, err := readNameservers(string(text))
		if err != nil {
			return usagef("%s: %w", *from, err)
		}
		client, err := a.client()
		if err != nil {
			return err
		}
		changes, err := nameserverChanges(cmd.Context(), client, wanted)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.err, "%d domains, %d to change\n", len(wanted), len(changes))
		if len(changes) == 0 {
			return nil
		}
		if err := a.print(changes); err != nil {
			return err
		}
		if *dry {
			return &exit{code: exitChanges}
		}
		if err := a.confirm("the nameservers decide who answers for these domains"); err != nil {
			return err
		}
		return a.each(len(changes), func(i int) (string, error) {
			_, err := client.Domains.SetNameservers(cmd.Context(), changes[i].Domain, changes[i].To)
			return changes[i].Domain, err
		})
	}
	return cmd
}

func readNameservers(text string) ([]nameserverChange, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	reader.TrimLeadingSpace = true
	reader.Comment = '#'
	var wanted []nameserverChange
	seen := make(map[string]bool)
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		if len(wanted) == 0 && line == 1 && strings.EqualFold(strings.TrimSpace(fields[0]), "domain") {
			continue
		}
		domain, err := dnszone.ParseDomain(strings.TrimSpace(fields[0]))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if seen[domain] {
			return nil, fmt.Errorf("line %d: %s stands there twice", line, domain)
		}
		seen[domain] = true
		change := nameserverChange{Domain: domain}
		for _, field := range fields[1:] {
			if field = strings.TrimSpace(field); field == "" {
				continue
			}
			host, err := dnszone.ParseHost(field)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			change.To = append(change.To, host)
		}
		if len(change.To) < 2 || len(change.To) > 13 {
			return nil, fmt.Errorf("line %d: %s needs 2 to 13 nameservers, not %d", line, domain, len(change.To))
		}
		wanted = append(wanted, change)
	}
	if len(wanted) == 0 {
		return nil, errors.New("no domain in it")
	}
	return wanted, nil
}

// nameserverChanges leaves out the domains that are as wanted.
func nameserverChanges(ctx context.Context, client *hoster.Client, wanted []nameserverChange) ([]nameserverChange, error) {
	present := make(map[string][]string)
	for domain, err := range client.Domains.All(ctx, nil) {
		if err != nil {
			return nil, err
		}
		present[domain.Name] = domain.Nameservers
	}
	var changes []nameserverChange
	var unknown []string
	for _, change := range wanted {
		now, found := present[change.Domain]
		if !found {
			unknown = append(unknown, change.Domain)
			continue
		}
		change.From = now
		if !slices.Equal(slices.Sorted(slices.Values(now)), slices.Sorted(slices.Values(change.To))) {
			changes = append(changes, change)
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("nothing was done: not in this account: %s", strings.Join(unknown, ", "))
	}
	return changes, nil
}
