"""A price history applied to today's book."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.history import BookHistory, History
from xlhedge.core.book.holdings import Book
from xlhedge.core.book.ranges import Accounts, Positions, Tiers
from xlhedge.core.book.revaluation import Worlds, market_moves, revalue
from xlhedge.core.margin.engine import make_ledger
from xlhedge.core.statistics.stable import log_ratio
from xlhedge.core.types import Floats, Labelled, LabelValue, Series, Value
from xlhedge.errors import InputError, NoSolution


class Path(NamedTuple):
    """Worlds that follow each other, and when they are: None where the history has no times."""

    worlds: Worlds
    time: Any


def replay(
    positions: Labelled[Positions],
    spot_prices: Series | Labelled[History],
    futures_prices: Series | None = None,
    funding_rates: Series | None = None,
    accounts: Labelled[Accounts] | None = None,
    tiers: Labelled[Tiers] | None = None,
) -> LabelValue:
    """A price history applied to today's book: worst loss, drawdown, first margin call.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally others, as in
        STRESS_PNL.
    spot_prices
        Spot prices of the history, oldest first; the first row stands for today. Or a history with
        a header row, as BOOK_VAR takes it: each asset and contract then moves by its own columns,
        and futures_prices and funding_rates are left blank.
    futures_prices
        Futures prices at the same rows.
    funding_rates
        Funding rate paid at each row; the first row's, which is before the start, is not used.
    accounts
        Margin accounts, as in STRESS_PNL.
    tiers
        Brackets, as in ACCOUNT_STATUS.

    Returns
    -------
    table
        worst_pnl, worst_row, end_pnl, maximum_drawdown, first_margin_call_row and
        first_liquidation_row; rows count from 1, the first of the series. With times in the history
        also worst_time, first_margin_call_time and first_liquidation_time.

    Raises
    ------
    InputError
        For series of different lengths, a history without a column that the book needs, and
        accounts that do not fit as in STRESS_PNL.
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
    Without futures_prices the basis stays as it is.

    References
    ----------
    Basel Committee on Banking Supervision (2018), Stress testing principles.

    Examples
    --------
    >>> from xlhedge import stress
    >>> positions = {"asset": ["BTC"], "instrument": ["linear"], "quantity": [-1],
    ...              "price": [70000], "account": ["A"], "maintenance_rate": [0.005]}
    >>> accounts = {"account": ["A"], "balance": [7000]}
    >>> prices = [100, 104, 111, 100]
    >>> replay = stress.replay(positions, prices, prices, accounts=accounts)
    >>> replay.end_pnl, replay.first_margin_call_row, replay.first_liquidation_row
    (0.0, 3, 3)
    """
    ledger = make_ledger(positions, accounts, tiers)
    if isinstance(spot_prices, History):
        if futures_prices is not None or funding_rates is not None:
            blank = "must be left blank beside a history"
            name = "funding_rates" if futures_prices is None else "futures_prices"
            raise InputError(blank, argument=name)
        path = _history_path(ledger.book, spot_prices)
    else:
        path = _series_path(ledger.book, spot_prices, futures_prices, funding_rates)
    result = revalue(ledger.book, path.worlds, accumulate=True)
    state, total = ledger.state(result), result.total
    called = _first((state.margin_calls > 0).any(axis=1), "margin call", accounts)
    liquidated = _first(state.liquidated.any(axis=1), "liquidation", accounts)
    worst = int(total.argmin()) + 1
    table: dict[str, Value] = {
        "worst_pnl": float(total.min()),
        "worst_row": worst,
        "end_pnl": float(total[-1]),
        "maximum_drawdown": float((np.maximum.accumulate(total) - total).max()),
        "first_margin_call_row": called,
        "first_liquidation_row": liquidated,
    }
    if path.time is not None:
        rows = {"worst": worst, "first_margin_call": called, "first_liquidation": liquidated}
        for name, row in rows.items():
            table[f"{name}_time"] = float(path.time[row - 1]) if isinstance(row, int) else row
    return table


def _series_path(book: Book, spot: Floats, futures: Floats | None, funding: Floats | None) -> Path:
    """One market's prices: assets follow it by their beta."""
    series = {"spot_prices": spot, "futures_prices": futures, "funding_rates": funding}
    given = {name: values for name, values in series.items() if values is not None}
    check.aligned(2, **given)
    prices = {name: values for name, values in given.items() if name != "funding_rates"}
    check.positive(**prices)
    basis = np.zeros(len(spot)) if futures is None else log_ratio(spot, futures)
    rates = np.zeros(len(spot)) if funding is None else funding.copy()
    rates[0] = 0.0
    hint = "must lie within 0.1 an interval: was a percentage meant, 0.01 % as 0.0001?"
    check.require(np.abs(rates) <= 0.1, hint, rates, argument="funding_rates")
    moves = (spot - spot[0]) / spot[0]
    worlds = Worlds(market_moves(book, moves), basis - basis[0], funding=rates)
    return Path(worlds, None)


def _history_path(book: Book, history: History) -> Path:
    """Every asset and contract by its own columns."""
    moving = [name for i, name in enumerate(book.assets) if not book.is_stable[i]]
    columns = BookHistory(history, moving)
    columns.require_rows(2)
    rows, futures = columns.rows, np.flatnonzero(~book.is_spot).tolist()
    move = np.zeros((rows, len(book.assets)))
    basis, funding = np.zeros((2, rows, len(book.units)))
    spots = {name: _asset_prices(book, columns, name) for name in moving}
    for name, spot in spots.items():
        move[:, book.assets.index(name)] = (spot - spot[0]) / spot[0]
    for row in futures:
        asset, contract = int(book.asset[row]), str(book.positions.contract[row])
        if book.is_stable[asset]:
            continue
        name = book.assets.shown[asset]
        ratio = log_ratio(spots[name], columns.futures(name, contract).values)
        basis[:, row] = ratio - ratio[0]
        rates = columns.funding(name, contract)
        if rates is not None:
            funding[1:, row] = rates.values[1:]
    return Path(Worlds(move, basis, funding=funding), columns.time)


def _asset_prices(book: Book, columns: BookHistory, name: str) -> Floats:
    """Spot prices of an asset; its first future's where the book holds linear futures alone."""
    asset = book.assets.index(name)
    rows = np.flatnonzero(book.asset == asset)
    only_linear = book.is_linear[rows].all() and asset not in book.balances.asset
    if rows.size and only_linear and not columns.has_spot(name):
        return columns.futures(name, str(book.positions.contract[rows[0]])).values
    return columns.spot(name).values


def _first(rows: Any, what: str, accounts: Accounts | None) -> Value:
    if accounts is None:
        return NoSolution(f"without accounts there is no {what}")
    found = np.flatnonzero(rows)
    return int(found[0]) + 1 if found.size else NoSolution(f"the history brings no {what}")
