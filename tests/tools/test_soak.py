"""A short soak; the long one is `python tools/soak/soak.py --calls 1000000`."""

import subprocess
import sys

import pytest
from places import TOOLS

SCRIPT = TOOLS / "soak" / "soak.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from Linux' /proc"),
]


def soak(*arguments):
    # Short blocks are noisy: the time may differ more than in the long run.
    command = [sys.executable, str(SCRIPT), "--slowdown", "1.4", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)


def test_twenty_thousand_mixed_calls_leave_memory_flat_and_stay_as_quick():
    run = soak("--calls", "20000")
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_process_that_keeps_its_arguments_is_found_out():
    run = soak("--calls", "10000", "--leak")
    assert run.returncode == 1
    assert "memory" in run.stdout, run.stderr
