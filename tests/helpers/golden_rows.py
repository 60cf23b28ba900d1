"""The rows of xlhedge/golden/*.toml, with their arguments as cells, and what agrees with them."""

import math
import tomllib
from functools import cache

from places import GOLDEN


def as_cells(argument):
    """A flat array stands for a column."""
    if isinstance(argument, list) and argument and not isinstance(argument[0], list):
        return [[item] for item in argument]
    return argument


@cache
def golden_rows():
    return tuple(
        {**row, "cells": tuple(map(as_cells, row["args"]))}
        for file in sorted(GOLDEN.glob("*.toml"))
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["row"]
    )


def agrees(got, want, row):
    if isinstance(want, (int, float)) and not isinstance(want, bool):
        assert isinstance(got, float), f"got {got!r}"
        assert math.isclose(got, want, rel_tol=row.get("rel", 0.0), abs_tol=row.get("abs", 0.0)), (
            f"got {got!r}, want {want!r}"
        )
    elif isinstance(want, dict):
        table = {line[0]: line[1] for line in got}
        for label, value in want.items():
            agrees(table[label], value, row)
    elif isinstance(want, list):
        got = got if isinstance(got, list) else [[got]]
        want = as_cells(want)
        assert len(got) == len(want)
        for got_row, want_row in zip(got, want, strict=True):
            assert len(got_row) == len(want_row)
            for g, w in zip(got_row, want_row, strict=True):
                agrees(g, w, row)
    elif want == "":
        assert got in (None, "")
    else:
        assert ("" if got is None else got) == want
