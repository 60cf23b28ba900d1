"""The joint model of spot, basis and funding: its table, and what the simulation reads."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.risk.portfolio import correlation_matrix
from xlhedge.core.statistics.clustering import persistence_of
from xlhedge.core.types import Floats
from xlhedge.errors import InputError

HOURS_PER_YEAR = 365 * 24.0
PERSISTENCE = {"spot": 0.98, "basis": 0.98, "funding": 0.99}
"""Persistence of variance per row of 8 hours."""

_FIRST = ("current", "theta", "sigma")
_FACTORS = ("slow_now", "fast_now", "rho", "phi", "kappa")
_CLUSTERING = ("volatility", "variance_now", "degrees_of_freedom")


@dataclass(frozen=True, slots=True)
class JointModel:
    """Model of spot, log basis b = ln(S/F) and funding rate, as JOINT_FIT prints it.

    Without the rows of funding it is that of a dated future. A table of the first version (theta
    and sigma of basis and funding, one degrees_of_freedom) is one factor each without clustering.

    Parameters
    ----------
    spot_volatility, basis_volatility, funding_volatility
        Volatility of each series' shocks per year, in the long run.
    spot_variance_now, basis_variance_now, funding_variance_now
        Variance of the next row's shock.
    spot_degrees_of_freedom, basis_degrees_of_freedom, funding_degrees_of_freedom
        Degrees of freedom of the shocks, above 2.
    basis_mu, funding_mu
        Mean of the log basis, and of the funding rate per interval.
    basis_slow_now, funding_slow_now
        The slow factor after the last row, mean included.
    basis_fast_now, funding_fast_now
        The fast factor after the last row.
    basis_rho, basis_phi, basis_kappa, funding_rho, funding_phi, funding_kappa
        What a row leaves of the slow and of the fast factor in the next, and the share of a shock
        that goes into the slow one.
    corr_spot_basis, corr_spot_funding, corr_basis_funding
        Correlations of the shocks.
    interval_hours
        Hours between two fundings.
    basis_current, basis_theta, basis_sigma, funding_current, funding_theta, funding_sigma
        First version: value now, mean reversion per year, volatility per √year.
    degrees_of_freedom
        First version: those that the three shocks share; None is Gaussian.
    """

    spot_volatility: float
    basis_current: float | None = None
    basis_theta: float | None = None
    basis_mu: float | None = None
    basis_sigma: float | None = None
    funding_current: float | None = None
    funding_theta: float | None = None
    funding_mu: float | None = None
    funding_sigma: float | None = None
    corr_spot_basis: float | None = None
    corr_spot_funding: float | None = None
    corr_basis_funding: float | None = None
    degrees_of_freedom: float | None = None
    interval_hours: float = 8.0
    spot_variance_now: float | None = None
    spot_degrees_of_freedom: float | None = None
    basis_volatility: float | None = None
    basis_variance_now: float | None = None
    basis_degrees_of_freedom: float | None = None
    basis_slow_now: float | None = None
    basis_fast_now: float | None = None
    basis_rho: float | None = None
    basis_phi: float | None = None
    basis_kappa: float | None = None
    funding_volatility: float | None = None
    funding_variance_now: float | None = None
    funding_degrees_of_freedom: float | None = None
    funding_slow_now: float | None = None
    funding_fast_now: float | None = None
    funding_rho: float | None = None
    funding_phi: float | None = None
    funding_kappa: float | None = None

    @property
    def is_first_version(self) -> bool:
        """Whether the table is one of the first version."""
        first = [f"{series}_{name}" for series in ("basis", "funding") for name in _FIRST]
        return any(getattr(self, name) is not None for name in (*first, "degrees_of_freedom"))

    @property
    def has_funding(self) -> bool:
        """Whether there are rows of funding: without them it is a dated future."""
        return any(
            getattr(self, field.name) is not None
            for field in fields(self)
            if field.name.startswith("funding_")
        )

    def read(self) -> OneFactorModel | TwoFactorModel:
        """The model that the rows describe; raises where one is missing or impossible."""
        first = self.is_first_version
        series = ("basis", "funding") if self.has_funding else ("basis",)
        wanted = ["interval_hours", "corr_spot_basis"]
        if self.has_funding:
            wanted += ["corr_spot_funding", "corr_basis_funding"]
        if first:
            wanted += [f"{one}_{name}" for one in series for name in (*_FIRST, "mu")]
        else:
            wanted += [f"spot_{name}" for name in _CLUSTERING]
            names = (*_CLUSTERING, "mu", *_FACTORS)
            wanted += [f"{one}_{name}" for one in series for name in names]
        for name in wanted:
            if getattr(self, name) is None:
                raise InputError(f"lacks {name}", argument="model")
        mixed = [
            field.name
            for field in fields(self)
            if getattr(self, field.name) is not None
            and field.name not in {*wanted, "spot_volatility", "degrees_of_freedom"}
        ]
        if mixed:
            raise InputError(
                f"mixes {wanted[2]} with {mixed[0]}: take all rows of one JOINT_FIT",
                argument="model",
            )
        check.positive(interval_hours=self.interval_hours)
        return self._one_factor() if first else self._two_factors()

    def _numbers(self, name: str, *series: str) -> Floats:
        """One figure of several series; 0 where the model has no such series."""
        return np.array([getattr(self, f"{one}_{name}") or 0.0 for one in series])

    def _correlations(self) -> Floats:
        sb, sf, bf = (
            getattr(self, f"corr_{pair}") or 0.0
            for pair in ("spot_basis", "spot_funding", "basis_funding")
        )
        R = np.array([[1.0, sb, sf], [sb, 1.0, bf], [sf, bf, 1.0]])
        return correlation_matrix(R, 3, "shocks")

    def _one_factor(self) -> OneFactorModel:
        thetas = np.array([0.0, *self._numbers("theta", "basis", "funding")])
        sigmas = np.array([self.spot_volatility, *self._numbers("sigma", "basis", "funding")])
        check.not_negative(spot_volatility=self.spot_volatility)
        for index, one in enumerate(("basis", "funding"), 1):
            check.not_negative(
                **{f"{one}_theta": float(thetas[index]), f"{one}_sigma": float(sigmas[index])}
            )
        freedom = self.degrees_of_freedom
        check.require(freedom is None or freedom > 2, "degrees_of_freedom must be above 2", freedom)
        return OneFactorModel(
            thetas=thetas,
            sigmas=sigmas,
            means=self._numbers("mu", "basis", "funding"),
            currents=self._numbers("current", "basis", "funding"),
            correlations=self._correlations(),
            freedom=freedom,
            interval_hours=self.interval_hours,
            has_funding=self.has_funding,
        )

    def _two_factors(self) -> TwoFactorModel:
        every = ("spot", "basis", "funding")
        held = every if self.has_funding else every[:2]
        for one in held:
            for name in ("volatility", "variance_now"):
                label = f"{one}_{name}"
                check.not_negative(**{label: float(getattr(self, label))})
            freedom = getattr(self, f"{one}_degrees_of_freedom")
            check.require(freedom > 2, f"{one}_degrees_of_freedom must be above 2", freedom)
        for one in held[1:]:
            for name in ("rho", "phi", "kappa"):
                label = f"{one}_{name}"
                check.between(0, 1, **{label: float(getattr(self, label))})
        freedoms = self._numbers("degrees_of_freedom", *every)
        return TwoFactorModel(
            means=self._numbers("volatility", *every) ** 2 * self.interval_hours / HOURS_PER_YEAR,
            variances=self._numbers("variance_now", *every),
            freedoms=np.where(freedoms > 2, freedoms, 12.0),
            mu=self._numbers("mu", "basis", "funding"),
            slow=self._numbers("slow_now", "basis", "funding"),
            fast=self._numbers("fast_now", "basis", "funding"),
            rho=self._numbers("rho", "basis", "funding"),
            phi=self._numbers("phi", "basis", "funding"),
            kappa=self._numbers("kappa", "basis", "funding"),
            correlations=self._correlations(),
            interval_hours=self.interval_hours,
            has_funding=self.has_funding,
        )


class OneFactorModel(NamedTuple):
    """Log spot without, basis and funding with one mean reversion, and no clustering.

    Arrays of three are spot, basis, funding; arrays of two are basis, funding.
    """

    thetas: Floats
    sigmas: Floats
    means: Floats
    currents: Floats
    correlations: Floats
    freedom: float | None
    interval_hours: float
    has_funding: bool

    @property
    def basis(self) -> float:
        """Log basis now."""
        return float(self.currents[0])


class TwoFactorModel(NamedTuple):
    """Shocks whose volatility clusters, of log spot and of the two factors of basis and funding.

    Arrays of three are spot, basis, funding; arrays of two are basis, funding. Variances are per
    row.
    """

    means: Floats
    variances: Floats
    freedoms: Floats
    mu: Floats
    slow: Floats
    fast: Floats
    rho: Floats
    phi: Floats
    kappa: Floats
    correlations: Floats
    interval_hours: float
    has_funding: bool

    @property
    def basis(self) -> float:
        """Log basis now."""
        return float(self.slow[0] + self.fast[0])

    @property
    def persistence(self) -> Floats:
        """Weight of a row's variance in the next."""
        return persistences(self.interval_hours)


def persistences(interval_hours: float) -> Floats:
    """Persistence of variance per row: spot, basis, funding."""
    return np.array([persistence_of(p, interval_hours) for p in PERSISTENCE.values()])
