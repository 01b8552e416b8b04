"""``python -m gallery FOLDER [--costs FILE]``: writes the pages of all rules."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import pages


def main() -> None:
    """Writes the pages."""
    parser = argparse.ArgumentParser(prog="python -m gallery", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pages and pictures go")
    parser.add_argument(
        "--costs", type=Path, metavar="FILE", help="what ./dev bench rules --json FILE has written"
    )
    options = parser.parse_args()
    pages.make(options.folder, pages.costs_from(options.costs))


if __name__ == "__main__":
    main()
