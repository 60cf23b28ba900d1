"""The numbers of the Windows Python beside those of this one."""

import json
import math

import pytest
from determinism import numbers
from windows import HERE, windows_path

pytestmark = pytest.mark.wine


def pairs(here, there):
    """The cells of two results of the same shape."""
    if isinstance(here, list):
        assert isinstance(there, list)
        assert len(here) == len(there)
        for one, other in zip(here, there, strict=True):
            yield from pairs(one, other)
    else:
        yield here, there


def number(cell):
    """A float that was written in hexadecimal, or nothing."""
    try:
        return float.fromhex(cell) if isinstance(cell, str) and "0x" in cell else None
    except ValueError:
        return None


def test_every_golden_row_is_the_same_within_a_trillionth(windows, tmp_path):
    target = tmp_path / "told.json"
    script = windows_path(HERE.parent / "helpers" / "determinism.py")
    code, output = windows.run(script, windows_path(target), timeout=400)
    assert code == 0, output
    there, here = json.loads(target.read_text(encoding="utf-8"))["numbers"], numbers()
    assert set(here) == set(there)
    far, compared = {}, 0
    for name, cells in here.items():
        for one, other in pairs(cells, there[name]):
            left, right = number(one), number(other)
            if left is None or right is None:
                assert one == other, name
                continue
            compared += 1
            if not math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-300):
                far[name] = (left, right)
    assert compared > 1500
    assert far == {}
