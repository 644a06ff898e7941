#!/usr/bin/env python3
"""Estimates mutation scores from a random sample: tests/mutate.sh tries every mutant of a folder, which takes hours for all.

    tests/mutation_sample.py [--size 100] [--seed 1] [FOLDER...]     folders of src/RpcGen; default: each of them

dotnet-stryker makes all mutants in one build, in which a file selects the active one. Each mutant of the sample runs the unit
tests of its folder, then all unit tests, until one fails. A run without mutant is mixed in after every 20 mutants: its tests
must pass, else the machine is too busy and the scores are worthless. Prints the mutants that no test noticed, and for each
folder the share that was killed with its 95 % confidence interval (Wilson). Needs Python 3.10 and dotnet-stryker, which it
installs into artifacts/tools (RPCGEN_TOOLS names another folder).
"""

import argparse
import json
import math
import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "RpcGen.Tests"
OUTPUT = ROOT / "artifacts" / "mutation" / "sample"
VERSION = "5.1.0"
RUN_SECONDS = 240
BOUND_SECONDS = "20"  # how long a unit test waits for what should happen at once: long, because other programs may run
CONTROL_EVERY = 20
NO_MUTANT = -1


def make_mutants() -> tuple[dict, pathlib.Path]:
    """Builds the assembly with all mutants. Returns stryker's report and a copy of the test program."""
    tools = pathlib.Path(os.environ.get("RPCGEN_TOOLS", ROOT / "artifacts" / "tools"))
    if not (tools / "dotnet-stryker").exists():
        subprocess.run(["dotnet", "tool", "install", "--tool-path", tools, "dotnet-stryker", "--version", VERSION], check=True, stdout=sys.stderr)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    settings = json.loads((TESTS / "stryker-config.json").read_text())
    # One quick test, because stryker runs it for each mutant: only the ids of its report are of use.
    settings["stryker-config"] |= {"coverage-analysis": "all", "test-case-filter": "FullyQualifiedName~LimitedLogTests.Ordinary_text_stays", "reporters": ["json"]}
    config = OUTPUT / "stryker-config.json"
    config.write_text(json.dumps(settings))
    with open(OUTPUT / "log", "w") as log:
        subprocess.run([tools / "dotnet-stryker", "-f", config, "-O", OUTPUT], cwd=TESTS, stdout=log, stderr=subprocess.STDOUT, check=False)
    report = OUTPUT / "reports" / "mutation-report.json"
    if not report.exists():
        sys.exit(f"dotnet-stryker made no report, see {OUTPUT / 'log'}.")
    shutil.copytree(TESTS / "bin" / "Debug" / "net10.0", OUTPUT / "bin")
    return json.loads(report.read_text()), OUTPUT / "bin" / "RpcGen.Tests"


def read_mutants(report: dict) -> list[dict]:
    mutants = []
    for path, file in report["files"].items():
        name = re.sub(r".*src/RpcGen/", "", path)
        lines = file["source"].split("\n")
        for mutant in file["mutants"]:
            start = mutant["location"]["start"]
            line = lines[start["line"] - 1]
            is_only_speed = line[: start["column"] - 1].rstrip().endswith("preferLocal:")
            if mutant["status"] not in ("Ignored", "CompileError") and not is_only_speed:
                mutants.append({
                    "id": int(mutant["id"]), "file": name, "folder": name.split("/")[0] if "/" in name else ".",
                    "where": f"{name}:{start['line']}", "line": line.strip(), "change": " ".join(mutant["replacement"].split())})
    return mutants


def run(program: pathlib.Path, mutant: int, *arguments: str) -> str:
    switch = OUTPUT / "mutant"
    switch.write_bytes(struct.pack("<i", mutant))
    environment = os.environ | {"STRYKER_MUTANT_FILE": str(switch), "RPCGEN_TEST_BOUND": BOUND_SECONDS}
    try:
        done = subprocess.run([program, "-stopOnFail", "-noColor", *arguments], env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "timeout"
    return "survived" if done.returncode == 0 else "killed"


def try_mutant(program: pathlib.Path, mutant: dict) -> str:
    near = run(program, mutant["id"], "-namespace", f"RpcGen.Tests.{mutant['folder']}*") if mutant["folder"] != "." else "survived"
    return near if near != "survived" else run(program, mutant["id"])


def interval(part: int, whole: int) -> tuple[float, float]:
    z, share = 1.96, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return middle - half, middle + half


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--size", type=int, default=100, help="mutants of each folder (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the mutants (default: 1)")
    options = parser.parse_args()
    report, program = make_mutants()
    mutants = read_mutants(report)
    folders = options.folders or sorted({mutant["folder"] for mutant in mutants})
    scores, count, false_alarms = [], 0, 0
    for folder in folders:
        all_of_folder = [mutant for mutant in mutants if mutant["folder"] == folder]
        sample = random.Random(options.seed).sample(all_of_folder, min(options.size, len(all_of_folder)))
        results = []
        for mutant in sample:
            if count % CONTROL_EVERY == 0:
                false_alarms += run(program, NO_MUTANT) != "survived"
            count += 1
            results.append(try_mutant(program, mutant))
            if results[-1] != "killed":
                print(f"{results[-1]:<9}{mutant['where']}  {mutant['line'][:90]}  ->  {mutant['change'][:70]}", flush=True)
        killed = results.count("killed")
        scores.append((folder, len(all_of_folder), len(sample), killed, results.count("timeout")))
        print(f"          {folder}: {killed} of {len(sample)} killed", file=sys.stderr, flush=True)
    print(f"\n{'mutants':>8}{'sample':>8}{'killed':>8}{'timeout':>9}{'score':>7}  95 %     folder")
    for folder, whole, size, killed, timeouts in scores:
        low, high = interval(killed, size)
        print(f"{whole:>8}{size:>8}{killed:>8}{timeouts:>9}{killed / size:>7.0%}  {low:.0%}-{high:.0%}  {folder}")
    print(f"{false_alarms} of {math.ceil(count / CONTROL_EVERY)} runs without mutant failed")


if __name__ == "__main__":
    main()
