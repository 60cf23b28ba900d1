"""The GARCH(1,1) fit: the package's maximum, driven to where the likelihood's slope is zero."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xlhedge.core.statistics.quiet import quiet
from xlhedge.core.types import Floats
from xlhedge.errors import NoConvergence

BACKCAST_ROWS, BACKCAST_DECAY = 75, 0.94
DIGITS = 6
STEPS = 20


class Forecast(NamedTuple):
    """Variance of the next row, ω and α + β."""

    first: float
    omega: float
    persistence: float


def fit(returns: Floats) -> Forecast:
    """Maximum likelihood of returns that are in units of their standard deviation.

    Notes
    -----
    The package's optimiser looks at values, so it stops some 1e-9 from the maximum, and where it
    stops hangs on the machine and on the number of threads. Newton's method on the slope gets to
    the same digits from anywhere. At a bound (α = 0, say) there is no such point, and the
    package's answer stands.
    """
    from arch import arch_model

    try:
        with quiet():
            model = arch_model(returns, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
            # At the package's own tolerance of 1e-6 the forecast is good to three digits only.
            options = {"ftol": 1e-12, "maxiter": 1000}
            found = model.fit(disp="off", show_warning=False, options=options)
    except ValueError:  # the package checks the values that it starts with
        raise NoConvergence("the GARCH model of prices did not settle") from None
    parameters = np.array([float(value) for value in found.params])
    if found.convergence_flag != 0 or not np.isfinite(parameters).all():
        raise NoConvergence("the GARCH model of prices did not settle")
    start = _first_variance(returns)
    # From a rounded start the steps are the same, bit for bit, wherever the package has stopped.
    rounded = np.array([float(f"{value:.{DIGITS}g}") for value in parameters])
    parameters = _stationary(returns, start, rounded, near=parameters)
    mean, omega, alpha, beta = map(float, parameters)
    last = _variances(returns - mean, start, parameters)[-1]
    first = omega + alpha * float(returns[-1] - mean) ** 2 + beta * float(last)
    if not math.isfinite(first):
        raise NoConvergence("the GARCH model of prices did not settle")
    return Forecast(first, omega, alpha + beta)


def _first_variance(returns: Floats) -> float:
    """What the package takes for the squared error and the variance before the first row."""
    squares = (returns - returns.mean())[:BACKCAST_ROWS] ** 2
    weights = BACKCAST_DECAY ** np.arange(len(squares))
    return float((squares * weights).sum() / weights.sum())


def _recursion(first: float, added: Floats, beta: float) -> Floats:
    """Y with y[0] = first and y[t] = added[t−1] + β·y[t−1]."""
    from scipy.signal import lfilter

    made: Floats = lfilter([1.0], [1.0, -beta], np.concatenate(([first], added)))
    return made


def _variances(errors: Floats, start: float, parameters: Floats) -> Floats:
    _, omega, alpha, beta = parameters
    first = omega + (alpha + beta) * start
    return _recursion(first, omega + alpha * errors[:-1] ** 2, beta)


def _slope(returns: Floats, start: float, parameters: Floats) -> Floats:
    """Derivatives of −ln L by μ, ω, α and β, per row."""
    mean, _, alpha, beta = parameters
    errors = returns - mean
    variances = _variances(errors, start, parameters)
    weight = (1 - errors**2 / variances) / (2 * variances)
    by_variance = [
        _recursion(0.0, -2 * alpha * errors[:-1], beta),
        _recursion(1.0, np.ones(len(errors) - 1), beta),
        _recursion(start, errors[:-1] ** 2, beta),
        _recursion(start, variances[:-1], beta),
    ]
    slope = np.array([(weight * each).mean() for each in by_variance])
    slope[0] -= (errors / variances).mean()
    return slope


def _curvature(returns: Floats, start: float, parameters: Floats) -> Floats:
    """Second derivatives, from differences of the first."""
    rows = []
    for index in range(len(parameters)):
        by = 1e-5 * max(abs(float(parameters[index])), 1e-3)
        up, down = parameters.copy(), parameters.copy()
        up[index] += by
        down[index] -= by
        rows.append((_slope(returns, start, up) - _slope(returns, start, down)) / (2 * by))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def _stationary(returns: Floats, start: float, begun: Floats, near: Floats) -> Floats:
    """Where the slope is zero, close to the package's maximum; that maximum if it is nowhere."""
    with np.errstate(all="ignore"):
        curvature = _curvature(returns, start, begun)
        if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature)[0] <= 0:
            return near
        inverse = np.linalg.inv(curvature)
        parameters, before = begun, math.inf
        for _ in range(STEPS):
            change = (inverse * _slope(returns, start, parameters)).sum(axis=1)
            size = float(np.abs(change).max())
            # At the last digits the steps no longer shrink.
            if not size < before / 2:
                break
            parameters, before = parameters - change, size
    _, omega, alpha, beta = parameters
    settled = before < 1e-9 and np.abs(parameters - near).max() < 1e-2
    allowed = omega > 0 and alpha >= 0 and beta >= 0 and alpha + beta < 1
    return parameters if settled and allowed else near
