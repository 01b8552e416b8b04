"""The owner of a network in C: who may use it, and until when.

Everything that reaches C goes through here. One thread at a time uses a network; another one gets a
StateError instead of a data race. After close() every object of the network raises a StateError
instead of touching freed memory.
"""

from __future__ import annotations

import ctypes
import gc
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _abi
from ._callbacks import Hooks, Signals, take_cause
from ._library import lib
from .errors import StateError, from_status

_DTYPES: dict[int, np.dtype[Any]] = {
    _abi.QUELL_FLOAT32: np.dtype(np.float32),
    _abi.QUELL_FLOAT64: np.dtype(np.float64),
    _abi.QUELL_INT32: np.dtype(np.int32),
}


def _destroy(pointer: Any, process: int | None, _rules: Any) -> None:
    if process in (None, os.getpid()):  # or else it would wait for threads that a fork has left
        lib.quell_network_destroy(ctypes.byref(pointer))


class Handle:
    """A network in C. It is destroyed by close(), or when nothing in Python refers to it; until
    then it keeps the functions of the rules that C may call."""

    def __init__(self, options: Any, hooks: Hooks, rules: Any) -> None:
        self.hooks = hooks
        self.closed = False
        self.callbacks: dict[str, Any] = {}  # what C may call, by population
        self.views: weakref.WeakSet[View] = weakref.WeakSet()
        self._depth = 0
        self._lock = threading.RLock()
        self._stop_lock = threading.RLock()
        message = ctypes.create_string_buffer(1024)
        options.error = message
        options.error_size = len(message)
        options.log = ctypes.pointer(hooks.log)
        options.progress = ctypes.pointer(hooks.progress)
        if hooks.executor is not None:
            options.executor = ctypes.pointer(hooks.run)
        self.pointer = ctypes.POINTER(_abi.quell_network)()
        with Signals(hooks):
            status = lib.quell_network_create(ctypes.byref(options), ctypes.byref(self.pointer))
        if status < 0:
            raise from_status(status, message.value.decode(errors="replace") or _name(status))
        self._process = os.getpid() if options.threads > 1 else None
        self._finalizer = weakref.finalize(self, _destroy, self.pointer, self._process, rules)
        self._finalizer.atexit = False
        self._raise_kept()

    def __enter__(self) -> Handle:
        """Takes the network for this thread."""
        if not self._lock.acquire(blocking=False):
            raise StateError("the network is in use by another thread")
        if self.closed:
            self._lock.release()
            raise StateError("the network is closed")
        if self._process not in (None, os.getpid()):
            self._lock.release()
            raise StateError("the threads of a network stay behind in a fork: make it in there")
        return self

    def __exit__(self, *_error: object) -> None:
        self._lock.release()

    def call(self, function: Callable[..., int], *arguments: Any) -> int:
        """Calls a function of C that returns a status, and raises its error."""
        with self:
            self._depth += 1
            try:
                status = function(*arguments)
            finally:
                self._depth -= 1
            if self.hooks.error is not None:
                self._raise_kept()
            if status < 0:
                message = lib.quell_network_error(self.pointer) or b""
                error = from_status(status, message.decode(errors="replace") or _name(status))
                raise error from take_cause()
            return status

    def guarded(self, function: Callable[..., int], *arguments: Any) -> int:
        """The same for a function that may call Python back, so that no signal is lost."""
        with self, Signals(self.hooks):
            try:
                status = self.call(function, *arguments)
            except BaseException as error:
                self.hooks.keep(error)
        self._raise_kept()
        return status

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a function of C that returns a value and cannot fail."""
        with self:
            return function(*arguments)

    @property
    def inside(self) -> bool:
        """Whether C is calling back; to be asked by the thread that has the network."""
        return self._depth > 0

    def request_stop(self) -> None:
        """The one thing that any thread may do at any time."""
        with self._stop_lock:
            if self.closed:
                raise StateError("the network is closed")
            lib.quell_request_stop(self.pointer)

    def step_callback(self, function: Callable[[], object]) -> Any:
        """A function of C that calls `function` at every step and keeps its exception."""
        hooks, pointer = self.hooks, self.pointer
        kind = _abi.FUNCTIONS["quell_population_on_step"][0][1]

        def on_step(_context: Any) -> None:
            try:
                if hooks.error is None:
                    function()
            except BaseException as error:
                hooks.keep(error)
            if hooks.error is not None and hooks.stoppable:
                lib.quell_request_stop(pointer)

        return kind(on_step)

    def close(self) -> None:
        """Destroys the network, or raises and leaves it as it is."""
        if self.closed:
            return
        with self:
            if self.inside:
                raise StateError("a network cannot be closed from inside its own callback")
            if self.views:
                gc.collect()
            live = len(self.views)
            if live:
                raise StateError(
                    f"the network cannot be closed while {live} view(s) of its arrays are in use: "
                    "delete them, or copy what is still needed"
                )
            with self._stop_lock:
                self.closed = True
                self._finalizer()
            self.callbacks.clear()

    def _raise_kept(self) -> None:
        error = self.hooks.take()
        if error is not None:
            raise error


class View:
    """Memory of a network that an array looks at. As the array's base, it keeps the network."""

    def __init__(self, handle: Handle, view: Any) -> None:
        self.handle = handle
        handle.views.add(self)
        self.__array_interface__ = {
            "version": 3,
            "shape": (view.n,),
            "typestr": _DTYPES[view.type].str,
            "data": (view.data or 0, True),
        }


def _name(status: int) -> str:
    return str(lib.quell_status_string(status).decode())
