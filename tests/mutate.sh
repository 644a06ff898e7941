#!/usr/bin/env bash
# Mutation testing: changes the code in small ways and counts how many of the changes the unit tests notice.
#
#   tests/mutate.sh Connections                          a folder of src/RpcGen
#   tests/mutate.sh Transport/InMemory Protocol          several
#   tests/mutate.sh Transport/RabbitMq/AmqpWriter.cs     a file
#   tests/mutate.sh --tests RpcGen.Generators.Tests Emitting
#                                                        another test project that has a stryker-config.json
#
# Prints the mutants that survived or timed out, then a table: one line per folder, with the score. Only killed mutants
# count for the score. CONTRIBUTING.md says how to read the result. Installs dotnet-stryker into artifacts/tools on first
# use (RPCGEN_TOOLS names another folder). Reports go to artifacts/mutation.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
tools="${RPCGEN_TOOLS:-$root/artifacts/tools}"
version=5.1.0

tests=RpcGen.Tests
if [ "${1:-}" = --tests ]; then
    tests="$2"
    shift 2
fi

[ $# -gt 0 ] || { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ -x "$tools/dotnet-stryker" ] || dotnet tool install --tool-path "$tools" dotnet-stryker --version "$version" >&2

patterns=()
for target in "$@"; do
    case "$target" in
        *.cs) patterns+=(-m "**/$target") ;;
        *) patterns+=(-m "**/${target%/}/**") ;;
    esac
done

export RPCGEN_TEST_BOUND="${RPCGEN_TEST_BOUND:-2}" # seconds: a mutant that hangs fails soon

output="$root/artifacts/mutation/$tests-$(echo "$*" | tr -c 'A-Za-z0-9\n' '-')"
rm -rf "$output"
mkdir -p "$output"
cd "$root/tests/$tests"
nice -n 15 "$tools/dotnet-stryker" "${patterns[@]}" -O "$output" >"$output/log" 2>&1 || { tail -n 40 "$output/log" >&2; exit 1; }

python3 - "$output/reports/mutation-report.json" <<'EOF'
import collections, json, os, sys

report = json.load(open(sys.argv[1]))
counted = ("Killed", "Survived", "NoCoverage", "Timeout")
tally = collections.defaultdict(collections.Counter)
common = os.path.commonpath(report["files"]) if report["files"] else ""
for path, file in sorted(report["files"].items()):
    name = os.path.relpath(path, common)
    lines = file["source"].split("\n")
    for mutant in file["mutants"]:
        start = mutant["location"]["start"]
        line = lines[start["line"] - 1]
        # The thread pool's queue of choice changes speed, never a result.
        is_prefer_local = line[: start["column"] - 1].rstrip().endswith("preferLocal:")
        if mutant["status"] not in counted or is_prefer_local:
            continue
        tally[os.path.dirname(name) or "."][mutant["status"]] += 1
        if mutant["status"] != "Killed":
            change = " ".join(mutant["replacement"].split())[:70]
            print(f"{mutant['status']:<11}{name}:{start['line']}  {line.strip()[:80]}  ->  {change}")

print(f"\n{'killed':>8}{'survived':>10}{'uncovered':>11}{'timeout':>9}{'score':>8}  folder")
total = sum(tally.values(), collections.Counter())
for folder, of in [*sorted(tally.items()), *([("total", total)] if len(tally) > 1 else [])]:
    count = sum(of.values())
    print(f"{of['Killed']:>8}{of['Survived']:>10}{of['NoCoverage']:>11}{of['Timeout']:>9}{of['Killed'] / count:>8.0%}  {folder}"
          + (f"  (timeouts {of['Timeout'] / count:.0%}: bound the tests)" if of["Timeout"] > count * 0.05 else ""))
EOF
