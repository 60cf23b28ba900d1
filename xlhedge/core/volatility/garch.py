"""The GARCH(1,1) fit: the package's maximum, driven to where the likelihood's slope is zero."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.statistics.quiet import quiet
from xlhedge.core.statistics.series import ROUNDING
from xlhedge.core.types import Floats
from xlhedge.errors import NoConvergence

BACKCAST_ROWS, BACKCAST_DECAY = 75, 0.94
DIGITS = 6
STEPS = 20

STARTS = ((0.05, 0.9), (0.02, 0.97), (0.1, 0.8), (0.2, 0.3), (0.3, 0.6), (0.1, 0.1))
"""α and β of the further starts: slow and quick clusters.

None begins at α = 0, where the likelihood often has a ridge that is a trend and no clusters.
"""

BETTER = 1e-7
"""Gain of mean log-likelihood from which another start's maximum is another one, not rounding."""


class Forecast(NamedTuple):
    """Variance of the next row, ω and α + β."""

    first: float
    omega: float
    persistence: float


def fit(returns: Floats) -> Forecast:
    """Maximum likelihood of returns that are in units of their standard deviation.

    Notes
    -----
    The likelihood has several maxima in about one real window of fifteen, so the package's answer
    competes with those from further starts, which use the exact slope. The package is asked at a
    tolerance of 1e-12 (at its own of 1e-6 the forecast is good to three digits only), and at its
    own where that one ends without convergence.

    Optimisers look at values, so they stop some 1e-9 from the maximum, and where they stop depends
    on the machine and on the number of threads. Newton's method on the slope gets to the same
    digits from anywhere. At a bound (α = 0, say) there is no such point, and the optimiser's answer
    stands.

    Where only the first return differs from the others the likelihood grows without bound as ω
    goes to 0: there is no maximum to find.
    """
    if float(np.ptp(returns[1:])) < ROUNDING:
        raise NoConvergence("the GARCH model of prices has no maximum: only one return differs")
    start = _first_variance(returns)
    parameters = _best(returns, start, _package(returns))
    # From a rounded start the steps are the same, bit for bit, wherever the optimiser has stopped.
    rounded = np.array([float(f"{value:.{DIGITS}g}") for value in parameters])
    parameters = _stationary(returns, start, rounded, near=parameters)
    mean, omega, alpha, beta = map(float, parameters)
    last = _variances(returns - mean, start, parameters)[-1]
    first = omega + alpha * float(returns[-1] - mean) ** 2 + beta * float(last)
    if not math.isfinite(first):
        raise NoConvergence("the GARCH model of prices did not converge")
    return Forecast(first, omega, alpha + beta)


def _package(returns: Floats) -> Floats:
    """The package's maximum: at a tight tolerance, else at its own."""
    from arch import arch_model

    try:
        with quiet():
            model = arch_model(returns, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
            for options in ({"ftol": 1e-12, "maxiter": 1000}, {}):
                found = model.fit(disp="off", show_warning=False, options=options)
                parameters = np.array([float(value) for value in found.params])
                if found.convergence_flag == 0 and np.isfinite(parameters).all():
                    return parameters
    except ValueError:  # the package checks the values that it starts with
        pass
    raise NoConvergence("the GARCH model of prices did not converge")


def _best(returns: Floats, start: float, parameters: Floats) -> Floats:
    """The parameters of highest likelihood: those given, or what a further start leads to."""
    from scipy.optimize import minimize

    least = _cost(returns, start, parameters)
    inside: Any = {
        "type": "ineq",
        "fun": lambda p: 1 - p[2] - p[3],
        "jac": lambda _: np.array([0.0, 0.0, -1.0, -1.0]),
    }
    options: Any = {"ftol": 1e-10, "maxiter": 200}
    bounds = [(None, None), (1e-8, 10.0), (0.0, 1.0), (0.0, 1.0)]
    mean = float(returns.mean())
    with np.errstate(all="ignore"):
        for alpha, beta in STARTS:
            found: Any = minimize(  # type: ignore[call-overload]  # the stubs know other arrays
                lambda p: _cost(returns, start, p),
                np.array([mean, 1 - alpha - beta, alpha, beta]),
                jac=lambda p: _slope(returns, start, p),
                method="SLSQP",
                bounds=bounds,
                constraints=inside,
                options=options,
            )
            if found.success and found.fun < least - BETTER:
                least, parameters = float(found.fun), np.asarray(found.x, dtype=np.float64)
    return parameters


def _cost(returns: Floats, start: float, parameters: Floats) -> float:
    """−ln L per row, up to a constant."""
    errors = returns - parameters[0]
    variances = _variances(errors, start, parameters)
    return float((np.log(variances) + errors**2 / variances).mean()) / 2


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
    """Where the slope is zero, close to the optimiser's maximum; that maximum if it is nowhere."""
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
    converged = before < 1e-9 and np.abs(parameters - near).max() < 1e-2
    allowed = omega > 0 and alpha >= 0 and beta >= 0 and alpha + beta < 1
    return parameters if converged and allowed else near
