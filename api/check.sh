#!/bin/sh
# Everything that holds openapi.yaml: two linters, the tests, and Prism.
set -eu
cd "$(dirname "$0")"
./install.sh
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
node_modules/.bin/redocly lint openapi.yaml --config redocly.yaml
node_modules/.bin/spectral lint openapi.yaml --ruleset .spectral.yaml --fail-severity=warn
go vet -tags prism ./...
go test -count=1 ./...
./prism.sh
