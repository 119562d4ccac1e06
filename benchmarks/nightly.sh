#!/usr/bin/env bash
# The whole comparison in fewer rounds, to see that all of it still runs. It
# writes no page, and its verdict on the targets fails nothing: so few rounds on a
# machine that does other things prove little. The step performance of .ci/run does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

export GOWORK=off
timeout --kill-after=15 840 go run ./cmd/compare -rounds 2 -benchtime 150ms -write=false

# The guard of .ci/run, on the newest Go, whose encoding/json is the second engine.
GOTOOLCHAIN=go1.27.0 go run ./cmd/guard
