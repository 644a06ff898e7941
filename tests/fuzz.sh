#!/usr/bin/env bash
# Looks with AFL++ for inputs that a decoder of the runtime does not handle. Keeps inputs that take new branches.
#
#   tests/fuzz.sh DECODER SECONDS    one decoder: dotnet run -c Release --project tests/RpcGen.Fuzzing -- help lists them
#   tests/fuzz.sh all SECONDS        each of them for so long
#
# Needs afl-fuzz (Debian: afl++). Exit code 1 if an input makes a decoder fail or hang: it is then in artifacts/fuzzing/DECODER.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=${1:?which decoder}
seconds=${2:?how many seconds}
command -v afl-fuzz >/dev/null || { echo "fuzz.sh: there is no afl-fuzz; install AFL++ (apt-get install afl++)" >&2; exit 2; }

dotnet build -c Release -v q tests/RpcGen.Fuzzing
dotnet tool restore >/dev/null
program=artifacts/fuzzing/program
rm -rf "$program"
mkdir -p artifacts/fuzzing
cp -r tests/RpcGen.Fuzzing/bin/Release/net10.0 "$program"
dotnet sharpfuzz "$program/RpcGen.dll"

names=("$name")
if [ "$name" = all ]; then
    names=()
    for file in tests/RpcGen.Fuzzing/Corpus/*.txt; do
        names+=("$(basename "$file" .txt)")
    done
fi

status=0
for each in "${names[@]}"; do
    folder=artifacts/fuzzing/$each
    rm -rf "$folder"
    dotnet tests/RpcGen.Fuzzing/bin/Release/net10.0/RpcGen.Fuzzing.dll unpack "$each" "$folder/in"
    # The program is .NET and is started once: AFL++'s checks of a native binary do not apply.
    AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 DOTNET_TieredPGO=0 \
        afl-fuzz -i "$folder/in" -o "$folder/out" -V "$seconds" -t 10000 -m none -G 4096 \
        -- dotnet "$program/RpcGen.Fuzzing.dll" fuzz "$each" >"$folder/log" || { tail -n 20 "$folder/log" >&2; exit 1; }
    stats() { sed -n "s/^$1 *: *//p" "$folder/out/default/fuzzer_stats"; }
    echo "$each: $(stats execs_done) inputs, $(stats corpus_count) kept, $(stats edges_found) branches, $(stats saved_crashes) failed, $(stats saved_hangs) hung"
    [ "$(stats saved_crashes)" = 0 ] && [ "$(stats saved_hangs)" = 0 ] || status=1
    dotnet tests/RpcGen.Fuzzing/bin/Release/net10.0/RpcGen.Fuzzing.dll pack "$each" "$folder/out/default/queue"
done
exit $status
