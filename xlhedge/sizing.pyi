"""Hedge sizing: how many contracts, and what they are worth."""

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
def contracts(  # type: ignore[overload-overlap]
    spot_quantity: float,
    spot_price: float,
    contract_size: float = 1,
    hedge_ratio: float = 1,
    futures_price: float | None = None,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    lot: float = 1,
    futures_delta: float = 1,
) -> float: ...
@overload
def contracts(
    spot_quantity: Numbers,
    spot_price: Numbers,
    contract_size: Numbers = 1,
    hedge_ratio: Numbers = 1,
    futures_price: Numbers | None = None,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
    lot: Numbers = 1,
    futures_delta: Numbers = 1,
) -> Values:
    """Futures contracts that hedge a spot holding: negative to sell, positive to buy."""


def beta_contracts(
    values: Line,
    betas: Line | float,
    futures_price: float,
    contract_size: float = 1,
    hedge_fraction: float = 1,
    target_beta: float = 0,
    lot: float = 1,
) -> float:
    """Futures contracts that bring a portfolio's beta to a target: negative to sell."""


def beta(
    asset_prices: Line,
    market_prices: Line,
    lag: int = 1,
) -> float:
    """Beta of an asset to a market: the slope of its log returns on the market's."""


def min_variance_ratio(
    spot_prices: Line,
    futures_prices: Line,
    lag: int = 1,
) -> float:
    """Hedge ratio that minimises the variance of the hedged return."""


def ewma_ratio(
    spot_prices: Line,
    futures_prices: Line,
    decay: float = 0.94,
) -> float:
    """Minimum-variance hedge ratio that weighs recent returns more, as RiskMetrics does."""


def tail_ratio(
    spot_prices: Line,
    futures_prices: Line,
    confidence: float = 0.95,
    measure: Literal['var', 'es'] = 'es',
) -> float:
    """Hedge ratio that minimises the historical VaR or expected shortfall of the hedged return."""


def statistics(
    spot_prices: Line,
    futures_prices: Line,
    lag: int = 1,
) -> Record:
    """Minimum-variance hedge ratio with its standard error and what the hedge would leave."""


def ratios(
    spot_prices: Line,
    futures_prices: Rectangle,
    lag: int = 1,
) -> Frame:
    """Minimum-variance hedge ratios on several futures together, by least squares."""


def rolling(
    spot_prices: Line,
    futures_prices: Line,
    window: int,
    lag: int = 1,
) -> Values:
    """Minimum-variance hedge ratio over a window that moves through the history."""


def effectiveness(
    spot_prices: Line,
    futures_prices: Line,
    hedge_ratio: float,
    measure: Literal['variance', 'sd', 'var', 'es'] = 'variance',
    confidence: float = 0.95,
) -> float:
    """Share of the risk that a hedge would have removed: 1 is a perfect hedge, 0 none."""


@overload
def pnl(  # type: ignore[overload-overlap]
    contracts: float,
    entry_price: float,
    exit_price: float,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
) -> float: ...
@overload
def pnl(
    contracts: Numbers,
    entry_price: Numbers,
    exit_price: Numbers,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
) -> Values:
    """Profit and loss of a futures position, in quote currency (linear) or in coin (inverse)."""


@overload
def delta(  # type: ignore[overload-overlap]
    contracts: float,
    price: float,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    carry_rate: float = 0,
    days: float = 0,
) -> float: ...
@overload
def delta(
    contracts: Numbers,
    price: Numbers,
    contract_size: Numbers = 1,
    contract_type: Literal['linear', 'inverse'] | Sequence[str] = 'linear',
    carry_rate: Numbers = 0,
    days: Numbers = 0,
) -> Values:
    """Exposure of a futures position to the spot price, in coins."""


def portfolio_delta(
    positions: Range,
    accounts: Range | None = None,
) -> Frame:
    """Exposure of a book to each coin's spot price: spot, futures and what is left open."""

