"""``python -m quell [NAME …]``: the version, the models and the rules with their parameters.
``python -m quell rules [NAME …] [--json]``: the rules alone, also for other programs to read."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable

from . import __version__, models, rules


def main(arguments: list[str] | None = None) -> int:
    """Writes what the library says about itself."""
    given = sys.argv[1:] if arguments is None else arguments
    return _rules(given[1:]) if given[:1] == ["rules"] else _everything(given)


def _everything(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m quell", description=__doc__, epilog="More: python -m quell rules --help"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these models and rules")
    parser.add_argument("--version", action="version", version=f"quell {__version__}")
    names = parser.parse_args(arguments).names
    described = {name: str(models.get(name)) for name in models.names()}
    described.update({name: str(rules.get(name)) for name in rules.names()})
    _check(parser, "model or rule", names, described)
    if names:
        return _write(described[name] for name in names)
    parts = [f"quell {__version__}", "MODELS"]
    parts += [described[name] for name in models.names()]
    return _write([*parts, "RULES", *(described[name] for name in rules.names())])


def _rules(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m quell rules",
        description="Lists the built-in learning rules: what they do, where they are from, their "
        "parameters with unit, default and range, variables, traces and presets.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these rules")
    parser.add_argument("--json", action="store_true", help="as JSON: a list of objects")
    options = parser.parse_args(arguments)
    _check(parser, "rule", options.names, rules.names())
    chosen = [rules.get(name) for name in options.names or rules.names()]
    if options.json:
        described = [rule.described() for rule in chosen]
        return _write([json.dumps(described, indent=2, ensure_ascii=False, allow_nan=False)])
    return _write(str(rule) for rule in chosen)


def _check(
    parser: argparse.ArgumentParser, what: str, names: Iterable[str], known: Iterable[str]
) -> None:
    for name in names:
        if name not in known:
            parser.error(f"there is no {what} {name!r}; there are {', '.join(known)}")


def _write(parts: Iterable[str]) -> int:
    sys.stdout.write("\n\n".join(parts) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
