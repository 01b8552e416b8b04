"""Threads for a network."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .errors import RangeError


class Threads:
    """An executor that shares the tasks of a step among threads; the calling one takes part.

    The tasks run without the GIL, but handing them out takes some tens of µs for every batch of
    steps: it pays where a batch takes longer than that. Results do not depend on the number of
    threads. One may serve several networks. ``Network(threads=2)`` makes one.

    Args:
        count: number of threads; by default that of the processors this process may use.
    """

    def __init__(self, count: int | None = None) -> None:
        if count is None:
            usable = getattr(os, "sched_getaffinity", None)
            count = len(usable(0)) if usable else os.cpu_count() or 1
        if count < 1:
            raise RangeError(f"there must be at least one thread, got {count}")
        self.count = count
        self._pool = ThreadPoolExecutor(count - 1, "quell") if count > 1 else None

    def __call__(self, n: int, task: Callable[[int], None]) -> None:
        """Runs ``task(i)`` for each i in [0, n)."""
        following = itertools.count()

        def work() -> None:
            while (i := next(following)) < n:
                task(i)

        helpers = min(self.count, n) - 1
        futures = [self._pool.submit(work) for _ in range(helpers)] if self._pool else []
        work()
        for future in futures:
            future.result()

    def __repr__(self) -> str:
        return f"quell.Threads({self.count})"
