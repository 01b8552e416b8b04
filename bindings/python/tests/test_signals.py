"""Ctrl-C and other signals, and networks in threads."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import quell as q


class Boom(Exception):
    """Raised inside a callback."""


# Signals

LONG_RUN = """
    import signal, sys, threading, time
    import numpy as np
    import quell as q

    # Also where the tests themselves were started with it ignored, as in the background of a shell.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    net = q.Network(seed=1, {options})
    pop = net.population("a", 500, "lif_cond_exp", i_offset=250)
    net.connect(pop, pop, "inhibitory", p=0.1, rule=q.rules.vogels2011())
    host = net.population("host", 2, "external")
    {setup}

    def ready():
        time.sleep(0.3)
        sys.stdout.write("ready\\n")
        sys.stdout.flush()

    threading.Thread(target=ready).start()
    try:
        net.run(1e9{arguments})
    except {error} as error:
        before = net.clock
        assert 0 < before < 1e10
        assert signal.getsignal(signal.SIGINT) is not None
        assert net.run(10) is True
        assert net.clock == before + 100
        assert np.isfinite(pop["v"]).all()
        net.close()
        sys.stdout.write("interrupted\\n")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("options", "setup", "arguments", "error", "number"),
    [
        ("", "", "", "KeyboardInterrupt", "SIGINT"),
        ("", "", ", progress=lambda done, total: None", "KeyboardInterrupt", "SIGINT"),
        ("", "host.on_step(lambda population: None)", "", "KeyboardInterrupt", "SIGINT"),
        ("threads=2, tile_size=64", "", "", "KeyboardInterrupt", "SIGINT"),
        ("", "signal.signal(signal.SIGTERM, lambda *a: sys.exit(3))", "", "SystemExit", "SIGTERM"),
    ],
    ids=["plain", "progress", "on_step", "threads", "other"],
)
def test_a_signal_ends_a_run(
    options: str, setup: str, arguments: str, error: str, number: str
) -> None:
    code = textwrap.dedent(LONG_RUN).format(
        options=options, setup=setup, arguments=arguments, error=error
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(q.__file__).parents[1],
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate(timeout=5)
        os.kill(process.pid, getattr(signal, number))
        output, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, output, errors) == (0, "interrupted\n", "")


def test_a_signal_handler_that_does_not_raise_does_not_stop(small: q.Network) -> None:
    seen: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    ours = signal.getsignal(signal.SIGINT)
    try:
        timer = threading.Timer(0.02, _thread.interrupt_main)
        timer.start()
        for _ in range(200):
            assert small.run(10) is True
            if seen:
                break
        timer.join()
        assert signal.getsignal(signal.SIGINT) is ours
    finally:
        signal.signal(signal.SIGINT, previous)
    assert seen == [signal.SIGINT]


# Threads


def test_two_networks_in_two_threads() -> None:
    def spikes(seed: int) -> np.ndarray:
        with q.Network(seed=seed) as net:
            pop = net.population("a", 300, "lif_cond_exp", i_offset=230)
            rule = q.rules.vogels2011()
            net.connect(pop, pop, "inhibitory", p=0.1, rule=rule)
            recorder = net.record(pop, "spikes")
            for _ in range(20):
                net.run(10, progress=lambda done, total: None)
            return np.concatenate([recorder.stamps, recorder.neurons])

    alone = [spikes(seed) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(spikes, [1, 2]))
    for one, other in zip(alone, together):
        assert np.array_equal(one, other)


def test_one_network_is_used_by_one_thread_at_a_time(small: q.Network) -> None:
    result: list[object] = []
    worker = threading.Thread(target=lambda: result.append(small.run(1e9)))
    worker.start()
    refused: list[str] = []
    try:
        deadline = time.monotonic() + 10
        while not refused and time.monotonic() < deadline:
            try:
                small.clock  # noqa: B018
            except q.StateError as error:
                refused.append(str(error))
        with pytest.raises(q.StateError, match="another thread"):
            small.close()
    finally:
        while worker.is_alive():
            small.request_stop()
            worker.join(0.05)
    assert refused == ["the network is in use by another thread"]
    assert result == [False]
    assert small.run(1) is True


FORK = """
    import gc, os, sys
    import quell as q

    net = q.Network(threads=2)
    net.population("a", 3, "poisson")
    single = q.Network()
    single.population("a", 3, "poisson")
    child = os.fork()
    if child == 0:
        for use in (net.step, net.stats, net.close):
            try:
                use()
                os._exit(1)
            except q.StateError as error:
                if "fork" not in str(error):
                    os._exit(2)
        single.step()
        del net, use
        gc.collect()
        os._exit(3)
    _, status = os.waitpid(child, 0)
    net.step()
    net.close()
    sys.exit(os.WEXITSTATUS(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_network_with_threads_after_a_fork() -> None:
    command = [sys.executable, "-c", textwrap.dedent(FORK)]
    cwd = Path(q.__file__).parents[1]
    done = subprocess.run(command, check=False, cwd=cwd, timeout=60, stderr=subprocess.DEVNULL)
    assert done.returncode == 3


def test_an_exception_in_another_thread(small: q.Network) -> None:
    def progress(done: float, total: float) -> None:
        raise Boom

    with ThreadPoolExecutor(1) as pool, pytest.raises(Boom):
        pool.submit(small.run, 1e9, progress).result(timeout=20)
