"""Does a value at risk hold what it promises? Kupiec, Christoffersen and the Basel zones."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core import _checks as check
from xlhedge.core.types import LabelValue, Series

YELLOW, RED = 0.95, 0.9999


def backtest(pnl: Series, var: Series | float, confidence: float = 0.99) -> LabelValue:
    """Backtest of a value at risk: exceptions, Kupiec's and Christoffersen's tests, Basel zone.

    Parameters
    ----------
    pnl
        Profit and loss per period, one row or column, oldest first; losses negative.
    var
        Value at risk foretold for the same periods, losses positive: one number or a column.
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

    >>> from xlhedge import call
    >>> days = [[-2.0 if day % 40 == 1 else 0.0] for day in range(240)] + [[0.0]] * 10
    >>> for label, value in call("VAR_BACKTEST", days, 1, 0.99):
    ...     print(label, value if isinstance(value, str) else round(value, 4))
    exceptions 6.0
    expected 2.5
    kupiec_lr 3.5554
    kupiec_p 0.0594
    christoffersen_lr 0.2963
    christoffersen_p 0.5862
    conditional_lr 3.8517
    conditional_p 0.1458
    zone yellow
    """
    from scipy import special

    check.inside(0, 1, confidence=confidence)
    check.enough(2, pnl=pnl)
    if isinstance(var, np.ndarray):
        check.aligned(2, pnl=pnl, var=var)
    hits = -pnl > var
    rows, count = len(hits), int(hits.sum())
    tail = round(1.0 - confidence, 12)
    kupiec = _ratio(
        (rows - count, 1 - count / rows, 1 - tail),
        (count, count / rows, tail),
    )
    markov = _independence(hits)
    cumulated = float(special.bdtr(count, rows, tail))
    return {
        "exceptions": count,
        "expected": rows * tail,
        "kupiec_lr": kupiec,
        "kupiec_p": float(special.chdtrc(1, kupiec)),
        "christoffersen_lr": markov,
        "christoffersen_p": float(special.chdtrc(1, markov)),
        "conditional_lr": kupiec + markov,
        "conditional_p": float(special.chdtrc(2, kupiec + markov)),
        "zone": "red" if cumulated >= RED else "yellow" if cumulated >= YELLOW else "green",
    }


def _ratio(*outcomes: tuple[float, float, float]) -> float:
    """Likelihood ratio 2 Σ count·ln(fitted/expected) over outcomes (count, fitted, expected)."""
    from scipy import special

    total = sum(
        float(special.xlogy(count, fitted) - special.xlogy(count, expected))
        for count, fitted, expected in outcomes
    )
    return max(0.0, 2 * total)


def _independence(hits: Any) -> float:
    """Christoffersen's likelihood ratio of a Markov chain against independent exceptions."""
    pairs = np.bincount(2 * hits[:-1] + hits[1:], minlength=4).reshape(2, 2)
    overall = float(pairs[:, 1].sum() / pairs.sum())
    outcomes: list[tuple[float, float, float]] = []
    for calm, hit in pairs.tolist():
        share = hit / (calm + hit) if calm + hit else overall
        outcomes += [(calm, 1 - share, 1 - overall), (hit, share, overall)]
    return _ratio(*outcomes)
