#!/usr/bin/env bash
# Declares the public API as released: moves the lines of each PublicAPI.Unshipped.txt to the PublicAPI.Shipped.txt beside it. Lines that are marked
# *REMOVED* remove theirs. Running it twice changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

header='#nullable enable'
for unshipped in */PublicAPI.Unshipped.txt; do
    shipped=${unshipped/Unshipped/Shipped}
    lines=$(cat "$shipped" <(echo) "$unshipped" | tr -d '\r' | sed '/^$/d' | grep -vxF "$header" || true)
    removed=$(sed -n 's/^\*REMOVED\*//p' <<<"$lines")
    {
        echo "$header"
        { grep -v '^\*REMOVED\*' <<<"$lines" || true; } | { grep -vxF -f <(printf '%s' "$removed") || true; } | LC_ALL=C sort -u
    } >"$shipped.new"
    mv "$shipped.new" "$shipped"
    echo "$header" >"$unshipped"
done
