#!/usr/bin/env python3
"""Prints the version of quell, as it stands in include/quell/version.h."""

import pathlib
import re

header = pathlib.Path(__file__).resolve().parents[1] / "include/quell/version.h"
number = dict(re.findall(r"#define QUELL_VERSION_(\w+) (\d+)", header.read_text(encoding="utf-8")))
print(number["MAJOR"], number["MINOR"], number["PATCH"], sep=".")
