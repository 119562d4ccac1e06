#!/usr/bin/env bash
# The tests of this module, and real certificates: Pebble as the authority, lego,
# certmagic, and Debian's lego and certbot as clients. A missing tool is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export GOWORK=off
go test -count=1 ./...
cd conformance
go test -count=1 -tags outside -timeout 20m ./...
