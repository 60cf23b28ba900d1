"""Stress tests: full revaluation of a book under scenarios, grids and histories."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Accounts, Positions, Scenarios
from xlhedge.core.book.revaluation import (
    Book,
    Revaluation,
    Worlds,
    account_values_today,
    make_book,
    names_an_account,
    revalue,
)
from xlhedge.core.margin.maintenance import CALL_RATIO
from xlhedge.core.statistics.stable import log_ratio
from xlhedge.core.types import Flags, Floats, Labelled, LabelValue, Series, Table, Value, Vector
from xlhedge.errors import DomainError, InputError, NoSolution

BLOCK_WORLDS = 20_000
"""Worlds that a grid revalues at once."""

_COLUMNS = (
    "scenario",
    "spot_pnl",
    "futures_pnl",
    "funding_pnl",
    "collateral_pnl",
    "total_pnl",
    "equity",
    "maintenance",
    "margin_ratio",
    "margin_call",
    "liquidated",
    "pnl_after_liquidation",
)


def scenario_pnl(
    positions: Labelled[Positions],
    scenarios: Labelled[Scenarios],
    accounts: Labelled[Accounts] | None = None,
) -> Table:
    """Full revaluation of a book under each scenario, with its margin accounts.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, beta, account, maintenance_rate, maintenance_amount.
    scenarios
        Table with the columns scenario, spot_shock and optionally basis_shock, funding_rate,
        intervals, stablecoin_shock, cost_rate, top_up; for example STRESS_SCENARIOS().
    accounts
        Table with the columns account, balance and optionally asset (blank = stablecoin) and
        haircut. Left blank, there is no margin to test.

    Returns
    -------
    table
        One row per scenario: scenario, spot_pnl, futures_pnl, funding_pnl, collateral_pnl,
        total_pnl, equity, maintenance, margin_ratio, margin_call, liquidated (accounts) and
        pnl_after_liquidation.

    Raises
    ------
    InputError
        For an account that accounts does not hold, a position in an account without
        maintenance_rate, a spot row with an account, or a balance in a coin that no position
        prices.
    DomainError
        For a price or size that is not positive, a shock of −1 or less, a rate outside [0, 1).

    Notes
    -----
    Money is in dollars. S₁ = S₀(1 + spot_shock)^beta and
    F₁ = F₀ · (S₁/S₀) · exp(−basis_shock)/(1 + d), where d is the stablecoin_shock of linear
    contracts and 0 for inverse ones. With U = n · size · (F − E), or n · face · (1/E − 1/F) in
    coin, and a blank entry E standing for today's price:

    - futures_pnl: U₁(1 + d) − U₀ for linear, U₁S₁ − U₀S₀ for inverse contracts; S is the asset's
      first spot price among the positions, else its first price;
    - funding_pnl: −n · size · F₁(1 + d) · funding_rate · intervals; inverse
      −n · face · funding_rate · intervals; it is paid into and out of the account;
    - collateral_pnl: the change of the balances' value, at 1 + d or at S₁.

    Equity = balances less haircuts + U₁ + funding; maintenance = Σ (rate · notional − amount), not
    below 0 per row. Sums over the accounts are shown, and their worst ratio; margin_ratio is #NUM!
    where an account has no equity left. margin_call brings each ratio back to 0.5. An account with
    contracts is liquidated where maintenance reaches equity, unless top_up says that the call can
    be paid.

    pnl_after_liquidation: a liquidated account loses all that it is worth today, cost_rate is paid
    on its contracts' shocked notional, and they are gone; the other positions are revalued in two
    worlds, with spot at the shock and with spot back at today's price (all other shocks stay), and
    the worse counts. What an account owes beyond its worth is the venue's loss.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    One coin, hedged with a short perpetual that has 7,000 of margin; spot rises by 15 %:

    >>> from xlhedge import call
    >>> book = [
    ...     ["asset", "instrument", "quantity", "price", "account", "maintenance_rate"],
    ...     ["BTC", "spot", 1, 70000, None, None],
    ...     ["BTC", "linear", -1, 70000, "A", 0.005],
    ... ]
    >>> up = [["scenario", "spot_shock"], ["up", 0.15]]
    >>> header, row = call("STRESS_PNL", book, up, [["account", "balance"], ["A", 7000]])
    >>> row[5], row[10], row[11]
    (0.0, 1.0, -7000.0)
    """
    for column in scenarios.own:
        raise InputError(f'scenarios has the unknown column "{column}"')
    book = make_book(positions, accounts)
    worlds = Worlds(
        scenarios.spot_shock,
        scenarios.basis_shock,
        scenarios.stablecoin_shock,
        scenarios.funding_rate * scenarios.intervals,
    )
    result = revalue(book, worlds)
    money = (result.spot, result.futures, result.funding, result.collateral)
    columns: list[Any] = [scenarios.scenario.tolist()]
    columns += [part.sum(axis=1).tolist() for part in money]
    columns.append(result.total.tolist())
    if accounts is None:
        blank = [None] * len(columns[0])
        after = blank if names_an_account(positions) else result.total.tolist()
        columns += [blank] * 5 + [after]
    else:
        liquidated = fails(book, result) & ~scenarios.top_up[:, None]
        after = after_liquidation(book, worlds, result, liquidated, scenarios.cost_rate)
        columns += [
            result.equity.sum(axis=1).tolist(),
            result.maintenance.sum(axis=1).tolist(),
            worst_ratios(book, result),
            margin_calls(book, result).sum(axis=1).tolist(),
            liquidated.sum(axis=1).tolist(),
            after.tolist(),
        ]
    return Table(_COLUMNS, list(zip(*columns, strict=True)))


def fails(book: Book, result: Revaluation) -> Flags:
    """Which accounts are liquidated in which world, if no cash comes."""
    return book.margins.has_contracts & (result.equity <= result.maintenance)


def margin_calls(book: Book, result: Revaluation) -> Floats:
    """Cash that brings each account's ratio back to 0.5."""
    call = np.maximum(result.maintenance / CALL_RATIO - result.equity, 0.0)
    return np.where(book.margins.has_contracts, call, 0.0)


def worst_ratios(book: Book, result: Revaluation) -> list[Value]:
    """Highest ratio of maintenance to equity over the accounts, per world."""
    solvent = result.equity > 0
    ratios = result.maintenance / np.where(solvent, result.equity, 1.0)
    ratios = np.where(solvent, ratios, np.inf)
    ratios = np.where(book.margins.has_contracts, ratios, 0.0)
    return [
        DomainError("margin_ratio needs equity above 0") if np.isinf(ratio) else ratio
        for ratio in ratios.max(axis=1, initial=0.0).tolist()
    ]


def after_liquidation(
    book: Book, worlds: Worlds, result: Revaluation, liquidated: Flags, cost_rate: Floats
) -> Floats:
    """Profit and loss of each world when the accounts in `liquidated` are closed in it."""
    margins = book.margins
    returned = revalue(book, worlds._replace(spot_shock=np.zeros_like(worlds.spot_shock)))
    # Column −1 stands for custody, which is never liquidated.
    gone = np.pad(liquidated, ((0, 0), (0, 1)))
    row_stays = ~gone[:, margins.row_account]
    balance_stays = ~gone[:, margins.balance_account]

    def left(world: Revaluation) -> Floats:
        rows = (world.spot + world.futures + result.funding) * row_stays
        sums: Floats = rows.sum(axis=1) + (world.collateral * balance_stays).sum(axis=1)
        return sums

    # An account that is worth less than nothing today cannot gain by its own liquidation.
    lost = liquidated @ np.maximum(account_values_today(book), 0.0)
    cost = cost_rate * (result.notional * ~row_stays).sum(axis=1)
    after = np.minimum(left(result), left(returned)) - lost - cost
    return np.where(liquidated.any(axis=1), after, result.total)


def grid(
    positions: Labelled[Positions],
    spot_shocks: Vector,
    basis_shocks: Vector,
) -> Floats:
    """Profit and loss of a book for each pair of a spot shock and a basis shock.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally others, as in
        STRESS_PNL.
    spot_shocks
        Simple returns of the spot price, above −1: one row of the answer each.
    basis_shocks
        Changes of the log basis ln(S/F): one column of the answer each.

    Returns
    -------
    array
        Total profit and loss in quote currency; rows are spot shocks, columns basis shocks.

    Raises
    ------
    DomainError
        For a price or size that is not positive, or a spot shock of −1 or less.

    Notes
    -----
    STRESS_PNL's total_pnl without funding, stablecoin shock and accounts.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    A hedged coin does not care about spot; a basis that falls by 1 % costs 1 % of the future:

    >>> from xlhedge import call
    >>> book = [["asset", "instrument", "quantity", "price"],
    ...         ["BTC", "spot", 1, 70000], ["BTC", "linear", -1, 70000]]
    >>> table = call("STRESS_GRID", book, [[-0.2], [0.0], [0.2]], [[0.0, -0.01]])
    >>> [[round(cell, 2) for cell in row] for row in table]
    [[0.0, -562.81], [0.0, -703.51], [0.0, -844.21]]
    """
    check.enough(1, spot_shocks=spot_shocks, basis_shocks=basis_shocks)
    check.require(spot_shocks > -1, "spot_shocks must be above -1", spot_shocks)
    book = make_book(positions, None)
    # In blocks of rows, so that a large grid of a large book fits in memory.
    blocks = np.array_split(spot_shocks, 1 + spot_shocks.size * basis_shocks.size // BLOCK_WORLDS)
    totals = [
        revalue(
            book, Worlds(np.repeat(rows, len(basis_shocks)), np.tile(basis_shocks, len(rows)))
        ).total.reshape(len(rows), len(basis_shocks))
        for rows in blocks
    ]
    return np.concatenate(totals)


def replay(
    positions: Labelled[Positions],
    spot_prices: Series,
    futures_prices: Series,
    funding_rates: Series | None = None,
    accounts: Labelled[Accounts] | None = None,
) -> LabelValue:
    """A price history applied to today's book: worst loss, drawdown, first margin call.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally others, as in
        STRESS_PNL.
    spot_prices
        Spot prices of the history, oldest first; the first row stands for today.
    futures_prices
        Futures prices at the same rows.
    funding_rates
        Funding rate paid at each row; the first row's, which is before the start, is not used.
    accounts
        Table with the columns account, balance and optionally asset and haircut.

    Returns
    -------
    table
        worst_pnl, worst_row, end_pnl, maximum_drawdown, first_margin_call_row and
        first_liquidation_row; rows count from 1, the first of the series.

    Raises
    ------
    InputError
        For series of different lengths, and accounts that do not fit as in STRESS_PNL.
    DomainError
        For a price that is not positive.
    TooFewData
        For fewer than 2 rows.

    Notes
    -----
    Row t is STRESS_PNL's world with spot_shock = S_t/S₁ − 1 and basis_shock the change of ln(S/F)
    since row 1; funding adds up, each at its own row's price. The book is held throughout: its
    profit and loss do not stop at a liquidation, but first_margin_call_row (ratio above 0.5) and
    first_liquidation_row (maintenance reaches equity) look at every row, since an account that
    recovers by the end has been closed before. Both are #N/A where there is no such row.
    maximum_drawdown is the largest fall from an earlier high of the profit and loss, in money.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    >>> from xlhedge import call
    >>> book = [["asset", "instrument", "quantity", "price", "account", "maintenance_rate"],
    ...         ["BTC", "linear", -1, 70000, "A", 0.005]]
    >>> path = [[100], [104], [111], [100]]
    >>> margin = [["account", "balance"], ["A", 7000]]
    >>> table = dict(call("STRESS_REPLAY", book, path, path, None, margin))
    >>> table["end_pnl"], table["first_margin_call_row"], table["first_liquidation_row"]
    (0.0, 3.0, 3.0)
    """
    series = {"spot_prices": spot_prices, "futures_prices": futures_prices}
    if funding_rates is not None:
        series["funding_rates"] = funding_rates
    check.aligned(2, **series)
    check.positive(spot_prices=spot_prices, futures_prices=futures_prices)
    book = make_book(positions, accounts)
    basis = log_ratio(spot_prices, futures_prices)
    rates = np.zeros_like(basis) if funding_rates is None else funding_rates.copy()
    rates[0] = 0.0
    moves = (spot_prices - spot_prices[0]) / spot_prices[0]
    worlds = Worlds(moves, basis - basis[0], funding=rates)
    result = revalue(book, worlds, accumulate=True)
    total = result.total
    called = (margin_calls(book, result) > 0).any(axis=1)
    return {
        "worst_pnl": float(total.min()),
        "worst_row": int(total.argmin()) + 1,
        "end_pnl": float(total[-1]),
        "maximum_drawdown": float((np.maximum.accumulate(total) - total).max()),
        "first_margin_call_row": _first(called, "margin call", accounts),
        "first_liquidation_row": _first(fails(book, result).any(axis=1), "liquidation", accounts),
    }


def _first(rows: Any, what: str, accounts: Accounts | None) -> Value:
    if accounts is None:
        return NoSolution(f"without accounts there is no {what}")
    found = np.flatnonzero(rows)
    return int(found[0]) + 1 if found.size else NoSolution(f"the history brings no {what}")
