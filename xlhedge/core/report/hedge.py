"""The hedge in one table: exposure, value at risk, liquidation, margin, worst scenario."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Accounts, Positions
from xlhedge.core.book.revaluation import Book, Worlds, make_book, revalue, unrealised
from xlhedge.core.risk.joint_model import JointModel
from xlhedge.core.types import Floats, Labelled, LabelValue, Record, Value
from xlhedge.errors import NoSolution, ZeroVariance

HORIZONS_DAYS = (1, 7, 30)


class Exposure(NamedTuple):
    """What moves with spot, in money; each part times its beta."""

    gross: float
    spot: float
    futures: float

    @property
    def net(self) -> float:
        """Net exposure; 0 where it is nothing but the rounding of its parts."""
        net = self.spot + self.futures
        return net if abs(net) > 1e-12 * self.gross else 0.0


def hedge_report(
    positions: Labelled[Positions],
    accounts: Labelled[Accounts],
    volatility: float,
    horizon_days: float = 1,
    confidence: float = 0.99,
    model: Record[JointModel] | None = None,
) -> LabelValue:
    """The state of a hedged book in one table: exposure, risk, liquidation, margin, worst scenario.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, beta, account, maintenance_rate, maintenance_amount.
    accounts
        Table with the columns account, balance and optionally asset (blank = stablecoin) and
        haircut.
    volatility
        Volatility of the market per year, that of an asset with beta 1.
    horizon_days
        Horizon of value at risk in days.
    confidence
        Confidence level of value at risk, for example 0.99.
    model
        Joint model of spot, basis and funding as JOINT_FIT gives it; left blank, only the
        directional value at risk is known.

    Returns
    -------
    table
        gross_value, net_delta, net_value, hedged_share; var and es with a model, else
        directional_var and directional_es; liquidation_price, liquidation_distance,
        liquidation_distance_sigma; liquidation_probability_1_day, _7_days and _30_days;
        margin_ratio, top_up; worst_scenario, worst_scenario_pnl.

    Raises
    ------
    InputError
        For accounts and positions that do not fit each other, as in STRESS_PNL.
    DomainError
        For a negative volatility, a confidence outside (0, 1), and what VAR_JOINT refuses.

    Notes
    -----
    The hedge asset is that of the largest future, or of the largest holding where there is none.
    Values are weighted with beta, coin balances and the accrued coin profit of inverse contracts
    count as spot; net_delta is net_value in coins of the hedge asset and hedged_share
    −futures/spot. gross_value is not weighted.

    directional_var and directional_es are VAR_NORMAL of net_value: basis and funding, which a
    hedged book still has, are not in them. With a model var and es are VAR_JOINT's, of the same
    exposures in coins of the hedge asset.

    liquidation_price is the price of the largest future at the nearest market move that liquidates
    an account (STRESS_REVERSE); its distance is relative to the price today, and in standard
    deviations of the horizon; both are negative where an account is beyond it. The probability is
    that of touching either of the moves up and down, LIQ_PROBABILITY's sum, and 1 beyond. Moves
    past −99.9 % and +1000 % are not looked at.

    margin_ratio and top_up are those at today's prices; worst_scenario has the lowest
    pnl_after_liquidation of STRESS_SCENARIOS.

    References
    ----------
    Those of VAR_NORMAL, VAR_JOINT, LIQ_PROBABILITY, MARGIN_RATIO and STRESS_PNL, of which it
    is made.

    Examples
    --------
    >>> from xlhedge import call
    >>> book = [
    ...     ["asset", "instrument", "quantity", "price", "account", "maintenance_rate"],
    ...     ["BTC", "spot", 1, 70000, None, None],
    ...     ["BTC", "linear", -1, 70000, "A", 0.005],
    ... ]
    >>> for label, value in call("HEDGE_REPORT", book, [["account", "balance"], ["A", 7000]], 0.6):
    ...     print(label, value if isinstance(value, str) else round(value, 4))
    gross_value 140000.0
    net_delta 0.0
    net_value 0.0
    hedged_share 1.0
    directional_var 0.0
    directional_es 0.0
    liquidation_price 76616.9154
    liquidation_distance 0.0945
    liquidation_distance_sigma 2.876
    liquidation_probability_1_day 0.0038
    liquidation_probability_7_days 0.2647
    liquidation_probability_30_days 0.5723
    margin_ratio 0.05
    top_up 0.0
    worst_scenario Correlation breakdown
    worst_scenario_pnl -14384.7419
    """
    check.not_negative(volatility=volatility, horizon_days=horizon_days)
    check.inside(0, 1, confidence=confidence)
    book = make_book(positions, accounts)
    row = _hedge_row(book)
    exposure = _exposure(book)
    price = float(book.spot_price[row])
    share: Value = NoSolution("hedged_share needs a spot holding, got 0")
    if exposure.spot != 0:
        share = 0.0 - exposure.futures / exposure.spot
    return {
        "gross_value": exposure.gross,
        "net_delta": exposure.net / price,
        "net_value": exposure.net,
        "hedged_share": share,
        **_value_at_risk(exposure, price, volatility, horizon_days, confidence, model),
        **_liquidation(book, row, volatility, horizon_days),
        **_margin(book),
        **_worst_scenario(positions, accounts),
    }


def _hedge_row(book: Book) -> int:
    """Position that stands for the hedge: the largest future, or else the largest holding."""
    size = np.where(book.is_inverse, np.abs(book.units), np.abs(book.units) * book.price)
    return int((size + np.where(book.is_spot, 0.0, size.sum() + 1)).argmax())


def _exposure(book: Book) -> Exposure:
    """Spot with coin balances and accrued coins, and futures, each times its beta."""
    coins = book.units / np.where(book.is_inverse, book.price, 1.0)
    value = coins * book.spot_price
    accrued = np.where(book.is_inverse, unrealised(book, book.price), 0.0) * book.spot_price
    in_coin = book.margins.balance_row >= 0
    held = book.margins.balance_row[in_coin]
    balance = book.margins.balance[in_coin] * book.spot_price[held]
    is_future = ~book.is_spot
    spot = float((value * book.beta)[book.is_spot].sum() + accrued @ book.beta)
    return Exposure(
        gross=float(np.abs(value).sum() + np.abs(balance).sum()),
        spot=spot + float(balance @ book.beta[held]),
        futures=float((value * book.beta)[is_future].sum()),
    )


def _value_at_risk(
    exposure: Exposure,
    price: float,
    volatility: float,
    horizon_days: float,
    confidence: float,
    model: JointModel | None,
) -> dict[str, Value]:
    if model is None:
        from xlhedge.core.risk.parametric import normal_var

        risk = (exposure.net, volatility, confidence, horizon_days, 0.0)
        return {
            "directional_var": float(normal_var(*risk)),
            "directional_es": float(normal_var(*risk, "es")),
        }
    from xlhedge.core.risk.simulation import joint_var

    table = joint_var(
        exposure.spot / price, price, exposure.futures / price, model, horizon_days, confidence
    )
    return {"var": table["var"], "es": table["es"]}


def _liquidation(book: Book, row: int, volatility: float, days: float) -> dict[str, Value]:
    """Nearest liquidation by a move of the market, and how likely it is."""
    from xlhedge.core.stress.reverse import first_crossings, least_slack

    beyond = bool(least_slack(book, np.zeros(1))[0] <= 0)
    sign = -1.0 if beyond else 1.0

    def room(moves: Floats) -> Floats:
        """Seen from beyond, the level is where the account would have margin again."""
        return sign * least_slack(book, moves)

    moves = {
        side: move
        for side, move in first_crossings(room).items()
        if isinstance(move, float) and book.margins.has_contracts.any()
    }
    result: dict[str, Value] = {}
    if moves:
        nearest = min(moves.values(), key=lambda move: abs(math.log1p(move)))
        growth = (1 + nearest) ** float(book.beta[row])
        sigma = volatility * math.sqrt(days / 365)
        result["liquidation_price"] = float(book.price[row]) * growth
        result["liquidation_distance"] = sign * abs(growth - 1)
        result["liquidation_distance_sigma"] = (
            sign * abs(math.log1p(nearest)) / sigma
            if sigma > 0
            else ZeroVariance("without volatility or days a distance has no standard deviations")
        )
    else:
        none = NoSolution("no move of the market liquidates an account")
        names = ("price", "distance", "distance_sigma")
        result.update({f"liquidation_{name}": none for name in names})
    for horizon in HORIZONS_DAYS:
        label = f"liquidation_probability_{horizon}_day{'s' if horizon > 1 else ''}"
        result[label] = 1.0 if beyond else _touch_either(moves, volatility, horizon)
    return result


def _touch_either(moves: dict[str, float], volatility: float, days: float) -> float:
    """Probability of touching the move up or the move down; their sum, which bounds it."""
    from xlhedge.core.margin.passage import probability

    sides = {"up": "short", "down": "long"}
    chances = (
        probability(1.0, 1 + move, volatility, float(days), 0.0, sides[side])  # type: ignore[arg-type]
        for side, move in moves.items()
    )
    return min(1.0, sum(float(chance) for chance in chances))


def _margin(book: Book) -> dict[str, Value]:
    from xlhedge.core.stress.scenarios import margin_calls, worst_ratios

    today = revalue(book, Worlds(np.zeros(1)))
    (ratio,) = worst_ratios(book, today)
    return {"margin_ratio": ratio, "top_up": float(margin_calls(book, today).sum())}


def _worst_scenario(positions: Positions, accounts: Accounts) -> dict[str, Value]:
    from xlhedge.core.stress.library import library_table
    from xlhedge.core.stress.scenarios import scenario_pnl

    table = scenario_pnl(positions, library_table(), accounts)
    outcomes = [row[-1] for row in table.rows]
    worst = int(np.argmin(np.array(outcomes, dtype=np.float64)))
    return {
        "worst_scenario": table.rows[worst][0],
        "worst_scenario_pnl": table.rows[worst][-1],
    }
