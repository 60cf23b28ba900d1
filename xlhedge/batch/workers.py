"""Who does the work of a batch: processes of this machine, or a cluster that is there already."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import wait
from typing import Any, NamedTuple

from xlhedge.errors import FileError

_TRIES = 3
_SAFE = "PYTHONSAFEPATH"

at_work = threading.Lock()
"""Held by a worker of this machine while it has a task, so that it ends between two of them."""


class Crew(NamedTuple):
    """An executor, and how many tasks it can work on at the same time.

    `slots` is asked again and again, since a cluster may grow and shrink. The workers are fed a
    few tasks ahead of it and not everything at once. `apart` says that each worker is a process
    with one task at a time, so that a limit of the process is a limit of the task.
    """

    executor: Executor
    slots: Callable[[], int]
    apart: bool = False


Pool = Callable[[], AbstractContextManager[Crew]]
"""Gives a new crew each time: the processes of the one before may have died."""


def local(workers: int | None = None) -> Pool:
    """Processes of this machine, as many as it has processors by default."""
    count = workers or os.cpu_count() or 1

    @contextmanager
    def pool() -> Iterator[Crew]:
        # A forked process would inherit locks that a thread of this one holds.
        context = multiprocessing.get_context("spawn")
        with _no_modules_of_the_current_folder():
            executor = ProcessPoolExecutor(count, context, initializer=belong_to_the_parent)
            try:
                yield Crew(executor, lambda: count, apart=True)
            finally:
                executor.shutdown(cancel_futures=True)

    return pool


def cluster(address: str) -> Pool:
    """The workers of a Dask scheduler.

    Raises
    ------
    FileError
        When `distributed` is not installed, nothing answers at the address, or the scheduler has
        no worker.
    """
    try:
        from distributed import Client
    except ImportError:
        raise FileError(
            "a scheduler needs the extra `cluster`: pip install 'xlhedge[cluster]'"
        ) from None

    @contextmanager
    def pool() -> Iterator[Crew]:
        try:
            client: Any = Client(address, timeout="10s")
        except (OSError, TimeoutError, ValueError, RuntimeError) as problem:
            reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
            raise FileError(f"no scheduler answers at {address}: {reason}") from None
        with client:
            try:
                client.wait_for_workers(1, timeout=30)
            except TimeoutError:
                raise FileError(f"the scheduler at {address} has no worker") from None
            executor = client.get_executor(retries=_TRIES, pure=False)
            yield Crew(executor, lambda: sum(client.nthreads().values()))

    return pool


def has_died(problem: object) -> bool:
    """Whether a failure says that the worker was lost, and nothing about the task itself."""
    # Dask's own class, by name: it is there only where Dask is.
    return isinstance(problem, BrokenExecutor) or type(problem).__name__ == "KilledWorker"


@contextmanager
def _no_modules_of_the_current_folder() -> Iterator[None]:
    """Have new Pythons not look for modules where one works: a workbook's folder may hold some."""
    before = os.environ.get(_SAFE)
    os.environ[_SAFE] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE]
        else:
            os.environ[_SAFE] = before


def belong_to_the_parent() -> None:
    """Leave interrupts to the parent, and end after it: a pool's idle processes would stay."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_the_parent, daemon=True).start()


def _end_after_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        with at_work:
            os._exit(1)
