"""The rows of tests/golden/*.toml, with their arguments as cells."""

import tomllib

from places import GOLDEN


def as_cells(argument):
    """A flat array stands for a column."""
    if isinstance(argument, list) and argument and not isinstance(argument[0], list):
        return [[item] for item in argument]
    return argument


def golden_rows():
    for file in sorted(GOLDEN.glob("*.toml")):
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["row"]:
            yield {**row, "cells": tuple(map(as_cells, row["args"]))}
