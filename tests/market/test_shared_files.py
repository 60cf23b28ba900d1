"""Every file of the shared cases gives its history or is refused with the hint that it needs."""

import pytest
from market_cases import differences, needs_files, sets, speaks_of, words
from typer.testing import CliRunner

from xlhedge.cli import app
from xlhedge.errors import FileError

RUNNER = CliRunner()


@needs_files
@pytest.mark.parametrize("case", sets(), ids=[case["name"] for case in sets()])
def test_a_set_gives_its_history_or_the_refusal_that_it_needs(case, tmp_path):
    output = tmp_path / "history.csv"
    done = RUNNER.invoke(app, words(case, output))
    if done.exit_code == 0:
        assert case["result"] != "refuse", done.output
        assert differences(case, output) == []
        return
    assert case["result"] != "history", done.exception
    assert isinstance(done.exception, FileError), done.exception
    assert speaks_of(case, str(done.exception)), done.exception
    assert not output.exists()
