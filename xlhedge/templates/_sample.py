"""A simulated market history for templates that no user has filled yet.

It is not market data, and every sheet that shows it says so. Only uniform numbers of PCG64 are
drawn, whose stream is the same on every platform and for every NumPy, and all results are rounded.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.templates._book_history import BookHistory, Market, of_one
from xlhedge.templates._history import History

SEED = 46
ROWS = 1095
INTERVAL_HOURS = 8
FIRST = datetime(2025, 1, 1)
LAST_SPOT = 70_000.0

_VOLATILITY = 0.50
_BASIS_MEAN, _BASIS_SD, _BASIS_HALF_LIFE_DAYS = -0.0002, 0.0006, 2.0
_FUNDING_MEAN, _FUNDING_SD, _FUNDING_HALF_LIFE_DAYS = 0.00008, 0.00009, 4.0
_PREMIUM_IN_FUNDING = 0.6
_BETA, _OWN_VOLATILITY, _LAST_ETHER = 1.6, 0.30, 3_500.0


def student_shocks(uniform: Floats) -> Floats:
    """Student shocks with 4 degrees of freedom and unit variance, from four uniforms a row.

    A normal by Box and Muller over the root of a chi-square with 4 degrees of freedom, which is
    −2 ln(u₁u₂).
    """
    normal = np.sqrt(-2.0 * np.log(uniform[:, 0])) * np.cos(2.0 * np.pi * uniform[:, 1])
    chi_square = -2.0 * np.log(uniform[:, 2] * uniform[:, 3])
    return np.asarray(normal / np.sqrt(chi_square / 4.0) * np.sqrt(0.5))


def _mean_reverting(shocks: Floats, mean: float, sd: float, half_life_days: float) -> Floats:
    """An Ornstein-Uhlenbeck path in its exact discrete form, from its mean."""
    kept = 0.5 ** (INTERVAL_HOURS / 24.0 / half_life_days)
    path = np.empty(len(shocks))
    level = 0.0
    for row, shock in enumerate(shocks):
        level = kept * level + sd * np.sqrt(1.0 - kept * kept) * shock
        path[row] = mean + level
    return path


def _funding(basis_shocks: Floats, own_shocks: Floats) -> Floats:
    """Rates that go with the premium of the same interval."""
    mixed = np.sqrt(1.0 - _PREMIUM_IN_FUNDING**2) * own_shocks - _PREMIUM_IN_FUNDING * basis_shocks
    rates = _mean_reverting(mixed, _FUNDING_MEAN, _FUNDING_SD, _FUNDING_HALF_LIFE_DAYS)
    return np.round(rates, 6)


def history(rows: int = ROWS, seed: int = SEED) -> History:
    """One year of 8-hourly spot, perpetual and funding, simulated.

    Spot is a geometric Brownian motion with fat-tailed shocks (volatility 50 % a year), scaled so
    that it ends at 70,000; ln(spot/future) and the funding rate revert to their means with
    half-lives of 2 and 4 days; a dear future goes with high funding.
    """
    uniform = 1.0 - np.random.Generator(np.random.PCG64(seed)).random((rows, 3, 4))
    spot_shocks, basis_shocks, funding_shocks = (student_shocks(uniform[:, i, :]) for i in range(3))
    sd = _VOLATILITY * np.sqrt(INTERVAL_HOURS / 24.0 / 365.0)
    path = np.cumsum(sd * spot_shocks - 0.5 * sd * sd)
    spot = np.round(LAST_SPOT * np.exp(path - path[-1]), 1)
    basis = _mean_reverting(basis_shocks, _BASIS_MEAN, _BASIS_SD, _BASIS_HALF_LIFE_DAYS)
    return History(
        time=tuple(FIRST + timedelta(hours=INTERVAL_HOURS * row) for row in range(rows)),
        spot=spot,
        futures=np.round(spot * np.exp(-basis), 1),
        funding_rate=_funding(basis_shocks, funding_shocks),
        source="Simulated sample, not market data",
        simulated=True,
    )


def book(rows: int = ROWS, seed: int = SEED) -> BookHistory:
    """The simulated history of Bitcoin, and one of Ether that goes with it.

    Ether's log return is 1.6 times Bitcoin's plus one of its own of 30 % a year, so that it ends
    at 3,500; its basis and its funding have the spreads and half-lives of Bitcoin's, and go
    together as those do.
    """
    first = history(rows, seed)
    uniform = 1.0 - np.random.Generator(np.random.PCG64(seed + 10)).random((rows, 3, 4))
    own, basis_shocks, funding_shocks = (student_shocks(uniform[:, i, :]) for i in range(3))
    sd = _OWN_VOLATILITY * np.sqrt(INTERVAL_HOURS / 24.0 / 365.0)
    path = _BETA * np.log(first.spot) + np.cumsum(sd * own)
    spot = np.round(_LAST_ETHER * np.exp(path - path[-1]), 2)
    basis = _mean_reverting(basis_shocks, _BASIS_MEAN, _BASIS_SD, _BASIS_HALF_LIFE_DAYS)
    funding = _funding(basis_shocks, funding_shocks)
    ether = Market("ETH", spot, np.round(spot * np.exp(-basis), 2), funding)
    one = of_one(first)
    return replace(one, markets=(*one.markets, ether))
