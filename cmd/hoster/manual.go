package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// man writes the manual pages of all commands.
func (a *app) man() *cobra.Command {
	cmd := &cobra.Command{Use: "man <directory>", Short: "write manual pages of all commands into a directory", Args: cobra.ExactArgs(1)}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := os.MkdirAll(args[0], 0o755); err != nil {
			return err
		}
		cmd.Root().DisableAutoGenTag = true
		day := time.Unix(0, 0) // pages of one version are the same everywhere
		return doc.GenManTree(cmd.Root(), &doc.GenManHeader{Title: "HOSTER", Section: "1", Source: "hoster", Date: &day}, args[0])
	}
	return cmd
}

// writeManual writes docs/cli.md: all commands, each with its flags.
func writeManual(w io.Writer, root *cobra.Command) {
	fmt.Fprintf(w, "<!-- Made by go test -run TestManual -update in cmd/hoster. -->\n# hoster\n\n%s\n\n", root.Long)
	fmt.Fprint(w, "Long flags take one hyphen or two. These work with every command:\n\n")
	writeFlags(w, root.PersistentFlags())
	fmt.Fprint(w, "\nInstall it from a clone:\n\n```sh\ngo -C cmd/hoster install .\n```\n\n")
	fmt.Fprint(w, "`hoster completion bash`, `zsh` or `fish` prints the completion for a shell, `hoster man DIRECTORY` writes manual pages.\n")
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, c := range cmd.Commands() {
			if c.Name() == "help" || c.Name() == "completion" {
				continue
			}
			if c.HasSubCommands() && c.Annotations[onlyGroup] != "" {
				fmt.Fprintf(w, "\n## %s\n\n%s\n", c.CommandPath(), textOf(c))
			} else {
				fmt.Fprintf(w, "\n### %s\n\n%s\n", strings.TrimSuffix(c.UseLine(), " [flags]"), textOf(c))
				if flags := c.NonInheritedFlags(); flags.HasAvailableFlags() {
					fmt.Fprintln(w)
					writeFlags(w, flags)
				}
				if c.Example != "" {
					fmt.Fprintf(w, "\n```sh\n%s\n```\n", strings.TrimSpace(c.Example))
				}
			}
			walk(c)
		}
	}
	walk(root)
}

func textOf(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return cmd.Long
	}
	return capital(cmd.Short)
}

func writeFlags(w io.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Hidden {
			return
		}
		name := "-" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		kind, about := pflag.UnquoteUsage(f)
		if kind != "" {
			name += " " + kind
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" {
			about += fmt.Sprintf(" (%s without it)", f.DefValue)
		}
		fmt.Fprintf(w, "- `%s`: %s\n", name, about)
	})
}
