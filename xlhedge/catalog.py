"""THE table: every worksheet function, by topic, with the core function that it calls.

A target "sizing.ratios.beta" is `beta` in `xlhedge/core/sizing/ratios.py`; it is imported on the
function's first call. Argument names, order, defaults, options and help come from the signature,
the annotations and the docstring of that function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xlhedge.core.types import Cells
from xlhedge.errors import InputError
from xlhedge.sheet.call import evaluate
from xlhedge.sheet.cells import CellError
from xlhedge.sheet.outcome import Outcome
from xlhedge.sheet.spec import FunctionSpec

PREFIX, _UNPREFIXED = "XLH_", "XLHEDGE_"
_NAMESPACE = "XLHEDGE."
_STORED_NAMESPACE = "_xldudf_XLHEDGE_"
# As shown, and as stored (in the interface of Calc, which allows no underscore at the start,
# without it).
_NAMESPACES = (_NAMESPACE, _STORED_NAMESPACE.upper(), _STORED_NAMESPACE.upper()[1:])


def prefixed(name: str) -> str:
    """The second name of a function, for workbooks in which the first is taken.

    Examples
    --------
    >>> prefixed("BETA"), prefixed("XLHEDGE_WHY")
    ('XLH_BETA', 'XLHEDGE_WHY')
    """
    return name if name.startswith(_UNPREFIXED) else PREFIX + name


def namespaced(name: str) -> str:
    """A function's name where add-ins of Excel have namespaces: on the Mac and on the web.

    Examples
    --------
    >>> namespaced("BETA"), namespaced("XLHEDGE_WHY")
    ('XLHEDGE.BETA', 'XLHEDGE.WHY')
    """
    return _NAMESPACE + name.removeprefix(_UNPREFIXED)


def stored(name: str) -> str:
    """A name with its namespace as workbooks hold it.

    Examples
    --------
    >>> stored("BETA"), stored("XLHEDGE_WHY")
    ('_xldudf_XLHEDGE_BETA', '_xldudf_XLHEDGE_WHY')
    """
    return _STORED_NAMESPACE + name.removeprefix(_UNPREFIXED)


def _spellings(name: str) -> set[str]:
    """What a function is called, in upper case: by both names, and with each namespace."""
    bare = {name, name.removeprefix(_UNPREFIXED)}
    return {name, prefixed(name)} | {space + one for space in _NAMESPACES for one in bare}


class Catalog(Mapping[str, FunctionSpec]):
    """Worksheet name to declaration, in the order of the manual.

    A second name, such as XLH_BETA, and one with its namespace, such as XLHEDGE.BETA, find their
    function too, but are not listed.
    """

    def __init__(self, topics: Mapping[str, Mapping[str, str | Callable[..., Any]]]) -> None:
        self._specs = {
            name: FunctionSpec(name, topic, target)
            for topic, functions in topics.items()
            for name, target in functions.items()
        }
        self._known = {
            spelling: spec for name, spec in self._specs.items() for spelling in _spellings(name)
        }

    def __getitem__(self, name: str) -> FunctionSpec:
        """The function of that worksheet name, in any case."""
        return self._known[name.upper()]

    def __contains__(self, name: object) -> bool:
        """Whether there is a function of that worksheet name, in any case."""
        return isinstance(name, str) and name.upper() in self._known

    def without_namespace(self, name: str) -> str:
        """The name in upper case of a function of ours that may have its namespace.

        A function that is not ours keeps its namespace, as Excel shows it.

        Examples
        --------
        >>> CATALOG.without_namespace("_XLDUDF_XLHEDGE_BETA")
        'BETA'
        >>> CATALOG.without_namespace("XLHEDGE.NO_SUCH"), CATALOG.without_namespace("SUM")
        ('XLHEDGE.NO_SUCH', 'SUM')
        """
        space = next((one for one in _NAMESPACES if name.startswith(one)), "")
        if not space:
            return name
        spec = self._known.get(name)
        return spec.name if spec is not None else _NAMESPACE + name.removeprefix(space)

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._specs)

    def __len__(self) -> int:
        """How many functions there are."""
        return len(self._specs)

    @property
    def second_names(self) -> dict[str, FunctionSpec]:
        """The names that begin with XLH_."""
        return {
            prefixed(name): spec for name, spec in self._specs.items() if prefixed(name) != name
        }


def explain(name: str, *cells: Any) -> Outcome:
    """Like `call`, with the sentence behind an error."""
    try:
        spec = CATALOG[name]
    except (KeyError, AttributeError):
        return Outcome(CellError.NAME, f"there is no function named {name!r}")
    return evaluate(spec, cells)


def call(name: str, *cells: Any) -> Any:
    """Call a worksheet function with cell values, as a spreadsheet would.

    Parameters
    ----------
    name
        Worksheet name, in any case.
    cells
        Arguments in worksheet order: float, str, bool, datetime, None (blank), `CellError`, or a
        rectangle as a list of rows (arrays and data frames are taken too). None and "" mean left
        out.

    Returns
    -------
    float, str, bool, None, CellError, or a list of rows
        Errors come back as `CellError`; nothing that a cell can hold raises.

    Examples
    --------
    >>> call("LIQ_PRICE", -1, 70000, 7000, 0.005)
    76616.91542288558
    >>> call("LIQ_PRICE", -1, "abc", 7000, 0.005).value
    '#VALUE!'
    """
    return explain(name, *cells).value


def why(function_name: str, *arguments: Cells) -> str:
    """Tells in a sentence why a call gives an error, or "ok".

    Parameters
    ----------
    function_name
        The worksheet function's name, as text.
    arguments
        Its arguments, exactly as in the call that fails.

    Returns
    -------
    str
        The sentence behind the first error, or "ok".

    Raises
    ------
    InputError
        When there is no function of that name.

    Notes
    -----
    The call is made again with the same arguments; nothing is remembered between calls.

    Examples
    --------
    >>> from xlhedge import call
    >>> call("XLHEDGE_WHY", "LIQ_PRICE", -1, -70000, 7000, 0.005)
    'entry_price must be positive, got -70000'
    """
    if function_name not in CATALOG:
        raise InputError(f'there is no function named "{function_name}"')
    return explain(function_name, *arguments).reason or "ok"


CATALOG = Catalog(
    {
        "Hedge sizing": {
            "HEDGE_CONTRACTS": "sizing.contracts.contracts",
            "BETA_CONTRACTS": "sizing.contracts.beta_contracts",
            "BETA": "sizing.ratios.beta",
            "HEDGE_RATIO": "sizing.ratios.min_variance_ratio",
            "HEDGE_RATIO_EWMA": "sizing.ratios.ewma_ratio",
            "HEDGE_RATIO_TAIL": "sizing.tail_ratio.tail_ratio",
            "HEDGE_STATS": "sizing.ratios.statistics",
            "HEDGE_RATIOS": "sizing.several.ratios",
            "HEDGE_ROLLING": "sizing.several.rolling",
            "HEDGE_EFFECTIVENESS": "sizing.ratios.effectiveness",
            "CONTRACT_PNL": "sizing.contracts.pnl",
            "CONTRACT_DELTA": "sizing.contracts.delta",
            "PORTFOLIO_DELTA": "sizing.exposure.portfolio_delta",
        },
        "Basis": {
            "BASIS": "basis.spread.basis",
            "BASIS_PNL": "basis.spread.hedged_pnl",
            "CARRY_RATE": "basis.spread.carry_rate",
            "FAIR_FUTURE": "basis.spread.fair_future",
            "BASIS_STATS": "basis.stationarity.basis_statistics",
            "OU_FIT": "basis.reversion.fit_ou",
            "OU_FORECAST": "basis.reversion.forecast_ou",
            "ADF_TEST": "basis.stationarity.unit_root",
            "COINTEGRATION_TEST": "basis.stationarity.cointegration",
            "CARRY_CURVE": "basis.curve.carry_curve",
            "ROLL_COST": "basis.curve.roll_cost",
        },
        "Funding": {
            "FUNDING_RATE": "funding.payments.rate",
            "FUNDING_ANNUAL": "funding.payments.annual",
            "FUNDING_PNL": "funding.payments.pnl",
            "FUNDING_STATS": "funding.history.statistics",
            "FUNDING_BREAKEVEN": "funding.payments.breakeven",
            "FUNDING_VAR": "funding.history.funding_var",
            "FUNDING_FORECAST": "funding.forecast.funding_forecast",
        },
        "Risk": {
            "RETURNS": "risk.portfolio.returns",
            "PORTFOLIO_VOL": "risk.portfolio.portfolio_volatility",
            "VAR_COVARIANCE": "risk.portfolio.covariance_var",
            "VAR_CONTRIBUTION": "risk.portfolio.var_contributions",
            "BASIS_VAR": "risk.historical.basis_var",
            "VAR_NORMAL": "risk.parametric.normal_var",
            "VAR_STUDENT": "risk.parametric.student_var",
            "VAR_HISTORICAL": "risk.historical.historical_var",
            "VAR_CORNISH_FISHER": "risk.tails.cornish_fisher_var",
            "VAR_FILTERED": "risk.historical.filtered_var",
            "VAR_EVT": "risk.tails.extreme_value_var",
            "JOINT_FIT": "risk.joint.joint_fit",
            "VAR_JOINT": "risk.simulation.joint_var",
            "VAR_BACKTEST": "risk.backtest.backtest",
            "ES_BACKTEST": "risk.shortfall_backtest.es_backtest",
            "BOOK_VAR": "risk.book.book_var",
            "BOOK_PNL": "risk.book.book_pnl",
            "BOOK_CONTRIBUTION": "risk.book.book_contribution",
        },
        "Margin": {
            "MARGIN_TIER": "margin.brackets.tier",
            "INITIAL_MARGIN": "margin.brackets.initial_margin",
            "MAINTENANCE_MARGIN": "margin.brackets.maintenance_margin",
            "LIQ_PRICE": "margin.liquidation.liquidation_price",
            "LIQ_PRICE_APPROX": "margin.liquidation.approximate_price",
            "LIQ_PRICE_CROSS": "margin.cross.cross_price",
            "BANKRUPTCY_PRICE": "margin.liquidation.bankruptcy_price",
            "MARGIN_RATIO": "margin.ratio.ratio",
            "MARGIN_CALL": "margin.ratio.margin_call",
            "MARGIN_LADDER": "margin.ratio.ladder",
            "LIQ_PROBABILITY": "margin.passage.probability",
            "MARGIN_BUFFER": "margin.passage.margin_buffer",
            "ACCOUNT_STATUS": "margin.accounts.account_status",
            "ACCOUNT_LIQUIDATION": "margin.accounts.account_liquidation",
            "ACCOUNT_PROBABILITY": "margin.chances.account_probability",
            "ACCOUNT_BUFFER": "margin.chances.account_buffer",
        },
        "Volatility": {
            "VOL_REALIZED": "volatility.estimators.realized",
            "VOL_EWMA": "volatility.estimators.exponential",
            "VOL_GARCH": "volatility.estimators.garch",
            "VOL_HAR": "volatility.estimators.har",
            "VOL_RANGE": "volatility.estimators.from_range",
            "VOL_TARGET_EXPOSURE": "volatility.targeting.target_exposure",
            "VOL_TARGET_HEDGE": "volatility.targeting.target_hedge",
            "VOL_TARGET_TRADE": "volatility.targeting.target_trade",
        },
        "Stress": {
            "STRESS_SCENARIOS": "stress.library.library",
            "STRESS_PNL": "stress.scenarios.scenario_pnl",
            "STRESS_ACCOUNTS": "stress.scenarios.account_scenarios",
            "STRESS_GRID": "stress.scenarios.grid",
            "STRESS_REPLAY": "stress.replay.replay",
            "STRESS_REVERSE": "stress.reverse.reverse_stress",
        },
        "Report": {
            "HEDGE_REPORT": "report.hedge.hedge_report",
            "HEDGE_COST": "report.costs.hedge_cost",
            "HEDGE_TRADE": "report.costs.rebalancing_trade",
        },
        "About": {
            "XLHEDGE_WHY": why,
            "XLHEDGE_VERSION": "about.version",
        },
    }
)
"""Every worksheet function."""
