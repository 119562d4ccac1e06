package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// programDir is where the provider is, as a program of its own; "" until it is built.
var programDir string

// build makes the program, once.
var build = sync.OnceValue(func() (err error) {
	if programDir, err = os.MkdirTemp("", "terraform-provider-hoster"); err != nil {
		return err
	}
	out, err := exec.Command("go", "build", "-o", filepath.Join(programDir, "terraform-provider-hoster"), "../..").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return err
})

// cli runs Terraform as a person would, with the provider as a program of its own.
type cli struct {
	t   *testing.T
	dir string
	env []string
}

// cli writes a configuration into a directory of its own. The API is named by the
// environment.
func (a *account) cli(config string) *cli {
	a.t.Helper()
	if err := build(); err != nil {
		a.t.Fatal(err)
	}
	accepted.Add(1)
	c := &cli{t: a.t, dir: a.t.TempDir()}
	c.write("main.tf", "terraform {\n  required_providers {\n    hoster = {\n      source = \"go-hoster/hoster\"\n    }\n  }\n}\n"+config)
	c.write("cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"go-hoster/hoster\" = %q\n  }\n  direct {}\n}\n", programDir))
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(c.dir, "cli.tfrc"), "API_BASE_URL="+a.url, "API_TOKEN="+a.RootToken(), "TF_IN_AUTOMATION=1")
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// command is a command of Terraform that does not run yet.
func (c *cli) command(args ...string) *exec.Cmd {
	steps.Add(1)
	cmd := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), append(args, "-no-color")...)
	cmd.Dir, cmd.Env = c.dir, c.env
	return cmd
}

// run runs a command and returns what it prints.
func (c *cli) run(args ...string) (string, error) {
	out, err := c.command(args...).CombinedOutput()
	return string(out), err
}

// must runs a command that has to succeed.
func (c *cli) must(args ...string) string {
	c.t.Helper()
	out, err := c.run(args...)
	if err != nil {
		c.t.Fatalf("terraform %v: %v\n%s", args, err, out)
	}
	return out
}

// apply applies without questions.
func (c *cli) apply() string {
	c.t.Helper()
	return c.must("apply", "-auto-approve", "-input=false")
}

// unchanged plans, and fails unless there is nothing to do.
func (c *cli) unchanged() {
	c.t.Helper()
	if out, err := c.run("plan", "-detailed-exitcode", "-input=false"); err != nil {
		c.t.Fatalf("the plan is not empty: %v\n%s", err, out)
	}
}
