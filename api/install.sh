#!/bin/sh
# Installs the linters and Prism from the lock file, unless they are there.
set -eu
cd "$(dirname "$0")"
for tool in node npm go; do
	command -v "$tool" >/dev/null || { echo "api: $tool is missing" >&2; exit 1; }
done
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
	npm ci --loglevel=error
fi
