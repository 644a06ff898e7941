#!/usr/bin/env bash
# Builds the documentation site into artifacts/site. Warnings are errors.
#
#   docs/site/build.sh               builds the solution first
#   docs/site/build.sh --no-build    uses what is built in Release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

[ "${1:-}" = --no-build ] || dotnet build RpcGen.sln -c Release -v q
dotnet tool restore >/dev/null
dotnet docfx docfx.json --warningsAsErrors
