"""Description of a series, cell by cell: a figure that does not exist spoils its own cell only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from xlhedge.core.basis.reversion import fit_ou
from xlhedge.core.statistics.stable import inner
from xlhedge.core.types import Floats, LabelValue, Value
from xlhedge.errors import HedgeError, ZeroVariance


def attempt(figure: Callable[..., Value], *arguments: Any) -> Value:
    """The figure, or the error that stands in its place."""
    try:
        return figure(*arguments)
    except HedgeError as problem:
        return problem


def attempt_table(table: Callable[[], LabelValue], labels: tuple[str, ...]) -> Mapping[str, Value]:
    """The table, or its error under each of the labels."""
    try:
        return table()
    except HedgeError as problem:
        return dict.fromkeys(labels, problem)


def spread(values: Floats) -> dict[str, Value]:
    """Smallest, largest, median and the 5 % and 95 % quantiles (Excel's PERCENTILE.INC)."""
    minimum, low, median, high, maximum = np.quantile(values, [0, 0.05, 0.5, 0.95, 1]).tolist()
    return {"minimum": minimum, "p05": low, "median": median, "p95": high, "maximum": maximum}


def deviations(values: Floats) -> Floats:
    """Distances from the mean; refuses a series whose rows are all the same."""
    result: Floats = values - values.mean()
    if float(np.ptp(values)) <= 1e-14 * float(np.max(np.abs(values))):
        raise ZeroVariance("the series must vary, got the same value in every row")
    return result


def moment(values: Floats, order: int) -> float:
    """Standardised central moment: 3 for skewness, 4 for kurtosis; sums are divided by n."""
    centred = deviations(values)
    return float(np.mean(centred**order) / np.mean(centred**2) ** (order / 2))


def autocorrelation(values: Floats) -> float:
    """Sample autocorrelation at lag 1."""
    centred = deviations(values)
    return inner(centred[1:], centred[:-1]) / inner(centred, centred)


def half_life_days(values: Floats, interval_days: float) -> Value:
    """Half-life of the fitted Ornstein-Uhlenbeck process."""
    return fit_ou(values, interval_days)["half_life_days"]
