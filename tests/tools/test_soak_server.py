"""A short load on the add-in's server; the long ones are in docs/reliability.md."""

import subprocess
import sys

import pytest
from places import TOOLS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux' /proc"),
]


def soak(*arguments):
    command = [sys.executable, str(TOOLS / "soak" / "soak_server.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_twenty_users_get_every_answer():
    run = soak("load", "--users", "20", "--seconds", "5")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "100 requests, {200: 100}" in run.stdout


def test_fifty_thousand_calls_leave_memory_as_large_as_warm_workers_are():
    run = soak("memory", "--calls", "50000", "--growth", "1.3")  # the workers still warm up
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_server_that_cannot_keep_up_is_found_out():
    run = soak("load", "--users", "5", "--calls", "11000", "--seconds", "1")  # more than it takes
    assert run.returncode == 1
    assert "the promise of load is not held" in run.stderr
