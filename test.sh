#!/usr/bin/env bash
# Builds everything and runs every test; the last line is the tally. Installs what is missing (Debian, Ubuntu),
# except the .NET SDK.
#
#   ./test.sh                                   all tests, against a private RabbitMQ started for them
#   ./test.sh --filter-class '*ConnectionTests' arguments go to each test project (dotnet test --help lists them)
#   RPCGEN_TEST_BROKER=amqp://... ./test.sh     against that broker; tests that must break one start their own
#
# The tests are given RPCGEN_TEST_BROKER (url), RPCGEN_TEST_BROKER_DIR (only when the broker is private, for
# tests/broker.sh), RPCGEN_TEST_PYTHON and RPCGEN_TEST_NODE (interpreters for tests/peers) and RPCGEN_TEST_TEMP, a folder
# that goes in the end; brokers in folders right under it are stopped then, should a test not have come to it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0 failed=0 skipped=0 job=""
temp=$(mktemp -d) || exit 1

finish() {
    local status=$? broker
    trap - EXIT
    trap '' INT TERM
    if [ -n "$job" ]; then # interrupted: it passes the signal on to the tests
        kill "$job" 2>/dev/null
        wait "$job"
    fi
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || [ "$status" -ne 0 ] || status=1
    if [ "$status" -ne 0 ] && [ -f "$temp/broker/broker.log" ]; then
        echo "--- the end of the broker's log"
        tail -n 40 "$temp/broker/broker.log"
    fi
    for broker in "$temp"/*/settings; do
        [ ! -f "$broker" ] || bash tests/broker.sh stop "$(dirname "$broker")"
    done
    rm -rf "$temp"
    echo "$passed passed, $failed failed, $skipped skipped"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "test.sh: $*" >&2
    exit 1
}

step() { echo "=== $*"; }

# Runs quietly; what it said is shown if it fails.
quietly() {
    "$@" >"$temp/log" 2>&1 || { cat "$temp/log" >&2; return 1; }
}

# --- What the tests need

# The peers' libraries come from the distribution's packages, so a python3 that comes first in PATH may lack them.
find_python() {
    local candidate
    for candidate in "${RPCGEN_TEST_PYTHON:-}" python3 /usr/bin/python3; do
        [ -n "$candidate" ] && "$candidate" -c 'import aio_pika, pika' 2>/dev/null && command -v "$candidate" && return
    done
    return 1
}

have_broker() {
    [ -n "${RPCGEN_TEST_BROKER:-}" ] || [ -x "${RABBITMQ_SBIN:-/usr/lib/rabbitmq/bin}/rabbitmq-server" ]
}

install() {
    local policy=/usr/sbin/policy-rc.d status sudo=()
    command -v apt-get >/dev/null || fail "install $* (there is no apt-get here to do it)"
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || fail "install $* (this script may not: neither root nor sudo without password)"
        sudo=(sudo -n)
    fi
    step "installing $*"
    quietly "${sudo[@]}" apt-get update || echo "test.sh: the package lists may be old" >&2
    # No service is to be started for our sake. That is how Debian is told so.
    if [ -e "$policy" ]; then
        policy=""
    else
        printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
        "${sudo[@]}" chmod +x "$policy"
    fi
    quietly "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
    status=$?
    [ -z "$policy" ] || "${sudo[@]}" rm -f "$policy"
    [ $status -eq 0 ] || fail "could not install $*"
}

dotnet --version >/dev/null 2>&1 || fail "the .NET SDK 10 is missing: https://dotnet.microsoft.com/download"

missing=()
have_broker || missing+=(rabbitmq-server)
find_python >/dev/null || missing+=(python3-aio-pika python3-pika)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
# NativeAOT links by either of these, with zlib.
command -v clang >/dev/null || command -v gcc >/dev/null || missing+=(gcc)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"

RPCGEN_TEST_PYTHON=$(find_python) || fail "no python3 has aio_pika and pika"
RPCGEN_TEST_NODE=$(command -v node) || fail "node is missing"
export RPCGEN_TEST_PYTHON RPCGEN_TEST_NODE

# npm's record of what it installed is newer than the lock file: nothing to do.
if ! [ tests/peers/node/node_modules/.package-lock.json -nt tests/peers/node/package-lock.json ]; then
    (cd tests/peers/node && quietly npm ci) || fail "npm ci failed in tests/peers/node"
fi

# --- Build

step "building"
# Without build servers, which would outlive this script.
dotnet build RpcGen.sln -c Release --disable-build-servers || fail "the build failed"

# --- Test

export RPCGEN_TEST_TEMP=$temp
unset RPCGEN_TEST_BROKER_DIR
if [ -z "${RPCGEN_TEST_BROKER:-}" ]; then
    step "starting a broker"
    RPCGEN_TEST_BROKER=$(bash tests/broker.sh start "$temp/broker") || fail "no broker"
    RPCGEN_TEST_BROKER_DIR=$temp/broker
    export RPCGEN_TEST_BROKER_DIR
fi
export RPCGEN_TEST_BROKER

# One of the totals in the report xunit writes; 0 where there is no report.
total() { # REPORT NAME
    local value
    value=$(grep -o '<assembly [^>]*>' "$1" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | head -n 1)
    echo "${value:-0}"
}

run() { # REPORT PROJECT ARGUMENT...: runs a project's tests and adds them to the tally
    local name=$1 project=$2 report=$temp/results/$1.xml status bad
    shift 2
    step "$name"
    # In the background, since bash acts on a signal only while it waits. The bound is for what hangs unforeseen.
    timeout --kill-after=10 30m dotnet test --project "$project" --no-build -c Release \
        --results-directory "$temp/results" --report-xunit-xml --report-xunit-xml-filename "$name.xml" "$@" &
    job=$!
    wait "$job"
    status=$?
    job=""

    bad=$(($(total "$report" failed) + $(total "$report" errors)))
    if [ "$bad" -eq 0 ] && [ $status -ne 0 ] && ! { [ $status -eq 8 ] && [ $# -gt 0 ]; }; then
        bad=1 # a crash, a time-out (124), or no tests at all (8), which only a filter explains
        echo "test.sh: $name ended with exit code $status"
    fi
    passed=$((passed + $(total "$report" passed)))
    failed=$((failed + bad))
    skipped=$((skipped + $(total "$report" skipped)))
}

for project in tests/*.Tests/*.Tests.csproj; do
    [ ! -f "$project" ] || run "$(basename "$project" .csproj)" "$project" "$@"
done

# What calls and failures look like must not depend on whether calls share messages.
if [ $# -eq 0 ]; then
    RPCGEN_TEST_BATCHING=off run RpcGen.EndToEnd.Tests.Unbatched tests/RpcGen.EndToEnd.Tests/RpcGen.EndToEnd.Tests.csproj \
        --filter-namespace RpcGen.EndToEnd.Tests.Calls --filter-namespace RpcGen.EndToEnd.Tests.Failures
fi
