module github.com/go-hoster/hoster/integrations/acme/conformance

go 1.26.0

require (
	github.com/caddyserver/certmagic v0.25.6
	github.com/go-acme/lego/v5 v5.6.0
	github.com/go-hoster/hoster v0.0.0
	github.com/go-hoster/hoster/integrations/acme v0.0.0
	github.com/go-hoster/hoster/integrations/libdns v0.0.0
	github.com/go-hoster/hoster/integrations/sandboxdns v0.0.0
)

require (
	github.com/caddyserver/zerossl v0.1.6 // indirect
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/go-jose/go-jose/v4 v4.1.6 // indirect
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	github.com/klauspost/cpuid/v2 v2.4.0 // indirect
	github.com/letsencrypt/challtestsrv v1.4.2 // indirect
	github.com/letsencrypt/pebble/v2 v2.10.1 // indirect
	github.com/libdns/libdns v1.2.0-alpha.1 // indirect
	github.com/mholt/acmez/v3 v3.1.7 // indirect
	github.com/miekg/dns v1.1.73 // indirect
	github.com/zeebo/blake3 v0.2.4 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	go.uber.org/zap v1.28.0 // indirect
	go.uber.org/zap/exp v0.3.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	software.sslmate.com/src/go-pkcs12 v0.7.4 // indirect
)

replace github.com/go-hoster/hoster => ../../..

replace github.com/go-hoster/hoster/integrations/acme => ../

replace github.com/go-hoster/hoster/integrations/libdns => ../../libdns

replace github.com/go-hoster/hoster/integrations/sandboxdns => ../../sandboxdns

tool github.com/letsencrypt/pebble/v2/cmd/pebble
