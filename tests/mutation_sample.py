#!/usr/bin/env python3
"""Estimates mutation scores from a random sample: tests/mutate.sh tries every mutant of a folder, which takes hours for all.

    tests/mutation_sample.py [--size 100] [--seed 1] [--reuse] [FOLDER...]     folders of src/RpcGen; default: each of them
    tests/mutation_sample.py --tests RpcGen.Generators.Tests [FOLDER...]       folders of generators/RpcGen.Generators

dotnet-stryker makes all mutants in one build, in which a file selects the active one. Each mutant of the sample runs the unit
tests of its folder, then all unit tests, until one fails. A run without mutant is mixed in after every 20 mutants: its tests
must pass, else the machine is too busy and the scores are worthless. A test that fails kills a mutant only if it fails again by
itself, and passes without the mutant. Prints the mutants that no test noticed, and for each
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
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "artifacts" / "mutation" / "sample"
VERSION = "5.1.0"
RUN_SECONDS = 240
BOUND_SECONDS = "20"  # how long a unit test waits for what should happen at once: long, because other programs may run
CONTROL_EVERY = 20
NO_MUTANT = -1


class Subject:
    """A test project, and the assembly that it tests."""

    def __init__(self, tests: str, sources: str, quick_test: str):
        self.name = tests
        self.folder = ROOT / "tests" / tests
        self.sources = sources
        self.assembly = pathlib.Path(sources).name + ".dll"
        self.quick_test = quick_test
        self.output = OUTPUT / tests
        # Tests of the architecture find the types that dotnet-stryker adds.
        self.all_tests = ("-namespace-", f"{tests}.Architecture*")


SUBJECTS = [
    Subject("RpcGen.Tests", "src/RpcGen", "FullyQualifiedName~LimitedLogTests.Ordinary_text_stays"),
    Subject("RpcGen.Generators.Tests", "generators/RpcGen.Generators", "FullyQualifiedName~JsonNamesTests"),
]
SWITCH = "STRYKER_MUTANT_FILE".encode("utf-16-le")  # the name is in an assembly with mutants


def make_mutants(subject: Subject) -> tuple[dict, pathlib.Path]:
    """Builds the assembly with all mutants. Returns stryker's report and a copy of the test program."""
    tools = pathlib.Path(os.environ.get("RPCGEN_TOOLS", ROOT / "artifacts" / "tools"))
    if not (tools / "dotnet-stryker").exists():
        subprocess.run(["dotnet", "tool", "install", "--tool-path", tools, "dotnet-stryker", "--version", VERSION], check=True, stdout=sys.stderr)
    shutil.rmtree(subject.output, ignore_errors=True)
    subject.output.mkdir(parents=True)
    settings = json.loads((subject.folder / "stryker-config.json").read_text())
    # One quick test, because stryker runs it for each mutant: only the ids of its report are of use.
    settings["stryker-config"] |= {"coverage-analysis": "all", "test-case-filter": subject.quick_test, "reporters": ["json"]}
    config = subject.output / "stryker-config.json"
    config.write_text(json.dumps(settings))
    with open(subject.output / "log", "w") as log, subprocess.Popen([tools / "dotnet-stryker", "-f", config, "-O", subject.output], cwd=subject.folder, stdout=log, stderr=subprocess.STDOUT) as stryker:
        copy_with_mutants(subject, stryker)
    report = subject.output / "reports" / "mutation-report.json"
    if not report.exists() or not (subject.output / "bin").exists():
        sys.exit(f"dotnet-stryker made no report or no mutants, see {subject.output / 'log'}.")
    return read_last(subject)


def read_last(subject: Subject) -> tuple[dict, pathlib.Path]:
    return json.loads((subject.output / "reports" / "mutation-report.json").read_text()), subject.output / "bin" / subject.name


def copy_with_mutants(subject: Subject, stryker: subprocess.Popen) -> None:
    """Copies the test program while its assembly has the mutants: at the end, dotnet-stryker puts the original back."""
    output = subject.output
    assembly = subject.folder / "bin" / "Debug" / "net10.0" / subject.assembly
    while stryker.poll() is None:
        if (output / "bin").exists():
            stryker.wait()
        elif assembly.exists() and SWITCH in assembly.read_bytes() and "Initial test run started" in (output / "log").read_text():
            shutil.copytree(assembly.parent, output / "copy")
            (output / "copy").rename(output / "bin")
        else:
            time.sleep(0.2)
    if (output / "bin").exists() and SWITCH not in (output / "bin" / subject.assembly).read_bytes():
        sys.exit("The copied assembly has no mutants.")


def read_mutants(subject: Subject, report: dict) -> list[dict]:
    mutants = []
    for path, file in report["files"].items():
        name = path.split(subject.sources + "/")[-1]
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


def run(program: pathlib.Path, mutant: int, *arguments: str) -> tuple[str, str]:
    """Returns the outcome and, if a test failed, its name."""
    switch = program.parent.parent / "mutant"
    switch.write_bytes(struct.pack("<i", mutant))
    environment = os.environ | {"STRYKER_MUTANT_FILE": str(switch), "RPCGEN_TEST_BOUND": BOUND_SECONDS}
    try:
        done = subprocess.run([program, "-stopOnFail", "-noColor", *arguments], env=environment, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "timeout", ""
    failed = re.search(r"^ *(RpcGen\.[\w.+`]+)\S*.* \[FAIL\]", done.stdout, re.MULTILINE)
    return ("survived" if done.returncode == 0 else "killed"), failed[1] if failed else ""


def try_mutant(subject: Subject, program: pathlib.Path, mutant: dict) -> str:
    near = run_and_confirm(program, mutant["id"], "-namespace", f"{subject.name}.{mutant['folder']}*") if mutant["folder"] != "." else "survived"
    return near if near != "survived" else run_and_confirm(program, mutant["id"], *subject.all_tests)


def run_and_confirm(program: pathlib.Path, mutant: int, *arguments: str) -> str:
    """On a busy machine, a test can fail without a mutant. Only one that fails again with it, and passes without it, kills it."""
    outcome, test = run(program, mutant, *arguments)
    if outcome != "killed" or not test:
        return outcome
    alone = run(program, mutant, "-method", test)[0]
    return "killed" if alone != "survived" and run(program, NO_MUTANT, "-method", test)[0] == "survived" else "survived"


def interval(part: int, whole: int) -> tuple[float, float]:
    z, share = 1.96, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return middle - half, middle + half


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--tests", default=SUBJECTS[0].name, choices=[subject.name for subject in SUBJECTS], help="the test project")
    parser.add_argument("--size", type=int, default=100, help="mutants of each folder (default: 100)")
    parser.add_argument("--reuse", action="store_true", help="use the mutants of the last run")
    parser.add_argument("--seed", type=int, default=1, help="chooses the mutants (default: 1)")
    options = parser.parse_args()
    subject = next(subject for subject in SUBJECTS if subject.name == options.tests)
    report, program = read_last(subject) if options.reuse else make_mutants(subject)
    mutants = read_mutants(subject, report)
    folders = options.folders or sorted({mutant["folder"] for mutant in mutants})
    outcome, test = run(program, NO_MUTANT, *subject.all_tests)
    if outcome != "survived":
        sys.exit(f"{test or 'The tests'} failed without a mutant, in a Debug build: no score would mean anything.")
    scores, count, false_alarms = [], 0, 0
    for folder in folders:
        all_of_folder = [mutant for mutant in mutants if mutant["folder"] == folder]
        sample = random.Random(options.seed).sample(all_of_folder, min(options.size, len(all_of_folder)))
        results = []
        for mutant in sample:
            if count % CONTROL_EVERY == 0:
                false_alarms += run(program, NO_MUTANT, *(["-namespace", f"{subject.name}.{folder}*"] if folder != "." else subject.all_tests))[0] != "survived"
            count += 1
            results.append(try_mutant(subject, program, mutant))
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
