// Cert-manager-webhook-hoster serves the DNS-01 solver as a webhook of cert-manager.
// GROUP_NAME is the API group that issuers name; the flags are those of
// cert-manager's webhook server.
package main

import (
	"os"

	"github.com/cert-manager/cert-manager/pkg/acme/webhook/cmd"

	certmanagerhoster "github.com/go-hoster/hoster/integrations/acme/certmanager"
)

func main() {
	group := os.Getenv("GROUP_NAME")
	if group == "" {
		group = "acme.hoster.example"
	}
	cmd.RunWebhookServer(group, &certmanagerhoster.Solver{})
}
