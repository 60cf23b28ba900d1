"""Does a value at risk keep what it promises? Kupiec, Christoffersen and the Basel zones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import LabelValue, Series

YELLOW, RED = 0.95, 0.9999


def backtest(pnl: Series, var: Series | float, confidence: float = 0.99) -> LabelValue:
    """Backtest of a value at risk: exceptions, Kupiec's and Christoffersen's tests, Basel zone.

    Parameters
    ----------
    pnl
        Profit and loss per period, one row or column, oldest first; losses negative.
    var
        Value at risk forecast for the same periods, losses positive: one number or a column.
    confidence
        Confidence level that the value at risk was made for, for example 0.99.

    Returns
    -------
    table
        exceptions, expected, kupiec_lr, kupiec_p, christoffersen_lr, christoffersen_p,
        conditional_lr, conditional_p and zone (green, yellow or red).

    Raises
    ------
    InputError
        When pnl and var differ in length.
    DomainError
        When confidence lies outside (0, 1).
    TooFewData
        When there are fewer than 2 rows.

    Notes
    -----
    An exception is a loss strictly greater than the value at risk. With x exceptions in n rows and
    p = 1 − confidence:

    - kupiec_lr = −2 ln[(1−p)ⁿ⁻ˣ pˣ] + 2 ln[(1−x/n)ⁿ⁻ˣ (x/n)ˣ], χ² with one degree of freedom: is
      the number of exceptions right?
    - christoffersen_lr compares a first-order Markov chain of exceptions with independent ones,
      χ² with one degree of freedom: do exceptions come in runs?
    - conditional_lr is the sum of both, χ² with two degrees of freedom.
    - zone: where the binomial probability of x or fewer exceptions is 0.95 or more it is yellow,
      from 0.9999 red; at 99 % over 250 days these are Basel's 5 and 10 exceptions.

    0·ln 0 counts as 0. The tests have little power over short samples: 250 rows at 99 % expect 2.5
    exceptions, and in fewer than 6 rows even none is yellow, since nothing could have been seen. A
    p value is 1 where the statistic is 0.

    References
    ----------
    Kupiec (1995), Techniques for Verifying the Accuracy of Risk Measurement Models, Journal of
    Derivatives 3(2), 73-84.
    Christoffersen (1998), Evaluating Interval Forecasts, International Economic Review 39(4),
    841-862.
    Basel Committee on Banking Supervision (1996), Supervisory framework for the use of
    "backtesting" in conjunction with the internal models approach to market risk capital
    requirements.

    Examples
    --------
    Six losses beyond a constant value at risk of 1 in 250 days:

    >>> from xlhedge import risk
    >>> pnl = [-2.0 if day < 240 and day % 40 == 1 else 0.0 for day in range(250)]
    >>> test = risk.backtest(pnl, 1, 0.99)
    >>> test.exceptions, test.expected, test.zone
    (6, 2.5, 'yellow')
    >>> round(test.kupiec_p, 4), round(test.christoffersen_p, 4), round(test.conditional_p, 4)
    (0.0594, 0.5862, 0.1458)
    """
    from scipy import special

    check.inside(0, 1, confidence=confidence)
    check.enough(2, pnl=pnl)
    if isinstance(var, np.ndarray):
        check.aligned(2, pnl=pnl, var=var)
    hits = -pnl > var
    rows, count = len(hits), int(hits.sum())
    tail = round(1.0 - confidence, 12)
    kupiec = _likelihood_ratio(rows, count / rows - tail, tail)
    markov = _independence(hits)
    cumulative = float(special.bdtr(count, rows, tail))
    return {
        "exceptions": count,
        "expected": rows * tail,
        "kupiec_lr": kupiec,
        "kupiec_p": float(special.chdtrc(1, kupiec)),
        "christoffersen_lr": markov,
        "christoffersen_p": float(special.chdtrc(1, markov)),
        "conditional_lr": kupiec + markov,
        "conditional_p": float(special.chdtrc(2, kupiec + markov)),
        "zone": "red" if cumulative >= RED else "yellow" if cumulative >= YELLOW else "green",
    }


def _likelihood_ratio(trials: int, gap: float, expected: float) -> float:
    """2 ln of how much likelier a share of `expected` + `gap` makes what happened in the trials.

    2n[q ln(q/p) + (1−q) ln((1−q)/(1−p))] with q = p + δ is 2n[p·g(δ/p) + (1−p)·g(−δ/(1−p))] where
    g(u) = (1+u) ln(1+u) − u. No term of it is negative: nothing cancels where q is near p.
    """
    if gap == 0:
        return 0.0
    if not 0 < expected < 1:
        return math.inf
    hits, others = _surplus(gap / expected), _surplus(-gap / (1 - expected))
    return 2 * trials * (expected * hits + (1 - expected) * others)


def _surplus(u: float) -> float:
    """(1+u) ln(1+u) − u, near 0 by its series Σ (−u)ᵏ/(k(k−1)) from k = 2 on."""
    if u <= -1:
        return 1.0
    if abs(u) > 0.1:
        return (1 + u) * math.log1p(u) - u
    return sum((-u) ** k / (k * (k - 1)) for k in range(2, 17))


def _independence(hits: Any) -> float:
    """Christoffersen's likelihood ratio of a Markov chain against independent exceptions."""
    pairs = np.bincount(2 * hits[:-1] + hits[1:], minlength=4).reshape(2, 2).tolist()
    rows, exceptions = sum(map(sum, pairs)), sum(hit for _, hit in pairs)
    return sum(
        # The difference of two shares of whole numbers, over their common denominator.
        _likelihood_ratio(
            calm + hit,
            (hit * rows - exceptions * (calm + hit)) / ((calm + hit) * rows),
            exceptions / rows,
        )
        for calm, hit in pairs
        if calm + hit
    )
