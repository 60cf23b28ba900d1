"""Value at risk from history: the sample's own tail, and the basis's."""

from __future__ import annotations

import math
from typing import Literal, cast

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.risk.joint import BASIS_NAME
from xlhedge.core.risk.parametric import normal_multiple
from xlhedge.core.statistics.series import START_ROWS, exponential
from xlhedge.core.statistics.stable import inner
from xlhedge.core.statistics.tail import tail_risk
from xlhedge.core.types import Floats, Measure, Series
from xlhedge.errors import TooFewData, ZeroVariance

MINIMUM_BASIS_ROWS = 20
MINIMUM_FILTERED_ROWS = 250
DAYS_PER_YEAR = 365.0


def historical_var(
    returns: Series,
    value: float,
    confidence: float = 0.99,
    measure: Measure = "var",
    decay: float = 1,
) -> float:
    """Value at risk or expected shortfall from the tail of past returns, optionally age-weighted.

    Parameters
    ----------
    returns
        Simple returns, one row or column, oldest first; at least 5/(1 − confidence) of them.
    value
        Market value of the position, signed: a short loses where returns are positive.
    confidence
        Confidence level, for example 0.99.
    measure
        `var` for value at risk, `es` for expected shortfall.
    decay
        Weight of a return relative to the one after it, in (0, 1]; 1 weighs all alike.

    Returns
    -------
    float
        Loss over one row, in the currency of `value`; negative for a gain.

    Raises
    ------
    DomainError
        When confidence lies outside (0, 1) or decay outside (0, 1].
    TooFewData
        When fewer than 5/(1 − confidence) returns are given: 100 at 95 %, 500 at 99 %; or when
        decay leaves fewer than 1/(1 − confidence) effective ones.

    Notes
    -----
    Loss = −value·return. With decay 1, VaR is the quantile by linear interpolation (Excel's
    PERCENTILE.INC) and ES the mean of the ⌊(n−1)(1−confidence)⌋ + 1 worst losses.

    With decay below 1, the return of age i (0 for the last) weighs
    decayⁱ(1 − decay)/(1 − decayⁿ). Losses are sorted from the worst; VaR is the first loss with
    which the cumulative weight reaches 1 − confidence, without interpolation. ES is the weighted
    mean of the worst losses whose weights make up 1 − confidence, the VaR loss counting with the
    part that is still missing. Weights w stand for (Σw)²/Σw² equal ones, about (1 + decay)/(1 −
    decay): fewer than 1/(1 − confidence) of them would make one single loss the answer, so that
    99 % needs a decay of 0.981 or more, and 95 % one of 0.905.

    References
    ----------
    Boudoukh, Richardson, Whitelaw (1998), The Best of Both Worlds, Risk 11(5), 64-67.
    Hull, Options, Futures, and Other Derivatives, on the weighting of observations.

    Examples
    --------
    Returns of −50 to 49 basis points, a long position of one million:

    >>> from xlhedge import risk
    >>> returns = [bp / 10000 for bp in range(-50, 50)]
    >>> risk.historical_var(returns, 1e6, 0.95)
    4505.0
    >>> risk.historical_var(returns, 1e6, 0.95, "es")
    4800.0
    """
    check.inside(0, 1, confidence=confidence)
    check.require(0 < decay <= 1, "decay must lie above 0 and not above 1", decay)
    check.enough(check.rows_for_tail(confidence), returns=returns)
    losses = -value * returns
    if decay == 1:
        return tail_risk(losses, confidence, measure)
    return _age_weighted(losses, confidence, measure, decay)


def _age_weighted(losses: Floats, confidence: float, measure: Measure, decay: float) -> float:
    weights = decay ** np.arange(len(losses) - 1, -1, -1.0)
    weights /= weights.sum()
    tail = round(1.0 - confidence, 12)
    check.require(
        (effective := 1 / inner(weights, weights)) >= (1 - 1e-9) / tail,
        f"decay must leave at least {1 / tail:.12g} effective rows at this confidence (about "
        f"{confidence / (2 - confidence):.4g} or more does, with enough rows)",
        effective,
        TooFewData,
    )
    order = np.argsort(-losses, kind="stable")
    sorted_losses, sorted_weights = losses[order], weights[order]
    cumulative = np.cumsum(sorted_weights)
    last = int(np.searchsorted(cumulative, tail - 1e-12))
    if measure == "var":
        return float(sorted_losses[last])
    sorted_weights[last] = tail - (cumulative[last] - sorted_weights[last])
    part = slice(0, last + 1)
    return inner(sorted_weights[part], sorted_losses[part]) / tail


def basis_var(
    spot_prices: Series,
    futures_prices: Series,
    value: float,
    confidence: float = 0.99,
    horizon_periods: int = 1,
    scaling: Literal["sqrt", "ou", "empirical"] = "sqrt",
    measure: Measure = "var",
) -> float:
    """Value at risk of a hedged position: what the basis can do to it over the horizon.

    Parameters
    ----------
    spot_prices
        Spot prices, one row or column, oldest first.
    futures_prices
        Futures prices of the same rows.
    value
        Hedged notional; its sign matters with `empirical` only: positive is long spot and short
        futures.
    confidence
        Confidence level, for example 0.99.
    horizon_periods
        Horizon in rows of the history.
    scaling
        `sqrt` scales one row's volatility with √T; `ou` lets the basis revert to its mean as an
        Ornstein-Uhlenbeck process; `empirical` takes the changes over T rows that happened.
    measure
        `var` for value at risk, `es` for expected shortfall.

    Returns
    -------
    float
        Loss in the currency of `value`.

    Raises
    ------
    InputError
        When the series differ in length.
    DomainError
        When a price is not positive, confidence lies outside (0, 1), horizon_periods is below 1,
        or with `ou` the basis does not revert to a mean.
    TooFewData
        When there are fewer than 21 rows, or with `empirical` fewer than 5/(1 − confidence)
        windows.

    Notes
    -----
    On b = ln(S/F), T rows ahead:

    - `sqrt`: z·sd(Δb)·√T·|V|, zero mean. A basis that reverts to its mean does not spread with
      √T: over long horizons this overstates.
    - `ou`: z·√(2·sd∞²(1 − e^(−θT)))·|V|, zero mean: the standard deviation of a T-row change of
      the fitted process in its stationary state.
    - `empirical`: quantile of −V(b_{t+T} − b_t) over all overlapping windows, mean kept. The
      windows overlap: only about n/T of them are independent, so that a long horizon needs far
      more history than the rule 5/(1 − confidence) asks for.

    `es` uses φ(z)/(1 − confidence) in place of z, or the mean of the worst windows.

    References
    ----------
    Uhlenbeck, Ornstein (1930), On the Theory of the Brownian Motion, Physical Review 36, 823-841.

    Examples
    --------
    >>> from xlhedge import risk
    >>> spot = [70000 + 500 * (i % 7) for i in range(60)]
    >>> futures = [70100 + 500 * (i % 7) + 40 * (i % 3) for i in range(60)]
    >>> round(risk.basis_var(spot, futures, 1e6, 0.99, 3), 2)
    3193.58
    """
    from xlhedge.core.basis.spread import log_basis

    check.inside(0, 1, confidence=confidence)
    check.at_least(1, horizon_periods=horizon_periods)
    check.aligned(MINIMUM_BASIS_ROWS + 1, spot_prices=spot_prices, futures_prices=futures_prices)
    basis = log_basis(spot_prices, futures_prices)
    if scaling == "empirical":
        check.require(
            len(basis) - horizon_periods >= (needed := check.rows_for_tail(confidence)),
            f"spot_prices must have at least {needed + horizon_periods} rows: {needed} windows of "
            f"{horizon_periods} at this confidence",
            len(basis),
            TooFewData,
        )
        change = basis[horizon_periods:] - basis[:-horizon_periods]
        return tail_risk(-value * change, confidence, measure)
    if scaling == "sqrt":
        spread = float(np.std(np.diff(basis), ddof=1)) * math.sqrt(horizon_periods)
    else:
        spread = _reverting_spread(basis, horizon_periods)
    return float(normal_multiple(confidence, measure)) * spread * abs(value)


def _reverting_spread(basis: Floats, horizon_periods: int) -> float:
    """Standard deviation of a change of the fitted Ornstein-Uhlenbeck basis, in its rows."""
    from xlhedge.core.basis.reversion import fit_named

    fitted = fit_named(BASIS_NAME, basis, DAYS_PER_YEAR)
    theta, spread = cast(float, fitted["theta"]), cast(float, fitted["stationary_sd"])
    return spread * math.sqrt(-2 * math.expm1(-theta * horizon_periods))


def filtered_var(
    returns: Series,
    value: float,
    confidence: float = 0.99,
    horizon_periods: int = 1,
    measure: Measure = "var",
    decay: float = 0.94,
    paths: int = 20000,
    seed: int = 42,
) -> float:
    """Value at risk or expected shortfall from past returns rescaled to today's volatility.

    Parameters
    ----------
    returns
        Simple returns, one row or column, oldest first; at least 250, all above −1.
    value
        Market value of the position, signed: a short loses where returns are positive.
    confidence
        Confidence level, for example 0.99.
    horizon_periods
        Horizon in rows of the history.
    measure
        `var` for value at risk, `es` for expected shortfall.
    decay
        Decay of the exponentially weighted variance, in (0, 1).
    paths
        Number of simulated paths, at least 5/(1 − confidence).
    seed
        Seed of the random numbers: the same seed gives the same result.

    Returns
    -------
    float
        Loss over the horizon, in the currency of `value`.

    Raises
    ------
    DomainError
        When confidence or decay lies outside (0, 1), horizon_periods is below 1, paths are too
        few for the confidence or too many for the horizon, the seed is negative, or a return
        is −1 or less.
    TooFewData
        When fewer than 250 returns are given.
    ZeroVariance
        When the first 20 returns are all 0, or the filtered returns do not vary.

    Notes
    -----
    Filtered historical simulation. σ² starts from the mean of the first 20 squared returns, which
    are not used again, and moves by σ²_{t+1} = decay·σ²_t + (1 − decay)·r_t². The filtered returns
    z = r/σ are shifted and scaled to mean 0 and variance 1 and drawn with replacement; each path
    runs through the same recursion from today's σ, and its P&L is value·(Π(1 + r) − 1). A drawn
    return below −1 counts as −1.

    References
    ----------
    Barone-Adesi, Giannopoulos, Vosper (1999), VaR without Correlations for Portfolios of
    Derivative Securities, Journal of Futures Markets 19(5), 583-602.
    Hull, White (1998), Incorporating Volatility Updating into the Historical Simulation Method
    for Value at Risk, Journal of Risk 1(1), 5-19.

    Examples
    --------
    A market that has become three times as volatile, beside what it was before:

    >>> from xlhedge import risk
    >>> calm = [0.01 * (((i * 37) % 101) - 50) / 50 for i in range(300)]
    >>> returns = calm + [3 * move for move in calm[:100]]
    >>> risk.filtered_var(returns, 1e6, 0.95) > 2 * risk.filtered_var(calm, 1e6, 0.95)
    True
    """
    check.inside(0, 1, confidence=confidence, decay=decay)
    check.at_least(1, horizon_periods=horizon_periods)
    check.at_least(check.rows_for_tail(confidence), paths=paths)
    check.simulation_size(paths, horizon_periods)
    check.not_negative(seed=seed)
    check.enough(MINIMUM_FILTERED_ROWS, returns=returns)
    check.require(returns > -1, "returns must be greater than -1", returns)
    variances = exponential(returns**2, decay)
    check.require(
        bool((variances > 0).all()), "returns must vary in the first 20 rows", error=ZeroVariance
    )
    z = returns[START_ROWS:] / np.sqrt(variances[:-1])
    check.varies(returns=z)
    z = (z - z.mean()) / z.std(ddof=1)
    rng = np.random.default_rng(seed)
    variance = np.full(paths, variances[-1])
    growth = np.ones(paths)
    for _ in range(horizon_periods):
        drawn = np.sqrt(variance) * z[rng.integers(0, len(z), paths)]
        growth *= np.maximum(1 + drawn, 0.0)
        variance = decay * variance + (1 - decay) * drawn**2
    return tail_risk(-value * (growth - 1), confidence, measure)
