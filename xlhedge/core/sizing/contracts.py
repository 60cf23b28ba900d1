"""Hedge sizing: how many contracts, and what a contract is worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.types import ContractType, Elementwise, Series

_SLACK = 1e-9


def round_to_lot(contracts: Elementwise, lot: Elementwise) -> Any:
    """Nearest multiple of `lot`, halves away from zero; a lot of 0 does not round.

    A quotient within 1e-9 of a half counts as the half: 0.15 / 0.1 is 1.4999999999999998 in
    floating point and yet means 1.5.
    """
    whole_lot = np.where(np.asarray(lot) == 0, 1.0, lot)
    quotient = np.abs(contracts) / whole_lot
    # From 2^51 on, adding a half would itself round; such a quotient is a whole number for us.
    nearest = np.where(quotient < 2.0**51, np.floor(quotient + 0.5 + _SLACK), np.round(quotient))
    # 3 · 0.1 is 0.30000000000000004 and 3 / 10 is 0.3: divide where the lot is 1/whole.
    inverse = np.round(1 / whole_lot)
    is_unit_fraction = (inverse > 1) & (np.abs(inverse * whole_lot - 1) < 1e-12)
    multiple = np.where(is_unit_fraction, nearest / np.maximum(inverse, 1), nearest * whole_lot)
    rounded = np.where(np.asarray(lot) == 0, np.abs(contracts), multiple)
    # Adding 0 turns −0 into 0.
    result = np.where(np.asarray(contracts) < 0, -rounded, rounded) + 0.0
    return result if result.ndim else float(result)


def contracts(
    spot_quantity: Elementwise,
    spot_price: Elementwise,
    contract_size: Elementwise = 1,
    hedge_ratio: Elementwise = 1,
    futures_price: Elementwise | None = None,
    contract_type: ContractType = "linear",
    lot: Elementwise = 1,
    futures_delta: Elementwise = 1,
) -> Elementwise:
    """Futures contracts that hedge a spot holding: negative to sell, positive to buy.

    Parameters
    ----------
    spot_quantity
        Coins held, positive = long, negative = short.
    spot_price
        Spot price in quote currency.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    hedge_ratio
        Share of the holding to hedge, or a minimum-variance ratio of returns.
    futures_price
        Futures price in quote currency; blank hedges coin for coin, give it when hedge_ratio is a
        ratio of returns.
    contract_type
        linear (size in coins, settled in quote currency) or inverse (face in quote currency,
        settled in coin).
    lot
        Multiple to which the answer is rounded, halves away from zero; 0 does not round.
    futures_delta
        Change of the futures price per change of the spot price: 1 for a perpetual,
        exp(carry × years) for a dated future.

    Returns
    -------
    float or array
        Contracts; with a positive hedge_ratio their sign is opposite to that of spot_quantity.

    Raises
    ------
    DomainError
        For a price, size or delta that is not positive, or a negative lot.

    Notes
    -----
    n = −hedge_ratio · spot_quantity · spot_price / value / futures_delta, where the value of one
    contract is contract_size · futures_price (linear) or contract_size (inverse).

    References
    ----------
    Hull, Options, Futures and Other Derivatives, chapter "Hedging strategies using futures".

    Examples
    --------
    >>> from xlhedge import sizing
    >>> sizing.contracts(1000, 70000)
    -1000.0
    >>> sizing.contracts(1000, 70000, 100, contract_type="inverse")
    -700000.0
    """
    price = spot_price if futures_price is None else futures_price
    check.positive(
        spot_price=spot_price,
        contract_size=contract_size,
        futures_price=price,
        futures_delta=futures_delta,
    )
    check.not_negative(lot=lot)
    if contract_type == "linear":
        # The price ratio first: coin for coin it is exactly 1.
        coins = spot_quantity * (spot_price / price) / contract_size
    else:
        coins = spot_quantity * spot_price / contract_size
    return round_to_lot(-hedge_ratio * coins / futures_delta, lot)  # type: ignore[no-any-return]


def beta_contracts(
    values: Series,
    betas: Series | float,
    futures_price: float,
    contract_size: float = 1,
    hedge_fraction: float = 1,
    target_beta: float = 0,
    lot: float = 1,
) -> float:
    """Futures contracts that bring a portfolio's beta to a target: negative to sell.

    Parameters
    ----------
    values
        Value of each holding in quote currency, positive = long.
    betas
        Beta of each holding to the asset under the future: one number, or one per holding.
    futures_price
        Futures price in quote currency.
    contract_size
        Units of the underlying per contract.
    hedge_fraction
        Share of the way to the target, 0.8 for 80 %.
    target_beta
        Beta that the whole portfolio shall have; 0 removes the exposure.
    lot
        Multiple to which the answer is rounded, halves away from zero; 0 does not round.

    Returns
    -------
    float
        Contracts, negative = sell.

    Raises
    ------
    InputError
        When values and betas differ in length.
    DomainError
        For a price or size that is not positive, or a negative lot.

    Notes
    -----
    n = −hedge_fraction · (Σ Vᵢβᵢ − target_beta · Σ Vᵢ) / (futures_price · contract_size).

    References
    ----------
    Hull, Options, Futures and Other Derivatives, section "Stock index futures".

    Examples
    --------
    >>> from xlhedge import sizing
    >>> sizing.beta_contracts([35e6, 17.5e6], 1.2, 70000, 1, 0.8)
    -720.0
    >>> sizing.beta_contracts(5050000, 1.5, 1010, 250, 1, 0.75)
    -15.0
    """
    check.enough(1, values=values)
    if isinstance(betas, np.ndarray):
        check.aligned(1, values=values, betas=betas)
    check.positive(futures_price=futures_price, contract_size=contract_size)
    check.not_negative(lot=lot)
    exposure = float(np.sum(values * betas)) - target_beta * float(np.sum(values))
    return float(round_to_lot(-hedge_fraction * exposure / (futures_price * contract_size), lot))


def pnl(
    contracts: Elementwise,
    entry_price: Elementwise,
    exit_price: Elementwise,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
) -> Elementwise:
    """Profit and loss of a futures position, in quote currency (linear) or in coin (inverse).

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    entry_price
        Price at which the position was opened.
    exit_price
        Price at which it is closed or valued.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear or inverse.

    Returns
    -------
    float or array
        Positive = gain; without fees and funding.

    Raises
    ------
    DomainError
        For a price or size that is not positive.

    Notes
    -----
    Linear: n · size · (exit − entry). Inverse: n · face · (1/entry − 1/exit), in coin.

    References
    ----------
    Bybit help centre, "What is Inverse Contract".

    Examples
    --------
    >>> from xlhedge import sizing
    >>> sizing.pnl(-1, 70000, 65000)
    5000.0
    >>> round(sizing.pnl(-100000, 10000, 11000, contract_type="inverse"), 8)
    -0.90909091
    """
    check.positive(entry_price=entry_price, exit_price=exit_price, contract_size=contract_size)
    if contract_type == "linear":
        return contracts * contract_size * (exit_price - entry_price)
    # 1/E − 1/X as (X − E)/(E·X): prices that are near have an exact difference. Larger and smaller
    # in turn, so that the other side of the trade gets the same digits.
    larger, smaller = np.maximum(entry_price, exit_price), np.minimum(entry_price, exit_price)
    return contracts * contract_size * ((exit_price - entry_price) / larger / smaller)


def delta(
    contracts: Elementwise,
    price: Elementwise,
    contract_size: Elementwise = 1,
    contract_type: ContractType = "linear",
    carry_rate: Elementwise = 0,
    days: Elementwise = 0,
) -> Elementwise:
    """Exposure of a futures position to the spot price, in coins.

    Parameters
    ----------
    contracts
        Contracts held, positive = long, negative = short.
    price
        Futures price in quote currency.
    contract_size
        Coins per contract (linear) or face value in quote currency (inverse).
    contract_type
        linear or inverse.
    carry_rate
        Continuous annual carry of a dated future; 0 for a perpetual.
    days
        Days to its expiry.

    Returns
    -------
    float or array
        Coins: a position of −1 coin loses what 1 spot coin gains.

    Raises
    ------
    DomainError
        For a price or size that is not positive, or negative days.

    Notes
    -----
    Linear: n · size · exp(carry_rate · days / 365). Inverse: n · face / price, the coins of
    exposure that venues show. Profit that an inverse position has accrued is itself coin and adds
    to the exposure; PORTFOLIO_DELTA counts it, this function does not.

    References
    ----------
    Bybit help centre, "What is Inverse Contract". Hull, Options, Futures and Other
    Derivatives, chapter "Determination of forward and futures prices".

    Examples
    --------
    >>> from xlhedge import sizing
    >>> sizing.delta(-10, 70000, 0.1)
    -1.0
    >>> sizing.delta(-70000, 70000, contract_type="inverse")
    -1.0
    """
    check.positive(price=price, contract_size=contract_size)
    check.not_negative(days=days)
    if contract_type == "linear":
        return contracts * contract_size * np.exp(carry_rate * days / 365)
    return contracts * contract_size / price
