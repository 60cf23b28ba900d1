"""The payments between longs and shorts of a perpetual."""

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
def rate(  # type: ignore[overload-overlap]
    premium: float,
    interest: float = 0.0001,
    interval_hours: float = 8,
    clamp: float = 0.0005,
    cap: float | None = None,
    scaling: Literal['interest', 'whole'] = 'interest',
) -> float: ...
@overload
def rate(
    premium: Numbers,
    interest: Numbers = 0.0001,
    interval_hours: Numbers = 8,
    clamp: Numbers = 0.0005,
    cap: Numbers | None = None,
    scaling: Literal['interest', 'whole'] | Sequence[str] = 'interest',
) -> Values:
    """Funding rate per interval that a venue sets from the average premium."""


def annual(
    rates: Line,
    interval_hours: Line | float = 8,
    compounding: Literal['simple', 'compound'] = 'simple',
) -> float:
    """Funding rate per year from rates per interval."""


def pnl(
    contracts: Line | float,
    mark_prices: Line,
    rates: Line,
    contract_size: float = 1,
    contract_type: Literal['linear', 'inverse'] = 'linear',
) -> float:
    """Funding received (positive) or paid (negative) by a position over a history."""


def statistics(
    rates: Line,
    interval_hours: float = 8,
) -> Record:
    """Description of a funding history: level, range, negative runs and worst month for a short."""


@overload
def breakeven(  # type: ignore[overload-overlap]
    entry_premium: float,
    exit_premium: float,
    costs: float,
    financing_rate: float,
    days: float,
    interval_hours: float = 8,
) -> float: ...
@overload
def breakeven(
    entry_premium: Numbers,
    exit_premium: Numbers,
    costs: Numbers,
    financing_rate: Numbers,
    days: Numbers,
    interval_hours: Numbers = 8,
) -> Values:
    """Funding rate per interval at which a cash-and-carry (long spot, short perpetual) earns 0."""


def funding_var(
    rates: Line,
    notional: float,
    horizon_days: float,
    interval_hours: float = 8,
    confidence: float = 0.99,
    side: Literal['short', 'long'] = 'short',
    measure: Literal['var', 'es'] = 'var',
) -> float:
    """Value at risk of cumulative funding over a horizon, from overlapping historical windows."""


def funding_forecast(
    rates: Line,
    days: Line,
    interval_hours: float = 8,
    confidence: float = 0.95,
) -> Values:
    """Funding that a short of notional 1 will have received within each number of days."""

