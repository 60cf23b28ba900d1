"""The simulation of VAR_JOINT by any executor: the same numbers whoever draws them."""

import multiprocessing
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from clusters import dask

from xlhedge import call
from xlhedge.core.risk import simulation
from xlhedge.core.risk.joint_model import JointModel

MODEL = JointModel(
    0.6, -0.0003, 1500, -0.0002, 0.02, 0.0001, 300, 0.0001, 0.002, -0.1, 0.1, -0.3, 4.0, 8.0
)
BOOK = simulation.Book(1.0, -1.0, 70_000.0)
PATHS = 2 * simulation.TASK_BLOCKS * simulation.BLOCK_PATHS + 5_001


class Serial(Executor):
    """Works when asked for, and counts."""

    def __init__(self):
        self.flying = self.most = self.tasks = 0

    def submit(self, function, *arguments):
        self.tasks += 1
        self.flying += 1
        self.most = max(self.most, self.flying)
        executor = self

        class Lazy(Future):
            def result(self, timeout=None):
                executor.flying -= 1
                return function(*arguments)

        return Lazy()


def test_the_executor_changes_no_digit():
    alone = simulation.simulate(MODEL, BOOK, 3, PATHS, 7)
    serial = Serial()
    assert np.array_equal(alone, simulation.simulate(MODEL, BOOK, 3, PATHS, 7, serial))
    assert serial.tasks == 3
    for workers in (1, 3):
        with ThreadPoolExecutor(workers) as threads:
            there = simulation.simulate(MODEL, BOOK, 3, PATHS, 7, threads)
        assert np.array_equal(alone, there)


def test_a_block_draws_the_numbers_of_its_own_child_of_the_seed():
    """So paths that were simulated once stay what they are when more are asked for."""
    few = simulation.simulate(MODEL, BOOK, 3, 4_096, 7)
    many = simulation.simulate(MODEL, BOOK, 3, 9_000, 7)
    assert np.array_equal(few, many[:, :4_096])
    second = np.random.default_rng(np.random.SeedSequence(7).spawn(2)[1])
    assert simulation._generator(7, 1).random() == second.random()


def test_only_so_many_tasks_are_in_flight(monkeypatch):
    monkeypatch.setattr(simulation, "BLOCK_PATHS", 8)
    monkeypatch.setattr(simulation, "TASK_BLOCKS", 2)
    serial = Serial()
    simulation.simulate(MODEL, BOOK, 1, 16 * 200, 7, serial)
    assert serial.tasks == 200
    assert serial.most == simulation.TASKS_AHEAD


def test_two_processes_give_what_the_worksheet_function_gives():
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, context) as processes:
        there = simulation.simulated_var(
            1, 70_000, -1, MODEL, paths=PATHS, seed=7, executor=processes
        )
    cells = [[name, getattr(MODEL, name)] for name in MODEL.__dataclass_fields__]
    here = call("VAR_JOINT", 1, 70_000, -1, cells, 1, 0.99, 1, PATHS, 7)
    assert [[label, value] for label, value in there.items()] == here


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_though_a_worker_is_lost(tmp_path):
    alone = simulation.simulated_var(1, 70_000, -1, MODEL, 2, paths=10 * PATHS)
    with dask(tmp_path) as (address, workers):
        from distributed import Client

        with Client(address) as client:
            executor = client.get_executor(retries=3, pure=False)
            client.wait_for_workers(2, timeout=60)

            class Killing(Executor):
                tasks = 0

                def submit(self, function, *arguments):
                    self.tasks += 1
                    if self.tasks == 8:
                        workers[0].kill()
                    return executor.submit(function, *arguments)

            there = simulation.simulated_var(
                1, 70_000, -1, MODEL, 2, paths=10 * PATHS, executor=Killing()
            )
    assert there == alone
