"""The nearest liquidation of a book, and how likely it is."""

from __future__ import annotations

import math

import numpy as np

from xlhedge.core.margin.boundary import first_reach
from xlhedge.core.margin.chances import Volatilities, liquidations, market_of_book
from xlhedge.core.margin.curves import account_curves
from xlhedge.core.margin.engine import Ledger
from xlhedge.core.types import Floats, Value
from xlhedge.errors import NoSolution, ZeroVariance

HORIZONS_DAYS = (1, 7, 30)
PATHS, SEED = 20000, 42


def liquidation_rows(
    ledger: Ledger,
    row: int,
    volatility: float | Volatilities,
    correlations: Floats | float | None,
    days: float,
) -> dict[str, Value]:
    """Nearest liquidation by a move of the market, and how likely any is."""
    book = ledger.book
    beyond = bool(ledger.today().liquidated.any())
    moves = _recoveries(ledger) if beyond else _moves(ledger)
    chances = [1.0] * len(HORIZONS_DAYS)
    if not beyond:
        chances = _chances(ledger, row, moves, volatility, correlations)
    labels = [f"liquidation_probability_{h}_day{'s' if h > 1 else ''}" for h in HORIZONS_DAYS]
    rows: dict[str, Value] = {}
    if moves:
        nearest = min(moves, key=abs)
        own = nearest * float(book.beta[book.asset[row]])
        sign = -1.0 if beyond else 1.0
        sigma = _volatility_of(ledger, row, volatility) * math.sqrt(days / 365)
        still = ZeroVariance("without volatility or days a distance has no standard deviations")
        rows["liquidation_price"] = float(book.price[row]) * math.exp(own)
        rows["liquidation_distance"] = sign * abs(math.expm1(own))
        rows["liquidation_distance_sigma"] = sign * abs(own) / sigma if sigma > 0 else still
    else:
        none = NoSolution("no move of the market liquidates an account")
        names = ("price", "distance", "distance_sigma")
        rows.update({f"liquidation_{name}": none for name in names})
    rows.update(zip(labels, chances, strict=True))
    return rows


def _volatility_of(ledger: Ledger, row: int, volatility: float | Volatilities) -> float:
    """Volatility of a position's asset."""
    if not isinstance(volatility, Volatilities):
        return volatility
    name = ledger.book.assets.shown[ledger.book.asset[row]]
    return volatility.of(name)


def _moves(ledger: Ledger) -> list[float]:
    """Log moves of the market, up and down, that first liquidate an account."""
    from xlhedge.core.stress.reverse import first_liquidations

    signs = {"up": 1.0, "down": -1.0}
    found = first_liquidations(ledger)
    return [signs[direction] * crossing.log_move for direction, crossing in found.items()]


def _recoveries(ledger: Ledger) -> list[float]:
    """Log moves of the market after which the account that is liquidated would have margin."""
    from xlhedge.core.stress.reverse import market_slopes

    account = int(np.flatnonzero(ledger.today().liquidated[0])[0])
    curves, slopes = account_curves(ledger)[account], market_slopes(ledger.book)
    reaches = {sign: first_reach(curves, slopes, sign > 0, recover=True) for sign in (1.0, -1.0)}
    return [sign * reach for sign, reach in reaches.items() if reach is not None]


def _chances(
    ledger: Ledger,
    row: int,
    moves: list[float],
    volatility: float | Volatilities,
    correlations: Floats | float | None,
) -> list[float]:
    """Probability that any account is liquidated within each horizon."""
    book = ledger.book
    if isinstance(volatility, Volatilities) and int((~book.is_stable).sum()) > 1:
        market = market_of_book(ledger, volatility, correlations, None)
        days = np.array(HORIZONS_DAYS, dtype=np.float64)
        hit = liquidations(ledger, market, days, PATHS, SEED)
        shares: list[float] = hit[:, -1].mean(axis=1).tolist()
        return shares
    beta, sigma = float(book.beta[book.asset[row]]), _volatility_of(ledger, row, volatility)
    return [_touch_either([move * beta for move in moves], sigma, day) for day in HORIZONS_DAYS]


def _touch_either(moves: list[float], volatility: float, days: float) -> float:
    """Probability of touching a level up or one down; their sum, which bounds it."""
    from xlhedge.core.margin.passage import probability

    chances = [
        probability(
            1.0,
            math.exp(move),
            volatility,
            float(days),
            0.0,
            "short" if move > 0 else "long",
        )
        for move in moves
    ]
    return min(1.0, sum(float(chance) for chance in chances))
