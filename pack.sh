#!/usr/bin/env bash
# Packs a release: every package, in the version that a tag names, built as in continuous integration.
#
#   ./pack.sh v1.2.0 FOLDER
#
# The tag is not created. Its version must be the one of Directory.Build.props; it can have a suffix, such as v1.2.0-rc.1.
set -euo pipefail

fail() {
    echo "pack.sh: $*" >&2
    exit 1
}

[ $# -eq 2 ] || fail "usage: ./pack.sh TAG FOLDER"
mkdir -p "$2"
folder=$(cd "$2" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"

[[ "$1" =~ ^v([0-9]+\.[0-9]+\.[0-9]+)(-[0-9A-Za-z.-]+)?$ ]] || fail "'$1' is not the tag of a version, such as v1.2.0 or v1.2.0-rc.1"
prefix=$(sed -n 's|.*<VersionPrefix>\(.*\)</VersionPrefix>.*|\1|p' Directory.Build.props)
[ "${BASH_REMATCH[1]}" = "$prefix" ] || fail "the tag $1 does not fit the version $prefix in Directory.Build.props"

# CI: paths of this machine do not get into the packages, so that others can build the same.
CI=true DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 \
    dotnet pack RpcGen.sln -c Release -v quiet --disable-build-servers -p:Version="${1#v}" -o "$folder"
