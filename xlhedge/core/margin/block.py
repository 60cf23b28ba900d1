"""One block of simulated paths: what every account has beyond its maintenance, step by step.

Within a step the least of what an account has, g, is drawn from the Brownian bridge between its
values g₀ and g₁ at the step's ends: (g₀ + g₁)/2 − √((g₀ − g₁)²/4 + v·e/2) with e exponential, which
is below 0 with probability exp(−2g₀g₁/v). v is the step's variance of g, at the geometric mean of
the prices at its ends. Accounts that suffer together share e; rises and falls have one each.

At a floor of a whole schedule g jumps: there it is not the bridge of g but that of the log price
that says whether the floor is touched within the step.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.margin.curves import Curve
from xlhedge.core.margin.paths import DAYS_PER_YEAR, Plan
from xlhedge.core.margin.settled import Settled
from xlhedge.core.risk.simulation import run_blocks, worker_count
from xlhedge.core.types import Flags, Floats

BLOCK_PATHS = 4096
"""Paths that are simulated at once."""

MANY_DRAWS = 400_000
"""Paths times steps from which threads are worth their start."""

MOST_KEPT = 1_000_000
"""Random numbers of a block that are kept: 8 megabytes."""

_FURTHEST = 0.5
"""Log move within a step beyond which liquidation is not looked for."""


class Numbers(NamedTuple):
    """The random numbers of one step."""

    normals: Floats
    rise: Floats
    fall: Floats
    gamma: Any
    """Of shape ν/2; None without Student."""


def _drawn(source: Source) -> Iterator[Numbers]:
    """The random numbers, step by step."""
    rng = np.random.default_rng(np.random.SeedSequence(source.seed, spawn_key=(source.block,)))
    freedom, count = source.degrees_of_freedom, source.paths
    while True:
        normals = rng.standard_normal((source.assets, count))
        rise, fall = rng.standard_exponential((2, count))
        gamma = None if freedom is None else rng.standard_gamma(freedom / 2, count)
        yield Numbers(normals, rise, fall, gamma)


@lru_cache(maxsize=4)
def _kept(source: Source, steps: int) -> list[Numbers]:
    return list(islice(_drawn(source), steps))


class Draws(NamedTuple):
    """The random numbers of a step, and its length."""

    years: float
    scale: Any
    """Variance of the step over that of a normal one: (ν − 2)/χ², 1 without Student."""
    rise: Floats
    fall: Floats


class Source(NamedTuple):
    """Where the random numbers of a block come from."""

    seed: int
    block: int
    assets: int
    paths: int
    degrees_of_freedom: float | None

    def steps(self, count: int) -> Iterable[Numbers]:
        """The numbers of `count` steps; where they are few, they are kept for the next call."""
        few = count * self.paths * (self.assets + 3) <= MOST_KEPT
        return _kept(self, count) if few else islice(_drawn(self), count)


class Ends(NamedTuple):
    """The accounts at one end of a step."""

    log: Floats
    growth: Floats
    slack: Floats
    """Equity less maintenance, in the account's numeraire; infinite without risk."""
    spread: Floats
    """An upper bound of its standard deviation over √year."""
    moved: Flags
    """Accounts × assets: whether some path has left today's piece of the curve."""


class Block:
    """One block of paths.

    Parameters
    ----------
    plan
        What is simulated.
    result
        Horizons × accounts × paths, to be filled.
    numbers
        The random numbers of each step.
    sign_only
        Whether the result is asked only for its sign: then the least is not followed where it stays
        above 0.
    """

    def __init__(
        self, plan: Plan, result: Floats, numbers: Iterable[Numbers], *, sign_only: bool
    ) -> None:
        self.sign_only = sign_only
        self.plan, self.result, self.numbers = plan, result, numbers
        self.count = result.shape[2]
        self.market = plan.market
        self.phase = plan.phases[-1.0]
        self.settled: dict[int, Settled] = {}
        shape = (len(self.market.assets), self.count)
        bends = [bends for phase in plan.phases.values() for bends in phase.bends]
        self.room = np.empty((max((len(bend.edges) for bend in bends), default=0), self.count))
        self.now = self._ends(np.zeros(shape))
        self.least = self.now.slack.copy()

    def run(self) -> None:
        """Fill the result."""
        done = 0.0
        if any(time <= 0 for time in self.plan.phases if time >= 0):
            self._expire(0.0)
        self._record(0.0)
        for time, numbers in zip(self.plan.times, self.numbers, strict=True):
            self._step(time - done, numbers)
            done = time
            self._record(time)
            if time in self.plan.phases:
                self._expire(time)

    def _record(self, time: float) -> None:
        for index, horizon in enumerate(self.plan.horizons):
            if horizon == time:
                self.result[index] = self.least

    def _expire(self, time: float) -> None:
        """Close what expires at a time, at its price on each path."""
        book = self.plan.ledger.book
        self.phase = self.plan.phases[time]
        for account in np.unique(book.account[book.positions.days == time]).tolist():
            if account >= 0:
                made = Settled(book, account, self.count)
                self.settled.setdefault(account, made).close(time, self._growth(self.now.growth))
        self.now = self._ends(self.now.log)
        np.minimum(self.least, self.now.slack, out=self.least)

    def _growth(self, growth: Floats) -> Any:
        """Growth of an asset of the book; stablecoins stay."""
        assets, ones = self.market.assets, np.ones(growth.shape[1])
        return lambda asset: growth[assets.index(asset)] if asset in assets else ones

    def _step(self, days: float, numbers: Numbers) -> None:
        years = days / DAYS_PER_YEAR
        shocks = (self.market.loadings * math.sqrt(years)) @ numbers.normals
        scale: Any = 1.0
        freedom = self.market.degrees_of_freedom
        if freedom is not None:
            # χ²/(ν − 2) is a gamma variate of shape ν/2, times 2/(ν − 2).
            scale = (freedom - 2) / 2 / numbers.gamma
            shocks *= np.sqrt(scale)
        drift = self.market.volatility**2 * (years / 2)
        shocks += self.now.log - drift[:, None]
        before, self.now = self.now, self._ends(shocks)
        draws = Draws(years, scale, numbers.rise, numbers.fall)
        self._bridge(before, self.now, draws)
        if self.phase.with_jumps:
            self._jumps(before, self.now, draws)

    def _ends(self, log: Floats) -> Ends:
        """The accounts at the growths of the paths."""
        phase, growth = self.phase, np.exp(log)
        slack = phase.slope @ growth
        slack += phase.constant[:, None]
        steep = np.abs(phase.slope) * self.market.volatility
        moved = np.zeros(phase.slope.shape, dtype=bool)
        if phase.has_edges:
            low, high = growth.min(axis=1), growth.max(axis=1)
            moved = (low <= phase.low) | (high > phase.high)
            steep = np.where(moved, phase.steepest, np.abs(phase.slope)) * self.market.volatility
            for column in np.flatnonzero(moved.any(axis=0)).tolist():
                ends = float(low[column]), float(high[column])
                slack += phase.bends[column].beyond(growth[column], *ends, self.room)
        spread = steep @ growth
        for row, settled in self.settled.items():
            money, coins = settled.correction(self._growth(growth))
            slack[row] += money + sum(coins.values())
            for asset, part in coins.items():
                if asset in self.market.assets:
                    column = self.market.assets.index(asset)
                    spread[row] += np.abs(part) * self.market.volatility[column]
        self._to_numeraire(slack, spread, growth)
        for row in np.flatnonzero(~phase.at_risk).tolist():
            debt = self.settled[row].has_debt() if row in self.settled else False
            slack[row] = np.where(debt, slack[row], np.inf)
        return Ends(log, growth, slack, spread, moved)

    def _curve(self, row: int, column: int) -> Curve:
        """The curve of an account and an asset of the market."""
        return self.phase.by_place[row, column]

    def _unit(self, row: int) -> tuple[int, float]:
        """Column and price of the coin that an account is measured in, −1 for money."""
        asset = self.plan.numeraire[row]
        if asset < 0 or asset not in self.market.assets:
            return -1, 1.0
        return self.market.assets.index(asset), float(self.plan.ledger.book.spot_price[asset])

    def _to_numeraire(self, slack: Floats, spread: Floats, growth: Floats) -> None:
        for row in range(len(slack)):
            column, price = self._unit(row)
            if column >= 0:
                coin = price * growth[column]
                slack[row] /= coin
                spread[row] /= coin
                spread[row] += np.abs(slack[row]) * self.market.volatility[column]

    def _bridge(self, before: Ends, after: Ends, draws: Draws) -> None:
        """Lower the least to what the bridge of the step may have reached."""
        np.minimum(self.least, after.slack, out=self.least)
        # Only where an upper bound of the variance reaches below is the variance itself needed.
        widest = np.maximum(before.spread, after.spread)
        widest *= widest
        widest *= np.maximum(draws.rise, draws.fall) * (draws.scale * draws.years / 2)
        if self.sign_only:  # below 0 is g₀g₁ < v·e/2
            lower = before.slack * after.slack <= widest
            lower &= self.least > 0
        else:
            square = ((after.slack - before.slack) / 2) ** 2
            lower = (before.slack + after.slack) / 2 - np.sqrt(square + widest) < self.least
        for row in np.flatnonzero(lower.any(axis=1)).tolist():
            paths = np.flatnonzero(lower[row])
            growth = np.sqrt(before.growth[:, paths] * after.growth[:, paths])
            moved = before.moved[row] | after.moved[row]
            start, stop = before.slack[row, paths], after.slack[row, paths]
            middle = (start + stop) / 2
            halfway = self._halfway(row, growth, middle, moved, paths)
            exposure = self._exposure(row, *halfway, moved, paths)
            shared = self.market.loadings.T @ exposure
            scale = draws.scale if np.ndim(draws.scale) == 0 else draws.scale[paths]
            variance = np.square(shared).sum(axis=0) * (scale * draws.years)
            hurt = np.where(exposure.sum(axis=0) < 0, draws.rise[paths], draws.fall[paths])
            reached = middle - np.sqrt(((stop - start) / 2) ** 2 + variance * hurt / 2)
            self.least[row, paths] = np.minimum(self.least[row, paths], reached)

    def _halfway(
        self, row: int, growth: Floats, slack: Floats, moved: Flags, paths: Any
    ) -> tuple[Floats, Floats]:
        """Growths and rest halfway from the middle of a step to where the account has nothing left.

        Prices move in logs and the account in money: the bridge of one position is that of its log
        price where the variance is taken halfway to its liquidation price.
        """
        exposure = self._exposure(row, growth, slack, moved, paths)
        shared = self.market.loadings.T @ exposure
        direction = self.market.loadings @ shared
        variance = np.square(shared).sum(axis=0)
        shift = direction * (np.maximum(slack, 0.0) / np.where(variance > 0, variance, 1.0))
        return growth * np.exp(-np.clip(shift, -_FURTHEST, _FURTHEST) / 2), slack / 2

    def _exposure(
        self, row: int, growth: Floats, slack: Floats, moved: Flags, paths: Any
    ) -> Floats:
        """Change of an account per log move of each asset."""
        exposure: Floats = self.phase.slope[row][:, None] * growth
        for column in np.flatnonzero(moved).tolist():
            curve = self._curve(row, column)
            exposure[column] = curve.slope[curve.pieces(growth[column])] * growth[column]
        if row in self.settled:
            for asset, part in self.settled[row].correction(self._growth(growth), paths)[1].items():
                if asset in self.market.assets:
                    exposure[self.market.assets.index(asset)] += part
        column, price = self._unit(row)
        if column >= 0:
            exposure /= price * growth[column]
            exposure[column] -= slack
        return exposure

    def _jumps(self, before: Ends, after: Ends, draws: Draws) -> None:
        """Lower the least where a floor is touched at which the margin jumps."""
        for row, curve in self.phase.with_jumps:
            self._jumps_of(row, curve, before, after, draws)

    def _jumps_of(self, row: int, curve: Curve, before: Ends, after: Ends, draws: Draws) -> None:
        column = self.market.assets.index(curve.asset)
        start, stop = before.log[column], after.log[column]
        volatility = self.market.volatility[column]
        variance = volatility**2 * draws.years * draws.scale
        widest = math.sqrt(float(np.max(variance))) * 6
        low = min(float(start.min()), float(stop.min())) - widest
        high = max(float(start.max()), float(stop.max())) + widest
        unit, price = self._unit(row)
        for edge in np.flatnonzero(curve.jumps).tolist():
            at = float(curve.edges[edge])
            level = math.log(at)
            if not low <= level <= high:
                continue
            hurt = np.where(start < level, draws.rise, draws.fall)
            touched = np.flatnonzero(2 * (level - start) * (level - stop) < variance * hurt)
            if not touched.size:
                continue
            sides = curve.constant[edge : edge + 2] + curve.slope[edge : edge + 2] * at
            worth = [
                (end.slack[row, touched] * _coin(end, unit, price, touched))
                - curve.at(end.growth[column, touched])
                for end in (before, after)
            ]
            value = (worth[0] + worth[1]) / 2 + float(sides.min())
            if unit == column:
                value = value / (price * at)
            elif unit >= 0:
                middle = np.sqrt(before.growth[unit, touched] * after.growth[unit, touched])
                value = value / (price * middle)
            self.least[row, touched] = np.minimum(self.least[row, touched], value)


def _coin(end: Ends, unit: int, price: float, paths: Any) -> Any:
    """Money per unit of an account's numeraire."""
    return 1.0 if unit < 0 else price * end.growth[unit, paths]


def least_margins(plan: Plan, paths: int, seed: int, *, sign_only: bool = False) -> Floats:
    """The least that each account has beyond its maintenance, up to each horizon.

    Returns
    -------
    array
        Horizons × accounts × paths, in the account's numeraire.
    """
    result = np.empty((len(plan.horizons), len(plan.numeraire), paths))
    blocks = -(-paths // BLOCK_PATHS)

    def run(block: int) -> None:
        part = result[:, :, block * BLOCK_PATHS : (block + 1) * BLOCK_PATHS]
        market = plan.market
        source = Source(seed, block, len(market.assets), part.shape[2], market.degrees_of_freedom)
        numbers = source.steps(len(plan.times))
        with np.errstate(all="ignore"):
            Block(plan, part, numbers, sign_only=sign_only).run()

    threaded = paths * len(plan.times) >= MANY_DRAWS
    run_blocks(run, blocks, worker_count(blocks) if threaded else 1)
    return result
