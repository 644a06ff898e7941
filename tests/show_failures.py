#!/usr/bin/env python3
"""Prints the failed tests of xunit's XML reports: message, where it happened, and the end of what the test wrote.

    tests/show_failures.py REPORT...
"""
import sys
import xml.etree.ElementTree as xml

LINES = 25  # of each part: the message of a failed test can be a whole log


def part(test, path, lines):
    text = (test.findtext(path) or "").strip().splitlines()
    return [line[:500] for line in lines(text)]


failed = []
for report in sys.argv[1:]:
    try:
        tests = xml.parse(report).getroot().iter("test")
    except (OSError, xml.ParseError) as error:  # the tests crashed
        print(f"{report}: {error}")
        continue
    failed += [test for test in tests if test.get("result") == "Fail"]

for test in failed:
    print("--- " + test.get("name"))
    for line in (
        part(test, "failure/message", lambda text: text[:LINES])
        + part(test, "failure/stack-trace", lambda text: text[:8])
        + part(test, "output", lambda text: text[-LINES:])
    ):
        print("    " + line)
for test in failed:
    print("failed: " + test.get("name"))
