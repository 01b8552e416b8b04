#!/usr/bin/env python3
"""Prints how many tests passed, failed and were skipped, as three numbers.

    count_tests.py REPORT...

A report is Meson's testlog.json, in which a program that speaks TAP counts once for each of its
tests, or a JUnit file (.xml) as pytest writes it. A report that is missing counts as one failure.
"""

import json
import re
import sys
import xml.etree.ElementTree
from pathlib import Path

GOOD = {"OK", "EXPECTEDFAIL", "SKIP"}


def tap(text):
    """Passed, failed and skipped tests in the output of a TAP program; None if it is not one."""
    if not re.search(r"^1\.\.\d+", text, re.MULTILINE):
        return None
    passed = failed = skipped = 0
    for line in text.splitlines():
        match = re.match(r"(not )?ok\b([^#]*)(# *skip)?", line, re.IGNORECASE)
        if match is None:
            continue
        if match[3]:
            skipped += 1
        elif match[1]:
            failed += 1
        else:
            passed += 1
    return passed, failed, skipped


def meson(path):
    passed = failed = skipped = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        program = json.loads(line)
        result = program["result"]
        good = result in ("OK", "EXPECTEDFAIL", "SKIP")
        counts = tap(program.get("stdout") or "")
        if counts is None:
            counts = (int(result == "OK"), 0, int(result == "SKIP"))
        passed += counts[0]
        # A program that crashed or leaked has failed even if each of its tests said "ok".
        failed += counts[1] or int(not good)
        skipped += counts[2]
    return passed, failed, skipped


def junit(path):
    passed = failed = skipped = 0
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif case.find("skipped") is not None:
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    total = [0, 0, 0]
    for path in map(Path, sys.argv[1:]):
        if not path.is_file():
            counts = (0, 1, 0)
        else:
            counts = junit(path) if path.suffix == ".xml" else meson(path)
        total = [a + b for a, b in zip(total, counts)]
    print(*total)


if __name__ == "__main__":
    main()
