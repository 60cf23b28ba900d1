"""Paths of the joint model: profit and loss of a book of one asset, in blocks of paths."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlhedge.core.risk.joint_model import HOURS_PER_YEAR, OneFactorModel, TwoFactorModel
from xlhedge.core.statistics.clustering import LEAST_VARIANCE, REACTION
from xlhedge.core.types import Floats

STEPS_AT_ONCE = 8
"""Intervals whose numbers are drawn in one call."""

HOURS_PER_DAY = 24


class Book(NamedTuple):
    """What is held: coins, units of futures (coins or, inverse, face; signed), the spot price."""

    spot_quantity: float
    units: float
    spot_price: float
    is_inverse: bool = False


def simulate_block(
    model: OneFactorModel | TwoFactorModel,
    book: Book,
    intervals: int,
    result: Floats,
    rng: np.random.Generator,
) -> None:
    """Fill `result` with one block's profit and loss: rows spot, basis, funding."""
    with np.errstate(all="ignore"):
        walk = _two_factors if isinstance(model, TwoFactorModel) else _one_factor
        _revalue(book, model.basis, *walk(model, book, intervals, result, rng), result)  # type: ignore[arg-type]


def _revalue(
    book: Book, basis_now: float, log_spot: Floats, basis: Floats, received: Floats, result: Floats
) -> None:
    """Profit and loss from log spot's move, the basis at the end, and what a unit has received.

    A linear future earns Q·(S₁e^(−b₁) − S₀e^(−b₀)) and an inverse one N·(S₁/F₀ − S₁/F₁) in quote
    currency, which is N·[e^(b₀)·(S₁/S₀ − 1) − (e^(b₁) − e^(b₀))].
    """
    units, price = book.units, book.spot_price
    move = np.expm1(log_spot)
    change = basis - basis_now
    if book.is_inverse:
        spot = book.spot_quantity * price + units * math.exp(basis_now)
        result[0] = spot * move
        result[1] = -units * math.exp(basis_now) * np.expm1(change)
        result[2] = -units * received
    else:
        today = math.exp(-basis_now)
        result[0] = (book.spot_quantity + units * today) * price * move
        result[1] = units * price * today * (1 + move) * np.expm1(-change)
        result[2] = -units * price * received


def _two_factors(
    model: TwoFactorModel, book: Book, intervals: int, result: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Log spot's move, the basis at the end, and Σ F/S₀·rate (inverse: Σ rate)."""
    count = result.shape[1]
    state = _Clustered(model, count)
    series = state.series
    loadings = cholesky(model.correlations)[:series, :series]
    per_day = max(1, round(HOURS_PER_DAY / model.interval_hours))
    steps = min(intervals, STEPS_AT_ONCE)
    normals, shocks = np.empty((steps, series, count)), np.empty((steps, series, count))
    gammas, day = np.empty((steps, series - 1, count)), np.empty(count)
    received, spare = np.zeros(count), np.empty(count)
    for done in range(0, intervals, steps):
        left = min(steps, intervals - done)
        rng.standard_normal(out=normals[:left])
        np.matmul(loadings, normals[:left], out=shocks[:left])
        for step in range(left):
            if (done + step) % per_day == 0:
                rng.standard_gamma(model.freedoms[0] / 2, out=day)
            for one in range(series - 1):
                rng.standard_gamma(model.freedoms[one + 1] / 2, out=gammas[step, one])
            state.move(shocks[step], day, gammas[step])
            if not model.has_funding:
                continue
            level = state.level()
            if book.is_inverse:
                received += level[1]
            else:
                np.subtract(state.log_spot, level[0], out=spare)
                np.exp(spare, out=spare)
                spare *= level[1]
                received += spare
    return state.log_spot, state.level()[0], received


class _Clustered:
    """A block's paths of log spot, and of the two factors of basis and funding.

    A shock is e = √v·z·√((ν − 2)/χ²); the score's w = (ν + 1)z²/(χ² + z²) needs no e. Work is done
    in place, on arrays that are made once. χ² is twice a gamma variate of shape ν/2.
    """

    def __init__(self, model: TwoFactorModel, count: int) -> None:
        self.series = series = 3 if model.has_funding else 2
        used, factors = slice(0, series), slice(0, series - 1)
        persistence, means = model.persistence[used, None], model.means[used, None]
        self._scale = model.freedoms[used, None] - 2
        self._pull, self._floor = (1 - persistence) * means, LEAST_VARIANCE * means
        self._keep = persistence - REACTION
        self._gain = REACTION * (model.freedoms[used, None] + 1)
        self._kappa = model.kappa[factors, None]
        self._rho, self._phi = model.rho[factors, None], model.phi[factors, None]
        self._mu = model.mu[factors, None]
        self._variance = np.repeat(model.variances[used, None], count, axis=1)
        self._slow = np.repeat(model.slow[factors, None] - self._mu, count, axis=1)
        self._fast = np.repeat(model.fast[factors, None], count, axis=1)
        self._chi, self._shock = np.empty((series, count)), np.empty((series, count))
        self._level, self._spare = np.empty((series - 1, count)), np.empty((series - 1, count))
        self.log_spot = np.zeros(count)

    def move(self, z: Floats, day: Floats, gammas: Floats) -> None:
        """One interval, from correlated normal numbers and gamma variates."""
        chi, e, v, spare = self._chi, self._shock, self._variance, self._spare
        np.multiply(day, 2, out=chi[0])
        np.multiply(gammas, 2, out=chi[1:])
        np.divide(v, chi, out=e)
        e *= self._scale
        np.sqrt(e, out=e)
        e *= z
        self.log_spot += e[0]
        np.multiply(v[0], 0.5, out=spare[0])
        self.log_spot -= spare[0]
        np.multiply(self._kappa, e[1:], out=spare)
        self._slow *= self._rho
        self._slow += spare
        self._fast *= self._phi
        self._fast += e[1:]
        self._fast -= spare
        # v·(p − α + α·w) + (1 − p)·v̄
        np.multiply(z, z, out=e)
        chi += e
        e /= chi
        e *= self._gain
        e += self._keep
        v *= e
        v += self._pull
        np.maximum(v, self._floor, out=v)

    def level(self) -> Floats:
        """Basis and funding now."""
        np.add(self._slow, self._fast, out=self._level)
        self._level += self._mu
        return self._level


def _one_factor(
    model: OneFactorModel, book: Book, intervals: int, result: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Log spot's move, the basis at the end, and Σ F/S₀·rate (inverse: Σ rate).

    The state holds log spot without its drift, and basis and funding less their means. Several
    intervals are drawn at once and worked on in place: long calls, which leave the other threads
    in peace, on arrays that are made once.
    """
    count = result.shape[1]
    years = model.interval_hours / HOURS_PER_YEAR
    decay = np.exp(-model.thetas * years)[:, None]
    covariance = model.correlations * np.outer(model.sigmas, model.sigmas)
    loadings = cholesky(covariance * reverting_products(model.thetas, years))
    drift = -float(model.sigmas[0] ** 2) * years / 2
    start = np.array([0.0, *(model.currents - model.means)])
    state = np.repeat(start[:, None], count, axis=1)
    steps = min(intervals, STEPS_AT_ONCE)
    all_normals, all_states = np.empty((steps, 3, count)), np.empty((steps, 3, count))
    all_scalars, received = np.empty((steps, count)), np.zeros(count)
    for done in range(0, intervals, steps):
        left = min(steps, intervals - done)
        normals, states, scalars = all_normals[:left], all_states[:left], all_scalars[:left]
        rng.standard_normal(out=normals)
        np.matmul(loadings, normals, out=states)
        if model.freedom is not None:
            # χ²/(ν − 2) is a gamma variate of shape ν/2, times 2/(ν − 2).
            rng.standard_gamma(model.freedom / 2, out=scalars)
            np.divide((model.freedom - 2) / 2, scalars, out=scalars)
            np.sqrt(scalars, out=scalars)
            states *= scalars[:, None]
        for step in range(left):
            state *= decay
            state += states[step]
            states[step] = state
        if not model.has_funding:
            continue
        rates = states[:, 2]
        rates += model.means[1]
        if book.is_inverse:
            received += rates.sum(axis=0)
            continue
        np.subtract(states[:, 0], states[:, 1], out=scalars)
        scalars += (drift * np.arange(done + 1, done + left + 1) - model.means[0])[:, None]
        np.exp(scalars, out=scalars)
        scalars *= rates
        received += scalars.sum(axis=0)
    return state[0] + intervals * drift, state[1] + model.means[0], received


def reverting_products(thetas: Floats, years: float) -> Floats:
    """∫₀ʰ e^(−(θᵢ+θⱼ)s) ds: covariances over h years of the integrated shocks e^(−θs)dW, ρ = 1."""
    exponents = (thetas[:, None] + thetas[None, :]) * years
    still = exponents < 1e-12
    return years * np.where(still, 1.0, -np.expm1(-exponents) / np.where(still, 1.0, exponents))


def cholesky(covariance: Floats) -> Floats:
    """Lower triangular A with AA' the covariance, by hand, since ±1 makes the matrix singular."""
    size = len(covariance)
    A = np.zeros((size, size))
    for row in range(size):
        for column in range(row + 1):
            rest = covariance[row, column] - A[row, :column] @ A[column, :column]
            if row == column:
                A[row, row] = math.sqrt(max(0.0, rest))
            elif A[column, column] > 0:
                A[row, column] = rest / A[column, column]
    return A
