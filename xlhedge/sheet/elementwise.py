"""Calls that broadcast over ranges: one call of the core, one error per bad element.

The core sees clean arrays only. An element that cannot be used, or that the core rejects with a
`where` mask, is set aside with its own error and the others are calculated without it. Rows that
choose different options, or leave an optional argument blank, are calculated group by group, so
that the core needs no code for either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from xlhedge.errors import DomainError, HedgeError, InputError
from xlhedge.sheet.convert import Elements
from xlhedge.sheet.sentences import TOO_EXTREME
from xlhedge.sheet.spec import Parameter

Function = Callable[..., Any]
Ranges = dict[Parameter, Elements]


class Rectangle(NamedTuple):
    """Results by element, and the failures of those that have none, by flat index."""

    values: Any
    failures: dict[int, HedgeError]


def over_ranges(function: Function, fixed: dict[str, Any], ranges: Ranges) -> Rectangle:
    """Call `function` over the broadcast of all ranges.

    Parameters
    ----------
    function
        Elementwise core function.
    fixed
        Its arguments that are single values or not elementwise.
    ranges
        Its arguments that are ranges.

    Returns
    -------
    Rectangle
        `values` has the shape of the broadcast.

    Raises
    ------
    InputError
        When the ranges do not fit each other.
    """
    shape = _common_shape(ranges)
    if all(not item.problems and item.blank is None for item in ranges.values()) and not any(
        parameter.choices for parameter in ranges
    ):
        try:
            arrays = {parameter.name: item.values for parameter, item in ranges.items()}
            result = np.broadcast_to(function(**fixed, **arrays), shape)
            if np.isfinite(result).all():
                return Rectangle(result, {})
        except HedgeError as problem:
            if problem.where is None:
                raise
    return _element_by_element(function, fixed, ranges, shape)


def _common_shape(ranges: Ranges) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(item.values.shape for item in ranges.values()))
    except ValueError:
        listing = ", ".join(
            f"{parameter.name} is {item.values.shape[0]} × {item.values.shape[1]}"
            for parameter, item in ranges.items()
        )
        raise InputError(f"the ranges do not fit each other: {listing}") from None


def _element_by_element(
    function: Function, fixed: dict[str, Any], ranges: Ranges, shape: tuple[int, ...]
) -> Rectangle:
    failures: dict[int, HedgeError] = {}
    for parameter, item in ranges.items():
        for index, problem in _unusable(parameter, item, shape):
            failures.setdefault(index, problem)
    good = np.ones(shape, dtype=bool).ravel()
    good[list(failures)] = False
    result = np.zeros(good.size)
    for todo, chosen, columns in _groups(ranges, shape, good):
        left = todo
        while left.size:
            part = {name: column[left] for name, column in columns.items()}
            try:
                result[left] = function(**{**fixed, **chosen, **part})
            except HedgeError as problem:
                bad = np.zeros(left.size, dtype=bool)
                if problem.where is not None:
                    bad = np.broadcast_to(problem.where, left.shape)
                if not bad.any():  # it says of no element that it is the cause, so all fail
                    bad = np.ones(left.size, dtype=bool)
                failures.update(dict.fromkeys(left[bad].tolist(), problem))
                left = left[~bad]
            else:
                break
    overflow = DomainError(TOO_EXTREME)
    for index in np.flatnonzero(~np.isfinite(result)).tolist():
        failures.setdefault(index, overflow)
    return Rectangle(result.reshape(shape), failures)


def _unusable(
    parameter: Parameter, item: Elements, shape: tuple[int, ...]
) -> Iterator[tuple[int, HedgeError]]:
    """The elements of the broadcast that an argument spoils."""
    problems = dict(item.problems)
    if item.blank is not None and not parameter.optional and not parameter.blank:
        for index in np.flatnonzero(item.blank).tolist():
            row = index // item.values.shape[1] + 1
            problems[index] = InputError("is missing", argument=f"{parameter.name} row {row}")
    if problems:
        cells = np.arange(item.values.size).reshape(item.values.shape)
        source = np.broadcast_to(cells, shape).ravel()
        for index in np.flatnonzero(np.isin(source, list(problems))).tolist():
            yield index, problems[int(source[index])]


def _groups(
    ranges: Ranges, shape: tuple[int, ...], good: Any
) -> Iterator[tuple[Any, dict[str, Any], dict[str, Any]]]:
    """Good elements that share their options and their blanks: indices, options, columns."""
    key = np.zeros(good.size, dtype=np.int64)
    columns: dict[str, Any] = {}
    options: dict[str, Any] = {}
    may_be_none: dict[str, Any] = {}
    for parameter, item in ranges.items():
        flat = np.broadcast_to(item.values, shape).ravel()
        blank = np.zeros(good.size, dtype=bool)
        if item.blank is not None:
            blank = np.broadcast_to(item.blank, shape).ravel()
            if parameter.default is not None:
                flat = np.where(blank, parameter.default, flat)
        if parameter.choices:
            names, codes = np.unique(flat.astype(str), return_inverse=True)
            key = key * len(names) + codes
            options[parameter.name] = flat
        else:
            columns[parameter.name] = flat
        if parameter.blank and parameter.default is None:
            key = key * 2 + blank
            may_be_none[parameter.name] = blank
    for value in np.unique(key[good]).tolist():
        todo = np.flatnonzero(good & (key == value))
        chosen = {name: flat[todo[0]] for name, flat in options.items()}
        left_out = {name for name, blank in may_be_none.items() if blank[todo[0]]}
        chosen.update(dict.fromkeys(left_out))
        yield todo, chosen, {n: column for n, column in columns.items() if n not in left_out}
