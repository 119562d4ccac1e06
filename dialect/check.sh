#!/bin/sh
# Holds the tables against the documents that they were written from: Prism serves
# each document and refuses every request and answer that it does not allow. And
# holds every table against schema.json. FOREIGN_APIS names the directory with the
# documents; the default stands beside this repository.
set -eu
cd "$(dirname "$0")"
FOREIGN_APIS=${FOREIGN_APIS:-../../shared/foreign}
for document in hostinger-domains-dns.json openprovider-domains-dns.json; do
	[ -f "$FOREIGN_APIS/$document" ] || { echo "dialect: $FOREIGN_APIS/$document is missing" >&2; exit 1; }
done
FOREIGN_APIS=$(cd "$FOREIGN_APIS" && pwd)
export FOREIGN_APIS
../api/install.sh
node schema.js
tests=$(go test -tags prism -list '^TestPrism' . | grep -c '^TestPrism' || true)
if [ "$tests" -lt 2 ]; then
	echo "dialect: there are $tests tests with Prism, not 2" >&2
	exit 1
fi
go vet -tags prism .
go test -count=1 -tags prism -run '^TestPrism' "$@" .
