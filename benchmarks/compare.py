#!/usr/bin/env python3
"""Compares RpcGen of two builds: runs their `wire` benchmarks in turn on one broker and prints the ratio of each row.

    benchmarks/compare.py BEFORE AFTER [--rounds 7] [--seconds 0.3] [--peers rpcgen,rpcgen-once,rpcgen-idempotent]

BEFORE and AFTER are commits of this repository, or folders with a checkout. Each is built in a temporary clone. The order of
the two changes with each round. A ratio above 1 means that AFTER is better: more calls a second, less CPU, less latency, fewer
bytes. `floor` is the same code in both builds: its row shows the noise.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURES = {"calls/s": (1, True), "p50": (3, False), ".NET CPU": (5, False), "bytes": (8, False)}


def build(version: str, folder: pathlib.Path) -> pathlib.Path:
    source = pathlib.Path(version)
    if not source.is_dir():
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        subprocess.run(["git", "-C", str(folder), "checkout", "--quiet", "--detach", version], check=True)
        source = folder
    project = source / "benchmarks" / "RpcGen.Benchmarks"
    subprocess.run(["dotnet", "build", str(project), "-c", "Release", "-v", "quiet", "--nologo"], check=True, stdout=sys.stderr)
    return project / "bin" / "Release" / "net10.0" / "RpcGen.Benchmarks"


def number(cell: str) -> float:
    match = re.match(r"([\d.]+)(k?)", cell)
    return float(match[1]) * (1000 if match[2] else 1) if match else float("nan")


def run(program: pathlib.Path, broker: str, options: argparse.Namespace, output: pathlib.Path) -> dict:
    subprocess.run(
        [program, "wire", "--broker", broker, "--peers", "floor," + options.peers, "--rounds", str(options.inner), "--seconds", str(options.seconds),
         "--callers", options.callers, "--workloads", options.workloads, "--output", output],
        check=True, stdout=subprocess.DEVNULL)
    rows, scene = {}, ""
    for line in output.read_text().splitlines():
        if line.startswith("## "):
            scene = line[3:]
        elif line.startswith("| ") and "callers" in scene:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells[0] != "peer":
                for figure, (column, _) in FIGURES.items():
                    rows[scene, cells[0], figure] = number(cells[column])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--rounds", type=int, default=7, help="how often both builds run (default: 7)")
    parser.add_argument("--inner", type=int, default=3, help="rounds within one run (default: 3)")
    parser.add_argument("--seconds", type=float, default=0.3, help="length of one measurement (default: 0.3)")
    parser.add_argument("--peers", default="rpcgen,rpcgen-once,rpcgen-idempotent")
    parser.add_argument("--callers", default="1,64,256")
    parser.add_argument("--workloads", default="add,echo")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="rpcgen-compare-") as temp:
        folder = pathlib.Path(temp)
        programs = {"before": build(options.before, folder / "before"), "after": build(options.after, folder / "after")}
        broker_script, broker = str(ROOT / "tests" / "broker.sh"), str(folder / "broker")
        url = subprocess.run(["bash", broker_script, "start", broker], check=True, capture_output=True, text=True).stdout.strip()
        try:
            results: dict = {"before": [], "after": []}
            for index in range(options.rounds):
                order = ["before", "after"] if index % 2 == 0 else ["after", "before"]
                for name in order:
                    results[name].append(run(programs[name], url, options, folder / "wire.md"))
                print(f"round {index + 1} of {options.rounds}", file=sys.stderr)
        finally:
            subprocess.run(["bash", broker_script, "stop", broker], check=True)

    print("| scene | peer | " + " | ".join(FIGURES) + " |")
    print("|---|---|" + "---|" * len(FIGURES))
    for scene, peer in dict.fromkeys((scene, peer) for scene, peer, _ in results["before"][0]):
        cells = []
        for figure, (_, more_is_better) in FIGURES.items():
            key = (scene, peer, figure)
            ratios = [(a[key] / b[key]) if more_is_better else (b[key] / a[key]) for b, a in zip(results["before"], results["after"])]
            cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})")
        print(f"| {scene} | {peer} | " + " | ".join(cells) + " |")


main()
