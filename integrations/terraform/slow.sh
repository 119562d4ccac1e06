#!/usr/bin/env bash
# The slow part of the suite, with the Terraform or OpenTofu that
# TF_ACC_TERRAFORM_PATH names, or the one on the PATH: 1,000 records, and 20 runs
# interrupted by each signal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec go test -count=1 -tags slow -timeout 40m -v -run 'TestPlanOfMany|TestInterrupted|TestManyRecords' ./internal/provider
