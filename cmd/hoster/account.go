package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/tokencare"
)

func (a *app) addAccount(root *cobra.Command) {
	child(root, "invoices").AddCommand(a.download())
	child(root, "tokens").AddCommand(a.audit(), a.rotate())
}

func (a *app) download() *cobra.Command {
	cmd := &cobra.Command{Use: "download", Short: "save invoices as PDF into a directory", Args: cobra.NoArgs}
	cmd.Long = capital(cmd.Short) + "\n\nA file that is there already is not fetched again, so that the same command goes on after an interruption."
	dir := cmd.Flags().String("dir", "", "directory for the files, such as INV-2026-0002.pdf")
	year := cmd.Flags().Int("year", 0, "only those issued in this year, in UTC")
	kind := cmd.Flags().String("type", "", "only those of this type: proforma or tax")
	status := cmd.Flags().String("status", "", "only those with this status")
	_ = cmd.MarkFlagRequired("dir")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		all, err := client.Invoices.List(cmd.Context(), &hoster.InvoiceListOptions{Type: hoster.InvoiceType(*kind), Status: hoster.InvoiceStatus(*status)})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(*dir, 0o755); err != nil {
			return err
		}
		var chosen []hoster.Invoice
		for _, invoice := range all {
			if *year == 0 || invoice.IssuedAt.UTC().Year() == *year {
				chosen = append(chosen, invoice)
			}
		}
		return a.each(len(chosen), func(i int) (string, error) {
			name := chosen[i].Number
			if name == "" || name[0] == '.' || filepath.Base(name) != name { // it becomes a path here
				name = strconv.Itoa(i + 1)
			}
			path := filepath.Join(*dir, name+".pdf")
			if _, err := os.Stat(path); err == nil {
				return name, nil
			}
			body, err := client.Invoices.PDF(cmd.Context(), chosen[i].ID)
			if err != nil {
				return name, err
			}
			return name, a.save(body, path)
		})
	}
	return cmd
}

func (a *app) audit() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "hold the tokens against the advice of the provider's guide", Args: cobra.NoArgs}
	cmd.Long = capital(cmd.Short) + " The exit code is 1 where something is found."
	age := cmd.Flags().Duration("rotation-age", 0, "older is a finding; 2160h without it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		report, err := tokencare.Audit(cmd.Context(), client, tokencare.AuditPolicy{RotationAge: *age})
		if err != nil {
			return err
		}
		type row struct {
			Severity tokencare.Severity `json:"severity"`
			Kind     tokencare.Kind     `json:"kind"`
			Token    string             `json:"token"`
			ID       hoster.TokenID     `json:"id"`
			Scopes   []hoster.Scope     `json:"scopes"`
		}
		rows := []row{}
		for _, found := range report.Findings {
			rows = append(rows, row{found.Severity, found.Kind, found.Token.Name, found.Token.ID, found.Scopes})
		}
		if err := a.print(rows); err != nil || len(rows) == 0 {
			return err
		}
		return &exit{code: exitError}
	}
	return cmd
}

func (a *app) rotate() *cobra.Command {
	cmd := &cobra.Command{Use: "rotate", Short: "replace the token in its file or profile, and revoke the old one", Args: cobra.NoArgs}
	cmd.Long = capital(cmd.Short) + `

The token stands in the file of -token-file or API_TOKEN_FILE, or in the profile. The new one has the same scopes,
allowlist and expiry. It is tried and stored before the old one is revoked.`
	overlap := cmd.Flags().Duration("overlap", 0, "how long both tokens are valid, for programs that read the file now and then")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		store, where, err := a.tokenStore()
		if err != nil {
			return err
		}
		source, err := hoster.NewRotatingToken(cmd.Context(), store)
		if err != nil {
			return err
		}
		client, err := a.client(source)
		if err != nil {
			return err
		}
		if err := a.confirm("a new token takes the place of the one in " + where + "; the old one is revoked"); err != nil {
			return err
		}
		done, err := tokencare.Rotate(cmd.Context(), client, tokencare.RotateOptions{Source: source, Store: store, Overlap: *overlap})
		for _, left := range done.Leftover {
			fmt.Fprintf(a.err, "left over from an earlier run: %s (%s); revoke it unless a program uses it\n", left.ID, printable(left.Name))
		}
		if err != nil {
			return err
		}
		if done.EndsSoon {
			fmt.Fprintln(a.err, "the new token expires soon, and rotation ends there: make its successor in the portal")
		}
		return a.print(done.New)
	}
	return cmd
}

// tokenStore is where the present token stands and the next one goes.
func (a *app) tokenStore() (tokencare.Store, string, error) {
	if a.tokenFile != "" {
		return tokencare.FileStore(a.tokenFile), a.tokenFile, nil
	}
	if a.profile == "" {
		if file := os.Getenv("API_TOKEN_FILE"); file != "" && os.Getenv("API_TOKEN") == "" {
			return tokencare.FileStore(file), file, nil
		}
		return nil, "", usagef("a token that is rotated stands in a file or a profile: -token-file, API_TOKEN_FILE or -profile")
	}
	all, err := readProfiles()
	if err != nil {
		return nil, "", err
	}
	if file := all[a.profile].TokenFile; file != "" {
		return tokencare.FileStore(file), file, nil
	}
	return profileStore(a.profile), "the profile " + a.profile, nil
}

// profileStore keeps a token in the profile of this name.
type profileStore string

func (name profileStore) Token(context.Context) (hoster.Secret, error) {
	all, err := readProfiles()
	if err != nil {
		return hoster.Secret{}, err
	}
	if all[string(name)].Token == "" {
		return hoster.Secret{}, fmt.Errorf("no token in the profile %q", string(name))
	}
	return hoster.NewSecret(all[string(name)].Token), nil
}

func (name profileStore) Save(_ context.Context, token hoster.CreatedToken) error {
	all, err := readProfiles()
	if err != nil {
		return errors.Join(tokencare.ErrNotSaved, err)
	}
	p := all[string(name)]
	p.Token = token.Secret.Reveal()
	all[string(name)] = p
	return writeProfiles(all)
}
