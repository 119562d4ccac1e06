#!/bin/sh
# Runs the SDK against a server that knows nothing but openapi.yaml (prism mock),
# and all tests of the sandbox with Prism in between as a second judge
# (prism proxy). The tests start Prism on loopback ports and end it.
set -eu
cd "$(dirname "$0")"
./install.sh
tests=$(go test -tags prism -list '^TestPrism' . | grep -c '^TestPrism' || true)
if [ "$tests" -lt 2 ]; then
	echo "api: there are $tests tests with Prism, not 2" >&2
	exit 1
fi
go test -count=1 -tags prism -run '^TestPrism' "$@" .
