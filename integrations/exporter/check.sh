#!/usr/bin/env bash
# The tests of this module, with promtool (Debian's prometheus) as a referee. A
# missing tool is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ../tools.sh promtool:prometheus
exec env GOWORK=off go test -count=1 -tags outside ./...
