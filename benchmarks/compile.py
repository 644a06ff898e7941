#!/usr/bin/env python3
"""Compares what contracts cost the compiler: builds the same contracts with several libraries in turn, and prints the CPU time.

    benchmarks/compile.py [--contracts 100] [--methods 10] [--rounds 5] [--peers interfaces,rpcgen,refit,streamjsonrpc,grpc]
    benchmarks/compile.py --profile      which part of the compiler's time goes to generators and analyzers, with RpcGen

A peer is a project with one file for each contract. Each measurement deletes its output and runs `dotnet build --no-restore -m:1`
without build servers, so that all processes end: the figure is their user and system CPU time, cold. `interfaces` is RpcGen's project without
generator and analyzers; "above" is the difference to it. Build RpcGen.sln in Release first: that generator is used. Other packages come from NuGet.
"""

import argparse
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVERLESS = {"DOTNET_CLI_USE_MSBUILD_SERVER": "0", "MSBUILDDISABLENODEREUSE": "1", "DOTNET_NOLOGO": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"}
ITEM = "public sealed record Item(int Quantity, string Name, decimal Price);"
PARAMETERS = "int number, {0}Item item, string? hint = null, CancellationToken cancellationToken = default"


def lines(methods: int, line) -> str:
    return "\n".join("    " + line(i) for i in range(methods))


def contract(attributes: str, modifiers: str, number: int, methods: int, method_attributes=lambda i: "", body: str = "") -> str:
    """A contract in C#."""
    return f"""namespace Shop.Part{number};

{ITEM}

{attributes}
public {modifiers}interface IShop
{{
{lines(methods, lambda i: f"{method_attributes(i)}Task<Item> Method{i}Async({PARAMETERS.format(body)});")}
}}
"""


def proto(number: int, methods: int) -> str:
    return f"""syntax = "proto3";
package shop.part{number};
option csharp_namespace = "Shop.Part{number}";
message Item {{ int32 quantity = 1; string name = 2; string price = 3; }}
message Request {{ int32 number = 1; Item item = 2; optional string hint = 3; }}
service Shop {{
{lines(methods, lambda i: f"rpc Method{i} (Request) returns (Item);")}
}}
"""


def references(with_generator: bool) -> str:
    """RpcGen as its package gives it to a project."""
    def assembly(project: str) -> pathlib.Path:
        found = sorted((ROOT / project / "bin" / "Release").rglob(f"{pathlib.Path(project).name}.dll"))
        if not found:
            sys.exit(f"compile.py: {project} is not built: run dotnet build RpcGen.sln -c Release")
        return found[0]

    items = f'<Reference Include="{assembly("src/RpcGen.Abstractions")}" />'
    if with_generator:
        for project in ("generators/RpcGen.Generators", "generators/RpcGen.CodeFixes"):
            items += f'<Analyzer Include="{assembly(project)}" />'
    return items


def package(name: str) -> str:
    """A package in the version that was compared for docs/generator.md."""
    versions = {"Refit": "16.4.0", "StreamJsonRpc": "2.26.150", "Grpc.Tools": "2.85.0", "Grpc.Core.Api": "2.*", "Google.Protobuf": "3.*"}
    return f'<PackageReference Include="{name}" Version="{versions[name]}" PrivateAssets="all" />'


# The items of the project, and the file of a contract.
PEERS = {
    "interfaces": (lambda: references(False), lambda n, m: contract("", "", n, m)),
    "rpcgen": (lambda: references(True), lambda n, m: contract("[RpcGen.AmqpRpc]", "partial ", n, m)),
    "refit": (lambda: package("Refit"), lambda n, m: contract("", "", n, m, lambda i: f'[Refit.Post("/method{i}/{{number}}")] ', "[Refit.Body] ")),
    "streamjsonrpc": (lambda: package("StreamJsonRpc"), lambda n, m: contract("[StreamJsonRpc.JsonRpcContract]", "partial ", n, m)),
    "grpc": (
        lambda: package("Grpc.Tools") + package("Grpc.Core.Api") + package("Google.Protobuf") + '<Protobuf Include="*.proto" GrpcServices="Both" />',
        proto,
    ),
}


def create(folder: pathlib.Path, peer: str, contracts: int, methods: int) -> pathlib.Path:
    items, source = PEERS[peer]
    project = folder / peer
    project.mkdir(parents=True)
    # Only the library's own messages matter here, and not the style of the contracts.
    (project / f"Peer.{peer}.csproj").write_text(f"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <NuGetAudit>false</NuGetAudit>
    <RootNamespace>Shop</RootNamespace>
    <NoWarn>$(NoWarn);NU1603</NoWarn>
  </PropertyGroup>
  <ItemGroup>{items()}</ItemGroup>
</Project>
""")
    for number in range(contracts):
        (project / f"Contract{number}{'.proto' if peer == 'grpc' else '.cs'}").write_text(source(number, methods))
    run(["dotnet", "restore", str(project)])
    return project


def run(command: list, **options) -> str:
    done = subprocess.run(command, env=os.environ | SERVERLESS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"compile.py: {' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


def build(project: pathlib.Path, *options: str) -> str:
    shutil.rmtree(project / "bin", ignore_errors=True)
    shutil.rmtree(project / "obj" / "Debug", ignore_errors=True)
    return run(["dotnet", "build", str(project), "--no-restore", "-m:1", "-nodeReuse:false", "-p:UseSharedCompilation=false", *options])


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(project: pathlib.Path) -> float:
    before = cpu()
    build(project)
    return cpu() - before


def profile(project: pathlib.Path) -> None:
    # Lines of the report: seconds, percent, and an assembly or one of its generators or analyzers.
    part = re.compile(r"^\s*<?[\d.]+\s+<?\d+\s+(RpcGen|Microsoft\.CodeAnalysis\S*NetAnalyzers,)")
    report = [line for line in build(project, "-p:ReportAnalyzer=true", "-v:detailed").splitlines() if " execution time: " in line or part.match(line)]
    if not any("RpcGenerator" in line for line in report):
        sys.exit("compile.py: the compiler reported no generator")
    print("\n".join(line.strip() for line in report))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contracts", type=int, default=100)
    parser.add_argument("--methods", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    peers = ["rpcgen"] if options.profile else options.peers.split(",")
    if unknown := [peer for peer in peers if peer not in PEERS]:
        parser.error(f"unknown peers: {', '.join(unknown)}")

    with tempfile.TemporaryDirectory() as folder:
        projects = {peer: create(pathlib.Path(folder), peer, options.contracts, options.methods) for peer in peers}
        if options.profile:
            profile(projects["rpcgen"])
            return

        times = {peer: [] for peer in peers}
        for round in range(options.rounds):
            for i in range(len(peers)):
                peer = peers[(i + round) % len(peers)]  # each round starts with another peer
                times[peer].append(measure(projects[peer]))
                print(f"round {round + 1}: {peer} {times[peer][-1]:.1f} s", file=sys.stderr)

    print(f"{options.contracts} contracts of {options.methods} methods, median of {options.rounds} rounds in turn\n")
    print("| | CPU s | range | to RpcGen | above the interfaces, to RpcGen |")
    print("|---|---|---|---|---|")
    medians = {peer: statistics.median(times[peer]) for peer in peers}
    for peer in peers:
        ratio = f"{medians[peer] / medians['rpcgen']:.2f}" if "rpcgen" in peers else ""
        above = ""
        if "rpcgen" in peers and "interfaces" in peers and peer != "interfaces":
            above = f"{(medians[peer] - medians['interfaces']) / (medians['rpcgen'] - medians['interfaces']):.2f}"
        print(f"| {peer} | {medians[peer]:.1f} | {min(times[peer]):.1f}–{max(times[peer]):.1f} | {ratio} | {above} |")


if __name__ == "__main__":
    main()
