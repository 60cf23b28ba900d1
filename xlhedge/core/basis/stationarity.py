"""The basis described, and tests of whether it reverts."""

from __future__ import annotations

import math

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.basis.reversion import MINIMUM_STEPS
from xlhedge.core.basis.spread import log_basis
from xlhedge.core.statistics import describe
from xlhedge.core.statistics.series import ROUNDING, log_returns, vary
from xlhedge.core.statistics.stable import LAST_DIGITS, inner
from xlhedge.core.types import Floats, LabelValue, Series
from xlhedge.errors import TooFewData, ZeroVariance

MINIMUM_ROWS = 20
_BLOCK = 512
LARGEST_STATISTIC, LARGEST_CONDITION, LEAST_NOISE = 1e7, 1e12, 1e-10


def basis_statistics(
    spot_prices: Series, futures_prices: Series, interval_hours: float = 24
) -> LabelValue:
    """Description of a basis history: level, range, shape, persistence and a unit-root test.

    Parameters
    ----------
    spot_prices
        Spot prices, oldest first.
    futures_prices
        Futures prices on the same rows.
    interval_hours
        Hours from one row to the next.

    Returns
    -------
    table of label and value
        mean, sd, minimum, p05, median, p95, maximum, last, z_score, change_sd, skewness,
        excess_kurtosis, autocorrelation, half_life_days, adf_statistic, adf_p_value,
        return_correlation, observations.

    Raises
    ------
    InputError
        When the series differ in length.
    TooFewData
        With fewer than 21 rows.
    DomainError
        For a price that is not positive.

    Notes
    -----
    All but return_correlation describe b = ln(S/F). z_score = (last − mean)/sd; change_sd is the
    standard deviation of b's changes per row; both sd with n − 1. Skewness and kurtosis divide by
    n; quantiles are Excel's PERCENTILE.INC. half_life_days is OU_FIT's, the test is ADF_TEST's with
    its default lags. A figure that does not exist (the half-life of a basis that does not revert)
    is an error in its own cell.

    References
    ----------
    Joanes, Gill (1998), Comparing Measures of Sample Skewness and Kurtosis, The Statistician
    47(1), 183-189. Said, Dickey (1984), Biometrika 71(3), 599-607.

    Examples
    --------
    >>> from xlhedge import basis
    >>> spot = [100 + (7 * t) % 13 for t in range(40)]
    >>> futures = [price * (1 + (t * t % 5) / 1000) for t, price in enumerate(spot)]
    >>> figures = basis.basis_statistics(spot, futures)
    >>> round(figures.mean, 6), round(figures.z_score, 4)
    (-0.001997, 0.5897)
    """
    check.positive(interval_hours=interval_hours)
    check.aligned(0, spot_prices=spot_prices, futures_prices=futures_prices)
    check.enough(MINIMUM_STEPS + 1, spot_prices=spot_prices)
    b = log_basis(spot_prices, futures_prices)
    if float(np.ptp(b)) < ROUNDING:
        b = np.full_like(b, b[-1])
    sd = float(np.std(b, ddof=1))

    def z_score() -> float:
        return float(describe.deviations(b)[-1]) / sd

    def correlation() -> float:
        spot, futures = log_returns(1, spot_prices=spot_prices, futures_prices=futures_prices)
        vary(spot_prices=spot, futures_prices=futures)
        return float(np.corrcoef(spot, futures)[0, 1])

    test = describe.attempt_table(lambda: unit_root(b), ("statistic", "p_value"))
    return {
        "mean": float(b.mean()),
        "sd": sd,
        **describe.spread(b),
        "last": float(b[-1]),
        "z_score": describe.attempt(z_score),
        "change_sd": float(np.std(np.diff(b), ddof=1)),
        "skewness": describe.attempt(describe.moment, b, 3),
        "excess_kurtosis": describe.attempt(lambda: describe.moment(b, 4) - 3),
        "autocorrelation": describe.attempt(describe.autocorrelation, b),
        "half_life_days": describe.attempt(describe.half_life_days, b, interval_hours / 24),
        "adf_statistic": test["statistic"],
        "adf_p_value": test["p_value"],
        "return_correlation": describe.attempt(correlation),
        "observations": len(b),
    }


def default_lags(rows: int) -> int:
    """Lagged differences of a unit-root test: ⌊4(n/100)^(2/9)⌋."""
    return int(4 * (rows / 100) ** (2 / 9))


def unit_root(series: Series, lags: int | None = None) -> LabelValue:
    """Augmented Dickey-Fuller test: a small p_value speaks for mean reversion.

    Parameters
    ----------
    series
        Levels, oldest first.
    lags
        Lagged differences in the regression; blank = ⌊4(n/100)^(2/9)⌋, 4 for 100 rows.

    Returns
    -------
    table of label and value
        statistic, p_value, lags, observations (rows of the regression).

    Raises
    ------
    TooFewData
        With fewer than 20 rows, or fewer than 2 · lags + 4.
    ZeroVariance
        When the series is constant or free of noise.

    Notes
    -----
    Δx = a + γx₋₁ + Σ cᵢΔx₋ᵢ + e, the t statistic of γ; the null hypothesis is a unit root (no
    reversion). p-values are MacKinnon's approximations, by statsmodels. Free of noise is a series
    whose e is at most 1e-10 of its largest change: the statistic's digits would be rounding.

    References
    ----------
    Said, Dickey (1984), Biometrika 71(3), 599-607. MacKinnon (1994), Journal of Business & Economic
    Statistics 12(2), 167-176.

    Examples
    --------
    >>> from xlhedge import basis
    >>> series = [(7 * t) % 13 + (t * t) % 5 for t in range(60)]
    >>> test = basis.unit_root(series, 1)
    >>> round(test.statistic, 4), round(test.p_value, 4), test.lags, test.observations
    (-4.7778, 0.0001, 1, 58)
    """
    lags = _checked_lags(series, lags)
    check.varies(series=series)
    return _dickey_fuller(series, lags, "c", 1)


def cointegration(spot_prices: Series, futures_prices: Series) -> LabelValue:
    """Engle-Granger test: a small p_value says that spot and future are bound together.

    Parameters
    ----------
    spot_prices
        Spot prices, oldest first, or any other levels (their logs, for a test in logs).
    futures_prices
        Futures prices on the same rows.

    Returns
    -------
    table of label and value
        statistic, p_value, lags, observations (rows of the test regression).

    Raises
    ------
    InputError
        When the series differ in length.
    TooFewData
        With fewer than 20 rows.
    ZeroVariance
        When a series is constant, or spot is an exact multiple of the future.

    Notes
    -----
    Spot is regressed on the future with an intercept, on the levels as given; the residuals are
    tested for a unit root without intercept, with ⌊4(n/100)^(2/9)⌋ lags. p-values are MacKinnon's
    for two variables. The null hypothesis is no cointegration.

    The steps are those of `statsmodels.tsa.stattools.coint`, which itself is not called: it takes
    R² above 0.9999985 for collinearity, and hourly prices of spot and perpetual reach that.

    References
    ----------
    Engle, Granger (1987), Econometrica 55(2), 251-276. MacKinnon (2010), Critical values for
    cointegration tests, Queen's Economics Department Working Paper 1227.

    Examples
    --------
    >>> from xlhedge import basis
    >>> futures = [100 + t + (7 * t) % 13 for t in range(60)]
    >>> spot = [price + (t * t) % 5 for t, price in enumerate(futures)]
    >>> test = basis.cointegration(spot, futures)
    >>> round(test.statistic, 4), round(test.p_value, 4), test.lags, test.observations
    (-20.165, 0.0, 3, 56)
    """
    check.aligned(0, spot_prices=spot_prices, futures_prices=futures_prices)
    lags = _checked_lags(spot_prices, None)
    check.varies(spot_prices=spot_prices, futures_prices=futures_prices)
    deviations = futures_prices - futures_prices.mean()
    response = spot_prices - spot_prices.mean()
    slope = inner(deviations, response) / inner(deviations, deviations)
    residuals = response - slope * deviations
    if float(np.ptp(residuals)) <= 1e-12 * float(np.max(np.abs(spot_prices))):
        raise ZeroVariance("spot_prices must not be an exact linear function of futures_prices")
    return _dickey_fuller(residuals, lags, "n", 2)


def _checked_lags(series: Series, lags: int | None) -> int:
    if lags is not None and lags >= 0:
        rows = max(MINIMUM_ROWS, 2 * lags + 4)
        if len(series) < rows:
            raise TooFewData(f"{rows} rows are needed for {lags} lags, got {len(series)}")
        return lags
    check.require(lags is None, "lags must not be negative", lags)
    if len(series) < MINIMUM_ROWS:
        raise TooFewData(f"at least {MINIMUM_ROWS} rows are needed, got {len(series)}")
    return default_lags(len(series))


def _dickey_fuller(series: Floats, lags: int, regression: str, variables: int) -> LabelValue:
    """The test's statistic, with the p-value for residuals of a regression of `variables`."""
    from statsmodels.tsa.adfvalues import mackinnonp

    check.require(bool(np.isfinite(series).all()), "the series must be finite throughout")
    # The statistic knows neither level (beside an intercept) nor unit, but the solver's digits do.
    centred = series - series.mean() if regression == "c" else series
    scale = float(np.max(np.abs(centred)))
    levels = centred / scale
    changes = np.diff(levels)
    lagged = [changes[lags - k : len(changes) - k] for k in range(1, lags + 1)]
    ones = [np.ones(len(changes) - lags)] if regression == "c" else []
    regressors = np.column_stack([*ones, *lagged, levels[lags:-1]])
    part, left = _last_part_and_rest(regressors, changes[lags:])
    statistic = part / left if left > 0 else math.inf
    # Where the past determines the series, what the regression leaves is the rounding of its rows
    # or of its changes; beyond the largest statistic half the digits of what is left are rounding.
    rounding = LAST_DIGITS * float(np.max(np.abs(series))) / scale
    noise = max(rounding, LEAST_NOISE * float(np.max(np.abs(changes))))
    # Lags that determine one another leave no digits for the part of each.
    determined = float(np.linalg.cond(regressors)) > LARGEST_CONDITION
    if left <= noise or determined or not abs(statistic) < LARGEST_STATISTIC:
        raise ZeroVariance("the series must have noise, got one that its own past determines")
    return {
        "statistic": statistic,
        "p_value": float(mackinnonp(statistic, regression="c", N=variables)),
        "lags": lags,
        "observations": len(series) - lags - 1,
    }


def _last_part_and_rest(regressors: Floats, response: Floats) -> tuple[float, float]:
    """What the last regressor alone explains of the response, and the deviation that all leave.

    Their quotient is the last regressor's t statistic: with R the triangle of (X y) = QR and k
    regressors, slope and standard error are R₍k,k+1₎/R₍k,k₎ and s/abs(R₍k,k₎). Unlike the solver by
    pseudo-inverse of statistical packages it keeps its digits where regressors are nearly alike.
    """
    triangle = _triangle(np.column_stack([regressors, response]))
    rows, count = regressors.shape
    part = math.copysign(1.0, triangle[count - 1, count - 1]) * float(triangle[count - 1, count])
    return part, abs(float(triangle[count, count])) / math.sqrt(rows - count)


def _triangle(rows: Floats) -> Floats:
    """R of QR, up to the signs of its rows, with the same bits for any number of threads.

    Blocks of rows are small enough for one thread of the linear algebra, and what the triangles of
    the blocks have in common with all rows is R: one on top of the other they take their place.
    """
    size = max(_BLOCK, 4 * rows.shape[1])
    while len(rows) > 2 * size:
        whole = len(rows) // size * size
        triangles = np.linalg.qr(rows[:whole].reshape(-1, size, rows.shape[1]), mode="r")
        rows = np.concatenate([np.asarray(triangles).reshape(-1, rows.shape[1]), rows[whole:]])
    return np.asarray(np.linalg.qr(rows, mode="r"))
