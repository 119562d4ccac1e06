package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/go-hoster/hoster"
)

// payTimeout is how long a payment may take.
const payTimeout = 30 * time.Second

// pay pays an invoice of a sandbox that runs, as a person does in the portal.
func (a *app) pay() *cobra.Command {
	var target string
	cmd := &cobra.Command{Use: "pay <invoice-id>", Short: "pay an invoice of a sandbox that runs", Args: cobra.ExactArgs(1)}
	cmd.Flags().StringVar(&target, "url", "", "where the sandbox listens, such as http://127.0.0.1:8080")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if target == "" {
			return usagef("-url is missing")
		}
		number, err := pay(cmd.Context(), target, args[0])
		if err == nil {
			fmt.Fprintf(a.out, "paid %s (%s)\n", args[0], number)
		}
		return err
	}
	return cmd
}

// pay returns the number of the invoice that it paid.
func pay(ctx context.Context, sandbox, invoice string) (number string, err error) {
	base, err := url.Parse(sandbox)
	if err != nil || base.Host == "" {
		return "", fmt.Errorf("-url %q is no URL such as http://127.0.0.1:8080", sandbox)
	}
	ctx, cancel := context.WithTimeout(ctx, payTimeout)
	defer cancel()
	target := base.Scheme + "://" + base.Host + "/_sandbox/invoices/" + url.PathEscape(invoice) + "/pay"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: hoster.NewTransport()}
	defer client.CloseIdleConnections()
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct {
		Message string
		Data    struct{ Number string }
	}
	err = json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&answer)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s is no sandbox: status %d", sandbox, res.StatusCode)
	case res.StatusCode != http.StatusOK:
		return "", fmt.Errorf("status %d: %s", res.StatusCode, answer.Message)
	}
	return answer.Data.Number, nil
}
