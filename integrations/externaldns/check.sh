#!/usr/bin/env bash
# The tests of this module, and external-dns itself as a referee: its webhook
# client, TXT registry and plan.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export GOWORK=off
go test -count=1 ./...
cd conformance
go test -count=1 -tags outside ./...
