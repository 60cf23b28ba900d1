"""Value at risk and expected shortfall."""

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

def returns(
    prices: Line,
    kind: Literal['log', 'simple'] = 'log',
    lag: int = 1,
) -> Values:
    """Returns of a price series, one per row from row lag + 1 on: logarithmic or simple."""


def portfolio_volatility(
    weights: Line,
    volatilities: Line,
    correlations: Rectangle | float,
) -> float:
    """Volatility of a portfolio from its weights, volatilities and correlations."""


def covariance_var(
    values: Line,
    volatilities: Line,
    correlations: Rectangle | float,
    confidence: float = 0.99,
    horizon_days: float = 1,
) -> float:
    """Value at risk of several positions by the variance-covariance method."""


def var_contributions(
    values: Line,
    volatilities: Line,
    correlations: Rectangle | float,
    confidence: float = 0.99,
    horizon_days: float = 1,
) -> Values:
    """What each position adds to the value at risk; the rows sum to VAR_COVARIANCE."""


def basis_var(
    spot_prices: Line,
    futures_prices: Line,
    value: float,
    confidence: float = 0.99,
    horizon_periods: int = 1,
    scaling: Literal['sqrt', 'ou', 'empirical'] = 'sqrt',
    measure: Literal['var', 'es'] = 'var',
) -> float:
    """Value at risk of a hedged position: what the basis can do to it over the horizon."""


@overload
def normal_var(  # type: ignore[overload-overlap]
    value: float,
    volatility: float,
    confidence: float = 0.99,
    horizon_days: float = 1,
    mean: float = 0,
    measure: Literal['var', 'es'] = 'var',
) -> float: ...
@overload
def normal_var(
    value: Numbers,
    volatility: Numbers,
    confidence: Numbers = 0.99,
    horizon_days: Numbers = 1,
    mean: Numbers = 0,
    measure: Literal['var', 'es'] | Sequence[str] = 'var',
) -> Values:
    """Value at risk or expected shortfall of one position whose return is normal."""


@overload
def student_var(  # type: ignore[overload-overlap]
    value: float,
    volatility: float,
    degrees_of_freedom: float,
    confidence: float = 0.99,
    horizon_days: float = 1,
    mean: float = 0,
    measure: Literal['var', 'es'] = 'var',
) -> float: ...
@overload
def student_var(
    value: Numbers,
    volatility: Numbers,
    degrees_of_freedom: Numbers,
    confidence: Numbers = 0.99,
    horizon_days: Numbers = 1,
    mean: Numbers = 0,
    measure: Literal['var', 'es'] | Sequence[str] = 'var',
) -> Values:
    """Value at risk or expected shortfall of one position whose return is Student t."""


def historical_var(
    returns: Line,
    value: float,
    confidence: float = 0.99,
    measure: Literal['var', 'es'] = 'var',
    decay: float = 1,
) -> float:
    """Value at risk or expected shortfall from the tail of past returns, optionally age-weighted."""


def cornish_fisher_var(
    returns: Line,
    value: float,
    confidence: float = 0.99,
    measure: Literal['var', 'es'] = 'var',
) -> float:
    """Value at risk or expected shortfall from mean, deviation, skewness and kurtosis."""


def filtered_var(
    returns: Line,
    value: float,
    confidence: float = 0.99,
    horizon_periods: int = 1,
    measure: Literal['var', 'es'] = 'var',
    decay: float = 0.94,
    paths: int = 20000,
    seed: int = 42,
) -> float:
    """Value at risk or expected shortfall from past returns rescaled to today's volatility."""


def extreme_value_var(
    returns: Line,
    value: float,
    confidence: float = 0.99,
    threshold: float = 0.95,
    measure: Literal['var', 'es'] = 'var',
) -> float:
    """Value at risk or expected shortfall from a Pareto distribution fitted to the worst losses."""


def joint_fit(
    spot_prices: Line,
    futures_prices: Line,
    funding_rates: Line,
    interval_hours: float = 8,
) -> Record:
    """Joint model of spot, basis and funding rate from their history, for VAR_JOINT."""


def joint_var(
    spot_quantity: float,
    spot_price: float,
    contracts: float,
    model: Labels,
    horizon_days: float = 1,
    confidence: float = 0.99,
    contract_size: float = 1,
    paths: int = 20000,
    seed: int = 42,
    contract_type: Literal['linear', 'inverse'] = 'linear',
) -> Record:
    """Value at risk of coins and futures with spot, basis and funding simulated together."""


def backtest(
    pnl: Line,
    var: Line | float,
    confidence: float = 0.99,
) -> Record:
    """Backtest of a value at risk: exceptions, Kupiec's and Christoffersen's tests, Basel zone."""


def es_backtest(
    pnl: Line,
    var: Line | float,
    es: Line | float,
    confidence: float = 0.975,
) -> Record:
    """Backtest of an expected shortfall: Acerbi and Székely's Z2, and the exceedance residuals."""


def book_var(
    positions: Range,
    history: Range,
    horizon_periods: int = 1,
    confidence: float = 0.99,
    method: Literal['scaled', 'windows'] = 'scaled',
    decay: float = 0.97,
    accounts: Range | None = None,
) -> Record:
    """Value at risk and shortfall of a whole book from history, with basis, funding and proxies."""


def book_pnl(
    positions: Range,
    history: Range,
    horizon_periods: int = 1,
    method: Literal['scaled', 'windows'] = 'scaled',
    decay: float = 0.97,
    accounts: Range | None = None,
) -> Frame:
    """Profit and loss of today's book in every window of a history, by spot, basis and funding."""


def book_contribution(
    positions: Range,
    history: Range,
    horizon_periods: int = 1,
    confidence: float = 0.99,
    method: Literal['scaled', 'windows'] = 'scaled',
    decay: float = 0.97,
    accounts: Range | None = None,
) -> Frame:
    """What each position and coin balance adds to the book's expected shortfall."""

