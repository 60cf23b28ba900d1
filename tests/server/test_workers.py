"""The pool of processes: none is lost for good."""

import asyncio
from concurrent.futures.process import BrokenProcessPool

import pytest

from xlhedge.server import workers
from xlhedge.server.workers import Pool


class Worker:
    """Stands for a process; the next ones fail as they are told to."""

    failures = ()

    def __init__(self):
        self.problem = self.failures.pop(0) if self.failures else None
        if isinstance(self.problem, OSError):
            raise self.problem

    async def ready(self):
        if self.problem:
            raise self.problem

    def start(self, body, _):
        answering = asyncio.get_running_loop().create_future()
        answering.set_result(body)
        return answering

    def kill(self):
        pass


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setattr(workers, "_Worker", Worker)
    monkeypatch.setattr(workers, "_PAUSE", 0.001)
    monkeypatch.setattr(Worker, "failures", [])
    return Pool(1, seconds=5, queue=2)


@pytest.mark.parametrize(
    "problems", [[BrokenProcessPool("killed")], [OSError(24, "Too many open files")] * 3]
)
def test_a_process_that_dies_while_it_starts_is_replaced(pool, problems):
    async def work():
        await pool.start()
        dead = pool._idle.get_nowait()
        Worker.failures.extend(problems)
        pool._replace(dead)
        return await asyncio.wait_for(pool.answer(b"body"), 5), pool.idle, len(pool._workers)

    assert asyncio.run(work()) == (b"body", 1, 1)


def test_more_requests_than_may_wait_are_told_to_come_again(pool):
    async def work():
        await pool.start()
        worker = pool._idle.get_nowait()
        waiting = [asyncio.create_task(pool.answer(b"%d" % number)) for number in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(workers.BusyError):
            await pool.answer(b"2")
        pool._idle.put_nowait(worker)
        return await asyncio.gather(*waiting), pool.waiting

    assert asyncio.run(work()) == ([b"0", b"1"], 0)


def test_a_pool_that_cannot_start_says_so(pool):
    Worker.failures.append(BrokenProcessPool("killed"))
    with pytest.raises(BrokenProcessPool):
        asyncio.run(pool.start())
