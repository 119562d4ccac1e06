package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// payTimeout is how long a payment may take.
const payTimeout = 30 * time.Second

// payFlags is what the command line of "hoster sandbox pay" says.
type payFlags struct {
	invoice string
	url     string
}

// runPay pays an invoice of a sandbox that runs, as a person does in the portal.
func runPay(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags, err := parsePay(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	number, err := pay(ctx, flags)
	if err != nil {
		fmt.Fprintf(stderr, "hoster sandbox pay: %v\n", err)
		return exitError
	}
	fmt.Fprintf(stdout, "paid %s (%s)\n", flags.invoice, number)
	return exitOK
}

// parsePay takes the invoice's id before or behind the flags.
func parsePay(args []string, stderr io.Writer) (payFlags, error) {
	var f payFlags
	set := flag.NewFlagSet("hoster sandbox pay", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&f.url, "url", "", "where the sandbox listens, such as http://127.0.0.1:8080")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		f.invoice, args = args[0], args[1:]
	}
	if err := set.Parse(args); err != nil {
		return f, err
	}
	rest := set.Args()
	if f.invoice == "" && len(rest) > 0 {
		f.invoice, rest = rest[0], rest[1:]
	}
	var err error
	switch {
	case len(rest) > 0:
		err = fmt.Errorf("unexpected argument %q", rest[0])
	case f.invoice == "":
		err = errors.New("the id of an invoice is missing")
	case f.url == "":
		err = errors.New("-url is missing")
	}
	if err != nil {
		fmt.Fprintf(stderr, "hoster sandbox pay: %v\n", err)
	}
	return f, err
}

// pay returns the number of the invoice that it paid.
func pay(ctx context.Context, f payFlags) (number string, err error) {
	base, err := url.Parse(f.url)
	if err != nil || base.Host == "" {
		return "", fmt.Errorf("-url %q is no URL such as http://127.0.0.1:8080", f.url)
	}
	ctx, cancel := context.WithTimeout(ctx, payTimeout)
	defer cancel()
	target := base.Scheme + "://" + base.Host + "/_sandbox/invoices/" + url.PathEscape(f.invoice) + "/pay"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
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
		return "", fmt.Errorf("%s is no sandbox: status %d", f.url, res.StatusCode)
	case res.StatusCode != http.StatusOK:
		return "", fmt.Errorf("status %d: %s", res.StatusCode, answer.Message)
	}
	return answer.Data.Number, nil
}
