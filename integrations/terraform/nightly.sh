#!/usr/bin/env bash
# The suite with its slow parts, and the suite once more with OpenTofu, which is
# built outside of the tree.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

bash ./slow.sh

readonly tofu_version=v1.12.6
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hoster-ci
tofu=$cache/tofu-$tofu_version
if [[ ! -x $tofu ]]; then
	scratch=$(mktemp -d)
	trap 'rm -rf "$scratch"' EXIT
	mkdir -p "$cache"
	(
		cd "$scratch"
		go mod init tofu.invalid/build
		# OpenTofu replaces a module, which go install refuses.
		go mod edit -replace github.com/hashicorp/hcl/v2@v2.20.1=github.com/opentofu/hcl/v2@v2.20.2-0.20251021132045-587d123c2828
		go get -tool "github.com/opentofu/opentofu/cmd/tofu@$tofu_version"
		go build -o "$tofu.$$" github.com/opentofu/opentofu/cmd/tofu
		mv "$tofu.$$" "$tofu"
	)
fi
TF_ACC_TERRAFORM_PATH=$tofu TF_ACC_PROVIDER_HOST=registry.opentofu.org go test -count=1 -timeout 30m -v ./...
