"""Simulated markets of several venues, coins and candles, for templates that nobody has filled.

They are not market data, and every sheet that shows them says so. The draws are those of `_sample`:
uniform numbers of PCG64 only, the same on every platform, and all results are rounded.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.templates._sample import FIRST, LAST_SPOT, SEED, student_shocks

NOTICE = "Simulated sample, not market data"
"""What a sheet says about where sample rows come from."""

_HOURS_PER_YEAR = 8760.0
_VOLATILITY = 0.45


class Payments(NamedTuple):
    """Funding of one venue, oldest first: times, rates per interval and mark prices."""

    time: tuple[datetime, ...]
    rates: Floats
    marks: Floats


class Schedule(NamedTuple):
    """How a venue's simulated funding behaves; mean and spread are per year."""

    hours: int
    mean: float
    spread: float
    half_life_hours: float


def _shocks(seed: int, rows: int, columns: int) -> Floats:
    """Fat-tailed shocks of unit variance."""
    uniform = 1.0 - np.random.Generator(np.random.PCG64(seed)).random((rows, columns, 4))
    return np.column_stack([student_shocks(uniform[:, place, :]) for place in range(columns)])


def _times(rows: int, hours: int) -> tuple[datetime, ...]:
    return tuple(FIRST + timedelta(hours=hours * row) for row in range(rows))


def _walk(shocks: Floats, deviation: float, last: float) -> Floats:
    """A geometric random walk without drift that ends at `last`."""
    path = np.cumsum(deviation * shocks - 0.5 * deviation**2)
    return np.asarray(last * np.exp(path - path[-1]))


def payments(schedules: tuple[Schedule, ...], days: int) -> list[Payments]:
    """Funding of several venues over the same days, each at its own interval.

    One coin's price is a geometric Brownian motion by the hour (volatility 45 % a year). Each
    venue's yearly rate reverts to its own mean and is paid by its share of the year.
    """
    hours = days * 24
    shocks = _shocks(SEED + 1, hours, 1 + len(schedules))
    price = _walk(shocks[:, 0], _VOLATILITY / np.sqrt(_HOURS_PER_YEAR), LAST_SPOT)
    found = []
    for place, schedule in enumerate(schedules, 1):
        rows = hours // schedule.hours
        kept = 0.5 ** (schedule.hours / schedule.half_life_hours)
        level, rates = 0.0, np.empty(rows)
        for row in range(rows):
            shock = shocks[row * schedule.hours, place]
            level = kept * level + schedule.spread * np.sqrt(1.0 - kept * kept) * shock
            rates[row] = schedule.mean + level
        marks = price[schedule.hours - 1 :: schedule.hours]
        scaled = np.round(rates * schedule.hours / _HOURS_PER_YEAR, 8)
        found.append(Payments(_times(rows, schedule.hours), scaled, np.round(marks, 1)))
    return found


class Candles(NamedTuple):
    """Daily open, high, low and close, oldest first."""

    time: tuple[datetime, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats


def candles(days: int) -> Candles:
    """Daily candles whose volatility comes in clusters, ending at the sample's last spot price.

    Hourly steps; the day's variance follows a GARCH(1,1) with α 0.1 and β 0.88 around a
    volatility of 45 % a year.
    """
    steps = _shocks(SEED + 2, days * 24, 1).reshape(days, 24)
    long_run = _VOLATILITY**2 / 365.0
    variance, moves = long_run, np.empty((days, 24))
    for day in range(days):
        moves[day] = steps[day] * np.sqrt(variance / 24.0)
        variance = 0.02 * long_run + 0.1 * float(moves[day].sum()) ** 2 + 0.88 * variance
    path = np.cumsum(moves.ravel())
    inside = LAST_SPOT * np.exp(path - path[-1]).reshape(days, 24)
    close = inside[:, -1]
    first = np.concatenate([[inside[0, 0] / np.exp(moves[0, 0])], close[:-1]])
    return Candles(
        _times(days, 24),
        np.round(first, 1),
        np.round(np.maximum(first, inside.max(axis=1)), 1),
        np.round(np.minimum(first, inside.min(axis=1)), 1),
        np.round(close, 1),
    )


def coins(days: int, betas: dict[str, tuple[float, float, float]]) -> dict[str, Floats]:
    """Daily prices of several coins, each with its beta to the first one's future.

    Each value gives beta, volatility a year of what the market does not explain, and last price.
    """
    shocks = _shocks(SEED + 3, days, 1 + len(betas))
    market = _VOLATILITY / np.sqrt(365.0) * shocks[:, 0]
    found = {}
    for place, (name, (slope, own, last)) in enumerate(betas.items(), 1):
        path = np.cumsum(slope * market + own / np.sqrt(365.0) * shocks[:, place])
        found[name] = np.round(last * np.exp(path - path[-1]), 4)
    return found


def days_on(days: int) -> tuple[datetime, ...]:
    """The dates of daily samples."""
    return _times(days, 24)
