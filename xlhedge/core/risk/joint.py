"""Spot, basis and funding as one law: its estimation, and the value at risk that follows."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.risk.portfolio import correlation_matrix
from xlhedge.core.statistics.stable import log_differences
from xlhedge.core.types import Floats, LabelValue, Series

HOURS_PER_YEAR = 365 * 24.0
BASIS_NAME = "the basis ln(spot_prices/futures_prices)"
MINIMUM_ROWS = 50
HEAVIEST, LIGHTEST = 2.05, 200.0
GAUSSIAN_LIKELIHOOD_RATIO = 2.71
"""95 % quantile of the likelihood ratio at the boundary 1/ν = 0: half a χ² with 1 degree."""


@dataclass(frozen=True, slots=True)
class JointModel:
    """Joint law of spot, log basis b = ln(S/F) and funding rate, as JOINT_FIT prints it.

    Parameters
    ----------
    spot_volatility
        Volatility of log spot per year.
    basis_current, basis_theta, basis_mu, basis_sigma
        Log basis now; its mean reversion per year, mean, and volatility per √year.
    funding_current, funding_theta, funding_mu, funding_sigma
        Funding rate per interval now; its mean reversion per year, mean, and volatility per √year.
    corr_spot_basis, corr_spot_funding, corr_basis_funding
        Correlations of the driving shocks.
    interval_hours
        Hours between two fundings.
    degrees_of_freedom
        Degrees of freedom of the shocks' t law, above 2; None is Gaussian.
    """

    spot_volatility: float
    basis_current: float
    basis_theta: float
    basis_mu: float
    basis_sigma: float
    funding_current: float
    funding_theta: float
    funding_mu: float
    funding_sigma: float
    corr_spot_basis: float
    corr_spot_funding: float
    corr_basis_funding: float
    degrees_of_freedom: float | None = None
    interval_hours: float = 8.0

    def check(self) -> None:
        """Raise DomainError where a value lies outside its domain."""
        check.not_negative(
            spot_volatility=self.spot_volatility,
            basis_theta=self.basis_theta,
            basis_sigma=self.basis_sigma,
            funding_theta=self.funding_theta,
            funding_sigma=self.funding_sigma,
        )
        check.positive(interval_hours=self.interval_hours)
        freedom = self.degrees_of_freedom
        check.require(freedom is None or freedom > 2, "degrees_of_freedom must be above 2", freedom)
        correlation_matrix(self.correlations, 3, "shocks")

    @property
    def correlations(self) -> Floats:
        """Correlation matrix of the driving shocks: spot, basis, funding."""
        sb, sf, bf = self.corr_spot_basis, self.corr_spot_funding, self.corr_basis_funding
        return np.array([[1.0, sb, sf], [sb, 1.0, bf], [sf, bf, 1.0]])

    @property
    def thetas(self) -> Floats:
        """Mean reversion per year of log spot (none), basis and funding."""
        return np.array([0.0, self.basis_theta, self.funding_theta])

    @property
    def sigmas(self) -> Floats:
        """Volatility per √year of log spot, basis and funding."""
        return np.array([self.spot_volatility, self.basis_sigma, self.funding_sigma])


def reverting_products(thetas: Floats, years: float) -> Floats:
    """∫₀ʰ e^(−(θᵢ+θⱼ)s) ds: covariances over h years of the integrated shocks e^(−θs)dW, ρ = 1."""
    exponents = (thetas[:, None] + thetas[None, :]) * years
    still = exponents < 1e-12
    return years * np.where(still, 1.0, -np.expm1(-exponents) / np.where(still, 1.0, exponents))


def joint_fit(
    spot_prices: Series,
    futures_prices: Series,
    funding_rates: Series,
    interval_hours: float = 8,
) -> LabelValue:
    """Joint law of spot, basis and funding rate from their history, for VAR_JOINT.

    Parameters
    ----------
    spot_prices
        Spot prices, one row per funding interval, oldest first; at least 50.
    futures_prices
        Prices of the perpetual at the same rows.
    funding_rates
        Funding rate per interval that was paid at each row.
    interval_hours
        Hours between two rows, which is the funding interval.

    Returns
    -------
    table
        spot_volatility (per year); current, theta (per year), mu and sigma (per √year) of the log
        basis ln(S/F) and of the funding rate per interval; corr_spot_basis, corr_spot_funding and
        corr_basis_funding of the driving shocks; degrees_of_freedom (blank = Gaussian);
        interval_hours.

    Raises
    ------
    InputError
        When the series differ in length.
    DomainError
        When a price is not positive, or basis or funding does not revert to a mean.
    TooFewData
        When there are fewer than 50 rows.
    ZeroVariance
        When the spot price, the basis or the funding rate does not vary.

    Notes
    -----
    d ln S = −σ²/2 dt + σ dW₁, db = θ_b(μ_b − b)dt + σ_b dW₂, df = θ_f(μ_f − f)dt + σ_f dW₃. Basis
    and funding are fitted as by OU_FIT, and spot_volatility is the deviation of log returns.

    Over one interval of h years the unexplained parts have covariances
    ρᵢⱼσᵢσⱼ(1 − e^(−(θᵢ+θⱼ)h))/(θᵢ + θⱼ), with θ = 0 and its limit h for spot. Their correlations
    are therefore smaller than those of the shocks, and are divided by
    κᵢⱼ = vᵢⱼ/√(vᵢᵢvⱼⱼ), v being that fraction. Where sampling noise pushes the result out of the
    correlation matrices, it is brought back to the nearest by clipping eigenvalues.

    degrees_of_freedom maximises the likelihood of the three standardised residuals under a
    multivariate t law of unit variance: all three shocks of an interval share one χ² draw, large
    moves come together. Blank (Gaussian) where the likelihood ratio is below 2.71, or the maximum
    at 200 or more; not below 2.05.

    References
    ----------
    Uhlenbeck, Ornstein (1930), On the Theory of the Brownian Motion, Physical Review 36, 823-841.
    Kotz, Nadarajah (2004), Multivariate t Distributions and Their Applications, Cambridge
    University Press.

    Examples
    --------
    >>> from xlhedge import call
    >>> wave = [((i * 37) % 101 - 50) / 50 for i in range(200)]
    >>> spot = [[70000 * (1 + 0.01 * w)] for w in wave]
    >>> basis = [0.0001 * (a + b + c) for a, b, c in zip(wave, wave[1:], wave[2:])]
    >>> futures = [[s[0] * (1 - b)] for s, b in zip(spot, basis)]
    >>> rates = [[0.0001 * (1 + 0.5 * w + 0.4 * v)] for w, v in zip(wave, wave[1:])]
    >>> model = call("JOINT_FIT", spot[2:190], futures[2:190], rates[2:190], 8)
    >>> [label for label, value in model][:3]
    ['spot_volatility', 'basis_current', 'basis_theta']
    """
    from xlhedge.core.basis.spread import log_basis

    check.positive(interval_hours=interval_hours)
    check.aligned(
        MINIMUM_ROWS,
        spot_prices=spot_prices,
        futures_prices=futures_prices,
        funding_rates=funding_rates,
    )
    years = interval_hours / HOURS_PER_YEAR
    basis = log_basis(spot_prices, futures_prices)
    log_returns = log_differences(spot_prices)
    check.varies(spot_prices=spot_prices)
    basis_law = fit_reverting(BASIS_NAME, basis, interval_hours / 24)
    funding_law = fit_reverting("funding_rates", funding_rates, interval_hours / 24)
    thetas = np.array([0.0, basis_law["theta"], funding_law["theta"]])
    residuals = np.stack(
        [
            log_returns - log_returns.mean(),
            _residuals(basis, basis_law, years),
            _residuals(funding_rates, funding_law, years),
        ]
    )
    observed = np.corrcoef(residuals)
    v = reverting_products(thetas, years)
    scale = np.sqrt(np.diag(v))
    R = nearest_correlation(observed * np.outer(scale, scale) / v)
    freedom = fit_degrees_of_freedom(residuals / residuals.std(axis=1, keepdims=True), observed)
    model = JointModel(
        spot_volatility=float(log_returns.std(ddof=1)) / math.sqrt(years),
        basis_current=float(basis[-1]),
        basis_theta=float(thetas[1]),
        basis_mu=basis_law["mu"],
        basis_sigma=basis_law["sigma"],
        funding_current=float(funding_rates[-1]),
        funding_theta=float(thetas[2]),
        funding_mu=funding_law["mu"],
        funding_sigma=funding_law["sigma"],
        corr_spot_basis=float(R[0, 1]),
        corr_spot_funding=float(R[0, 2]),
        corr_basis_funding=float(R[1, 2]),
        degrees_of_freedom=freedom,
        interval_hours=interval_hours,
    )
    return asdict(model)


def fit_reverting(name: str, series: Floats, interval_days: float) -> dict[str, float]:
    """OU_FIT of a series that the user knows by another name, which its errors carry."""
    from xlhedge.core.basis.reversion import fit_named

    law = fit_named(name, series, interval_days)
    return {label: cast(float, value) for label, value in law.items()}


def _residuals(series: Floats, law: dict[str, float], years: float) -> Floats:
    """What the fitted process leaves of each row, given the one before."""
    mean, phi = law["mu"], math.exp(-law["theta"] * years)
    return series[1:] - mean - phi * (series[:-1] - mean)


def nearest_correlation(R: Floats) -> Floats:
    """The matrix itself where it is a correlation matrix, else one with its eigenvalues clipped."""
    values, vectors = np.linalg.eigh(R)
    if values[0] >= 0:
        return R
    clipped: Floats = (vectors * np.maximum(values, 1e-12)) @ vectors.T
    scale = np.sqrt(np.diag(clipped))
    clipped /= np.outer(scale, scale)
    return clipped


def fit_degrees_of_freedom(standardised: Floats, correlations: Floats) -> float | None:
    """Degrees of freedom of a multivariate t law of unit variance; None where Gaussian will do.

    With d = 3 and q = x'R⁻¹x the log-likelihood of a row, up to what does not depend on ν, is
    lnΓ((ν+d)/2) − lnΓ(ν/2) − (d/2)·ln(ν−2) − ((ν+d)/2)·ln(1 + q/(ν−2)).
    """
    from scipy import optimize, special

    inverse = np.linalg.pinv(correlations, rcond=1e-10, hermitian=True)
    dimension = round(float(np.trace(inverse @ correlations)))
    q = np.einsum("it,ij,jt->t", standardised, inverse, standardised)
    gaussian = -float(q.mean()) / 2 - dimension / 2 * math.log(2)

    def cost(inverse_freedom: float) -> float:
        nu = 1 / inverse_freedom
        constant = special.gammaln((nu + dimension) / 2) - special.gammaln(nu / 2)
        spread = -dimension / 2 * math.log(nu - 2)
        return float(-constant - spread + (nu + dimension) / 2 * np.log1p(q / (nu - 2)).mean())

    found = optimize.minimize_scalar(
        cost, bounds=(1 / LIGHTEST, 1 / HEAVIEST), method="bounded", options={"xatol": 1e-8}
    )
    ratio = 2 * len(q) * (-float(found.fun) - gaussian)

    def slope(nu: float) -> float:
        half = (nu + dimension) / 2
        constant = special.digamma(half) - special.digamma(nu / 2)
        spread = dimension / (nu - 2) + float(np.log1p(q / (nu - 2)).mean())
        return spread - constant - 2 * half * float((q / (nu - 2 + q)).mean()) / (nu - 2)

    # Values alone place a minimum to half their digits, and the rest would differ by machine.
    freedom = 1 / float(found.x)
    low, high = freedom * (1 - 1e-4), freedom * (1 + 1e-4)
    if low > 2 and slope(low) * slope(high) < 0:
        freedom = float(optimize.brentq(slope, low, high, xtol=1e-14))
    return freedom if ratio > GAUSSIAN_LIKELIHOOD_RATIO and freedom < 0.99 * LIGHTEST else None
