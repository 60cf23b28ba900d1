"""Scenarios, replayed histories and reverse stress."""

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

def library(
) -> Frame:
    """Named stress scenarios, of the past and hypothetical: the library for STRESS_PNL."""


def scenario_pnl(
    positions: Range,
    scenarios: Range,
    accounts: Range | None = None,
    tiers: Range | None = None,
) -> Frame:
    """Full revaluation of a book under each scenario, with its margin accounts."""


def account_scenarios(
    positions: Range,
    scenarios: Range,
    accounts: Range,
    tiers: Range | None = None,
) -> Frame:
    """Every margin account under each scenario: equity, maintenance, margin call, liquidation."""


def grid(
    positions: Range,
    spot_shocks: Line,
    basis_shocks: Line,
    accounts: Range | None = None,
) -> Values:
    """Profit and loss of a book for each pair of a spot shock and a basis shock."""


def replay(
    positions: Range,
    spot_prices: Line | Range,
    futures_prices: Line | None = None,
    funding_rates: Line | None = None,
    accounts: Range | None = None,
    tiers: Range | None = None,
) -> Record:
    """A price history applied to today's book: worst loss, drawdown, first margin call."""


def reverse_stress(
    positions: Range,
    target: Literal['liquidation'] | float,
    accounts: Range | None = None,
    tiers: Range | None = None,
) -> Frame:
    """Smallest spot move up and down that loses an amount, or that liquidates an account."""

