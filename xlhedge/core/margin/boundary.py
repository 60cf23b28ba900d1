"""The first move at which an account reaches liquidation, bracket by bracket.

Along a path on which each asset's log price moves by κ · t, what an account has beyond its
maintenance is, between two kinks, a constant and Σ c · e^(κt). With one κ that is a straight line
in the growth and its root is known; with several, the roots lie between those of its derivative,
which has one term less, so all of them are found without a grid.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np

from xlhedge.core.margin.curves import AccountCurves
from xlhedge.core.types import Floats

ROUNDING = 1e-14
"""A sum is 0 where it is smaller than this share of its parts."""

_FURTHEST = 300.0
"""Largest log move that is looked at."""


class Pieces(NamedTuple):
    """A path in pieces: on each, constant + Σ coefficient · e^(exponent · t)."""

    start: Floats
    stop: Floats
    constant: Floats
    coefficient: Floats
    exponent: Floats


def first_reach(
    account: AccountCurves,
    slopes: Floats,
    upwards: bool,
    furthest: float = math.inf,
    recover: bool = False,
) -> float | None:
    """How far along a path an account first reaches liquidation, or None where it does not.

    Parameters
    ----------
    account
        The account.
    slopes
        κ of each asset of the book.
    upwards
        Direction of the path.
    furthest
        Log move up to which it is looked for.
    recover
        Whether it is liquidated at the start, and is sought where it is no longer.

    Returns
    -------
    float or None
        Log move t, 0 or more in the direction of the path. The limit at a floor counts as reached.
    """
    pieces = _pieces(account, slopes if upwards else -slopes, furthest)
    if recover:
        pieces = pieces._replace(constant=-pieces.constant, coefficient=-pieces.coefficient)
    return first_root(pieces)


def first_root(pieces: Pieces) -> float | None:
    """The first t at which the path is not above 0."""
    if len(pieces.exponent) <= 1:
        return _first_line_root(pieces)
    start, stop = pieces.start[:, None], pieces.stop[:, None]
    ends = [pieces.coefficient * np.exp(pieces.exponent * end) for end in (start, stop)]
    lowest = pieces.constant + np.minimum(*ends).sum(axis=1)
    for piece in np.flatnonzero(lowest <= 0).tolist():
        first = float(pieces.start[piece])
        terms = _terms(pieces, piece)
        if _value(terms, first) <= 0:
            return first
        roots = _roots(terms, first, float(pieces.stop[piece]))
        if roots:
            return roots[0]
    return None


def _first_line_root(pieces: Pieces) -> float | None:
    """The same with one exponent: each piece is a straight line of the growth."""
    if len(pieces.exponent) == 0:
        return float(pieces.start[0]) if pieces.constant[0] <= 0 else None
    exponent, slope = float(pieces.exponent[0]), pieces.coefficient[:, 0]
    at_start = pieces.constant + slope * np.exp(exponent * pieces.start)
    with np.errstate(all="ignore"):
        growth = -pieces.constant / slope
        root = np.log(growth) / exponent
    slack = 4e-16 * (1 + np.abs(pieces.stop))
    inside = (root >= pieces.start - slack) & (root <= pieces.stop + slack)
    falls = slope * exponent < 0
    reached = np.flatnonzero((at_start <= 0) | (inside & falls))
    if not reached.size:
        return None
    piece = int(reached[0])
    if at_start[piece] <= 0:
        return float(pieces.start[piece])
    return float(min(max(root[piece], pieces.start[piece]), pieces.stop[piece]))


def _pieces(account: AccountCurves, slopes: Floats, furthest: float) -> Pieces:
    """The path of an account, from its kinks."""
    curves = account.curves
    kappa = np.array([slopes[curve.asset] for curve in curves])
    moving = kappa != 0
    steepest = float(np.abs(kappa).max(initial=0.0))
    end = min(furthest, _FURTHEST / steepest if steepest else 0.0)
    kinks = [np.log(curve.edges) / k for curve, k in zip(curves, kappa.tolist(), strict=True) if k]
    times = np.concatenate([[0.0], *kinks])
    times = np.where(np.abs(times) < 1e-15, 0.0, times)
    start = np.unique(times[(times >= 0) & (times < end)])
    stop = np.append(start[1:], max(end, 0.0))
    middle = (start + stop) / 2
    constant = np.full(len(start), account.constant)
    constant_size = np.full(len(start), account.constant_size)
    exponent = np.unique(kappa[moving])
    coefficient, size = np.zeros((2, len(start), len(exponent)))
    for curve, k in zip(curves, kappa.tolist(), strict=True):
        piece = curve.pieces(np.exp(k * middle))
        constant += curve.constant[piece]
        constant_size += curve.constant_size[piece]
        if k:
            place = int(np.searchsorted(exponent, k))
            coefficient[:, place] += curve.slope[piece]
            size[:, place] += curve.slope_size[piece]
        else:
            constant += curve.slope[piece]
            constant_size += curve.slope_size[piece]
    constant[np.abs(constant) <= ROUNDING * constant_size] = 0.0
    coefficient[np.abs(coefficient) <= ROUNDING * size] = 0.0
    return Pieces(start, stop, constant, coefficient, exponent)


def _terms(pieces: Pieces, piece: int) -> list[tuple[float, float]]:
    """Exponents and coefficients of a piece, rising, without those that are 0."""
    terms = {0.0: float(pieces.constant[piece])}
    for k, c in zip(pieces.exponent.tolist(), pieces.coefficient[piece].tolist(), strict=True):
        terms[k] = terms.get(k, 0.0) + c
    return sorted((k, c) for k, c in terms.items() if c != 0)


def _value(terms: list[tuple[float, float]], t: float) -> float:
    return math.fsum(c * math.exp(k * t) for k, c in terms)


def _roots(terms: list[tuple[float, float]], start: float, stop: float) -> list[float]:
    """All roots of Σ c · e^(kt) between start and stop, rising.

    Divided by its first exponential the sum has the same roots, and its derivative has one term
    less. Between two roots of the derivative it is monotonic.
    """
    if len(terms) < 2:
        return []
    first = terms[0][0]
    divided = [(k - first, c) for k, c in terms]
    derivative = [(k, c * k) for k, c in divided if k]
    nodes = [start, *_roots(derivative, start, stop), stop]
    roots: list[float] = []
    for low, high in itertools.pairwise(nodes):
        at_low, at_high = _value(divided, low), _value(divided, high)
        if at_low == 0:
            roots.append(low)
        elif at_low * at_high < 0:
            roots.append(_between(divided, low, high))
    if _value(divided, stop) == 0:
        roots.append(stop)
    return roots


def _between(terms: list[tuple[float, float]], low: float, high: float) -> float:
    """The root of a monotonic sum, by halving: importing a solver takes longer than all roots."""
    rises = _value(terms, low) < 0
    while low < (middle := (low + high) / 2) < high:
        if (_value(terms, middle) < 0) == rises:
            low = middle
        else:
            high = middle
    return high
