"""Spot minus futures: level, carry and mean reversion."""

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
def basis(  # type: ignore[overload-overlap]
    spot_price: float,
    futures_price: float,
    unit: Literal['price', 'pct', 'bp', 'log'] = 'price',
) -> float: ...
@overload
def basis(
    spot_price: Numbers,
    futures_price: Numbers,
    unit: Literal['price', 'pct', 'bp', 'log'] | Sequence[str] = 'price',
) -> Values:
    """Basis, spot minus futures: in quote currency, relative to spot, in basis points or in logs."""


@overload
def hedged_pnl(  # type: ignore[overload-overlap]
    spot_entry: float,
    futures_entry: float,
    spot_exit: float,
    futures_exit: float,
    quantity: float = 1,
    hedge_ratio: float = 1,
) -> float: ...
@overload
def hedged_pnl(
    spot_entry: Numbers,
    futures_entry: Numbers,
    spot_exit: Numbers,
    futures_exit: Numbers,
    quantity: Numbers = 1,
    hedge_ratio: Numbers = 1,
) -> Values:
    """Profit and loss of a spot holding hedged with futures: the change of the basis."""


@overload
def carry_rate(  # type: ignore[overload-overlap]
    spot_price: float,
    futures_price: float,
    days: float,
    compounding: Literal['simple', 'annual', 'continuous'] = 'simple',
) -> float: ...
@overload
def carry_rate(
    spot_price: Numbers,
    futures_price: Numbers,
    days: Numbers,
    compounding: Literal['simple', 'annual', 'continuous'] | Sequence[str] = 'simple',
) -> Values:
    """Annual rate that a dated future pays over spot until it expires."""


@overload
def fair_future(  # type: ignore[overload-overlap]
    spot_price: float,
    carry_rate: float,
    days: float,
    compounding: Literal['simple', 'annual', 'continuous'] = 'simple',
) -> float: ...
@overload
def fair_future(
    spot_price: Numbers,
    carry_rate: Numbers,
    days: Numbers,
    compounding: Literal['simple', 'annual', 'continuous'] | Sequence[str] = 'simple',
) -> Values:
    """Futures price at which a dated future pays a given annual carry: the inverse of CARRY_RATE."""


def basis_statistics(
    spot_prices: Line,
    futures_prices: Line,
    interval_hours: float = 24,
) -> Record:
    """Description of a basis history: level, range, shape, persistence and a unit-root test."""


def fit_ou(
    series: Line,
    interval_days: float,
) -> Record:
    """Ornstein-Uhlenbeck process fitted to a series: speed, level and noise of mean reversion."""


def forecast_ou(
    current: float,
    theta: float,
    mu: float,
    sigma: float,
    horizon_days: Line,
    confidence: float = 0.95,
) -> Values:
    """Forecast of an Ornstein-Uhlenbeck process: mean, standard deviation and central interval."""


def unit_root(
    series: Line,
    lags: int | None = None,
) -> Record:
    """Augmented Dickey-Fuller test: a small p_value speaks for mean reversion."""


def cointegration(
    spot_prices: Line,
    futures_prices: Line,
) -> Record:
    """Engle-Granger test: a small p_value says that spot and future are bound together."""


def carry_curve(
    spot_price: float,
    futures_prices: Line,
    days: Line,
) -> Frame:
    """Carry of dated futures by expiry, and the forward carry between neighbouring expiries."""


def roll_cost(
    contracts: float,
    near_price: float,
    far_price: float,
    near_days: float,
    far_days: float,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
    fee_rate: float = 0,
    spread: float = 0,
) -> Record:
    """What rolling a position from a near into a far expiry costs, and the carry that it locks in."""

