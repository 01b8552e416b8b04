"""``python -m quell [NAME …]``: the version, the models and the rules with their parameters."""

from __future__ import annotations

import argparse
import sys

from . import __version__, models, rules


def main(arguments: list[str] | None = None) -> int:
    """Writes what the library says about itself."""
    parser = argparse.ArgumentParser(prog="python -m quell", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these models and rules")
    parser.add_argument("--version", action="version", version=f"quell {__version__}")
    names = parser.parse_args(arguments).names
    described = {name: str(models.get(name)) for name in models.names()}
    described.update({name: str(rules.get(name)) for name in rules.names()})
    missing = [name for name in names if name not in described]
    if missing:
        parser.error(f"there is no model or rule {missing[0]!r}; there are {', '.join(described)}")
    if names:
        sys.stdout.write("\n\n".join(described[name] for name in names) + "\n")
        return 0
    parts = [f"quell {__version__}", "MODELS"]
    parts += [described[name] for name in models.names()]
    parts += ["RULES", *(described[name] for name in rules.names())]
    sys.stdout.write("\n\n".join(parts) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
