"""Finds and loads the shared library, and gives its functions their types."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

try:
    from . import _abi
except ImportError as problem:
    raise ImportError(
        "quell/_abi.py is missing: the build makes it from the C headers "
        "(tools/generate_ctypes.py), so install the package or run the build first"
    ) from problem

PATTERNS = ("libquell.so*", "libquell*.dylib", "libquell*.dll", "quell*.dll")


def find(folder: Path) -> Path:
    """The library that lies in a folder."""
    for pattern in PATTERNS:
        found = sorted(folder.glob(pattern))
        if found:
            return found[0]
    raise ImportError(
        f"there is no libquell in {folder}: install the package, or set the environment variable "
        "QUELL_LIBRARY to the path of the shared library"
    )


def load(path: str | os.PathLike[str] | None = None) -> Any:
    """Loads libquell.

    Args:
        path: the shared library; by default the file that ``QUELL_LIBRARY`` names, or else the
            one in the folder of this package.
    """
    chosen = path or os.environ.get("QUELL_LIBRARY") or find(Path(__file__).parent)
    try:
        library = ctypes.CDLL(os.fspath(chosen))
    except OSError as problem:
        raise ImportError(f"libquell cannot be loaded from {chosen}: {problem}") from problem
    for name, (arguments, result) in _abi.FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError(
                f"{chosen} has no {name}(): it is not the libquell that this package is made for"
            ) from None
        function.argtypes = arguments
        function.restype = result
    version = library.quell_version().decode()
    headers = (_abi.QUELL_VERSION_MAJOR, _abi.QUELL_VERSION_MINOR)
    if tuple(int(part) for part in version.split(".")[:2]) != headers:
        raise ImportError(
            f"{chosen} is version {version}, but this package is made for {headers[0]}.{headers[1]}"
        )
    return library


lib: Any = load()
