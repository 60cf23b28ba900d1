"""kill -9 at any moment leaves the old file or the new one, whole."""

import os

import pytest
from kill_rounds import run


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_commands_leave_the_old_file_or_the_new_one(tmp_path):
    trials = run(21, 7, tmp_path)
    assert [trial.name for trial in trials] == [
        "recalc", "fill", "new", "demo", "addins", "build", "batch",
    ]  # fmt: skip
