#!/usr/bin/env python3
"""Compares the packages of two folders, file by file. Exit code 1 if anything differs.

    tests/compare_packages.py FOLDER FOLDER
"""

import pathlib
import re
import sys
import zipfile

# NuGet chooses this name at random, and names it in the relations of the package.
CORE_PROPERTIES = re.compile(rb"package/services/metadata/core-properties/[0-9a-f]+\.psmdcp")
RELATION_ID = re.compile(rb'Id="R[0-9A-F]+"')


def read(package):
    """The files of a package, without names that NuGet chooses at random."""
    with zipfile.ZipFile(package) as archive:
        return {stable(name.encode()): stable(archive.read(name)) for name in archive.namelist()}


def stable(text):
    return RELATION_ID.sub(b'Id="R"', CORE_PROPERTIES.sub(b"core-properties", text))


def compare(first, second):
    names = {file.name for folder in (first, second) for file in folder.iterdir()}
    if not names:
        yield f"{first} has no packages"
    for name in sorted(names):
        if not (first / name).exists() or not (second / name).exists():
            yield f"{name} is only in one folder"
            continue
        one, other = read(first / name), read(second / name)
        yield from (f"{name}: {file.decode()} differs" for file in sorted(one.keys() | other.keys()) if one.get(file) != other.get(file))


def main():
    first, second = (pathlib.Path(folder) for folder in sys.argv[1:3])
    differences = list(compare(first, second))
    print("\n".join(differences) or f"{len(list(first.iterdir()))} packages are equal")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
