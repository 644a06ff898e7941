#!/usr/bin/env bash
# Proves that the packages of a commit can be built again: packs it in two folders, and compares the packages file by file.
#
#   tests/reproducible.sh [COMMIT]      default: HEAD; it takes about two builds
#
# The archives themselves differ, because NuGet writes the time into them. Their files must not.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
commit=$(git -C "$root" rev-parse "${1:-HEAD}^{commit}")
origin=$(git -C "$root" remote get-url origin 2>/dev/null || true)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pack() { # FOLDER PACKAGES
    git clone --quiet --no-checkout "$root" "$1"
    git -C "$1" checkout --quiet --detach "$commit"
    # Packages contain the address of the repository, which is not the folder that was cloned.
    if [ -n "$origin" ]; then
        git -C "$1" remote set-url origin "$origin"
    else
        git -C "$1" remote remove origin
    fi

    local prefix
    prefix=$(sed -n 's|.*<VersionPrefix>\(.*\)</VersionPrefix>.*|\1|p' "$1/Directory.Build.props")
    "$1/pack.sh" "v$prefix" "$2"
    rm -rf "$1"
}

pack "$work/one" "$work/first"
pack "$work/another folder/of the same commit" "$work/second"
if ! python3 "$root/tests/compare_packages.py" "$work/first" "$work/second"; then
    trap - EXIT
    echo "reproducible.sh: the packages are kept in $work" >&2
    exit 1
fi
