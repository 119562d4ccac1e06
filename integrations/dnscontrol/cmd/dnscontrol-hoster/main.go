// Dnscontrol-hoster is dnscontrol with the provider HOSTER and the registrar NONE.
package main

import (
	"os"

	"github.com/StackExchange/dnscontrol/v4/commands"

	dnscontrolhoster "github.com/go-hoster/hoster/integrations/dnscontrol"
)

func main() {
	dnscontrolhoster.Register()
	os.Exit(commands.Run("dnscontrol-hoster"))
}
