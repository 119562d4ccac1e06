#!/usr/bin/env bash
# Installs the Debian packages of programs that are missing, each given as
# program:package, or as file:package where no program tells, and fails where that
# cannot be done.
#
#   bash tools.sh named-checkzone:bind9-utils promtool:prometheus
set -euo pipefail

have() { [[ -e $1 ]] || command -v "$1" >/dev/null; }

packages=()
for tool; do
	have "${tool%%:*}" || packages+=("${tool##*:}")
done
if ((${#packages[@]})); then
	echo "installing ${packages[*]}"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
for tool; do
	if ! have "${tool%%:*}"; then
		echo "tools: ${tool%%:*} of the package ${tool##*:} is missing" >&2
		exit 1
	fi
done
