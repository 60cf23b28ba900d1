"""Margin, liquidation prices and the probability of reaching them."""

# Written by `xlhedge build`; the catalogue and the core's signatures are what to change.

from collections.abc import Sequence
from typing import Literal, overload

from xlhedge.hosts.python.types import (
    Frame,
    Labels,
    Line,
    Numbers,
    Range,
    Record,
    Rectangle,
    Values,
)

@overload
def tier(  # type: ignore[overload-overlap]
    notional: float,
    tiers: Range,
    what: Literal['rate', 'amount', 'margin', 'max_leverage'] = 'rate',
) -> float: ...
@overload
def tier(
    notional: Numbers,
    tiers: Range,
    what: Literal['rate', 'amount', 'margin', 'max_leverage'] | Sequence[str] = 'rate',
) -> Values:
    """Maintenance rate, amount, margin or highest leverage of a notional in a venue's brackets."""


@overload
def initial_margin(  # type: ignore[overload-overlap]
    contracts: float,
    price: float,
    leverage: float,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
) -> float: ...
@overload
def initial_margin(
    contracts: Numbers,
    price: Numbers,
    leverage: Numbers,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
) -> Values:
    """Initial margin of a futures position: its notional over the leverage."""


@overload
def maintenance_margin(  # type: ignore[overload-overlap]
    contracts: float,
    price: float,
    maintenance_rate: float | None,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    tiers: Range | None = None,
) -> float: ...
@overload
def maintenance_margin(
    contracts: Numbers,
    price: Numbers,
    maintenance_rate: Numbers | None,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
    tiers: Range | None = None,
) -> Values:
    """Maintenance margin of a futures position at a price, by a rate or by a venue's brackets."""


@overload
def liquidation_price(  # type: ignore[overload-overlap]
    contracts: float,
    entry_price: float,
    wallet_balance: float,
    maintenance_rate: float | None,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    maintenance_amount: float = 0,
    fee_rate: float = 0,
    convention: Literal['mark', 'entry'] = 'mark',
    tiers: Range | None = None,
) -> float: ...
@overload
def liquidation_price(
    contracts: Numbers,
    entry_price: Numbers,
    wallet_balance: Numbers,
    maintenance_rate: Numbers | None,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
    maintenance_amount: Numbers = 0,
    fee_rate: Numbers = 0,
    convention: Literal['mark', 'entry'] | Sequence[str] = 'mark',
    tiers: Range | None = None,
) -> Values:
    """Liquidation price of a futures position: the price at which equity equals maintenance."""


@overload
def approximate_price(  # type: ignore[overload-overlap]
    entry_price: float,
    initial_margin_rate: float,
    maintenance_rate: float,
    side: Literal['short', 'long'] = 'short',
) -> float: ...
@overload
def approximate_price(
    entry_price: Numbers,
    initial_margin_rate: Numbers,
    maintenance_rate: Numbers,
    side: Literal['short', 'long'] | Sequence[str] = 'short',
) -> Values:
    """Rule of thumb for a liquidation price from margin rates alone."""


def cross_price(
    positions: Range,
    wallet_balance: float,
    asset: str,
    tiers: Range | None = None,
    side: Literal['nearest', 'above', 'below'] = 'nearest',
) -> float:
    """Liquidation price of one asset in a cross-margined account, the others held at their mark."""


@overload
def bankruptcy_price(  # type: ignore[overload-overlap]
    contracts: float,
    entry_price: float,
    wallet_balance: float,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
) -> float: ...
@overload
def bankruptcy_price(
    contracts: Numbers,
    entry_price: Numbers,
    wallet_balance: Numbers,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
) -> Values:
    """Bankruptcy price of a futures position: the price at which its equity is zero."""


@overload
def ratio(  # type: ignore[overload-overlap]
    contracts: float,
    entry_price: float,
    mark_price: float,
    wallet_balance: float,
    maintenance_rate: float | None,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    tiers: Range | None = None,
    fee_rate: float = 0,
) -> float: ...
@overload
def ratio(
    contracts: Numbers,
    entry_price: Numbers,
    mark_price: Numbers,
    wallet_balance: Numbers,
    maintenance_rate: Numbers | None,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
    tiers: Range | None = None,
    fee_rate: Numbers = 0,
) -> Values:
    """Margin ratio of a futures position: maintenance margin over equity; 1 is liquidation."""


@overload
def margin_call(  # type: ignore[overload-overlap]
    contracts: float,
    entry_price: float,
    mark_price: float,
    wallet_balance: float,
    maintenance_rate: float | None,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    tiers: Range | None = None,
    target_ratio: float = 0.5,
    fee_rate: float = 0,
) -> float: ...
@overload
def margin_call(
    contracts: Numbers,
    entry_price: Numbers,
    mark_price: Numbers,
    wallet_balance: Numbers,
    maintenance_rate: Numbers | None,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
    tiers: Range | None = None,
    target_ratio: Numbers = 0.5,
    fee_rate: Numbers = 0,
) -> Values:
    """Cash to add to a futures position's margin so that its margin ratio comes back to a target."""


def ladder(
    contracts: float,
    entry_price: float,
    wallet_balance: float,
    maintenance_rate: float | None,
    moves: Line | None = None,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    tiers: Range | None = None,
    fee_rate: float = 0,
) -> Frame:
    """Margin of a futures position at a ladder of prices: equity, ratio, top-up and status."""


@overload
def probability(  # type: ignore[overload-overlap]
    price: float,
    liq_price: float,
    volatility: float,
    days: float,
    drift: float = 0,
    side: Literal['short', 'long'] | None = None,
) -> float: ...
@overload
def probability(
    price: Numbers,
    liq_price: Numbers,
    volatility: Numbers,
    days: Numbers,
    drift: Numbers = 0,
    side: Literal['short', 'long'] | Sequence[str] | None = None,
) -> Values:
    """Probability that the price touches the liquidation price at any moment within some days."""


@overload
def margin_buffer(  # type: ignore[overload-overlap]
    contracts: float,
    price: float,
    volatility: float,
    days: float,
    maintenance_rate: float | None,
    confidence: float = 0.99,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    tiers: Range | None = None,
    fee_rate: float = 0,
) -> float: ...
@overload
def margin_buffer(
    contracts: Numbers,
    price: Numbers,
    volatility: Numbers,
    days: Numbers,
    maintenance_rate: Numbers | None,
    confidence: Numbers = 0.99,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
    tiers: Range | None = None,
    fee_rate: Numbers = 0,
) -> Values:
    """Wallet balance with which a position survives some days at a confidence."""


def account_status(
    positions: Range,
    accounts: Range,
    tiers: Range | None = None,
) -> Frame:
    """Equity, maintenance, margin ratio, top-up and status of every margin account today."""


def account_liquidation(
    positions: Range,
    accounts: Range,
    tiers: Range | None = None,
    others: Literal['held', 'beta'] = 'held',
) -> Frame:
    """Prices of every asset, below and above today's, at which each account is liquidated."""


def account_probability(
    positions: Range,
    accounts: Range,
    volatilities: Range,
    correlations: Rectangle | float | None,
    days: Line,
    tiers: Range | None = None,
    degrees_of_freedom: float | None = None,
    paths: int = 20000,
    seed: int = 42,
) -> Frame:
    """Probability that each account is liquidated within some days, all assets moving together."""


def account_buffer(
    positions: Range,
    accounts: Range,
    volatilities: Range,
    correlations: Rectangle | float | None,
    days: float,
    confidence: float = 0.99,
    tiers: Range | None = None,
    degrees_of_freedom: float | None = None,
    paths: int = 20000,
    seed: int = 42,
) -> Frame:
    """Balance with which each account survives some days at a confidence, all assets moving."""

