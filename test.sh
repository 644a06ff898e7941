#!/usr/bin/env bash
# Builds everything and runs all tests. The last line is the result. Installs missing dependencies (Debian, Ubuntu),
# except the .NET SDK.
#
#   ./test.sh                                   all tests, on a private RabbitMQ that the script starts
#   ./test.sh --filter-class '*ConnectionTests' arguments go to each test project (dotnet test --help lists them)
#   ./test.sh --brokers all                     then the end-to-end tests on RabbitMQ 4.0 and Debian's latest too (needs root)
#   RPCGEN_TEST_BROKER=amqp://... ./test.sh     all tests on that broker; tests that break a broker start their own
#
# The script sets these variables for the tests: RPCGEN_TEST_BROKER (url), RPCGEN_TEST_BROKER_DIR (private broker only, for
# tests/broker.sh), RPCGEN_TEST_PYTHON, RPCGEN_TEST_NODE and RPCGEN_TEST_CHROMIUM (programs for tests/peers), and RPCGEN_TEST_TEMP, a folder
# that is deleted at the end. Brokers that are still running in its subfolders are stopped first.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0 failed=0 skipped=0 job="" beside=() titles=()
temp=$(mktemp -d) || exit 1

finish() {
    local status=$? broker running
    trap - EXIT
    trap '' INT TERM
    for running in $job "${beside[@]}"; do # interrupted: pass the signal on to the tests
        kill "$running" 2>/dev/null
        wait "$running"
    done
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ] || [ "$status" -ne 0 ] || status=1
    if [ "$status" -ne 0 ] && [ -f "$temp/broker/broker.log" ]; then
        echo "--- the end of the broker's log"
        tail -n 40 "$temp/broker/broker.log"
    fi
    for broker in "$temp"/*/settings; do
        [ ! -f "$broker" ] || bash tests/broker.sh stop "$(dirname "$broker")"
    done
    "${RPCGEN_TEST_PYTHON:-python3}" tests/show_failures.py "$temp"/results/*.xml 2>/dev/null
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

# Runs a command; shows its output only if it fails.
quietly() {
    "$@" >"$temp/log" 2>&1 || { cat "$temp/log" >&2; return 1; }
}

# --- Dependencies

# The peers' libraries are installed from the distribution's packages, so the first python3 in PATH may not have them.
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
    command -v apt-get >/dev/null || fail "install $* (apt-get is not available)"
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || fail "install $* (this script needs root or sudo without a password)"
        sudo=(sudo -n)
    fi
    step "installing $*"
    quietly "${sudo[@]}" apt-get update || echo "test.sh: could not update the package lists" >&2
    # Keeps Debian from starting the installed services.
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

other_brokers=()
if [ "${1:-}" = --brokers ]; then
    [ "${2:-}" = all ] || fail "--brokers takes one value: all"
    other_brokers=(trixie sid) # releases of Debian
    shift 2
fi

dotnet --version >/dev/null 2>&1 || fail "the .NET SDK 10 is missing: https://dotnet.microsoft.com/download"

missing=()
have_broker || missing+=(rabbitmq-server)
find_python >/dev/null || missing+=(python3-aio-pika python3-pika)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
command -v chromium >/dev/null || missing+=(chromium)
# NativeAOT links with one of these, and zlib.
command -v clang >/dev/null || command -v gcc >/dev/null || missing+=(gcc)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"

RPCGEN_TEST_PYTHON=$(find_python) || fail "no python3 has aio_pika and pika"
RPCGEN_TEST_NODE=$(command -v node) || fail "node is missing"
RPCGEN_TEST_CHROMIUM=$(command -v chromium) || fail "chromium is missing"
export RPCGEN_TEST_PYTHON RPCGEN_TEST_NODE RPCGEN_TEST_CHROMIUM

# Nothing to do if npm's record of the installation is newer than the lock file.
if ! [ tests/peers/node/node_modules/.package-lock.json -nt tests/peers/node/package-lock.json ]; then
    (cd tests/peers/node && quietly npm ci) || fail "npm ci failed in tests/peers/node"
fi

# --- Build

step "building"
# Without build servers, which would keep running after this script.
dotnet build RpcGen.sln -c Release --disable-build-servers || fail "the build failed"
dotnet build tests/RpcGen.Tests -c Debug --no-restore -p:RunAnalyzers=false --disable-build-servers || fail "the build with assertions failed" # analyzed above

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

# Prints a total from xunit's report; 0 if there is no report.
total() { # REPORT NAME
    local value
    value=$(grep -o '<assembly [^>]*>' "$1" 2>/dev/null | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | head -n 1)
    echo "${value:-0}"
}

configuration=Release
run() { # REPORT PROJECT ARGUMENT...: runs a project's tests and adds their totals
    local name=$1 project=$2 report=$temp/results/$1.xml status bad
    shift 2
    step "$name"
    # In the background, because bash handles signals only while it waits. The timeout ends tests that hang.
    timeout --kill-after=10 30m dotnet test --project "$project" --no-build -c "$configuration" \
        --results-directory "$temp/results" --report-xunit-xml --report-xunit-xml-filename "$name.xml" "$@" &
    job=$!
    wait "$job"
    status=$?
    job=""

    bad=$(($(total "$report" failed) + $(total "$report" errors)))
    if [ "$bad" -eq 0 ] && [ $status -ne 0 ] && ! { [ $status -eq 8 ] && [ $# -gt 0 ]; }; then
        bad=1 # a crash, a timeout (124), or no tests (8), which is expected only with a filter
        echo "test.sh: $name ended with exit code $status"
    fi
    passed=$((passed + $(total "$report" passed)))
    failed=$((failed + bad))
    skipped=$((skipped + $(total "$report" skipped)))
}

# Prints a number of the last line of a log, "N passed, N failed, N skipped".
counted() { # LOG NAME
    tail -n 1 "$1" | grep -o "[0-9]* $2" | grep -o '[0-9]*' || echo 0
}

# Adds the totals of a test program that is not an xunit project.
add_totals() { # NAME LOG STATUS
    local bad
    cat "$2"
    bad=$(counted "$2" failed)
    if [ "$bad" -eq 0 ] && [ "$3" -ne 0 ]; then
        bad=1 # a crash, or a timeout (124)
        echo "test.sh: $1 ended with exit code $3"
    fi
    passed=$((passed + $(counted "$2" passed)))
    failed=$((failed + bad))
}

run_program() { # NAME ARGUMENT...
    local name=$1 status
    step "$*"
    shift
    timeout --kill-after=10 15m "tests/$name/bin/Release/net10.0/$name" "$@" >"$temp/$name.log" 2>&1 &
    job=$!
    wait "$job"
    status=$?
    job=""
    add_totals "$name" "$temp/$name.log" "$status"
}

# Runs a test program with what others leave of the processors.
run_beside() { # NAME ARGUMENT...
    nice -n 19 timeout --kill-after=10 15m "tests/$1/bin/Release/net10.0/$1" "${@:2}" >"$temp/beside${#beside[@]}.log" 2>&1 &
    beside+=($!)
    titles+=("$*")
}

for project in tests/*.Tests/*.Tests.csproj; do
    [ ! -f "$project" ] || run "$(basename "$project" .csproj)" "$project" "$@"
done

if [ $# -eq 0 ]; then
    # Debug.Assert checks the states of calls, batches, deliveries and streams.
    configuration=Debug run RpcGen.Tests.Debug tests/RpcGen.Tests/RpcGen.Tests.csproj \
        --filter-namespace 'RpcGen.Tests.Client*' --filter-namespace 'RpcGen.Tests.Server*' --filter-namespace 'RpcGen.Tests.Streams*' \
        --filter-namespace 'RpcGen.Tests.Connections*' --filter-namespace 'RpcGen.Tests.Transports*'
    run_beside RpcGen.Simulation --schedules 20000 # uses one core
    # Calls and failures must behave the same without batching. Connections do not know about it.
    RPCGEN_TEST_BATCHING=off run RpcGen.EndToEnd.Tests.Unbatched tests/RpcGen.EndToEnd.Tests/RpcGen.EndToEnd.Tests.csproj \
        --filter-namespace RpcGen.EndToEnd.Tests.Calls --filter-namespace RpcGen.EndToEnd.Tests.Failures
    run_program RpcGen.Fuzzing
    run_beside RpcGen.Simulation --checks
    run_program RpcGen.Chaos --seconds 40
    for program in "${!beside[@]}"; do
        step "${titles[program]}"
        wait "${beside[program]}"
        add_totals "${titles[program]}" "$temp/beside$program.log" $?
    done
    beside=()
fi

for release in "${other_brokers[@]}"; do
    step "RabbitMQ of Debian $release"
    RABBITMQ_SBIN=$(bash tests/broker-versions.sh "$release") || fail "no RabbitMQ of Debian $release"
    export RABBITMQ_SBIN
    RPCGEN_TEST_BROKER=$(bash tests/broker.sh start "$temp/broker-$release") || fail "no broker"
    RPCGEN_TEST_BROKER_DIR=$temp/broker-$release
    export RPCGEN_TEST_BROKER_DIR
    run "RpcGen.EndToEnd.Tests.$release" tests/RpcGen.EndToEnd.Tests/RpcGen.EndToEnd.Tests.csproj "$@"
done
