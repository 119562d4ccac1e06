#!/usr/bin/env bash
# The tests of this module, with BIND's named-checkzone and named-compilezone and with
# PowerDNS as referees (Debian's bind9-utils, pdns-server, pdns-backend-sqlite3 and
# sqlite3). A missing tool is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ../tools.sh named-checkzone:bind9-utils named-compilezone:bind9-utils sqlite3:sqlite3 pdns_server:pdns-server pdnsutil:pdns-server \
	/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql:pdns-backend-sqlite3
exec env GOWORK=off go test -count=1 -timeout 5m -tags outside ./...
