"""Stress tests: full revaluation of a book under scenarios and grids."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.holdings import Book, make_book, names_an_account
from xlhedge.core.book.ranges import Accounts, Positions, Scenarios, Tiers
from xlhedge.core.book.revaluation import (
    Revaluation,
    Worlds,
    balance_prices,
    market_moves,
    revalue,
    unrealised_today,
)
from xlhedge.core.margin.engine import make_ledger
from xlhedge.core.stress.worlds import scenario_worlds, spot_returned
from xlhedge.core.types import Flags, Floats, Labelled, Table, Value, Vector

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
    tiers: Labelled[Tiers] | None = None,
) -> Table:
    """Full revaluation of a book under each scenario, with its margin accounts.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, beta, account, maintenance_rate, maintenance_amount, fee_rate, days, contract.
    scenarios
        Table with the columns scenario, spot_shock and optionally basis_shock, funding_rate,
        intervals, stablecoin_shock, cost_rate, top_up, proxy_shock and columns named after assets,
        each its own simple return; for example STRESS_SCENARIOS().
    accounts
        Table with the columns account, balance and optionally asset (blank = settlement coin),
        price, kind, haircut, haircut_pnl, debt_rate, netting. Left blank, there is no margin to
        test.
    tiers
        Brackets, as for ACCOUNT_STATUS.

    Returns
    -------
    table
        One row per scenario: scenario, spot_pnl, futures_pnl, funding_pnl, collateral_pnl,
        total_pnl, equity, maintenance, margin_ratio, margin_call, liquidated (accounts) and
        pnl_after_liquidation.

    Raises
    ------
    InputError
        For positions, accounts and tiers that do not fit each other, as in ACCOUNT_STATUS, and a
        column of scenarios that is neither known nor an asset of the book.
    DomainError
        For a price or size that is not positive, a shock of −1 or less, a rate outside [0, 1).

    Notes
    -----
    Money is in dollars. S₁ = S₀(1 + spot_shock)^beta, times 1 + proxy_shock where the book holds
    the coin without a future of its own, or S₀ times 1 + its own column; a stablecoin moves by its
    own column or stablecoin_shock. F₁ = F₀ · (S₁/S₀) · exp(−basis_shock)/(1 + d), where d is the
    settlement coin's shock (its own column: settlement) for linear contracts and 0 for inverse
    ones. With U = n · size · (F − E), or n · face · (1/E − 1/F) in coin, and a blank entry E
    standing for today's price:

    - futures_pnl: U₁(1 + d) − U₀ for linear, U₁S₁ − U₀S₀ for inverse contracts;
    - funding_pnl: −n · size · F₁(1 + d) · funding_rate · intervals; inverse
      −n · face · funding_rate · intervals; 0 for rows with days, which are dated; it is paid into
      and out of the account;
    - collateral_pnl: the change of the balances' value.

    Equity and maintenance are ACCOUNT_STATUS's in the shocked world, with the funding, times 1 + d.
    Sums over the accounts are shown, and their worst ratio; margin_ratio is #NUM! where an account
    has no equity left. margin_call brings each ratio back to 0.5. An account with a future or a
    debt is liquidated where maintenance reaches equity, unless top_up says that the call can be
    paid.

    pnl_after_liquidation: a liquidated account loses all that it is worth today, cost_rate is paid
    on its contracts' shocked notional, and they are gone; the other positions are revalued in two
    worlds, with spot at the shock and with spot back at today's price (all other shocks stay), and
    the worse counts. What an account without debts owes beyond its worth is the venue's loss; what
    is missing in an account with debts remains to be paid.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    One coin, hedged with a short perpetual that has 7,000 of margin; spot rises by 15 %:

    >>> from xlhedge import stress
    >>> positions = {
    ...     "asset": ["BTC", "BTC"],
    ...     "instrument": ["spot", "linear"],
    ...     "quantity": [1, -1],
    ...     "price": [70000, 70000],
    ...     "account": [None, "A"],
    ...     "maintenance_rate": [None, 0.005],
    ... }
    >>> scenarios = {"scenario": ["up"], "spot_shock": [0.15]}
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> stress.scenario_pnl(positions, scenarios, accounts).iloc[0]
    scenario                                                up
    spot_pnl                                           10500.0
    futures_pnl                                       -10500.0
    funding_pnl                                            0.0
    collateral_pnl                                         0.0
    total_pnl                                              0.0
    equity                                             -3500.0
    maintenance                                          402.5
    margin_ratio             margin_ratio needs equity above 0
    margin_call                                         4305.0
    liquidated                                               1
    pnl_after_liquidation                              -7000.0
    Name: 0, dtype: object
    """
    ledger = make_ledger(positions, accounts, tiers)
    book = ledger.book
    worlds = scenario_worlds(book, scenarios)
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
        state = ledger.state(result)
        liquidated = state.liquidated & ~scenarios.top_up[:, None]
        after = after_liquidation(book, worlds, result, liquidated, scenarios.cost_rate)
        columns += [
            state.equity.sum(axis=1).tolist(),
            state.maintenance.sum(axis=1).tolist(),
            state.worst_ratios(),
            state.margin_calls.sum(axis=1).tolist(),
            liquidated.sum(axis=1).tolist(),
            after.tolist(),
        ]
    return Table(_COLUMNS, list(zip(*columns, strict=True)))


def account_scenarios(
    positions: Labelled[Positions],
    scenarios: Labelled[Scenarios],
    accounts: Labelled[Accounts],
    tiers: Labelled[Tiers] | None = None,
) -> Table:
    """Every margin account under each scenario: equity, maintenance, margin call, liquidation.

    Parameters
    ----------
    positions, scenarios, accounts, tiers
        As for STRESS_PNL.

    Returns
    -------
    table
        scenario, account, equity, maintenance, ratio, margin_call, liquidated, balance_lost; one
        row per scenario and account.

    Raises
    ------
    InputError, DomainError
        As for STRESS_PNL.

    Notes
    -----
    The parts of STRESS_PNL: its equity, maintenance and margin_call are sums over the accounts, its
    liquidated counts them. ratio is #NUM! where no equity is left. balance_lost of a liquidated
    account is what its balances are worth in the scenario, without haircut and not below 0.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    >>> from xlhedge import stress
    >>> positions = {
    ...     "asset": ["BTC", "BTC"],
    ...     "instrument": ["linear", "linear"],
    ...     "quantity": [-1, 1],
    ...     "price": [70000, 70000],
    ...     "account": ["A", "B"],
    ...     "maintenance_rate": [0.005, 0.005],
    ... }
    >>> scenarios = {"scenario": ["up"], "spot_shock": [0.15]}
    >>> accounts = {"account": ["A", "B"], "balance": [7000, 7000]}
    >>> stress.account_scenarios(positions, scenarios, accounts).T
                                                  0        1
    scenario                                     up       up
    account                                       A        B
    equity                                  -3500.0  17500.0
    maintenance                               402.5    402.5
    ratio         margin_ratio needs equity above 0    0.023
    margin_call                              4305.0      0.0
    liquidated                                 True    False
    balance_lost                             7000.0      0.0
    """
    ledger = make_ledger(positions, accounts, tiers)
    book = ledger.book
    result = revalue(book, scenario_worlds(book, scenarios))
    state = ledger.state(result)
    liquidated = state.liquidated & ~scenarios.top_up[:, None]
    lost = np.where(liquidated, np.maximum(_balances(book, result), 0.0), 0.0)
    calls = state.margin_calls
    rows: list[list[Value]] = [
        [
            name,
            account,
            state.equity[i, j],
            state.maintenance[i, j],
            state.ratio(i, j),
            calls[i, j],
            bool(liquidated[i, j]),
            lost[i, j],
        ]
        for i, name in enumerate(scenarios.scenario.tolist())
        for j, account in enumerate(book.accounts)
    ]
    header = ["scenario", "account", "equity", "maintenance", "ratio", "margin_call", "liquidated"]
    return Table([*header, "balance_lost"], rows)


def _balances(book: Book, result: Revaluation) -> Floats:
    """What each account's balances are worth in each world, without haircut."""
    today = book.balances.quantity * balance_prices(book)
    values: Floats = (today + result.collateral) @ book.of_account
    return values


def after_liquidation(
    book: Book, worlds: Worlds, result: Revaluation, liquidated: Flags, cost_rate: Floats
) -> Floats:
    """Profit and loss of each world when the accounts in `liquidated` are closed in it."""
    returned = revalue(book, spot_returned(book, worlds))
    # Column −1 stands for custody, which is never liquidated.
    gone = np.pad(liquidated, ((0, 0), (0, 1)))
    row_stays = ~gone[:, book.account]
    balance_stays = ~gone[:, book.balances.account]

    def left(world: Revaluation) -> Floats:
        rows = (world.spot + world.futures + result.funding) * row_stays
        sums: Floats = rows.sum(axis=1) + (world.collateral * balance_stays).sum(axis=1)
        return sums

    lost = (np.where(liquidated, _lost(book, result), 0.0)).sum(axis=1)
    notional = np.abs(book.units) * np.where(
        book.is_inverse, 1.0, result.futures_price * result.dollar
    )
    cost = cost_rate * (notional * ~row_stays).sum(axis=1)
    after = np.minimum(left(result), left(returned)) - lost - cost
    return np.where(liquidated.any(axis=1), after, result.total)


def _lost(book: Book, result: Revaluation) -> Floats:
    """What each account's liquidation costs against today, in each world.

    An account is worth 0 after it; one with debts keeps what is missing. An account that is worth
    less than nothing today cannot gain by its own liquidation.
    """
    unrealised = unrealised_today(book)
    today = unrealised @ book.in_account
    today = today + (book.balances.quantity * balance_prices(book)) @ book.of_account
    value = (unrealised + result.futures + result.funding) @ book.in_account
    value = value + _balances(book, result)
    debts = np.zeros(len(book.accounts), dtype=bool)
    debts[book.balances.account[book.balances.quantity < 0]] = True
    missing = np.where(debts, np.minimum(value, 0.0), 0.0)
    return np.where(debts, today - missing, np.maximum(today, 0.0))


def grid(
    positions: Labelled[Positions],
    spot_shocks: Vector,
    basis_shocks: Vector,
    accounts: Labelled[Accounts] | None = None,
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
    accounts
        Margin accounts, as in STRESS_PNL: coins that they hold move with their price.

    Returns
    -------
    array
        Total profit and loss in quote currency; rows are spot shocks, columns basis shocks.

    Raises
    ------
    InputError
        For accounts that do not fit the positions, as in STRESS_PNL.
    DomainError
        For a price or size that is not positive, or a spot shock of −1 or less.

    Notes
    -----
    STRESS_PNL's total_pnl without funding and stablecoin shock.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    A hedged coin does not care about spot; a basis that falls by 1 % costs 1 % of the future:

    >>> from xlhedge import stress
    >>> positions = {
    ...     "asset": ["BTC", "BTC"],
    ...     "instrument": ["spot", "linear"],
    ...     "quantity": [1, -1],
    ...     "price": [70000, 70000],
    ... }
    >>> stress.grid(positions, [-0.2, 0, 0.2], [0, -0.01]).round(2).tolist()
    [[0.0, -562.81], [0.0, -703.51], [0.0, -844.21]]
    """
    check.enough(1, spot_shocks=spot_shocks, basis_shocks=basis_shocks)
    check.require(spot_shocks > -1, "must be above -1", spot_shocks, argument="spot_shocks")
    book = make_book(positions, accounts)
    # In blocks of rows, so that a large grid of a large book fits in memory.
    blocks = np.array_split(spot_shocks, 1 + spot_shocks.size * basis_shocks.size // BLOCK_WORLDS)
    totals = [
        revalue(
            book,
            Worlds(
                market_moves(book, np.repeat(rows, len(basis_shocks))),
                np.tile(basis_shocks, len(rows)),
            ),
        ).total.reshape(len(rows), len(basis_shocks))
        for rows in blocks
    ]
    return np.concatenate(totals)
