"""The build backend of the Python package: meson-python, with the wheel's tag set right.

meson-python takes every file beside the package's modules for an extension module and ties the
wheel to one CPython. Ours is a plain shared library, loaded through ctypes by any Python 3.
"""

import pathlib
import subprocess
import sys

import mesonpy
from mesonpy import (  # noqa: F401 (hooks that pip looks for)
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = mesonpy.build_wheel(wheel_directory, config_settings, metadata_directory)
    wheel = pathlib.Path(wheel_directory) / name
    retag = ["wheel", "tags", "--remove", "--python-tag=py3", "--abi-tag=none"]
    done = subprocess.run(
        [sys.executable, "-m", *retag, wheel], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.split()[-1]
