module github.com/go-hoster/hoster/integrations/sandboxdns

go 1.26.0

require (
	github.com/go-hoster/hoster v0.0.0
	github.com/miekg/dns v1.1.73
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/go-hoster/hoster => ../..
