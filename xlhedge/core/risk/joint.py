"""The fit of spot, basis and funding together to their history."""

from __future__ import annotations

import math

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.risk.joint_model import HOURS_PER_YEAR, persistences
from xlhedge.core.statistics.clustering import correlations_of, fit_clustering
from xlhedge.core.statistics.stable import log_differences
from xlhedge.core.statistics.two_factor import filter_two_factors, fit_two_factors
from xlhedge.core.types import LabelValue, Series

BASIS_NAME = "the basis ln(spot_prices/futures_prices)"
MINIMUM_ROWS = 50


def joint_fit(
    spot_prices: Series,
    futures_prices: Series,
    funding_rates: Series,
    interval_hours: float = 8,
) -> LabelValue:
    """Joint model of spot, basis and funding rate from their history, for VAR_JOINT.

    Parameters
    ----------
    spot_prices
        Spot prices, one row per funding interval, oldest first; at least 110 rows of 8 hours.
    futures_prices
        Prices of the perpetual at the same rows.
    funding_rates
        Funding rate per interval that was paid at each row.
    interval_hours
        Hours between two rows, which is the funding interval.

    Returns
    -------
    table
        For spot, basis and funding: volatility (per year), variance_now (of the next row's shock)
        and degrees_of_freedom; for basis and funding: mu, slow_now, fast_now, rho, phi, kappa;
        corr_spot_basis, corr_spot_funding and corr_basis_funding; interval_hours.

    Raises
    ------
    InputError
        When the series differ in length.
    DomainError
        When a price is not positive.
    TooFewData
        When there are fewer rows than a month and 20: 110 at 8 hours.
    ZeroVariance
        When the spot price, the basis or the funding rate does not vary.

    Notes
    -----
    Three series with one shock e a row each: the log return r = e, and log basis b = ln(S/F) and
    funding rate f as sums of a slow and a fast factor,

    - e_k = x_k − [μ + ρ(s_{k−1} − μ)] − φg_{k−1},
    - s_k = μ + ρ(s_{k−1} − μ) + κe_k, g_k = φg_{k−1} + (1 − κ)e_k, x = s + g.

    μ is the mean, and s starts from the mean of the first 20 rows, g from 0. With γ₀ the variance
    of x, V_h that of overlapping sums over h of 3, 9, 30 and 90 rows and
    T_h(a) = h + 2Σ_{k<h}(h − k)a^k, each pair of φ in {0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9}
    and ρ in {0.95, 0.97, 0.98, 0.985, 0.99, 0.993, 0.995, 0.997, 0.999} has
    A = (V₉₀ − γ₀T₉₀(φ))/(T₉₀(ρ) − T₉₀(φ)), cut to [0.01, 0.99]γ₀, and B = γ₀ − A; the pair of least
    Σ ln²[(A·T_h(ρ) + B·T_h(φ))/V_h] is taken. The autocovariance Aρ^k + Bφ^k is that of an
    ARMA(2,1), whose steady Kalman filter gives κ: with q_s = A(1 − ρ²), q_g = B(1 − φ²),
    G₀ = q_s(1 + φ²) + q_g(1 + ρ²), G₁ = −(φq_s + ρq_g) and m = (G₀ − √(G₀² − 4G₁²))/(2G₁),
    κ = (ρ + m)/(ρ − φ).

    Volatility clusters by the Student score: v ← (1 − p)v̄ + pv + αv(w − 1) with
    w = (ν + 1)q/(ν − 2 + q), q = e²/v, v̄ the mean square, which starts it, at least v̄/1000;
    α = 0.06, p = 0.98 (funding 0.99), and ν of greatest t likelihood among 2.3, 2.7, 3, 3.5, 4, 5,
    7 and 12, the first 40 rows left out. A GARCH model with such tails overflows over 90 rows. The
    correlations are those of e/√v, cut at ±4.

    α, p and the horizons are for rows of 8 hours. At another interval of h hours p becomes p^(h/8)
    and the horizons 8/h times as many rows; this was not tried on real histories. The constants
    were chosen on the BTC and ETH history of the calibration.

    References
    ----------
    Harvey (2013), Dynamic Models for Volatility and Heavy Tails, Cambridge University Press.
    Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, Cambridge
    University Press.

    Examples
    --------
    >>> from xlhedge import risk
    >>> wave = [((i * 37) % 101 - 50) / 50 for i in range(200)]
    >>> spot = [70000 * (1 + 0.01 * w) for w in wave][2:190]
    >>> basis = [0.0001 * (a + b + c) for a, b, c in zip(wave, wave[1:], wave[2:])][2:190]
    >>> futures = [price * (1 - gap) for price, gap in zip(spot, basis)]
    >>> rates = [0.0001 * (1 + 0.5 * w + 0.4 * v) for w, v in zip(wave, wave[1:])][2:190]
    >>> model = risk.joint_fit(spot, futures, rates, 8)
    >>> model._fields[:3]
    ('spot_volatility', 'spot_variance_now', 'spot_degrees_of_freedom')
    """
    from xlhedge.core.basis.spread import log_basis

    check.positive(interval_hours=interval_hours)
    check.aligned(
        MINIMUM_ROWS,
        spot_prices=spot_prices,
        futures_prices=futures_prices,
        funding_rates=funding_rates,
    )
    basis = log_basis(spot_prices, futures_prices)
    check.varies(spot_prices=spot_prices, **{BASIS_NAME: basis}, funding_rates=funding_rates)
    series = {"basis": (BASIS_NAME, basis), "funding": ("funding_rates", funding_rates)}
    models = {
        one: fit_two_factors(name, values, interval_hours) for one, (name, values) in series.items()
    }
    states = {one: filter_two_factors(series[one][1], models[one]) for one in series}
    # The first row has no return: the shocks of all three begin with the second.
    shocks = np.stack([log_differences(spot_prices), *(states[one].shocks[1:] for one in series)])
    clustering = fit_clustering(shocks, persistences(interval_hours))
    R = correlations_of(clustering.standardised)
    table: dict[str, float] = {}
    for index, one in enumerate(("spot", "basis", "funding")):
        mean = float(clustering.mean[index])
        table[f"{one}_volatility"] = math.sqrt(mean * HOURS_PER_YEAR / interval_hours)
        table[f"{one}_variance_now"] = float(clustering.now[index])
        table[f"{one}_degrees_of_freedom"] = float(clustering.freedom[index])
    for one, model in models.items():
        table[f"{one}_mu"] = model.mu
        table[f"{one}_slow_now"] = states[one].slow
        table[f"{one}_fast_now"] = states[one].fast
        table[f"{one}_rho"], table[f"{one}_phi"] = model.rho, model.phi
        table[f"{one}_kappa"] = model.kappa
    table["corr_spot_basis"] = float(R[0, 1])
    table["corr_spot_funding"] = float(R[0, 2])
    table["corr_basis_funding"] = float(R[1, 2])
    table["interval_hours"] = interval_hours
    return table
