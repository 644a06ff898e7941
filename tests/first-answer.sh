#!/usr/bin/env bash
# From a tag to a first answer: packs a version, and uses its packages as on a machine that has never seen RpcGen.
#
#   tests/first-answer.sh TAG [BROKER]                 packs this repository with pack.sh
#   tests/first-answer.sh --feed FOLDER TAG [BROKER]   uses packages that are already packed
#
# A new solution is created in a temporary folder, with an empty package cache and without any template but that of the feed. Its packages of
# RpcGen come from the feed only. Server and client run in one process without a broker, then as two processes on BROKER
# (amqp://user:password@host), if it is given. The queue stays there: my_shop.Contracts.Greeter.
#
# Other packages come from the machine's sources, and from NUGET_FALLBACK_PACKAGES, a folder that NuGet knows, if it is set.
set -euo pipefail
exec </dev/null

fail() {
    echo "first-answer.sh: $*" >&2
    exit 1
}

feed=""
if [ "${1:-}" = --feed ]; then
    [ $# -ge 3 ] || fail "--feed needs a folder and a tag"
    feed=$(cd "$2" && pwd)
    shift 2
fi
[ $# -ge 1 ] || fail "usage: tests/first-answer.sh [--feed FOLDER] TAG [BROKER]"
tag=$1 broker=${2:-} version=${1#v}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

work=$(mktemp -d)
server=""
finish() {
    [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

if [ -z "$feed" ]; then
    feed=$work/feed
    "$root/pack.sh" "$tag" "$feed"
fi

# --- A machine that has never seen RpcGen

# The machine's sources stay, but packages of RpcGen come from the feed alone, even if a source has the version, too.
{
    echo '<configuration><packageSources><clear />'
    echo "  <add key=\"feed\" value=\"$feed\" />"
    dotnet nuget list source --format short | sed -n 's/^E //p' | nl -w1 -s' ' | while read -r number url; do
        echo "  <add key=\"source$number\" value=\"$url\" />"
    done
    echo '</packageSources><packageSourceMapping>'
    echo '  <packageSource key="feed"><package pattern="RpcGen" /><package pattern="RpcGen.*" /></packageSource>'
    dotnet nuget list source --format short | sed -n 's/^E //p' | nl -w1 -s' ' | while read -r number _; do
        echo "  <packageSource key=\"source$number\"><package pattern=\"*\" /></packageSource>"
    done
    echo '</packageSourceMapping></configuration>'
} >"$work/nuget.config"

export NUGET_PACKAGES=$work/packages DOTNET_CLI_HOME=$work/home
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false NuGetAudit=false
# No build server stays behind.
export DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
cd "$work"

# Runs a command; shows its output only if it fails.
quietly() {
    "$@" >log 2>&1 || { cat log >&2; fail "'$*' failed"; }
}

# Runs a program, and compares its exit code and what it prints.
expect() { # CODE TEXT COMMAND...
    local code=$1 text=$2 status=0 output
    shift 2
    output=$("$@" 2>&1) || status=$?
    [ "$status" -eq "$code" ] && [ "$output" = "$text" ] || fail "'$*' ended with $status and printed: $output"
    echo "$output"
}

quietly dotnet new install "$feed/RpcGen.Templates.$version.nupkg"
quietly dotnet new rpcgen -n my-shop --no-update-check
quietly dotnet build my-shop -warnaserror

packages=$(grep -ho '"RpcGen[A-Za-z.]*/[^"]*"' my-shop/*/obj/project.assets.json | sort -u)
[ "$packages" = "$(printf '"RpcGen.Abstractions/%s"\n"RpcGen/%s"' "$version" "$version" | sort -u)" ] || fail "the solution uses other packages than those of the feed: $packages"

# --- Answers

program() { # Server or Client
    echo "my-shop/my-shop.$1/bin/Debug/net10.0/my-shop.$1.dll"
}

expect 0 "Hello world!" dotnet "$(program Server)" try

# Without a broker, or with an invalid address, a program says in one line what to do.
explain() { # CODE BROKER PROGRAM PATTERN
    local status=0 line
    line=$(RPC_BROKER=$2 dotnet "$(program "$3")" 2>&1) || status=$?
    # shellcheck disable=SC2053 # the last argument is a pattern
    [ "$status" -eq "$1" ] && [[ "$line" == $4 && "$line" != *$'\n'* ]] || fail "with the broker '$2', the $3 ended with $status and printed: $line"
}
explain 1 amqp://localhost:1/ Server '*localhost:1*-- try'
explain 1 localhost Server '*does not start with amqp://*'
explain 2 localhost Client '*does not start with amqp://*'

if [ -n "$broker" ]; then
    export RPC_BROKER=$broker
    mkfifo output
    dotnet "$(program Server)" >output &
    server=$!
    exec 3<output
    read -r -t 60 line <&3 && [ "$line" = ready ] || fail "the server did not start"
    expect 0 "Hello Ada!" dotnet "$(program Client)" Ada
    expect 1 "Mallory is not welcome: Not again" dotnet "$(program Client)" Mallory
    expect 2 "The arguments break the contract. name: The name field is required." dotnet "$(program Client)" ""
    kill -TERM "$server"
    wait "$server" || fail "the server ended with $?"
    server=""
fi
