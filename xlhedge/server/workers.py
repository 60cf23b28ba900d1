"""Processes that answer requests, one at a time each; what takes too long is ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
from collections.abc import Coroutine
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

from xlhedge.batch.workers import belong_to_the_parent
from xlhedge.catalog import explain
from xlhedge.errors import HedgeError
from xlhedge.server.calls import answer

_GRACE = 5.0
"""Seconds that a process gets beyond the limit: it looks at its clock between two calls."""

_UNWANTED = 2.0
"""Seconds that a process may go on with what nobody waits for: to start another takes as long."""

_PAUSE = 1.0

_LOST = 1
"""Times that a request is given to another process when its own has died."""


class BusyError(HedgeError):
    """More requests wait than the server takes."""


class LateError(HedgeError):
    """A request took longer than the limit."""


class Pool:
    """The worker processes.

    Parameters
    ----------
    count
        How many there are.
    seconds
        Time for one request.
    queue
        How many requests may wait for a process.
    """

    def __init__(self, count: int, *, seconds: float, queue: int) -> None:
        self.count = count
        self.seconds = seconds
        self.queue = queue
        self.answered = 0
        self.waiting = 0
        self._idle: asyncio.Queue[_Worker] = asyncio.Queue()
        self._workers: set[_Worker] = set()
        self._errands: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the processes, and return when each has made a first call."""
        # A new Python does not look for modules in the folder in which the server was started.
        os.environ["PYTHONSAFEPATH"] = "1"
        await asyncio.gather(*(self._new() for _ in range(self.count)))

    async def stop(self) -> None:
        """End the processes."""
        for errand in self._errands:
            errand.cancel()
        for worker in self._workers:
            worker.kill()
        self._workers.clear()

    @property
    def idle(self) -> int:
        """How many processes have nothing to do."""
        return self._idle.qsize()

    async def answer(self, body: bytes) -> bytes:
        """Have a process answer a request.

        Raises
        ------
        BusyError
            When too many wait already.
        LateError
            When it takes too long; its process is ended and replaced.
        InputError
            When the body is no request.
        """
        if self.waiting >= self.queue:
            raise BusyError("the server is busy: try again")
        lost = 0
        while lost <= _LOST:
            worker = await self._next()
            task = worker.start(body, self.seconds)
            if task.done() and task.exception():  # it had died before
                self._replace(worker)
                continue
            try:
                done = await asyncio.wait_for(asyncio.shield(task), self.seconds + _GRACE)
            except TimeoutError:
                self._replace(worker)
                raise LateError(
                    f"the calculation takes longer than {self.seconds:g} s and was ended"
                ) from None
            except asyncio.CancelledError:
                self._later(self._take_back(worker, task))
                raise
            except BrokenExecutor:  # it was killed, perhaps for lack of memory
                self._replace(worker)
                lost += 1
            except HedgeError:
                self._idle.put_nowait(worker)
                raise
            else:
                self._idle.put_nowait(worker)
                self.answered += 1
                return done
        raise LateError("the system has ended the process that calculates, twice: use fewer rows")

    async def _next(self) -> _Worker:
        self.waiting += 1
        try:
            return await self._idle.get()
        finally:
            self.waiting -= 1

    async def _take_back(self, worker: _Worker, task: asyncio.Future[bytes]) -> None:
        """Wait a little for what is not wanted any more."""
        done, _ = await asyncio.wait([task], timeout=_UNWANTED)
        if done and not isinstance(task.exception(), BrokenExecutor):
            self._idle.put_nowait(worker)
        else:
            self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        worker.kill()
        self._workers.discard(worker)
        self._later(self._another())

    async def _new(self) -> None:
        worker = _Worker()
        self._workers.add(worker)
        try:
            await worker.ready()
        except BrokenExecutor:
            worker.kill()
            self._workers.discard(worker)
            raise
        self._idle.put_nowait(worker)

    async def _another(self) -> None:
        """Start a process for one that is gone, however often the system ends or refuses it."""
        while True:
            try:
                await self._new()
            except (BrokenExecutor, OSError) as problem:
                logging.getLogger("xlhedge").warning(
                    "server: a process could not be started: %s", type(problem).__name__
                )
                await asyncio.sleep(_PAUSE)
            else:
                return

    def _later(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


class _Worker:
    """One process, in an executor of its own so that it can be ended alone."""

    def __init__(self) -> None:
        # A forked process would inherit locks that a thread of this one holds.
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(1, context, initializer=belong_to_the_parent)
        self._process = self._executor.submit(_prepare)

    async def ready(self) -> None:
        await asyncio.wrap_future(self._process)

    def start(self, body: bytes, seconds: float) -> asyncio.Future[bytes]:
        try:
            return asyncio.wrap_future(self._executor.submit(answer, body, seconds))
        except BrokenExecutor as problem:
            broken: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            broken.set_exception(problem)
            return broken

    def kill(self) -> None:
        """End the process, whatever it does."""
        if self._process.done() and self._process.exception() is None:
            number = signal.SIGTERM if os.name == "nt" else signal.SIGKILL
            with contextlib.suppress(OSError):
                os.kill(self._process.result(), number)
        self._executor.shutdown(wait=False, cancel_futures=True)


def _prepare() -> int:
    """Load what a first call needs, and tell which process this is."""
    explain("LIQ_PRICE", -1.0, 70000.0, 7000.0, 0.005)
    return os.getpid()
