"""How likely the price touches a level: first passage of geometric Brownian motion."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.margin.liquidation import Side
from xlhedge.core.margin.maintenance import (
    Requirement,
    as_given,
    notional_of,
    orientation,
    requirement,
)
from xlhedge.core.risk.parametric import DAYS_PER_YEAR
from xlhedge.core.statistics.stable import log_ratio
from xlhedge.core.types import ContractType, Elementwise, Floats, Labelled
from xlhedge.errors import NoConvergence


def probability(
    price: Elementwise,
    liq_price: Elementwise,
    volatility: Elementwise,
    days: Elementwise,
    drift: Elementwise = 0,
    side: Side | None = None,
) -> Elementwise:
    """Probability that the price touches the liquidation price at any moment within some days.

    Parameters
    ----------
    price
        Price now.
    liq_price
        Liquidation price.
    volatility
        Volatility per year, 0.6 for 60 %.
    days
        Days from now.
    drift
        Expected return of the price per year (of dS/S), 0 for a price without a trend.
    side
        short: liquidated above; long: below. Left blank, it is inferred from liq_price − price,
        which is wrong for a position beyond its liquidation price.

    Returns
    -------
    float or array
        Probability between 0 and 1; 1 where the price is at the liquidation price or beyond.

    Raises
    ------
    DomainError
        For a price that is not positive, or a volatility or a number of days that is negative.

    Notes
    -----
    With T = days/365, b = abs(ln(liq_price/price)) and ν = ±(drift − σ²/2) the log drift towards
    the level, P = Φ((νT − b)/σ√T) + e^(2νb/σ²) Φ((−νT − b)/σ√T). The second term is evaluated as
    ½ e^(−w²/2) erfcx(z/√2), with w = (b − νT)/σ√T and z = (b + νT)/σ√T, which neither overflows
    nor cancels. Without volatility or days the price follows its drift or stays.

    The path is continuous and watched at every moment; prices that gap are liquidated more often.

    References
    ----------
    Haug (1998), The Complete Guide to Option Pricing Formulas, McGraw-Hill, binary barrier options.

    Examples
    --------
    A short of 70,000 that is liquidated at 76,616.92, at a volatility of 60 %, within a week; and
    where the price is beyond that already:

    >>> from xlhedge import margin
    >>> round(margin.probability(70000, 76616.92, 0.6, 7, 0, "short"), 4)
    0.2647
    >>> margin.probability(80000, 76616.92, 0.6, 7, 0, "short")
    1.0
    """
    check.positive(price=price, liq_price=liq_price)
    check.volatility(volatility=volatility)
    check.not_negative(days=days)
    log_distance = log_ratio(liq_price, price)
    upwards = {"short": 1.0, "long": -1.0}.get(side or "")
    direction = np.sign(log_distance) if upwards is None else upwards
    distance = log_distance * direction
    years = days / DAYS_PER_YEAR
    spread = volatility * np.sqrt(years)
    ahead = direction * (drift - np.square(volatility) / 2) * years
    return as_given(touch(distance, ahead, spread))


def touch(distance: Any, ahead: Any, spread: Any) -> Floats:
    """Probability that Brownian motion reaches `distance`; 1 where that is not positive.

    Parameters
    ----------
    distance
        Distance of the level, positive = still ahead.
    ahead
        Drift towards the level over the whole time.
    spread
        Standard deviation over the whole time; 0 is a certain path.
    """
    moving = np.asarray(spread) > 0
    direct, mirrored = _beyond_and_mirrored(distance, ahead, np.where(moving, spread, 1.0))
    reached = np.where(moving, np.minimum(direct + mirrored, 1.0), ahead >= distance)
    return np.where(np.asarray(distance) <= 0, 1.0, reached)


def _beyond_and_mirrored(distance: Any, ahead: Any, sigma: Any) -> tuple[Any, Any]:
    """Probability to end beyond the level, and to touch it and come back, by reflection."""
    from scipy import special

    w, z = (distance - ahead) / sigma, (distance + ahead) / sigma
    far = z >= 0
    mirrored = 0.5 * np.exp(-w * w / 2) * special.erfcx(np.maximum(z, 0) / np.sqrt(2))
    if not far.all():
        near = np.exp(np.minimum(2 * ahead / sigma * (distance / sigma), 0)) * special.ndtr(-z)
        mirrored = np.where(far, mirrored, near)
    return special.ndtr(-w), mirrored


def margin_buffer(
    contracts: Elementwise,
    price: Elementwise,
    volatility: Elementwise,
    days: Elementwise,
    maintenance_rate: Elementwise | None,
    confidence: Elementwise = 0.99,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
    tiers: Labelled[Tiers] | None = None,
    fee_rate: Elementwise = 0,
) -> Elementwise:
    """Wallet balance with which a position survives some days at a confidence.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    price
        Price now, which is also the entry price.
    volatility
        Volatility per year, 0.6 for 60 %.
    days
        Days for which the balance shall last.
    maintenance_rate
        Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.
    confidence
        Probability of no liquidation, 0.99 for one in a hundred.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear (balance in quote currency) or inverse (balance in coin).
    tiers
        The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.
    fee_rate
        Liquidation fee rate, where the venue counts it with maintenance.

    Returns
    -------
    float or array
        Balance in quote currency (linear) or coin (inverse).

    Raises
    ------
    InputError
        With neither maintenance_rate nor tiers, or with both.
    DomainError
        For a price or size that is not positive, a volatility or days below 0, a rate outside
        [0, 1) or a confidence outside (0, 1).

    Notes
    -----
    The level P with LIQ_PROBABILITY(price, P, volatility, days) = 1 − confidence is found by
    Newton's method; the balance is the one with which LIQ_PRICE is P: maintenance at P less the
    profit from price to P.

    References
    ----------
    Haug (1998), The Complete Guide to Option Pricing Formulas, McGraw-Hill, binary barrier
    options.

    Examples
    --------
    The balance, and what LIQ_PROBABILITY says of it:

    >>> from xlhedge import margin
    >>> balance = margin.margin_buffer(-1, 70000, 0.6, 7, 0.005)
    >>> round(balance, 2)
    16872.57
    >>> liquidated_at = margin.liquidation_price(-1, 70000, balance, 0.005)
    >>> round(margin.probability(70000, liquidated_at, 0.6, 7), 6)
    0.01
    """
    check.positive(price=price, contract_size=contract_size)
    check.volatility(volatility=volatility)
    check.not_negative(days=days)
    check.inside(0, 1, confidence=confidence)
    orient = orientation(contracts, contract_type)
    spread = volatility * np.sqrt(days / DAYS_PER_YEAR)
    chance = 1 - np.asarray(confidence)
    direction = np.where(np.asarray(contracts) < 0, 1.0, -1.0)
    log_move = direction * _distance(direction, spread, chance)
    at_entry = notional_of(contracts, price, contract_size, contract_type)
    # The notional's change by expm1, not as a difference: the level may be very near.
    change = at_entry * np.expm1(log_move if contract_type == "linear" else -log_move)
    need = requirement(maintenance_rate, tiers, contracts, contract_size, contract_type, fee_rate)
    balance = need.margin(at_entry + change) - orient * change
    if need.schedule is not None and need.schedule.whole:
        balance = np.maximum(balance, _at_jumps(need, orient, at_entry, at_entry + change))
    return as_given(balance)


def _at_jumps(need: Requirement, orient: Any, at_entry: Any, at_level: Any) -> Any:
    """Balance that the jumps of a whole schedule between today and the level ask for.

    Only where equity falls with the notional's fall does a jump ask for more than the level: just
    above a floor the higher rate still holds.
    """
    schedule = need.schedule
    most: Any = -np.inf
    if schedule is None:
        return most
    for floor, rate in zip(schedule.floor[1:].tolist(), schedule.rate[1:].tolist(), strict=True):
        passed = (orient > 0) & (floor < at_entry) & (floor >= at_level)
        asked = (rate + need.fee_rate) * floor - (floor - at_entry)
        most = np.maximum(most, np.where(passed, asked, -np.inf))
    return most


def _distance(direction: Any, spread: Any, chance: Any) -> Floats:
    """Log distance of the level on the side of `direction`, for a price without trend."""
    if np.size(spread) == np.size(chance) == 1:
        # One level per side, however many rows there are.
        up, down = (level(spread, -side * np.square(spread) / 2, chance) for side in (1.0, -1.0))
        return np.where(direction > 0, up, down)
    return level(*np.broadcast_arrays(spread, -direction * np.square(spread) / 2, chance))


def level(spread: Any, ahead: Any, chance: Any) -> Floats:
    """The distance that Brownian motion reaches with probability `chance`.

    The logarithm of the probability falls with the distance. Newton's method starts at an upper
    bound, 2Φ(−(b − max(ahead, 0))/spread), and falls back on bisection where it leaves the bracket.
    """
    from scipy import special

    moving = np.asarray(spread) > 0
    sigma = np.where(moving, spread, 1.0)
    low = np.zeros_like(sigma)
    high = np.maximum(ahead, 0) - sigma * special.ndtri(chance / 2)
    found = high
    for _ in range(80):
        direct, mirrored = _beyond_and_mirrored(found, ahead, sigma)
        reached = np.minimum(direct + mirrored, 1.0)
        short_of = reached > chance
        low, high = np.where(short_of, found, low), np.where(short_of, high, found)
        w = (found - ahead) / sigma
        density = np.exp(-w * w / 2) / np.sqrt(2 * np.pi) / sigma
        slope = 2 * ahead / sigma**2 * mirrored - 2 * density
        with np.errstate(all="ignore"):
            step = found - np.log(reached / chance) * reached / slope
        inside = (step >= low * (1 - 1e-12)) & (step <= high * (1 + 1e-12))
        new = np.where(inside, step, (low + high) / 2)
        # The error after a step of Newton's is of the order of its square.
        settled = inside & (np.abs(new - found) <= 1e-10 * new)
        found = new
        if settled.all():
            break
    else:
        close = np.abs(touch(found, ahead, sigma) / chance - 1) < 1e-9
        check.require(close, "the liquidation level did not converge", error=NoConvergence)
    return np.where(moving, found, 0.0)
