#!/usr/bin/env bash
# The tests of this module run dnscontrol itself, with this provider in it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec env GOWORK=off go test -count=1 ./...
