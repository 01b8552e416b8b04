"""What C calls back, and what becomes of the exceptions in there.

An exception cannot travel through C. It is kept here, the run is asked to end at the next step
boundary, and it is raised again when the call has returned.
"""

from __future__ import annotations

import logging
import operator
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from . import _abi
from .errors import RangeError, StateError

try:  # the functions behind `signal`, which takes 50 µs to make enumerators for every step
    import _signal  # type: ignore[import-not-found]
except ImportError:
    import signal as _signal

logger = logging.getLogger("quell")

#: Runs ``task(i)`` exactly once for each i in [0, n), in any order and on any threads.
Executor = Callable[[int, Callable[[int], None]], object]

_LEVELS = {_abi.QUELL_LOG_INFO: logging.INFO, _abi.QUELL_LOG_WARNING: logging.WARNING}
_SIGNALS = [
    int(getattr(signal, name))
    for name in ("SIGINT", "SIGTERM", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGBREAK")
    if hasattr(signal, name)
]


_causes: list[BaseException] = []


def keep_cause(error: BaseException) -> None:
    """Keeps what a function of a rule raised, on any thread, until a network has failed."""
    if not _causes:
        _causes.append(error)


def take_cause() -> BaseException | None:
    """What was kept, which is then forgotten."""
    return _causes.pop() if _causes else None


class Hooks:
    """The progress, log and executor callbacks of one network. Must live as long as it does."""

    def __init__(self, executor: Executor | None) -> None:
        self.error: BaseException | None = None
        self.stoppable = False  # whether a run is going on that a callback may end
        self.report: Callable[[int, int], object] | None = None
        self.executor = executor
        progress_type = _abi.callback_type(_abi.quell_progress, "report")
        log_type = _abi.callback_type(_abi.quell_log, "write")
        executor_type = _abi.callback_type(_abi.quell_executor, "run")
        self.progress = _abi.quell_progress(report=progress_type(self._report))
        self.log = _abi.quell_log(write=log_type(self._write))
        self.run = _abi.quell_executor(run=executor_type(self._run))

    def keep(self, error: BaseException) -> None:
        """Keeps the first exception until take()."""
        if self.error is None:
            self.error = error

    def take(self) -> BaseException | None:
        """The exception that was kept, which is then forgotten."""
        error, self.error = self.error, None
        return error

    def _report(self, _context: Any, done: int, total: int) -> int:
        if self.error is not None:
            return 1
        if self.report is None:
            return 0
        try:
            return 1 if self.report(done, total) else 0
        except BaseException as error:
            self.keep(error)
            return 1

    def _write(self, _context: Any, level: int, message: bytes) -> None:
        try:
            logger.log(_LEVELS.get(level, logging.INFO), "%s", message.decode(errors="replace"))
        except BaseException as error:
            self.keep(error)

    def _run(self, _context: Any, n: int, task: Any, argument: Any) -> None:
        tasks = _Tasks(n, task, argument)
        try:
            if self.executor is not None:
                self.executor(n, tasks)
        except BaseException as error:
            self.keep(error)
        if tasks.finish():
            self.keep(StateError("the executor returned before it had run all of its tasks"))


class _Tasks:
    """The function that an executor is given. C relies on every task having run exactly once, so
    this makes it true whatever the executor does."""

    def __init__(self, n: int, task: Any, argument: Any) -> None:
        self.n = n
        self.task = task
        self.argument = argument
        self.started = bytearray(n)
        self.running = 0
        self.ended = False
        self.condition = threading.Condition()

    def __call__(self, i: int) -> None:
        """Runs task i, without the GIL."""
        i = operator.index(i)
        with self.condition:
            if self.ended:
                raise StateError("a task was called after the executor had returned")
            if not 0 <= i < self.n or self.started[i]:
                raise RangeError(f"the executor called task {i} of {self.n} twice or there is none")
            self.started[i] = 1
            self.running += 1
        try:
            self.task(self.argument, i)
        finally:
            with self.condition:
                self.running -= 1
                self.condition.notify_all()

    def finish(self) -> bool:
        """Runs what is left and waits for the rest. Returns whether anything was left."""
        with self.condition:
            self.ended = True
            left = [i for i in range(self.n) if not self.started[i]]
        for i in left:
            self.task(self.argument, i)
        with self.condition:
            while self.running:
                self.condition.wait()
        return bool(left)


class Signals:
    """While C runs in the main thread, keeps what signal handlers raise (such as Ctrl-C).

    Python delivers a signal at the first line of a callback, before its ``try``, where ctypes would
    drop the exception.
    """

    def __init__(self, hooks: Hooks) -> None:
        self.hooks = hooks
        self.replaced: list[tuple[Any, Any, Any]] = []

    def __enter__(self) -> Signals:
        if threading.current_thread() is not threading.main_thread():
            return self
        for number in _SIGNALS:
            previous = _signal.getsignal(number)
            if callable(previous):
                ours = self._handler(previous)
                self.replaced.append((number, ours, previous))
                _signal.signal(number, ours)
        return self

    def _handler(self, previous: Callable[[int, FrameType | None], Any]) -> Callable[..., None]:
        def handler(number: int, frame: FrameType | None) -> None:
            try:
                previous(number, frame)
            except BaseException as error:
                self.hooks.keep(error)

        return handler

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, ours, previous in reversed(self.replaced):
            if _signal.getsignal(number) is ours:
                _signal.signal(number, previous)
