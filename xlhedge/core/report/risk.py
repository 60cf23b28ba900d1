"""Value at risk as the report gives it: from a history, a model, or volatilities alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.history import BookHistory, History
from xlhedge.core.book.ranges import Accounts, Positions
from xlhedge.core.margin.chances import Volatilities, volatilities_of
from xlhedge.core.margin.engine import Ledger
from xlhedge.core.report.exposure import Exposure
from xlhedge.core.risk.joint_model import JointModel
from xlhedge.core.types import Floats, Value
from xlhedge.errors import InputError


class RiskInputs(NamedTuple):
    """What the value at risk is made from."""

    volatility: float | Volatilities
    correlations: Floats | float | None
    horizon_days: float
    confidence: float
    model: JointModel | None
    history: History | None
    interval_hours: float


def value_at_risk(
    ledger: Ledger,
    positions: Positions,
    accounts: Accounts,
    exposure: Exposure,
    price: float,
    inputs: RiskInputs,
) -> dict[str, Value]:
    """The rows var and es, or directional_var and directional_es."""
    days, confidence = inputs.horizon_days, inputs.confidence
    if inputs.history is not None:
        from xlhedge.core.risk.book import book_var

        periods = _whole_periods(days, inputs.interval_hours)
        table = book_var(positions, inputs.history, periods, confidence, accounts=accounts)
        return {"var": table["var"], "es": table["es"]}
    if inputs.model is not None:
        from xlhedge.core.risk.simulation import joint_var

        spot, futures = float(exposure.spot.sum()), float(exposure.futures.sum())
        table = joint_var(spot / price, price, futures / price, inputs.model, days, confidence)
        return {"var": table["var"], "es": table["es"]}
    from xlhedge.core.risk.parametric import normal_var

    deviation = _deviation(ledger, exposure, inputs)
    risk = (deviation, 1.0, confidence, days, 0.0)
    return {
        "directional_var": float(normal_var(*risk)),
        "directional_es": float(normal_var(*risk, "es")),
    }


def _deviation(ledger: Ledger, exposure: Exposure, inputs: RiskInputs) -> float:
    """Standard deviation of the exposures' change over a year."""
    if not isinstance(inputs.volatility, Volatilities):
        return abs(float(exposure.by_asset.sum())) * inputs.volatility
    assets = np.flatnonzero(~ledger.book.is_stable).tolist()
    volatility, R = volatilities_of(ledger, inputs.volatility, inputs.correlations, assets)
    deviations = exposure.by_asset[assets] * volatility
    return float(np.sqrt(max(0.0, float(deviations @ R @ deviations))))


def _whole_periods(days: float, interval_hours: float) -> int:
    exact = days * 24 / interval_hours
    periods = round(exact)
    good = periods >= 1 and abs(exact - periods) <= 1e-9 * exact
    must = f"must be a whole number of intervals of {interval_hours:g} hours"
    check.require(good, must, days, argument="horizon_days")
    return periods


def check_interval(ledger: Ledger, history: History, interval_hours: float) -> None:
    """Refuse an interval that is not the history's own."""
    book = ledger.book
    assets = [name for i, name in enumerate(book.assets) if not book.is_stable[i]]
    step = BookHistory(history, assets).step_hours
    if step is not None and abs(step - interval_hours) > 1e-3 * step:
        message = f"must be the history's, whose rows are {step:g} hours apart"
        raise InputError(message, argument="interval_hours", value=interval_hours)
