"""Volatility estimates and volatility targets."""

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

def realized(
    prices: Line,
    periods_per_year: float = 365,
) -> float:
    """Realised volatility per year: the standard deviation of log returns."""


def exponential(
    prices: Line,
    decay: float = 0.94,
    periods_per_year: float = 365,
) -> float:
    """Volatility forecast for the next period per year, by exponential weights (RiskMetrics)."""


def garch(
    prices: Line,
    horizon_periods: int = 1,
    periods_per_year: float = 365,
) -> float:
    """Volatility forecast over the coming periods per year, by a GARCH(1,1) model."""


def har(
    prices: Line,
    periods_per_year: float = 365,
) -> float:
    """Volatility forecast for the next day per year, by the heterogeneous autoregressive model."""


def from_range(
    open: Line,
    high: Line,
    low: Line,
    close: Line,
    estimator: Literal['parkinson', 'garman_klass', 'rogers_satchell', 'yang_zhang'] = 'yang_zhang',
    periods_per_year: float = 365,
) -> float:
    """Volatility per year from open, high, low and close prices."""


@overload
def target_exposure(  # type: ignore[overload-overlap]
    target_volatility: float,
    forecast_volatility: float,
    gross_exposure: float = 1,
    max_leverage: float = 1,
    min_exposure: float = 0,
) -> float: ...
@overload
def target_exposure(
    target_volatility: Numbers,
    forecast_volatility: Numbers,
    gross_exposure: Numbers = 1,
    max_leverage: Numbers = 1,
    min_exposure: Numbers = 0,
) -> Values:
    """Exposure that brings a forecast volatility to its target."""


@overload
def target_hedge(  # type: ignore[overload-overlap]
    target_volatility: float,
    forecast_volatility: float,
    residual_volatility: float = 0,
) -> float: ...
@overload
def target_hedge(
    target_volatility: Numbers,
    forecast_volatility: Numbers,
    residual_volatility: Numbers = 0,
) -> Values:
    """Share of a spot holding to hedge so that what is left has the target volatility."""


@overload
def target_trade(  # type: ignore[overload-overlap]
    current_exposure: float,
    target_exposure: float,
    band: float = 0.05,
    to: Literal['target', 'edge'] = 'target',
) -> float: ...
@overload
def target_trade(
    current_exposure: Numbers,
    target_exposure: Numbers,
    band: Numbers = 0.05,
    to: Literal['target', 'edge'] | Sequence[str] = 'target',
) -> Values:
    """Change of exposure to trade: 0 inside a band around the target, else back to it."""

