"""Shared by all tests: helpers beside this file can be imported by name."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_runtest_setup(item):
    """Tests that need LibreOffice say in a sentence why they do not run."""
    if item.get_closest_marker("calc"):
        from calc_helpers import missing

        if missing():
            pytest.skip(missing())
