package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMain lets the test's own binary be the command, for scripts.
func TestMain(m *testing.M) {
	if os.Getenv("HOSTER_TEST_AS_COMMAND") != "" {
		main()
	}
	os.Exit(m.Run())
}

var (
	recipeHeading = regexp.MustCompile(`(?m)^## (\d+)\. `)
	shellBlock    = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
)

// TestRecipes runs every command of docs/recipes.md against a sandbox. The blocks
// in Go are compiled with the other documents.
func TestRecipes(t *testing.T) {
	text, err := os.ReadFile("../../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	starts := recipeHeading.FindAllStringSubmatchIndex(page, -1)
	if len(starts) != 10 {
		t.Fatalf("%d recipes", len(starts))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for name, script := range map[string]string{
		"dig":  "#!/bin/sh\ncase \"$2\" in example.com) echo 192.0.2.10 ;; esac\n",
		"curl": "#!/bin/sh\necho 192.0.2.200\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(self, filepath.Join(bin, "hoster")); err != nil {
		t.Fatal(err)
	}
	results := map[string][2]string{ // what a recipe must have written
		"1": {"expiring.csv", "autumn.example,expired"}, "3": {"failed.txt", "example.org\n"}, "4": {"dangling.txt", "old.beacon.example -> gone.example.net\n"},
		"5": {"invoices-2026/INV-2026-0002.pdf", "%PDF"}, "6": {"shop.csv", "192.0.2.80"},
	}
	for i, start := range starts {
		end := len(page)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		recipe, number := page[start[0]:end], page[start[2]:start[3]]
		if lines := strings.Count(recipe, "\n"); lines > 40 {
			t.Errorf("recipe %s has %d lines", number, lines)
		}
		if number != fmt.Sprint(i+1) {
			t.Errorf("recipe %s is number %d", number, i+1)
		}
		t.Run(number, func(t *testing.T) {
			s := open(t)
			dir := t.TempDir()
			s.want(exitOK, "dns", "add", "beacon.example", "old", "CNAME", "gone.example.net", "-yes")
			for _, block := range shellBlock.FindAllStringSubmatch(recipe, -1) {
				cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", block[1])
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "HOSTER_TEST_AS_COMMAND=1")
				if number == "8" {
					cmd.Env = append(cmd.Env, "API_TOKEN=", "API_TOKEN_FILE="+file(t, "token", s.RootToken()))
				}
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s\n%s", err, block[1], out)
				}
			}
			if want, found := results[number]; found {
				if text, err := os.ReadFile(filepath.Join(dir, want[0])); err != nil || !strings.Contains(string(text), want[1]) {
					t.Errorf("%v: %s", err, text)
				}
			}
			if number == "3" {
				if got := s.read("dns", "list", "example.com", "-type", "TXT", "-name", "@"); len(got) != 1 {
					t.Errorf("SPF twice: %v", got)
				}
				if got := s.read("dns", "list", "meadow.example", "-type", "TXT"); len(got) != 3 {
					t.Errorf("%v", got)
				}
			}
		})
	}
}
