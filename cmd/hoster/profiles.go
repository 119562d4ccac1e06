package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/go-hoster/hoster"
	"github.com/go-hoster/hoster/dialect"
)

// profile is how to reach one brand. The token stands in a file of its own where
// TokenFile is set.
type profile struct {
	BaseURL   string `json:"base_url,omitempty"`
	Brand     string `json:"brand,omitempty"`
	Token     string `json:"token,omitempty"`
	TokenFile string `json:"token_file,omitempty"`
	Dialect   string `json:"dialect,omitempty"`
}

func profilesPath() (string, error) {
	if path := os.Getenv("HOSTER_PROFILES"); path != "" {
		return path, nil
	}
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "hoster", "profiles.json"), err
}

// readProfiles refuses a file that others may read: it can hold tokens.
func readProfiles() (map[string]profile, error) {
	path, err := profilesPath()
	if err != nil {
		return nil, err
	}
	all := make(map[string]profile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o and may hold tokens: run chmod 600 %[1]s", path, info.Mode().Perm())
	}
	content := json.NewDecoder(io.LimitReader(file, 1<<20))
	content.DisallowUnknownFields()
	if err := content.Decode(&all); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

func writeProfiles(all map[string]profile) error {
	path, err := profilesPath()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return replaceFile(path, append(text, '\n'))
}

// replaceFile writes a file of mode 0600 by a rename, so that it is never half written.
func replaceFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".hoster-*") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// client is made when it is first needed. A token source of the caller's comes before
// the profile's token.
func (a *app) client(source ...hoster.TokenSource) (*hoster.Client, error) {
	if a.made != nil {
		return a.made, nil
	}
	p := profile{}
	if a.profile != "" {
		all, err := readProfiles()
		if err != nil {
			return nil, err
		}
		var found bool
		if p, found = all[a.profile]; !found {
			return nil, usagef("there is no profile %q; hoster profiles list shows them", a.profile)
		}
	}
	if a.baseURL != "" || a.brand != "" {
		p.BaseURL, p.Brand = a.baseURL, a.brand
	}
	if a.tokenFile != "" {
		p.Token, p.TokenFile = "", a.tokenFile
	}
	if a.dialects != "" {
		p.Dialect = a.dialects
	}
	options := []hoster.Option{hoster.WithUserAgent("hoster-cli/" + hoster.Version)}
	switch {
	case p.BaseURL != "":
		options = append(options, hoster.WithBaseURL(p.BaseURL))
	case p.Brand != "":
		options = append(options, hoster.WithBrand(p.Brand))
	}
	switch {
	case len(source) > 0:
		options = append(options, hoster.WithTokenSource(source[0]))
	case p.TokenFile != "":
		options = append(options, hoster.WithTokenSource(hoster.TokenFromFile(p.TokenFile)))
	case p.Token != "":
		options = append(options, hoster.WithToken(p.Token))
	}
	if p.Dialect != "" {
		table, err := dialect.ParseFile(p.Dialect)
		if err != nil {
			return nil, err
		}
		options = append(options, hoster.WithHTTPClient(dialect.Client(table)))
	}
	made := hoster.NewClientFromEnv
	if a.profile != "" {
		made = hoster.NewClient // a profile is not mixed with another brand's token
	}
	client, err := made(options...)
	if err != nil {
		if p == (profile{}) && (os.Getenv("API_TOKEN")+os.Getenv("API_TOKEN_FILE") == "" || os.Getenv("API_BASE_URL")+os.Getenv("API_BRAND") == "") {
			err = fmt.Errorf("%w\nname a profile with -profile (hoster profiles set NAME makes one), or set API_BASE_URL and API_TOKEN", err)
		}
		return nil, usagef("%w", err)
	}
	a.made, a.dialectUsed = client, p.Dialect != ""
	if a.base = cmp.Or(p.BaseURL, p.Brand, os.Getenv("API_BASE_URL"), os.Getenv("API_BRAND")); !strings.Contains(a.base, "/") {
		a.base = "https://api." + a.base + ".com/v1"
	}
	return client, nil
}

func (a *app) profiles() *cobra.Command {
	all := group("profiles", "providers to choose from with -profile")
	path, _ := profilesPath()
	all.Long = "Profiles say how to reach a brand. They stand in a file of mode 0600, whose path HOSTER_PROFILES changes."

	list := &cobra.Command{Use: "list", Short: "list the profiles, without tokens", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		profiles, err := readProfiles()
		if err != nil {
			return err
		}
		type row struct {
			Name      string `json:"name"`
			Provider  string `json:"provider"`
			TokenFrom string `json:"token_from"`
			Dialect   string `json:"dialect"`
		}
		rows := []row{}
		for _, name := range sortedKeys(profiles) {
			p := profiles[name]
			from := p.TokenFile
			if p.Token != "" {
				from = path
			}
			rows = append(rows, row{name, p.BaseURL + p.Brand, from, p.Dialect})
		}
		return a.print(rows)
	}}

	set := &cobra.Command{Use: "set <name>", Short: "make or replace a profile; the token is read from the standard input", Args: cobra.ExactArgs(1),
		Long: `Set makes or replaces the profile of a brand, which -base-url or -brand names. The token
is asked for, or read from the standard input; with -token-file it stays in that file.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if (a.baseURL == "") == (a.brand == "") {
				return usagef("one of -base-url and -brand is needed")
			}
			p := profile{BaseURL: a.baseURL, Brand: a.brand}
			var err error
			for _, file := range []struct {
				from string
				to   *string
			}{{a.tokenFile, &p.TokenFile}, {a.dialects, &p.Dialect}} {
				if file.from == "" {
					continue
				}
				if *file.to, err = filepath.Abs(file.from); err != nil {
					return err
				}
			}
			if p.TokenFile == "" {
				if p.Token, err = a.readSecret("token: "); err != nil {
					return err
				}
				if _, err := hoster.StaticToken(p.Token); err != nil {
					return err
				}
			}
			profiles, err := readProfiles()
			if err != nil {
				return err
			}
			profiles[args[0]] = p
			if err := writeProfiles(profiles); err != nil {
				return err
			}
			fmt.Fprintf(a.err, "the profile is in %s; hoster -profile %s doctor tries it\n", path, args[0])
			return nil
		}}

	remove := &cobra.Command{Use: "remove <name>", Short: "remove a profile", Args: cobra.ExactArgs(1), RunE: func(_ *cobra.Command, args []string) error {
		profiles, err := readProfiles()
		if err != nil {
			return err
		}
		if _, found := profiles[args[0]]; !found {
			return usagef("there is no profile %q", args[0])
		}
		delete(profiles, args[0])
		return writeProfiles(profiles)
	}}
	all.AddCommand(list, set, remove)
	return all
}

// readSecret reads a line without showing it.
func (a *app) readSecret(prompt string) (string, error) {
	if file, ok := a.in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(a.err, prompt)
		text, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(a.err)
		return strings.TrimSpace(string(text)), err
	}
	text, err := bufio.NewReader(io.LimitReader(a.in, 1<<16)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(text), err
}

// confirm shows what is about to be done and asks. Without a terminal to ask at,
// only -yes goes on.
func (a *app) confirm(what string) error {
	fmt.Fprintln(a.err, strings.TrimRight(what, "\n"))
	if a.yes {
		return nil
	}
	if file, ok := a.in.(*os.File); ok && !term.IsTerminal(int(file.Fd())) || a.in == nil {
		return usagef("nothing was done: no terminal to ask at; -yes goes on without asking")
	}
	fmt.Fprint(a.err, "go on? [y/N] ")
	answer := make(chan string, 1)
	go func() { // a read cannot be cancelled: Ctrl-C does not wait for it
		text, _ := bufio.NewReader(a.in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(text))
	}()
	select {
	case <-a.ctx.Done():
		return fmt.Errorf("nothing was done: %w", a.ctx.Err())
	case text := <-answer:
		if text == "y" || text == "yes" {
			return nil
		}
		return &exit{exitError, errors.New("nothing was done")}
	}
}
