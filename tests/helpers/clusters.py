"""A Dask cluster on this machine."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest


@contextmanager
def dask(folder, workers=2):
    """A scheduler and workers on loopback, each a process of its own; gives address and workers."""
    pytest.importorskip(
        "distributed", reason="distributed is not installed: no cluster to test with"
    )
    options = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    place = folder / "scheduler.json"
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1",
             "--port", "0", "--dashboard-address", ":0", "--scheduler-file", str(place)],
            **options,
        )
    ]  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not place.exists() or not place.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        address = json.loads(place.read_text())["address"]
        started += [
            subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny",
                 "--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard"],
                **options,
            )
            for _ in range(workers)
        ]  # fmt: skip
        yield address, started[1:]
    finally:
        for process in started:
            process.kill()
            process.wait()
