"""Margin of a futures position as the price moves: ratio, calls, ladder."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.ranges import Tiers
from xlhedge.core.margin.engine import CALL_RATIO, status
from xlhedge.core.margin.maintenance import as_given, notional_of, requirement
from xlhedge.core.sizing.contracts import pnl
from xlhedge.core.types import ContractType, Elementwise, Labelled, Table, Vector
from xlhedge.errors import DomainError


def ratio(
    contracts: Elementwise,
    entry_price: Elementwise,
    mark_price: Elementwise,
    wallet_balance: Elementwise,
    maintenance_rate: Elementwise | None,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
    tiers: Labelled[Tiers] | None = None,
    fee_rate: Elementwise = 0,
) -> Elementwise:
    """Margin ratio of a futures position: maintenance margin over equity; 1 is liquidation.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    entry_price
        Average entry price.
    mark_price
        Price at which the position is valued now.
    wallet_balance
        Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).
    maintenance_rate
        Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear (margin in quote currency) or inverse (margin in coin).
    tiers
        The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.
    fee_rate
        Liquidation fee rate, where the venue counts it with maintenance.

    Returns
    -------
    float or array
        Ratio as a decimal; 1 or more means liquidation.

    Raises
    ------
    InputError
        With neither maintenance_rate nor tiers, or with both.
    DomainError
        Where equity is 0 or less, and for a price or size that is not positive or a rate outside
        [0, 1).

    Notes
    -----
    Maintenance and liquidation fee at the mark price / (wallet_balance + unrealised profit).

    References
    ----------
    Binance, "Margin ratio" of USDⓈ-M futures.

    Examples
    --------
    >>> from xlhedge import margin
    >>> round(margin.ratio(-1, 70000, 73000, 7000, 0.005), 6)
    0.09125
    """
    required, equity = _required_and_equity(
        contracts,
        entry_price,
        mark_price,
        wallet_balance,
        maintenance_rate,
        contract_size,
        contract_type,
        tiers,
        fee_rate,
    )
    check.require(equity > 0, "equity must be above 0 for a margin ratio", equity)
    return as_given(required / equity)


def margin_call(
    contracts: Elementwise,
    entry_price: Elementwise,
    mark_price: Elementwise,
    wallet_balance: Elementwise,
    maintenance_rate: Elementwise | None,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
    tiers: Labelled[Tiers] | None = None,
    target_ratio: Elementwise = CALL_RATIO,
    fee_rate: Elementwise = 0,
) -> Elementwise:
    """Cash to add to a futures position's margin so that its margin ratio comes back to a target.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    entry_price
        Average entry price.
    mark_price
        Price at which the position is valued now.
    wallet_balance
        Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).
    maintenance_rate
        Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear (margin in quote currency) or inverse (margin in coin).
    tiers
        The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.
    target_ratio
        Ratio of maintenance to equity to come back to, above 0 and at most 1.
    fee_rate
        Liquidation fee rate, where the venue counts it with maintenance.

    Returns
    -------
    float or array
        Top-up, 0 or more: quote currency (linear) or coin (inverse).

    Raises
    ------
    InputError
        With neither maintenance_rate nor tiers, or with both.
    DomainError
        For a price or size that is not positive, a rate outside [0, 1), or a target_ratio outside
        (0, 1].

    Notes
    -----
    max(0, maintenance / target_ratio − equity). Equity may be negative: then the debt is part of
    the call.

    References
    ----------
    Binance, "Margin ratio" of USDⓈ-M futures.

    Examples
    --------
    >>> from xlhedge import margin
    >>> margin.margin_call(-1, 70000, 77000, 7000, 0.005)
    770.0
    """
    check.positive(target_ratio=target_ratio)
    check.require(np.asarray(target_ratio) <= 1, "target_ratio must be at most 1", target_ratio)
    required, equity = _required_and_equity(
        contracts,
        entry_price,
        mark_price,
        wallet_balance,
        maintenance_rate,
        contract_size,
        contract_type,
        tiers,
        fee_rate,
    )
    return as_given(np.maximum(required / target_ratio - equity, 0.0))


def ladder(
    contracts: float,
    entry_price: float,
    wallet_balance: float,
    maintenance_rate: float | None,
    moves: Vector | None = None,
    contract_size: float = 1,
    contract_type: ContractType = "linear",
    tiers: Labelled[Tiers] | None = None,
    fee_rate: float = 0,
) -> Table:
    """Margin of a futures position at a ladder of prices: equity, ratio, top-up and status.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    entry_price
        Average entry price, from which the moves are taken.
    wallet_balance
        Margin of the position without unrealised profit: quote currency (linear) or coin (inverse).
    maintenance_rate
        Maintenance margin rate, 0.005 for 0.5 %. Blank where tiers are given.
    moves
        Relative price moves from entry, signed: 0.1 is 10 % up. Left blank: 0 to 50 % against the
        position in steps of 5 %, which is up for a short and down for a long.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear (margin in quote currency) or inverse (margin in coin).
    tiers
        The venue's brackets, as for LIQ_PRICE; then maintenance_rate is blank.
    fee_rate
        Liquidation fee rate, where the venue counts it with maintenance.

    Returns
    -------
    table
        One row per move: move, price, unrealised_pnl, equity, maintenance, ratio, top_up, status.

    Raises
    ------
    InputError
        With neither maintenance_rate nor tiers, or with both.
    DomainError
        For a price or size that is not positive, a move of −1 or less, or a rate outside [0, 1).

    Notes
    -----
    price = entry · (1 + move). ratio = maintenance / equity, #NUM! where equity is 0 or less.
    top_up brings the ratio back to 0.5. status: ok below 0.5, warn below 0.8, call below 1,
    liquidated from 1 on or without equity.

    References
    ----------
    Binance, "Margin ratio" of USDⓈ-M futures.

    Examples
    --------
    >>> from xlhedge import margin
    >>> ladder = margin.ladder(-1, 70000, 7000, 0.005, [0, 0.09, 0.1])
    >>> ladder[["move", "equity", "top_up", "status"]].round(6)
       move  equity  top_up      status
    0  0.00  7000.0     0.0          ok
    1  0.09   700.0    63.0        warn
    2  0.10     0.0   770.0  liquidated
    """
    if moves is None:
        steps = np.arange(11) / 20
        moves = steps if contracts <= 0 else 0.0 - steps
    check.enough(1, moves=moves)
    check.require(moves > -1, "moves must be above -1", moves)
    price = entry_price * (1 + moves)
    check.positive(entry_price=entry_price, contract_size=contract_size, price=price)
    need = requirement(maintenance_rate, tiers, contracts, contract_size, contract_type, fee_rate)
    required = need.margin(notional_of(contracts, price, contract_size, contract_type))
    # P − E is E · move, and 1/E − 1/P is move/P: a small move keeps its digits.
    gain = entry_price * moves if contract_type == "linear" else moves / price
    profit = contracts * contract_size * gain
    equity = wallet_balance + profit
    top_up = np.maximum(required / CALL_RATIO - equity, 0.0)
    shares = [
        need / has if has > 0 else DomainError("ratio needs equity above 0")
        for need, has in zip(required.tolist(), equity.tolist(), strict=True)
    ]
    columns = (moves, price, profit, equity, required)
    rows = zip(*(column.tolist() for column in columns), shares, top_up.tolist(), strict=True)
    return Table(
        ["move", "price", "unrealised_pnl", "equity", "maintenance", "ratio", "top_up", "status"],
        [[*row, status(row[5])] for row in rows],
    )


def _required_and_equity(
    contracts: Elementwise,
    entry_price: Elementwise,
    mark_price: Elementwise,
    wallet_balance: Elementwise,
    maintenance_rate: Elementwise | None,
    contract_size: Elementwise,
    contract_type: ContractType,
    tiers: Tiers | None,
    fee_rate: Elementwise,
) -> tuple[Any, Any]:
    """Maintenance margin and equity at the mark price."""
    check.positive(entry_price=entry_price, mark_price=mark_price, contract_size=contract_size)
    notional = notional_of(contracts, mark_price, contract_size, contract_type)
    need = requirement(maintenance_rate, tiers, contracts, contract_size, contract_type, fee_rate)
    required = need.margin(notional)
    profit = pnl(contracts, entry_price, mark_price, contract_size, contract_type)
    return required, wallet_balance + profit
