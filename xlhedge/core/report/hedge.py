"""The hedge in one table: exposure, value at risk, liquidation, margin, worst scenario."""

from __future__ import annotations

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.history import History
from xlhedge.core.book.ranges import Accounts, Positions, Tiers
from xlhedge.core.margin.chances import Volatilities
from xlhedge.core.margin.engine import Ledger, make_ledger
from xlhedge.core.report.exposure import Exposure, exposure_of, hedge_row
from xlhedge.core.report.nearest import liquidation_rows
from xlhedge.core.report.risk import RiskInputs, check_interval, value_at_risk
from xlhedge.core.risk.joint_model import JointModel
from xlhedge.core.types import Labelled, LabelValue, Matrix, Record, Value
from xlhedge.errors import InputError, NoSolution


def hedge_report(
    positions: Labelled[Positions],
    accounts: Labelled[Accounts],
    volatility: float | Labelled[Volatilities],
    horizon_days: float = 1,
    confidence: float = 0.99,
    model: Record[JointModel] | None = None,
    history: Labelled[History] | None = None,
    interval_hours: float = 24,
    tiers: Labelled[Tiers] | None = None,
    correlations: Matrix | float | None = None,
) -> LabelValue:
    """The state of a hedged book in one table: exposure, risk, liquidation, margin, worst scenario.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, beta, account, maintenance_rate, maintenance_amount, fee_rate, days, contract.
    accounts
        Margin accounts, as in ACCOUNT_STATUS.
    volatility
        Volatility per year of the book's only asset, or a table with the columns asset and
        volatility for a book of several.
    horizon_days
        Horizon of value at risk in days.
    confidence
        Confidence level of value at risk, for example 0.99.
    model
        Joint model of spot, basis and funding as JOINT_FIT gives it, for a book of one asset.
    history
        History with a header row, as BOOK_VAR takes it: the value at risk is then BOOK_VAR's.
    interval_hours
        Hours between two rows of the history.
    tiers
        Brackets, as in ACCOUNT_STATUS.
    correlations
        Correlation matrix in the order of the table of volatilities.

    Returns
    -------
    table
        gross_value, net_delta, net_value, hedged_share; var and es with a history or a model, else
        directional_var and directional_es; liquidation_price, liquidation_distance,
        liquidation_distance_sigma; liquidation_probability_1_day, _7_days and _30_days;
        margin_ratio, top_up; worst_scenario, worst_scenario_pnl; then for each account its
        margin_ratio, top_up and nearest_liquidation, a move of the market.

    Raises
    ------
    InputError
        For accounts and positions that do not fit each other, as in ACCOUNT_STATUS; one volatility
        or a model for a book of several assets; an interval that differs from the history's.
    DomainError
        For a negative volatility, a confidence outside (0, 1), and what VAR_JOINT refuses.

    Notes
    -----
    The hedge asset is that of the largest future, or of the largest holding where there is none.
    net_value, net_delta and hedged_share are weighted with beta; coin balances and the accrued coin
    profit of inverse contracts count as spot, a dated future as F/S of its coins; net_delta is
    net_value in coins of the hedge asset and hedged_share −futures/spot. gross_value is not
    weighted.

    var and es from a history are BOOK_VAR's over the horizon: what to use, since they hold basis,
    funding and what a proxy leaves. With a model they are VAR_JOINT's of the same exposures, for
    one asset: of what a proxy leaves it knows nothing. Without either, directional_var and
    directional_es are VAR_NORMAL of the exposures with their volatilities and correlations: a
    hedged book's value at risk is not 0, since basis and funding are not in them.

    liquidation_price is the price of the largest future at the nearest market move that liquidates
    an account (STRESS_REVERSE); its distance is relative to the price today, and in standard
    deviations of the horizon; both are negative where an account is beyond it, and the price is
    where it would recover. The probability is that of touching either of the moves up and down,
    LIQ_PROBABILITY's sum, in a book of one asset, and ACCOUNT_PROBABILITY's of any account in one
    of several; 1 beyond. Moves past −99.9 % and +1000 % are not looked at.

    margin_ratio (the worst) and top_up (the sum) are those at today's prices; worst_scenario has
    the lowest pnl_after_liquidation of STRESS_SCENARIOS.

    References
    ----------
    Those of VAR_NORMAL, VAR_JOINT, BOOK_VAR, LIQ_PROBABILITY, MARGIN_RATIO and STRESS_PNL, of which
    it is made.

    Examples
    --------
    >>> from xlhedge import report
    >>> positions = {
    ...     "asset": ["BTC", "BTC"],
    ...     "instrument": ["spot", "linear"],
    ...     "quantity": [1, -1],
    ...     "price": [70000, 70000],
    ...     "account": [None, "A"],
    ...     "maintenance_rate": [None, 0.005],
    ... }
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> report.hedge_report(positions, accounts, 0.6)
    gross_value                            140000.0
    net_delta                                   0.0
    net_value                                   0.0
    hedged_share                                1.0
    directional_var                             0.0
    directional_es                              0.0
    liquidation_price                  76616.915423
    liquidation_distance                   0.094527
    liquidation_distance_sigma             2.876019
    liquidation_probability_1_day          0.003849
    liquidation_probability_7_days         0.264664
    liquidation_probability_30_days        0.572344
    margin_ratio                               0.05
    top_up                                      0.0
    worst_scenario                     Venue outage
    worst_scenario_pnl                      -8610.0
    A margin_ratio                             0.05
    A top_up                                    0.0
    A nearest_liquidation                  0.094527
    dtype: object
    """
    check.not_negative(horizon_days=horizon_days)
    check.positive(interval_hours=interval_hours)
    check.inside(0, 1, confidence=confidence)
    ledger = make_ledger(positions, accounts, tiers)
    _check_volatility(ledger, volatility, model)
    if history is not None:
        check_interval(ledger, history, interval_hours)
    row = hedge_row(ledger.book)
    exposure = exposure_of(ledger.book)
    price = float(ledger.book.row_spot_price[row])
    inputs = RiskInputs(
        volatility, correlations, horizon_days, confidence, model, history, interval_hours
    )
    return {
        "gross_value": exposure.gross,
        "net_delta": exposure.net / price,
        "net_value": exposure.net,
        "hedged_share": _share(exposure),
        **value_at_risk(ledger, positions, accounts, exposure, price, inputs),
        **liquidation_rows(ledger, row, volatility, correlations, horizon_days),
        **_margin(ledger),
        **_worst_scenario(positions, accounts, tiers),
        **_accounts(ledger),
    }


def _share(exposure: Exposure) -> Value:
    if exposure.weighted_spot == 0:
        return NoSolution("hedged_share needs a spot holding, got 0")
    return 0.0 - exposure.weighted_futures / exposure.weighted_spot


def _check_volatility(
    ledger: Ledger, volatility: float | Volatilities, model: JointModel | None
) -> None:
    """One number and a model are for a book of one asset."""
    book = ledger.book
    assets = [name for i, name in enumerate(book.assets) if not book.is_stable[i]]
    if not isinstance(volatility, Volatilities):
        check.volatility(volatility=volatility)
        if len(assets) > 1:
            message = "must be a range with the columns asset and volatility for the assets "
            raise InputError(message + ", ".join(assets), argument="volatility")
    if model is not None and len(assets) > 1:
        message = "is of one asset, and the book has several: it knows nothing of what a proxy "
        raise InputError(message + "leaves; give history", argument="model")


def _margin(ledger: Ledger) -> dict[str, Value]:
    today = ledger.today()
    (ratio,) = today.worst_ratios()
    return {"margin_ratio": ratio, "top_up": float(today.margin_calls.sum())}


def _worst_scenario(
    positions: Positions, accounts: Accounts, tiers: Tiers | None
) -> dict[str, Value]:
    from xlhedge.core.stress.library import library_table
    from xlhedge.core.stress.scenarios import scenario_pnl

    table = scenario_pnl(positions, library_table(), accounts, tiers)
    outcomes = [row[-1] for row in table.rows]
    worst = int(np.argmin(np.array(outcomes, dtype=np.float64)))
    return {
        "worst_scenario": table.rows[worst][0],
        "worst_scenario_pnl": table.rows[worst][-1],
    }


def _accounts(ledger: Ledger) -> dict[str, Value]:
    """Ratio, top-up and nearest liquidation of each account."""
    from xlhedge.core.stress.reverse import nearest_moves

    today = ledger.today()
    rows: dict[str, Value] = {}
    for account, move in enumerate(nearest_moves(ledger)):
        name = ledger.book.accounts.shown[account]
        rows[f"{name} margin_ratio"] = today.ratio(0, account)
        rows[f"{name} top_up"] = float(today.margin_calls[0, account])
        none = NoSolution(f"no move of the market liquidates {name}")
        rows[f"{name} nearest_liquidation"] = none if move is None else move
    return rows
