// Command terraform-provider-hoster is a Terraform provider for white-label
// hosting providers, over the SDK github.com/go-hoster/hoster.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/go-hoster/hoster/integrations/terraform/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run with support for debuggers")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/go-hoster/hoster",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
