"""The report of a hedge, its costs and its trades."""

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

def hedge_report(
    positions: Range,
    accounts: Range,
    volatility: Range | float,
    horizon_days: float = 1,
    confidence: float = 0.99,
    model: Labels | None = None,
    history: Range | None = None,
    interval_hours: float = 24,
    tiers: Range | None = None,
    correlations: Rectangle | float | None = None,
) -> Record:
    """The state of a hedged book in one table: exposure, risk, liquidation, margin, worst scenario."""


@overload
def hedge_cost(  # type: ignore[overload-overlap]
    notional: float,
    fee_rate: float = 0,
    spread: float = 0,
    impact: float = 0,
    funding_rate: float = 0,
    financing_rate: float = 0,
    days: float = 0,
    interval_hours: float = 8,
) -> float: ...
@overload
def hedge_cost(
    notional: Numbers,
    fee_rate: Numbers = 0,
    spread: Numbers = 0,
    impact: Numbers = 0,
    funding_rate: Numbers = 0,
    financing_rate: Numbers = 0,
    days: Numbers = 0,
    interval_hours: Numbers = 8,
) -> Values:
    """Cost of a short hedge over its life: trading in and out, funding and financing."""


@overload
def rebalancing_trade(  # type: ignore[overload-overlap]
    current_contracts: float,
    target_contracts: float,
    band: float = 0.05,
    lot: float = 1,
) -> float: ...
@overload
def rebalancing_trade(
    current_contracts: Numbers,
    target_contracts: Numbers,
    band: Numbers = 0.05,
    lot: Numbers = 1,
) -> Values:
    """Contracts to trade to bring a hedge back to its target: 0 inside a band around it."""

