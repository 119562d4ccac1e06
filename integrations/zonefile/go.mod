module github.com/go-hoster/hoster/integrations/zonefile

go 1.26.0

require (
	github.com/go-hoster/hoster v0.0.0
	github.com/go-hoster/hoster/integrations/sandboxdns v0.0.0
	github.com/miekg/dns v1.1.73
)

require (
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/go-hoster/hoster => ../..

replace github.com/go-hoster/hoster/integrations/sandboxdns => ../sandboxdns
