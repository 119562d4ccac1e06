#!/usr/bin/env bash
# The whole suite with all of its slow parts, with the Terraform or OpenTofu that
# TF_ACC_TERRAFORM_PATH names, or the one on the PATH: 1,000 records, 20 runs
# interrupted by each signal, every fault of a purchase at every kind of brand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec go test -count=1 -tags slow -timeout 60m -v ./internal/provider
