"""Accounts along simulated paths of all assets together: the least that each has left.

Paths are simulated in blocks, each with its own random numbers, so that memory stays small and the
digits do not depend on the number of threads. Arrays are assets or accounts × paths.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.margin.curves import AccountCurves, Curve, account_curves
from xlhedge.core.margin.engine import Ledger
from xlhedge.core.types import Flags, Floats

DAYS_PER_YEAR = 365.0


class Market(NamedTuple):
    """How the assets of a book move: one entry per asset that moves an account."""

    assets: list[int]
    volatility: Floats
    loadings: Floats
    """Lower triangular, volatility · loadings · normals are the shocks of one year."""
    degrees_of_freedom: float | None


def market_of(
    assets: list[int], volatility: Floats, R: Floats, degrees_of_freedom: float | None
) -> Market:
    """The market of some assets with a correlation matrix, which may be singular."""
    L = np.zeros_like(R)
    for row in range(len(R)):
        for column in range(row + 1):
            rest = R[row, column] - L[row, :column] @ L[column, :column]
            if row == column:
                # What rounding leaves of a certain move is none.
                L[row, row] = math.sqrt(rest) if rest > 1e-12 else 0.0
            elif L[column, column] > 0:
                L[row, column] = rest / L[column, column]
    return Market(assets, volatility, volatility[:, None] * L, degrees_of_freedom)


class Plan(NamedTuple):
    """What is simulated: the times of steps, and the accounts between two expiries."""

    ledger: Ledger
    market: Market
    times: list[float]
    """Ends of the steps in days, rising; horizons and expiries are among them."""
    horizons: list[float]
    phases: dict[float, Phase]
    """The accounts from a time on."""
    numeraire: list[int]
    """Per account: the asset in whose coins it is measured, −1 for money."""


class Bends(NamedTuple):
    """Where the curves of one asset bend: all accounts' edges, and accounts × edges."""

    edges: Floats
    slope: Floats
    """Change of slope at the edge."""
    step: Floats
    """Change of value at it, where the margin jumps."""

    def beyond(self, growth: Floats, low: float, high: float, room: Floats) -> Any:
        """What the curves have beyond the straight lines of today, for growths from low to high.

        `room` is memory for edges × paths that is used anew, which costs less than fresh pages.
        """
        first, today, last = np.searchsorted(self.edges, [low, 1.0, high]).tolist()
        total: Any = 0.0
        for sign, part in ((1.0, slice(today, last)), (-1.0, slice(first, today))):
            edges = self.edges[part, None]
            if not len(edges):
                continue
            past = room[: len(edges)]
            np.subtract(growth, edges, out=past)
            np.maximum(np.multiply(past, sign, out=past), 0.0, out=past)
            total = total + self.slope[:, part] @ past
            if self.step[:, part].any():
                passed = growth > edges if sign > 0 else growth <= edges
                total += (sign * self.step[:, part]) @ passed
        return total


class Phase(NamedTuple):
    """The accounts between two expiries; matrices are accounts × assets of the market."""

    curves: list[AccountCurves]
    constant: Floats
    slope: Floats
    low: Floats
    """Growth at and below which a curve leaves today's piece."""
    high: Floats
    """Growth above which it does."""
    by_place: dict[tuple[int, int], Curve]
    """Curves by account and asset of the market."""
    bends: list[Bends]
    """Per asset of the market, where the accounts' curves bend."""
    steepest: Floats
    """Accounts × assets: the greatest slope of any piece."""
    with_jumps: list[tuple[int, Curve]]
    """Accounts and curves whose margin jumps somewhere."""
    at_risk: Flags
    """Which accounts hold an open future or a debt."""

    @property
    def has_edges(self) -> bool:
        """Whether any curve has more than one piece."""
        return bool(np.isfinite(self.high).any() or (self.low > 0).any())


def make_plan(ledger: Ledger, market: Market, horizons: list[float], numeraire: list[int]) -> Plan:
    """Steps of a day, cut at horizons and expiries."""
    end = max(horizons)
    days = ledger.book.positions.days[ledger.book.account >= 0]
    expiries = {day for day in days.tolist() if day < end}
    whole = {float(day) for day in range(1, math.floor(end) + 1)}
    times = sorted(time for time in {*whole, *horizons, *expiries} if 0 < time <= end)
    phases = {-1.0: _phase(ledger, market, -1.0)}
    phases.update({day: _phase(ledger, market, day) for day in sorted(expiries)})
    return Plan(ledger, market, times, horizons, phases, numeraire)


def _bends(by_place: dict[tuple[int, int], Curve], column: int, accounts: int) -> Bends:
    curves = {row: curve for (row, place), curve in by_place.items() if place == column}
    edges = np.unique(np.concatenate([np.empty(0), *(curve.edges for curve in curves.values())]))
    slope, step = np.zeros((2, accounts, len(edges)))
    for row, curve in curves.items():
        places = np.searchsorted(edges, curve.edges)
        slope[row, places] = np.diff(curve.slope)
        jump = np.diff(curve.constant) + np.diff(curve.slope) * curve.edges
        step[row, places] = np.where(curve.jumps, jump, 0.0)
    return Bends(edges, slope, step)


def _phase(ledger: Ledger, market: Market, closed: float) -> Phase:
    """The accounts once all that expires by a time is closed."""
    book = ledger.book
    curves = account_curves(ledger, closed)
    shape = (len(curves), len(market.assets))
    constant = np.array([account.constant for account in curves])
    slope, low, high = np.zeros(shape), np.zeros(shape), np.full(shape, np.inf)
    by_place: dict[tuple[int, int], Curve] = {}
    for row, account in enumerate(curves):
        for curve in account.curves:
            if curve.asset not in market.assets:  # a stablecoin's, which does not move
                constant[row] += float(curve.at(np.ones(1))[0])
                continue
            column = market.assets.index(curve.asset)
            by_place[row, column] = curve
            piece = int(curve.pieces(1.0))
            edges = np.concatenate([[0.0], curve.edges, [np.inf]])
            low[row, column], high[row, column] = edges[piece], edges[piece + 1]
            constant[row] += curve.constant[piece]
            slope[row, column] = curve.slope[piece]
    bends = [_bends(by_place, column, len(curves)) for column in range(len(market.assets))]
    steepest = np.zeros(shape)
    for place, curve in by_place.items():
        steepest[place] = np.abs(curve.slope).max()
    with_jumps = [(row, curve) for (row, _), curve in by_place.items() if curve.jumps.any()]
    is_open = (book.account >= 0) & (book.units != 0) & ~(book.positions.days <= closed)
    at_risk = np.zeros(len(curves), dtype=bool)
    at_risk[book.account[is_open]] = True
    at_risk[book.balances.account[book.balances.quantity < 0]] = True
    return Phase(curves, constant, slope, low, high, by_place, bends, steepest, with_jumps, at_risk)
