"""The library of stress scenarios: events of the past and hypothetical worlds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.ranges import Scenarios
from xlhedge.core.types import Table


class Scenario(NamedTuple):
    """One row of the library; fields as the columns of a scenarios range."""

    scenario: str
    spot_shock: float
    basis_shock: float
    funding_rate: float
    intervals: int
    stablecoin_shock: float = 0.0
    cost_rate: float = 0.005
    top_up: bool = False
    proxy_shock: float = 0.0


# Each figure's hours, prices and source are in docs/scenarios.md.
HISTORICAL = (
    Scenario("12 March 2020", -0.523, 0.0170, -0.000772, 6),
    Scenario("19 May 2021", -0.300, 0.0057, -0.000146, 3),
    Scenario("LUNA May 2022", -0.259, 0.0008, 0.000007, 18),
    Scenario("FTX November 2022", -0.268, 0.0027, -0.000083, 12),
    Scenario("10 October 2025", -0.162, -0.0002, 0.000050, 3),
)

HYPOTHETICAL = (
    Scenario("Flash crash", -0.30, 0.05, -0.001, 1, cost_rate=0.01),
    Scenario("Short squeeze", 0.30, -0.02, 0.001, 3),
    Scenario("Prolonged negative funding", 0.0, 0.005, -0.0005, 90),
    Scenario("Stablecoin depeg", 0.0, 0.0, 0.0, 0, stablecoin_shock=-0.10),
    Scenario("Venue outage", 0.15, 0.0, 0.0, 0, cost_rate=0.02),
    Scenario("Basis blow-out", 0.05, -0.05, 0.0, 0),
    Scenario("Correlation breakdown", 0.0, 0.0, 0.0, 0, proxy_shock=-0.20),
)


def library() -> Table:
    """Named stress scenarios, of the past and hypothetical: the library for STRESS_PNL.

    Returns
    -------
    table
        scenario, spot_shock, basis_shock, funding_rate, intervals, stablecoin_shock, cost_rate,
        top_up and proxy_shock; one row per scenario.

    Notes
    -----
    Historical rows are Bitcoin's: spot_shock from the event's start to its lowest trade,
    basis_shock the change of ln(S/F) to the event's lowest hourly close (simultaneous prices of
    spot and perpetual), funding_rate the mean of its intervals. The manual's page on scenarios
    gives hours, prices and source. Hypothetical rows are assumptions; "Correlation breakdown" moves
    only what is held without a future of its own. top_up is FALSE throughout: nobody could rely on
    sending cash in time.

    References
    ----------
    Binance's public klines and funding rates; hours, prices and figures are in
    docs/scenarios.md.

    Examples
    --------
    >>> from xlhedge import stress
    >>> stress.library().iloc[:3, :3]
            scenario  spot_shock  basis_shock
    0  12 March 2020      -0.523       0.0170
    1    19 May 2021      -0.300       0.0057
    2  LUNA May 2022      -0.259       0.0008
    """
    return Table(Scenario._fields, [list(row) for row in HISTORICAL + HYPOTHETICAL])


def library_table() -> Scenarios:
    """The library as the table that revaluation takes."""
    rows = HISTORICAL + HYPOTHETICAL
    columns: dict[str, Any] = {
        name: np.array([getattr(row, name) for row in rows], dtype=np.float64)
        for name in Scenario._fields
        if name not in ("scenario", "top_up")
    }
    return Scenarios(
        scenario=np.array([row.scenario for row in rows]),
        top_up=np.array([row.top_up for row in rows]),
        **columns,
    )
