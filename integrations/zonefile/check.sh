#!/usr/bin/env bash
# The tests of this module, with BIND's named-checkzone and named-compilezone and with
# PowerDNS as referees (Debian's bind9-utils, pdns-server, pdns-backend-sqlite3 and
# sqlite3). A missing tool is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec env GOWORK=off go test -count=1 -timeout 5m -tags outside ./...
